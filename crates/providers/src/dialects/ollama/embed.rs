//! Embeddings: `POST api/embed`.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    EmbedRequest, EmbedResponse, ProviderError, Usage,
    embed::vector,
    failure,
    json::{Json, Object},
    loose::{Count, Text},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    embeddings: Option<Vec<&'a RawValue>>,
    prompt_eval_count: Count,
}

/// The body. What is too long for the model is refused instead of being cut without a word.
pub(super) fn body(request: &EmbedRequest) -> Object {
    Object::new()
        .with("model", request.model.as_str())
        .with("input", request.inputs.clone())
        .with("truncate", false)
        .with_some("dimensions", request.dimensions.map(Json::from))
}

/// Reads the vectors; they come in the order of the inputs.
pub(super) fn vectors(body: &[u8]) -> Result<EmbedResponse, ProviderError> {
    let Ok(Answer { model, embeddings: Some(vectors), prompt_eval_count }) = serde_json::from_slice(body) else {
        return Err(failure::instead(body));
    };
    Ok(EmbedResponse {
        model: model.some().map(str::to_owned),
        vectors: vectors.into_iter().map(|raw| vector(Some(raw))).collect(),
        usage: prompt_eval_count.0.map(|input| Usage { input_total: Some(input), ..Usage::default() }),
        reported_cost: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Category;

    #[test]
    fn vectors_and_their_count() {
        let answer = vectors(br#"{"model":"m","embeddings":[[0.5,-1],[1e-3,2]],"prompt_eval_count":7}"#).unwrap();
        assert_eq!(answer.vectors, [Ok(vec![0.5, -1.0]), Ok(vec![0.001, 2.0])]);
        assert_eq!((answer.model.as_deref(), answer.usage.and_then(|u| u.input_total)), (Some("m"), Some(7)));
        assert_eq!(vectors(br#"{"embeddings":[[1]]}"#).unwrap().usage, None);
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        let deep = "[".repeat(200_000);
        let deeper = format!("{{\"embeddings\":{deep}");
        for body in ["", "[]", "{}", r#"{"embeddings":null}"#, &deep, &deeper] {
            assert_eq!(vectors(body.as_bytes()).unwrap_err().cause, Some("unreadable"), "{body:.40}");
        }
        let mixed = vectors(br#"{"embeddings":[[],[1],[1e39],["x"]]}"#).unwrap().vectors;
        assert_eq!(mixed.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, false, false]);
        let error = vectors(br#"{"error":"the input length exceeds the context length"}"#).unwrap_err();
        assert_eq!(error.category, Category::ContextTooLong);
    }
}
