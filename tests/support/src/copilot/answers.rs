//! The API's answers.

use serde_json::{Value, json};

use super::{Door, Reply, State};
use crate::upstream::Recorded;

/// Models, and the paths they answer.
const MODELS: [(&str, &[&str]); 3] = [
    ("gpt-4o", &["/chat/completions"]),
    ("gpt-5.3-codex", &["/responses", "ws:/responses"]),
    ("claude-sonnet-4.6", &["/chat/completions", "/v1/messages"]),
];

/// What a model answers; `None` where there is none of that name.
pub(super) fn endpoints(model: &str) -> Option<&'static [&'static str]> {
    MODELS.iter().find(|(name, _)| *name == model).map(|(_, paths)| *paths)
}

pub(super) fn reply(state: &mut State, door: Door, request: &Recorded) -> Reply {
    let path = request.line().split(' ').nth(1).unwrap_or_default().to_owned();
    if let Some(reply) = state.steered(&path).or_else(|| state.github(door, &path, request)) {
        return reply;
    }
    if let Some(refusal) = state.refused(door, &path, request) {
        return refusal;
    }
    match path.as_str() {
        "/models" => Reply::json(200, models()),
        "/chat/completions" => Reply::events(chat(request)),
        "/responses" => Reply::events(responses()),
        "/v1/messages" => Reply::events(messages()),
        _ => Reply::json(404, json!({ "message": "Not Found" })),
    }
}

impl State {
    /// For tests in other languages: `/_stand-in/approve/CODE-0001`, `/_stand-in/deny/…`, `/_stand-in/expire/…`.
    fn steered(&mut self, path: &str) -> Option<Reply> {
        let (what, code) = path.strip_prefix("/_stand-in/")?.split_once('/')?;
        let step = match what {
            "approve" => super::Device::Approved("octo-one".to_owned()),
            "deny" => super::Device::Denied,
            "expire" => super::Device::Expired,
            _ => return None,
        };
        let device = self.devices.values_mut().find(|(known, _)| known == code)?;
        device.1 = vec![step];
        Some(Reply::json(200, json!({})))
    }
}

fn model(id: &str, endpoints: Option<&[&str]>, shown: bool, policy: &str) -> Value {
    let mut model = json!({
        "id": id, "object": "model", "name": format!("The {id}"), "model_picker_enabled": shown,
        "policy": { "state": policy },
        "capabilities": { "type": "chat", "family": id,
            "limits": { "max_context_window_tokens": 128_000, "max_prompt_tokens": 12_288, "max_output_tokens": 4096 },
            "supports": { "streaming": true, "tool_calls": true, "vision": true } },
    });
    if let Some(endpoints) = endpoints {
        model["supported_endpoints"] = json!(endpoints);
    }
    model
}

fn models() -> Value {
    let listed = MODELS.map(|(id, paths)| model(id, (id != "gpt-4o").then_some(paths), true, "enabled"));
    let hidden = [
        model("trajectory-compaction", None, false, "enabled"),
        model("gpt-9-unaccepted", Some(&["/responses"]), true, "unconfigured"),
        model("gpt-4o-2024-11-20", None, true, "enabled"),
    ]
    .map(|mut model| {
        if model["id"] == "gpt-4o-2024-11-20" {
            model["capabilities"]["family"] = json!("gpt-4o");
        }
        model
    });
    json!({ "object": "list", "data": listed.iter().chain(&hidden).collect::<Vec<_>>() })
}

fn events(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// Text in one choice and reasoning before it; usage in the chunk with the finish reason.
fn chat(request: &Recorded) -> String {
    let given = request.header("authorization").unwrap_or_default();
    let chunk = |delta: Value| json!({ "choices": [{ "index": 0, "delta": delta }], "id": "c1", "model": "gpt-4o" });
    let end = json!({
        "choices": [{ "index": 0, "delta": { "content": null }, "finish_reason": "stop" }], "id": "c1", "model": "gpt-4o",
        "usage": { "prompt_tokens": 100, "prompt_tokens_details": { "cached_tokens": 0 }, "completion_tokens": 20,
            "reasoning_tokens": 0, "total_tokens": 120 },
        "copilot_usage": { "total_nano_aiu": 0, "token_details": [
            { "token_type": "input", "token_count": 100, "batch_size": 1_000_000, "cost_per_batch": 0 } ] },
    });
    let first = json!({ "choices": [], "created": 0, "id": "", "prompt_filter_results": [{ "echo": given }] });
    let body = events(&[first, chunk(json!({ "role": "assistant", "content": "By chat." })), end]);
    format!("{body}data: [DONE]\n\n")
}

/// The ids of one item change from event to event.
fn responses() -> String {
    events(&[
        json!({ "type": "response.created", "response": { "id": "r1", "model": "gpt-5.3-codex" } }),
        json!({ "type": "response.output_item.added", "output_index": 0,
            "item": { "type": "reasoning", "id": "rs_a", "summary": [] } }),
        json!({ "type": "response.output_item.done", "output_index": 0,
            "item": { "type": "reasoning", "id": "rs_b", "summary": [], "encrypted_content": "s3al3d" } }),
        json!({ "type": "response.output_item.added", "output_index": 1,
            "item": { "type": "message", "id": "m_a", "role": "assistant", "content": [] } }),
        json!({ "type": "response.output_text.delta", "output_index": 1, "content_index": 0, "item_id": "m_b", "delta": "By " }),
        json!({ "type": "response.output_text.delta", "output_index": 1, "content_index": 0, "item_id": "m_c",
            "delta": "responses." }),
        json!({ "type": "response.output_item.done", "output_index": 1, "item": { "type": "message", "id": "m_d",
            "role": "assistant", "content": [{ "type": "output_text", "text": "By responses." }] } }),
        json!({ "type": "response.completed",
            "response": { "id": "r1", "status": "completed", "usage": { "input_tokens": 73, "output_tokens": 430,
                "output_tokens_details": { "reasoning_tokens": 152 }, "total_tokens": 503 } },
            "copilot_usage": { "total_nano_aiu": 614_775_000, "token_details": [
                { "token_type": "input", "token_count": 73 }, { "token_type": "output", "token_count": 430 } ] } }),
    ])
}

fn messages() -> String {
    let usage = json!({ "input_tokens": 12, "cache_read_input_tokens": 30, "output_tokens": 5 });
    events(&[
        json!({ "type": "message_start", "message": { "type": "message", "id": "msg_1", "model": "claude-sonnet-4.6",
            "content": [], "usage": usage } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "By messages." } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 7 },
            "copilot_usage": { "total_nano_aiu": 100_000 } }),
        json!({ "type": "message_stop", "amazon-bedrock-invocationMetrics": {} }),
    ])
}
