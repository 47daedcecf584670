//! Fetches what lies at an address that a model wrote, without letting the address reach into this computer's network:
//! names are looked up here, checked, and connected to as they were checked, so that a name cannot change in between.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt as _;
use http::{StatusCode, header};
use url::{Host, Url};

use crate::transport;

/// The most that is taken, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// How long the whole may take, redirects included.
const WITHIN: Duration = Duration::from_secs(20);
/// How often an address may lead to another.
const REDIRECTS: usize = 5;

/// Why nothing was fetched. Nothing of the address is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No address of the web, or one with a password in it.
    #[error("this is no address of the web")]
    NotAnAddress,
    /// It lies on this computer or in its network, or leads there.
    #[error("the address is not on the public internet")]
    NotPublic,
    /// Nobody knows the name.
    #[error("the name was not found")]
    NotFound,
    /// No connection, or it broke.
    #[error("the server was not reached")]
    NotReached,
    /// It took too long.
    #[error("it took too long")]
    TimedOut,
    /// It is larger than what is taken.
    #[error("it is too large")]
    TooLarge,
    /// One address led to the next without end.
    #[error("the address leads from one to the next")]
    TooManyRedirects,
    /// The server said no.
    #[error("the server answered with the status {0}")]
    Refused(u16),
    /// It came packed, though that was not asked for: unpacked it may have any size.
    #[error("it came in an encoding that was not asked for")]
    Encoded,
}

impl FetchError {
    /// The stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAnAddress => "not_an_address",
            Self::NotPublic => "not_public",
            Self::NotFound => "not_found",
            Self::NotReached => "not_reached",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::TooManyRedirects => "too_many_redirects",
            Self::Refused(_) => "refused_by_server",
            Self::Encoded => "encoded",
        }
    }
}

/// Looks up names.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of a host.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

struct System;

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// Where a fetch may go.
#[derive(Clone)]
pub struct Reach {
    resolve: Arc<dyn Resolve>,
    allows: fn(IpAddr) -> bool,
}

impl Reach {
    /// The public internet, by the system's names.
    pub fn public() -> Self {
        Self { resolve: Arc::new(System), allows: is_public }
    }

    /// Other names and addresses, for tests.
    pub fn of(resolve: Arc<dyn Resolve>, allows: fn(IpAddr) -> bool) -> Self {
        Self { resolve, allows }
    }

    /// The addresses of a host, every one of which may be connected to.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, FetchError> {
        let port = url.port_or_known_default().ok_or(FetchError::NotAnAddress)?;
        let addresses = match url.host() {
            Some(Host::Domain(name)) => self.resolve.resolve(name, port).await.map_err(|_| FetchError::NotFound)?,
            Some(Host::Ipv4(ip)) => vec![SocketAddr::new(ip.into(), port)],
            Some(Host::Ipv6(ip)) => vec![SocketAddr::new(ip.into(), port)],
            None => return Err(FetchError::NotAnAddress),
        };
        if addresses.is_empty() {
            return Err(FetchError::NotFound);
        }
        // A name that points inside and outside at once is up to no good.
        if addresses.iter().all(|address| (self.allows)(address.ip())) {
            Ok(addresses)
        } else {
            Err(FetchError::NotPublic)
        }
    }
}

/// Gets what lies at an address, at most [`LARGEST`] bytes in 20 s over at most five redirects. Sends no cookie, no
/// referrer and no name of a page; a proxy is not used, because then nobody would know where it leads.
///
/// # Errors
/// [`FetchError`].
pub async fn get(address: &str, reach: &Reach) -> Result<Vec<u8>, FetchError> {
    let url = Url::parse(address).map_err(|_| FetchError::NotAnAddress)?;
    tokio::time::timeout(WITHIN, follow(url, reach)).await.unwrap_or(Err(FetchError::TimedOut))
}

async fn follow(mut url: Url, reach: &Reach) -> Result<Vec<u8>, FetchError> {
    for _ in 0..=REDIRECTS {
        match hop(&url, reach).await? {
            Hop::There(content) => return Ok(content),
            Hop::Onward(next) if url.scheme() == "https" && next.scheme() == "http" => {
                return Err(FetchError::NotPublic);
            }
            Hop::Onward(next) => url = next,
        }
    }
    Err(FetchError::TooManyRedirects)
}

enum Hop {
    There(Vec<u8>),
    Onward(Url),
}

async fn hop(url: &Url, reach: &Reach) -> Result<Hop, FetchError> {
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::NotAnAddress);
    }
    let addresses = reach.addresses(url).await?;
    let host = url.host_str().ok_or(FetchError::NotAnAddress)?;
    let client = transport::plain_client(url.scheme() == "https", |builder| {
        builder.no_proxy().resolve_to_addrs(host, &addresses)
    })
    .map_err(|_| FetchError::NotReached)?;
    let request = client
        .get(url.clone())
        .header(header::ACCEPT, "image/webp, image/png, image/jpeg, image/gif")
        .header(header::ACCEPT_ENCODING, "identity");
    let response = request.send().await.map_err(|_| FetchError::NotReached)?;
    let status = response.status();
    if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        let next = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let next = next.and_then(|next| url.join(next).ok());
        return next.map(Hop::Onward).ok_or(FetchError::Refused(status.as_u16()));
    }
    if status != StatusCode::OK {
        return Err(FetchError::Refused(status.as_u16()));
    }
    let encoding = response.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(FetchError::Encoded);
    }
    content(response).await.map(Hop::There)
}

async fn content(response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
    if response.content_length().is_some_and(|length| length > LARGEST as u64) {
        return Err(FetchError::TooLarge);
    }
    let mut content = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| FetchError::NotReached)?;
        if piece.len() > LARGEST - content.len() {
            return Err(FetchError::TooLarge);
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

/// Whether an address is on the public internet: nothing of this computer, its network, its provider's machines, or
/// what is set aside for other uses (IANA's special-purpose registries).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let set_aside = matches!(
        (a, b, c),
        (0 | 240..=255, _, _) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _)
    );
    !(set_aside
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let within = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Addresses of the older kind in clothes of the newer.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => within(high, low),
        [0x2002, high, low, ..] => within(high, low),
        // Tunnels, documentation, benchmarks, and what was never given out.
        [0x2001, 0 | 0x0db8, ..] | [0x2001, 2, 0, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}
