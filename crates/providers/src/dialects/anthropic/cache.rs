//! Marks of the prompt cache: everything up to a marked block is kept. A request has at most four; ours stand on the
//! last tool, on the system prompt and on the last block of the conversation, so that a changed tool, prompt or turn
//! leaves what comes before it in the cache. The vendor ignores marks on what is too short to be kept.

use serde_json::json;

use crate::json::{Json, Object};

/// Marks a block or a tool.
pub(super) fn mark(block: &mut Object) {
    block.set("cache_control", json!({ "type": "ephemeral" }));
}

/// Marks the last of these blocks that can be marked; false where none can.
pub(super) fn mark_last<'a>(blocks: impl DoubleEndedIterator<Item = &'a mut Json>) -> bool {
    for block in blocks.rev() {
        match block {
            // Thinking bears no mark, and what goes back as it came stays as it is.
            Json::Object(block) if !is_thinking(block) => {
                mark(block);
                return true;
            }
            Json::Value(serde_json::Value::Object(block)) => {
                block.insert("cache_control".to_owned(), json!({ "type": "ephemeral" }));
                return true;
            }
            Json::Object(_) | Json::Value(_) | Json::Raw(_) | Json::List(_) => {}
        }
    }
    false
}

fn is_thinking(block: &Object) -> bool {
    matches!(block.get("type"), Some(Json::Value(kind)) if kind == "thinking")
}
