//! Puts tool calls together from fragments, whatever a vendor leaves out: the index, the id, the name, or all but one.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::wire::{Function, ToolDelta};
use crate::ChatEvent;

/// What a call counts towards the limit on an answer, beside its arguments: a thousand calls fill an answer, and
/// looking among them stays cheap.
const CALL_COST: usize = 32 << 10;

/// The index under which the one call of the old `function_call` field runs.
const LEGACY: u64 = u64::MAX;

#[derive(Debug)]
struct Call {
    block: u32,
    /// Empty where the vendor sends none.
    wire_id: String,
    index: Option<u64>,
    name: String,
    /// All arguments so far, to see at the end whether they are whole.
    arguments: String,
    /// Free text, not JSON.
    custom: bool,
    started: bool,
}

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
}

/// One fragment, in one shape.
struct Fragment<'a> {
    index: Option<u64>,
    id: &'a str,
    name: &'a str,
    arguments: Cow<'a, str>,
    custom: bool,
}

impl Calls {
    /// True once there is a call with a name.
    pub(super) fn any(&self) -> bool {
        self.calls.iter().any(|c| c.started)
    }

    /// Takes one element of `delta.tool_calls`. Returns what it counts towards the limit, in bytes.
    pub(super) fn push(
        &mut self,
        delta: &ToolDelta<'_>,
        answer: &str,
        next_block: &mut u32,
        out: &mut Vec<ChatEvent>,
    ) -> usize {
        let fragment = match (&delta.function, &delta.custom) {
            (_, Some(custom)) => Fragment {
                index: delta.index.0,
                id: &delta.id.0,
                name: &custom.name.0,
                arguments: Cow::Borrowed(&*custom.input.0),
                custom: true,
            },
            (function, None) => Fragment {
                index: delta.index.0,
                id: &delta.id.0,
                name: function.as_ref().map_or("", |f| &*f.name.0),
                arguments: function.as_ref().map_or(Cow::Borrowed(""), arguments),
                custom: false,
            },
        };
        self.take(fragment, answer, next_block, out)
    }

    /// Takes the old `function_call` field.
    pub(super) fn push_legacy(
        &mut self,
        function: &Function<'_>,
        answer: &str,
        next_block: &mut u32,
        out: &mut Vec<ChatEvent>,
    ) -> usize {
        let fragment = Fragment {
            index: Some(LEGACY),
            id: "",
            name: &function.name.0,
            arguments: arguments(function),
            custom: false,
        };
        self.take(fragment, answer, next_block, out)
    }

    fn take(&mut self, fragment: Fragment<'_>, answer: &str, next_block: &mut u32, out: &mut Vec<ChatEvent>) -> usize {
        let mut bytes = 1 + fragment.arguments.len();
        let at = self.find(&fragment).unwrap_or_else(|| {
            let block = *next_block;
            *next_block += 1;
            bytes += CALL_COST + fragment.id.len() + fragment.name.len();
            self.calls.push(Call {
                block,
                wire_id: fragment.id.to_owned(),
                index: fragment.index,
                name: String::new(),
                arguments: String::new(),
                custom: fragment.custom,
                started: false,
            });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        if call.name.is_empty() {
            call.name.push_str(fragment.name);
        }
        if call.wire_id.is_empty() {
            call.wire_id.push_str(fragment.id);
        }
        call.arguments.push_str(&fragment.arguments);
        if call.started {
            if !fragment.arguments.is_empty() {
                out.push(ChatEvent::ToolCallDelta { block: call.block, arguments: fragment.arguments.into_owned() });
            }
        } else if !call.name.is_empty() {
            call.started = true;
            let id = if call.wire_id.is_empty() { own_id(answer, at) } else { call.wire_id.clone() };
            out.push(ChatEvent::ToolCallStart { block: call.block, id, name: call.name.clone() });
            if !call.arguments.is_empty() {
                out.push(ChatEvent::ToolCallDelta { block: call.block, arguments: call.arguments.clone() });
            }
        }
        bytes
    }

    /// The call a fragment belongs to: by id, else by index, else the latest. `None` means a new one.
    fn find(&self, fragment: &Fragment<'_>) -> Option<usize> {
        if !fragment.id.is_empty() {
            if let Some(at) = self.calls.iter().rposition(|c| c.wire_id == fragment.id) {
                return Some(at);
            }
            // A new id with a name is a new call, also where its index was seen before. Without a name it can
            // only continue one.
            let at = self.by_index(fragment)?;
            let call = &self.calls[at];
            let nameless = fragment.name.is_empty() && fragment.index.is_some();
            return (nameless || call.wire_id.is_empty() && call.name.is_empty()).then_some(at);
        }
        let at = self.by_index(fragment)?;
        let call = &self.calls[at];
        let again = !fragment.name.is_empty() && !call.name.is_empty();
        // Without id and index a vendor sends each call whole.
        let whole = fragment.index.is_none() && !call.arguments.is_empty() && is_whole(&fragment.arguments);
        (!again || call.name == fragment.name && !whole).then_some(at)
    }

    fn by_index(&self, fragment: &Fragment<'_>) -> Option<usize> {
        match fragment.index {
            Some(_) => self.calls.iter().rposition(|c| c.index == fragment.index),
            None => self.calls.len().checked_sub(1),
        }
    }

    /// Ends the calls. `truncated` says the answer ran into its limit: a call whose arguments are not whole stays
    /// open then, so that nobody executes it. Returns how many nameless calls had to be dropped.
    pub(super) fn end(&self, truncated: bool, out: &mut Vec<ChatEvent>) -> usize {
        for call in self.calls.iter().filter(|c| c.started) {
            if truncated && !call.is_whole() {
                continue;
            }
            if call.arguments.trim().is_empty() && !call.custom {
                out.push(ChatEvent::ToolCallDelta { block: call.block, arguments: "{}".to_owned() });
            }
            out.push(ChatEvent::ToolCallEnd { block: call.block });
        }
        self.calls.iter().filter(|c| !c.started).count()
    }
}

impl Call {
    fn is_whole(&self) -> bool {
        !self.custom && is_whole(&self.arguments)
    }
}

fn is_whole(arguments: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(arguments).is_ok()
}

/// An id for a call that has none: unique in the conversation as far as the answer's id is.
fn own_id(answer: &str, at: usize) -> String {
    let answer: String = answer.chars().filter(|c| c.is_ascii_alphanumeric()).take(48).collect();
    format!("call_{answer}_{at}")
}

fn arguments<'a>(function: &Function<'a>) -> Cow<'a, str> {
    let Some(raw) = function.arguments.map(RawValue::get) else { return Cow::Borrowed("") };
    if !raw.starts_with('"') {
        return Cow::Borrowed(if raw == "null" { "" } else { raw });
    }
    match serde_json::from_str::<super::wire::Text<'a>>(raw) {
        Ok(text) => text.0,
        Err(_) => Cow::Borrowed(""),
    }
}
