//! The rules of a vendor file that types cannot say.

mod settings;

use std::collections::HashSet;

use url::Url;

use super::{AuthStyle, KeyNeed, ModelRule, Vendor, address};

/// The hues of the design, in series order.
const HUES: [&str; 8] = ["clay", "sky", "gold", "jade", "plum", "rose", "olive", "graphite"];

pub(super) fn check(id: &str, vendor: &Vendor) -> Result<(), String> {
    if vendor.id != id {
        return Err(format!("the id `{}` is not the file's name `{id}`", vendor.id));
    }
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err("an id is made of a-z, 0-9 and hyphens".into());
    }
    if vendor.name.trim().is_empty() {
        return Err("the name is empty".into());
    }
    check_mark(vendor)?;
    if vendor.notice.as_deref().is_some_and(|notice| notice.trim().is_empty()) {
        return Err("the notice is empty".into());
    }
    if let Some(base) = &vendor.base_url {
        check_filled("base_url", base, true, vendor)?;
    }
    if let Some(url) = &vendor.key_url {
        check_address("key_url", url, false)?;
    }
    check_key(vendor)?;
    settings::check(vendor)?;
    check_lists(vendor)
}

fn check_mark(vendor: &Vendor) -> Result<(), String> {
    let letters = vendor.mark.letters.as_str();
    if letters.chars().count() != 2 || !letters.chars().all(char::is_alphabetic) {
        return Err(format!("a mark has two letters, not `{letters}`"));
    }
    if !HUES.contains(&vendor.mark.hue.as_str()) {
        return Err(format!("no hue is named `{}`; there are {}", vendor.mark.hue, HUES.join(", ")));
    }
    Ok(())
}

fn check_address(field: &str, text: &str, plain_http: bool) -> Result<(), String> {
    let url = Url::parse(text).map_err(|e| format!("{field}: {e}"))?;
    let scheme_fits = url.scheme() == "https" || plain_http && url.scheme() == "http";
    if !scheme_fits || url.host_str().is_none() {
        return Err(format!("{field} is not an address of the web"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{field} may hold no user, password, query or fragment"));
    }
    Ok(())
}

/// An address that may hold fields: required ones, so that it can always be filled.
fn check_filled(field: &str, template: &str, plain_http: bool, vendor: &Vendor) -> Result<(), String> {
    for slot in address::slots(template) {
        if !vendor.fields.iter().any(|known| known.id == slot && known.required) {
            return Err(format!("{field}: `{{{slot}}}` is no field that is required"));
        }
    }
    let sample = address::filled(template, |_| Some("x")).map_err(|_| format!("{field} cannot be filled"))?;
    check_address(field, &sample, plain_http)?;
    if sample.contains(['{', '}']) {
        return Err(format!("{field}: a brace that is never closed"));
    }
    Ok(())
}

fn check_key(vendor: &Vendor) -> Result<(), String> {
    for name in &vendor.env {
        let starts_well = name.starts_with(|c: char| c.is_ascii_uppercase());
        if !starts_well || !name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
            return Err(format!("`{name}` is no name of an environment variable"));
        }
    }
    match vendor.key {
        KeyNeed::Required if vendor.env.is_empty() && vendor.key_url.is_none() => {
            Err("a vendor that requires a key says where it comes from: env or key_url".into())
        }
        KeyNeed::Required | KeyNeed::Optional if vendor.auth == AuthStyle::None => {
            Err("a key that travels nowhere: auth is `none`".into())
        }
        KeyNeed::None if vendor.auth != AuthStyle::None => Err("auth without a key".into()),
        _ => Ok(()),
    }
}

fn check_lists(vendor: &Vendor) -> Result<(), String> {
    if !vendor.dialect.has_address() && vendor.base_url.is_some() {
        return Err(format!("the wire `{}` has no address", vendor.dialect.as_str()));
    }
    let mut quirks = HashSet::new();
    if let Some(twice) = vendor.quirks.iter().find(|q| !quirks.insert(**q)) {
        return Err(format!("the quirk {twice:?} stands there twice"));
    }
    let mut env = HashSet::new();
    if let Some(twice) = vendor.env.iter().find(|e| !env.insert(e.as_str())) {
        return Err(format!("`{twice}` stands there twice"));
    }
    let mut models = HashSet::new();
    for model in &vendor.models {
        if model.id.trim().is_empty() || !models.insert(model.id.as_str()) {
            return Err(format!("the model `{}` is empty or stands there twice", model.id));
        }
        if model.context == Some(0) || model.max_output == Some(0) {
            return Err(format!("the model `{}` has a limit of zero", model.id));
        }
    }
    let mut prefixes = HashSet::new();
    for rule in &vendor.rules {
        if !prefixes.insert(rule.prefix.as_str()) {
            return Err(format!("the rule for `{}` stands there twice", rule.prefix));
        }
        if rule.dialect.is_some_and(|wire| !wire.has_address()) {
            return Err(format!("the rule for `{}` names a wire that is none", rule.prefix));
        }
        if rule.max_output == Some(0) {
            return Err(format!("the rule for `{}` has a limit of zero", rule.prefix));
        }
        if rule.thinking_budget.is_some_and(|budget| budget.least > budget.most) {
            return Err(format!("the rule for `{}` has a budget that ends before it begins", rule.prefix));
        }
        if rule.thinking_budget.is_some() && !rule.thinking_levels.is_empty() {
            return Err(format!("the rule for `{}` wants thinking in tokens and in words", rule.prefix));
        }
        check_parameters(rule)?;
    }
    let t = vendor.timeouts;
    if [t.connect_s, t.first_event_s, t.idle_s, t.progress_s].contains(&Some(0)) {
        return Err("a timeout of zero".into());
    }
    Ok(())
}

fn check_parameters(rule: &ModelRule) -> Result<(), String> {
    for (name, parameter) in &rule.parameters {
        if let Some(fault) = parameter.fault(*name) {
            return Err(format!("the rule for `{}` contradicts itself about {name:?}: {fault}", rule.prefix));
        }
    }
    Ok(())
}
