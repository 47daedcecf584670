//! Token counts. The wire tells two kinds: the tokens a model read and wrote, and those that are invoiced.

use serde::Deserialize;

use super::wire::Single;
use crate::{InvoicedTokens, Usage, loose::Count};

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageWire {
    tokens: Single<Tokens>,
    billed_units: Single<Tokens>,
    /// Part of `tokens.input_tokens`.
    cached_tokens: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tokens {
    input_tokens: Count,
    output_tokens: Count,
}

/// The tokens a model read and wrote, which decide how long a conversation may get; those that are invoiced where a
/// server tells no others. `None` where nothing is told.
pub(super) fn read(json: &str) -> Option<Usage> {
    let Single(wire) = serde_json::from_str::<Single<UsageWire>>(json).ok()?;
    let (tokens, billed) = (wire.tokens.0, wire.billed_units.0);
    let input_total = tokens.input_tokens.0.or(billed.input_tokens.0);
    let usage = Usage {
        input_total,
        cache_read: wire.cached_tokens.0.map(|cached| input_total.map_or(cached, |all| cached.min(all))),
        output_total: tokens.output_tokens.0.or(billed.output_tokens.0),
        invoiced: billed
            .input_tokens
            .0
            .zip(billed.output_tokens.0)
            .map(|(input, output)| InvoicedTokens { input, output }),
        ..Usage::default()
    };
    Some(usage).filter(|usage| *usage != Usage::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(json: &str) -> Option<(Option<u64>, Option<u64>, Option<u64>)> {
        read(json).map(|usage| (usage.input_total, usage.cache_read, usage.output_total))
    }

    #[test]
    fn what_the_model_read_counts_and_not_what_is_invoiced() {
        let both = r#"{"billed_units":{"input_tokens":17.0,"output_tokens":12},"tokens":{"input_tokens":83,"output_tokens":63},"cached_tokens":80}"#;
        assert_eq!(counts(both), Some((Some(83), Some(80), Some(63))));
        let invoiced = r#"{"billed_units":{"input_tokens":17,"output_tokens":12},"tokens":null}"#;
        assert_eq!(counts(invoiced), Some((Some(17), None, Some(12))));
        assert_eq!(read(both).unwrap().invoiced, Some(InvoicedTokens { input: 17, output: 12 }));
        let half = r#"{"billed_units":{"input_tokens":17},"tokens":{"input_tokens":83}}"#;
        assert_eq!(read(half).unwrap().invoiced, None);
        assert_eq!(counts(r#"{"tokens":{"input_tokens":5},"cached_tokens":9}"#), Some((Some(5), Some(5), None)));
        for nothing in ["{}", "null", "[]", "7", r#"{"billed_units":{"search_units":1}}"#, r#"{"tokens":[]}"#, "{"] {
            assert_eq!(counts(nothing), None, "{nothing}");
        }
    }
}
