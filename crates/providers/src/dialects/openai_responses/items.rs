//! Items of the vendor's own tools: a picture that was made, and everything else that is only shown.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    opaque::{IMAGE, ITEM, event},
    wire::Item,
};
use crate::{
    ChatEvent,
    chat::MediaSource,
    dialects::openai_chat::media,
    loose::{Fields, Text},
};

/// A picture, and what goes back of it.
pub(super) struct Made {
    pub(super) media: ChatEvent,
    pub(super) opaque: Option<ChatEvent>,
}

/// The picture of an item; `None` where it holds none.
pub(super) fn made(block: u32, item: &Item<'_>, raw: &RawValue) -> Option<Made> {
    let result = item.result.some().filter(|_| item.kind.0 == "image_generation_call")?;
    if result.starts_with("data:") || result.starts_with("https:") {
        return Some(Made { media: media::event(block, result)?, opaque: None });
    }
    let data = STANDARD.decode(result).ok()?;
    let media_type = Some(media_type(&item.output_format.0, &data).to_owned());
    // The picture itself is kept once.
    let fields: Option<Fields<'_>> = serde_json::from_str(raw.get()).ok();
    let rest = fields.and_then(|fields| fields.with(&[("result", "null")]));
    let opaque = rest.filter(|_| is_over(item)).map(|json| event(block, IMAGE, &json));
    Some(Made { media: ChatEvent::Media { block, media_type, source: MediaSource::Inline(data) }, opaque })
}

fn media_type(format: &str, data: &[u8]) -> &'static str {
    match format {
        "jpeg" | "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "png" => "image/png",
        _ if data.starts_with(b"\xFF\xD8") => "image/jpeg",
        _ if data.starts_with(b"RIFF") => "image/webp",
        _ => "image/png",
    }
}

/// Shows what a tool did, and keeps its item.
pub(super) fn show(block: u32, item: &Item<'_>, raw: &RawValue, out: &mut Vec<ChatEvent>) {
    let kind = &*item.kind.0;
    let called = item.name.some().filter(|_| kind == "mcp_call");
    let name = called.unwrap_or(kind.strip_suffix("_call").unwrap_or(kind)).to_owned();
    out.push(ChatEvent::ServerTool { block, name, json: raw.get().to_owned() });
    if is_over(item) {
        out.push(event(block, ITEM, raw.get()));
    }
}

/// Whether an item is a web search that is charged for: one that ran, and no look at a page that was found.
pub(super) fn is_search(item: &Item<'_>, raw: &RawValue) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Search<'a> {
        #[serde(borrow)]
        action: Option<Action<'a>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Action<'a> {
        #[serde(borrow, rename = "type")]
        kind: Text<'a>,
    }
    let action = || serde_json::from_str::<Search<'_>>(raw.get()).unwrap_or_default().action;
    item.kind.0 == "web_search_call"
        && matches!(&*item.status.0, "" | "completed")
        // Older answers do not say what it was.
        && action().is_none_or(|action| matches!(&*action.kind.0, "" | "search"))
}

/// An item that was stopped under way is nothing to go on from.
fn is_over(item: &Item<'_>) -> bool {
    matches!(&*item.status.0, "" | "completed" | "failed")
}
