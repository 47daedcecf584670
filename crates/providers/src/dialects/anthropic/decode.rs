//! From the pieces of a body to the parts of a message.

use serde_json::value::RawValue;

use super::{
    assemble::Assembler,
    wire::{Event, Message, filled},
};
use crate::{
    ChatEvent, ProviderError,
    catalog::Vendor,
    dialects::metered::Meter,
    failure::{self, Facts, cut_off, empty, unreadable},
    framing::{self, Assemble},
    loose::readable,
    sse::SseEvent,
};

/// One answer, whichever way it comes.
#[derive(Default)]
pub(super) struct Answer {
    assembler: Assembler,
    done: bool,
    events: u64,
    /// Pieces that were no JSON.
    skipped: u64,
    meter: Meter,
}

impl Answer {
    pub(super) fn new(vendor: &Vendor) -> Self {
        Self { meter: Meter::of(vendor), ..Self::default() }
    }
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let data = event.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        match serde_json::from_slice::<Event<'_>>(data) {
            Ok(parsed) => self.take(parsed, data, out),
            Err(_) => self.odd(data, event, out),
        }
    }

    /// One JSON document instead of a stream: a whole message, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        let body = text.trim();
        let message = match serde_json::from_str::<Message<'_>>(body) {
            Ok(message) => message,
            Err(e) if e.is_eof() => return Err(cut_off()),
            Err(_) => return Err(failure::instead(body.as_bytes())),
        };
        let blocks = message.content.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        let Some(blocks) = blocks.filter(|_| message.kind.0 != "error" && filled(message.error).is_none()) else {
            return Err(failure::instead(body.as_bytes()));
        };
        self.events += 1;
        self.assembler.message(&message, out);
        self.charged(message.copilot_usage, out);
        for (index, block) in (0..).zip(blocks) {
            self.assembler.start(index, block, out);
            self.assembler.stop(index, out);
        }
        self.assembler.ends(&message.stop_reason, message.stop_details, out);
        self.complete(out);
        Ok(())
    }

    /// The body ended without `message_stop`. `strange` says that it had lines that belong to no event stream.
    fn end(&mut self, strange: bool, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.assembler.has_reason() {
            self.complete(out);
            return Ok(());
        }
        if self.events == 0 {
            return Err(if strange || self.skipped > 0 { unreadable() } else { empty() });
        }
        Err(cut_off())
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn events_seen(&self) -> u64 {
        self.events
    }

    fn progress_seen(&self) -> u64 {
        self.assembler.progress
    }

    fn content(&self) -> usize {
        self.assembler.content()
    }
}

impl Answer {
    /// What the vendor charges; its counts are those of the wire.
    fn charged(&self, raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        let cost = self.meter.read(raw).cost;
        out.extend(cost.map(|(nano_usd, raw)| ChatEvent::ReportedCost { nano_usd, raw }));
    }

    /// The type inside the JSON counts; the name of the event repeats it, and proxies lose it.
    fn take(&mut self, event: Event<'_>, text: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let index = event.index.0.unwrap_or(0);
        self.charged(event.copilot_usage, out);
        match &*event.kind.0 {
            "content_block_delta" => {
                if let Some(delta) = event.delta {
                    self.assembler.delta(index, delta, out);
                }
            }
            "content_block_start" => {
                if let Some(block) = event.content_block {
                    self.assembler.start(index, block, out);
                }
            }
            "content_block_stop" => self.assembler.stop(index, out),
            "message_start" => {
                if let Some(Ok(message)) = event.message.map(|raw| serde_json::from_str::<Message<'_>>(raw.get())) {
                    self.assembler.message(&message, out);
                }
            }
            "message_delta" => {
                self.assembler.usage(event.usage, out);
                let (reason, details) = event.delta.map(|d| (d.stop_reason, d.stop_details)).unwrap_or_default();
                self.assembler.ends(&reason, details, out);
            }
            "message_stop" => {
                self.events += 1;
                self.complete(out);
                return Ok(());
            }
            "error" => return Err(error(text)),
            _ if filled(event.error).is_some() => return Err(error(text)),
            // Pings, and whatever comes to be.
            _ => return Ok(()),
        }
        self.events += 1;
        Ok(())
    }

    /// Data that is not an event as it stands.
    #[cold]
    fn odd(&mut self, data: &[u8], event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let taken = framing::odd(data, event, |text| {
            let parsed = serde_json::from_str::<Event<'_>>(text).ok()?;
            Some(self.take(parsed, text.as_bytes(), out))
        })?;
        self.skipped += u64::from(!taken && event.terminated);
        Ok(())
    }

    fn complete(&mut self, out: &mut Vec<ChatEvent>) {
        self.done = true;
        self.assembler.finish(self.skipped, out);
    }
}

fn error(text: &[u8]) -> ProviderError {
    failure::provider_error(None, &Facts::of_body(text))
}
