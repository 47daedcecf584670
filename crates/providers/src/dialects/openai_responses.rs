//! The dialect OpenAI Responses, as OpenAI, xAI and the servers compatible with it speak it.
//!
//! Nothing is kept at the vendor: every request holds the whole conversation, with the reasoning items as they came.
//! Lists of models, checks and embeddings are those of [`super::openai_chat`]: it is the same API.

mod assemble;
mod calls;
mod decode;
mod encode;
mod items;
mod opaque;
mod sources;
mod usage;
mod wire;

use super::openai_chat::OpenaiChat;
use crate::{
    ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::{Quirk, Vendor},
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    framing::Framed,
};

/// OpenAI Responses.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiResponses;

impl Dialect for OpenaiResponses {
    fn base_path(&self, typed: &str) -> String {
        OpenaiChat.base_path(typed)
    }

    fn base_path_at(&self, vendor: &Vendor, typed: &str) -> String {
        OpenaiChat.base_path_at(vendor, typed)
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        Ok(WireRequest::post("responses", encode::body(vendor, request, stream)?, stream))
    }

    fn without(&self, request: &ChatRequest, refusal: &ProviderError) -> Option<ChatRequest> {
        encode::without_summary(request, refusal)
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
        OpenaiChat.models(vendor, page)
    }

    fn model_list(
        &self,
        vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        OpenaiChat.model_list(vendor, head, body)
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        OpenaiChat.check(vendor)
    }

    fn embed(&self, vendor: &Vendor, request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        OpenaiChat.embed(vendor, request)
    }

    fn embeddings(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        OpenaiChat.embeddings(vendor, head, body)
    }
}

fn decoder(vendor: &Vendor) -> Framed<decode::Answer> {
    Framed::new(decode::Answer::new(vendor), vendor.has(Quirk::InlineMedia))
}
