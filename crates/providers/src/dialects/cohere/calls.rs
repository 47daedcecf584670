//! A tool call while its arguments come in.

use serde::de::IgnoredAny;

use crate::ChatEvent;

/// Arguments that may yet turn out to be none are held back; longer ones are some.
const LONGEST_NOTHING: usize = 16;

/// A call the client shall make. It stays until the answer ends, because only then its end can be told.
pub(super) struct Call {
    block: u32,
    arguments: String,
    /// How many bytes of them were handed out.
    told: usize,
    stopped: bool,
}

impl Call {
    /// Begins a call.
    pub(super) fn start(block: u32, id: String, name: String, out: &mut Vec<ChatEvent>) -> Self {
        out.push(ChatEvent::ToolCallStart { block, id, name });
        Self { block, arguments: String::new(), told: 0, stopped: false }
    }

    /// Takes more of the arguments. A tool without parameters may be called with `null`, or with nothing: that is
    /// held back, for it goes out as an empty object.
    pub(super) fn push(&mut self, more: &str, out: &mut Vec<ChatEvent>) {
        self.arguments.push_str(more);
        if self.told > 0 || self.arguments.len() > LONGEST_NOTHING || !"null".starts_with(self.arguments.trim()) {
            self.tell(out);
        }
    }

    fn tell(&mut self, out: &mut Vec<ChatEvent>) {
        if let Some(rest) = self.arguments.get(self.told..).filter(|rest| !rest.is_empty()) {
            out.push(ChatEvent::ToolCallDelta { block: self.block, arguments: rest.to_owned() });
            self.told = self.arguments.len();
        }
    }

    /// Its arguments are all there.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The answer ended. A call that was cut short, by the limit or by a vendor that forgot its end, stays open, so
    /// that nobody executes it. One without arguments may be either: only the limit tells.
    pub(super) fn end(&mut self, truncated: bool, out: &mut Vec<ChatEvent>) {
        let is_done = self.stopped && !truncated;
        if self.told == 0 && matches!(self.arguments.trim(), "" | "null") {
            if is_done {
                out.push(ChatEvent::ToolCallDelta { block: self.block, arguments: "{}".to_owned() });
                out.push(ChatEvent::ToolCallEnd { block: self.block });
            }
            return;
        }
        self.tell(out);
        if is_done || serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok() {
            out.push(ChatEvent::ToolCallEnd { block: self.block });
        }
    }
}
