//! Where a person signs in instead of pasting a key, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A sign-in with a code that a person enters at the vendor's page (GitHub's device flow), and how the token that it
/// ends in is exchanged for the one that the API takes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// As whom we ask; no secret.
    pub client_id: String,
    /// What is asked for.
    #[serde(default)]
    pub scope: Option<String>,
    /// The origin of the pages: `https://github.com`.
    pub web: String,
    /// The origin of the API that tells who signed in and exchanges tokens: `https://api.github.com`.
    pub api: String,
    /// Hosts that an exchanged token may go to, with everything below them.
    pub hosts: Vec<String>,
    /// Headers of every request, at the vendor's sign-in as at its API.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// For enterprises with a domain of their own.
    #[serde(default)]
    pub enterprise: Option<Enterprise>,
}

/// The addresses of an enterprise; `{domain}` stands for its domain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Enterprise {
    /// The vendor's own field that holds the domain.
    pub field: String,
    /// The origin of its pages.
    pub web: String,
    /// The origin of the API that exchanges tokens.
    pub api: String,
    /// Where requests go, where the exchange does not say.
    pub base_url: String,
}

/// A domain as a person wrote it, also within an address; `None` where it is none.
pub(crate) fn domain(text: &str) -> Option<String> {
    let text = text.trim();
    let host = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url.host_str()?.to_owned(),
        _ => text.trim_end_matches('/').to_owned(),
    };
    match Host::parse(&host).ok()? {
        Host::Domain(domain) if domain.contains('.') && !domain.ends_with('.') => Some(domain),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::domain;

    #[test]
    fn a_domain_may_be_pasted_as_an_address_and_is_never_more_than_a_domain() {
        for (text, found) in [
            (" Acme.ghe.com ", Some("acme.ghe.com")),
            ("https://acme.ghe.com/login", Some("acme.ghe.com")),
            ("acme.ghe.com/", Some("acme.ghe.com")),
            ("acme", None),
            ("", None),
            ("acme.ghe.com/evil", None),
            ("acme.ghe.com:444", None),
            ("u@acme.ghe.com", None),
            ("127.0.0.1", None),
            ("[::1]", None),
            ("a b.com", None),
        ] {
            assert_eq!(domain(text).as_deref(), found, "{text}");
        }
    }
}
