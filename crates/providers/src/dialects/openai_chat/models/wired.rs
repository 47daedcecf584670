//! Lists that say by which wire each model is asked, and which of them are for people (Copilot).

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{listed, model};
use crate::{ModelInfo, ProviderError, catalog::DialectId};

/// The wires, the one that tells most first: what a model thought comes with its signature, and goes back with it.
const WIRES: [(&str, DialectId); 3] = [
    ("/v1/messages", DialectId::Anthropic),
    ("/responses", DialectId::OpenaiResponses),
    ("/chat/completions", DialectId::OpenaiChat),
];

/// Reads a list. Left out are models that are not for people, those whose terms nobody accepted, those that only other
/// wires answer, and dated copies of one that is there.
pub(in crate::dialects::openai_chat) fn wired(body: &[u8]) -> Result<Vec<ModelInfo>, ProviderError> {
    let mut said: HashMap<String, Said> = HashMap::new();
    let mut models = listed(body, |item| {
        let found = model(item)?;
        said.entry(found.id.clone()).or_insert(Said::of(item)?);
        Some(found)
    })?;
    let ids: HashSet<String> = models.iter().map(|model| model.id.clone()).collect();
    models.retain(|model| {
        let of_family = |whole: &str| {
            let family = |id: &str| said.get(id).and_then(|said| said.family.as_ref());
            ids.contains(whole) && family(whole).is_some() && family(whole) == family(&model.id)
        };
        undated(&model.id).is_none_or(|whole| !of_family(whole))
    });
    for model in &mut models {
        let Some(said) = said.get(&model.id) else { continue };
        model.wire = said.wire;
        // Answers have room of their own: what a prompt may have is the limit.
        model.context = said.prompt.or(model.context);
        model.can.reasoning = model.can.reasoning.or(said.reasons);
    }
    Ok(models)
}

/// What an entry says beside what every list does.
struct Said {
    family: Option<String>,
    wire: Option<DialectId>,
    prompt: Option<u64>,
    reasons: Option<bool>,
}

impl Said {
    /// `None` where the entry is left out.
    fn of(item: &Value) -> Option<Self> {
        let text = |at: &str| item.pointer(at).and_then(Value::as_str);
        let chats = text("/capabilities/type") == Some("chat");
        let for_people = item.get("model_picker_enabled").and_then(Value::as_bool) == Some(true);
        let accepted = text("/policy/state").is_none_or(|state| state == "enabled");
        let embeds = text("/capabilities/type") == Some("embeddings");
        if !(embeds || chats && for_people && accepted) {
            return None;
        }
        let supports = |name: &str| item.pointer("/capabilities/supports")?.get(name);
        let thinks = |value: &Value| value.as_bool() == Some(true) || value.as_u64() > Some(0) || is_filled(value);
        let reasons = ["adaptive_thinking", "max_thinking_budget", "reasoning_effort"]
            .iter()
            .any(|name| supports(name).is_some_and(thinks));
        Some(Self {
            family: text("/capabilities/family").map(str::to_owned),
            wire: wire(item.get("supported_endpoints"), embeds)?,
            prompt: item
                .pointer("/capabilities/limits/max_prompt_tokens")
                .and_then(Value::as_u64)
                .filter(|tokens| *tokens > 0),
            reasons: reasons.then_some(true),
        })
    }
}

fn is_filled(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty())
}

/// The wire of a model; `None` where only others answer. Without a list it is the vendor's own.
fn wire(endpoints: Option<&Value>, embeds: bool) -> Option<Option<DialectId>> {
    let Some(endpoints) = endpoints.and_then(Value::as_array).filter(|_| !embeds) else { return Some(None) };
    let named = |path: &str| endpoints.iter().any(|endpoint| endpoint.as_str() == Some(path));
    WIRES.iter().find(|(path, _)| named(path)).map(|(_, wire)| Some(*wire))
}

/// The name without the date at its end: `gpt-4o-2024-11-20`, `gpt-4-0613`, `x-20250101`.
fn undated(id: &str) -> Option<&str> {
    let whole = id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let date = id.get(whole.len()..)?;
    // A name that ends in a digit itself keeps it: the date begins at the hyphen that fits.
    date.match_indices('-').map(|(at, _)| (whole.len() + at, &date[at + 1..])).find_map(|(at, date)| {
        let digits: Vec<usize> = date.split('-').map(str::len).collect();
        matches!(digits.as_slice(), [4, 2, 2] | [8] | [4]).then(|| id.get(..at)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn item(id: &str, more: Value) -> Value {
        let mut item = json!({
            "id": id, "name": id, "model_picker_enabled": true,
            "capabilities": { "type": "chat", "family": id,
                "limits": { "max_context_window_tokens": 128_000, "max_prompt_tokens": 12_288, "max_output_tokens": 4096 },
                "supports": { "tool_calls": true, "vision": true } },
        });
        for (key, value) in more.as_object().unwrap() {
            let place = if key.starts_with('/') { item.pointer_mut(key) } else { None };
            match place {
                Some(place) => *place = value.clone(),
                None => item[key] = value.clone(),
            }
        }
        item
    }

    fn read(items: &[Value]) -> Vec<ModelInfo> {
        wired(json!({ "data": items }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_model_is_asked_by_what_its_entry_lists_and_a_prompt_has_its_own_limit() {
        let by = |endpoints: &[&str]| item("m", json!({ "supported_endpoints": endpoints }));
        for (entry, wire) in [
            (by(&["/responses", "ws:/responses"]), Some(DialectId::OpenaiResponses)),
            (by(&["/chat/completions", "/v1/messages"]), Some(DialectId::Anthropic)),
            (by(&["/chat/completions"]), Some(DialectId::OpenaiChat)),
            (by(&["/chat/completions", "/responses"]), Some(DialectId::OpenaiResponses)),
            (item("m", json!({})), None),
        ] {
            let models = read(&[entry]);
            assert_eq!((models[0].wire, models[0].context), (wire, Some(12_288)));
            assert_eq!((models[0].can.images, models[0].can.tools), (Some(true), Some(true)));
        }
        assert_eq!(read(&[by(&["ws:/responses"])]), [], "no wire of ours");
    }

    #[test]
    fn what_is_not_for_people_or_not_accepted_is_left_out_and_embedders_stay() {
        let models = read(&[
            item("shown", json!({})),
            item("trajectory-compaction", json!({ "model_picker_enabled": false })),
            item("unaccepted", json!({ "policy": { "state": "unconfigured" } })),
            item("switched-off", json!({ "policy": { "state": "disabled" } })),
            item("accepted", json!({ "policy": { "state": "enabled" } })),
            item("completer", json!({ "/capabilities/type": "completion" })),
            item("embedder", json!({ "/capabilities/type": "embeddings", "model_picker_enabled": false })),
            json!("text"),
            json!({}),
        ]);
        let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["shown", "accepted", "embedder"]);
        assert_eq!((models[2].chats, models[2].can.embeddings), (Some(false), Some(true)));
    }

    #[test]
    fn dated_copies_of_a_family_go_and_other_models_of_it_stay() {
        let of = |id: &str, family: &str| item(id, json!({ "/capabilities/family": family }));
        let models = read(&[
            of("gpt-4o-2024-11-20", "gpt-4o"),
            of("gpt-4o", "gpt-4o"),
            of("gpt-4-0613", "gpt-4"),
            of("gpt-4", "gpt-4"),
            of("claude-opus-4.6-fast", "claude-opus-4.6"),
            of("claude-opus-4.6", "claude-opus-4.6"),
            of("lone-2025-01-01", "lone"),
            of("x-20250101", "y"),
            of("x", "x"),
        ]);
        let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        let kept = ["gpt-4o", "gpt-4", "claude-opus-4.6-fast", "claude-opus-4.6", "lone-2025-01-01", "x-20250101", "x"];
        assert_eq!(ids, kept);
    }

    #[test]
    fn what_thinks_says_so() {
        let supports =
            |supports: Value| read(&[item("m", json!({ "/capabilities/supports": supports }))]).remove(0).can.reasoning;
        assert_eq!(supports(json!({ "adaptive_thinking": true })), Some(true));
        assert_eq!(supports(json!({ "reasoning_effort": ["low"] })), Some(true));
        assert_eq!(supports(json!({ "max_thinking_budget": 32_000 })), Some(true));
        assert_eq!(supports(json!({ "adaptive_thinking": false, "reasoning_effort": [] })), None);
    }
}
