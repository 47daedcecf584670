//! Base addresses as users type them: what is allowed, what they are bound to, how a path is joined to them.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::{Category, ProviderError};

/// A checked base address: `http` or `https`, with a host, without user info, query and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads an address as a person typed it; surrounding white space goes.
    ///
    /// # Errors
    /// `bad_request` with the cause `bad_base_url`. The message never repeats the text, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, ProviderError> {
        let url = Url::parse(text.trim()).map_err(|e| refused(&format!("the base URL cannot be read: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("the base URL must begin with http:// or https://"));
        }
        if !url.has_host() {
            return Err(refused("the base URL has no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("the base URL must not hold a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("the base URL must not hold a query or fragment"));
        }
        Ok(Self(url))
    }

    /// `scheme://host:port`, the port always spelled out: what a key is bound to.
    pub fn origin(&self) -> String {
        origin_of(&self.0)
    }

    /// The address as it stands.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// `host:port`, for messages.
    pub fn authority(&self) -> String {
        authority_of(&self.0)
    }

    /// True for `https`.
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// True where the host is this machine by its name or number; no name is looked up.
    pub fn is_loopback(&self) -> bool {
        self.0.host().is_some_and(|host| is_loopback(&host))
    }

    /// True where a key sent here can be read on its way: `http` to a host outside loopback and private ranges.
    /// A name other than `localhost` counts as outside, because it can point anywhere.
    pub fn sends_in_clear(&self) -> bool {
        clear(&self.0)
    }

    /// The address of a request: `path` below what `base_path` makes of our own path. A `?query` in `path` is kept.
    pub fn join(&self, base_path: impl Fn(&str) -> String, path: &str) -> Url {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let base = base_path(self.0.path().trim_end_matches('/'));
        let base = base.trim_end_matches('/');
        let mut url = self.0.clone();
        url.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
        url.set_query(query);
        url
    }
}

/// `scheme://host:port` of an address.
///
/// # Errors
/// See [`BaseUrl::parse`].
pub fn origin(text: &str) -> Result<String, ProviderError> {
    BaseUrl::parse(text).map(|base| base.origin())
}

/// See [`BaseUrl::sends_in_clear`]; an address that cannot be read counts as clear, so that somebody is asked.
pub fn sends_in_clear(text: &str) -> bool {
    Url::parse(text.trim()).map_or(true, |url| clear(&url))
}

pub(super) fn origin_of(url: &Url) -> String {
    format!("{}://{}", url.scheme(), authority_of(url))
}

pub(super) fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn refused(message: &str) -> ProviderError {
    ProviderError::because(Category::BadRequest, "bad_base_url", message)
}

fn clear(url: &Url) -> bool {
    url.scheme() != "https" && !url.host().is_some_and(|host| is_loopback(&host) || is_private(&host))
}

fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref();
            let name = name.strip_suffix('.').unwrap_or(name);
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_unspecified(),
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unspecified() || mapped(*ip).is_some_and(|ip| ip.is_loopback()),
    }
}

fn is_private<S: AsRef<str>>(host: &Host<S>) -> bool {
    let v4 = |ip: Ipv4Addr| ip.is_private() || ip.is_link_local();
    match host {
        Host::Domain(_) => false,
        Host::Ipv4(ip) => v4(*ip),
        Host::Ipv6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || mapped(*ip).is_some_and(v4),
    }
}

fn mapped(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    ip.to_ipv4_mapped()
}
