//! Model lists in every shape: `{"data":[…]}`, a bare list, `{"models":[…]}`.

use serde_json::Value;

use crate::{Category, ModelInfo, ProviderError};

const CONTEXT: &[&str] = &[
    "/context_length",
    "/context_window",
    "/max_model_len",
    "/max_context_length",
    "/meta/n_ctx",
    "/top_provider/context_length",
    "/capabilities/limits/max_context_window_tokens",
];
const MAX_OUTPUT: &[&str] = &[
    "/max_completion_tokens",
    "/max_output_tokens",
    "/top_provider/max_completion_tokens",
    "/capabilities/limits/max_output_tokens",
];

/// Reads a list; entries without a name are left out, a name that comes twice counts once.
pub(super) fn list(body: &[u8]) -> Result<Vec<ModelInfo>, ProviderError> {
    let unreadable = || ProviderError::because(Category::BrokenStream, "unreadable", "This is no list of models");
    let value: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    let items = [Some(&value), value.get("data"), value.get("models")]
        .into_iter()
        .flatten()
        .find_map(Value::as_array)
        .ok_or_else(unreadable)?;
    let mut models: Vec<ModelInfo> = Vec::with_capacity(items.len());
    let mut seen = std::collections::HashSet::new();
    for item in items {
        if let Some(model) = model(item)
            && seen.insert(model.id.clone())
        {
            models.push(model);
        }
    }
    Ok(models)
}

fn model(item: &Value) -> Option<ModelInfo> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
    let id = item.as_str().or_else(|| text("id")).or_else(|| text("key")).or_else(|| text("name"))?;
    let name = text("name").or_else(|| text("display_name")).filter(|name| *name != id);
    let number = |places: &[&str]| {
        places.iter().find_map(|place| item.pointer(place).and_then(Value::as_u64)).filter(|n| *n > 0)
    };
    Some(ModelInfo {
        id: id.to_owned(),
        name: name.map(str::to_owned),
        context: number(CONTEXT),
        max_output: number(MAX_OUTPUT),
        ..ModelInfo::default()
    })
}
