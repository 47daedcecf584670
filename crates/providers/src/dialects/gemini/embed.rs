//! Embeddings: `batchEmbedContents`, and the answer of a single `embedContent` where a server gives that.

use serde::Deserialize;
use serde_json::{Value, json};

use super::address;
use crate::{Category, EmbedPurpose, EmbedRequest, EmbedResponse, ProviderError, Usage, json::Object, loose::Count};

/// The body: one request an input, each with the model's full name.
pub(super) fn body(request: &EmbedRequest) -> Object {
    let model = address::resource(&request.model);
    let purpose = request.purpose.map(|purpose| match purpose {
        EmbedPurpose::Document => "RETRIEVAL_DOCUMENT",
        EmbedPurpose::Query => "RETRIEVAL_QUERY",
    });
    let one = |input: &String| {
        let mut one = json!({ "model": model, "content": { "parts": [{ "text": input }] } });
        if let Some(purpose) = purpose {
            one["taskType"] = purpose.into();
        }
        if let Some(dimensions) = request.dimensions {
            one["outputDimensionality"] = dimensions.into();
        }
        one
    };
    Object::new().with("requests", request.inputs.iter().map(one).collect::<Vec<Value>>())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    embeddings: Option<Vec<Vector>>,
    #[serde(default)]
    embedding: Option<Vector>,
    #[serde(default)]
    usage_metadata: Option<Tokens>,
}

#[derive(Deserialize)]
struct Vector {
    values: Vec<f32>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Tokens {
    prompt_token_count: Count,
}

/// Reads the vectors. Those of a reduced size are not of length one. Most models give no token counts.
pub(super) fn read(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let unreadable = || ProviderError::because(Category::BrokenStream, "unreadable", "This is no list of embeddings");
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let vectors = answer.embeddings.or(answer.embedding.map(|one| vec![one])).ok_or_else(unreadable)?;
    let input_total = answer.usage_metadata.and_then(|u| u.prompt_token_count.0);
    Ok(EmbedResponse {
        model: None,
        vectors: vectors.into_iter().map(|v| v.values).collect(),
        usage: input_total.map(|_| Usage { input_total, ..Usage::default() }),
    })
}
