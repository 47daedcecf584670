//! The dialect OpenAI chat completions, as OpenAI and the many servers compatible with it speak it.
//!
//! Deviations of a vendor that the bytes themselves tell are understood for every vendor; the few that they cannot
//! tell are [`crate::catalog::Quirk`]s.

mod assemble;
mod classify;
mod decode;
mod details;
mod encode;
mod facts;
mod media;
mod models;
mod money;
mod sources;
mod think;
mod tools;
mod usage;
mod wait;
mod wire;

use http::Method;

use crate::{
    ChatRequest, ChatResponse, ModelInfo, ProviderError,
    catalog::Vendor,
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    fold,
};

/// OpenAI chat completions.
#[derive(Clone, Copy, Debug)]
pub struct OpenaiChat;

impl Dialect for OpenaiChat {
    fn chat(&self, vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<WireRequest, ProviderError> {
        Ok(WireRequest {
            method: Method::POST,
            path: "chat/completions".to_owned(),
            headers: Vec::new(),
            body: Some(encode::body(vendor, request, stream)?),
            stream,
        })
    }

    fn decoder(&self, vendor: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(decode::Decoder::new(vendor))
    }

    fn response(&self, vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let mut decoder = decode::Decoder::new(vendor);
        let mut events = Vec::new();
        let whole = decoder.push(body, &mut events).and_then(|()| decoder.finish(&mut events));
        whole.map(|()| fold::fold(events)).map_err(|error| ProviderError {
            status: error.status.or(Some(head.status)),
            request_id: classify::request_id(head).or(error.request_id.clone()),
            retry_after: wait::retry_after(head, &facts::Facts::default()).or(error.retry_after),
            ..error
        })
    }

    fn error(&self, _vendor: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        classify::response_error(head, body)
    }

    fn models(&self, _vendor: &Vendor, page: Option<&str>) -> Option<WireRequest> {
        // The list has one page.
        page.is_none().then(list_request)
    }

    fn model_list(
        &self,
        _vendor: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        match models::list(body) {
            Ok(models) => Ok((models, None)),
            Err(unreadable) => {
                let said = classify::response_error(head, body);
                let better = said.cause.is_some() || said.code.is_some();
                Err(if better { said } else { ProviderError { status: Some(head.status), ..unreadable } })
            }
        }
    }

    fn check(&self, _vendor: &Vendor) -> WireRequest {
        list_request()
    }
}

fn list_request() -> WireRequest {
    WireRequest { method: Method::GET, path: "models".to_owned(), headers: Vec::new(), body: None, stream: false }
}
