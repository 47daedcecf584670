//! The shapes of the wire, borrowed from the bytes. What is rare stays raw until it is needed.

use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) use crate::loose::Fields;
use crate::loose::{Count, Text};

/// One event of a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Text<'a>,
    pub(crate) index: Count,
    #[serde(borrow)]
    pub(crate) delta: Option<Delta<'a>>,
    #[serde(borrow)]
    pub(crate) content_block: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) usage: Option<&'a RawValue>,
    /// Copilot: what it costs.
    #[serde(borrow)]
    pub(crate) copilot_usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) error: Option<&'a RawValue>,
}

/// The delta of a block, or the end of a message.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delta<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Text<'a>,
    #[serde(borrow)]
    pub(crate) text: Text<'a>,
    #[serde(borrow)]
    pub(crate) thinking: Text<'a>,
    #[serde(borrow)]
    pub(crate) partial_json: Text<'a>,
    #[serde(borrow)]
    pub(crate) signature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) citation: Option<&'a RawValue>,
    /// Of a `compaction_delta`.
    #[serde(borrow)]
    pub(crate) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) stop_reason: Text<'a>,
    #[serde(borrow)]
    pub(crate) stop_details: Option<&'a RawValue>,
}

/// A whole message, or the beginning of one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Text<'a>,
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(borrow)]
    pub(crate) model: Text<'a>,
    #[serde(borrow)]
    pub(crate) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) stop_reason: Text<'a>,
    #[serde(borrow)]
    pub(crate) stop_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) usage: Option<&'a RawValue>,
    /// Copilot: what it costs.
    #[serde(borrow)]
    pub(crate) copilot_usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) error: Option<&'a RawValue>,
}

/// A content block: whole in a whole message, its beginning in a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Text<'a>,
    #[serde(borrow)]
    pub(crate) text: Text<'a>,
    #[serde(borrow)]
    pub(crate) citations: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) thinking: Text<'a>,
    #[serde(borrow)]
    pub(crate) signature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) caller: Option<&'a RawValue>,
}

/// What the vendor says about a refusal.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct StopDetails<'a> {
    #[serde(borrow)]
    pub(crate) explanation: Text<'a>,
}

/// Who made a call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Caller<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Text<'a>,
}

/// A raw value that says something: not null, not empty.
pub(crate) fn filled(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get).filter(|text| !matches!(*text, "null" | "\"\"" | "{}" | "[]"))
}
