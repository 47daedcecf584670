//! Addresses that hold the vendor's own fields (`https://{location}-api.example/projects/{project}`), and addresses as
//! people paste them.

mod azure;

use std::{collections::BTreeMap, fmt::Write as _};

use url::Url;

use super::{Quirk, Vendor};
use crate::transport::origin;

/// Values of a vendor's own fields, by their ids.
pub type Fields = BTreeMap<String, String>;

/// A field that the usual address needs and whose value cannot stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfitField {
    /// Its id.
    pub field: String,
    /// `empty`; `not_a_label` where it is to be part of a host's name; `not_a_segment` where it is to be part of a path.
    pub reason: &'static str,
}

/// An address as a person pasted it, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// What is kept of it: of the same origin.
    pub address: String,
    /// The fields, with what the address says of them.
    pub fields: Fields,
    /// The model it names.
    pub model: Option<String>,
}

/// The longest part of a host's name between dots, in bytes.
const LONGEST_LABEL: usize = 63;

impl Vendor {
    /// The usual address for these values of its fields, where there is one. A required field without a value has its
    /// usual one.
    ///
    /// # Errors
    /// The first field whose value cannot stand in it.
    pub fn usual_address(&self, fields: &Fields) -> Result<Option<String>, UnfitField> {
        let Some(usual) = &self.base_url else { return Ok(None) };
        let fields = self.with_usual(fields.clone());
        let named = self.fields.iter().find_map(|field| field.addresses.get(fields.get(&field.id)?));
        filled(named.unwrap_or(usual), |id| fields.get(id).map(String::as_str)).map(Some)
    }

    /// Fields as a person gave them, without white space and what is empty, and with the usual values of those that are
    /// required and were not given.
    pub fn with_usual(&self, given: Fields) -> Fields {
        let given = given.into_iter().map(|(id, value)| (id, value.trim().to_owned()));
        let mut fields: Fields = given.filter(|(_, value)| !value.is_empty()).collect();
        for field in self.fields.iter().filter(|field| field.required) {
            if let Some(usual) = &field.usual {
                fields.entry(field.id.clone()).or_insert_with(|| usual.clone());
            }
        }
        fields
    }

    /// What is kept of an address that a person pasted, where these are the fields. What the vendor's file says nothing
    /// of stays as it is.
    pub fn pasted(&self, text: &str, fields: &Fields) -> Pasted {
        let as_it_is = || Pasted { address: text.trim().to_owned(), fields: fields.clone(), model: None };
        if !self.has(Quirk::AzureAddresses) {
            return as_it_is();
        }
        let version = self.fields.iter().find(|field| field.query.as_deref() == Some(azure::VERSION));
        azure::read(text, fields, version.map(|field| field.id.as_str())).unwrap_or_else(as_it_is)
    }

    /// The address after its fields have changed, where it follows them; `None` where it is a person's own, and stays.
    ///
    /// # Errors
    /// The first field whose new value cannot stand in it.
    pub fn followed(&self, address: &str, before: &Fields, after: &Fields) -> Result<Option<String>, UnfitField> {
        if before == after {
            return Ok(None);
        }
        if self.has(Quirk::AzureAddresses) {
            return Ok(Some(self.pasted(&azure::open(address), after).address).filter(|new| new != address));
        }
        match self.usual_address(before) {
            Ok(Some(usual)) if usual == address => Ok(self.usual_address(after)?.filter(|new| new != address)),
            _ => Ok(None),
        }
    }

    /// Whether an address is the vendor's: its usual one whatever its fields are, or a further one. A vendor without an
    /// address is at home everywhere.
    pub(crate) fn is_home(&self, address: &str) -> bool {
        let Ok(here) = origin(address) else { return false };
        let of_fields = self.fields.iter().flat_map(|field| field.addresses.values());
        let own = self.base_url.iter().chain(self.addresses.iter().map(|named| &named.url)).chain(of_fields);
        self.base_url.is_none() || own.into_iter().any(|own| is_of(own, &here))
    }

    /// What the wire is like at this address, beside what it always is.
    pub(super) fn quirks_at(&self, address: &str) -> &'static [Quirk] {
        if self.has(Quirk::AzureAddresses) { azure::quirks(address) } else { &[] }
    }
}

/// The ids of the fields that an address holds, in their order.
pub(super) fn slots(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// An address with the values of its fields. Nothing but its slots changes: no value reaches another host, another
/// segment or a query.
pub(super) fn filled<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Result<String, UnfitField> {
    let path_at = host_end(template);
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, (id, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        out.push_str(before);
        let unfit = |reason| Err(UnfitField { field: id.to_owned(), reason });
        let value = value(id).unwrap_or_default();
        let in_host = template.len() - rest.len() + before.len() < path_at;
        if value.is_empty() {
            return unfit("empty");
        } else if in_host && !is_label(value) {
            return unfit("not_a_label");
        } else if !in_host && value.bytes().all(|byte| byte == b'.') {
            return unfit("not_a_segment");
        }
        out.push_str(&segment(value));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// A text as one segment of a path, or as one value of a query.
pub(crate) fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Where the path of an address begins.
fn host_end(address: &str) -> usize {
    let host_at = address.find("://").map_or(0, |at| at + 3);
    address[host_at..].find('/').map_or(address.len(), |at| host_at + at)
}

fn is_label(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    value.len() <= LONGEST_LABEL && value.bytes().all(fits) && !value.starts_with('-') && !value.ends_with('-')
}

/// Whether an origin is one that this address may become. A label of a host holds one slot at the most.
fn is_of(template: &str, here: &str) -> bool {
    let host = &template[..host_end(template)];
    if slots(host).next().is_none() {
        return origin(template).is_ok_and(|own| own == here);
    }
    let Ok(sample) = filled(host, |_| Some("x")).map(|sample| origin(&sample)) else { return false };
    let (Ok(sample), Ok(url)) = (sample, Url::parse(here)) else { return false };
    let ends = |origin: &str| origin.rsplit(':').next().map(str::to_owned);
    let scheme = |text: &str| text.split_once("://").map(|(scheme, _)| scheme.to_owned());
    if ends(&sample) != ends(here) || scheme(&sample) != scheme(here) {
        return false;
    }
    let labels = host.split_once("://").map_or(host, |(_, host)| host).split(':').next().unwrap_or_default().split('.');
    let theirs = url.host_str().unwrap_or_default().split('.');
    labels.clone().count() == theirs.clone().count() && labels.zip(theirs).all(|(own, label)| fits_label(own, label))
}

fn fits_label(own: &str, label: &str) -> bool {
    match own.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
        Some((before, after)) => {
            let inner = label.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            inner.is_some_and(|inner| !inner.is_empty() && is_label(label))
        }
        None => own == label,
    }
}

#[cfg(test)]
mod tests;
