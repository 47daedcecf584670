//! Cards read out of the bundled price data must price as the crate itself does.
#![allow(clippy::unwrap_used, clippy::expect_used)] // the helpers of a test are test code too

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use genai_prices::{Calculator, PriceRequest, Usage as Counts};
use parlance_core::costs::{
    Rate, RateCard,
    catalogue::{self, ListPrice, PriceData},
    price,
};
use parlance_providers::Usage;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// 2026-11-21 12:00 UTC, no vendor's peak hour.
const NOON: i64 = 1_795_262_400_000;
const HOUR: i64 = 3_600_000;
/// An hour at which the vendors that have some charge more.
const PEAK: i64 = NOON - 10 * HOUR;
/// Just at and just beyond the tiers that the data knows.
const TIERS: [u64; 6] = [100_001, 128_001, 200_000, 200_001, 272_000, 272_001];
const USAGES_A_MODEL: usize = 3;

fn usd(rate: f64) -> Option<Rate> {
    Rate::from_usd(rate)
}

fn find(prices: &str, model: &str, input: u64, at: i64) -> RateCard {
    PriceData::bundled().card(prices, model, input, at).unwrap_or_else(|| panic!("{prices}/{model}"))
}

fn any_usage() -> impl Strategy<Value = (Usage, i64)> {
    let share = || proptest::option::of(0.0..=1.0_f64);
    let size = prop_oneof![0u64..2_000, 0u64..300_000, 0u64..2_000_000];
    let counts = (size, 0u64..200_000, [share(), share(), share(), share(), share()]);
    (counts, 0i64..24 * 365).prop_map(|((input, output, shares), hour)| {
        let of = |whole: u64, share: Option<f64>| share.map(|share| (whole as f64 * share) as u64);
        let cache_read = of(input, shares[0]);
        let left = input - cache_read.unwrap_or(0);
        let cache_write = of(left, shares[1]);
        let reasoning = of(output, shares[3]);
        let usage = Usage {
            input_total: Some(input),
            cache_read,
            cache_write,
            input_audio: of(left - cache_write.unwrap_or(0), shares[2].filter(|share| *share > 0.7)),
            output_total: Some(output),
            reasoning,
            output_audio: of(output - reasoning.unwrap_or(0), shares[4].filter(|share| *share > 0.7)),
            ..Usage::default()
        };
        (usage, NOON - hour * HOUR)
    })
}

fn crate_counts(usage: &Usage) -> Counts {
    [
        ("input_tokens", usage.input_total),
        ("cache_read_tokens", usage.cache_read),
        ("cache_write_tokens", usage.cache_write),
        ("input_audio_tokens", usage.input_audio),
        ("output_tokens", usage.output_total),
        ("output_reasoning_tokens", usage.reasoning),
        ("output_audio_tokens", usage.output_audio),
        ("cache_write_1h_tokens", usage.cache_write_1h),
        ("web_searches", usage.searches),
    ]
    .into_iter()
    .filter_map(|(key, count)| Some((key, count? as f64)))
    .collect()
}

impl Compared {
    fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Unpriced => "no price",
            Self::Refused => "refused",
        }
    }
}

/// What came of a comparison.
#[derive(Clone, Copy, PartialEq)]
enum Compared {
    Agrees,
    /// There is no price to compare: the crate charges nothing where it has none, we say unknown.
    Unpriced,
    /// The crate refuses the counts.
    Refused,
}

/// Compares one request.
fn compare(prices: &str, model: &str, usage: &Usage, at: i64, cards: &mut Cards) -> Compared {
    let counts = crate_counts(usage);
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(at as u64);
    let request = PriceRequest::new(model, &counts).with_provider_id(prices).with_timestamp(time);
    let Ok(theirs) = Calculator::bundled().calculate(&request) else { return Compared::Refused };
    let size = usage.input_total.unwrap_or(0);
    let card = cards.entry((size, at)).or_insert_with(|| PriceData::bundled().card(prices, model, size, at));
    let ours = card.as_ref().and_then(|card| price(*usage, card).expect("consistent counts").total);
    let Some(ours) = ours else {
        let no_search = |card: &RateCard| usage.searches.is_some() && card.search.is_none() && card.request.is_none();
        let missing = |card: &RateCard| card.input.is_none() || card.output.is_none() || no_search(card);
        assert!(card.as_ref().is_none_or(missing), "{prices}/{model}: {usage:?} has prices, no amount: {card:?}");
        return Compared::Unpriced;
    };
    let theirs = theirs.total_price * 1e9;
    assert!((ours as f64 - theirs).abs() <= 5.0, "{prices}/{model} at {at}: {ours} for {theirs}, {usage:?}, {card:?}");
    Compared::Agrees
}

/// The cards of one model by size and time: what is asked of them differs, they do not.
type Cards = HashMap<(u64, i64), Option<RateCard>>;

/// Usages of every kind: small, large, beyond the tiers, cached, written for minutes and for an hour, with reasoning,
/// with sound, with searches, and of one side only.
fn usages() -> Vec<Usage> {
    let plain =
        |input: u64, output: u64| Usage { input_total: Some(input), output_total: Some(output), ..Usage::default() };
    let large = plain(90_000, 4_000);
    let mut usages = vec![
        plain(1, 1),
        plain(1_500, 500),
        large,
        plain(2_000_000, 100_000),
        plain(90_000, 0),
        plain(0, 4_000),
        Usage { cache_read: Some(80_000), ..large },
        Usage { cache_read: Some(90_000), ..large },
        Usage { cache_write: Some(60_000), ..large },
        Usage { cache_read: Some(30_000), cache_write: Some(50_000), cache_write_1h: Some(20_000), ..large },
        Usage { cache_read: Some(1_500_000), cache_write: Some(400_000), ..plain(2_000_000, 100_000) },
        Usage { reasoning: Some(3_500), ..large },
        Usage { input_audio: Some(60_000), output_audio: Some(3_000), ..large },
        Usage { searches: Some(3), ..large },
    ];
    usages.extend(TIERS.map(|size| plain(size, 700)));
    usages
}

#[test]
fn every_bundled_model_prices_as_the_crate_does() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"every bundled model, every price");
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (strategy, fixed) = (any_usage(), usages());
    let (mut models, mut compared) = (0, 0);
    let mut pairs: HashMap<&str, u32> = HashMap::new();
    for provider in Calculator::bundled().providers() {
        for model in provider.models() {
            models += 1;
            let mut cards = Cards::new();
            let random = |_| strategy.new_tree(&mut runner).unwrap().current();
            let random: Vec<_> = (0..USAGES_A_MODEL).map(random).collect();
            let mut head = |size: u64, at: i64| {
                let card = cards
                    .entry((size, at))
                    .or_insert_with(|| PriceData::bundled().card(provider.id(), model.id(), size, at));
                card.as_ref().map(|card| (card.input, card.output))
            };
            // Beyond the tiers where there are some, and at what is a peak hour where that matters.
            let (has_tiers, has_hours) =
                (head(90_000, NOON) != head(2_000_000, NOON), head(90_000, NOON) != head(90_000, PEAK));
            let of_tier = |usage: &&Usage| has_tiers || !TIERS.contains(&usage.input_total.unwrap_or(0));
            let at_noon = fixed.iter().filter(of_tier).map(|usage| (*usage, NOON));
            let at_peak = fixed.iter().filter(|_| has_hours).map(|usage| (*usage, PEAK));
            let mut once = false;
            for (usage, at) in at_noon.chain(at_peak).chain(random) {
                let came = compare(provider.id(), model.id(), &usage, at, &mut cards);
                once |= came == Compared::Agrees;
                *pairs.entry(came.name()).or_default() += 1;
            }
            compared += i32::from(once);
        }
    }
    println!("{compared} of {models} models compared; {pairs:?}");
    assert!(models > 2_000 && compared * 100 > models * 80, "{compared} of {models} models compared");
    assert!(pairs["agrees"] > 20_000, "{pairs:?}");
}

#[test]
fn a_card_holds_what_the_data_says() {
    let card = find("anthropic", "claude-haiku-4-5-20251001", 10, NOON);
    assert_eq!(card.input, usd(1.0));
    assert_eq!(card.output, usd(5.0));
    assert_eq!(card.cache_read, usd(0.1));
    assert_eq!(card.cache_write, usd(1.25));
    assert_eq!(card.cache_write_1h, usd(2.0));
    assert_eq!(card.reasoning, None, "no price of its own");
    assert_eq!(card.request, None, "no fee");
    assert_eq!(card.date, "2026-11-21");
    assert!(card.source.starts_with("genai-prices 0.2.1 (2026-10-20): anthropic/claude-haiku"), "{}", card.source);
    let perplexity = find("perplexity", "sonar-deep-research", 10, NOON);
    assert_eq!(perplexity.reasoning, usd(3.0));
}

#[test]
fn a_tier_reprices_the_whole_request() {
    let below = find("openai", "gpt-5.4", 272_000, NOON);
    assert_eq!((below.input, below.cache_read, below.output), (usd(2.5), usd(0.25), usd(15.0)));
    let above = find("openai", "gpt-5.4", 272_001, NOON);
    assert_eq!((above.input, above.cache_read, above.output), (usd(5.0), usd(0.5), usd(22.5)));
}

#[test]
fn the_hour_of_the_request_counts_and_not_the_hour_of_the_test() {
    let input = |at| find("deepseek", "deepseek-flash", 10, at).input;
    assert_eq!(input(NOON), usd(0.15));
    assert_eq!(input(NOON - 10 * HOUR), usd(0.3), "02:00 UTC");
    assert_eq!(input(NOON - 8 * HOUR), usd(0.15), "04:00 UTC, the peak is over");
    assert_eq!(input(NOON - 5 * HOUR), usd(0.3), "07:00 UTC");
    assert_eq!(find("deepseek", "deepseek-v4-flash", 10, NOON - 200 * 24 * HOUR).input, usd(0.14), "before the change");
}

#[test]
fn fees_are_read() {
    let card = find("perplexity", "sonar", 10, NOON);
    assert_eq!(card.request, usd(12_000.0), "12 USD for a thousand requests");
    let searches = find("openai", "gpt-5.4", 10, NOON);
    assert_eq!((searches.request, searches.search), (None, usd(10_000.0)));
}

#[test]
fn what_has_no_price_has_no_card() {
    for (prices, model) in [
        ("openai", "no-such-model"),
        ("no-such-vendor", "gpt-5.4"),
        ("openai", ""),
        ("", "gpt-5.4"),
        ("openai", "moderation"), // known, without any price
    ] {
        assert_eq!(PriceData::bundled().card(prices, model, 10, NOON), None, "{prices}/{model}");
        assert_eq!(PriceData::bundled().list_price(prices, model, NOON), None, "{prices}/{model}");
    }
    assert_eq!(PriceData::bundled().card("openai", "gpt-5.4", 10, i64::MIN), None, "before any calendar");
    assert_eq!(PriceData::bundled().card("openai", "gpt-5.4", 10, i64::MAX), None, "after any calendar");
}

#[test]
fn a_model_without_an_output_price_leaves_it_unknown() {
    let card = find("openai", "text-embedding-3-small", 10, NOON);
    assert_eq!((card.input, card.output), (usd(0.02), None));
}

#[test]
fn the_list_shows_the_price_below_any_tier() {
    assert_eq!(
        PriceData::bundled().list_price("openai", "gpt-5.4", NOON),
        Some(ListPrice { input: usd(2.5), cache_read: usd(0.25), output: usd(15.0) })
    );
}

#[test]
fn the_card_names_the_version_that_is_built_in() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let version = lock.split("name = \"genai-prices\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(Some(catalogue::SOURCE), version.map(|v| format!("genai-prices {v}")).as_deref());
}
