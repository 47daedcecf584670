//! Every form with what it comes to, and what hostile files do not do.

mod generated;

use std::{collections::BTreeSet, sync::Arc};

use parlance_providers::{Secret, catalog::Catalog};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ConfigError, ConfigFault, Key, Plan, PlannedBudget, PlannedPrice, PlannedScope, Surroundings, read};
use crate::{
    registry::{OverHttp, Registry, settings::check},
    secrets::Secrets,
    view::{AtLimit, BudgetPeriod, ImportCode, ImportFormat, ProxySetting, Rates, RouteRules},
};

fn registry() -> Registry {
    let secrets = Secrets::new(|_| None);
    Registry::new(Arc::new(Catalog::bundled().clone()), Arc::new(OverHttp), secrets, false)
}

fn plan(text: &str) -> Result<Plan, ConfigError> {
    let variable = |name: &str| name.starts_with("SET_").then(|| Secret::from_pasted("value-of-the-variable"));
    let registry = registry();
    let check = |vendor: &str, settings| check(&*registry.vendor(vendor)?, settings);
    let address = |vendor: &str, given: Option<&str>, fields| registry.address_for(vendor, given, fields);
    let vendors = registry.vendors();
    read(text, &Surroundings { vendors: &vendors, variable: &variable, check: &check, address: &address })
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
    let expected = [("providers[1].accounts[0].key", ImportCode::VariableUnset)];
    assert_eq!(notes(&plan), expected);
    let budget = PlannedBudget {
        at: 0,
        scope: PlannedScope::Provider("claude".into()),
        period: BudgetPeriod::Month,
        limit_nano: 30_000_000_000,
        warn_at: vec![50, 80],
        at_limit: AtLimit::Stop,
    };
    assert_eq!(plan.over.budgets, [budget]);
    let rates = Rates { input: Some(1e8), output: Some(5e8), cache_read: Some(1e7), ..Rates::default() };
    let (provider, model, valid_from) = ("work".into(), "gpt-6-luna".into(), "2026-11-01".into());
    assert_eq!(plan.over.prices, [PlannedPrice { at: 0, provider, model, valid_from, rates }]);
    let [route] = &plan.over.routes[..] else { panic!("one route") };
    assert_eq!(
        (route.slug.as_str(), route.name.as_str(), route.strategy),
        ("everyday", "Everyday", Default::default())
    );
    let [target] = &route.targets[..] else { panic!("one target") };
    assert_eq!((target.provider.as_str(), target.model.as_str(), target.weight), ("work", "gpt-6-luna", 3));
    let rules = RouteRules { switch_on: route.rules.switch_on.clone(), ..RouteRules::default() };
    assert_eq!(route.rules, rules, "what it says is as usual, but for when it moves on");
    assert_eq!(rules.switch_on.len(), 2);
}

#[test]
fn a_route_keeps_what_comes_along_and_goes_where_nothing_does() {
    let text = r#"
        [[providers]]
        id = "a"
        vendor = "openai"
        [[providers]]
        id = "lost"
        vendor = "no-such-vendor"
        [[routes]]
        id = "in-my-order"
        strategy = "lowest_cost"
        [[routes]]
        id = "half"
        retries = 0
        sticky = true
        retry_after_s = 5
        first_token_s = 9
        after_output = "continue"
        cache = { enabled = true, any_temperature = true }
        targets = [
          { provider = "lost", model = "m" },
          { provider = "a", model = "m", parameters = { temperature = 0.5, reasoning_effort = "high" } },
        ]
        [[routes]]
        id = "none"
        targets = [{ provider = "lost", model = "m" }]
    "#;
    let plan = plan(text).unwrap();
    let [own, half] = &plan.over.routes[..] else { panic!("{:?}", plan.over.routes.len()) };
    assert_eq!((own.slug.as_str(), own.targets.len()), ("in-my-order", 0));
    assert_eq!((half.targets.len(), half.targets[0].overrides.temperature), (1, Some(0.5)));
    let rules = &half.rules;
    assert_eq!((rules.tries, rules.sticky, rules.retry_after_s, rules.first_token_s), (1, true, 5, Some(9)));
    assert!(rules.cache.enabled && rules.cache.any_temperature && rules.cache.ttl_s == 86_400);
    assert_eq!(half.name, "half");
    let notes = notes(&plan);
    assert!(notes.contains(&("routes[1].targets[0]", ImportCode::LeftOut)), "{notes:?}");
    assert!(notes.contains(&("routes[2]", ImportCode::LeftOut)), "{notes:?}");
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
        ("[[routes]]\nid = \"r\"", 5, ConfigFault::MissingKey),
        (
            "[[routes]]\nid = \"r\"\nretries = 6\ntargets = [{ provider = \"a\", model = \"m\" }]",
            5,
            ConfigFault::WrongValue,
        ),
        (
            "[[routes]]\nid = \"r\"\nswitch_on = [\"cancelled\"]\ntargets = [{ provider = \"a\", model = \"m\" }]",
            5,
            ConfigFault::WrongValue,
        ),
        (
            "[[routes]]\nid = \"r\"\ntargets = [{ provider = \"a\", model = \"m\", account = \"x\" }]",
            6,
            ConfigFault::UnknownName,
        ),
        (
            "[[routes]]\nid = \"r\"\ntargets = [{ provider = \"a\", model = \"m\", weight = 1001 }]",
            6,
            ConfigFault::WrongValue,
        ),
        ("[[routes]]\nid = \"in-my-order\"\nstrategy = \"weighted\"", 6, ConfigFault::WrongValue),
        ("[[budgets]]\nscope = \"all\"\nperiod = \"year\"\nlimit_usd = 1.0", 6, ConfigFault::WrongValue),
        ("[[budgets]]\nscope = \"all\"\nperiod = \"day\"\nlimit_usd = -1.0", 7, ConfigFault::WrongValue),
        ("[[budgets]]\nscope = \"all\"\nperiod = \"day\"\nlimit_usd = 0.0", 7, ConfigFault::WrongValue),
        (
            "[[budgets]]\nscope = \"all\"\nperiod = \"day\"\nlimit_usd = 1.0\nwarn_at = [1.01]",
            8,
            ConfigFault::WrongValue,
        ),
        (
            "[[budgets]]\nscope = \"all\"\nperiod = \"day\"\nlimit_usd = 1.0\n[[budgets]]\nscope = \"all\"\nperiod = \"day\"\nlimit_usd = 2.0",
            9,
            ConfigFault::TakenName,
        ),
        ("[[budgets]]\nscope = \"route:x\"\nperiod = \"day\"\nlimit_usd = 1.0", 5, ConfigFault::UnknownName),
        ("[[prices]]\nprovider = \"a\"\nmodel = \"m\"\nvalid_from = \"soon\"", 7, ConfigFault::WrongValue),
        ("[[prices]]\nprovider = \"a\"\nmodel = \"m\"\ninput = nan", 7, ConfigFault::WrongValue),
        ("[[prices]]\nprovider = \"a\"\nmodel = \"m\"\ninput = 1.0", 6, ConfigFault::MissingKey),
        ("[[prices]]\nprovider = \"a\"\nmodel = \"m\"\ninput = 1.0\noutput = 2000000.0", 8, ConfigFault::WrongValue),
        ("[[prices]]\nprovider = \"b\"\nmodel = \"m\"\ninput = 1.0\noutput = 1.0", 5, ConfigFault::UnknownName),
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
        ("providers[3].type", ImportCode::UnknownVendor),
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
#[test]
fn an_address_of_fields_is_filled_and_a_pasted_one_is_taken_apart() {
    let text = r#"
        [[providers]]
        id = "v"
        vendor = "vertex"
        fields = { project = "p-1", location = "europe-west4" }
        [[providers]]
        id = "w"
        vendor = "vertex"
        [[providers]]
        id = "a"
        vendor = "azure"
        base_url = "https://res.openai.azure.com/openai/deployments/x?api-version=2024-10-21"
        [[providers]]
        id = "b"
        vendor = "azure"
    "#;
    let plan = plan(text).unwrap();
    let told: Vec<_> = plan.providers.iter().map(|p| (p.name.as_str(), p.base_url.as_str())).collect();
    let here = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4";
    assert_eq!(told, [("v", here), ("a", "https://res.openai.azure.com/openai")]);
    assert_eq!(plan.providers[1].settings.fields.get("api_version").map(String::as_str), Some("2024-10-21"));
    let noted = notes(&plan);
    assert!(noted.contains(&("providers[1].fields.project", ImportCode::BadValue)), "{noted:?}");
    assert!(noted.contains(&("providers[3].base_url", ImportCode::BadValue)), "{noted:?}");
    assert_eq!(noted.iter().filter(|(_, code)| *code == ImportCode::LeftOut).count(), 2);
}

#[test]
fn a_person_is_asked_one_prompt_at_a_time_unless_the_file_says_more() {
    let text = "[[providers]]\nid = \"a\"\nvendor = \"human-relay\"\n\
                [[providers]]\nid = \"b\"\nvendor = \"human-relay\"\nlimits = { concurrent = 3 }\n\
                [[providers]]\nid = \"c\"\nvendor = \"openai\"";
    let plan = plan(text).unwrap();
    let limits: Vec<_> = plan.providers.iter().map(|planned| planned.settings.limits.concurrent).collect();
    assert_eq!(limits, [Some(1), Some(3), None]);
}

#[test]
fn a_file_of_credentials_is_taken_apart() {
    let file = r#"{ "type": "service_account", "client_email": "robot@p.example", "private_key_id": "k",
        "private_key": "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n" }"#;
    let text = [
        "[[providers]]\nid = \"v\"\nvendor = \"vertex\"\nfields = { project = \"p\" }",
        &format!("[[providers.accounts]]\nkey = '''{file}'''"),
        "[[providers.accounts]]\nlabel = \"bad\"\nkey = \"/home/me/key.json\"",
        "[[providers.accounts]]\nlabel = \"env\"\nkey = \"${SET_GOOGLE}\"",
    ];
    let plan = plan(&text.join("\n")).unwrap();
    let [file, bad, variable] = &plan.providers[0].accounts[..] else { panic!("three accounts") };
    assert_eq!(file.identity.as_ref().map(|identity| identity.shown()), Some("robot@p.example"));
    assert!(matches!(&file.key, Key::Given(key) if key.as_str() == "QUJD"));
    assert!(matches!(bad.key, Key::None) && bad.identity.is_none());
    assert!(matches!(&variable.key, Key::Env(name) if name == "SET_GOOGLE"));
    assert_eq!(notes(&plan), [("providers[0].accounts[1].key", ImportCode::BadValue)]);
}
