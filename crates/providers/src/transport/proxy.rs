//! Which proxy the requests to an address take, and what it says when it does not let them through.

use std::error::Error as StdError;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::{BaseUrl, fault, probe};
use crate::dialect::ResponseHead;
use crate::{Category, ProviderError, Secret};

/// Which proxy a provider uses. Loopback addresses never use one.
#[derive(Default)]
pub enum Proxy {
    /// The system's: environment variables, and the desktop's settings on Windows and macOS.
    #[default]
    System,
    /// None.
    Off,
    /// This one.
    Via(ProxyServer),
}

/// A proxy of the user's own.
pub struct ProxyServer {
    /// `http://`, `https://` or `socks5h://` with host and port, and nothing else.
    pub url: String,
    /// Who asks, where it wants to know.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

/// The proxy that a request to an address takes, as `scheme://host:port`, without user and password; `None` where it
/// goes straight there. Nothing is sent, and no name is looked up.
///
/// # Errors
/// `bad_request` with the causes `bad_base_url` and `bad_proxy`; nothing of either address is repeated.
pub fn proxy_in_effect(base_url: &str, proxy: &Proxy) -> Result<Option<String>, ProviderError> {
    Ok(Hop::of(&BaseUrl::parse(base_url)?, proxy)?.map(|hop| hop.origin()))
}

/// Whether an address can be a proxy's.
///
/// # Errors
/// `bad_request` / `bad_proxy`.
pub fn check_proxy(url: &str) -> Result<(), ProviderError> {
    parse(url).map(|_| ())
}

fn parse(url: &str) -> Result<Url, ProviderError> {
    let unfit = || {
        let message = "the proxy's address must be http://, https:// or socks5h:// with a host and nothing more";
        ProviderError::because(Category::BadRequest, "bad_proxy", message)
    };
    let url = Url::parse(url.trim()).map_err(|_| unfit())?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && matches!(url.path(), "" | "/");
    let known = matches!(url.scheme(), "http" | "https" | "socks5h");
    if known && bare && url.host_str().is_some_and(|host| !host.is_empty()) { Ok(url) } else { Err(unfit()) }
}

/// How a proxy learns who asks.
enum Login {
    Nobody,
    /// User and password.
    Named(String, Secret),
    /// A ready `proxy-authorization`.
    Header(HeaderValue),
}

/// A proxy that requests to one address take.
pub(super) struct Hop {
    url: Url,
    login: Login,
    /// The request itself goes to the proxy, which passes it on: so it is with plain HTTP. Else it makes a tunnel.
    forwards: bool,
}

impl Hop {
    /// The proxy for an address; `None` where there is none.
    pub(super) fn of(base: &BaseUrl, proxy: &Proxy) -> Result<Option<Self>, ProviderError> {
        Ok(Self::set(base, proxy)?.filter(|_| !base.is_loopback()))
    }

    /// The proxy that is set, also where a loopback address does not use it.
    pub(super) fn set(base: &BaseUrl, proxy: &Proxy) -> Result<Option<Self>, ProviderError> {
        Ok(match proxy {
            Proxy::Via(server) => Some(Self::own(base, server)?),
            Proxy::Off => None,
            Proxy::System => Self::system(base),
        })
    }

    fn own(base: &BaseUrl, server: &ProxyServer) -> Result<Self, ProviderError> {
        let login = match (&server.user, &server.password) {
            (None, None) => Login::Nobody,
            (user, password) => {
                let password = password.as_ref().map_or_else(|| Secret::from_pasted(""), Secret::duplicate);
                Login::Named(user.clone().unwrap_or_default(), password)
            }
        };
        Ok(Self::new(base, parse(&server.url)?, login))
    }

    fn system(base: &BaseUrl) -> Option<Self> {
        let found = Matcher::from_system().intercept(&base.url().as_str().parse::<Uri>().ok()?)?;
        let (scheme, rest) = found.uri().to_string().split_once("://").map(|(s, r)| (s.to_owned(), r.to_owned()))?;
        // The plain names would have us look up the host, and tell everybody on the way.
        let scheme = match scheme.as_str() {
            "socks5" => "socks5h",
            "socks4" => "socks4a",
            other => other,
        };
        let url = Url::parse(&format!("{scheme}://{rest}")).ok()?;
        let login = match (found.raw_auth(), found.basic_auth()) {
            (Some((user, password)), _) => Login::Named(user.to_owned(), Secret::verbatim(password.to_owned().into())),
            (None, Some(header)) => Login::Header(header.clone()),
            (None, None) => Login::Nobody,
        };
        Some(Self::new(base, url, login))
    }

    fn new(base: &BaseUrl, url: Url, login: Login) -> Self {
        let forwards = matches!(url.scheme(), "http" | "https") && !base.is_tls();
        Self { url, login, forwards }
    }

    /// For the HTTP client.
    pub(super) fn client(&self) -> reqwest::Result<reqwest::Proxy> {
        let proxy = reqwest::Proxy::all(self.url.clone())?;
        Ok(match &self.login {
            Login::Nobody => proxy,
            Login::Named(user, password) => proxy.basic_auth(user, password.expose()),
            Login::Header(value) => proxy.custom_http_auth(value.clone()),
        })
    }

    /// `scheme://host:port`.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.authority())
    }

    /// `host:port`, for messages.
    pub(super) fn authority(&self) -> String {
        let standard = self.url.scheme().starts_with("socks").then_some(1080);
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port_or_known_default().or(standard) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// True where the connection to it is encrypted.
    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The value of `proxy-authorization` that it gets.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        use base64::{Engine, engine::general_purpose::STANDARD};
        match &self.login {
            Login::Nobody => None,
            Login::Header(value) => Some(value.clone()),
            Login::Named(user, password) => {
                let pair = zeroize::Zeroizing::new(format!("{user}:{}", password.expose()));
                HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.as_bytes()))).ok()
            }
        }
    }

    /// The password, or what holds it.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let text = |value: &HeaderValue| value.to_str().ok().map(Secret::from_pasted);
        let bare = |secret: Secret| secret.expose().strip_prefix("Basic ").map(Secret::from_pasted).unwrap_or(secret);
        let header = self.authorization().as_ref().and_then(text).map(bare);
        let password = match &self.login {
            Login::Named(_, password) => Some(password.duplicate()),
            Login::Header(value) => text(value).map(bare).and_then(|coded| password_in(&coded)),
            Login::Nobody => None,
        };
        header.into_iter().chain(password).collect()
    }

    /// What the proxy did, where the failure is its own; `None` where it lies behind it. `target` is `host:port`.
    pub(super) async fn blame(&self, error: &reqwest::Error, target: &str) -> Option<ProviderError> {
        let fault = self.fault(error)?;
        // The client below keeps no more than that the tunnel was refused: the status says why.
        if fault == Fault::Refused && !self.url.scheme().starts_with("socks") && !self.is_tls() {
            let status = probe::tunnel_status(&self.authority(), target, self.authorization()).await;
            return Some(self.told(Fault::of_status(status)));
        }
        Some(self.told(fault))
    }

    fn fault(&self, error: &reqwest::Error) -> Option<Fault> {
        if let Some(fault) = fault::find(error, handshake) {
            let tls = || fault::find(error, fault::is_tls);
            return Some(if fault == Fault::Unreachable && tls().is_some() { Fault::Tls } else { fault });
        }
        if error.is_connect() && error.is_timeout() {
            return Some(Fault::Late);
        }
        if !self.forwards {
            return None;
        }
        if error.is_connect() {
            return Some(fault::find(error, fault::is_tls).unwrap_or(Fault::Unreachable));
        }
        fault::find(error, fault::is_not_http)
    }

    /// What the head of an answer says that the proxy itself gave, instead of passing the request on.
    pub(super) fn refusal(&self, head: &ResponseHead) -> Option<ProviderError> {
        let own_words = || head.header("proxy-status").or(head.header("x-squid-error")).is_some();
        let fault = match head.status {
            407 => Fault::Login,
            403 if own_words() => Fault::Refused,
            502..=504 if own_words() => Fault::NoWay,
            _ => return None,
        };
        self.forwards.then(|| ProviderError { status: Some(head.status), ..self.told(fault) })
    }

    fn told(&self, fault: Fault) -> ProviderError {
        let (category, cause, words) = fault.words();
        let message = format!("the proxy {} {words}", self.authority());
        ProviderError::because(category, cause, message)
    }
}

/// The password inside `user:password` in base64.
fn password_in(coded: &Secret) -> Option<Secret> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let pair = zeroize::Zeroizing::new(String::from_utf8(STANDARD.decode(coded.expose()).ok()?).ok()?);
    let (_, password) = pair.split_once(':')?;
    Some(Secret::verbatim(password.to_owned().into()))
}

/// What a proxy can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It wants to know who asks, or does not believe it.
    Login,
    /// It does not want to connect there.
    Refused,
    /// It cannot connect there.
    NoWay,
    /// Nothing answers where it should be.
    Unreachable,
    /// What answers is none.
    NotOne,
    /// It is not trusted.
    Tls,
    /// It took too long.
    Late,
}

impl Fault {
    fn of_status(status: Option<u16>) -> Self {
        match status {
            Some(407) => Self::Login,
            // Web servers that are no proxy do not know the method, or look for a page of that name.
            None | Some(200..=399 | 400 | 404 | 405 | 501) => Self::NotOne,
            Some(500..) => Self::NoWay,
            Some(_) => Self::Refused,
        }
    }

    fn words(self) -> (Category, &'static str, &'static str) {
        let network = |cause, words| (Category::Network, cause, words);
        match self {
            Self::Login => network("proxy_auth", "did not accept the user name and password"),
            Self::Refused => network("proxy_refused", "refused to connect"),
            Self::NoWay => network("proxy_no_way", "could not reach the server behind it"),
            Self::Unreachable => network("proxy_unreachable", "cannot be reached"),
            Self::NotOne => network("proxy_not_one", "does not answer as a proxy of this kind"),
            Self::Tls => network("proxy_tls", "could not be connected to securely"),
            Self::Late => (Category::Timeout, "proxy_timeout", "did not connect in time"),
        }
    }
}

/// Reads the errors of the client's handshakes with a proxy. Their types have no names outside it, so this is their
/// wording; a test of each keeps it true.
fn handshake(error: &(dyn StdError + 'static)) -> Option<Fault> {
    let said = error.to_string();
    if let Some(what) = said.strip_prefix("tunnel error: ") {
        return Some(match what {
            "proxy authorization required" => Fault::Login,
            "failed to create underlying connection" => Fault::Unreachable,
            "unsuccessful" => Fault::Refused,
            _ => Fault::NotOne,
        });
    }
    Some(match said.strip_prefix("SOCKS error: ")? {
        "failed to create underlying connection" => Fault::Unreachable,
        "connection not allowed" => Fault::Refused,
        "server does not support user/pass authentication"
        | "server implements authentication incorrectly"
        | "credentials not accepted" => Fault::Login,
        "general server failure"
        | "network unreachable"
        | "host unreachable"
        | "connection refused"
        | "ttl expired"
        | "command not supported"
        | "address type not supported" => Fault::NoWay,
        _ => Fault::NotOne,
    })
}
