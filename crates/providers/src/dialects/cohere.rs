//! The dialect of Cohere's API v2: chat and embeddings there, the list of models still below v1.
//!
//! What a model of the vendor takes and refuses is data: [`crate::catalog::ModelRule`].

mod assemble;
mod calls;
mod decode;
mod embed;
mod encode;
mod messages;
mod models;
mod sources;
mod thinking;
mod usage;
mod wire;

use crate::{
    Category, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::Vendor,
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    framing::Framed,
};

/// What people paste behind the address: the paths of both versions, and of the API that is compatible with OpenAI's.
const TAILS: [&str; 11] = [
    "/compatibility/v1/chat/completions",
    "/compatibility/v1",
    "/v2/chat",
    "/v2/embed",
    "/v2/rerank",
    "/v2",
    "/v1/models",
    "/v1/chat",
    "/v1/embed",
    "/v1/check-api-key",
    "/v1",
];

/// A word on the list of what must not be said, in the question or in the answer.
const DENIED: u16 = 498;

/// Cohere v2.
#[derive(Clone, Copy, Debug)]
pub struct Cohere;

impl Dialect for Cohere {
    /// Requests name their version themselves, so that what is left is the path of a proxy, if any.
    fn base_path(&self, typed: &str) -> String {
        TAILS.iter().find_map(|tail| typed.strip_suffix(tail)).unwrap_or(typed).to_owned()
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        Ok(WireRequest::post("v2/chat", encode::body(vendor, request, stream)?, stream))
    }

    fn decoder(&self, _vendor: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(decoder())
    }

    fn response(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let mut decoder = decoder();
        let mut events = Vec::new();
        let whole = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
        whole.map(|()| fold::fold(events)).map_err(|error| failure::with_head(error, head))
    }

    fn error(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        let error = failure::response_error(head, body);
        // With others the number means that there is no room.
        if head.status == DENIED { ProviderError { category: Category::Refused, ..error } } else { error }
    }

    fn models(&self, _vendor: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        Some(WireRequest::get(models::path(page)))
    }

    fn model_list(
        &self,
        _vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        models::page(body).map_err(|error| failure::with_head(error, head))
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        WireRequest::get(vendor.check_path.as_deref().unwrap_or("v1/models?page_size=1"))
    }

    fn embed(&self, _vendor: &Vendor, request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        Ok(WireRequest::post("v2/embed", embed::body(request), false))
    }

    fn embeddings(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        embed::vectors(body).map_err(|error| failure::with_head(error, head))
    }
}

fn decoder() -> Framed<decode::Answer> {
    Framed::new(decode::Answer::default(), false)
}
