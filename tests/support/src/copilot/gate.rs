//! What keeps a request out of the API.

use serde_json::{Value, json};

use super::{Door, OLDEST_EDITOR, Reply, State};
use crate::upstream::Recorded;

impl State {
    /// Why a request is not let in.
    pub(super) fn refused(&self, door: Door, path: &str, request: &Recorded) -> Option<Reply> {
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let Some(name) = token.and_then(|token| self.tokens.get(token)) else {
            let given = token.unwrap_or_default();
            let message = format!("unauthorized: token expired: {given}");
            return Some(Reply { status: 401, kind: "text/plain", body: message });
        };
        let home = if self.businesses.contains(name) { Door::Second } else { Door::First };
        if home != door {
            return Some(Reply::json(421, json!({ "message": "the token of another host" })));
        }
        headers(request).or_else(|| body(path, request))
    }
}

fn bad(message: &str) -> Option<Reply> {
    Some(Reply::json(400, json!({ "error": { "message": message, "code": "invalid_request_body" } })))
}

fn headers(request: &Recorded) -> Option<Reply> {
    let header = |name: &str| request.header(name).unwrap_or_default();
    if header("copilot-integration-id") != "vscode-chat" {
        return bad("unknown Copilot-Integration-Id");
    }
    if version(header("editor-version")) < version(OLDEST_EDITOR) {
        return Some(Reply { status: 466, kind: "text/plain", body: "client version not supported".to_owned() });
    }
    for (name, begins) in [
        ("editor-plugin-version", "copilot-chat/"),
        ("user-agent", "GitHubCopilotChat/"),
        ("openai-intent", "conversation-"),
    ] {
        if !header(name).starts_with(begins) {
            return bad(&format!("missing {name} header"));
        }
    }
    if header("x-github-api-version").is_empty() {
        return bad("missing X-GitHub-Api-Version header");
    }
    let id = header("x-request-id");
    let is_uuid = id.len() == 36 && id.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if is_uuid { None } else { bad("missing X-Request-Id header") }
}

fn version(text: &str) -> Vec<u32> {
    text.rsplit('/').next().unwrap_or_default().split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

fn body(path: &str, request: &Recorded) -> Option<Reply> {
    if !["/chat/completions", "/responses", "/v1/messages"].contains(&path) {
        return None;
    }
    let text = String::from_utf8_lossy(&request.body);
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    if !matches!(request.header("x-initiator"), Some("user" | "agent")) {
        return bad("missing X-Initiator header");
    }
    let pictures = ["\"image_url\"", "\"input_image\"", "\"type\":\"image\""].iter().any(|kind| text.contains(kind));
    if pictures && request.header("copilot-vision-request") != Some("true") {
        return bad("missing required Copilot-Vision-Request header for vision requests");
    }
    if path == "/responses" && body["store"] != false {
        return bad("store must be false");
    }
    let model = body["model"].as_str().unwrap_or_default();
    let listed = super::answers::endpoints(model);
    let fits = listed.is_some_and(|paths| paths.contains(&path));
    if fits {
        return None;
    }
    let (code, message) = match listed {
        Some(_) => ("unsupported_api_for_model", format!("model {model} is not accessible via the {path} endpoint")),
        None => ("model_not_supported", "The requested model is not supported.".to_owned()),
    };
    Some(Reply::json(400, json!({ "error": { "message": message, "code": code } })))
}
