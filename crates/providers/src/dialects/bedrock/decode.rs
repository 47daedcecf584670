//! From the messages in the frames, or from one document, to the parts of an answer.

use aws_smithy_types::event_stream::Message;
use serde_json::value::RawValue;

use super::{
    assemble::Assembler,
    refusal,
    wire::{Event, Whole},
};
use crate::{
    ChatEvent, ProviderError,
    failure::{self, cut_off, empty, unreadable},
    loose::readable,
};

/// One answer, whichever way it comes.
#[derive(Default)]
pub(super) struct Answer {
    assembler: Assembler,
    done: bool,
    pub(super) events: u64,
    /// Frames whose text could not be read.
    skipped: u64,
}

impl Answer {
    /// Takes one message.
    pub(super) fn message(&mut self, message: &Message, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let header = |name: &str| {
            let found = message.headers().iter().find(|header| header.name().as_str() == name);
            found.and_then(|header| header.value().as_string().ok()).map(|text| text.as_str())
        };
        let payload = message.payload();
        match header(":message-type") {
            Some("exception") => Err(refusal::of_exception(header(":exception-type").unwrap_or_default(), payload)),
            Some("error") => {
                let code = header(":error-code").unwrap_or_default();
                Err(refusal::of_words(None, code, header(":error-message").unwrap_or_default()))
            }
            _ => {
                self.event(header(":event-type").unwrap_or_default(), payload, out);
                Ok(())
            }
        }
    }

    fn event(&mut self, name: &str, payload: &[u8], out: &mut Vec<ChatEvent>) {
        let known =
            ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];
        // New kinds may come at any time.
        if !known.contains(&name) {
            return;
        }
        match serde_json::from_slice::<Event<'_>>(payload) {
            Ok(event) => self.take(name, event, out),
            Err(_) => {
                let text = readable(payload);
                // A value holds each key once and forgets what no event can hold: fields that stand there twice.
                let plain = serde_json::from_str::<serde_json::Value>(&text).map(|value| value.to_string());
                match plain.as_deref().ok().and_then(|plain| serde_json::from_str::<Event<'_>>(plain).ok()) {
                    Some(event) => self.take(name, event, out),
                    None => self.skipped += 1,
                }
            }
        }
    }

    fn take(&mut self, name: &str, event: Event<'_>, out: &mut Vec<ChatEvent>) {
        self.events += 1;
        let index = event.content_block_index.0.unwrap_or(0);
        match name {
            "contentBlockDelta" => {
                if let Some(delta) = event.delta {
                    self.assembler.delta(index, delta, out);
                }
            }
            "contentBlockStart" => {
                if let Some(start) = event.start {
                    self.assembler.start(index, &start, out);
                }
            }
            "contentBlockStop" => self.assembler.stop(index, out),
            "messageStop" => self.assembler.ends(&event.stop_reason),
            "metadata" => {
                self.assembler.usage(event.usage, out);
                // It is the last one; alone it ends nothing.
                if self.assembler.has_reason() {
                    self.complete(out);
                }
            }
            _ => {}
        }
    }

    /// Takes one document instead of frames: a whole answer, or an error.
    pub(super) fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        let body = text.trim();
        let whole = match serde_json::from_str::<Whole<'_>>(body) {
            Ok(whole) => whole,
            Err(error) if error.is_eof() => return Err(cut_off()),
            Err(_) => return Err(failure::instead(body.as_bytes())),
        };
        let Some(blocks) = whole.output.and_then(|output| output.message).and_then(|message| message.content) else {
            return Err(refusal::instead(body.as_bytes()));
        };
        self.events += 1;
        for (index, block) in (0..).zip(blocks) {
            self.block(index, block, out);
        }
        self.assembler.usage(whole.usage, out);
        self.assembler.ends(&whole.stop_reason);
        self.complete(out);
        Ok(())
    }

    fn block(&mut self, index: u64, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        if let Ok(block) = serde_json::from_str(raw.get()) {
            self.assembler.start(index, &block, out);
        }
        self.assembler.stop(index, out);
    }

    /// The body ended at the end of a frame, without the counts that come last.
    pub(super) fn end(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.assembler.has_reason() {
            self.complete(out);
            return Ok(());
        }
        if self.events == 0 {
            return Err(if self.skipped > 0 { unreadable() } else { empty() });
        }
        Err(cut_off())
    }

    fn complete(&mut self, out: &mut Vec<ChatEvent>) {
        self.done = true;
        self.assembler.finish(self.skipped, out);
    }

    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn progress(&self) -> u64 {
        self.assembler.progress
    }

    /// Bytes of content so far.
    pub(super) fn content(&self) -> usize {
        self.assembler.content
    }
}
