//! Embeddings: `POST model/…/invoke` in the words of the model's maker. Titan takes one text a request, Cohere's
//! models take many.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::refusal;
use crate::{
    Category, EmbedPurpose, EmbedRequest, EmbedResponse, ProviderError, Usage,
    catalog::{Vendor, unplaced},
    dialect::ResponseHead,
    embed::{NO_EMBEDDINGS, vector},
    json::{Json, Object},
    loose::Count,
};

/// Where the count stands that a body leaves out.
const COUNT: &str = "x-amzn-bedrock-input-token-count";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer<'a> {
    /// Titan's one vector.
    #[serde(borrow)]
    embedding: Option<&'a RawValue>,
    input_text_token_count: Count,
    /// Cohere's many.
    #[serde(borrow)]
    embeddings: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Forms<'a> {
    #[serde(borrow)]
    float: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    int8: Option<Vec<&'a RawValue>>,
}

/// The body.
pub(super) fn body(vendor: &Vendor, request: &EmbedRequest) -> Result<Object, ProviderError> {
    let model = unplaced(&request.model);
    if model.starts_with("cohere.embed") {
        return Ok(cohere(request, model));
    }
    if !model.starts_with("amazon.titan-embed") {
        let message = format!("{} makes no embeddings with {}", vendor.name, request.model);
        return Err(ProviderError::because(Category::BadRequest, NO_EMBEDDINGS, message));
    }
    match request.inputs.as_slice() {
        [text] => Ok(titan(request, model, text)),
        // Whoever has more asks with fewer, down to one.
        _ => {
            let message = "this model takes one text a request";
            Err(ProviderError::because(Category::BadRequest, "one_text", message))
        }
    }
}

fn titan(request: &EmbedRequest, model: &str, text: &str) -> Object {
    let body = Object::new().with("inputText", text);
    // The first version knows nothing else.
    if !model.starts_with("amazon.titan-embed-text-v2") {
        return body;
    }
    body.with_some("dimensions", request.dimensions.map(Json::from)).with("normalize", true)
}

/// The purpose is no choice of ours: the wire insists on one. What is too long is refused instead of being cut.
fn cohere(request: &EmbedRequest, model: &str) -> Object {
    let purpose = match request.purpose {
        Some(EmbedPurpose::Query) => "search_query",
        Some(EmbedPurpose::Document) | None => "search_document",
    };
    let chosen = request.dimensions.filter(|_| model.starts_with("cohere.embed-v4"));
    Object::new()
        .with("texts", request.inputs.clone())
        .with("input_type", purpose)
        .with("embedding_types", Json::List(vec!["float".into()]))
        .with_some("output_dimension", chosen.map(Json::from))
        .with("truncate", "NONE")
}

/// Reads the vectors; they come in the order of the inputs.
pub(super) fn vectors(head: &ResponseHead, body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| refusal::instead(body))?;
    let list = match (answer.embedding, answer.embeddings) {
        (Some(one), _) => Some(vec![one]),
        (None, Some(raw)) if raw.get().starts_with('[') => serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok(),
        (None, Some(raw)) => {
            serde_json::from_str::<Forms<'_>>(raw.get()).ok().and_then(|forms| forms.float.or(forms.int8))
        }
        (None, None) => None,
    };
    let Some(list) = list else { return Err(refusal::instead(body)) };
    let counted = || head.header(COUNT).and_then(|count| count.trim().parse().ok());
    let input = answer.input_text_token_count.0.or_else(counted);
    Ok(EmbedResponse {
        // The wire does not say.
        model: None,
        vectors: list.into_iter().map(|raw| vector(Some(raw))).collect(),
        usage: input.map(|input| Usage { input_total: Some(input), ..Usage::default() }),
        reported_cost: None,
    })
}
