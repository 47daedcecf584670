//! Embeddings: `batchEmbedContents`, and the answer of a single `embedContent` where a server gives that.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::address;
use crate::{
    Category, EmbedPurpose, EmbedRequest, EmbedResponse, ProviderError, Usage, embed::vector, json::Object,
    loose::Count,
};

/// The body: one request an input, each with the model's full name.
pub(super) fn body(request: &EmbedRequest) -> Object {
    let model = address::resource(&request.model);
    let purpose = purpose(request);
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

/// The same for `predict` of Vertex AI.
pub(super) fn instances(request: &EmbedRequest) -> Object {
    let purpose = purpose(request);
    let one = |input: &String| {
        let mut one = json!({ "content": input });
        if let Some(purpose) = purpose {
            one["task_type"] = purpose.into();
        }
        one
    };
    let instances: Vec<Value> = request.inputs.iter().map(one).collect();
    let size = request.dimensions.map(|dimensions| json!({ "outputDimensionality": dimensions }));
    Object::new().with("instances", instances).with_some("parameters", size)
}

fn purpose(request: &EmbedRequest) -> Option<&'static str> {
    request.purpose.map(|purpose| match purpose {
        EmbedPurpose::Document => "RETRIEVAL_DOCUMENT",
        EmbedPurpose::Query => "RETRIEVAL_QUERY",
    })
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    embeddings: Option<Vec<Option<Vector<'a>>>>,
    #[serde(borrow, default)]
    embedding: Option<Vector<'a>>,
    /// Of `predict`.
    #[serde(borrow, default)]
    predictions: Option<Vec<Option<Prediction<'a>>>>,
}

#[derive(Default, Deserialize)]
struct Prediction<'a> {
    #[serde(borrow, default)]
    embeddings: Option<Vector<'a>>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
    #[serde(default)]
    statistics: Option<Statistics>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Statistics {
    token_count: Count,
}

fn predicted(all: Vec<Option<Prediction<'_>>>) -> Vec<Option<Vector<'_>>> {
    all.into_iter().map(|one| one.unwrap_or_default().embeddings).collect()
}

/// Reads the vectors. Those of a reduced size are not of length one. Only `predict` gives token counts for texts; of
/// the others only an answer to images, which an [`EmbedRequest`] cannot hold, has a count of its own kinds.
pub(super) fn read(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let unreadable = || ProviderError::because(Category::BrokenStream, "unreadable", "This is no list of embeddings");
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let listed = answer.embeddings.or(answer.embedding.map(|one| vec![Some(one)]));
    let vectors = listed.or(answer.predictions.map(predicted)).ok_or_else(unreadable)?;
    // A count that one of them lacks is unknown of all.
    let counts = vectors.iter().map(|one| one.as_ref()?.statistics.as_ref()?.token_count.0);
    let total = counts.collect::<Option<Vec<u64>>>().filter(|counts| !counts.is_empty());
    let total = total.and_then(|counts| counts.into_iter().try_fold(0_u64, u64::checked_add));
    let usage = total.map(|input| Usage { input_total: Some(input), ..Usage::default() });
    let vectors = vectors.into_iter().map(|one| vector(one.and_then(|one| one.values))).collect();
    Ok(EmbedResponse { vectors, usage, ..EmbedResponse::default() })
}
