//! The model list: `GET api/tags`.

use std::collections::HashSet;

use serde::Deserialize;

use crate::{
    Abilities, ModelInfo, ProviderError, failure,
    loose::{Count, Text},
    provider::names_any,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct List<'a> {
    #[serde(borrow)]
    models: Option<Vec<Model<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Model<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    details: Option<Details>,
    /// Newer versions only.
    capabilities: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    /// What the model was made for; newer versions only. What the server really gives it may be less.
    context_length: Count,
}

/// Reads the list; entries without a name are left out, a name that comes twice counts once.
pub(super) fn list(body: &[u8]) -> Result<Vec<ModelInfo>, ProviderError> {
    let Ok(List { models: Some(models) }) = serde_json::from_slice(body) else {
        return Err(failure::instead(body));
    };
    let mut seen = HashSet::new();
    let named = models.into_iter().filter_map(|model| {
        let id = model.model.some().or(model.name.some())?.to_owned();
        let context = model.details.and_then(|d| d.context_length.0).filter(|n| *n > 0);
        let can = abilities(model.capabilities.as_ref());
        // A list without `completion` may be that of an older version; an embedding model says what it is.
        let chats = names_any(model.capabilities.as_ref(), &["completion"]);
        let chats = chats.filter(|chats| *chats || can.embeddings == Some(true) || can.makes_images == Some(true));
        Some(ModelInfo { id, context, chats, can, ..ModelInfo::default() })
    });
    Ok(named.filter(|model| seen.insert(model.id.clone())).collect())
}

/// What the server says a model can do. What its list does not name the model cannot do; there are no PDF files on
/// this wire, and every answer streams.
fn abilities(capabilities: Option<&serde_json::Value>) -> Abilities {
    let names = |name: &str| names_any(capabilities, &[name]);
    Abilities {
        images: names("vision"),
        pdf: None,
        audio: names("audio"),
        tools: names("tools"),
        reasoning: names("thinking"),
        embeddings: names("embedding"),
        makes_images: names("image"),
        ..Abilities::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_model_once() {
        let body = br#"{"models":[
            {"name":"a:1b","model":"a:1b","details":{"context_length":40960,"families":null}},
            {"name":"b:latest","details":null},{"model":""},{"model":"a:1b"},{"model":"c","details":{}}]}"#;
        let models = list(body).unwrap();
        let read: Vec<_> = models.iter().map(|m| (m.id.as_str(), m.context)).collect();
        assert_eq!(read, [("a:1b", Some(40_960)), ("b:latest", None), ("c", None)]);
        assert_eq!(list(br#"{"models":[]}"#).unwrap(), []);
    }

    #[test]
    fn another_answer_is_no_list() {
        let deep = "[".repeat(200_000);
        for body in ["", "[]", "{}", r#"{"data":[]}"#, r#"{"models":null}"#, &deep, &format!("{{\"models\":{deep}")] {
            assert_eq!(list(body.as_bytes()).unwrap_err().cause, Some("unreadable"), "{body:.40}");
        }
        assert_eq!(list(br#"{"error":"ollama cloud is disabled"}"#).unwrap_err().message, "ollama cloud is disabled");
    }
}
