//! The conversation in the wire's messages, and the documents beside it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{json, value::RawValue};

use super::{assemble::PLAN, thinking};
use crate::{
    Category, ChatRequest, Message, Part, ProviderError, Role,
    catalog::{Quirk, Vendor},
    json::{Json, Object},
};

/// The image types of the wire.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// A conversation as it goes out.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) messages: Vec<Json>,
    /// Files of the person. The wire has one list for the whole conversation, and cites them by it.
    pub(super) documents: Vec<Json>,
}

/// The messages of a request. What would be empty is left out.
pub(super) fn conversation(vendor: &Vendor, request: &ChatRequest) -> Result<Conversation, ProviderError> {
    let mut out = Conversation::default();
    if let Some(system) = request.system.as_deref().filter(|s| !s.trim().is_empty()) {
        out.messages.push(json!({ "role": "system", "content": system }).into());
    }
    // The wire takes documents neither beside tools nor beside a schema.
    let documents = vendor.has(Quirk::NativeFiles) && request.tools.is_empty() && request.response_schema.is_none();
    let thinks = thinking::thinks(vendor.rule(&request.model));
    for message in &request.messages {
        match message.role {
            Role::User => out.user(vendor, message, documents)?,
            Role::Assistant => out.messages.extend(assistant(message, thinks).map(Json::from)),
        }
    }
    Ok(out)
}

impl Conversation {
    /// Tool results become messages of their own, before what the person says.
    fn user(&mut self, vendor: &Vendor, message: &Message, documents: bool) -> Result<(), ProviderError> {
        // A message of nothing but files would be empty without them.
        let says = |part: &Part| match part {
            Part::Text { text, .. } => !text.trim().is_empty(),
            Part::Image { .. } => true,
            _ => false,
        };
        let documents = documents && message.parts.iter().any(says);
        let mut content: Vec<Json> = Vec::new();
        let mut texts: Vec<String> = Vec::new();
        for part in &message.parts {
            match part {
                Part::ToolResult { call_id, content, .. } => {
                    self.messages.push(json!({ "role": "tool", "tool_call_id": call_id, "content": content }).into());
                }
                Part::Text { text, .. } if text.trim().is_empty() => {}
                Part::Text { text, .. } => texts.push(text.clone()),
                Part::Image { media_type, data, .. } => {
                    content.extend(text(&mut texts));
                    content.push(image(vendor, media_type, data)?);
                }
                Part::File { name, media_type, data } => {
                    let text = file(vendor, media_type, data)?;
                    if documents && !text.trim().is_empty() {
                        self.documents.push(json!({ "data": { "title": name, "text": text } }).into());
                    } else {
                        texts.push(format!("{name}:\n\n{text}"));
                    }
                }
                // A person neither reasons, calls nor refuses.
                Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ServerTool { .. } | Part::Refusal { .. } => {}
            }
        }
        let content: Json = match content.is_empty() {
            true if texts.is_empty() => return Ok(()),
            true => texts.join("\n\n").into(),
            false => content.into_iter().chain(text(&mut texts)).collect(),
        };
        self.messages.push(Object::new().with("role", "user").with("content", content).into());
        Ok(())
    }
}

/// What was said so far, as one piece of content.
fn text(texts: &mut Vec<String>) -> Option<Json> {
    let text = std::mem::take(texts).join("\n\n");
    (!text.is_empty()).then(|| json!({ "type": "text", "text": text }).into())
}

fn assistant(message: &Message, thinks: bool) -> Option<Object> {
    let (mut text, mut thinking) = (String::new(), String::new());
    let mut plan = None;
    let mut calls: Vec<Json> = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text: more, .. } | Part::Refusal { text: more } => text.push_str(more),
            Part::Reasoning { text: more, opaque } => match opaque.iter().find(|data| data.kind == PLAN) {
                Some(data) => plan = Json::raw(&data.json).or(plan),
                None => thinking.push_str(more),
            },
            Part::ToolCall { id, name, arguments, .. } => calls.push(call(id, name, arguments).into()),
            // The wire takes no images or files of the model back.
            Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } | Part::ServerTool { .. } => {}
        }
    }
    if text.trim().is_empty() && calls.is_empty() {
        return None;
    }
    // A model goes on from its own thoughts while it works with tools.
    let thought = Some(thinking).filter(|t| thinks && !calls.is_empty() && !t.is_empty());
    let text = Some(text).filter(|t| !t.trim().is_empty());
    let content: Option<Json> = match (thought, text) {
        (None, text) => text.map(Json::from),
        (Some(thought), text) => {
            let thought = json!({ "type": "thinking", "thinking": thought });
            let text = text.map(|text| json!({ "type": "text", "text": text }));
            Some(std::iter::once(thought).chain(text).map(Json::from).collect())
        }
    };
    let mut out = Object::new().with("role", "assistant").with_some("content", content);
    if !calls.is_empty() {
        out = out.with_some("tool_plan", plan).with("tool_calls", Json::List(calls));
    }
    Some(out)
}

fn call(id: &str, name: &str, arguments: &str) -> Object {
    let function = Object::new().with("name", name).with("arguments", object(arguments));
    Object::new().with("id", id).with("type", "function").with("function", function)
}

/// The arguments as they came, where they are an object; another model may have made something else of them.
fn object(arguments: &str) -> String {
    let text = arguments.trim();
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) if text.starts_with('{') => arguments.to_owned(),
        _ if matches!(text, "" | "null") => "{}".to_owned(),
        _ => json!({ "input": text }).to_string(),
    }
}

fn image(vendor: &Vendor, media_type: &str, data: &[u8]) -> Result<Json, ProviderError> {
    let media_type = if media_type == "image/jpg" { "image/jpeg" } else { media_type };
    if !IMAGES.contains(&media_type) {
        return Err(unsupported(vendor, "images", media_type));
    }
    let url = format!("data:{media_type};base64,{}", STANDARD.encode(data));
    Ok(json!({ "type": "image_url", "image_url": { "url": url } }).into())
}

/// The text of a file: the wire takes nothing else.
fn file<'a>(vendor: &Vendor, media_type: &str, data: &'a [u8]) -> Result<&'a str, ProviderError> {
    let text = std::str::from_utf8(data).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| unsupported(vendor, "files", media_type))
}

fn unsupported(vendor: &Vendor, what: &str, media_type: &str) -> ProviderError {
    let message = format!("{} takes no {what} of the type {media_type}", vendor.name);
    ProviderError::because(Category::BadRequest, "file_unsupported", message)
}
