//! The dialect Anthropic messages, as Anthropic and the servers compatible with it speak it.
//!
//! What a model of the vendor takes and refuses is data: [`crate::catalog::ModelRule`].

pub(crate) mod assemble;
mod blocks;
mod cache;
mod decode;
mod encode;
pub(crate) mod messages;
mod models;
mod sources;
pub(super) mod thinking;
mod usage;
pub(crate) mod wire;

use crate::{
    ChatRequest, ChatResponse, ModelInfo, ProviderError,
    catalog::{Quirk, Vendor, segment},
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    framing::Framed,
    json::Object,
};

/// The version of the API that every request must name.
const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// Anthropic messages.
#[derive(Clone, Copy, Debug)]
pub struct Anthropic;

impl Dialect for Anthropic {
    /// The API stands below `/v1`; the conventional base address leaves it out (`https://host/anthropic`).
    fn base_path(&self, typed: &str) -> String {
        // Vertex AI names its version before the project.
        if typed.contains("/locations/") {
            return typed.to_owned();
        }
        let base = ["/messages", "/models"].iter().find_map(|tail| typed.strip_suffix(tail)).unwrap_or(typed);
        if base.ends_with("/v1") { base.to_owned() } else { format!("{base}/v1") }
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        let body = encode::body(vendor, request, stream)?;
        if vendor.has(Quirk::PublisherPaths) {
            let method = if stream { "streamRawPredict" } else { "rawPredict" };
            let path = format!("publishers/anthropic/models/{}:{method}", segment(&request.model));
            return Ok(WireRequest::post(path, body, stream));
        }
        Ok(versioned(WireRequest::post("messages", body, stream)))
    }

    fn decoder(&self, vendor: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(decoder(vendor))
    }

    fn response(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let mut decoder = decoder(vendor);
        let mut events = Vec::new();
        let whole = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
        whole.map(|()| fold::fold(events)).map_err(|error| failure::with_head(error, head))
    }

    fn error(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        failure::response_error(head, body)
    }

    fn models(&self, vendor: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        (!vendor.has(Quirk::NoModelList)).then(|| versioned(WireRequest::get(models::path(page))))
    }

    fn model_list(
        &self,
        _vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        models::page(head, body)
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        if vendor.has(Quirk::EmptyCheck) {
            let path = vendor.check_path.as_deref().unwrap_or("messages");
            return versioned(WireRequest::post(path, Object::new(), false));
        }
        versioned(WireRequest::get(vendor.check_path.as_deref().unwrap_or("models?limit=1")))
    }
}

fn decoder(vendor: &Vendor) -> Framed<decode::Answer> {
    Framed::new(decode::Answer::new(vendor), vendor.has(Quirk::InlineMedia))
}

fn versioned(mut request: WireRequest) -> WireRequest {
    let (name, value) = VERSION;
    request.headers.push((name, value.to_owned()));
    request
}
