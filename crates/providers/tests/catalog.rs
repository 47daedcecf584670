//! The catalogue: the bundled files and a user's own.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use parlance_providers::{
    catalog::{Catalog, KeyNeed, Vendor},
    dialects::dialect,
};

const MINE: &str = r#"
id = "mine"
name = "Mine"
category = "local"
dialect = "openai-chat"
base_url = "http://127.0.0.1:9/v1"
auth = "bearer"
key = "optional"
env = ["MINE_KEY"]
mark = { letters = "Mi", hue = "graphite" }
quirks = ["ask-for-usage"]
"#;

#[test]
fn every_bundled_file_is_in_use() {
    let catalog = Catalog::bundled();
    assert_eq!(catalog.rejected(), []);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path().file_stem().unwrap().to_owned()).collect();
    files.sort();
    let ids: Vec<_> = catalog.iter().map(|v| v.id.as_str()).collect();
    assert_eq!(ids, files);
    for id in
        ["anthropic", "anthropic-compatible", "demo", "llama-cpp", "lm-studio", "openai", "openai-compatible", "vllm"]
    {
        assert!(catalog.get(id).is_some(), "{id}");
    }
    assert!(catalog.get("nobody").is_none());
}

#[test]
fn every_vendor_can_be_spoken_to() {
    let (mut marks, mut ranks) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    for vendor in Catalog::bundled().iter() {
        assert!(vendor.rank.is_none_or(|rank| ranks.insert(rank)), "two vendors have the place of {}", vendor.id);
        assert_eq!(dialect(vendor.dialect).is_some(), vendor.dialect.has_address(), "{}", vendor.id);
        assert!(marks.insert(&vendor.mark.letters), "two vendors are marked {}", vendor.mark.letters);
    }
    let openai = Catalog::bundled().get("openai").unwrap();
    assert_eq!((openai.key, openai.base_url.as_deref()), (KeyNeed::Required, Some("https://api.openai.com/v1")));
    assert!(openai.models.iter().all(|m| m.context > m.max_output));
}

#[test]
fn a_file_that_breaks_a_rule_is_refused_with_the_reason() {
    assert!(Vendor::from_toml("mine", MINE).is_ok());
    let table = [
        ("id = \"mine\"", "id = \"yours\"", "not the file's name"),
        ("name = \"Mine\"", "name = \" \"", "name is empty"),
        ("name = \"Mine\"", "name = \"Mine\"\ncolour = 1", "unknown field `colour`"),
        ("hue = \"graphite\"", "hue = \"pink\"", "no hue is named `pink`"),
        ("hue = \"graphite\"", "hue = \"graphite\", size = 1", "unknown field `size`"),
        ("letters = \"Mi\"", "letters = \"M\"", "two letters"),
        ("letters = \"Mi\"", "letters = \"M1\"", "two letters"),
        ("http://127.0.0.1:9/v1", "localhost", "base_url"),
        ("http://127.0.0.1:9/v1", "ftp://h/", "base_url"),
        ("http://127.0.0.1:9/v1", "https://u:p@h/", "no user"),
        ("http://127.0.0.1:9/v1", "https://h/?key=1", "query"),
        ("MINE_KEY", "mine key", "environment variable"),
        ("[\"MINE_KEY\"]", "[\"MINE_KEY\", \"MINE_KEY\"]", "twice"),
        ("[\"ask-for-usage\"]", "[\"ask-for-usage\", \"ask-for-usage\"]", "twice"),
        ("[\"ask-for-usage\"]", "[\"odd\"]", "unknown variant `odd`"),
        ("key = \"optional\"\nenv = [\"MINE_KEY\"]", "key = \"required\"", "where it comes from"),
        ("key = \"optional\"", "key = \"none\"", "auth without a key"),
        ("auth = \"bearer\"", "auth = \"none\"", "travels nowhere"),
        ("quirks", "timeouts = { idle_s = 0 }\nquirks", "timeout of zero"),
        ("quirks", "models = [{ id = \"a\" }, { id = \"a\" }]\nquirks", "twice"),
        ("quirks", "models = [{ id = \"a\", context = 0 }]\nquirks", "limit of zero"),
        ("quirks", "rules = [{ prefix = \"a\" }, { prefix = \"a\" }]\nquirks", "rule for `a` stands there twice"),
        ("quirks", "rules = [{ prefix = \"a\", max_output = 0 }]\nquirks", "limit of zero"),
        (
            "quirks",
            "rules = [{ prefix = \"a\", thinking_budget = { least = 2, most = 1 } }]\nquirks",
            "ends before it begins",
        ),
        ("quirks", "rules = [{ prefix = \"a\", thinking = \"deep\" }]\nquirks", "unknown variant `deep`"),
        ("dialect = \"openai-chat\"", "dialect = \"demo\"", "has no address"),
        ("quirks", "notice = \" \"\nquirks", "notice is empty"),
    ];
    for (from, to, reason) in table {
        let text = MINE.replace(from, to);
        assert_ne!(text, MINE, "{from}");
        let refused = Vendor::from_toml("mine", &text).expect_err(to);
        assert!(refused.contains(reason), "{to}: {refused}");
    }
}

#[test]
fn the_longest_rule_that_fits_counts() {
    let anthropic = Catalog::bundled().get("anthropic").unwrap();
    let prefix = |model: &str| anthropic.rule(model).map(|r| r.prefix.as_str());
    for (model, rule) in [
        ("claude-opus-4-5-20251101", Some("claude-opus-4-5")),
        ("claude-opus-4-20250514", Some("claude-opus-4-")),
        ("claude-opus-5", Some("claude-opus-5")),
        ("claude-opus-5-5", Some("claude-opus-5-5")),
        ("claude-next", Some("claude-")),
        ("gpt", None),
    ] {
        assert_eq!(prefix(model), rule, "{model}");
    }
    assert_eq!(anthropic.max_output("claude-opus-4-5-20251101"), Some(64_000));
    assert_eq!(anthropic.max_output("claude-opus-4-5-2025110x"), Some(64_000), "by its rule");
    assert_eq!(anthropic.max_output("gpt"), None);
    assert!(anthropic.models.iter().all(|m| m.context > m.max_output && m.max_output.is_some()));
    for model in &anthropic.models {
        assert_ne!(prefix(&model.id), Some("claude-"), "{} has no rule of its own", model.id);
        let ruled = anthropic.rule(&model.id).and_then(|r| r.max_output);
        assert!(ruled.is_none() || ruled == model.max_output, "{} has two limits", model.id);
    }
}

#[test]
fn a_users_folder_adds_vendors_and_names_bad_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("mine.toml", MINE);
    write("broken.toml", "id = ");
    write("openai.toml", &MINE.replace("\"mine\"", "\"openai\""));
    write("notes.txt", "not a vendor");
    fs::create_dir(folder.path().join("folder.toml")).unwrap();
    fs::write(folder.path().join("huge.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    let catalog = Catalog::with_folder(folder.path()).unwrap();
    assert_eq!(catalog.len(), Catalog::bundled().len() + 1);
    assert_eq!(catalog.get("mine").unwrap().name, "Mine");
    assert_eq!(catalog.get("openai").unwrap().name, "OpenAI");
    let bad: Vec<_> = catalog.rejected().iter().map(|r| r.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(bad, ["broken.toml", "folder.toml", "huge.toml", "openai.toml"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_or_one_too_many_is_named_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("a-pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for number in 0..500 {
        fs::write(folder.path().join(format!("v{number:03}.toml")), "").unwrap();
    }
    let catalog = Catalog::of_user(folder.path());
    let reason = |name: &str| {
        let file = catalog.rejected().iter().find(|file| file.path.ends_with(name));
        file.map(|file| file.reason.as_str()).unwrap_or_default()
    };
    assert_eq!((catalog.len(), catalog.rejected().len()), (Catalog::bundled().len(), 501));
    assert_eq!(reason("a-pipe.toml"), "this is no file");
    assert!(reason("v499.toml").contains("more than 500"), "{}", reason("v499.toml"));
    assert_eq!(Catalog::of_user(&folder.path().join("v000.toml")).rejected().len(), 1, "a folder that is none");
}

#[test]
fn no_folder_is_an_empty_one() {
    let catalog = Catalog::with_folder(Path::new("/nowhere/at/all")).unwrap();
    assert_eq!(catalog.len(), Catalog::bundled().len());
}
