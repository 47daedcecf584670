//! Speaks HTTP for a dialect: one request, its answer under clocks and cancellation, never a redirect.

mod address;
mod asking;
mod authority;
mod balance;
mod body;
mod checks;
mod client;
mod clocks;
mod elsewhere;
mod fault;
mod github;
mod hidden;
mod initiator;
mod learned;
mod plain;
mod probe;
mod proxy;
mod reading;
mod recording;
mod sign_in;
mod sniff;
mod surroundings;
mod unpack;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use tokio::time::Instant;

pub use address::{BaseUrl, origin, sends_in_clear};
use authority::Authority;
pub use checks::{check_ca, check_header, key_header};
pub(crate) use client::plain_client;
pub use clocks::Clocks;
pub use hidden::Hidden;
pub use plain::get_document;
pub use proxy::{Proxy, ProxyServer, check_proxy, proxy_in_effect};
pub use reading::{ByteStream, Reading};
pub use sign_in::{DeviceSignIn, SignedIn};
pub use surroundings::Surroundings;

use crate::catalog::{Quirk, Vendor, VendorTimeouts};
use crate::credential::Identity;
use crate::dialect::{Dialect, ResponseHead, WireRequest};
use crate::dialects::dialect;
use crate::traffic::{Exchange, Recorder};
use crate::{CancellationToken, Category, ChatRequest, ModelInfo, ProviderError, Secret};
use client::Line;
use fault::Stage;
use proxy::Hop;
use recording::Recording;

/// A model list ends after so many pages, whatever the vendor says.
const MAX_PAGES: usize = 50;

/// Where and how to reach one configured vendor.
#[derive(Default)]
pub struct Endpoint {
    /// As the user typed it; see [`BaseUrl::parse`].
    pub base_url: String,
    /// The key, where there is one.
    pub key: Option<Secret>,
    /// Whose key it is, where the key alone does not say enough.
    pub identity: Option<Identity>,
    /// Headers of the user, which win over ours. Their values are treated as secrets.
    pub headers: Vec<(String, String)>,
    /// Values of the vendor's own fields, by their ids. One that is no longer in the vendor's file is left out.
    pub fields: BTreeMap<String, String>,
    /// Waiting times that win over the vendor's.
    pub timeouts: VendorTimeouts,
    /// Which proxy.
    pub proxy: Proxy,
    /// Certificates of further issuers to trust, PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// A folder of the app's own, for programs that it starts.
    pub folder: Option<PathBuf>,
    /// Who keeps exchanges, where they may be kept.
    pub recorder: Option<Arc<Recorder>>,
    /// The time and the environment, for ways in that need them.
    pub around: Surroundings,
}

/// A vendor over HTTP. Keep it: it holds the connections, and making one reads the system's certificates.
pub struct HttpProvider {
    vendor: Arc<Vendor>,
    dialect: &'static dyn Dialect,
    base: BaseUrl,
    clocks: Clocks,
    line: Line,
    headers: HeaderMap,
    /// Whether the address is the vendor's own.
    at_home: bool,
    /// Who shall serve models whose names do not say so.
    routing: Option<String>,
    /// Goes along with every request: the vendor's own fields that are no headers.
    query: Vec<(String, String)>,
    /// What opens the door, where the key in its header does not.
    authority: Option<Arc<dyn Authority>>,
    hidden: Arc<Hidden>,
    /// The proxy that its requests take.
    hop: Option<Arc<Hop>>,
    recording: Option<Recording>,
    /// The refusal every call gets where no key is set; nothing leaves then.
    keyless: Option<ProviderError>,
    /// What a model may not be sent for this account, as it was said first; see [`Dialect::without`].
    denied: Mutex<HashMap<String, ProviderError>>,
}

impl HttpProvider {
    /// Checks the endpoint; nothing is sent. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// `bad_request` with the causes `bad_base_url`, `bad_header`, `bad_proxy`, `bad_ca`; `rejected_key` / `key_not_ascii`;
    /// `internal` / `client`. A missing key is told by each call instead.
    pub fn new(vendor: Arc<Vendor>, dialect: &'static dyn Dialect, endpoint: Endpoint) -> Result<Self, ProviderError> {
        let base = BaseUrl::parse(&endpoint.base_url)?;
        let clocks = Clocks::of(&vendor, &endpoint.timeouts);
        let set = Hop::set(&base, &endpoint.proxy)?;
        let mut hidden = Hidden::of(&endpoint, set.as_ref());
        let hop = set.filter(|_| !base.is_loopback()).map(Arc::new);
        let line = Line::new(base.clone(), endpoint.ca_pem.clone(), clocks, hop.clone())?;
        let authority = authority::of(&vendor, &endpoint, &line.client(), &clocks)?;
        hidden.and_of(authority.as_ref());
        Ok(Self {
            line,
            authority,
            at_home: vendor.is_home(&endpoint.base_url),
            routing: client::routing(&vendor, &endpoint),
            query: client::standing_query(&vendor, &endpoint),
            headers: client::standing_headers(&vendor, &endpoint)?,
            recording: endpoint.recorder.as_ref().map(|to| Recording::new(to, &vendor, &endpoint, &hidden)),
            hidden: Arc::new(hidden),
            hop,
            keyless: client::require_key(&vendor, &endpoint).err(),
            denied: Mutex::default(),
            vendor,
            dialect,
            base,
            clocks,
        })
    }

    /// The wire of a request: that of the provider unless the vendor's data or its list names another.
    fn dialect_of(&self, request: &ChatRequest) -> &'static dyn Dialect {
        let id = self.vendor.dialect_for(&request.model, request.wire);
        if id == self.vendor.dialect { self.dialect } else { dialect(id).unwrap_or(self.dialect) }
    }

    /// The chat as it goes out, but for what opens the door.
    fn chat(&self, by: &dyn Dialect, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        let mut wire = by.chat(&self.vendor, request, stream)?;
        if self.vendor.has(Quirk::SaysWhoAsks) {
            wire.headers.extend(initiator::headers(request));
        }
        Ok(wire)
    }

    /// The request as it goes out, but for what opens the door.
    fn request(&self, by: &dyn Dialect, base: &BaseUrl, wire: &WireRequest) -> Result<reqwest::Request, ProviderError> {
        let unfit = |what| ProviderError::because(Category::Internal, "bad_request", what);
        // What begins with a slash lies beside the API, not below it.
        let below = |typed: &str| {
            if wire.path.starts_with('/') { String::new() } else { by.base_path_at(&self.vendor, typed) }
        };
        let elsewhere = wire.is_whole().then(|| url::Url::parse(&wire.path));
        let mut url = match elsewhere {
            Some(whole) => whole.map_err(|_| unfit("an address of the dialect cannot be read"))?,
            None => base.join(below, &wire.path),
        };
        if let Some(beside) = &wire.host {
            beside.apply(&mut url);
        }
        let said: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        // What the request says itself is not said twice.
        for (name, value) in self.query.iter().filter(|(name, _)| !said.contains(name)) {
            url.query_pairs_mut().append_pair(name, value);
        }
        let mut request = reqwest::Request::new(wire.method.clone(), url);
        let headers = request.headers_mut();
        if wire.stream {
            headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        } else {
            headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(unpack::KNOWN));
        }
        for (name, value) in &wire.headers {
            let value = HeaderValue::from_str(value).map_err(|_| unfit("a header of the dialect cannot be sent"))?;
            headers.insert(*name, value);
        }
        if wire.body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if let Some(body) = &wire.body {
            *request.body_mut() = Some(body.clone().into());
        }
        Ok(request)
    }

    /// The request with the door open, and the stamp of what opened it.
    async fn opened(&self, by: &dyn Dialect, wire: &WireRequest) -> Result<(reqwest::Request, u64), ProviderError> {
        let Some(authority) = &self.authority else { return Ok((self.request(by, &self.base, wire)?, 0)) };
        let base = authority.base().await?;
        let mut request = self.request(by, base.as_ref().unwrap_or(&self.base), wire)?;
        authority.open(&mut request).await?;
        Ok((request, authority.stamp()))
    }

    /// The record of an exchange that begins, where it is kept.
    pub(crate) fn exchange(&self, kind: &'static str, model: Option<&str>) -> Option<Exchange> {
        let wire = model.map_or(self.vendor.dialect, |model| self.vendor.dialect_of(model));
        self.recording.as_ref()?.begin(kind, wire.as_str(), model)
    }

    /// The same of a chat.
    fn chat_exchange(&self, kind: &'static str, request: &ChatRequest) -> Option<Exchange> {
        let wire = self.vendor.dialect_for(&request.model, request.wire);
        self.recording.as_ref()?.begin(kind, wire.as_str(), Some(&request.model))
    }

    /// Sends, and returns once a good head is there: a second time where the first was refused for what only opens the
    /// door, and that could be made anew.
    async fn open(
        &self,
        by: &dyn Dialect,
        wire: WireRequest,
        deadline: Instant,
        exchange: Option<&Exchange>,
    ) -> Result<reqwest::Response, ProviderError> {
        let (refusal, head) = match self.open_once(by, &wire, deadline, exchange).await {
            Ok(response) => return Ok(response),
            Err(refused) => *refused,
        };
        if let (Some(authority), Some((head, stamp))) = (&self.authority, head)
            && authority.renew_from(stamp, &head, &refusal).await
        {
            return self.open_once(by, &wire, deadline, exchange).await.map_err(|refused| refused.0);
        }
        Err(refusal)
    }

    /// A refusal is read and told as the dialect reads it, with its head and the stamp of what had opened the door.
    async fn open_once(
        &self,
        by: &dyn Dialect,
        wire: &WireRequest,
        deadline: Instant,
        exchange: Option<&Exchange>,
    ) -> Result<reqwest::Response, Box<(ProviderError, Option<(ResponseHead, u64)>)>> {
        let late = || reading::timeout("first_event_timeout", "no answer began in time", &self.base.authority());
        let bare = |error| Box::new((error, None));
        let request = tokio::time::timeout_at(deadline, self.opened(by, wire)).await;
        let opened = request.map_err(|_| bare(late()))?;
        let (request, stamp) = opened.map_err(|error| bare(self.hidden.clean(error)))?;
        let response = self.sent(request, deadline, exchange).await.map_err(bare)?;
        let head = head_of(&response);
        if (200..300).contains(&head.status) {
            if sniff::says_html(head.header("content-type")) {
                return Err(bare(ProviderError { status: Some(head.status), ..self.got_html() }));
            }
            return Ok(response);
        }
        let body = body::beginning(response, self.clocks.error_body, exchange).await;
        if head.status == 400 && !self.base.is_tls() && sniff::wants_tls(&body) {
            return Err(bare(fault::needs_tls(&self.base.authority())));
        }
        let error = self.hidden.clean(by.error(&self.vendor, &head, &body));
        let error = if says_nothing(&error) { astray(error) } else { error };
        Err(Box::new((error, Some((head, stamp)))))
    }

    /// Sends, and returns once a head is there that is the vendor's own.
    async fn sent(
        &self,
        request: reqwest::Request,
        deadline: Instant,
        exchange: Option<&Exchange>,
    ) -> Result<reqwest::Response, ProviderError> {
        let peer = self.base.authority();
        if let (Some(exchange), Some(recording)) = (exchange, &self.recording) {
            exchange.sent(recording.sent(&request, &self.headers));
        }
        let response = match tokio::time::timeout_at(deadline, self.line.client().execute(request)).await {
            Err(_) => return Err(reading::timeout("first_event_timeout", "no answer began in time", &peer)),
            Ok(Err(error)) => return Err(self.unsent(&error).await),
            Ok(Ok(response)) => response,
        };
        let size: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if size > client::HEAD_LIMIT {
            let message = format!("the head of the answer is larger than allowed ({peer})");
            return Err(ProviderError::because(Category::BrokenStream, "too_large", message));
        }
        let head = head_of(&response);
        if let Some(exchange) = exchange {
            exchange.head(&head);
        }
        if let Some(refusal) = self.hop.as_ref().and_then(|hop| hop.refusal(&head)) {
            return Err(refusal);
        }
        if (300..400).contains(&head.status) {
            return Err(self.redirected(&head));
        }
        Ok(response)
    }

    /// Why no answer began.
    async fn unsent(&self, error: &reqwest::Error) -> ProviderError {
        let peer = self.base.authority();
        match &self.hop {
            Some(hop) => match hop.blame(error, &peer).await {
                Some(blamed) => blamed,
                None => fault::read(error, Stage::Head, &peer),
            },
            None => {
                let read = fault::read(error, Stage::Head, &peer);
                let puzzling = !self.base.is_tls() && matches!(read.cause, Some("not_http" | "reset"));
                if puzzling && probe::speaks_tls(&self.base).await { fault::needs_tls(&peer) } else { read }
            }
        }
    }

    /// Sends and reads a whole good body of at most `limit` bytes, all within `patience` and `cancel`.
    async fn fetch(
        &self,
        by: &dyn Dialect,
        wire: WireRequest,
        limit: usize,
        patience: Duration,
        cancel: &CancellationToken,
        exchange: Option<Exchange>,
    ) -> Result<(ResponseHead, Vec<u8>), ProviderError> {
        self.ready_to_send()?;
        let exchange = exchange.as_ref();
        let peer = self.base.authority();
        let deadline = Instant::now() + patience;
        let work = async {
            let response = self.open(by, wire, deadline, exchange).await?;
            let head = head_of(&response);
            let body = tokio::time::timeout_at(deadline, body::whole(response, limit, &peer, exchange))
                .await
                .map_err(|_| reading::timeout("answer_timeout", "the answer did not come in time", &peer))??;
            let mut sniffer = sniff::Sniffer::default();
            match sniffer.look(&body) {
                sniff::Opening::Markup => Err(ProviderError { status: Some(head.status), ..self.got_html() }),
                sniff::Opening::Blank => {
                    let message = format!("the answer is empty ({peer})");
                    Err(ProviderError::because(Category::BrokenStream, "empty", message))
                }
                sniff::Opening::Data => Ok((head, body)),
            }
        };
        let result = cancel.run_until_cancelled(work).await.unwrap_or_else(|| Err(reading::cancelled()));
        if let Some(exchange) = exchange {
            exchange.ended(&result);
        }
        result
    }

    fn list(&self, head: &ResponseHead, body: &[u8]) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        self.dialect.model_list(&self.vendor, head, body).map_err(|e| self.hidden.clean(e))
    }

    fn ready_to_send(&self) -> Result<(), ProviderError> {
        self.keyless.clone().map_or(Ok(()), Err)
    }

    fn got_html(&self) -> ProviderError {
        let message = format!("this is not the API: the answer is an HTML page ({})", self.base.authority());
        ProviderError::because(Category::BrokenStream, "got_html", message)
    }

    /// Names only the origin of the target: its path and query may hold anything.
    fn redirected(&self, head: &ResponseHead) -> ProviderError {
        let from = self.base.authority();
        let target = head.header("location").and_then(|to| self.base.join(str::to_owned, "").join(to).ok());
        let message = match target {
            Some(to) if to.has_host() => format!("the base URL redirects to {} ({from})", address::origin_of(&to)),
            _ => format!("the base URL redirects elsewhere ({from})"),
        };
        let error = ProviderError::because(Category::BadRequest, "redirected", message);
        ProviderError { status: Some(head.status), ..error }
    }
}

/// A page that is not there, and no word of an API about it.
fn says_nothing(error: &ProviderError) -> bool {
    let is_number = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
    error.category == Category::BadRequest && error.code.as_deref().is_none_or(is_number)
}

/// There is nothing at a path that every API of the kind has: the address is wrong.
fn astray(error: ProviderError) -> ProviderError {
    match error.status {
        // Where an account may not come in, the address is right.
        Some(404 | 405) if error.category != Category::Forbidden => {
            ProviderError { category: Category::BadRequest, cause: Some("no_api"), ..error }
        }
        _ => error,
    }
}

fn head_of(response: &reqwest::Response) -> ResponseHead {
    let headers = response.headers().iter();
    ResponseHead {
        status: response.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
    }
}
