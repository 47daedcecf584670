//! What the program says, line by line, to events.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::failure::{self, Said};
use super::process::Fate;
use crate::dialects::anthropic::assemble::Assembler;
use crate::dialects::anthropic::wire::{Event, Message, filled};
use crate::dialects::openai_chat::money::Dollars;
use crate::failure::cut_off;
use crate::framing::Assemble;
use crate::loose::{Count, Text, readable};
use crate::sse::SseEvent;
use crate::{ChatEvent, ProviderError};

/// More warnings than these say nothing new.
const MOST_WARNINGS: u32 = 20;
/// Who answers in the model's place where there was no answer.
const SYNTHETIC: &str = "<synthetic>";

/// One line.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Line<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    subtype: Text<'a>,
    /// The agent's own helpers name who called them.
    #[serde(borrow)]
    parent_tool_use_id: Text<'a>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow, rename = "apiKeySource")]
    key_source: Text<'a>,
    #[serde(borrow)]
    is_error: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Text<'a>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    api_error_status: Count,
    #[serde(borrow)]
    stop_reason: Text<'a>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    total_cost_usd: Option<&'a RawValue>,
    #[serde(borrow)]
    rate_limit_info: Option<&'a RawValue>,
    attempt: Count,
    max_retries: Count,
    retry_delay_ms: Count,
    error_status: Count,
}

/// How much of a subscription is used up.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Limit<'a> {
    #[serde(borrow)]
    status: Text<'a>,
    resets_at: Count,
    #[serde(borrow)]
    rate_limit_type: Text<'a>,
}

/// Who pays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payer {
    Unknown,
    /// Nothing is charged by the token.
    Subscription,
    Account,
}

/// One answer.
pub(super) struct Answer {
    assembler: Assembler,
    fate: Arc<Fate>,
    /// UTC seconds at which it was asked for.
    now: i64,
    payer: Payer,
    /// The message whose pieces come now.
    current: String,
    /// Messages that came in pieces: what comes of them as a whole has been shown.
    told: HashSet<String>,
    /// The next index for blocks that come whole.
    whole: u64,
    /// What was said instead of an answer, until the result says that this is all.
    failure: Option<ProviderError>,
    /// How long until the subscription answers again.
    rest: Option<Duration>,
    warnings: u32,
    done: bool,
    events: u64,
    skipped: u64,
    /// Bytes held beside what the assembler holds.
    held: usize,
}

impl Answer {
    pub(super) fn new(fate: Arc<Fate>, now: i64) -> Self {
        Self {
            assembler: Assembler::default(),
            fate,
            now,
            payer: Payer::Unknown,
            current: String::new(),
            told: HashSet::new(),
            whole: 0,
            failure: None,
            rest: None,
            warnings: 0,
            done: false,
            events: 0,
            skipped: 0,
            held: 0,
        }
    }

    fn take(&mut self, line: &Line<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        self.events += 1;
        if line.parent_tool_use_id.some().is_some() {
            return Ok(());
        }
        match (&*line.kind.0, &*line.subtype.0) {
            ("stream_event", _) => self.piece(line.event, out),
            ("assistant", _) => self.snapshot(line, out),
            ("result", _) => return self.result(line, out),
            ("system", "init") => self.init(line, out),
            ("system", "api_retry") => self.retries(line, out),
            ("rate_limit_event", _) => self.limit(line.rate_limit_info, out),
            ("error", _) => {
                let said = Said { words: failure::words(line.error), ..Said::default() };
                return Err(self.end_with(failure::read(&said)));
            }
            _ => {}
        }
        Ok(())
    }

    /// The session begins: who answers and who pays.
    fn init(&mut self, line: &Line<'_>, out: &mut Vec<ChatEvent>) {
        if let Some(model) = line.model.some() {
            out.push(ChatEvent::Started { id: None, model: Some(model.to_owned()) });
        }
        self.payer = match line.key_source.some() {
            None => return,
            Some("none") => Payer::Subscription,
            Some(_) => Payer::Account,
        };
        if self.payer == Payer::Subscription {
            out.push(ChatEvent::ReportedCost { nano_usd: 0, raw: "subscription".to_owned() });
        }
    }

    /// An event of the API, passed on as it is.
    fn piece(&mut self, raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        let Some(raw) = raw else { return };
        let Ok(event) = serde_json::from_str::<Event<'_>>(raw.get()) else {
            self.skipped += 1;
            return;
        };
        let index = event.index.0.unwrap_or(0);
        match &*event.kind.0 {
            "content_block_delta" => {
                if let Some(delta) = event.delta {
                    if !self.current.is_empty() && !self.told.contains(&self.current) {
                        self.held += self.current.len();
                        self.told.insert(self.current.clone());
                    }
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
                    self.current = message.id.some().unwrap_or_default().to_owned();
                    self.assembler.message(&message, out);
                }
            }
            "message_delta" => {
                self.assembler.usage(event.usage, out);
                let (reason, details) = event.delta.map(|d| (d.stop_reason, d.stop_details)).unwrap_or_default();
                self.assembler.ends(&reason, details, out);
            }
            // The program asks again by itself; only its result says that it gave up.
            "error" => self.failure = Some(failure::read(&Said { words: raw.get().to_owned(), ..Said::default() })),
            // Pings keep a connection, not an answer; the end of a message is not the end of the answer.
            "ping" => self.events -= 1,
            _ => {}
        }
    }

    /// A message as a whole, or a block of it. What came in pieces is not shown twice, and its counts are no counts.
    fn snapshot(&mut self, line: &Line<'_>, out: &mut Vec<ChatEvent>) {
        let Some(Ok(message)) = line.message.map(|raw| serde_json::from_str::<Message<'_>>(raw.get())) else { return };
        let blocks = message.content.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        let blocks = blocks.unwrap_or_default();
        if &*message.model.0 == SYNTHETIC || filled(line.error).is_some() {
            let said = Said { words: failure::text_of(&blocks), code: failure::words(line.error), status: None };
            self.failure = Some(failure::read(&said));
            return;
        }
        let id = message.id.some().unwrap_or_default();
        if self.told.contains(id) || id.is_empty() && !self.told.is_empty() {
            return;
        }
        self.assembler.message(&Message { usage: None, ..message }, out);
        for block in blocks {
            // Beside the indexes of messages that come in pieces.
            let index = u64::MAX - self.whole;
            self.whole += 1;
            self.assembler.start(index, block, out);
            self.assembler.stop(index, out);
        }
    }

    fn retries(&mut self, line: &Line<'_>, out: &mut Vec<ChatEvent>) {
        let number = |count: Count| count.0.map_or_else(|| "?".to_owned(), |number| number.to_string());
        let status = line.error_status.0.map(|status| format!(" after {status}")).unwrap_or_default();
        let seconds = line.retry_delay_ms.0.map(|ms| format!(" in {} s", ms.div_ceil(1000))).unwrap_or_default();
        let message =
            format!("asks again{seconds}{status} (attempt {} of {})", number(line.attempt), number(line.max_retries));
        self.warn("asks_again", message, out);
    }

    fn limit(&mut self, raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        let Some(Ok(limit)) = raw.map(|raw| serde_json::from_str::<Limit<'_>>(raw.get())) else { return };
        match &*limit.status.0 {
            "rejected" => {
                let until = limit.resets_at.0.and_then(|at| i64::try_from(at).ok());
                let wait = until.and_then(|until| u64::try_from(until.saturating_sub(self.now)).ok());
                self.rest = Some(Duration::from_secs(wait.unwrap_or(0)));
            }
            "allowed_warning" => {
                let of = limit.rate_limit_type.some().map(|kind| format!(" ({})", kind.replace('_', " ")));
                let message = format!("the subscription is nearly used up{}", of.unwrap_or_default());
                self.warn("nearly_used_up", message, out);
            }
            _ => {}
        }
    }

    fn warn(&mut self, code: &'static str, message: String, out: &mut Vec<ChatEvent>) {
        if self.warnings < MOST_WARNINGS {
            self.warnings += 1;
            out.push(ChatEvent::Warning { code, message });
        }
    }

    /// The end, good or bad.
    fn result(&mut self, line: &Line<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        self.assembler.usage(line.usage, out);
        let cost = line.total_cost_usd.filter(|_| self.payer == Payer::Account);
        if let Some((raw, nano_usd)) = cost.and_then(|raw| Some((raw.get(), Dollars::parse(raw.get())?.nano()?))) {
            out.push(ChatEvent::ReportedCost { nano_usd, raw: raw.to_owned() });
        }
        let failed = line.is_error.is_some_and(|flag| flag.get() == "true") || line.subtype.0.starts_with("error");
        if failed {
            let own = self.failure.take();
            let said = failure::of_result(&line.result.0, line.errors, line.api_error_status.0, &line.subtype.0);
            // Who answered in the model's place knows the kind of failure better than the bare sentence.
            let error = match (own, said) {
                (own, Some(said)) => failure::better(own, failure::read(&said)),
                (Some(own), None) => own,
                (None, None) => failure::read(&Said::default()),
            };
            return Err(self.end_with(error));
        }
        if let Some(error) = self.failure.take().filter(|_| self.assembler.progress == 0) {
            return Err(self.end_with(error));
        }
        if !self.assembler.has_reason() {
            self.assembler.ends(&line.stop_reason, None, out);
        }
        self.over();
        self.assembler.finish(self.skipped, out);
        Ok(())
    }

    fn end_with(&mut self, error: ProviderError) -> ProviderError {
        self.over();
        failure::resting(error, self.rest)
    }

    fn over(&mut self) {
        self.done = true;
        self.fate.done();
    }
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        // Some builds print words of their own between the lines; and what an end cut off says nothing.
        if !event.data.starts_with(b"{") || !event.terminated {
            return Ok(());
        }
        if let Ok(line) = serde_json::from_slice::<Line<'_>>(event.data) {
            return self.take(&line, out);
        }
        match serde_json::from_str::<Line<'_>>(&readable(event.data)) {
            Ok(line) => self.take(&line, out),
            Err(_) => {
                self.skipped += 1;
                Ok(())
            }
        }
    }

    fn document(&mut self, _: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        self.end(true, out)
    }

    /// The program is gone without a result: what it said is no answer that is done.
    fn end(&mut self, _: bool, _: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let error = self.failure.take().unwrap_or_else(|| match self.fate.death() {
            Some(death) => failure::of_death(death, self.assembler.progress > 0),
            None => cut_off(),
        });
        Err(failure::resting(error, self.rest))
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
        self.assembler.content() + self.held
    }
}

#[cfg(test)]
mod tests;
