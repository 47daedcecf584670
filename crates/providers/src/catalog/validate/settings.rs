//! What a form is drawn from and what is asked for free: addresses, fields, the balance, the check, beginnings of keys.

use std::collections::HashSet;

use url::Url;

use super::{check_address, check_filled};
use crate::catalog::{AuthStyle, BalanceLookup, KeyNeed, SignIn, Vendor, VendorField, address};

/// What carries the key or shapes the request itself: no field may take its place.
const LOCKED: [&str; 7] =
    ["authorization", "x-api-key", "api-key", "x-goog-api-key", "host", "content-type", "content-length"];

pub(super) fn check(vendor: &Vendor) -> Result<(), String> {
    let mut urls: HashSet<&str> = vendor.base_url.as_deref().into_iter().collect();
    for address in &vendor.addresses {
        check_address("an address", &address.url, true)?;
        if address.name.trim().is_empty() || !urls.insert(&address.url) {
            return Err(format!("the address `{}` has no name or stands there twice", address.url));
        }
    }
    if vendor.base_url.is_none() && !vendor.addresses.is_empty() {
        return Err("further addresses without a usual one".into());
    }
    let mut ids = HashSet::new();
    for field in &vendor.fields {
        check_field(field, vendor)?;
        if !ids.insert(field.id.as_str()) {
            return Err(format!("the field `{}` stands there twice", field.id));
        }
    }
    vendor.balance.as_ref().map_or(Ok(()), check_balance)?;
    check_sign_in(vendor)?;
    vendor.check_path.as_deref().map_or(Ok(()), |path| check_of_key(vendor, path))?;
    if vendor.embed_batch == Some(0) {
        return Err("embed_batch is zero".into());
    }
    check_prefixes(vendor)
}

fn check_field(field: &VendorField, vendor: &Vendor) -> Result<(), String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if field.id.is_empty() || !field.id.bytes().all(fits) {
        return Err(format!("the field `{}`: its id is made of a-z, digits and underscores", field.id));
    }
    if field.name.trim().is_empty() {
        return Err(format!("the field `{}` has no name", field.id));
    }
    if let Some(header) = &field.header {
        if http::HeaderName::try_from(header.as_str()).is_err() {
            return Err(format!("the field `{}`: `{header}` is no name of a header", field.id));
        }
        if LOCKED.contains(&header.to_ascii_lowercase().as_str()) {
            return Err(format!("the field `{}`: the header `{header}` is not free", field.id));
        }
    }
    if field.query.as_deref().is_some_and(|name| name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic())) {
        return Err(format!("the field `{}`: its query has no name that can be sent", field.id));
    }
    if field.header.is_some() && field.query.is_some() {
        return Err(format!("the field `{}` goes out twice", field.id));
    }
    for url in field.addresses.values() {
        check_filled("an address", url, false, vendor)?;
    }
    if !field.addresses.is_empty() && vendor.base_url.is_none() {
        return Err(format!("the field `{}` has addresses, and the vendor has no usual one", field.id));
    }
    if !field.choices.is_empty() && field.usual.as_ref().is_some_and(|usual| !field.choices.contains(usual)) {
        return Err(format!("the field `{}`: what is usual is no choice", field.id));
    }
    let mut choices = HashSet::new();
    match field.choices.iter().find(|choice| choice.trim().is_empty() || !choices.insert(choice.as_str())) {
        Some(choice) => Err(format!("the field `{}`: the choice `{choice}` is empty or stands there twice", field.id)),
        None => Ok(()),
    }
}

fn check_balance(balance: &BalanceLookup) -> Result<(), String> {
    check_path("balance", &balance.path)?;
    let pointers = [Some(&balance.amount), balance.less.as_ref(), balance.currency_at.as_ref()];
    if let Some(bad) = pointers.into_iter().flatten().find(|pointer| !pointer.starts_with('/')) {
        return Err(format!("balance: `{bad}` is no JSON pointer"));
    }
    let code = |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    match (&balance.currency_at, &balance.currency) {
        (None, None) => Err("balance: nothing says the currency".into()),
        (Some(_), Some(_)) => Err("balance: two places say the currency".into()),
        (_, Some(currency)) if !code(currency) => Err(format!("balance: `{currency}` is no code of a currency")),
        _ => Ok(()),
    }
}

fn check_sign_in(vendor: &Vendor) -> Result<(), String> {
    let Some(sign_in) = &vendor.sign_in else {
        let wanted = vendor.auth == AuthStyle::Copilot;
        return if wanted { Err("auth wants a sign_in, and there is none".into()) } else { Ok(()) };
    };
    if vendor.auth != AuthStyle::Copilot {
        return Err("a sign_in that auth does not want".into());
    }
    let visible = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if !visible(&sign_in.client_id) {
        return Err("sign_in: the client_id is empty or not ASCII".into());
    }
    check_origin("sign_in.web", &sign_in.web, true)?;
    check_origin("sign_in.api", &sign_in.api, true)?;
    if let Some(bad) = sign_in.hosts.iter().find(|host| crate::catalog::sign_in::domain(host).as_ref() != Some(host)) {
        return Err(format!("sign_in: `{bad}` is no name of a host"));
    }
    check_enterprise(vendor, sign_in)?;
    for (name, value) in &sign_in.headers {
        let fits = http::HeaderName::try_from(name.as_str()).is_ok() && http::HeaderValue::try_from(value).is_ok();
        if !fits || LOCKED.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(format!("sign_in: the header `{name}` cannot be sent or is not free"));
        }
    }
    Ok(())
}

fn check_enterprise(vendor: &Vendor, sign_in: &SignIn) -> Result<(), String> {
    let Some(enterprise) = &sign_in.enterprise else { return Ok(()) };
    if !vendor.fields.iter().any(|field| field.id == enterprise.field) {
        return Err(format!("sign_in: there is no field `{}`", enterprise.field));
    }
    for address in [&enterprise.web, &enterprise.api, &enterprise.base_url] {
        if !address.contains("{domain}") {
            return Err(format!("sign_in: `{address}` holds no `{{domain}}`"));
        }
        check_origin("sign_in.enterprise", &address.replace("{domain}", "example.com"), false)?;
    }
    Ok(())
}

/// Tokens go there: in clear at most within this machine.
fn check_origin(field: &str, text: &str, loopback: bool) -> Result<(), String> {
    check_address(field, text, loopback)?;
    let url = url::Url::parse(text).map_err(|e| format!("{field}: {e}"))?;
    if url.path() != "/" {
        return Err(format!("{field} is more than an origin"));
    }
    let here = crate::transport::BaseUrl::parse(text).is_ok_and(|base| base.is_loopback());
    if url.scheme() == "https" || here { Ok(()) } else { Err(format!("{field}: a token would travel in clear")) }
}

/// The key goes there: to a path of its address, or to the domain that its address belongs to.
fn check_of_key(vendor: &Vendor, path: &str) -> Result<(), String> {
    if !path.contains("://") {
        return check_path("check_path", path);
    }
    check_address("check_path", path, false)?;
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    let base = vendor.base_url.as_deref().and_then(|base| address::filled(base, |_| Some("x")).ok());
    let (Some(asked), Some(base)) = (host(path), base.as_deref().and_then(host)) else {
        return Err("check_path: a whole address, and the vendor has no usual one".into());
    };
    let belongs = base == asked || base.strip_suffix(&asked).is_some_and(|rest| rest.ends_with('.'));
    if belongs && asked.contains('.') {
        Ok(())
    } else {
        Err(format!("check_path: the address of the vendor does not belong to `{asked}`"))
    }
}

/// A path is joined to an address: it may not be one, nor climb out of it.
fn check_path(field: &str, path: &str) -> Result<(), String> {
    let climbs = path.split(['/', '?']).any(|part| part == "..");
    if path.trim() != path || path.is_empty() || path.starts_with("//") || path.contains("://") || climbs {
        return Err(format!("{field}: `{path}` is no path"));
    }
    Ok(())
}

fn check_prefixes(vendor: &Vendor) -> Result<(), String> {
    if !vendor.key_prefixes.is_empty() && (vendor.key == KeyNeed::None || vendor.auth == AuthStyle::None) {
        return Err("beginnings of a key that there is not".into());
    }
    let mut seen = HashSet::new();
    for prefix in &vendor.key_prefixes {
        if prefix.len() < 3 || !prefix.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(format!("`{prefix}` is too short for the beginning of a key, or not ASCII"));
        }
        if !seen.insert(prefix.as_str()) {
            return Err(format!("the beginning `{prefix}` stands there twice"));
        }
    }
    Ok(())
}
