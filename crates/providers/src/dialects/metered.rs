//! What an answer cost in AI credits, as Copilot says beside the answer on each of its wires: `copilot_usage`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::openai_chat::{Dollars, merge_usage};
use crate::{
    Usage,
    catalog::{Quirk, Vendor},
    loose::{Count, Text},
};

/// A credit is a cent of a US dollar and 10^9 nano-AIU, so this many digits lie between those and a dollar.
const DIGITS: i32 = 11;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    total_nano_aiu: Option<&'a RawValue>,
    #[serde(borrow)]
    token_details: Option<Vec<Detail<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail<'a> {
    #[serde(borrow)]
    token_type: Text<'a>,
    token_count: Count,
}

/// What the vendor charged for.
#[derive(Default)]
pub(super) struct Metered {
    /// Nano-USD, and the figure as written. What is part of a plan costs 0.
    pub(super) cost: Option<(i64, String)>,
    counts: Usage,
}

/// Looks for what an answer cost, where the vendor says so.
#[derive(Clone, Copy, Default)]
pub(super) struct Meter(bool);

impl Meter {
    pub(super) fn of(vendor: &Vendor) -> Self {
        Self(vendor.has(Quirk::AiCredits))
    }

    /// Reads a `copilot_usage`; nothing where it is none.
    pub(super) fn read(self, raw: Option<&RawValue>) -> Metered {
        read(raw.filter(|_| self.0))
    }
}

fn read(raw: Option<&RawValue>) -> Metered {
    let Some(wire) = raw.and_then(|raw| serde_json::from_str::<Wire<'_>>(raw.get()).ok()) else {
        return Metered::default();
    };
    let figure = wire.total_nano_aiu.map(RawValue::get).filter(|figure| !figure.starts_with('-'));
    let cost = figure.and_then(|figure| {
        let nano_usd = Dollars::parse_scaled(figure, DIGITS)?.nano()?;
        Some((nano_usd, format!("{figure} nano-AIU")))
    });
    Metered { cost, counts: counts(&wire.token_details.unwrap_or_default()) }
}

impl Metered {
    /// Counts with what was charged for in place of what they say otherwise: these tell what the cache was given, too.
    pub(super) fn over(&self, counted: Usage) -> Usage {
        merge_usage(counted, self.counts)
    }
}

/// The wire's `input` leaves out what the cache read and wrote; ours holds everything.
fn counts(details: &[Detail<'_>]) -> Usage {
    let of = |kind: &str| {
        let counts = details.iter().filter(|detail| detail.token_type.0 == kind).filter_map(|d| d.token_count.0);
        counts.reduce(u64::saturating_add)
    };
    let Some(fresh) = of("input") else { return Usage::default() };
    let (read, written) = (of("cache_read"), of("cache_write"));
    Usage {
        input_total: Some(fresh.saturating_add(read.unwrap_or(0)).saturating_add(written.unwrap_or(0))),
        cache_read: read,
        cache_write: written,
        output_total: of("output"),
        ..Usage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metered(json: &str) -> Metered {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        read(Some(&raw))
    }

    #[test]
    fn credits_are_counted_in_whole_nano_dollars() {
        for (total, nano_usd) in [
            ("614775000", Some(6_147_750)),
            ("0", Some(0)),
            ("49", Some(0)),
            ("51", Some(1)),
            ("100000000000", Some(1_000_000_000)),
            ("-1", None),
            ("null", None),
            ("\"7\"", None),
            ("1e400", None),
        ] {
            let read = metered(&format!("{{\"total_nano_aiu\":{total}}}"));
            assert_eq!(read.cost.map(|(nano, _)| nano), nano_usd, "{total}");
        }
        assert!(metered("{}").cost.is_none() && metered("7").cost.is_none());
    }

    #[test]
    fn details_hold_what_the_cache_was_given_and_leave_the_rest_alone() {
        let read = metered(
            r#"{"token_details":[{"token_type":"input","token_count":10},{"token_type":"cache_read","token_count":80},
                {"token_type":"cache_write","token_count":5},{"token_type":"output","token_count":40}]}"#,
        );
        let told = Usage { input_total: Some(95), cache_read: Some(80), output_total: Some(40), ..Usage::default() };
        let all = read.over(Usage { reasoning: Some(30), ..told });
        assert_eq!(all, Usage { cache_write: Some(5), reasoning: Some(30), ..told });
        let without = metered(r#"{"token_details":[{"token_type":"image","token_count":7}]}"#);
        assert_eq!(without.over(told), told);
    }
}
