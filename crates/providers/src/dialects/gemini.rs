//! The dialect Gemini, as Google AI Studio and servers compatible with it speak it.
//!
//! Source of the wire facts: Google's REST reference of the Gemini API, the libraries `python-genai` and `vercel/ai`.

mod address;
mod assemble;
mod calls;
mod contents;
mod decode;
mod elements;
mod embed;
mod encode;
mod finish;
mod models;
mod partial;
mod schema;
mod signature;
mod sources;
mod stream;
mod thinking;
mod usage;
mod wire;

use crate::{
    ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::{Quirk, Vendor},
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    json::Object,
};
use serde_json::json;

/// Gemini.
#[derive(Clone, Copy, Debug)]
pub struct Gemini;

impl Dialect for Gemini {
    /// A bare origin, and a path without a version, get `/v1beta`; a pasted method or model list loses its tail.
    fn base_path(&self, typed: &str) -> String {
        address::base_path(typed)
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        // Without `alt=sse` the stream is one JSON array.
        let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
        let path = address::method(vendor, &request.model, method);
        Ok(WireRequest::post(path, encode::body(vendor, request)?, stream))
    }

    fn decoder(&self, vendor: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(stream::Wire::new(vendor.has(Quirk::InlineMedia)))
    }

    fn response(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let mut decoder = stream::Wire::new(vendor.has(Quirk::InlineMedia));
        let mut events = Vec::new();
        let whole = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
        whole.map(|()| fold::fold(events)).map_err(|error| failure::with_head(error, head))
    }

    fn error(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        failure::response_error(head, body)
    }

    fn models(&self, vendor: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        (!vendor.has(Quirk::NoModelList)).then(|| WireRequest::get(models::path(page)))
    }

    fn model_list(
        &self,
        _vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        models::list(body).map_err(|unreadable| or_said(unreadable, head, body))
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        if let Some(model) = vendor.models.first().filter(|_| vendor.has(Quirk::PublisherPaths)) {
            let one = json!([{ "role": "user", "parts": [{ "text": "Hi" }] }]);
            let path = address::method(vendor, &model.id, "countTokens");
            return WireRequest::post(path, Object::new().with("contents", one), false);
        }
        WireRequest::get(vendor.check_path.as_deref().unwrap_or("models?pageSize=1"))
    }

    fn embed(&self, vendor: &Vendor, request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        let (method, body) = match vendor.has(Quirk::PublisherPaths) {
            true => ("predict", embed::instances(request)),
            false => ("batchEmbedContents", embed::body(request)),
        };
        Ok(WireRequest::post(address::method(vendor, &request.model, method), body, false))
    }

    fn embeddings(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        embed::read(body).map_err(|unreadable| or_said(unreadable, head, body))
    }
}

/// What the body says went wrong, where it says anything.
fn or_said(unreadable: ProviderError, head: &ResponseHead, body: &[u8]) -> ProviderError {
    let said = failure::response_error(head, body);
    let better = said.cause.is_some() || said.code.is_some();
    if better { said } else { ProviderError { status: Some(head.status), ..unreadable } }
}
