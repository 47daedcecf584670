//! The dialect OpenAI chat completions, as OpenAI and the many servers compatible with it speak it.
//!
//! Deviations of a vendor that the bytes themselves tell are understood for every vendor; the few that they cannot
//! tell are [`crate::catalog::Quirk`]s.

mod assemble;
mod decode;
mod details;
mod embed;
pub(super) mod encode;
pub(super) mod media;
mod models;
pub(crate) mod money;
mod sources;
mod think;
mod tools;
mod usage;
mod wire;

pub(super) use money::Dollars;
pub(super) use usage::{merge as merge_usage, reported_cost};

use crate::{
    ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ModelInfo, ProviderError,
    catalog::{Quirk, Vendor, segment},
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    framing::Framed,
    json::Object,
};

/// Ends of addresses that people paste whole.
const TAILS: [&str; 5] = ["/chat/completions", "/completions", "/embeddings", "/responses", "/models"];

/// The deployments of a resource, with the last version of Azure's API that lists them by the key alone.
const DEPLOYMENTS: &str = "/openai/deployments?api-version=2023-03-15-preview";

/// OpenAI chat completions.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiChat;

impl Dialect for OpenaiChat {
    /// An address that has a path (`/v1`, `/api/paas/v4`, …) is used as it stands; a whole endpoint says itself where
    /// the others are, also right below the origin.
    fn base_path(&self, typed: &str) -> String {
        match TAILS.iter().find_map(|tail| typed.strip_suffix(tail)) {
            Some(base) => base.to_owned(),
            None if typed.is_empty() => "/v1".to_owned(),
            None => typed.to_owned(),
        }
    }

    fn base_path_at(&self, vendor: &Vendor, typed: &str) -> String {
        let bare = typed.is_empty() && vendor.has(Quirk::Unversioned);
        if bare { String::new() } else { self.base_path(typed) }
    }

    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        let path = path(vendor, &request.model, "chat/completions");
        Ok(WireRequest::post(path, encode::body(vendor, request, stream)?, stream))
    }

    fn without(&self, request: &ChatRequest, refusal: &ProviderError) -> Option<ChatRequest> {
        encode::without(request, refusal)
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
        // The list has one page.
        let path = if vendor.has(Quirk::DeploymentList) { DEPLOYMENTS } else { "models" };
        (page.is_none() && !vendor.has(Quirk::NoModelList)).then(|| WireRequest::get(path))
    }

    fn model_list(
        &self,
        vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        let list = if vendor.has(Quirk::ListedWires) { models::wired(body) } else { models::list(vendor, body) };
        match list {
            Ok(models) => Ok((models, None)),
            Err(unreadable) => {
                let said = failure::response_error(head, body);
                let better = said.cause.is_some() || said.code.is_some();
                Err(if better { said } else { ProviderError { status: Some(head.status), ..unreadable } })
            }
        }
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        let path = vendor.check_path.as_deref();
        if vendor.has(Quirk::EmptyCheck) {
            return WireRequest::post(path.unwrap_or("chat/completions"), Object::new(), false);
        }
        WireRequest::get(path.unwrap_or("models"))
    }

    fn embed(&self, vendor: &Vendor, request: &EmbedRequest) -> Result<WireRequest, ProviderError> {
        if vendor.has(Quirk::FeatureExtraction) {
            let name: Vec<String> = vendor.unrouted(&request.model).split('/').map(segment).collect();
            let path = format!("/hf-inference/models/{}/pipeline/feature-extraction", name.join("/"));
            return Ok(WireRequest::post(path, embed::texts(request), false));
        }
        let path = path(vendor, &request.model, "embeddings");
        Ok(WireRequest::post(path, embed::body(vendor, request), false))
    }

    fn embeddings(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
        let read = if vendor.has(Quirk::FeatureExtraction) { embed::features } else { embed::vectors };
        read(body).map_err(|error| failure::with_head(error, head))
    }
}

/// Where a request of a model goes.
fn path(vendor: &Vendor, model: &str, method: &str) -> String {
    if vendor.has(Quirk::DeploymentPaths) {
        format!("deployments/{}/{method}", segment(model))
    } else if vendor.has(Quirk::PublisherPaths) {
        format!("endpoints/openapi/{method}")
    } else {
        method.to_owned()
    }
}

fn decoder(vendor: &Vendor) -> Framed<decode::Answer> {
    Framed::new(decode::Answer::new(vendor), vendor.has(Quirk::InlineMedia))
}
