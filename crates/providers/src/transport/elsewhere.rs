//! Requests whose answers take more than one exchange: asked by who knows how they belong together.

use http::{HeaderValue, Method, header};
use tokio::time::Instant;
use url::Url;

use super::{ByteStream, HttpProvider, Reading, body, head_of, reading, sniff, unpack};
use crate::dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest};
use crate::traffic::{Exchange, tapped};
use crate::{CancellationToken, EventStream, ProviderError};

impl HttpProvider {
    /// One exchange with a whole answer; `recorded` is what it is for and the model, where it may be recorded.
    ///
    /// # Errors
    /// As for every request.
    pub(crate) async fn ask(
        &self,
        by: &dyn Dialect,
        wire: WireRequest,
        cancel: &CancellationToken,
        recorded: Option<(&'static str, &str)>,
    ) -> Result<(ResponseHead, Vec<u8>), ProviderError> {
        let exchange = recorded.and_then(|(kind, model)| self.exchange(kind, Some(model)));
        self.fetch(by, wire, body::LIST_LIMIT, self.clocks.lookup, cancel, exchange).await
    }

    /// The events of a body, under the clocks of this provider; their end is noted where they are recorded.
    pub(crate) fn read(
        &self,
        body: ByteStream,
        decoder: Box<dyn StreamDecoder>,
        started: Instant,
        cancel: CancellationToken,
        exchange: Option<Exchange>,
    ) -> EventStream {
        let (peer, hidden) = (self.base.authority(), self.hidden.clone());
        let events = Reading { decoder, clocks: self.clocks, started, cancel, peer, hidden }.events(body);
        match exchange {
            Some(exchange) => exchange.watch(events),
            None => events,
        }
    }

    /// The body of an event stream at an address that the vendor gave. Key and headers go along where the address is the
    /// provider's own, or `trusted` says so. What comes is noted in `exchange`, where there is one.
    ///
    /// # Errors
    /// As for every request.
    pub(crate) async fn stream_at(
        &self,
        by: &dyn Dialect,
        url: Url,
        trusted: bool,
        started: Instant,
        exchange: Option<&Exchange>,
    ) -> Result<ByteStream, ProviderError> {
        let opened = self.opened_at(by, url, trusted, started, exchange).await;
        if let (Err(_), Some(exchange)) = (&opened, exchange) {
            exchange.ended(&opened);
        }
        Ok(tapped(opened?, exchange))
    }

    async fn opened_at(
        &self,
        by: &dyn Dialect,
        url: Url,
        trusted: bool,
        started: Instant,
        exchange: Option<&Exchange>,
    ) -> Result<ByteStream, ProviderError> {
        let peer = self.base.authority();
        let own = url.origin() == self.base.url().origin();
        let mut request = reqwest::Request::new(Method::GET, url);
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if own || trusted {
            self.headers.iter().for_each(|(name, value)| drop(headers.insert(name, value.clone())));
        }
        let response = self.sent(request, started + self.clocks.first_event, exchange).await?;
        let head = head_of(&response);
        if !(200..300).contains(&head.status) {
            let body = body::beginning(response, self.clocks.error_body, exchange).await;
            return Err(self.hidden.clean(by.error(&self.vendor, &head, &body)));
        }
        if sniff::says_html(head.header("content-type")) {
            return Err(ProviderError { status: Some(head.status), ..self.got_html() });
        }
        unpack::body(response, &peer)
    }

    /// Whether an address is of the same origin as the provider's own.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        self.base.url().host_str() == Some(host)
    }

    /// What no error may repeat.
    pub(crate) fn clean(&self, error: ProviderError) -> ProviderError {
        self.hidden.clean(error)
    }

    /// Why nothing can be asked at all, where that is known before.
    ///
    /// # Errors
    /// `missing_key`.
    pub(crate) fn ready(&self) -> Result<(), ProviderError> {
        self.ready_to_send()
    }

    /// What a stopped request says.
    pub(crate) fn stopped() -> ProviderError {
        reading::cancelled()
    }
}
