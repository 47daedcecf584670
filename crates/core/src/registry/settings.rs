//! What is set of a provider, as the store has it.

mod check;

use parlance_providers::catalog::VendorTimeouts;
use serde_json::{Map, Value, json};

pub use check::check;
pub(crate) use check::check_values;
pub(super) use check::sendable;

use crate::view::{ProviderSettings, ProxySetting, SecretSlot, TimeoutSettings};

/// Reads settings. What is missing or cannot be read any more has its default, and loses nothing of the rest.
pub fn read(json: &str) -> ProviderSettings {
    let Ok(Value::Object(all)) = serde_json::from_str(json) else { return ProviderSettings::default() };
    if let Some(settings) = over_defaults(all.clone()) {
        return settings;
    }
    let mut good = Map::new();
    for (name, value) in all {
        if reads(&name, &value) {
            good.insert(name, value);
            continue;
        }
        let rest = match value {
            Value::Object(parts) => {
                Value::Object(parts.into_iter().filter(|(k, v)| reads(&name, &json!({k: v}))).collect())
            }
            Value::Array(items) => {
                Value::Array(items.into_iter().filter(|item| reads(&name, &json!([item]))).collect())
            }
            _ => continue,
        };
        if reads(&name, &rest) {
            good.insert(name, rest);
        }
    }
    over_defaults(good).unwrap_or_default()
}

fn reads(name: &str, value: &Value) -> bool {
    over_defaults(Map::from_iter([(name.to_owned(), value.clone())])).is_some()
}

/// The settings with these members. The page gets every member, so their types have no defaults of their own.
fn over_defaults(members: Map<String, Value>) -> Option<ProviderSettings> {
    let mut all = serde_json::to_value(ProviderSettings::default()).ok()?;
    for (name, value) in members {
        match (all.get_mut(&name), value) {
            (Some(Value::Object(group)), Value::Object(value)) => group.extend(value),
            (Some(member), value) => *member = value,
            (None, _) => {}
        }
    }
    serde_json::from_value(all).ok()
}

impl ProviderSettings {
    /// The name that goes out for the one that is asked for.
    pub fn sent<'a>(&'a self, model: &'a str) -> &'a str {
        let mapped = self.model_mapping.iter().find(|mapping| mapping.asked == model);
        mapped.map_or(model, |mapping| &mapping.sent)
    }

    /// The secrets that these settings want: header values, the proxy's password.
    pub fn slots(&self) -> Vec<SecretSlot> {
        let headers = self.headers.iter().filter(|header| header.value.is_none());
        let mut slots: Vec<_> =
            headers.map(|header| SecretSlot::Header { name: header.name.to_ascii_lowercase() }).collect();
        if matches!(&self.proxy, ProxySetting::Address { user: Some(_), .. }) {
            slots.push(SecretSlot::Proxy);
        }
        slots
    }
}

impl From<TimeoutSettings> for VendorTimeouts {
    fn from(times: TimeoutSettings) -> Self {
        let TimeoutSettings { connect_s, first_event_s, idle_s, progress_s } = times;
        Self {
            connect_s: connect_s.map(u64::from),
            first_event_s: first_event_s.map(u64::from),
            idle_s: idle_s.map(u64::from),
            progress_s: progress_s.map(u64::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::{HeaderSetting, LimitSettings, ModelMapping};

    fn whole() -> ProviderSettings {
        ProviderSettings {
            fields: [("organization".to_owned(), "o".to_owned())].into(),
            headers: vec![
                HeaderSetting { name: "X-Team".into(), value: Some("blue".into()) },
                HeaderSetting { name: "X-Pass".into(), value: None },
            ],
            timeouts: TimeoutSettings { connect_s: Some(5), ..TimeoutSettings::default() },
            limits: LimitSettings { concurrent: Some(2), ..LimitSettings::default() },
            proxy: ProxySetting::Address { url: "http://proxy:8080".into(), user: Some("me".into()) },
            model_mapping: vec![ModelMapping { asked: "fast".into(), sent: "haiku".into() }],
            embedding_model: Some("e".into()),
            extras: "{\"a\": 1}".into(),
            prompt_cache: true,
            ..ProviderSettings::default()
        }
    }

    #[test]
    fn settings_come_back_as_they_were() {
        assert_eq!(read(&serde_json::to_string(&whole()).unwrap()), whole());
        assert_eq!(read("{}"), ProviderSettings::default());
        let slots = whole().slots();
        assert_eq!(slots, [SecretSlot::Header { name: "x-pass".into() }, SecretSlot::Proxy]);
        assert_eq!((whole().sent("fast"), whole().sent("haiku"), whole().sent("x")), ("haiku", "haiku", "x"));
    }

    #[test]
    fn what_cannot_be_read_has_its_default_and_loses_nothing_else() {
        let mut stored = serde_json::to_value(whole()).unwrap();
        stored["timeouts"]["idleS"] = json!("soon");
        stored["headers"][0]["value"] = json!(7);
        stored["proxy"] = json!({"kind": "pigeon"});
        stored["probes"] = json!("yes");
        stored["modelMapping"] = json!({"fast": "haiku"});
        stored["later"] = json!([1]);
        let mut expected = ProviderSettings { proxy: ProxySetting::System, model_mapping: Vec::new(), ..whole() };
        expected.headers.remove(0);
        assert_eq!(read(&stored.to_string()), expected);
        for nonsense in ["", "[]", "null", "7", "{"] {
            assert_eq!(read(nonsense), ProviderSettings::default(), "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn one_bad_member_never_costs_another(name in prop::sample::select(vec!["fields", "headers", "timeouts", "limits", "proxy", "caPem", "modelMapping", "embeddingModel", "parameters", "extras", "promptCache"])) {
            let mut stored = serde_json::to_value(whole()).unwrap();
            stored[name] = json!([[{"deep": true}]]);
            let found = serde_json::to_value(read(&stored.to_string())).unwrap();
            let (good, blank) = (serde_json::to_value(whole()).unwrap(), serde_json::to_value(ProviderSettings::default()).unwrap());
            for (member, value) in found.as_object().unwrap() {
                prop_assert_eq!(value, if member == name { &blank[member] } else { &good[member] });
            }
        }
    }
}
