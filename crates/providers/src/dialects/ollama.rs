//! The dialect of Ollama's own API: one JSON object a line, tool calls whole, everything else in one answer.
//!
//! Source of the wire facts: Ollama's `api/types.go`, `server/routes.go` and the pages of its `docs/api`.

mod assemble;
mod decode;
mod embed;
mod encode;
mod models;
mod wire;

use crate::{
    ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::{Quirk, Vendor},
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    framing::Lines,
};

/// What people paste behind the address: the paths of both of its APIs.
const TAILS: [&str; 8] =
    ["/api/chat", "/api/generate", "/api/embed", "/api/tags", "/v1/chat/completions", "/v1/models", "/api", "/v1"];

/// Ollama.
#[derive(Clone, Copy, Debug)]
pub struct Ollama;

impl Dialect for Ollama {
    /// Requests name `api/…` themselves, so that what is left is the path of a proxy, if any.
    fn base_path(&self, typed: &str) -> String {
        TAILS.iter().find_map(|tail| typed.strip_suffix(tail)).unwrap_or(typed).to_owned()
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        let mut wire = WireRequest::post("api/chat", encode::body(vendor, request, stream)?, stream);
        if stream {
            wire.headers.push(("accept", "application/x-ndjson".to_owned()));
        }
        Ok(wire)
    }

    fn decoder(&self, vendor: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(Lines::new(decode::Answer::default(), vendor.has(Quirk::InlineMedia)))
    }

    fn response(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let mut decoder = Lines::whole(decode::Answer::default(), vendor.has(Quirk::InlineMedia));
        let mut events = Vec::new();
        let whole = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
        whole.map(|()| fold::fold(events)).map_err(|error| failure::with_head(error, head))
    }

    fn error(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        failure::response_error(head, body)
    }

    fn models(&self, _vendor: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        // The list has one page.
        page.is_none().then(|| WireRequest::get("api/tags"))
    }

    fn model_list(
        &self,
        _vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        models::list(body).map(|models| (models, None)).map_err(|error| failure::with_head(error, head))
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        WireRequest::get(vendor.check_path.as_deref().unwrap_or("api/version"))
    }

    fn embed(&self, _vendor: &Vendor, request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        Ok(WireRequest::post("api/embed", embed::body(request), false))
    }

    fn embeddings(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        embed::vectors(body).map_err(|error| failure::with_head(error, head))
    }
}
