//! The conversation in the wire's messages: blocks in order, roles in turns.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use serde_json::json;

use super::{
    Maker,
    blocks::{BLOCK, REDACTED, SIGNATURE},
    encode,
    files::{Documents, image},
    tools::{self, Ran},
};
use crate::{
    ChatRequest, Message, OpaqueData, Part, ProviderError, Role,
    catalog::Vendor,
    json::{Json, Object},
};

/// What stands for a result without a word: the wire refuses blank text.
const NOTHING: &str = "(no output)";

/// The blocks of one turn.
struct Turn {
    role: Role,
    /// Results of tools come first in a turn of the person.
    results: Vec<Json>,
    blocks: Vec<Json>,
    /// A name of a document that no text stands beside yet.
    lonely: Option<String>,
}

/// What the parts of a request need to know of the whole.
struct Context<'a> {
    vendor: &'a Vendor,
    maker: Maker,
    ids: HashMap<&'a str, String>,
    /// Calls of the vendor's tools whose results are in the conversation.
    answered: HashSet<String>,
    /// Nothing may be called, so that calls cannot go out, either.
    without_calls: bool,
    documents: Documents,
}

/// The messages of a request. Neighbours of one role become one, what would be empty is left out.
pub(super) fn messages(vendor: &Vendor, request: &ChatRequest, maker: Maker) -> Result<Vec<Json>, ProviderError> {
    let mut context = Context {
        vendor,
        maker,
        ids: ids(request, maker),
        answered: answered(request),
        without_calls: tools::says_none(request),
        documents: Documents::default(),
    };
    let mut turns: Vec<Turn> = Vec::new();
    for message in &request.messages {
        let mut turn = Turn { role: message.role, results: Vec::new(), blocks: Vec::new(), lonely: None };
        match message.role {
            Role::User => context.user(message, &mut turn)?,
            Role::Assistant => turn.blocks.extend(message.parts.iter().flat_map(|part| context.assistant(part))),
        }
        if turn.results.is_empty() && turn.blocks.is_empty() {
            continue;
        }
        match turns.last_mut().filter(|last| last.role == turn.role) {
            Some(last) => {
                last.results.append(&mut turn.results);
                last.blocks.append(&mut turn.blocks);
                last.lonely = last.lonely.take().or(turn.lonely);
            }
            None => turns.push(turn),
        }
    }
    if let Some(last) = turns.last_mut().filter(|last| last.role == Role::Assistant) {
        trim_end(last);
    }
    if encode::keeps_prompts(request, maker)
        && let Some(last) = turns.iter_mut().rev().find(|turn| turn.role == Role::User)
    {
        last.blocks.push(encode::cache_point());
    }
    Ok(turns.into_iter().map(Turn::json).collect())
}

impl Turn {
    fn json(self) -> Json {
        let role = match self.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        // A document without a text beside it is refused.
        let has_text =
            self.blocks.iter().any(|block| matches!(block, Json::Value(value) if value.get("text").is_some()));
        let name = self.lonely.filter(|_| !has_text).map(|name| Json::from(json!({ "text": name })));
        let content = self.results.into_iter().chain(name).chain(self.blocks).collect::<Json>();
        Object::new().with("role", role).with("content", content).into()
    }
}

/// An answer that is to go on must not end in white space.
fn trim_end(turn: &mut Turn) {
    if let Some(Json::Value(block)) = turn.blocks.last_mut()
        && let Some(text) = block.get("text").and_then(|text| text.as_str()).map(|text| text.trim_end().to_owned())
    {
        block["text"] = text.into();
    }
}

impl Context<'_> {
    fn user(&mut self, message: &Message, turn: &mut Turn) -> Result<(), ProviderError> {
        for part in &message.parts {
            match part {
                Part::ToolResult { call_id, name, content, is_error } => {
                    let result = self.result(call_id, name, content, *is_error);
                    turn.results.push(result);
                }
                Part::Text { text, .. } => turn.blocks.extend(text_block(text)),
                Part::Image { media_type, data, .. } => {
                    turn.blocks.push(image(self.vendor, media_type, data)?.into());
                }
                Part::File { name, media_type, data } => {
                    let (block, is_document) = self.documents.block(self.vendor, name, media_type, data)?;
                    if is_document {
                        let named = if name.trim().is_empty() { "document" } else { name };
                        turn.lonely.get_or_insert_with(|| named.to_owned());
                    }
                    turn.blocks.push(block.into());
                }
                // A person neither reasons, calls nor refuses.
                Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ServerTool { .. } | Part::Refusal { .. } => {}
            }
        }
        Ok(())
    }

    fn result(&self, call_id: &str, name: &str, content: &str, is_error: bool) -> Json {
        let content = if content.trim().is_empty() { NOTHING } else { content };
        if self.without_calls {
            return json!({ "text": format!("{name}: {content}") }).into();
        }
        // Only these makers' models know how a call went; others are told in words, by the content.
        let knows = matches!(self.maker, Maker::Anthropic | Maker::Amazon);
        let status = knows.then_some(if is_error { "error" } else { "success" });
        let result = Object::new()
            .with("toolUseId", self.id(call_id).into_owned())
            .with("content", json!([{ "text": content }]))
            .with_some("status", status);
        Object::new().with("toolResult", result).into()
    }

    /// The blocks a part of an answer goes back as.
    fn assistant(&self, part: &Part) -> Vec<Json> {
        match part {
            Part::Text { text, .. } | Part::Refusal { text } => text_block(text).into_iter().collect(),
            Part::Reasoning { text, opaque } => opaque.iter().filter_map(|data| reasoning(text, data)).collect(),
            Part::ToolCall { .. } if self.without_calls => Vec::new(),
            Part::ToolCall { id, name, arguments, .. } => {
                let call = Object::new()
                    .with("toolUseId", self.id(id).into_owned())
                    .with("name", name.as_str())
                    .with("input", Json::arguments(arguments));
                vec![Object::new().with("toolUse", call).into()]
            }
            Part::ServerTool { opaque, .. } => {
                let whole = opaque.iter().filter(|o| o.kind == BLOCK && !self.without_calls);
                whole.filter(|o| self.is_whole(&o.json)).filter_map(|o| Json::raw(&o.json)).collect()
            }
            // The wire has no place for media in an answer.
            Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } => Vec::new(),
        }
    }

    /// False for a call whose result never came, because the answer was stopped: the wire refuses it.
    fn is_whole(&self, block: &str) -> bool {
        let ran: Ran<'_> = serde_json::from_str(block).unwrap_or_default();
        ran.tool_use.is_none_or(|ids| self.answered.contains(&*ids.tool_use_id.0))
    }

    fn id<'a>(&'a self, id: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(self.ids.get(id).map_or(id, String::as_str))
    }
}

/// Reasoning without a signature stays here: sent back, it leaks into what the model says.
fn reasoning(text: &str, data: &OpaqueData) -> Option<Json> {
    let raw = Json::raw(&data.json)?;
    let content = match data.kind.as_str() {
        SIGNATURE => {
            let signed = Object::new().with("text", text).with("signature", raw);
            Object::new().with("reasoningText", signed)
        }
        REDACTED => Object::new().with("redactedContent", raw),
        _ => return None,
    };
    Some(Object::new().with("reasoningContent", content).into())
}

/// The wire refuses blank text.
fn text_block(text: &str) -> Option<Json> {
    (!text.trim().is_empty()).then(|| json!({ "text": text }).into())
}

/// Which id goes out for one that the wire does not take: those of other vendors may be too long, and Mistral's models
/// want nine letters and digits. Counted, so that every request says the same.
fn ids(request: &ChatRequest, maker: Maker) -> HashMap<&str, String> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let all: Vec<&str> = parts
        .filter_map(|part| match part {
            Part::ToolCall { id, .. } => Some(id.as_str()),
            Part::ToolResult { call_id, .. } => Some(call_id.as_str()),
            _ => None,
        })
        .collect();
    let fits = |id: &str| match maker {
        Maker::Mistral => id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()),
        _ => (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b)),
    };
    let taken: HashSet<&str> = all.iter().copied().filter(|id| fits(id)).collect();
    let mut free = (1..).map(|n| format!("call{n:05}")).filter(|id| !taken.contains(id.as_str()));
    let mut ids = HashMap::new();
    for id in all.iter().copied().filter(|id| !fits(id)) {
        if !ids.contains_key(id) {
            ids.insert(id, free.next().unwrap_or_default());
        }
    }
    ids
}

fn answered(request: &ChatRequest) -> HashSet<String> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let blocks = parts.filter_map(|part| if let Part::ServerTool { opaque, .. } = part { Some(opaque) } else { None });
    let ran = blocks.flatten().filter_map(|o| serde_json::from_str::<Ran<'_>>(&o.json).ok());
    ran.filter_map(|ran| ran.tool_result.map(|ids| ids.tool_use_id.0.into_owned())).collect()
}
