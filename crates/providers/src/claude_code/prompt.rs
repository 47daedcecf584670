//! The one message that the program is sent: it takes no turns of the assistant, so a conversation is written out.

use serde_json::json;

use crate::catalog::Vendor;
use crate::dialects::anthropic::messages::file_block;
use crate::json::{Json, Object};
use crate::{Category, ChatRequest, Part, ProviderError, ReasoningEffort, transcript};

/// Before a conversation that is written out.
const BEFORE: &str = "This is our conversation so far. Answer its last message, and do not repeat the headings.";
/// Instead of the instructions of a coding agent, where a chat has none of its own: an empty text would bring those back.
const NO_INSTRUCTIONS: &str = "You are Claude, a helpful assistant in a chat.";

/// The line that asks.
///
/// # Errors
/// `bad_request` with the causes `file_unsupported` and `tools_unsupported`.
pub(super) fn line(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<u8>, ProviderError> {
    if !request.tools.is_empty() {
        let message = "Claude Code takes no tools of others";
        return Err(ProviderError::because(Category::BadRequest, "tools_unsupported", message));
    }
    let message = Object::new().with("role", "user").with("content", content(vendor, request)?);
    let line = Object::new()
        .with("type", "user")
        .with("message", message)
        .with("parent_tool_use_id", json!(null))
        .with("session_id", "default");
    let mut line = Json::from(line).text().into_bytes();
    line.push(b'\n');
    Ok(line)
}

/// Pieces of the message: neighbouring words become one block.
#[derive(Default)]
struct Pieces {
    blocks: Vec<Json>,
    words: String,
}

impl Pieces {
    fn say(&mut self, words: &str) {
        if !self.words.is_empty() {
            self.words.push_str("\n\n");
        }
        self.words.push_str(words);
    }

    fn show(&mut self, block: impl Into<Json>) {
        self.flush();
        self.blocks.push(block.into());
    }

    fn flush(&mut self) {
        if !self.words.is_empty() {
            let text = std::mem::take(&mut self.words);
            self.blocks.push(json!({ "type": "text", "text": text }).into());
        }
    }
}

fn content(vendor: &Vendor, request: &ChatRequest) -> Result<Json, ProviderError> {
    let shows =
        |part: &Part| matches!(part, Part::Image { .. } | Part::File { .. }) || transcript::part(part).is_some();
    let messages: Vec<_> = request.messages.iter().filter(|message| message.parts.iter().any(shows)).collect();
    let mut pieces = Pieces::default();
    let written_out = messages.len() > 1;
    if written_out {
        pieces.say(BEFORE);
    }
    for message in messages {
        if written_out {
            pieces.say(transcript::heading(message.role));
        }
        for part in &message.parts {
            match file_block(vendor, part)? {
                Some(block) => pieces.show(block),
                None => transcript::part(part).iter().for_each(|words| pieces.say(words)),
            }
        }
    }
    pieces.flush();
    Ok(Json::List(pieces.blocks))
}

/// What it is told to be.
pub(super) fn instructions(request: &ChatRequest) -> &str {
    transcript::system(request).unwrap_or(NO_INSTRUCTIONS)
}

/// How hard to think, in the program's words.
pub(super) fn effort(effort: Option<ReasoningEffort>) -> &'static [&'static str] {
    match effort {
        None => &[],
        Some(ReasoningEffort::None) => &["--thinking", "disabled"],
        Some(ReasoningEffort::Minimal | ReasoningEffort::Low) => &["--effort", "low"],
        Some(ReasoningEffort::Medium) => &["--effort", "medium"],
        Some(ReasoningEffort::High) => &["--effort", "high"],
        Some(ReasoningEffort::Max) => &["--effort", "max"],
    }
}
