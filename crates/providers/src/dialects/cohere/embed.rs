//! Embeddings: `POST v2/embed`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::Single;
use crate::{
    EmbedPurpose, EmbedRequest, EmbedResponse, ProviderError, Usage,
    embed::vector,
    failure,
    json::{Json, Object},
    loose::Count,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    embeddings: Option<&'a RawValue>,
    meta: Single<Meta>,
}

/// Vectors by the form of their numbers. Packed bits are none to compare by.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Forms<'a> {
    #[serde(borrow)]
    float: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    base64: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    int8: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    uint8: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    billed_units: Single<Billed>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Billed {
    input_tokens: Count,
}

/// The body. The purpose is no choice of ours: the wire insists on one. What is too long for the model is refused
/// instead of being cut without a word.
pub(super) fn body(request: &EmbedRequest) -> Object {
    let purpose = match request.purpose {
        Some(EmbedPurpose::Query) => "search_query",
        Some(EmbedPurpose::Document) | None => "search_document",
    };
    Object::new()
        .with("model", request.model.as_str())
        .with("texts", request.inputs.clone())
        .with("input_type", purpose)
        .with("embedding_types", Json::List(vec!["float".into()]))
        .with_some("output_dimension", request.dimensions.map(Json::from))
        .with("truncate", "NONE")
}

/// Reads the vectors; they come in the order of the inputs. Version 1 gives them without saying their form.
pub(super) fn vectors(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let Ok(Answer { embeddings: Some(raw), meta }) = serde_json::from_slice::<Answer<'_>>(body) else {
        return Err(failure::instead(body));
    };
    let list = match raw.get().starts_with('[') {
        true => serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok(),
        false => forms(raw),
    };
    let Some(list) = list else { return Err(failure::instead(body)) };
    let input = meta.0.billed_units.0.input_tokens.0;
    Ok(EmbedResponse {
        // The wire does not say.
        model: None,
        vectors: list.into_iter().map(|raw| vector(Some(raw))).collect(),
        usage: input.map(|input| Usage { input_total: Some(input), ..Usage::default() }),
        reported_cost: None,
    })
}

fn forms(raw: &RawValue) -> Option<Vec<&RawValue>> {
    let forms = serde_json::from_str::<Forms<'_>>(raw.get()).ok()?;
    forms.float.or(forms.base64).or(forms.int8).or(forms.uint8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Category;

    #[test]
    fn vectors_and_their_count() {
        for form in [
            r#"{"float":[[0.5,-1],[1,2]]}"#,
            r#"{"int8":[[9,9],[9,9]],"float":[[0.5,-1],[1,2]]}"#,
            r#"{"base64":["AAAAPwAAgL8=","AACAPwAAAEA="]}"#,
            "[[0.5,-1],[1,2]]",
        ] {
            let body = format!(r#"{{"id":"a","embeddings":{form},"meta":{{"billed_units":{{"input_tokens":7}}}}}}"#);
            let answer = vectors(body.as_bytes()).unwrap();
            assert_eq!(answer.vectors, [Ok(vec![0.5, -1.0]), Ok(vec![1.0, 2.0])], "{form}");
            assert_eq!(answer.usage, Some(Usage { input_total: Some(7), ..Usage::default() }));
        }
        let whole = vectors(br#"{"embeddings":{"int8":[[18,-7]]},"meta":null}"#).unwrap();
        assert_eq!((whole.vectors, whole.usage), (vec![Ok(vec![18.0, -7.0])], None));
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        let deep = "[".repeat(200_000);
        let deeper = format!("{{\"embeddings\":{deep}");
        let bits = r#"{"embeddings":{"binary":[[1,2]]}}"#;
        for body in ["", "[]", "{}", r#"{"embeddings":null}"#, r#"{"embeddings":7}"#, bits, &deep, &deeper] {
            assert_eq!(vectors(body.as_bytes()).unwrap_err().cause, Some("unreadable"), "{body:.40}");
        }
        let mixed = vectors(br#"{"embeddings":{"float":[[],[1],[1e39],["x"],null]}}"#).unwrap().vectors;
        assert_eq!(mixed.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, false, false, false]);
        let error =
            vectors(br#"{"id":"a","message":"invalid request: valid input_type must be provided"}"#).unwrap_err();
        assert_eq!((error.category, error.request_id.as_deref()), (Category::Internal, Some("a")));
    }
}
