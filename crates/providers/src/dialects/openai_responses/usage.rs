//! Token counts. Totals include their parts, also with vendors whose chat completions count otherwise.

use serde::Deserialize;

use crate::{Usage, loose::Count};

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageWire {
    input_tokens: Count,
    input_tokens_details: Option<Details>,
    output_tokens: Count,
    output_tokens_details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Count,
    cache_write_tokens: Count,
    audio_tokens: Count,
    reasoning_tokens: Count,
}

/// Reads a usage object; `None` where it is none.
pub(super) fn read(json: &str) -> Option<Usage> {
    let wire: UsageWire = serde_json::from_str(json).ok()?;
    let input = wire.input_tokens_details.unwrap_or_default();
    let output = wire.output_tokens_details.unwrap_or_default();
    let (read, thought) = (input.cached_tokens.0, output.reasoning_tokens.0);
    // A part that is more than the whole can only have been left out of it.
    let whole = |all: u64, part: Option<u64>| all.saturating_add(part.filter(|part| *part > all).unwrap_or(0));
    let input_total = wire.input_tokens.0.map(|all| whole(all, read));
    let room = input_total.map(|all| all.saturating_sub(read.unwrap_or(0)));
    Some(Usage {
        input_total,
        cache_read: read,
        cache_write: input.cache_write_tokens.0.map(|written| room.map_or(written, |room| written.min(room))),
        input_audio: input.audio_tokens.0,
        output_total: wire.output_tokens.0.map(|all| whole(all, thought)),
        reasoning: thought,
        output_audio: output.audio_tokens.0,
        ..Usage::default()
    })
}
