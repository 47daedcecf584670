//! What the prompt cache saved.

use parlance_providers::Usage;

use super::rate::RateCard;

/// Nano-USD that a request's prompt cache saved at these prices, what writing to it cost more taken off: below zero
/// where it cost more than it brought. `None` where the vendor counted nothing of it or a price is unknown.
pub(super) fn by_prompt_cache(usage: &Usage, card: &RateCard) -> Option<i64> {
    let usage = usage.to_price();
    usage.cache_read.or(usage.cache_write)?;
    let input = i128::from(card.input?.nano());
    let rate = |own: Option<super::Rate>| own.map_or(input, |rate| i128::from(rate.nano()));
    let of = |count: Option<u64>, a_million: i128| i128::from(count.unwrap_or(0)).checked_mul(a_million);
    let read = of(usage.cache_read, input - rate(card.cache_read))?;
    let written = of(usage.cache_write, rate(card.cache_write) - input)?;
    i64::try_from(read.checked_sub(written)? / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::Rate, *};

    fn card() -> RateCard {
        let usd = Rate::from_usd;
        RateCard { input: usd(3.0), cache_read: usd(0.3), cache_write: usd(3.75), ..RateCard::default() }
    }

    fn usage(read: Option<u64>, write: Option<u64>) -> Usage {
        Usage { input_total: Some(10_000), cache_read: read, cache_write: write, ..Usage::default() }
    }

    #[test]
    fn reading_saves_and_writing_costs() {
        let saved = |read, write| by_prompt_cache(&usage(read, write), &card());
        assert_eq!(saved(Some(1_000), None), Some(2_700_000));
        assert_eq!(saved(None, Some(1_000)), Some(-750_000));
        assert_eq!(saved(Some(1_000), Some(1_000)), Some(1_950_000));
        assert_eq!(saved(Some(0), None), Some(0));
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        assert_eq!(by_prompt_cache(&usage(None, None), &card()), None);
        let free = RateCard { input: None, ..card() };
        assert_eq!(by_prompt_cache(&usage(Some(5), None), &free), None);
        let plain = RateCard { cache_read: None, cache_write: None, ..card() };
        assert_eq!(by_prompt_cache(&usage(Some(5), Some(5)), &plain), Some(0), "the input price holds for both");
        assert_eq!(by_prompt_cache(&usage(Some(u64::MAX), None), &card()), None, "beyond 64 bits");
    }
}
