//! Embeddings: `batchEmbedContents`, and the answer of a single `embedContent` where a server gives that.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::address;
use crate::{Category, EmbedPurpose, EmbedRequest, EmbedResponse, ProviderError, embed::vector, json::Object};

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
struct Answer<'a> {
    #[serde(borrow, default)]
    embeddings: Option<Vec<Option<Vector<'a>>>>,
    #[serde(borrow, default)]
    embedding: Option<Vector<'a>>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
}

/// Reads the vectors. Those of a reduced size are not of length one. The API gives no token counts for
/// texts; only an answer to images, which an [`EmbedRequest`] cannot hold, has a count of its own kinds.
pub(super) fn read(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let unreadable = || ProviderError::because(Category::BrokenStream, "unreadable", "This is no list of embeddings");
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let vectors = answer.embeddings.or(answer.embedding.map(|one| vec![Some(one)])).ok_or_else(unreadable)?;
    let vectors = vectors.into_iter().map(|one| vector(one.and_then(|one| one.values))).collect();
    Ok(EmbedResponse { vectors, ..EmbedResponse::default() })
}
