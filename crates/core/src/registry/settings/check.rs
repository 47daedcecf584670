//! Which settings of a provider can be kept.

use std::collections::{BTreeMap, HashSet};

use parlance_providers::{catalog::Vendor, transport};
use serde_json::Value;
use url::Url;

use crate::{
    error::Error,
    registry::model_name,
    view::{
        DefaultParameters, HeaderSetting, LimitSettings, ModelMapping, ProviderSettings, ProxySetting, TimeoutSettings,
    },
};

/// The longest waiting time, in seconds.
const LONGEST_WAIT: u32 = 3_600;
const MOST_HEADERS: usize = 50;
/// In bytes.
const LONGEST_HEADER: usize = 4_000;
/// In bytes.
const LONGEST_HEADER_NAME: usize = 200;
/// In bytes.
const LONGEST_FIELD: usize = 1_000;
/// In bytes.
const LONGEST_PROXY: usize = 2_048;
/// Some hundred certificates, in bytes.
const LONGEST_CA: usize = 512 * 1024;
const MOST_MAPPINGS: usize = 500;
/// In bytes.
const LONGEST_EXTRAS: usize = 64 * 1024;
/// Objects and lists in one another.
const DEEPEST_EXTRAS: usize = 32;
/// What only the message itself says, in any of the wires.
const OWN_MEMBERS: [&str; 4] = ["model", "messages", "contents", "stream"];
/// The app's to send, whatever the vendor's own header is.
const LOCKED: [&str; 2] = ["authorization", "proxy-authorization"];

/// Settings that can be kept, without white space around them and without what is empty.
///
/// # Errors
/// [`Error::Invalid`] or [`Error::InvalidPart`] naming the field.
pub fn check(vendor: &Vendor, settings: ProviderSettings) -> Result<ProviderSettings, Error> {
    let ProviderSettings { fields, headers, timeouts, limits, proxy, ca_pem, .. } = settings;
    check_times(&timeouts)?;
    check_limits(&limits)?;
    check_parameters(&settings.parameters)?;
    Ok(ProviderSettings {
        fields: check_fields(vendor, fields)?,
        headers: check_headers(vendor, headers)?,
        timeouts,
        limits,
        proxy: check_proxy(proxy)?,
        ca_pem: check_ca(&ca_pem)?,
        model_mapping: check_mapping(settings.model_mapping)?,
        embedding_model: check_model(settings.embedding_model)?,
        parameters: settings.parameters,
        extras: check_extras(&settings.extras)?,
        prompt_cache: settings.prompt_cache,
        probes: settings.probes,
    })
}

fn check_fields(vendor: &Vendor, fields: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let kept = check_values(vendor, fields)?;
    match vendor.fields.iter().find(|field| field.required && !kept.contains_key(&field.id)) {
        Some(missing) => Err(Error::invalid_part("fields", &missing.id, "empty")),
        None => Ok(kept),
    }
}

/// Values of the vendor's own fields that can be kept; those that it needs may be missing.
///
/// # Errors
/// [`Error::InvalidPart`] naming the field.
pub(crate) fn check_values(
    vendor: &Vendor,
    fields: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut kept = BTreeMap::new();
    for (id, value) in fields {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        let wrong = |reason| Err(Error::invalid_part("fields", &id, reason));
        let Some(field) = vendor.fields.iter().find(|field| field.id == id) else { return wrong("unknown_field") };
        if value.len() > LONGEST_FIELD {
            return wrong("too_long");
        }
        if !field.choices.is_empty() && !field.choices.iter().any(|choice| choice == value) {
            return wrong("not_a_choice");
        }
        let goes = |header: &String| transport::check_header(vendor, header, value).is_ok();
        if !sendable(value) || !field.header.as_ref().is_none_or(goes) {
            return wrong("not_sendable");
        }
        kept.insert(id, value.to_owned());
    }
    Ok(kept)
}

fn check_headers(vendor: &Vendor, headers: Vec<HeaderSetting>) -> Result<Vec<HeaderSetting>, Error> {
    if headers.len() > MOST_HEADERS {
        return Err(Error::invalid("headers", "too_many"));
    }
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(headers.len());
    for HeaderSetting { name, value } in headers {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(Error::invalid("headers", "empty"));
        }
        let shown: String = name.chars().take(LONGEST_HEADER_NAME).collect();
        let wrong = |reason| Err(Error::invalid_part("headers", &shown, reason));
        if name.len() > LONGEST_HEADER_NAME {
            return wrong("too_long");
        }
        if !name.bytes().all(is_token) {
            return wrong("not_a_header");
        }
        let lower = name.to_ascii_lowercase();
        if LOCKED.contains(&lower.as_str()) || transport::key_header(vendor.auth) == Some(lower.as_str()) {
            return wrong("locked");
        }
        if transport::check_header(vendor, &name, "x").is_err() {
            return wrong("reserved");
        }
        if !seen.insert(lower) {
            return wrong("duplicate");
        }
        let value = value.map(|value| value.trim().to_owned());
        match &value {
            Some(value) if value.is_empty() => return wrong("no_value"),
            Some(value) if value.len() > LONGEST_HEADER => return wrong("value_too_long"),
            Some(value) if !sendable(value) => return wrong("not_sendable"),
            _ => kept.push(HeaderSetting { name, value }),
        }
    }
    Ok(kept)
}

/// A character of a header's name (RFC 9110).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether a header's value means the same to everybody on its way.
pub(crate) fn sendable(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn check_times(times: &TimeoutSettings) -> Result<(), Error> {
    let each = [
        ("connectS", times.connect_s),
        ("firstEventS", times.first_event_s),
        ("idleS", times.idle_s),
        ("progressS", times.progress_s),
    ];
    let fits = |time: Option<u32>| time.is_none_or(|time| (1..=LONGEST_WAIT).contains(&time));
    match each.into_iter().find(|(_, time)| !fits(*time)) {
        Some((name, _)) => Err(Error::invalid_part("timeouts", name, "out_of_range")),
        None => Ok(()),
    }
}

fn check_limits(limits: &LimitSettings) -> Result<(), Error> {
    let each = [
        ("requestsPerMinute", limits.requests_per_minute),
        ("tokensPerMinute", limits.tokens_per_minute),
        ("concurrent", limits.concurrent),
    ];
    match each.into_iter().find(|(_, limit)| *limit == Some(0)) {
        Some((name, _)) => Err(Error::invalid_part("limits", name, "out_of_range")),
        None => Ok(()),
    }
}

fn check_parameters(parameters: &DefaultParameters) -> Result<(), Error> {
    let outside = |value: Option<f64>, most: f64| value.is_some_and(|value| !(0.0..=most).contains(&value));
    let each = [
        ("temperature", outside(parameters.temperature, 2.0)),
        ("topP", outside(parameters.top_p, 1.0)),
        ("maxTokens", parameters.max_tokens == Some(0)),
    ];
    match each.into_iter().find(|(_, wrong)| *wrong) {
        Some((name, _)) => Err(Error::invalid_part("parameters", name, "out_of_range")),
        None => Ok(()),
    }
}

fn check_proxy(proxy: ProxySetting) -> Result<ProxySetting, Error> {
    let ProxySetting::Address { url, user } = proxy else { return Ok(proxy) };
    let wrong = |reason| Err(Error::invalid_part("proxy", "url", reason));
    let url = url.trim().to_owned();
    if url.is_empty() {
        return wrong("empty");
    }
    if url.len() > LONGEST_PROXY {
        return wrong("too_long");
    }
    let Ok(parsed) = Url::parse(&url) else { return wrong("not_a_proxy") };
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return wrong("credentials");
    }
    let bare = matches!(parsed.path(), "" | "/") && parsed.fragment().is_none();
    if !bare || transport::check_proxy(&url).is_err() {
        return wrong("not_a_proxy");
    }
    let user = user.map(|user| user.trim().to_owned()).filter(|user| !user.is_empty());
    if let Some(user) = &user {
        let wrong = |reason| Err(Error::invalid_part("proxy", "user", reason));
        if user.len() > LONGEST_FIELD {
            return wrong("too_long");
        }
        // The first colon ends the name (RFC 7617).
        if user.contains(':') || user.chars().any(char::is_control) {
            return wrong("not_a_name");
        }
    }
    Ok(ProxySetting::Address { url, user })
}

fn check_ca(pem: &str) -> Result<String, Error> {
    let pem = pem.trim();
    if pem.len() > LONGEST_CA {
        return Err(Error::invalid("caPem", "too_long"));
    }
    if !pem.is_empty() && transport::check_ca(pem.as_bytes()).is_err() {
        return Err(Error::invalid("caPem", "not_certificates"));
    }
    Ok(pem.to_owned())
}

fn check_mapping(mapping: Vec<ModelMapping>) -> Result<Vec<ModelMapping>, Error> {
    if mapping.len() > MOST_MAPPINGS {
        return Err(Error::invalid("modelMapping", "too_many"));
    }
    let named = |name: &str| {
        model_name(name).map_err(|error| match error {
            Error::Invalid { reason, .. } => Error::invalid("modelMapping", reason),
            other => other,
        })
    };
    let mut seen = HashSet::new();
    let mut kept = Vec::with_capacity(mapping.len());
    for ModelMapping { asked, sent } in mapping {
        let pair = ModelMapping { asked: named(&asked)?, sent: named(&sent)? };
        if !seen.insert(pair.asked.clone()) {
            return Err(Error::invalid("modelMapping", "duplicate"));
        }
        kept.push(pair);
    }
    Ok(kept)
}

fn check_model(model: Option<String>) -> Result<Option<String>, Error> {
    let model = model.filter(|model| !model.trim().is_empty());
    let named = model.as_deref().map(model_name).transpose();
    named.map_err(|_| Error::invalid("embeddingModel", "not_a_model"))
}

fn check_extras(extras: &str) -> Result<String, Error> {
    let extras = extras.trim();
    let wrong = |reason| Err(Error::invalid("extras", reason));
    if extras.is_empty() {
        return Ok(String::new());
    }
    if extras.len() > LONGEST_EXTRAS {
        return wrong("too_long");
    }
    let value: Value = match serde_json::from_str(extras) {
        Ok(value) => value,
        // The reader itself ends at a depth of 128.
        Err(error) if error.to_string().starts_with("recursion limit") => return wrong("too_deep"),
        Err(_) => return wrong("not_json"),
    };
    let Value::Object(members) = &value else { return wrong("not_an_object") };
    if OWN_MEMBERS.iter().any(|own| members.contains_key(*own)) {
        return wrong("reserved");
    }
    if depth(&value) > DEEPEST_EXTRAS {
        return wrong("too_deep");
    }
    Ok(extras.to_owned())
}

/// How deep it lies in one another; what the reader took has an end.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
