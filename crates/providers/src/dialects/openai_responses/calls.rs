//! The calls the client is asked to make.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{
    opaque::{CUSTOM, ID, NAMESPACE, event},
    wire::{Item, filled},
};
use crate::{ChatEvent, loose::Text};

/// The most that goes into a call's id of its answer's, in characters.
const LONGEST_OF_ANSWER: usize = 48;

/// One call under way.
pub(super) struct Call {
    block: u32,
    /// All arguments so far, to see at the end whether they are whole.
    arguments: String,
    /// Free text, not JSON.
    custom: bool,
    /// The vendor said that it is whole.
    done: bool,
}

impl Call {
    /// A call begins; `None` where it names no tool, for nobody can make it. Without an id it gets one that is unique
    /// in the conversation as far as the id of the `answer` is.
    pub(super) fn start(block: u32, answer: &str, item: &Item<'_>, out: &mut Vec<ChatEvent>) -> Option<Self> {
        let name = item.name.some()?.to_owned();
        let own = || {
            let answer: String = answer.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_OF_ANSWER).collect();
            format!("call_{answer}_{block}")
        };
        let id = item.call_id.some().map_or_else(own, str::to_owned);
        out.push(ChatEvent::ToolCallStart { block, id, name });
        let custom = item.kind.0 == "custom_tool_call";
        Some(Self { block, arguments: String::new(), custom, done: false })
    }

    /// More of the arguments.
    pub(super) fn push(&mut self, more: &str, out: &mut Vec<ChatEvent>) {
        if !more.is_empty() {
            self.arguments.push_str(more);
            out.push(ChatEvent::ToolCallDelta { block: self.block, arguments: more.to_owned() });
        }
    }

    /// All of the arguments; they count where no piece of them came before. Returns the bytes taken.
    pub(super) fn whole(&mut self, all: Option<&RawValue>, out: &mut Vec<ChatEvent>) -> usize {
        if !self.arguments.is_empty() {
            return 0;
        }
        let all = text_of(all);
        self.push(&all, out);
        all.len()
    }

    /// The call ends, and with it comes what goes back on the next turn.
    pub(super) fn done(&mut self, item: &Item<'_>, out: &mut Vec<ChatEvent>) {
        self.done = !matches!(&*item.status.0, "in_progress" | "incomplete");
        if self.custom {
            out.push(event(self.block, CUSTOM, "true"));
        }
        for (kind, value) in [(ID, item.id), (NAMESPACE, item.namespace)] {
            if let Some(json) = filled(value) {
                out.push(event(self.block, kind, json));
            }
        }
    }

    /// The answer ends. `truncated` says it ran into its limit: a call whose arguments are not whole stays open then,
    /// so that nobody makes it.
    pub(super) fn end(&mut self, truncated: bool, out: &mut Vec<ChatEvent>) {
        let blank = self.arguments.trim().is_empty();
        let whole = !self.custom && serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok();
        if truncated && !whole || !self.done && !whole && !blank {
            return;
        }
        if blank && !self.custom {
            self.push("{}", out);
        }
        out.push(ChatEvent::ToolCallEnd { block: self.block });
    }
}

/// Arguments as text: a JSON string by the book, or the JSON itself.
fn text_of(raw: Option<&RawValue>) -> Cow<'_, str> {
    let Some(raw) = raw.map(RawValue::get) else { return Cow::Borrowed("") };
    if !raw.starts_with('"') {
        return Cow::Borrowed(if raw == "null" { "" } else { raw });
    }
    serde_json::from_str::<Text<'_>>(raw).map_or(Cow::Borrowed(""), |text| text.0)
}
