//! Model lists in every shape: `{"data":[…]}`, a bare list, `{"models":[…]}`.

use serde_json::Value;

use crate::{Abilities, Category, ModelInfo, ProviderError};

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
        can: abilities(item),
        ..ModelInfo::default()
    })
}

/// Where lists of what goes in stand: OpenRouter, Hugging Face, llama.cpp; xAI.
const INPUTS: &[&str] = &["/architecture/input_modalities", "/input_modalities"];

/// What the vendor says a model can do, in the words of OpenRouter, Mistral and LM Studio. What a list leaves out of its
/// flags is unknown; what it leaves out of its inputs the model does not take.
fn abilities(item: &Value) -> Abilities {
    let flag = |names: &[&str]| names.iter().find_map(|name| item.get("capabilities")?.get(name)?.as_bool());
    let parameters = item.get("supported_parameters").and_then(Value::as_array).filter(|list| !list.is_empty());
    let supports = |name: &str| parameters.map(|list| list.iter().any(|parameter| parameter == name));
    let flags = Abilities {
        images: flag(&["vision"]),
        pdf: None,
        audio: flag(&["audio"]),
        tools: flag(&["function_calling", "trained_for_tool_use"]).or_else(|| supports("tools")),
        reasoning: flag(&["reasoning"]).or_else(|| supports("reasoning")),
        ..Abilities::default()
    };
    let inputs = INPUTS.iter().find_map(|place| item.pointer(place));
    let inputs = Abilities::of_inputs(inputs);
    // A router that reads PDF files out for its models takes them for every one.
    flags.or(Abilities { pdf: inputs.pdf.filter(|takes| *takes), ..inputs })
}
