//! Turns the items of a response into events, one after the other.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{
    calls::Call,
    items::{self, Made},
    opaque::{ID, LAST_REASONING, PHASE, REASONING, event},
    sources::Sources,
    usage,
    wire::{ContentPart, IncompleteDetails, Item, Response, filled},
};
use crate::{
    ChatEvent, FinishClass, Usage,
    catalog::Vendor,
    dialects::{metered::Meter, openai_chat::reported_cost},
    loose::Text,
};

/// What an item or a part counts towards the limit on an answer, beside its content: what it costs to keep it.
const ITEM_COST: usize = 512;
/// From here on parts are counted that came only with their whole message.
const UNSEEN: u64 = 1 << 63;
/// The longest id that the wire takes back, as JSON text.
const LONGEST_ID: usize = 66;

/// What kind of part a message's text is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Text,
    Refusal,
}

/// Where readable reasoning comes from. A vendor that fills both says the same in each, so the first one seen stays
/// the only one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Thought {
    Summary,
    Content,
}

/// An item that has begun.
enum Open {
    Message,
    Reasoning {
        block: Option<u32>,
        from: Option<Thought>,
        part: u64,
    },
    /// Which of the answer's calls.
    Call(usize),
    /// A tool of the vendor: what it did is told when it ends.
    Tool,
    /// Nothing more is expected of it.
    Done,
}

/// The state of one answer.
#[derive(Default)]
pub(super) struct Assembler {
    started: bool,
    answer_id: String,
    next_block: u32,
    /// By the wire's index.
    items: BTreeMap<u64, Open>,
    /// The parts of messages by the indexes of item and part.
    parts: BTreeMap<(u64, u64), (Words, u32)>,
    calls: Vec<Call>,
    /// A reasoning item that waits for the item it needs after it.
    waiting: Option<(u32, String)>,
    sources: Sources,
    /// Bytes of the answer held or handed out, for the limit on a whole message.
    content: usize,
    pub(super) progress: u64,
    meter: Meter,
    /// Web searches that the vendor ran: they are charged for and in no count.
    searches: u64,
}

impl Assembler {
    pub(super) fn new(vendor: &Vendor) -> Self {
        Self { meter: Meter::of(vendor), ..Self::default() }
    }

    /// Bytes of content so far.
    pub(super) fn content(&self) -> usize {
        self.content
    }

    /// True until the first item.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes who answers.
    pub(super) fn head(&mut self, response: &Response<'_>, out: &mut Vec<ChatEvent>) {
        let own = |text: &Text<'_>| text.some().map(str::to_owned);
        let (id, model) = (own(&response.id), own(&response.model));
        if self.answer_id.is_empty() {
            self.answer_id.push_str(&response.id.0);
        }
        if !self.started && (id.is_some() || model.is_some()) {
            self.started = true;
            out.push(ChatEvent::Started { id, model });
        }
    }

    /// An item begins.
    pub(super) fn added(&mut self, index: u64, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(item) = serde_json::from_str::<Item<'_>>(raw.get()) else { return };
        self.begin(index, &item, out);
    }

    fn begin(&mut self, index: u64, item: &Item<'_>, out: &mut Vec<ChatEvent>) {
        self.release(REASONING, out);
        self.forget(index);
        self.content += ITEM_COST;
        let open = match &*item.kind.0 {
            "message" => Open::Message,
            "reasoning" => Open::Reasoning { block: None, from: None, part: 0 },
            "function_call" | "custom_tool_call" => self.call(item, out),
            _ => Open::Tool,
        };
        self.items.insert(index, open);
    }

    fn call(&mut self, item: &Item<'_>, out: &mut Vec<ChatEvent>) -> Open {
        let block = self.new_block();
        let Some(mut call) = Call::start(block, &self.answer_id, item, out) else { return Open::Done };
        let taken = call.whole(item.arguments.or(item.input), out);
        self.note(taken + item.name.0.len() + item.call_id.0.len());
        self.calls.push(call);
        Open::Call(self.calls.len() - 1)
    }

    /// More words of a message. Where `whole`, they are all there are, and count only where no piece came before.
    pub(super) fn words(
        &mut self,
        at: (u64, u64),
        words: Words,
        text: Text<'_>,
        whole: bool,
        out: &mut Vec<ChatEvent>,
    ) {
        if text.0.is_empty() || matches!(self.items.get(&at.0), Some(Open::Done)) {
            return;
        }
        let block = match self.parts.get(&at) {
            Some(_) if whole => return,
            Some((known, block)) if *known == words => *block,
            _ => {
                self.release(REASONING, out);
                self.content += ITEM_COST;
                self.items.entry(at.0).or_insert(Open::Message);
                let block = self.new_block();
                self.parts.insert(at, (words, block));
                block
            }
        };
        self.note(text.0.len());
        let text = text.0.into_owned();
        out.push(match words {
            Words::Text => ChatEvent::TextDelta { block, text },
            Words::Refusal => ChatEvent::RefusalDelta { block, text },
        });
    }

    /// More reasoning, of one of the parts of its item; a new part is a new paragraph. `whole` as in [`Self::words`].
    pub(super) fn thought(
        &mut self,
        at: (u64, u64),
        thought: Thought,
        text: Text<'_>,
        whole: bool,
        out: &mut Vec<ChatEvent>,
    ) {
        if text.0.is_empty() {
            return;
        }
        if !self.items.contains_key(&at.0) {
            self.release(REASONING, out);
            self.content += ITEM_COST;
        }
        let fresh = Open::Reasoning { block: None, from: None, part: 0 };
        let Open::Reasoning { block, from, part } = self.items.entry(at.0).or_insert(fresh) else { return };
        let again = block.is_some() && *part == at.1;
        if *from.get_or_insert(thought) != thought || whole && again {
            return;
        }
        let paragraph = block.is_some() && *part != at.1;
        *part = at.1;
        let block = *block.get_or_insert_with(|| next(&mut self.next_block));
        self.note(text.0.len());
        if paragraph {
            out.push(ChatEvent::ReasoningDelta { block, text: "\n\n".to_owned() });
        }
        out.push(ChatEvent::ReasoningDelta { block, text: text.0.into_owned() });
    }

    /// More of a call's arguments.
    pub(super) fn arguments(&mut self, index: u64, more: &str, out: &mut Vec<ChatEvent>) {
        // Arguments without a name are nobody's.
        let Some(Open::Call(at)) = self.items.get(&index) else { return };
        if let Some(call) = self.calls.get_mut(*at).filter(|_| !more.is_empty()) {
            call.push(more, out);
            self.note(more.len());
        }
    }

    /// All of a call's arguments.
    pub(super) fn all_arguments(&mut self, index: u64, all: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        let Some(Open::Call(at)) = self.items.get(&index) else { return };
        if let Some(call) = self.calls.get_mut(*at) {
            let taken = call.whole(all, out);
            self.note(taken);
        }
    }

    /// A source of a text.
    pub(super) fn source(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        self.note(raw.get().len());
        self.sources.push(raw.get(), out);
    }

    /// An item ends, or comes as a whole. What its pieces told already is not told again.
    pub(super) fn done(&mut self, index: u64, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(item) = serde_json::from_str::<Item<'_>>(raw.get()) else { return };
        match self.items.get(&index) {
            Some(Open::Done) => return,
            Some(_) => {}
            None => self.begin(index, &item, out),
        }
        match &*item.kind.0 {
            "message" => self.message(index, &item, out),
            "reasoning" => self.reasoning(index, &item, raw, out),
            "function_call" | "custom_tool_call" => self.call_done(index, &item, out),
            "" => {}
            _ => self.tool(&item, raw, out),
        }
        self.forget(index);
        self.items.insert(index, Open::Done);
    }

    fn message(&mut self, index: u64, item: &Item<'_>, out: &mut Vec<ChatEvent>) {
        // Some count parts from one, or all parts of the answer, so what came before is known by its number only.
        let mut seen = self.parts.range((index, 0)..=(index, u64::MAX)).count();
        for (at, part) in (0..).zip(ContentPart::list(item.content)) {
            let (words, text) =
                if part.kind.0 == "refusal" { (Words::Refusal, part.refusal) } else { (Words::Text, part.text) };
            if !text.0.is_empty() && seen > 0 {
                seen -= 1;
            } else {
                self.words((index, UNSEEN + at), words, text, true, out);
            }
            self.sources.all(part.annotations, out);
        }
        let texts = self.parts.range((index, 0)..=(index, u64::MAX)).map(|(_, part)| *part);
        let texts: Vec<u32> = texts.filter(|(words, _)| *words == Words::Text).map(|(_, block)| block).collect();
        for block in texts {
            let id = text_value(item.id).filter(|id| id.len() <= LONGEST_ID);
            let kept = [(ID, id), (PHASE, text_value(item.phase))];
            for (kind, json) in kept.into_iter().filter_map(|(kind, json)| Some((kind, json?))) {
                self.content += json.len();
                out.push(event(block, kind, json));
            }
        }
    }

    fn reasoning(&mut self, index: u64, item: &Item<'_>, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        for (thought, list) in [(Thought::Summary, item.summary), (Thought::Content, item.content)] {
            let seen = matches!(self.items.get(&index), Some(Open::Reasoning { block: Some(_), .. }));
            for (at, part) in (0..).zip(ContentPart::list(list)).filter(|_| !seen) {
                self.thought((index, at), thought, part.text, true, out);
            }
        }
        // Without either there is nothing the vendor could read; it kept nothing itself.
        if filled(item.encrypted_content).is_none() && filled(item.content).is_none() {
            return;
        }
        let block = match self.items.get(&index) {
            Some(Open::Reasoning { block: Some(block), .. }) => *block,
            _ => self.new_block(),
        };
        self.note(raw.get().len());
        self.waiting = Some((block, raw.get().to_owned()));
    }

    fn call_done(&mut self, index: u64, item: &Item<'_>, out: &mut Vec<ChatEvent>) {
        // Some tell the name only when they are through.
        if !matches!(self.items.get(&index), Some(Open::Call(_))) {
            self.begin(index, item, out);
        }
        self.all_arguments(index, item.arguments.or(item.input), out);
        if let Some(Open::Call(at)) = self.items.get(&index)
            && let Some(call) = self.calls.get_mut(*at)
        {
            call.done(item, out);
        }
    }

    fn tool(&mut self, item: &Item<'_>, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        self.note(raw.get().len());
        self.searches += u64::from(items::is_search(item, raw));
        let block = self.new_block();
        match items::made(block, item, raw) {
            Some(Made { media, opaque }) => {
                out.push(media);
                out.extend(opaque);
            }
            None => items::show(block, item, raw, out),
        }
    }

    /// Takes counts, and what the vendor charges.
    pub(super) fn usage(&self, response: &Response<'_>, out: &mut Vec<ChatEvent>) {
        let json = filled(response.usage);
        let metered = self.meter.read(response.copilot_usage);
        let counted = metered.over(json.and_then(usage::read).unwrap_or_default());
        let counted = Usage { searches: Some(self.searches).filter(|searches| *searches > 0), ..counted };
        out.extend((counted != Usage::default()).then_some(ChatEvent::Usage(counted)));
        let cost = json.and_then(reported_cost).or(metered.cost);
        out.extend(cost.map(|(nano_usd, raw)| ChatEvent::ReportedCost { nano_usd, raw }));
    }

    /// Closes the answer.
    pub(super) fn finish(&mut self, status: &str, response: &Response<'_>, skipped: u64, out: &mut Vec<ChatEvent>) {
        let details = filled(response.incomplete_details).and_then(|raw| serde_json::from_str(raw).ok());
        let IncompleteDetails { reason } = details.unwrap_or_default();
        let class = self.class(status, &reason.0);
        if class == FinishClass::Stop || class == FinishClass::ToolCalls {
            self.release(LAST_REASONING, out);
        }
        for call in &mut self.calls {
            call.end(class == FinishClass::Length, out);
        }
        if skipped > 0 {
            let message = format!("{skipped} pieces of the stream could not be read");
            out.push(ChatEvent::Warning { code: "unreadable_data", message });
        }
        let reason = match (status, reason.some().filter(|_| status == "incomplete")) {
            ("", _) => None,
            (status, None) => Some(status.to_owned()),
            (status, Some(reason)) => Some(format!("{status}:{reason}")),
        };
        out.push(ChatEvent::Finished { class, reason });
    }

    fn class(&self, status: &str, reason: &str) -> FinishClass {
        match (status, reason) {
            ("completed" | "", _) if self.calls.is_empty() => FinishClass::Stop,
            ("completed" | "", _) => FinishClass::ToolCalls,
            // Without a reason it is the common one, and the careful one: calls that are not whole are not made.
            ("incomplete", "" | "max_output_tokens" | "max_tokens") => FinishClass::Length,
            ("incomplete", "content_filter") => FinishClass::ContentFilter,
            ("queued" | "in_progress", _) => FinishClass::Pending,
            _ => FinishClass::Other,
        }
    }

    /// Hands out the reasoning item that waits: `kind` says whether another item came after it.
    fn release(&mut self, kind: &str, out: &mut Vec<ChatEvent>) {
        if let Some((block, json)) = self.waiting.take() {
            out.push(event(block, kind, &json));
        }
    }

    /// The parts of an item are over.
    fn forget(&mut self, index: u64) {
        while let Some(at) = self.parts.range((index, 0)..=(index, u64::MAX)).next().map(|(at, _)| *at) {
            self.parts.remove(&at);
        }
    }

    fn new_block(&mut self) -> u32 {
        next(&mut self.next_block)
    }

    fn note(&mut self, bytes: usize) {
        self.content += bytes;
        self.progress += 1;
    }
}

fn next(block: &mut u32) -> u32 {
    let this = *block;
    *block += 1;
    this
}

/// A JSON string that says something, as its text.
fn text_value(raw: Option<&RawValue>) -> Option<&str> {
    filled(raw).filter(|json| json.starts_with('"'))
}
