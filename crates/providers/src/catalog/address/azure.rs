//! Addresses of Azure OpenAI and Foundry: what the portal shows comes in many forms, and an API lies behind three.

use url::Url;

use super::{Fields, Pasted};
use crate::catalog::Quirk;

/// The query that names the version of the API.
pub(super) const VERSION: &str = "api-version";
/// What Foundry's own API of models is asked by where nobody says otherwise.
const MODELS_VERSION: &str = "2024-05-01-preview";
/// Hosts of single serverless models.
const SERVERLESS: &str = ".models.ai.azure.com";
const V1: &str = "/openai/v1";
const CLASSIC: &str = "/openai";
/// With a whole endpoint, because `/models` alone would read as the tail of one.
const MODELS: &str = "/models/chat/completions";
/// In bytes.
const LONGEST_VERSION: usize = 40;

/// Which of the APIs an address leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Api {
    /// `/openai/v1`: the model's name is in the body, no version is needed.
    V1,
    /// `/openai/deployments/NAME`, always with a version.
    Deployments,
    /// `/models` of a Foundry resource, always with a version.
    Models,
    /// A host of one model.
    Serverless,
}

/// Reads an address; `None` where it is not one of these. `field` is the id of the one that holds the version.
pub(super) fn read(text: &str, fields: &Fields, field: Option<&str>) -> Option<Pasted> {
    let mut url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let pasted = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(VERSION));
    let pasted = pasted.map(|(_, value)| value.trim().to_owned()).filter(|value| is_version(value));
    let known = field.and_then(|field| fields.get(field)).cloned();
    let version = pasted.clone().or(known);
    let path = url.path().to_owned();
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let dated = version.as_deref().is_some_and(is_dated);
    let (api, prefix, rest) = api(&segments, url.host_str().unwrap_or_default(), dated)?;
    let version = match api {
        Api::V1 => version.filter(|version| !is_dated(version) && version != "v1"),
        Api::Deployments => version,
        Api::Models => version.or_else(|| Some(MODELS_VERSION.to_owned())),
        Api::Serverless => None,
    };
    let tail = match api {
        Api::V1 => V1,
        Api::Deployments => CLASSIC,
        Api::Models => MODELS,
        Api::Serverless => "/v1",
    };
    let prefix: String = prefix.iter().flat_map(|part| ["/", part]).collect();
    url.set_path(&format!("{prefix}{tail}"));
    url.set_query(None);
    url.set_fragment(None);
    let mut fields = fields.clone();
    if let Some(field) = field {
        match version {
            Some(version) => fields.insert(field.to_owned(), version),
            None => fields.remove(field),
        };
    }
    let model = rest.split_first().filter(|(first, _)| **first == "deployments").and_then(|(_, rest)| rest.first());
    let model = model.filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)));
    Some(Pasted { address: url.into(), fields, model: model.map(|name| (*name).to_owned()) })
}

/// The API, what comes before it, and what comes behind it.
fn api<'a>(segments: &'a [&'a str], host: &str, dated: bool) -> Option<(Api, &'a [&'a str], &'a [&'a str])> {
    let of_openai = if dated { Api::Deployments } else { Api::V1 };
    // A project of Foundry lies beside the API of its resource.
    let is_project = matches!(segments, ["api", "projects", ..]);
    if let Some(at) = segments.iter().position(|part| *part == "openai") {
        let prefix = if is_project { &[] } else { &segments[..at] };
        let rest = &segments[at + 1..];
        return Some((if rest.first() == Some(&"v1") { Api::V1 } else { of_openai }, prefix, rest));
    }
    match segments {
        _ if host.ends_with(SERVERLESS) => Some((Api::Serverless, &[], &[])),
        [] => Some((of_openai, &[], &[])),
        _ if is_project => Some((of_openai, &[], &[])),
        ["models"] | ["models", "chat", ..] => Some((Api::Models, &[], &[])),
        _ => None,
    }
}

/// An address of OpenAI's models as if nothing were said of its version.
pub(super) fn open(address: &str) -> String {
    address.strip_suffix(V1).map_or_else(|| address.to_owned(), |base| format!("{base}{CLASSIC}"))
}

/// What is different at an address that was kept.
pub(super) fn quirks(address: &str) -> &'static [Quirk] {
    let path = address.trim_end_matches('/');
    if path.ends_with(CLASSIC) {
        &[Quirk::DeploymentPaths]
    } else if path.ends_with(MODELS) || is_serverless(address) {
        &[Quirk::NoModelList, Quirk::EmptyCheck]
    } else {
        &[]
    }
}

fn is_serverless(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.host_str().is_some_and(|host| host.ends_with(SERVERLESS)))
}

fn is_version(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    !text.is_empty() && text.len() <= LONGEST_VERSION && text.bytes().all(fits)
}

fn is_dated(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit())
}
