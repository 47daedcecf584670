//! The dialect of Amazon Bedrock: Converse, answered in binary frames or whole.
//!
//! What a model takes and refuses is data: [`crate::catalog::ModelRule`]. How a model is told to think is its maker's
//! own way, and its name says who that is.

mod assemble;
mod blocks;
mod decode;
mod embed;
mod encode;
mod files;
mod frames;
mod messages;
mod models;
mod refusal;
mod thinking;
mod tools;
mod usage;
mod wire;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::Vendor,
    dialect::{Dialect, OtherHost, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
};

/// A model's name is one segment of a path, whatever it holds: only these stand as they are.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The host that lists models stands beside the one that runs them.
const CONTROL: OtherHost =
    OtherHost { instead_of: "bedrock-runtime", begins: "bedrock", ends: &[".amazonaws.com", ".amazonaws.com.cn"] };
/// A model that is asked with an empty body: to refuse it for that, the vendor has to let the request in first.
const CHECKED: &str = "amazon.nova-micro-v1:0";

/// Amazon Bedrock.
#[derive(Clone, Copy, Debug)]
pub struct Bedrock;

impl Dialect for Bedrock {
    /// The paths stand at the root; what is left is the path of a proxy, if any.
    fn base_path(&self, typed: &str) -> String {
        typed.split("/model/").next().unwrap_or_default().trim_end_matches("/model").to_owned()
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        let body = encode::body(vendor, request)?;
        let way = if stream { "converse-stream" } else { "converse" };
        let mut wire = WireRequest::post(path(&request.model, way), body, stream);
        if stream {
            wire.headers.push(("accept", "application/vnd.amazon.eventstream".to_owned()));
        }
        Ok(wire)
    }

    fn decoder(&self, _vendor: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(frames::Frames::default())
    }

    fn response(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let mut decoder = frames::Frames::default();
        let mut events = Vec::new();
        let whole = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
        whole.map(|()| fold::fold(events)).map_err(|error| failure::with_head(error, head))
    }

    fn error(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        refusal::of_answer(head, body)
    }

    fn models(&self, _vendor: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        Some(WireRequest { host: Some(CONTROL), ..WireRequest::get(models::path(page)) })
    }

    fn model_list(
        &self,
        _vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        models::page(body).map_err(|error| failure::with_head(error, head))
    }

    /// Whoever may list models may not be allowed to use them, and the other way round: what is asked is the chat.
    fn check(&self, vendor: &Vendor) -> WireRequest {
        let path = vendor.check_path.clone().unwrap_or_else(|| path(CHECKED, "converse"));
        WireRequest::post(path, serde_json::json!({}), false)
    }

    fn embed(&self, vendor: &Vendor, request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        Ok(WireRequest::post(path(&request.model, "invoke"), embed::body(vendor, request)?, false))
    }

    fn embeddings(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        embed::vectors(head, body).map_err(|error| failure::with_head(error, head))
    }
}

fn path(model: &str, way: &str) -> String {
    format!("model/{}/{way}", utf8_percent_encode(model, SEGMENT))
}

/// Who made a model: how it is told to think and what it can be told of caches differ from maker to maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maker {
    Anthropic,
    /// Nova and Titan.
    Amazon,
    OpenAi,
    Mistral,
    Other,
}

impl Maker {
    /// By the name of a model, of a profile or the last part of an ARN: `us.anthropic.claude-…`.
    fn of(model: &str) -> Self {
        match crate::catalog::unplaced(model).split('.').next().unwrap_or_default() {
            "anthropic" => Self::Anthropic,
            "amazon" => Self::Amazon,
            "openai" => Self::OpenAi,
            "mistral" => Self::Mistral,
            _ => Self::Other,
        }
    }
}
