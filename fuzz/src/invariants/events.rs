//! What must hold for the events of one answer.

use std::collections::HashMap;

use parlance_providers::{ChatEvent, Part, ProviderError, Usage, chat::MediaSource, fold};
use serde_json::value::RawValue;

/// What a decoder gave: events, and an error or a good end.
#[derive(Debug)]
pub struct Checked {
    /// In order.
    pub events: Vec<ChatEvent>,
    /// How it ended; `None` is a good end.
    pub error: Option<ProviderError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Refusal,
    Call { ended: bool },
    Media,
    ServerTool,
}

/// Input bytes may become so many times as many bytes of events: a character reference or an escape shrinks, a
/// vendor's text may be both shown and kept.
const GROWTH: usize = 8;
/// What the events of the shortest input may hold: ids of ours, warnings.
const ALWAYS: usize = 4096;

impl Checked {
    /// Asks everything, given the length of the body.
    pub fn check(&self, input: usize) {
        let mut blocks = HashMap::new();
        for event in &self.events {
            check_event(event, &mut blocks);
        }
        self.check_end();
        let total: usize = self.events.iter().map(size).sum();
        assert!(total <= GROWTH * input + ALWAYS, "{input} bytes became {total}");
        self.check_fold();
        if let Some(error) = &self.error {
            super::sensible(error);
        }
    }

    fn check_end(&self) {
        let finished = |event: &ChatEvent| matches!(event, ChatEvent::Finished { .. });
        let ends = self.events.iter().filter(|e| finished(e)).count();
        assert_eq!(ends, usize::from(self.error.is_none()), "an end for each good answer: {:?}", self.error);
        assert!(ends == 0 || self.events.last().is_some_and(finished), "events after the end");
    }

    /// Folding loses nothing that a reader saw.
    fn check_fold(&self) {
        let seen: usize = self.events.iter().map(readable).sum();
        let parts = fold::fold(self.events.iter().cloned()).parts;
        let kept: usize = parts
            .iter()
            .map(|part| match part {
                Part::Text { text, .. } | Part::Reasoning { text, .. } | Part::Refusal { text } => text.len(),
                Part::ToolCall { arguments, .. } => arguments.len(),
                _ => 0,
            })
            .sum();
        assert_eq!(kept, seen, "bytes of text and arguments kept and seen");
    }
}

fn check_event(event: &ChatEvent, blocks: &mut HashMap<u32, Kind>) {
    match event {
        ChatEvent::TextDelta { block, text } => written(blocks, *block, Kind::Text, text),
        ChatEvent::ReasoningDelta { block, text } => written(blocks, *block, Kind::Reasoning, text),
        ChatEvent::RefusalDelta { block, text } => written(blocks, *block, Kind::Refusal, text),
        ChatEvent::ToolCallStart { block, id, name } => {
            assert!(!id.is_empty() && !name.is_empty(), "a call without id or name");
            let before = blocks.insert(*block, Kind::Call { ended: false });
            assert_eq!(before, None, "block {block} began twice");
        }
        ChatEvent::ToolCallDelta { block, .. } => {
            assert_eq!(blocks.get(block), Some(&Kind::Call { ended: false }), "arguments without a call under way");
        }
        ChatEvent::ToolCallEnd { block } => {
            let before = blocks.insert(*block, Kind::Call { ended: true });
            assert_eq!(before, Some(Kind::Call { ended: false }), "an end without a call under way");
        }
        ChatEvent::Media { block, .. } => single(blocks, *block, Kind::Media),
        ChatEvent::ServerTool { block, name, .. } => {
            assert!(!name.is_empty(), "a tool without a name");
            single(blocks, *block, Kind::ServerTool);
        }
        ChatEvent::Opaque { data, .. } => {
            assert!(!data.kind.is_empty());
            serde_json::from_str::<&RawValue>(&data.json).expect("opaque data is JSON");
        }
        ChatEvent::Usage(usage) => counted(usage),
        ChatEvent::ReportedCost { nano_usd, .. } => assert!(*nano_usd >= 0, "a cost below zero"),
        ChatEvent::Started { .. } | ChatEvent::Citation { .. } | ChatEvent::Warning { .. } => {}
        ChatEvent::Finished { .. } => {}
    }
}

fn written(blocks: &mut HashMap<u32, Kind>, block: u32, kind: Kind, text: &str) {
    assert!(!text.is_empty(), "a delta of nothing");
    let known = *blocks.entry(block).or_insert(kind);
    assert_eq!(known, kind, "block {block} is of two kinds");
}

fn single(blocks: &mut HashMap<u32, Kind>, block: u32, kind: Kind) {
    assert_eq!(blocks.insert(block, kind), None, "block {block} is not alone");
}

fn counted(usage: &Usage) {
    let cached = usage.cache_read.unwrap_or(0).checked_add(usage.cache_write.unwrap_or(0));
    if let Some(all) = usage.input_total {
        assert!(cached.is_some_and(|cached| cached <= all), "more cached than sent: {usage:?}");
    }
}

/// Bytes of text that a reader sees, and of arguments.
fn readable(event: &ChatEvent) -> usize {
    match event {
        ChatEvent::TextDelta { text, .. }
        | ChatEvent::ReasoningDelta { text, .. }
        | ChatEvent::RefusalDelta { text, .. } => text.len(),
        ChatEvent::ToolCallDelta { arguments, .. } => arguments.len(),
        _ => 0,
    }
}

/// Bytes an event holds.
fn size(event: &ChatEvent) -> usize {
    let word = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match event {
        ChatEvent::Started { id, model } => word(id) + word(model),
        ChatEvent::ToolCallStart { id, name, .. } => id.len() + name.len(),
        ChatEvent::Citation { url, title, text } => word(url) + word(title) + word(text),
        ChatEvent::Media { media_type, source: MediaSource::Inline(data), .. } => word(media_type) + data.len(),
        ChatEvent::Media { media_type, source: MediaSource::Url(url), .. } => word(media_type) + url.len(),
        ChatEvent::ServerTool { name, json, .. } => name.len() + json.len(),
        ChatEvent::Warning { message, .. } => message.len(),
        ChatEvent::Opaque { data, .. } => data.kind.len() + data.json.len(),
        ChatEvent::ReportedCost { raw, .. } => raw.len(),
        ChatEvent::Finished { reason, .. } => word(reason),
        ChatEvent::ToolCallEnd { .. } | ChatEvent::Usage(_) => 0,
        written => readable(written),
    }
}
