//! Embeddings: `POST embeddings`, vectors as numbers or as base64 of little-endian floats.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    usage,
    wire::{Count, Text},
};
use crate::{
    EmbedPurpose, EmbedRequest, EmbedResponse, ProviderError, Usage,
    catalog::{Quirk, Vendor},
    embed::{no_vector, vector},
    failure,
    json::{Json, Object},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    data: Option<Vec<Option<Item<'a>>>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    index: Count,
    #[serde(borrow)]
    embedding: Option<&'a RawValue>,
}

/// What Voyage and others count: they know no other tokens than those that went in.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Total {
    total_tokens: Count,
}

type Vector = Result<Vec<f32>, ProviderError>;

/// The highest index that is believed: more inputs no vendor takes.
const MOST: usize = 1 << 16;

/// The body of `POST embeddings`. Vectors come as numbers unless asked for otherwise, and not every server can.
pub(super) fn body(vendor: &Vendor, request: &EmbedRequest) -> Object {
    let dimensions = if vendor.has(Quirk::OutputDimension) { "output_dimension" } else { "dimensions" };
    Object::new()
        .with("model", request.model.as_str())
        .with("input", request.inputs.clone())
        .with_some(dimensions, request.dimensions.map(Json::from))
        .with_some("input_type", input_type(vendor, request.purpose))
        .with_some("truncation", vendor.has(Quirk::EmbedTruncation).then_some(false))
        .with_some("encoding_format", vendor.has(Quirk::Base64Vectors).then_some("base64"))
}

/// The same where texts are put through a model of features; too long ones are refused, not cut without a word.
pub(super) fn texts(request: &EmbedRequest) -> Object {
    Object::new().with("inputs", request.inputs.clone()).with("normalize", true).with("truncate", false)
}

/// Reads vectors that come bare. Where a model gives one for each token instead of one for a text, that is none.
pub(super) fn features(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(body) else { return Err(failure::instead(body)) };
    let vectors = items.into_iter().map(|item| vector(Some(item))).collect();
    Ok(EmbedResponse { vectors, ..EmbedResponse::default() })
}

fn input_type(vendor: &Vendor, purpose: Option<EmbedPurpose>) -> Option<&'static str> {
    match purpose {
        Some(EmbedPurpose::Query) if vendor.has(Quirk::EmbedDocuments) || vendor.has(Quirk::EmbedPassages) => {
            Some("query")
        }
        Some(EmbedPurpose::Document) if vendor.has(Quirk::EmbedDocuments) => Some("document"),
        Some(EmbedPurpose::Document) | None if vendor.has(Quirk::EmbedPassages) => Some("passage"),
        _ => None,
    }
}

/// Reads the vectors, by their index where they have one.
pub(super) fn vectors(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let Ok(Answer { model, data: Some(items), usage }) = serde_json::from_slice::<Answer<'_>>(body) else {
        return Err(failure::instead(body));
    };
    let items = items.into_iter().map(Option::unwrap_or_default);
    let items = items.map(|item| (item.index.0, vector(item.embedding))).collect();
    let counts = usage.and_then(|raw| counts(raw.get())).unwrap_or_default();
    Ok(EmbedResponse {
        model: model.some().map(str::to_owned),
        vectors: in_place(items),
        usage: Some(counts.usage).filter(|usage| *usage != Usage::default()),
        reported_cost: counts.cost,
    })
}

fn counts(raw: &str) -> Option<usage::Reading> {
    let usage::Reading { usage, cost } = usage::read(raw, false)?;
    let total = || serde_json::from_str::<Total>(raw).ok()?.total_tokens.0;
    Some(usage::Reading { usage: Usage { input_total: usage.input_total.or_else(total), ..usage }, cost })
}

/// Vectors at the places their indexes name, gaps included; in the order they came, where the indexes name none: some
/// servers leave them out, or call every one 0.
fn in_place(items: Vec<(Option<u64>, Vector)>) -> Vec<Vector> {
    let places: Option<Vec<usize>> =
        items.iter().map(|(index, _)| index.and_then(|i| usize::try_from(i).ok()).filter(|i| *i < MOST)).collect();
    let Some(places) = places else { return items.into_iter().map(|(_, vector)| vector).collect() };
    let distinct: HashSet<usize> = places.iter().copied().collect();
    if distinct.len() < items.len() {
        return items.into_iter().map(|(_, vector)| vector).collect();
    }
    let mut out = Vec::new();
    out.resize_with(places.iter().max().map_or(0, |last| last + 1), || Err(no_vector()));
    for (place, (_, vector)) in places.into_iter().zip(items) {
        out[place] = vector;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Category;

    fn read(body: &str) -> Vec<Option<Vec<f32>>> {
        vectors(body.as_bytes()).unwrap().vectors.into_iter().map(Result::ok).collect()
    }

    #[test]
    fn vectors_come_in_the_order_of_their_index_in_every_form() {
        let body = r#"{"data":[
            {"index":2,"embedding":[1,-2]},
            {"index":0,"embedding":"AAAAPwAAgL8="},
            {"index":1,"embedding":[0.25,1e-3]}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9}}"#;
        assert_eq!(read(body), [Some(vec![0.5, -1.0]), Some(vec![0.25, 0.001]), Some(vec![1.0, -2.0])]);
        let answer = vectors(body.as_bytes()).unwrap();
        assert_eq!((answer.model.as_deref(), answer.usage.and_then(|u| u.input_total)), (Some("m"), Some(9)));
    }

    #[test]
    fn indexes_that_name_no_place_are_not_believed() {
        let (a, b) = (Some(vec![1.0]), Some(vec![2.0]));
        for (first, second, want) in [
            ("", "", vec![a.clone(), b.clone()]),
            (r#""index":0,"#, r#""index":0,"#, vec![a.clone(), b.clone()]),
            (r#""index":7e15,"#, r#""index":0,"#, vec![a.clone(), b.clone()]),
            (r#""index":2,"#, r#""index":0,"#, vec![b.clone(), None, a.clone()]),
        ] {
            let body = format!(r#"{{"data":[{{{first}"embedding":[1.0]}},{{{second}"embedding":[2.0]}}]}}"#);
            assert_eq!(read(&body), want, "{first} {second}");
        }
    }

    #[test]
    fn tokens_are_counted_where_only_a_total_is_told() {
        let total = r#"{"data":[{"embedding":[1]}],"usage":{"total_tokens":10}}"#;
        let usage = vectors(total.as_bytes()).unwrap().usage.unwrap();
        assert_eq!(usage, Usage { input_total: Some(10), ..Usage::default() });
        for without in [r#"{"data":[]}"#, r#"{"data":[],"usage":null}"#, r#"{"data":[],"usage":{}}"#] {
            assert_eq!(vectors(without.as_bytes()).unwrap().usage, None, "{without}");
        }
        let priced = br#"{"data":[],"usage":{"prompt_tokens":3,"total_tokens":4,"cost":0.00000012}}"#;
        let priced = vectors(priced).unwrap();
        assert_eq!((priced.usage.unwrap().input_total, priced.reported_cost.unwrap().0), (Some(3), 120));
    }

    #[test]
    fn what_is_no_vector_fails_alone() {
        let body = r#"{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[1]},{"index":2,"error":"x"}]}"#;
        assert_eq!(read(body), [None, Some(vec![1.0]), None]);
        assert_eq!(read(r#"{"data":[null,{"embedding":[1]}]}"#), [None, Some(vec![1.0])]);
        let deep = "[".repeat(200_000);
        for body in ["", "[]", "{}", &deep, &format!("{{\"data\":{deep}"), &format!("{{\"other\":{deep}")] {
            assert_eq!(vectors(body.as_bytes()).unwrap_err().cause, Some("unreadable"));
        }
    }

    #[test]
    fn features_are_one_vector_a_text_or_none() {
        let read =
            |body: &str| features(body.as_bytes()).unwrap().vectors.into_iter().map(Result::ok).collect::<Vec<_>>();
        assert_eq!(read("[[0.5,-1],[2,3]]"), [Some(vec![0.5, -1.0]), Some(vec![2.0, 3.0])]);
        assert_eq!(read("[[[0.5],[1]],[2]]"), [None, Some(vec![2.0])], "a vector for each token is none of the text");
        let error = features(br#"{"error":"Model x is currently loading"}"#).unwrap_err();
        assert_eq!(error.message, "Model x is currently loading");
    }

    #[test]
    fn an_error_inside_a_200_is_one() {
        let error = vectors(br#"{"error":{"message":"No such model: x","code":"model_not_found"}}"#).unwrap_err();
        assert_eq!((error.category, error.message.as_str()), (Category::UnknownModel, "No such model: x"));
    }
}
