//! Images of an answer: inline as data URLs, or at an address.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{ChatEvent, chat::MediaSource};

/// The event for an image's address; `None` where there is nothing to show.
pub(in crate::dialects) fn event(block: u32, address: &str) -> Option<ChatEvent> {
    if address.is_empty() {
        return None;
    }
    let Some(inline) = address.strip_prefix("data:") else {
        return Some(ChatEvent::Media { block, media_type: None, source: MediaSource::Url(address.to_owned()) });
    };
    let (head, body) = inline.split_once(',')?;
    let media_type = head.split(';').next().filter(|t| !t.is_empty()).map(str::to_owned);
    let data = STANDARD.decode(body.trim()).ok()?;
    Some(ChatEvent::Media { block, media_type, source: MediaSource::Inline(data) })
}
