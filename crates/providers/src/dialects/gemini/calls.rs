//! Function calls. They come whole; only where asked to, their arguments come leaf by leaf.

use serde_json::{Map, Value, value::RawValue};

use super::{partial, wire::FunctionCall};
use crate::ChatEvent;

/// Begins the ids that we give to calls without one. They stay with us: the vendor never sees them.
const OWN_ID: &str = "call_gemini_";

/// The most that arguments which go on in pieces may begin with, in bytes: as values they take many times that.
const LARGEST_BEGINNING: usize = 1 << 20;

/// The call whose arguments are still coming.
#[derive(Debug)]
struct Open {
    block: u32,
    arguments: Value,
}

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The blocks of the calls that are whole.
    whole: Vec<u32>,
    open: Option<Open>,
    begun: usize,
    nameless: u64,
}

impl Calls {
    /// True once there is a call with a name.
    pub(super) fn any(&self) -> bool {
        self.begun > 0
    }

    /// Takes a part with a call. Returns the call's block where it begins one, and how many values were made of
    /// streamed arguments.
    pub(super) fn push(
        &mut self,
        call: &FunctionCall<'_>,
        answer: &str,
        next_block: &mut u32,
        out: &mut Vec<ChatEvent>,
    ) -> (Option<u32>, usize) {
        let mut made = 0;
        let block = if call.name.0.is_empty() {
            if self.open.is_none() {
                self.nameless += 1;
            }
            None
        } else {
            self.close(out);
            Some(self.begin(call, answer, next_block, out))
        };
        if let (Some(open), Some(leaves)) = (&mut self.open, &call.partial_args) {
            made = leaves.0.iter().map(|leaf| partial::set(&mut open.arguments, leaf)).sum();
        }
        if call.will_continue != Some(true) {
            self.close(out);
        }
        (block, made)
    }

    fn begin(&mut self, call: &FunctionCall<'_>, answer: &str, next_block: &mut u32, out: &mut Vec<ChatEvent>) -> u32 {
        let block = *next_block;
        *next_block += 1;
        let id = call.id.some().map_or_else(|| own_id(answer, self.begun), str::to_owned);
        self.begun += 1;
        out.push(ChatEvent::ToolCallStart { block, id, name: call.name.0.clone().into_owned() });
        if call.will_continue == Some(true) || call.partial_args.is_some() {
            let begun = call.args.map(RawValue::get).filter(|args| args.len() <= LARGEST_BEGINNING);
            let arguments = begun.and_then(|args| serde_json::from_str(args).ok());
            let arguments = arguments.filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
            self.open = Some(Open { block, arguments });
        } else {
            let arguments = call.args.map_or("{}", RawValue::get).to_owned();
            out.push(ChatEvent::ToolCallDelta { block, arguments });
            self.whole.push(block);
        }
        block
    }

    fn close(&mut self, out: &mut Vec<ChatEvent>) {
        if let Some(open) = self.open.take() {
            out.push(ChatEvent::ToolCallDelta { block: open.block, arguments: open.arguments.to_string() });
            self.whole.push(open.block);
        }
    }

    /// Ends the calls. `truncated` says the answer ran into its limit: a call whose arguments still came stays open
    /// then, so that nobody executes it. Returns how many nameless calls had to be dropped.
    pub(super) fn end(&mut self, truncated: bool, out: &mut Vec<ChatEvent>) -> u64 {
        if !truncated {
            self.close(out);
        }
        out.extend(self.whole.drain(..).map(|block| ChatEvent::ToolCallEnd { block }));
        self.nameless
    }
}

/// An id for a call that has none: unique in the conversation as far as the answer's id is, and fit for any vendor.
fn own_id(answer: &str, at: usize) -> String {
    let answer: String = answer.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("{OWN_ID}{answer}_{at}")
}

/// The id of a call, unless it is one of ours.
pub(super) fn wire_id(id: &str) -> Option<&str> {
    (!id.is_empty() && !id.starts_with(OWN_ID)).then_some(id)
}
