//! What goes back on the next turn, by its kind.

use crate::{ChatEvent, OpaqueData};

/// Opaque data of a reasoning part: the item, whole. The vendor refuses it without the item that came after it.
pub(super) const REASONING: &str = "reasoning";
/// The same, where it came last in a complete answer.
pub(super) const LAST_REASONING: &str = "last_reasoning";
/// Opaque data of a server tool: the item, whole.
pub(super) const ITEM: &str = "item";
/// Opaque data of an image: the item without its `result`, which is the image.
pub(super) const IMAGE: &str = "image";
/// Opaque data of a text or a call: the id of its item, a JSON string.
pub(super) const ID: &str = "id";
/// Opaque data of a text: what it is in the answer, a JSON string.
pub(super) const PHASE: &str = "phase";
/// Opaque data of a call: where its tool was found.
pub(super) const NAMESPACE: &str = "namespace";
/// Opaque data of a call: its tool takes free text.
pub(super) const CUSTOM: &str = "custom";

/// The event that keeps a value.
pub(super) fn event(block: u32, kind: &str, json: &str) -> ChatEvent {
    ChatEvent::Opaque { block, data: OpaqueData { kind: kind.to_owned(), json: json.to_owned() } }
}
