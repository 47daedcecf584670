//! Token counts and reported cost, brought to one reading: totals include their parts.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{money::Dollars, wire::Count};
use crate::Usage;

/// The usage object with every place in which a dialect puts a count.
#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageWire<'a> {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Option<Details>,
    /// Mistral writes it so, too.
    prompt_token_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    /// DeepSeek.
    prompt_cache_hit_tokens: Count,
    /// Moonshot, Together.
    cached_tokens: Count,
    /// Mistral.
    num_cached_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    /// Perplexity, Copilot.
    reasoning_tokens: Count,
    /// Perplexity.
    num_search_queries: Count,
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
    is_byok: Option<bool>,
    #[serde(borrow)]
    cost_details: Option<CostDetails<'a>>,
    /// xAI: units of 1e-10 USD.
    #[serde(borrow)]
    cost_in_usd_ticks: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Count,
    cache_write_tokens: Count,
    /// Alibaba.
    cache_creation_input_tokens: Count,
    audio_tokens: Count,
    reasoning_tokens: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CostDetails<'a> {
    #[serde(borrow)]
    upstream_inference_cost: Option<&'a RawValue>,
}

/// What a usage object says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) usage: Usage,
    /// Nano-USD, and the figure as written.
    pub(super) cost: Option<(i64, String)>,
}

/// Reads a usage object; `None` where it is none. `outside` says that reasoning is never part of the output count.
pub(super) fn read(json: &str, outside: bool) -> Option<Reading> {
    let wire: UsageWire<'_> = serde_json::from_str(json).ok()?;
    let cost = cost(&wire);
    Some(Reading { usage: normalise(&wire, outside), cost })
}

/// What a usage object says that the answer costs, in nano-USD, with the figure as written. Its counts may have other
/// names than those of this dialect.
pub(in crate::dialects) fn reported_cost(json: &str) -> Option<(i64, String)> {
    read(json, false)?.cost
}

/// Counts of a later object replace those of an earlier one; what it leaves out stays, unless that no longer fits the
/// new total.
pub(in crate::dialects) fn merge(earlier: Usage, later: Usage) -> Usage {
    let kept = |part: Option<u64>, room: Option<u64>| part.filter(|part| room.is_none_or(|room| *part <= room));
    let input_total = later.input_total.or(earlier.input_total);
    let output_total = later.output_total.or(earlier.output_total);
    let cache_read = kept(later.cache_read.or(earlier.cache_read), input_total);
    let rest = input_total.map(|all| all.saturating_sub(cache_read.unwrap_or(0)));
    Usage {
        input_total,
        cache_read,
        cache_write: kept(later.cache_write.or(earlier.cache_write), rest),
        cache_write_1h: kept(
            later.cache_write_1h.or(earlier.cache_write_1h),
            later.cache_write.or(earlier.cache_write),
        ),
        input_audio: later.input_audio.or_else(|| kept(earlier.input_audio, input_total)),
        output_total,
        reasoning: later.reasoning.or_else(|| kept(earlier.reasoning, output_total)),
        output_audio: later.output_audio.or_else(|| kept(earlier.output_audio, output_total)),
        searches: later.searches.or(earlier.searches),
        ..Usage::default()
    }
}

fn normalise(wire: &UsageWire<'_>, outside: bool) -> Usage {
    let input = wire.prompt_tokens_details.as_ref();
    let sic = wire.prompt_token_details.as_ref();
    let output = wire.completion_tokens_details.as_ref();
    let cache_read = [
        input.and_then(|d| d.cached_tokens.0),
        sic.and_then(|d| d.cached_tokens.0),
        wire.prompt_cache_hit_tokens.0,
        wire.cached_tokens.0,
        wire.num_cached_tokens.0,
        wire.cache_read_input_tokens.0,
    ]
    .into_iter()
    .flatten()
    .max();
    let cache_write = [
        input.and_then(|d| d.cache_write_tokens.0),
        input.and_then(|d| d.cache_creation_input_tokens.0),
        wire.cache_creation_input_tokens.0,
    ]
    .into_iter()
    .flatten()
    .max();
    let reasoning = output.and_then(|d| d.reasoning_tokens.0).or(wire.reasoning_tokens.0);
    let input_total = wire.prompt_tokens.0.map(|prompt| {
        // More cached than asked can only mean that the cached part was left out (xAI).
        let read = cache_read.filter(|read| *read > prompt).unwrap_or(0);
        prompt.saturating_add(read)
    });
    Usage {
        input_total,
        cache_read,
        cache_write: cache_write.map(|w| input_total.map_or(w, |all| w.min(all - cache_read.unwrap_or(0).min(all)))),
        input_audio: input.and_then(|d| d.audio_tokens.0),
        output_total: wire.completion_tokens.0.map(|out| output_total(wire, out, reasoning, outside)),
        reasoning,
        output_audio: output.and_then(|d| d.audio_tokens.0),
        searches: wire.num_search_queries.0.filter(|searches| *searches > 0),
        ..Usage::default()
    }
}

/// Most vendors count reasoning as output. The vendor's data says otherwise, or the totals do: the one that adds up
/// only with reasoning says that it is outside, the one that adds up without it that it is inside, even where it is
/// more than the output. Without a total that adds up, more reasoning than output can only be outside.
fn output_total(wire: &UsageWire<'_>, out: u64, reasoning: Option<u64>, outside: bool) -> u64 {
    let thought = reasoning.unwrap_or(0);
    let with_it = out.saturating_add(thought);
    let all = |output: u64| wire.prompt_tokens.0.map(|input| input.saturating_add(output));
    let is_outside = match wire.total_tokens.0 {
        Some(total) if all(with_it) == Some(total) => true,
        Some(total) if all(out) == Some(total) => false,
        _ => thought > out,
    };
    if thought > 0 && (outside || is_outside) { with_it } else { out }
}

fn cost(wire: &UsageWire<'_>) -> Option<(i64, String)> {
    if let Some(raw) = wire.cost {
        let figure = total_cost(raw.get())?;
        let fee = Dollars::parse(&figure)?;
        let upstream = wire.cost_details.as_ref().and_then(|d| d.upstream_inference_cost).map(RawValue::get);
        // With a key of one's own the cost is the router's fee alone; the upstream bill comes on top.
        if let (Some(true), Some(upstream)) = (wire.is_byok, upstream) {
            let all = fee.plus(Dollars::parse(upstream)?)?;
            return Some((all.nano()?, format!("{figure} + {upstream}")));
        }
        return Some((fee.nano()?, figure));
    }
    let ticks = wire.cost_in_usd_ticks?.get();
    Some((Dollars::parse_scaled(ticks, 10)?.nano()?, format!("{ticks} ticks")))
}

/// `cost` is a number, a number as text, or an object with `total_cost`.
fn total_cost(raw: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Total<'a> {
        #[serde(borrow)]
        total_cost: &'a RawValue,
    }
    match raw.as_bytes().first()? {
        b'{' => Some(serde_json::from_str::<Total<'_>>(raw).ok()?.total_cost.get().to_owned()),
        b'"' => serde_json::from_str(raw).ok(),
        _ => Some(raw.to_owned()),
    }
}
