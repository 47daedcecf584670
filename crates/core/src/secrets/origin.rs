//! What a key is bound to.

use std::fmt;

use url::Url;

use super::SecretError;

/// scheme://host:port of a base URL, normalised: lower case, punycode, the port always there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of an address; path, query and user info do not count.
    ///
    /// # Errors
    ///
    /// [`SecretError::BadAddress`] for anything but http and https.
    pub fn of(base_url: &Url) -> Result<Self, SecretError> {
        let (Some(host), Some(port)) = (base_url.host_str(), base_url.port_or_known_default()) else {
            return Err(SecretError::BadAddress);
        };
        match base_url.scheme() {
            scheme @ ("http" | "https") => Ok(Self(format!("{scheme}://{host}:{port}"))),
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
