//! The model list: `{"models":[…],"nextPageToken":"…"}`.

use std::collections::HashSet;

use serde::Deserialize;

use super::{address, wire::List};
use crate::{
    Abilities, Category, ModelInfo, ProviderError,
    loose::{Count, Text},
};

/// Models a page; the most the vendor gives.
const PAGE: u32 = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    models: List<Model<'a>>,
    #[serde(borrow, default)]
    next_page_token: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Model<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    input_token_limit: Count,
    output_token_limit: Count,
    #[serde(borrow)]
    supported_generation_methods: Option<List<Text<'a>>>,
    /// Whether it thinks; newer answers only.
    thinking: Option<serde_json::Value>,
}

/// The path of a page of the list.
pub(super) fn path(page: Option<&str>) -> String {
    match page {
        None => format!("models?pageSize={PAGE}"),
        Some(token) => format!("models?pageSize={PAGE}&pageToken={}", address::segment(token)),
    }
}

/// Reads a page; entries without a name are left out, a name that comes twice counts once.
pub(super) fn list(body: &[u8]) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
    let unreadable = |_| ProviderError::because(Category::BrokenStream, "unreadable", "This is no list of models");
    let page: Page<'_> = serde_json::from_slice(body).map_err(unreadable)?;
    let mut seen = HashSet::new();
    let models = page.models.0.iter().filter_map(model).filter(|model| seen.insert(model.id.clone())).collect();
    Ok((models, page.next_page_token.some().map(str::to_owned)))
}

fn model(model: &Model<'_>) -> Option<ModelInfo> {
    let listed = model.name.some()?;
    let id = address::short(listed);
    let methods = model.supported_generation_methods.as_ref();
    let has = |name: &str| methods.map(|methods| methods.0.iter().any(|m| m.0 == name));
    Some(ModelInfo {
        id: id.to_owned(),
        listed_as: (id != listed).then(|| listed.to_owned()),
        name: model.display_name.some().map(str::to_owned),
        context: model.input_token_limit.0.filter(|n| *n > 0),
        max_output: model.output_token_limit.0.filter(|n| *n > 0),
        can: Abilities {
            reasoning: model.thinking.as_ref().and_then(serde_json::Value::as_bool),
            embeddings: has("embedContent"),
            // Live models stream over another wire than this one.
            streaming: has("generateContent").filter(|can| *can),
            ..Abilities::default()
        },
        chats: has("generateContent"),
        ..ModelInfo::default()
    })
}
