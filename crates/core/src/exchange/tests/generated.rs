//! Documents that nobody wrote by hand: nothing of them is lost, none brings the reader down, no secret is repeated.

use super::*;

/// Each leaf of a document with its path, as notes name it.
fn leaves(at: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            leaves(&path, value, found);
        }),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, value)| leaves(&format!("{at}[{n}]"), value, found));
        }
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Null => {}
        other => found.push((at.to_owned(), other.to_string())),
    }
}

/// Where a leaf may be looked for in vain: its value is the order, or one of two that all things have.
fn is_elsewhere(path: &str) -> bool {
    ["priority", "enabled", "type", "provider"].iter().any(|field| path.ends_with(field))
}

fn nothing_is_lost(text: &str, document: &Value) -> Result<(), TestCaseError> {
    let plan = plan(text).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let (held, mut found) = (all_of(&plan), Vec::new());
    leaves("", document, &mut found);
    for (path, value) in found.into_iter().filter(|(path, _)| !is_elsewhere(path)) {
        let named = plan.notes.iter().any(|note| {
            path.strip_prefix(note.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        prop_assert!(named || held.contains(&value), "{path} = {value} is lost: {held} {:?}", plan.notes);
    }
    Ok(())
}

/// A field that is there or not, with one of several kinds of value.
fn field(name: &'static str, number: u32) -> impl Strategy<Value = Option<(String, Value)>> {
    let text = format!("{name}-value-{number}");
    let values = prop_oneof![
        4 => Just(json!(text)),
        2 => Just(json!(1000 + number)),
        1 => Just(json!(0.25)),
        1 => Just(json!({ "inner": format!("deep-{text}") })),
        1 => Just(json!([format!("listed-{text}"), 7])),
        1 => Just(json!("${GONE}")),
        1 => Just(json!(true)),
    ];
    proptest::option::of(values).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
}

fn object(fields: Vec<&'static str>, seed: u32) -> impl Strategy<Value = Value> {
    let fields: Vec<_> = (seed..).zip(fields).map(|(number, name)| field(name, number)).collect();
    fields.prop_map(|fields| fields.into_iter().flatten().collect())
}

fn json_document() -> impl Strategy<Value = Value> {
    let own = vec!["name", "enabled", "priority", "api_key", "default_model", "organization", "proxy", "region"];
    let limits = vec!["requests_per_minute", "rpm", "tokens_per_minute", "concurrent", "max_concurrent", "burst"];
    let account = || object(vec!["id", "token", "proxy", "enabled", "note"], 300);
    let vendor = prop_oneof![Just("openai"), Just("claude"), Just("unheard of"), Just("openai-compatible")];
    let address = proptest::option::of(Just("https://gateway.example/v1"));
    let mapping = object(vec!["fast", "slow"], 400);
    let provider =
        (object(own, 100), vendor, address, object(limits, 200), mapping, proptest::collection::vec(account(), 0..3));
    let provider = provider.prop_map(|(mut own, vendor, address, limits, mapping, accounts)| {
        own["type"] = json!(vendor);
        if let Some(address) = address {
            own["base_url"] = json!(address);
        }
        own["rate_limits"] = limits;
        own["model_mapping"] = mapping;
        own["accounts"] = json!(accounts);
        own
    });
    let top = object(vec!["token_refresh_interval", "request_timeout", "record_traffic", "version"], 500);
    (proptest::collection::vec(provider, 1..4), top).prop_map(|(providers, mut top)| {
        top["providers"] = json!(providers);
        top
    })
}

fn llm_document() -> impl Strategy<Value = Value> {
    let fields = vec![
        "name",
        "provider",
        "api_key",
        "base_url",
        "text_model",
        "embedding_model",
        "max_tokens",
        "temperature",
        "priority",
        "other",
    ];
    let fallback = object(vec!["enabled", "max_retries", "retry_delay_ms", "strategy"], 700);
    let provider = object(fields, 600).prop_map(|mut provider| {
        provider["provider"] = json!("openai");
        provider
    });
    (proptest::collection::vec(provider, 1..4), fallback)
        .prop_map(|(providers, fallback)| json!({ "llm": { "providers": providers, "fallback": fallback }, "ui": { "theme": "dark" } }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn each_field_of_the_json_form_lands_or_is_named(document in json_document()) {
        nothing_is_lost(&document.to_string(), &document)?;
    }

    #[test]
    fn each_field_of_the_llm_form_lands_or_is_named(document in llm_document()) {
        nothing_is_lost(&toml::to_string(&document).unwrap(), &document)?;
    }

    #[test]
    fn no_text_brings_it_down(text in "\\PC{0,200}", inside in "[\\[\\]{}=\"'.,:#\\\\\\n a-z0-9$-]{0,200}") {
        let _ = (plan(&text), plan(&inside));
        let _ = plan(&format!("[[providers]]\nid = \"a\"\nvendor = \"openai\"\n{inside}"));
        let _ = plan(&format!("{{\"providers\": [{{{inside}}}]}}"));
    }

    #[test]
    fn a_secret_is_in_no_error_and_in_no_note(at in 0usize..900, line in "[a-z\\[\\]=\"' ]{0,12}") {
        const CANARY: &str = "sk-canary-0123456789";
        let whole = WHOLE.replace("sk-0123456789abcdef", CANARY).replace("header-secret", CANARY).replace("pass%40word", CANARY);
        let at = (0..=at.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        let broken = format!("{}{line}{}", &whole[..at], &whole[at..]);
        let said = match plan(&broken) {
            Ok(plan) => format!("{:?}", plan.notes),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!said.contains("canary"), "{}", said);
    }
}

/// The canary in the place of each value, and of each key: who mistakes one line for another is not shown around.
#[test]
fn a_secret_in_a_wrong_place_is_in_no_error_either() {
    const CANARY: &str = "sk-canary-0123456789";
    let names = ["id = ", "scope = ", "provider = "];
    for (number, line) in WHOLE.lines().enumerate() {
        let Some((key, value)) = line.split_once(" = ") else { continue };
        let inner = value.replacen("{ ", &format!("{{ \"{CANARY}\" = "), 1);
        let mut wrong =
            vec![format!("\"{CANARY}\" = {value}"), format!("{key} = \"{CANARY}"), format!("{key} = {CANARY}")];
        if !names.iter().any(|name| line.starts_with(name)) {
            wrong.push(format!("{key} = \"{CANARY}\""));
        }
        if !["headers", "model_mapping", "fields"].contains(&key) {
            wrong.push(format!("{key} = {inner}"));
        }
        for wrong in wrong {
            let text: String = WHOLE
                .lines()
                .enumerate()
                .map(|(n, line)| if n == number { &wrong } else { line })
                .fold(String::new(), |text, line| text + line + "\n");
            let said = match plan(&text) {
                Ok(plan) => format!("{:?}", plan.notes),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!said.contains("canary"), "{wrong}: {said}");
        }
    }
    for text in [
        json!({ "providers": [{ "type": "openai", "api_key": { CANARY: 1 }, "accounts": [CANARY], "rate_limits": CANARY }] }),
        json!({ "providers": [CANARY, { "type": "openai", "enabled": CANARY, "priority": CANARY, "proxy": CANARY }] }),
        json!({ "providers": CANARY, "request_timeout": CANARY }),
    ] {
        let said = match plan(&text.to_string()) {
            Ok(plan) => format!("{:?}", plan.notes),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn deep_files_end() {
    for open in ["[", "{\"a\":", "{a="] {
        let deep = open.repeat(200_000);
        assert!(plan(&deep).is_err());
        assert!(plan(&format!("a = {deep}")).is_err());
        assert!(plan(&format!("{{\"providers\": {deep}")).is_err());
    }
}
