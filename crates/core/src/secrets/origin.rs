//! What a key is bound to.

use std::fmt;

use url::Url;

use super::SecretError;

/// A proxy that looks names up itself.
const PROXY: &str = "socks5h";
const PROXY_PORT: u16 = 1080;

/// scheme://host:port of a base URL or a proxy, normalised: lower case, punycode, the port always there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of an address or of a proxy; path, query and user info do not count.
    ///
    /// # Errors
    ///
    /// [`SecretError::BadAddress`] for anything but http, https and socks5h.
    pub fn of(address: &Url) -> Result<Self, SecretError> {
        let scheme = address.scheme();
        let usual = if scheme == PROXY { Some(PROXY_PORT) } else { None };
        let (Some(host), Some(port)) = (address.host_str(), address.port_or_known_default().or(usual)) else {
            return Err(SecretError::BadAddress);
        };
        match scheme {
            "http" | "https" => Ok(Self(format!("{scheme}://{host}:{port}"))),
            // The host of a scheme that is not the web's is left as it was typed.
            PROXY if !host.is_empty() => Ok(Self(format!("{scheme}://{}:{port}", host.to_ascii_lowercase()))),
            _ => Err(SecretError::BadAddress),
        }
    }

    /// Reads an address or a stored origin.
    ///
    /// # Errors
    ///
    /// As [`Origin::of`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        Self::of(&Url::parse(text).map_err(|_| SecretError::BadAddress)?)
    }

    /// `scheme://host:port`, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Origin {
    /// The host alone, for a person to read.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.rsplit_once(':').map_or(rest, |(host, _)| host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a key saved for `bound_origin` may be sent to `base_url`: scheme, host and port must be the same.
pub fn may_send(bound_origin: &str, base_url: &str) -> bool {
    match (Origin::parse(bound_origin), Origin::parse(base_url)) {
        (Ok(bound), Ok(asked)) => bound == asked,
        _ => false,
    }
}
