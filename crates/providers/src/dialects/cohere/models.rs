//! The model list and its pages: `GET v1/models`.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use url::form_urlencoded::byte_serialize;

use super::wire::Single;
use crate::{
    Abilities, ModelInfo, ProviderError, failure,
    loose::{Count, Text},
    provider::names_any,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page<'a> {
    #[serde(borrow)]
    models: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    next_page_token: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Model<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    context_length: Count,
    /// What it is for: `chat`, `embed`, `rerank` …
    endpoints: Option<Value>,
    /// What a chat with it can have; null for some models.
    features: Option<Value>,
}

/// The path of a page. Unasked the vendor lists 20 models; 1000 is the most it takes.
pub(super) fn path(token: Option<&str>) -> String {
    let token = token.map(|token| format!("&page_token={}", byte_serialize(token.as_bytes()).collect::<String>()));
    format!("v1/models?page_size=1000{}", token.unwrap_or_default())
}

/// Reads a page, and the token of the next one. A model without a name is left out, a name that comes twice counts
/// once.
pub(super) fn page(body: &[u8]) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
    let Ok(Page { models: Some(models), next_page_token }) = serde_json::from_slice(body) else {
        return Err(failure::instead(body));
    };
    let mut seen = HashSet::new();
    let models = models.into_iter().filter_map(model).filter(|m| seen.insert(m.id.clone())).collect();
    Ok((models, next_page_token.some().map(str::to_owned)))
}

fn model(raw: &RawValue) -> Option<ModelInfo> {
    let Single(model) = serde_json::from_str::<Single<Model<'_>>>(raw.get()).ok()?;
    let id = model.name.some()?.to_owned();
    let endpoints = |name: &str| names_any(model.endpoints.as_ref(), &[name]);
    let features = |name: &str| names_any(model.features.as_ref(), &[name]);
    Some(ModelInfo {
        id,
        context: model.context_length.0.filter(|n| *n > 0),
        chats: endpoints("chat"),
        can: Abilities {
            images: features("vision"),
            tools: features("tools"),
            reasoning: features("reasoning"),
            structured: features("json_schema"),
            embeddings: endpoints("embed"),
            ..Abilities::default()
        },
        ..ModelInfo::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_model_once_and_the_next_page() {
        let body = br#"{"models":[
            {"name":"command-x","endpoints":["chat","summarize"],"context_length":288000,"features":["tools","vision"]},
            {"name":"embed-x","endpoints":["embed"],"context_length":0,"features":null},
            {"name":"rerank-x","endpoints":["rerank"]},{"name":""},null,{"name":"command-x"},{"name":"bare"}],
            "next_page_token":"a b&c"}"#;
        let (models, next) = page(body).unwrap();
        let read: Vec<_> = models.iter().map(|m| (m.id.as_str(), m.context, m.chats, m.can.embeddings)).collect();
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(
            read,
            [
                ("command-x", Some(288_000), yes, no),
                ("embed-x", None, no, yes),
                ("rerank-x", None, no, no),
                ("bare", None, None, None)
            ]
        );
        let can = models[0].can;
        assert_eq!((can.images, can.tools, can.reasoning, can.structured), (yes, yes, no, no));
        assert_eq!((models[1].can.images, models[1].can.tools), (None, None));
        assert_eq!(path(next.as_deref()), "v1/models?page_size=1000&page_token=a+b%26c");
        assert_eq!(page(br#"{"models":[],"next_page_token":""}"#).unwrap(), (Vec::new(), None));
    }

    #[test]
    fn another_answer_is_no_list() {
        let deep = "[".repeat(200_000);
        for body in ["", "[]", "{}", r#"{"data":[]}"#, r#"{"models":null}"#, &deep, &format!("{{\"models\":{deep}")] {
            assert_eq!(page(body.as_bytes()).unwrap_err().cause, Some("unreadable"), "{body:.40}");
        }
        assert_eq!(page(br#"{"message":"invalid api token"}"#).unwrap_err().message, "invalid api token");
    }
}
