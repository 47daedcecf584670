//! Token counts. The wire's `input_tokens` leave out what the cache read and wrote; ours hold everything.

use serde::Deserialize;

use crate::{Usage, loose::Count};

/// Counts as the wire has them, merged over the events of a stream: each event's are cumulative, and a field that an
/// event leaves out keeps its value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    input: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_1h: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
    searches: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageWire {
    input_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_creation: Option<Kept>,
    output_tokens: Count,
    output_tokens_details: Option<Details>,
    server_tool_use: Option<Tools>,
}

/// What was written to the cache, by how long it is kept.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Kept {
    ephemeral_1h_input_tokens: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tools {
    web_search_requests: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    thinking_tokens: Count,
}

impl Counts {
    /// Takes a usage object; false where it is none.
    pub(super) fn take(&mut self, json: &str) -> bool {
        let Ok(wire) = serde_json::from_str::<UsageWire>(json) else { return false };
        let merge = |old: &mut Option<u64>, new: Count| *old = new.0.or(*old);
        merge(&mut self.input, wire.input_tokens);
        merge(&mut self.cache_read, wire.cache_read_input_tokens);
        merge(&mut self.cache_write, wire.cache_creation_input_tokens);
        merge(&mut self.cache_write_1h, wire.cache_creation.unwrap_or_default().ephemeral_1h_input_tokens);
        merge(&mut self.output, wire.output_tokens);
        merge(&mut self.searches, wire.server_tool_use.unwrap_or_default().web_search_requests);
        merge(&mut self.thinking, wire.output_tokens_details.unwrap_or_default().thinking_tokens);
        true
    }

    /// In our reading. The vendor counts thinking again with its own tokenizer, so it may come out above the output
    /// it is part of; it is cut to it.
    pub(super) fn usage(&self) -> Usage {
        let cached = self.cache_read.unwrap_or(0).saturating_add(self.cache_write.unwrap_or(0));
        Usage {
            input_total: self.input.map(|fresh| fresh.saturating_add(cached)),
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            // A nought tells nothing that the absence does not.
            cache_write_1h: self.cache_write_1h.filter(|hour| (1..=self.cache_write.unwrap_or(0)).contains(hour)),
            searches: self.searches.filter(|searches| *searches > 0),
            output_total: self.output,
            reasoning: self.thinking.map(|thinking| self.output.map_or(thinking, |all| thinking.min(all))),
            ..Usage::default()
        }
    }
}
