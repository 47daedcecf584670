//! What a person sets of an endpoint, looked at before anything is sent: by the very code that sends later.

use std::time::Duration;

use super::{BaseUrl, Clocks, Endpoint, Proxy, client};
use crate::ProviderError;
use crate::catalog::{AuthStyle, Vendor};

/// An address that is not of this machine and asked with TLS; nothing is ever sent there (RFC 5737).
const NOWHERE: &str = "https://192.0.2.1";

/// Whether a header of the user can go out to this vendor.
///
/// # Errors
/// `bad_request` / `bad_header`: no name of a header, one that is the transport's own, or a value that cannot be sent.
pub fn check_header(vendor: &Vendor, name: &str, value: &str) -> Result<(), ProviderError> {
    let headers = vec![(name.to_owned(), value.to_owned())];
    client::standing_headers(vendor, &Endpoint { headers, ..Endpoint::default() }).map(|_| ())
}

/// Whether these are certificates that can be trusted. Reads the system's, too.
///
/// # Errors
/// `bad_request` / `bad_ca`.
pub fn check_ca(pem: &[u8]) -> Result<(), ProviderError> {
    build(Endpoint { ca_pem: Some(pem.to_owned()), proxy: Proxy::Off, ..Endpoint::default() })
}

fn build(endpoint: Endpoint) -> Result<(), ProviderError> {
    let soon = Duration::from_secs(1);
    let clocks =
        Clocks { connect: soon, first_event: soon, idle: soon, progress: soon, lookup: soon, error_body: soon };
    client::build(&BaseUrl::parse(NOWHERE)?, endpoint.ca_pem.as_deref(), &clocks, None).map(|_| ())
}

/// The header that carries a key, in lower case.
pub fn key_header(style: AuthStyle) -> Option<&'static str> {
    match style {
        AuthStyle::Bearer | AuthStyle::Aws | AuthStyle::Google | AuthStyle::Copilot => Some("authorization"),
        AuthStyle::XApiKey => Some("x-api-key"),
        AuthStyle::XGoogApiKey => Some("x-goog-api-key"),
        AuthStyle::ApiKey => Some("api-key"),
        AuthStyle::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, catalog::Catalog};

    #[test]
    fn a_key_travels_in_the_header_that_is_named() {
        let vendor = Catalog::bundled().get("openai-compatible").unwrap();
        for auth in [AuthStyle::Bearer, AuthStyle::XApiKey, AuthStyle::XGoogApiKey, AuthStyle::ApiKey, AuthStyle::None]
        {
            let vendor = Vendor { auth, ..vendor.clone() };
            let endpoint = Endpoint { key: Some(Secret::from_pasted("sk-1")), ..Endpoint::default() };
            let headers = client::standing_headers(&vendor, &endpoint).unwrap();
            let names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
            assert_eq!(names, key_header(auth).into_iter().collect::<Vec<_>>(), "{auth:?}");
        }
    }
}
