//! Embeddings: `POST embeddings`, vectors as numbers or as base64 of little-endian floats.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    usage,
    wire::{Count, Text},
};
use crate::{
    EmbedRequest, EmbedResponse, ProviderError,
    catalog::{Quirk, Vendor},
    failure,
    json::{Json, Object},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    data: Option<Vec<Item>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    index: Count,
    embedding: Vector,
}

struct Vector(Vec<f32>);

/// The body of `POST embeddings`. Vectors come as numbers unless asked for otherwise, and not every server can.
pub(super) fn body(vendor: &Vendor, request: &EmbedRequest) -> Object {
    let dimensions = if vendor.has(Quirk::OutputDimension) { "output_dimension" } else { "dimensions" };
    Object::new()
        .with("model", request.model.as_str())
        .with("input", request.inputs.clone())
        .with_some(dimensions, request.dimensions.map(Json::from))
}

/// Reads the vectors, by their index where they have one.
pub(super) fn vectors(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let Ok(Answer { model, data: Some(mut items), usage }) = serde_json::from_slice::<Answer<'_>>(body) else {
        return Err(failure::instead(body));
    };
    items.sort_by_key(|item| item.index.0);
    Ok(EmbedResponse {
        model: model.some().map(str::to_owned),
        vectors: items.into_iter().map(|item| item.embedding.0).collect(),
        usage: usage.and_then(|raw| usage::read(raw.get(), false)).map(|reading| reading.usage),
    })
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Vector(numbers) = deserializer.deserialize_any(VectorVisitor)?;
        // A vector without numbers, or with one that is none, compares with nothing.
        if numbers.is_empty() || !numbers.iter().all(|n| n.is_finite()) {
            return Err(D::Error::custom("no vector"));
        }
        Ok(Vector(numbers))
    }
}

struct VectorVisitor;

impl<'de> Visitor<'de> for VectorVisitor {
    type Value = Vector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, or base64 of floats")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = seq.next_element::<f32>()? {
            numbers.push(number);
        }
        Ok(Vector(numbers))
    }
    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Self::Value, E> {
        let bytes = STANDARD.decode(v.trim()).map_err(E::custom)?;
        let (floats, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(E::custom("a float has four bytes"));
        }
        Ok(Vector(floats.iter().map(|f| f32::from_le_bytes(*f)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Category;

    fn read(body: &str) -> Result<Vec<Vec<f32>>, ProviderError> {
        vectors(body.as_bytes()).map(|answer| answer.vectors)
    }

    #[test]
    fn vectors_come_in_the_order_of_their_index_in_every_form() {
        let body = r#"{"data":[
            {"index":2,"embedding":[1,-2]},
            {"index":0,"embedding":"AAAAPwAAgL8="},
            {"index":1,"embedding":[0.25,1e-3]}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9}}"#;
        let answer = vectors(body.as_bytes()).unwrap();
        assert_eq!(answer.vectors, [vec![0.5, -1.0], vec![0.25, 0.001], vec![1.0, -2.0]]);
        assert_eq!((answer.model.as_deref(), answer.usage.and_then(|u| u.input_total)), (Some("m"), Some(9)));
        let bare = r#"{"data":[{"embedding":[1.0]},{"embedding":[2.0]}]}"#;
        assert_eq!(read(bare).unwrap(), [[1.0], [2.0]]);
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        for embedding in ["[]", "null", "\"AAAA\"", "\"?\"", "[1e39]", "\"AADAfw==\"", "[\"x\"]", "{}"] {
            let error = read(&format!(r#"{{"data":[{{"embedding":{embedding}}}]}}"#)).expect_err(embedding);
            assert_eq!(error.cause, Some("unreadable"), "{embedding}");
        }
        let deep = "[".repeat(200_000);
        for body in ["", "[]", "{}", &deep, &format!("{{\"data\":{deep}"), &format!("{{\"other\":{deep}")] {
            assert_eq!(read(body).unwrap_err().cause, Some("unreadable"));
        }
    }

    #[test]
    fn an_error_inside_a_200_is_one() {
        let error = read(r#"{"error":{"message":"No such model: x","code":"model_not_found"}}"#).unwrap_err();
        assert_eq!((error.category, error.message.as_str()), (Category::UnknownModel, "No such model: x"));
    }
}
