//! The shapes of the wire, borrowed from the bytes. What is rare stays raw until it is needed.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::loose::{Count, Text};

/// One event of a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) output_index: Count,
    pub(super) content_index: Count,
    pub(super) summary_index: Count,
    #[serde(borrow)]
    pub(super) delta: Text<'a>,
    /// The whole text, where a piece of it ends.
    #[serde(borrow)]
    pub(super) text: Text<'a>,
    #[serde(borrow)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) item: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) annotation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) response: Option<&'a RawValue>,
    /// Copilot: what it costs, beside the whole response.
    #[serde(borrow)]
    pub(super) copilot_usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// A whole response, or as much of it as there is so far.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) object: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    #[serde(borrow)]
    pub(super) output: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) incomplete_details: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    /// Copilot: the same in an answer that comes whole.
    #[serde(borrow)]
    pub(super) copilot_usage: Option<&'a RawValue>,
}

impl<'a> Response<'a> {
    /// The items of the answer; `None` where there is no list of them.
    pub(super) fn items(&self) -> Option<Vec<&'a RawValue>> {
        self.output.and_then(|raw| serde_json::from_str(raw.get()).ok())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct IncompleteDetails<'a> {
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
}

/// An item of the answer: whole, or its beginning.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    /// Of a message, or of reasoning that is not hidden.
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) phase: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) summary: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) encrypted_content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) call_id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Option<&'a RawValue>,
    /// A JSON string by the book; some send the object itself.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    /// Of a call of a tool without schema.
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    /// Of an image that was made.
    #[serde(borrow)]
    pub(super) result: Text<'a>,
    #[serde(borrow)]
    pub(super) output_format: Text<'a>,
}

/// A part of a message, of a summary or of reasoning.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ContentPart<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) text: Text<'a>,
    #[serde(borrow)]
    pub(super) refusal: Text<'a>,
    #[serde(borrow)]
    pub(super) annotations: Option<&'a RawValue>,
}

impl<'a> ContentPart<'a> {
    /// The parts of a list; none where there is no list.
    pub(super) fn list(raw: Option<&'a RawValue>) -> Vec<Self> {
        raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }
}

/// A raw value that says something: not null, not empty.
pub(super) fn filled(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get).filter(|text| !matches!(*text, "null" | "\"\"" | "{}" | "[]"))
}
