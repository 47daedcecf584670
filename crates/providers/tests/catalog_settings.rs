//! What a vendor file may say about addresses, fields, balances, checks and keys; and that the bundled ones fit together.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use parlance_providers::catalog::{Catalog, DialectId, Vendor, VendorCategory};

const MINE: &str = r#"
id = "mine"
name = "Mine"
category = "cloud"
dialect = "openai-chat"
base_url = "https://api.example.com/v1"
auth = "bearer"
key = "required"
env = ["MINE_KEY"]
key_prefixes = ["mine-"]
check_path = "key"
embed_batch = 8
addresses = [{ name = "China", url = "https://api.example.cn/v1" }]
fields = [{ id = "team", name = "Team", header = "X-Team", choices = ["a", "b"], required = true }]
balance = { path = "/credits", amount = "/left", less = "/used", currency = "USD" }
mark = { letters = "Mn", hue = "graphite" }
"#;

#[test]
fn settings_that_make_no_sense_are_refused_with_the_reason() {
    Vendor::from_toml("mine", MINE).unwrap();
    let filled = MINE.replacen("https://api.example.com/v1", "https://{team}-api.example.com/v1/{team}", 1);
    let at_home = filled.replacen("check_path = \"key\"", "check_path = \"https://example.com/key\"", 1);
    Vendor::from_toml("mine", &at_home).unwrap();
    for (from, to, reason) in [
        ("name = \"China\"", "name = \" \"", "has no name"),
        ("https://api.example.cn/v1", "https://api.example.com/v1", "twice"),
        ("https://api.example.cn/v1", "api.example.cn", "an address"),
        ("https://api.example.cn/v1", "https://u:p@api.example.cn/", "no user"),
        ("base_url = \"https://api.example.com/v1\"", "", "without a usual one"),
        ("id = \"team\"", "id = \"Team\"", "a-z, digits and underscores"),
        ("name = \"Team\"", "name = \"\"", "has no name"),
        ("X-Team", "X Team", "no name of a header"),
        ("X-Team", "Authorization", "is not free"),
        ("X-Team", "content-length", "is not free"),
        ("[\"a\", \"b\"]", "[\"a\", \"a\"]", "twice"),
        ("[\"a\", \"b\"]", "[\"\"]", "empty"),
        ("required = true }]", "required = true }, { id = \"team\", name = \"T\", header = \"X-T\" }]", "twice"),
        ("required = true", "secret = true", "unknown field `secret`"),
        ("path = \"/credits\"", "path = \"https://elsewhere.example/credits\"", "is no path"),
        ("path = \"/credits\"", "path = \"//elsewhere.example/credits\"", "is no path"),
        ("path = \"/credits\"", "path = \"../credits\"", "is no path"),
        ("check_path = \"key\"", "check_path = \"\"", "is no path"),
        ("amount = \"/left\"", "amount = \"left\"", "no JSON pointer"),
        ("less = \"/used\"", "less = \"used\"", "no JSON pointer"),
        ("currency = \"USD\"", "currency = \"dollars\"", "no code of a currency"),
        (", currency = \"USD\"", "", "nothing says the currency"),
        ("currency = \"USD\"", "currency = \"USD\", currency_at = \"/c\"", "two places"),
        ("https://api.example.com/v1", "https://{region}.example.com/v1", "no field that is required"),
        ("https://api.example.com/v1", "https://api.example.com/{team", "never closed"),
        ("https://api.example.com/v1", "https://{team}:{team}@api.example.com", "no user"),
        ("required = true }]", "required = true, usual = \"c\" }]", "is no choice"),
        (
            "required = true }]",
            "required = true, addresses = { a = \"https://{else}.example\" } }]",
            "no field that is required",
        ),
        ("check_path = \"key\"", "check_path = \"https://elsewhere.example/key\"", "does not belong"),
        ("check_path = \"key\"", "check_path = \"https://com/key\"", "does not belong"),
        ("check_path = \"key\"", "check_path = \"http://example.com/key\"", "not an address"),
        ("embed_batch = 8", "embed_batch = 0", "zero"),
        ("[\"mine-\"]", "[\"m-\"]", "too short"),
        ("[\"mine-\"]", "[\"mine ö\"]", "not ASCII"),
        ("[\"mine-\"]", "[\"mine-\", \"mine-\"]", "twice"),
        ("auth = \"bearer\"\nkey = \"required\"", "auth = \"none\"\nkey = \"none\"", "a key that there is not"),
    ] {
        let text = MINE.replacen(from, to, 1);
        assert_ne!(text, MINE, "{from}");
        let refused = Vendor::from_toml("mine", &text).expect_err(to);
        assert!(refused.contains(reason), "{to}: {refused}");
    }
}

/// A pasted key must name one vendor: no beginning may be that of another vendor's.
#[test]
fn a_pasted_key_names_one_vendor() {
    let catalog = Catalog::bundled();
    let all: Vec<_> = catalog.iter().flat_map(|v| v.key_prefixes.iter().map(move |p| (&v.id, p))).collect();
    assert!(all.len() >= 14);
    for (id, prefix) in &all {
        for (other, longer) in all.iter().filter(|(other, _)| other != id) {
            assert!(!longer.starts_with(prefix.as_str()), "{prefix} of {id} begins {longer} of {other}");
        }
    }
}

/// A hue belongs to one vendor; the others that have it are hatched. What runs here, or has no address of its own,
/// takes graphite.
#[test]
fn marks_can_be_told_apart() {
    let mut holders: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut letters: HashMap<&str, &str> = HashMap::new();
    for vendor in Catalog::bundled().iter() {
        let twin = letters.insert(&vendor.mark.letters, &vendor.id);
        assert_eq!(twin, None, "{} has the same letters", vendor.id);
        let plain = vendor.category == VendorCategory::Local || vendor.base_url.is_none();
        if plain {
            assert_eq!((vendor.mark.hue.as_str(), vendor.mark.hatched), ("graphite", false), "{}", vendor.id);
        } else if !vendor.mark.hatched {
            holders.entry(&vendor.mark.hue).or_default().push(&vendor.id);
        }
    }
    assert!(holders.values().all(|ids| ids.len() == 1), "{holders:?}");
    for (hue, first) in [
        ("clay", "anthropic"),
        ("sky", "gemini"),
        ("gold", "mistral"),
        ("jade", "openai"),
        ("plum", "openrouter"),
        ("rose", "groq"),
        ("olive", "deepseek"),
        ("graphite", "xai"),
    ] {
        assert_eq!(holders[hue], [first]);
    }
}

#[test]
fn figures_of_models_fit_together() {
    for vendor in Catalog::bundled().iter() {
        for model in &vendor.models {
            let what = format!("{} {}", vendor.id, model.id);
            assert_eq!(model.id.trim(), model.id);
            assert!(model.max_output.is_none_or(|out| model.context.is_none_or(|context| out < context)), "{what}");
            if model.can.embeddings == Some(true) {
                assert_eq!((model.max_output, model.can.tools, model.can.reasoning), (None, None, None), "{what}");
            }
        }
        // Whoever makes embeddings on this wire has a model for it, so that a person has one to choose.
        if vendor.embed_batch.is_some() && vendor.dialect != DialectId::Ollama {
            assert!(vendor.models.iter().any(|model| model.can.embeddings == Some(true)), "{}", vendor.id);
        }
    }
}
