//! Every form with what it comes to, and what hostile files do not do.

use std::{collections::BTreeSet, sync::Arc};

use parlance_providers::{Secret, catalog::Catalog};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ConfigError, ConfigFault, Key, Plan, Surroundings, read};
use crate::{
    registry::{OverHttp, Registry, settings::check},
    secrets::Secrets,
    view::{ImportCode, ImportFormat, ProxySetting},
};

fn registry() -> Registry {
    let secrets = Secrets::new(|_| None);
    Registry::new(Arc::new(Catalog::bundled().clone()), Arc::new(OverHttp), secrets, false)
}

fn plan(text: &str) -> Result<Plan, ConfigError> {
    let variable = |name: &str| name.starts_with("SET_").then(|| Secret::from_pasted("value-of-the-variable"));
    let registry = registry();
    let check = |vendor: &str, settings| check(&*registry.vendor(vendor)?, settings);
    read(text, &Surroundings { vendors: &registry.vendors(), variable: &variable, check: &check })
}

/// All that a plan holds, as one text to look into.
fn all_of(plan: &Plan) -> String {
    let key = |key: &Key| match key {
        Key::None => String::new(),
        Key::Env(name) => format!("${{{name}}}"),
        Key::Given(text) => text.as_str().to_owned(),
    };
    let providers = plan.providers.iter().map(|p| {
        json!({
            "id": p.id, "vendor": p.vendor.id, "name": p.name, "address": p.base_url, "enabled": p.enabled,
            "model": p.default_model, "settings": p.settings,
            "accounts": p.accounts.iter().map(|a| json!([a.label, a.enabled, key(&a.key)])).collect::<Vec<_>>(),
            "secrets": p.secrets.iter().map(|s| json!([s.slot, key(&s.key)])).collect::<Vec<_>>(),
        })
    });
    Value::from_iter(providers).to_string()
}

fn notes(plan: &Plan) -> Vec<(&str, ImportCode)> {
    plan.notes.iter().map(|note| (note.path.as_str(), note.code)).collect()
}

const WHOLE: &str = r#"
[[providers]]
id = "work"
vendor = "openai"
enabled = true
priority = 2
base_url = "http://127.0.0.1:4010/v1"
default_model = "gpt-6-luna"
embedding_model = "text-embedding-3-small"
timeout = { connect_s = 10, first_event_s = 120, idle_s = 90 }
limits = { requests_per_minute = 500, tokens_per_minute = 200000, concurrent = 8 }
model_mapping = { "gpt-4" = "gpt-6-luna" }
headers = { "X-Team" = "research", "X-Api-Token" = "header-secret", "X-Env" = "${SET_TEAM}" }
proxy = "socks5h://someone:pass%40word@proxy.example:1080"

[[providers.accounts]]
label = "Personal"
key = "${SET_KEY}"

[[providers.accounts]]
label = "Work"
key = "sk-0123456789abcdef"
enabled = false

[[providers]]
id = "claude"
vendor = "anthropic"
priority = 1
[[providers.accounts]]
key = "${GONE}"

[[routes]]
id = "everyday"
name = "Everyday"
strategy = "priority"
targets = [{ provider = "work", model = "gpt-6-luna", weight = 3 }]
retries = 2
backoff_ms = { base = 500, cap = 8000 }
cooldown_s = { base = 30, cap = 300, after_failures = 5, window_s = 60 }
switch_on = ["no_credit", "rejected_key"]
after_output = "keep"
cache = { enabled = false, ttl_s = 86400, max_mb = 256 }

[[budgets]]
scope = "provider:claude"
period = "month"
limit_usd = 30.0
warn_at = [0.5, 0.8]
at_limit = "stop"

[[prices]]
provider = "work"
model = "gpt-6-luna"
valid_from = "2026-11-01"
input = 0.10
output = 0.50
cache_read = 0.01
"#;

#[test]
fn our_own_form_comes_whole() {
    let plan = plan(WHOLE).unwrap();
    assert_eq!(plan.format, ImportFormat::Parlance);
    let [claude, work] = &plan.providers[..] else { panic!("two providers, by their priority") };
    assert_eq!((claude.name.as_str(), claude.base_url.as_str()), ("claude", "https://api.anthropic.com/v1"));
    assert_eq!((work.id.as_deref(), work.vendor.id.as_str()), (Some("work"), "openai"));
    assert_eq!(work.settings.embedding_model.as_deref(), Some("text-embedding-3-small"));
    assert_eq!(work.settings.timeouts.idle_s, Some(90));
    assert_eq!(work.settings.limits.concurrent, Some(8));
    assert_eq!(work.settings.model_mapping[0].sent, "gpt-6-luna");
    let headers: Vec<_> = work.settings.headers.iter().map(|h| (h.name.as_str(), h.value.as_deref())).collect();
    assert_eq!(headers, [("X-Team", Some("research")), ("X-Api-Token", None), ("X-Env", None)], "in their order");
    let proxy = ProxySetting::Address { url: "socks5h://proxy.example:1080".into(), user: Some("someone".into()) };
    assert_eq!(work.settings.proxy, proxy);
    let secrets = work.secrets.iter().map(|secret| match &secret.key {
        Key::Given(text) => text.as_str(),
        Key::Env(name) => name,
        Key::None => "",
    });
    assert_eq!(Vec::from_iter(secrets), ["header-secret", "SET_TEAM", "pass@word"]);
    assert!(matches!(&work.accounts[0].key, Key::Env(name) if name == "SET_KEY"));
    assert!(matches!(&work.accounts[1].key, Key::Given(text) if text.as_str() == "sk-0123456789abcdef"));
    assert!(!work.accounts[1].enabled);
    let expected = [
        ("providers[1].accounts[0].key", ImportCode::VariableUnset),
        ("routes[0]", ImportCode::LeftOut),
        ("budgets[0]", ImportCode::LeftOut),
        ("prices[0]", ImportCode::LeftOut),
    ];
    assert_eq!(notes(&plan), expected);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let provider = "[[providers]]\nid = \"a\"\nvendor = \"openai\"\n";
    let cases = [
        (
            "[[providers]]\nid = \"a\"\nvendor = \"openai\"\nretires = 2",
            Some(4),
            ConfigFault::UnknownKey,
            Some("retires"),
        ),
        ("[[providers]]\nid = \"a\"\n", Some(1), ConfigFault::MissingKey, Some("vendor")),
        ("[[providers]]\nid = \"a\"\nvendor = 7", Some(3), ConfigFault::WrongValue, None),
        ("[[providers]]\nid = = 1\nvendor = 2", Some(2), ConfigFault::NotReadable, None),
        ("[[providers]]\nid = \"a/b\"\nvendor = \"openai\"", Some(2), ConfigFault::WrongValue, Some("a/b")),
        ("{\"providers\": [\n}", Some(2), ConfigFault::NotReadable, None),
        ("", None, ConfigFault::Empty, None),
        ("{\"providers\": []}", None, ConfigFault::Empty, None),
        ("[llm]\n", None, ConfigFault::Empty, None),
    ];
    let also = [
        ("[[providers]]\nid = \"a\"\nvendor = \"openai\"", 5, ConfigFault::TakenName),
        ("[[routes]]\nid = \"r\"\ntargets = [{ provider = \"b\", model = \"m\" }]", 6, ConfigFault::UnknownName),
        ("[[routes]]\nid = \"r\"\ntargets = []", 6, ConfigFault::WrongValue),
        ("[[routes]]\nid = \"r\"\nstrategy = \"luck\"\ntargets = []", 6, ConfigFault::WrongValue),
        ("[[budgets]]\nscope = \"all\"\nperiod = \"year\"\nlimit_usd = 1.0", 6, ConfigFault::WrongValue),
        ("[[budgets]]\nscope = \"all\"\nperiod = \"day\"\nlimit_usd = -1.0", 7, ConfigFault::WrongValue),
        ("[[budgets]]\nscope = \"route:x\"\nperiod = \"day\"\nlimit_usd = 1.0", 5, ConfigFault::UnknownName),
        ("[[prices]]\nprovider = \"a\"\nmodel = \"m\"\nvalid_from = \"soon\"", 7, ConfigFault::WrongValue),
        ("[[prices]]\nprovider = \"a\"\nmodel = \"m\"\ninput = nan", 7, ConfigFault::WrongValue),
    ];
    for (text, line, fault, name) in cases {
        let error = plan(text).err().unwrap();
        assert_eq!((error.line, error.fault, error.name.as_deref()), (line, fault, name), "{text}");
    }
    for (text, line, fault) in also {
        let error = plan(&format!("{provider}{text}")).err().unwrap();
        assert_eq!((error.line, error.fault), (Some(line), fault), "{text}");
    }
    let error = plan(&" ".repeat(super::LONGEST + 1)).err().unwrap();
    assert_eq!(error.fault, ConfigFault::TooLong);
}

#[test]
fn values_that_cannot_be_used_are_named_and_left() {
    let text = r#"[[providers]]
        id = "a"
        vendor = "openai"
        base_url = "http://gateway.example/v1"
        timeout = { connect_s = 0 }
        limits = { concurrent = 0 }
        parameters = { temperature = 9.0, top_p = 0.5 }
        model_mapping = { "a" = "b" }
        headers = { Authorization = "Bearer x", "Proxy-Authorization" = "Basic x", "Content-Length" = "1", "x y" = "1", "X-Two" = "1", "x-two" = "2" }
        proxy = "ftp://proxy"
        extras = "[1]"
        ca_pem = "nothing"
        fields = { nobody = "x" }
        [[providers.accounts]]
        key = "schlüssel""#;
    let plan = plan(text).unwrap();
    let p = |field: &str| format!("providers[0].{field}");
    let noted: BTreeSet<_> = plan.notes.iter().map(|note| note.path.clone()).collect();
    let named = [
        "timeout.connect_s",
        "limits.concurrent",
        "parameters.temperature",
        "headers.Authorization",
        "headers.Content-Length",
        "headers.x y",
        "headers.x-two",
        "headers.Proxy-Authorization",
        "proxy",
        "extras",
        "ca_pem",
        "fields.nobody",
        "accounts[0].key",
    ];
    for field in named {
        assert!(noted.contains(&p(field)), "{field}: {noted:?}");
    }
    let settings = &plan.providers[0].settings;
    assert_eq!((settings.parameters.temperature, settings.parameters.top_p), (None, Some(0.5)));
    assert_eq!(settings.headers.len(), 1);
    assert!(settings.extras.is_empty() && settings.ca_pem.is_empty());
    assert!(!noted.contains(&p("base_url")), "no key is left that could travel in clear");
}

#[test]
fn what_settings_are_never_kept_with_is_named_too() {
    let text = r#"[[providers]]
        id = "a"
        vendor = "anthropic"
        headers = { "Proxy-Authorization" = "Basic x", "X-Api-Key" = "y", "X-Ok" = "1" }
        extras = '{"model": "another"}'
        ca_pem = "-----BEGIN CERTIFICATE-----nothing""#;
    let plan = plan(&format!("{text}\n")).unwrap();
    let (provider, noted) = (&plan.providers[0], notes(&plan));
    for field in ["headers.Proxy-Authorization", "headers.X-Api-Key", "extras", "ca_pem"] {
        assert!(noted.iter().any(|(path, _)| *path == format!("providers[0].{field}")), "{field}: {noted:?}");
    }
    assert_eq!((provider.settings.headers.len(), provider.secrets.len()), (1, 0));
    assert!(provider.settings.extras.is_empty() && provider.settings.ca_pem.is_empty());
}

#[test]
fn the_json_form() {
    let text = json!({
        "providers": [
            { "type": "claude", "enabled": false, "priority": 2, "api_key": "sk-ant-0123456789abcdef",
              "model_mapping": { "fast": "claude-haiku-5-5" },
              "rate_limits": { "requests_per_minute": 60, "tpm": 9000, "concurrent_requests": 3, "burst": 5 } },
            { "type": "house", "base_url": "http://10.0.0.2:8000/v1", "priority": 1,
              "accounts": [
                { "id": "one", "token": "token-1", "proxy": "http://proxy.example:3128" },
                { "id": "two", "token": "${SET_TOKEN}", "proxy": "http://proxy.example:3128" } ] },
            { "type": "gemini", "accounts": [
                { "id": "one", "token": "t", "proxy": "http://a.example:1" }, { "id": "two", "token": "u" } ] },
            { "type": "nowhere" },
        ],
        "token_refresh_interval": 300, "request_timeout": "2m", "record_traffic": true,
    });
    let plan = plan(&text.to_string()).unwrap();
    assert_eq!(plan.format, ImportFormat::ProvidersJson);
    let [house, claude, gemini] = &plan.providers[..] else { panic!("three") };
    assert_eq!((claude.vendor.id.as_str(), claude.enabled), ("anthropic", false));
    assert_eq!(claude.settings.limits.requests_per_minute, Some(60));
    assert_eq!(claude.settings.limits.tokens_per_minute, Some(9000));
    assert_eq!(claude.settings.limits.concurrent, Some(3));
    assert_eq!(claude.settings.timeouts.first_event_s, Some(120));
    assert_eq!((house.vendor.id.as_str(), house.accounts.len()), ("openai-compatible", 2));
    assert!(matches!(&house.settings.proxy, ProxySetting::Address { url, .. } if url == "http://proxy.example:3128"));
    assert_eq!(gemini.settings.proxy, ProxySetting::System);
    let noted = notes(&plan);
    for expected in [
        ("providers[0].rate_limits.burst", ImportCode::LeftOut),
        ("providers[1].type", ImportCode::UnknownVendor),
        ("providers[1].accounts[0].proxy", ImportCode::Moved),
        ("providers[2].accounts[0].proxy", ImportCode::LeftOut),
        ("providers[3].type", ImportCode::BadValue),
        ("providers[3]", ImportCode::LeftOut),
        ("request_timeout", ImportCode::Moved),
        ("token_refresh_interval", ImportCode::LeftOut),
        ("record_traffic", ImportCode::LeftOut),
    ] {
        assert!(noted.contains(&expected), "{expected:?}: {noted:?}");
    }
}

#[test]
fn the_llm_form() {
    let text = r#"
        [[llm.providers]]
        name = "Main"
        provider = "openai"
        api_key = "sk-0123456789abcdef"
        base_url = "https://gateway.example/v1"
        text_model = "gpt-6-luna"
        embedding_model = "text-embedding-3-small"
        max_tokens = 4096
        temperature = 0.7
        priority = 1
        [[llm.providers]]
        name = "Main"
        provider = "openai"
        base_url = "https://gateway.example/v1"
        [llm.fallback]
        enabled = true
        max_retries = 3
        retry_delay_ms = 1000
        strategy = "sequential"
    "#;
    let plan = plan(text).unwrap();
    assert_eq!(plan.format, ImportFormat::LlmToml);
    let [main, second] = &plan.providers[..] else { panic!("two") };
    assert_eq!((main.name.as_str(), second.name.as_str()), ("Main", "Main 2"), "one name cannot mean two");
    assert_eq!(main.default_model.as_deref(), Some("gpt-6-luna"));
    assert_eq!(main.settings.parameters.max_tokens, Some(4096));
    assert_eq!(main.settings.parameters.temperature, Some(0.7));
    let paths: Vec<_> = plan.notes.iter().map(|note| note.path.as_str()).collect();
    let of = |name: &str| format!("llm.fallback.{name}");
    for field in ["enabled", "max_retries", "retry_delay_ms", "strategy"] {
        assert!(paths.contains(&of(field).as_str()), "{field}: {paths:?}");
    }
}

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
