//! The seam between a wire dialect and the transport. A dialect is pure: no I/O, no clock, no environment.

use crate::{
    Category, ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::Vendor, embed::NO_EMBEDDINGS,
};

/// An HTTP request without its address' origin and without credentials: the transport adds both.
#[derive(Clone, Debug, PartialEq)]
pub struct WireRequest {
    /// `GET` or `POST`.
    pub method: http::Method,
    /// Joined to the [`Dialect::base_path`] of the base URL, e.g. `chat/completions`. A `?query` is kept.
    pub path: String,
    /// Headers beyond those the transport sets (auth, content type, user agent).
    pub headers: Vec<(&'static str, String)>,
    /// JSON text of a `POST`; see [`crate::json::Json`].
    pub body: Option<String>,
    /// True where the answer shall stream: the transport asks for `text/event-stream`, unless `headers` name another
    /// `accept`, and for uncompressed bytes.
    pub stream: bool,
    /// Another host of the vendor that answers it, where the address is the vendor's own.
    pub host: Option<OtherHost>,
}

/// One of several hosts of a vendor, told by the beginnings of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherHost {
    /// How the host of the address begins: `bedrock-runtime.`.
    pub instead_of: &'static str,
    /// How this one does: `bedrock.`.
    pub begins: &'static str,
    /// How both end. A host that ends otherwise is somebody's proxy, and stays.
    pub ends: &'static [&'static str],
}

impl OtherHost {
    /// Leads an address there; one that is not the vendor's own stays as it is.
    pub(crate) fn apply(&self, url: &mut url::Url) {
        let host = url.host_str().unwrap_or_default();
        let rest = host.strip_prefix(self.instead_of);
        if let Some(rest) = rest.filter(|rest| self.ends.iter().any(|end| rest.ends_with(end))) {
            let other = format!("{}{rest}", self.begins);
            // A name made of a name's letters is one.
            let _set = url.set_host(Some(&other));
        }
    }
}

impl WireRequest {
    /// Whether its path is a whole address, as a vendor's `check_path` may be.
    pub(crate) fn is_whole(&self) -> bool {
        ["https://", "http://"].iter().any(|scheme| self.path.starts_with(scheme))
    }

    /// A `GET` whose answer comes whole.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: http::Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            stream: false,
            host: None,
        }
    }

    /// A `POST` of JSON.
    pub fn post(path: impl Into<String>, body: impl Into<crate::json::Json>, stream: bool) -> Self {
        let body = Some(body.into().text());
        Self { method: http::Method::POST, path: path.into(), headers: Vec::new(), body, stream, host: None }
    }
}

/// A response head, as far as a dialect may see it. Header names are lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(String, String)>,
}

impl ResponseHead {
    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Turns the bytes of one streamed answer into events. Bytes may be cut anywhere; memory is bounded.
pub trait StreamDecoder: Send {
    /// Takes more bytes. Events found are appended to `out`, also when an error follows them.
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError>;

    /// The body ended cleanly. An answer without its terminal event is a `broken_stream` error here
    /// (cause `cut_off`), unless the vendor's data says the dialect has none.
    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError>;

    /// True once the terminal event was seen: the transport may stop reading.
    fn is_done(&self) -> bool;

    /// Counts parsed events of any kind, pings and comments excepted: the idle clock restarts when it rises.
    fn events_seen(&self) -> u64;

    /// Counts pieces of content (text, reasoning, tool calls, media): the progress clock restarts when it rises.
    fn progress_seen(&self) -> u64;
}

/// A wire dialect.
pub trait Dialect: Send + Sync {
    /// The path that requests are joined to, out of the path of the address a person typed (never ending in `/`,
    /// empty for a bare origin): pasted whole endpoints lose their tail, bare origins get the version they lack.
    fn base_path(&self, typed: &str) -> String;

    /// The same at this vendor, whose data may say that nothing is lacking.
    fn base_path_at(&self, _vendor: &Vendor, typed: &str) -> String {
        self.base_path(typed)
    }

    /// Encodes a chat completion request.
    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError>;

    /// The same request without what this refusal says the account may not have, where an answer is as good without it;
    /// `None` where that was not why, or nothing is left to take away.
    fn without(&self, _request: &ChatRequest, _refusal: &ProviderError) -> Option<ChatRequest> {
        None
    }

    /// A decoder for one streamed answer.
    fn decoder(&self, vendor: &Vendor) -> Box<dyn StreamDecoder>;

    /// Decodes a whole answer. An error object inside a 200 is an error.
    fn response(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError>;

    /// Reads a failure out of an answer of any status, any content type, any size the transport let through.
    fn error(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError;

    /// The request for a page of the model list; `None` where the vendor has none.
    fn models(&self, vendor: &Vendor, page: Option<&str>) -> Option<WireRequest>;

    /// Decodes a page of the model list and the token of the next page.
    fn model_list(
        &self,
        vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError>;

    /// The free request that proves address and key.
    fn check(&self, vendor: &Vendor) -> WireRequest;

    /// Encodes a request for embeddings.
    ///
    /// # Errors
    /// `bad_request` / `no_embeddings` where the dialect has none.
    fn embed(&self, vendor: &Vendor, _request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        Err(no_embeddings(vendor))
    }

    /// Decodes the vectors, in the order of the inputs; where one of them is no vector, that one is an error. An
    /// error object inside a 200 is an error of the whole.
    fn embeddings(&self, vendor: &Vendor, _head: &ResponseHead, _body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        Err(no_embeddings(vendor))
    }
}

fn no_embeddings(vendor: &Vendor) -> ProviderError {
    let message = format!("{} makes no embeddings", vendor.name);
    ProviderError::because(Category::BadRequest, NO_EMBEDDINGS, message)
}
