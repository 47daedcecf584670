//! The HTTP client under a provider, and the headers it sends.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use super::{BaseUrl, Clocks, Endpoint, proxy::Hop};
use crate::catalog::{AuthStyle, KeyNeed, Quirk, Vendor};
use crate::credential::Identity;
use crate::{Category, ProviderError};

const USER_AGENT: &str = concat!("Parlance/", env!("CARGO_PKG_VERSION"));
/// An idle pooled connection is kept for this long.
const POOL_IDLE: std::time::Duration = std::time::Duration::from_secs(60);
/// TCP asks a silent peer this often whether it still lives.
const KEEPALIVE: std::time::Duration = std::time::Duration::from_secs(15);
/// A peer that does not answer so many of these is gone: 45 s after its last word, as with the timeout below.
const KEEPALIVE_RETRIES: u32 = 2;
/// A peer that acknowledges nothing for this long is gone.
#[cfg(any(target_os = "linux", target_os = "android"))]
const USER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(45);

/// The most the head of an answer may have, in bytes.
pub(super) const HEAD_LIMIT: usize = 64 << 10;

/// Builds the client: no redirects, no retries of its own, no referer, no cookies.
pub(super) fn build(
    base: &BaseUrl,
    ca_pem: Option<&[u8]>,
    clocks: &Clocks,
    hop: Option<&Hop>,
) -> Result<reqwest::Client, ProviderError> {
    let failed = || ProviderError::because(Category::Internal, "client", "the HTTP client could not be set up");
    let mut builder = bare()
        .no_proxy()
        .connect_timeout(clocks.connect)
        .pool_idle_timeout(POOL_IDLE)
        .tcp_nodelay(true)
        .tcp_keepalive(KEEPALIVE)
        .tcp_keepalive_interval(KEEPALIVE)
        .tcp_keepalive_retries(KEEPALIVE_RETRIES);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        builder = builder.tcp_user_timeout(USER_TIMEOUT);
    }
    if let Some(hop) = hop {
        builder = builder.proxy(hop.client().map_err(|_| failed())?);
    }
    if base.is_tls() || hop.is_some_and(Hop::is_tls) {
        if let Some(pem) = ca_pem {
            let roots = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| bad_ca())?;
            if roots.is_empty() {
                return Err(bad_ca());
            }
            builder = builder.tls_certs_merge(roots);
        }
    } else {
        // Redirects are off, so TLS is never spoken: do not load the system's certificates, nor need any.
        builder = builder.tls_certs_only([]);
    }
    // The user's certificates are read only here; the system's are not expected to be at fault.
    builder.build().map_err(|_| match ca_pem {
        Some(_) => bad_ca(),
        None => failed(),
    })
}

/// The client of one endpoint, made anew once its connections are no longer to be trusted.
pub(super) struct Line {
    base: BaseUrl,
    ca_pem: Option<Vec<u8>>,
    clocks: Clocks,
    hop: Option<Arc<Hop>>,
    client: Mutex<reqwest::Client>,
    stale: AtomicBool,
}

impl Line {
    /// As [`build`].
    pub(super) fn new(
        base: BaseUrl,
        ca_pem: Option<Vec<u8>>,
        clocks: Clocks,
        hop: Option<Arc<Hop>>,
    ) -> Result<Self, ProviderError> {
        let client = Mutex::new(build(&base, ca_pem.as_deref(), &clocks, hop.as_deref())?);
        Ok(Self { base, ca_pem, clocks, hop, client, stale: AtomicBool::new(false) })
    }

    /// The client for the next request.
    pub(super) fn client(&self) -> reqwest::Client {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stale.swap(false, Ordering::Relaxed) {
            // What could be made once can be made again; where it cannot, the old one still asks.
            if let Ok(anew) = build(&self.base, self.ca_pem.as_deref(), &self.clocks, self.hop.as_deref()) {
                *client = anew;
            }
        }
        client.clone()
    }

    /// The next request connects anew. Those under way keep their connections.
    pub(super) fn drop_idle(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }
}

/// What every client of ours is: no redirects, no retries of its own, no referer, no cookies, nothing unpacked.
fn bare() -> reqwest::ClientBuilder {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only where another thread was faster, which is as good.
        let _installed = rustls::crypto::ring::default_provider().install_default();
    }
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // Bodies are unpacked where their size is watched.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .http2_max_header_list_size(HEAD_LIMIT as u32)
}

/// A client for one request that is no provider's.
pub(crate) fn plain_client(
    tls: bool,
    set_up: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> reqwest::Result<reqwest::Client> {
    let builder = set_up(bare());
    // Without TLS the system's certificates need not be read.
    if tls { builder.build() } else { builder.tls_certs_only([]).build() }
}

fn bad_ca() -> ProviderError {
    ProviderError::because(Category::BadRequest, "bad_ca", "the certificates of the CA file cannot be read")
}

/// Refuses a call that cannot succeed before anything leaves.
pub(super) fn require_key(vendor: &Vendor, endpoint: &Endpoint) -> Result<(), ProviderError> {
    let has_key = endpoint.key.as_ref().is_some_and(|key| !key.is_empty())
        || endpoint.identity.as_ref().is_some_and(Identity::stands_alone);
    if vendor.key == KeyNeed::Required && !has_key {
        return Err(ProviderError::because(Category::MissingKey, "no_key", "no key is set"));
    }
    Ok(())
}

/// The headers of every request to this endpoint: the user's own, then the key.
///
/// # Errors
/// `bad_request` / `bad_header` and `rejected_key` / `key_not_ascii`; neither repeats a value.
pub(super) fn standing_headers(vendor: &Vendor, endpoint: &Endpoint) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::new();
    if let Some(key) = endpoint.key.as_ref().filter(|key| !key.is_empty())
        && let Some((name, value)) = auth_header(vendor.auth, key.expose())?
    {
        headers.insert(name, value);
    }
    for field in &vendor.fields {
        if let (Some(header), Some(value)) = (&field.header, filled(endpoint, &field.id)) {
            let (name, value) = own_header(header, value)?;
            headers.insert(name, value);
        }
    }
    for (name, value) in &endpoint.headers {
        let (name, value) = own_header(name, value)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// What goes along with every request in its query: the vendor's own fields that go there.
pub(super) fn standing_query(vendor: &Vendor, endpoint: &Endpoint) -> Vec<(String, String)> {
    let fields = vendor.fields.iter().filter_map(|field| Some((field.query.clone()?, filled(endpoint, &field.id)?)));
    fields.map(|(name, value)| (name, value.trim().to_owned())).collect()
}

/// Who shall serve models, where the vendor's names can say so and a person chose.
pub(super) fn routing(vendor: &Vendor, endpoint: &Endpoint) -> Option<String> {
    let chosen = filled(endpoint, "routing").filter(|_| vendor.has(Quirk::RoutingSuffixes))?;
    Some(chosen.trim().to_owned())
}

fn filled<'a>(endpoint: &'a Endpoint, field: &str) -> Option<&'a str> {
    endpoint.fields.get(field).map(String::as_str).filter(|value| !value.trim().is_empty())
}

/// The name of the header that carries the key, where one goes along.
pub(super) fn key_header(vendor: &Vendor, endpoint: &Endpoint) -> Option<HeaderName> {
    let key = endpoint.key.as_ref().filter(|key| !key.is_empty())?;
    auth_header(vendor.auth, key.expose()).ok().flatten().map(|(name, _)| name)
}

fn auth_header(style: AuthStyle, key: &str) -> Result<Option<(HeaderName, HeaderValue)>, ProviderError> {
    let (name, text) = match style {
        // What opens the door goes on each request by itself.
        AuthStyle::Aws | AuthStyle::Google | AuthStyle::Copilot | AuthStyle::None => return Ok(None),
        AuthStyle::Bearer => (header::AUTHORIZATION, Zeroizing::new(format!("Bearer {key}"))),
        AuthStyle::XApiKey => (HeaderName::from_static("x-api-key"), Zeroizing::new(key.to_owned())),
        AuthStyle::XGoogApiKey => (HeaderName::from_static("x-goog-api-key"), Zeroizing::new(key.to_owned())),
        // Where keys go as `api-key` (Azure), access tokens go as everywhere.
        AuthStyle::ApiKey if is_jwt(key) => (header::AUTHORIZATION, Zeroizing::new(format!("Bearer {key}"))),
        AuthStyle::ApiKey => (HeaderName::from_static("api-key"), Zeroizing::new(key.to_owned())),
    };
    let unfit = || {
        let message = "the key holds characters that no key has: white space, control or non-ASCII characters";
        ProviderError::because(Category::RejectedKey, "key_not_ascii", message)
    };
    if !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(unfit());
    }
    let mut value = HeaderValue::from_str(&text).map_err(|_| unfit())?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

fn is_jwt(key: &str) -> bool {
    key.starts_with("eyJ") && key.split('.').count() == 3
}

/// Headers that frame the message or name a web page: none of the user's business, and `Origin` is refused by vendors.
const RESERVED: [HeaderName; 11] = [
    header::HOST,
    header::ORIGIN,
    header::REFERER,
    header::COOKIE,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::TRANSFER_ENCODING,
    header::TE,
    header::UPGRADE,
    header::ACCEPT_ENCODING,
];

fn own_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ProviderError> {
    let bad = |what: &str| ProviderError::because(Category::BadRequest, "bad_header", what.to_owned());
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| bad("a header's name cannot be sent"))?;
    if RESERVED.contains(&name) {
        return Err(bad(&format!("the header {name} cannot be set by hand")));
    }
    let mut value = HeaderValue::from_str(value.trim())
        .map_err(|_| bad(&format!("the value of the header {name} cannot be sent")))?;
    // It may be a key: nothing says what the user puts here.
    value.set_sensitive(true);
    Ok((name, value))
}
