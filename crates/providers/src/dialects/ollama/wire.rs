//! The shapes of the wire, borrowed from the bytes. A field of a wrong type reads as absent.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::loose::{Count, Text};

/// A line of a stream, or a whole answer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow)]
    pub(super) created_at: Text<'a>,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow)]
    pub(super) done: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) done_reason: Text<'a>,
    pub(super) prompt_eval_count: Count,
    pub(super) eval_count: Count,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Text<'a>,
    #[serde(borrow)]
    pub(super) thinking: Text<'a>,
    /// Raw, because a call is rare and may be of any shape.
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
    /// Base64 without a prefix.
    #[serde(borrow)]
    pub(super) images: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall<'a> {
    /// Absent in older versions.
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    /// An object by the book.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}
