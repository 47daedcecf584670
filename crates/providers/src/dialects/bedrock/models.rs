//! The lists of the control plane, one after the other: the models that run where they are asked for, and the profiles
//! that lead to those that run elsewhere.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use url::form_urlencoded::byte_serialize;

use super::refusal;
use crate::{Abilities, ModelInfo, ProviderError, loose::Text, provider::names_any};

/// Either list; and that of the API beside it that is compatible with OpenAI's.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    model_summaries: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    inference_profile_summaries: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    data: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    next_token: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Model<'a> {
    #[serde(borrow, alias = "inferenceProfileId", alias = "id")]
    model_id: Text<'a>,
    #[serde(borrow, alias = "inferenceProfileName")]
    model_name: Text<'a>,
    input_modalities: Option<Value>,
    output_modalities: Option<Value>,
    inference_types_supported: Option<Value>,
    response_streaming_supported: Option<Value>,
    /// Of a profile.
    #[serde(borrow)]
    status: Text<'a>,
}

/// The path of a page: the first is the list of models, which has no pages; behind it come those of the profiles.
pub(super) fn path(page: Option<&str>) -> String {
    match page {
        None => "foundation-models".to_owned(),
        Some("") => "inference-profiles?maxResults=1000&type=SYSTEM_DEFINED".to_owned(),
        Some(token) => {
            let token: String = byte_serialize(token.as_bytes()).collect();
            format!("inference-profiles?maxResults=1000&type=SYSTEM_DEFINED&nextToken={token}")
        }
    }
}

/// Reads a page, and where the next one begins.
pub(super) fn page(body: &[u8]) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
    let page: Page<'_> = serde_json::from_slice(body).map_err(|_| refusal::instead(body))?;
    if let Some(summaries) = page.model_summaries {
        // The profiles follow.
        return Ok((models(&summaries, foundation), Some(String::new())));
    }
    if let Some(summaries) = page.inference_profile_summaries {
        let next = page.next_token.some().map(str::to_owned);
        return Ok((models(&summaries, profile), next));
    }
    match page.data {
        Some(summaries) => Ok((models(&summaries, plain), None)),
        None => Err(refusal::instead(body)),
    }
}

fn models(list: &[&RawValue], of: fn(&Model<'_>) -> Option<ModelInfo>) -> Vec<ModelInfo> {
    let mut seen = HashSet::new();
    let read = list.iter().filter_map(|raw| serde_json::from_str::<Model<'_>>(raw.get()).ok());
    read.filter_map(|model| of(&model)).filter(|model| seen.insert(model.id.clone())).collect()
}

/// A model that is only reached through a profile is no name to ask for; nor is one that runs on capacity that was
/// bought for it.
fn foundation(model: &Model<'_>) -> Option<ModelInfo> {
    if names_any(model.inference_types_supported.as_ref(), &["ON_DEMAND"]) == Some(false) {
        return None;
    }
    let said = |list: &Option<Value>, name: &str| names_any(list.as_ref(), &[name]);
    let chats = said(&model.output_modalities, "TEXT");
    Some(ModelInfo {
        chats,
        can: Abilities {
            images: said(&model.input_modalities, "IMAGE"),
            // Sound goes to none of them in a chat.
            audio: said(&model.input_modalities, "SPEECH").filter(|hears| !hears),
            streaming: model
                .response_streaming_supported
                .as_ref()
                .and_then(Value::as_bool)
                .filter(|_| chats == Some(true)),
            embeddings: said(&model.output_modalities, "EMBEDDING"),
            makes_images: said(&model.output_modalities, "IMAGE"),
            ..Abilities::default()
        },
        ..plain(model)?
    })
}

fn profile(model: &Model<'_>) -> Option<ModelInfo> {
    plain(model).filter(|_| model.status.0.is_empty() || model.status.0 == "ACTIVE")
}

fn plain(model: &Model<'_>) -> Option<ModelInfo> {
    let id = model.model_id.some()?.to_owned();
    let name = model.model_name.some().filter(|name| *name != id).map(str::to_owned);
    Some(ModelInfo { id, name, ..ModelInfo::default() })
}
