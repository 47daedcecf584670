//! Model lists in every shape: `{"data":[…]}`, a bare list, `{"models":[…]}`.

mod wired;

use serde_json::Value;

pub(super) use wired::wired;

use crate::{
    Abilities, Category, ModelInfo, ProviderError,
    catalog::{Quirk, Vendor},
    provider::names_any,
};

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
pub(super) fn list(vendor: &Vendor, body: &[u8]) -> Result<Vec<ModelInfo>, ProviderError> {
    let deployments = vendor.has(Quirk::DeploymentList);
    listed(body, |item| if deployments { deployment(vendor, item) } else { model(item) })
}

/// The same, of the entries that `read` finds a model in.
fn listed(body: &[u8], mut read: impl FnMut(&Value) -> Option<ModelInfo>) -> Result<Vec<ModelInfo>, ProviderError> {
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
        if let Some(model) = read(item)
            && seen.insert(model.id.clone())
        {
            models.push(model);
        }
    }
    Ok(models)
}

/// A model that somebody deployed under a name of their own; the name of the model says what it can do.
fn deployment(vendor: &Vendor, item: &Value) -> Option<ModelInfo> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
    let id = text("id")?;
    if text("status").is_some_and(|status| status != "succeeded") {
        return None;
    }
    let Some(model) = text("model") else { return Some(ModelInfo { id: id.to_owned(), ..ModelInfo::default() }) };
    let known = vendor.known(model);
    let can = vendor.abilities(model);
    Some(ModelInfo {
        id: id.to_owned(),
        name: (id != model).then(|| format!("{id} ({model})")),
        context: known.and_then(|known| known.context),
        max_output: vendor.max_output(model),
        chats: can.embeddings.filter(|embeds| *embeds).map(|_| false),
        can,
        ..ModelInfo::default()
    })
}

fn model(item: &Value) -> Option<ModelInfo> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
    let id = item.as_str().or_else(|| text("id")).or_else(|| text("key")).or_else(|| text("name"))?;
    let name = text("name").or_else(|| text("display_name")).filter(|name| *name != id);
    let number = |places: &[&str]| {
        places.iter().find_map(|place| item.pointer(place).and_then(Value::as_u64)).filter(|n| *n > 0)
    };
    let (chats, can) = kind(item, abilities(item));
    Some(ModelInfo {
        id: id.to_owned(),
        name: name.map(str::to_owned),
        context: number(CONTEXT).or_else(|| smallest_context(item)),
        max_output: number(MAX_OUTPUT),
        chats,
        can: can.or(of_all(item)),
        ..ModelInfo::default()
    })
}

/// Those behind a router that serve a model now.
fn servers(item: &Value) -> impl Iterator<Item = &Value> {
    let all = item.get("providers").and_then(Value::as_array).into_iter().flatten();
    all.filter(|server| server.get("status").and_then(Value::as_str).is_none_or(|status| status == "live"))
}

/// The router chooses: what fits the smallest of them fits all.
fn smallest_context(item: &Value) -> Option<u64> {
    servers(item).filter_map(|server| server.get("context_length")?.as_u64()).filter(|n| *n > 0).min()
}

/// What all of them say alike.
fn of_all(item: &Value) -> Abilities {
    let alike = |name: &str| {
        let mut said = servers(item).map(|server| server.get(name).and_then(Value::as_bool));
        let first = said.next()??;
        said.all(|other| other == Some(first)).then_some(first)
    };
    Abilities {
        tools: alike("supports_tools"),
        structured: alike("supports_structured_output"),
        ..Abilities::default()
    }
}

/// Where lists of what goes in stand: OpenRouter, Hugging Face, llama.cpp; xAI.
const INPUTS: &[&str] = &["/architecture/input_modalities", "/input_modalities"];
const OUTPUTS: &[&str] = &["/architecture/output_modalities", "/output_modalities"];
/// Where a model's kind stands: Together, Vercel, LM Studio; Copilot; Fireworks; LiteLLM.
const KINDS: &[&str] = &["/type", "/capabilities/type", "/kind", "/model_info/mode"];

/// What the vendor says a model can do, in the words of OpenRouter, Mistral, LM Studio, Fireworks and Copilot. What a
/// list leaves out of its flags is unknown; what it leaves out of its inputs and outputs the model does not take or
/// make.
fn abilities(item: &Value) -> Abilities {
    let flag = |places: &[&str]| places.iter().find_map(|place| item.pointer(place)?.as_bool());
    let supports = |name: &str| names_any(item.get("supported_parameters"), &[name]);
    let flags = Abilities {
        images: flag(&["/capabilities/vision", "/capabilities/supports/vision", "/supports_image_input"]),
        audio: flag(&["/capabilities/audio"]),
        tools: flag(&[
            "/capabilities/function_calling",
            "/capabilities/trained_for_tool_use",
            "/capabilities/supports/tool_calls",
            "/supports_tools",
        ])
        .or_else(|| supports("tools")),
        reasoning: flag(&["/capabilities/reasoning"]).or_else(|| supports("reasoning")),
        structured: flag(&["/capabilities/supports/structured_outputs"]).or_else(|| supports("structured_outputs")),
        streaming: flag(&["/capabilities/supports/streaming"]),
        embeddings: flag(&["/capabilities/embeddings"]),
        ..Abilities::default()
    };
    let list = |places: &[&str]| places.iter().find_map(|place| item.pointer(place));
    let inputs = Abilities::of_inputs(list(INPUTS));
    let outputs = Abilities::of_outputs(list(OUTPUTS));
    // A router that reads PDF files out for its models takes them for every one.
    flags.or(Abilities { pdf: inputs.pdf.filter(|takes| *takes), ..inputs }).or(outputs)
}

/// Whether a model answers chats, and what its kind says of its abilities. A kind that is not known says nothing.
fn kind(item: &Value, can: Abilities) -> (Option<bool>, Abilities) {
    let word = KINDS.iter().find_map(|place| item.pointer(place).and_then(Value::as_str)).unwrap_or_default();
    let flag = |places: &[&str]| places.iter().find_map(|place| item.pointer(place)?.as_bool());
    let said = flag(&["/capabilities/completion_chat", "/capabilities/chat_completion", "/supports_chat"]);
    match word.to_ascii_lowercase().as_str() {
        "chat" | "language" | "llm" | "vlm" => (said.or(Some(true)), can),
        "embedding" | "embeddings" | "embedding_model" => (Some(false), Abilities { embeddings: Some(true), ..can }),
        "image" | "image_generation" => (said.or(Some(false)), Abilities { makes_images: Some(true), ..can }),
        "audio" | "speech" | "audio_speech" => (said.or(Some(false)), Abilities { makes_audio: Some(true), ..can }),
        "moderation" | "rerank" | "reranking" | "transcribe" | "audio_transcription" | "video" => (Some(false), can),
        _ => {
            let texts = OUTPUTS.iter().find_map(|place| names_any(item.pointer(place), &["text"]));
            let embeds = can.embeddings == Some(true) && texts == Some(false);
            (said.or(embeds.then_some(false)), can)
        }
    }
}
