//! Which figure an attempt is booked with, and how sure it is.
#![allow(clippy::unwrap_used, clippy::expect_used)] // the helpers of a test are test code too

use std::sync::{Arc, LazyLock};

use parlance_core::costs::{
    AttemptFacts, LedgerEntry, Names, Offer, Quotes, Rate, Reach, Tariff, TextCount, TokensSource,
    catalogue::PriceData,
    decide,
    own_prices::{OwnPrice, OwnPrices},
};
use parlance_core::view::{CostSource, Rates};
use parlance_providers::{Category, ChatRequest, Message, Part, ProviderError, Role, Usage};

const NOON: i64 = 1_795_262_400_000;

/// The provider that prices were given for.
const OWN: i64 = 7;
/// The other one, whose prices are public.
const OTHER: i64 = 8;

static QUOTES: LazyLock<Quotes> = LazyLock::new(|| {
    let own = |model: &str, from: &str, input: f64, output: f64| {
        let rates = Rates { input: Some(input * 1e9), output: Some(output * 1e9), ..Rates::default() };
        OwnPrice::new(1, OWN, model.to_owned(), from.to_owned(), &rates)
    };
    let own = [
        own("gpt-6-luna", "2026-11-01", 2.0, 4.0),
        own("gpt-6-luna", "2026-11-21", 3.0, 5.0),
        own("gpt-6-luna", "2026-11-22", 90.0, 90.0),
        own("private-model", "2026-11-21", 1.0, 1.0),
        own("called", "2026-01-01", 7.0, 7.0),
    ];
    Quotes::new(PriceData::bundled(), Arc::new(OwnPrices::new(own)), NOON, "2026-11-21".to_owned())
});

fn offer(tariff: Tariff<'static>) -> Offer<'static> {
    QUOTES.of_tariff(OTHER, tariff)
}

fn named(model: &'static str) -> Names<'static> {
    Names::before(model, model)
}

fn reported(input: u64, output: u64) -> Option<Usage> {
    Some(Usage { input_total: Some(input), output_total: Some(output), ..Usage::default() })
}

/// A finished answer to 400 bytes with 80 bytes, priced by the catalogue, without counts.
fn facts() -> AttemptFacts<'static> {
    AttemptFacts {
        offer: offer(Tariff::Catalogue("openai")),
        names: named("gpt-6-luna"),
        usage: None,
        reported_cost: None,
        reach: Reach::Answered,
        finished: true,
        sent: Some(TextCount::of(&"a".repeat(400))),
        received: TextCount::of(&"b".repeat(80)),
    }
}

fn check(entry: &LedgerEntry, source: CostSource, tokens: TokensSource, total: Option<i64>) {
    assert_eq!((&entry.source, entry.tokens_source, entry.amounts.total), (&source, tokens, total), "{entry:?}");
    assert_eq!(entry.source == CostSource::Unknown, entry.amounts.total.is_none(), "{entry:?}");
}

#[test]
fn the_vendors_own_cost_comes_first_and_stays_verbatim() {
    let entry = decide(&AttemptFacts {
        usage: reported(1_000, 100),
        reported_cost: Some((12_345_678, "0.012345678")),
        ..facts()
    });
    check(&entry, CostSource::Reported, TokensSource::Reported, Some(12_345_678));
    assert_eq!(entry.reported_raw.as_deref(), Some("0.012345678"));
    assert_eq!(entry.rates, None, "no price was used");
    assert_eq!(entry.usage.input_total, Some(1_000));
}

#[test]
fn where_nobody_knows_what_was_sent_the_cost_is_unknown_and_not_nothing() {
    let lost = AttemptFacts { sent: None, ..facts() };
    let entry = decide(&lost);
    check(&entry, CostSource::Unknown, TokensSource::Unknown, None);
    assert_eq!(entry.usage.input_total, None);
    let counted = decide(&AttemptFacts { usage: reported(1_000, 100), ..lost });
    assert_eq!((counted.tokens_source, counted.source), (TokensSource::Reported, CostSource::Priced));
    check(
        &decide(&AttemptFacts { reach: Reach::TurnedAway, ..lost }),
        CostSource::Estimated,
        TokensSource::Estimated,
        Some(0),
    );
}

#[test]
fn a_reported_nought_is_a_figure_and_a_negative_one_is_not() {
    let zero = decide(&AttemptFacts { usage: reported(10, 1), reported_cost: Some((0, "0")), ..facts() });
    check(&zero, CostSource::Reported, TokensSource::Reported, Some(0));
    let negative = decide(&AttemptFacts { usage: reported(10, 1), reported_cost: Some((-5, "-5e-9")), ..facts() });
    check(&negative, CostSource::Priced, TokensSource::Reported, Some(1_500));
    assert_eq!(negative.reported_raw, None);
}

#[test]
fn reported_counts_are_priced_and_the_price_is_frozen() {
    let entry = decide(&AttemptFacts { usage: reported(1_000, 100), ..facts() });
    check(&entry, CostSource::Priced, TokensSource::Reported, Some(100_000 + 50_000));
    let card = entry.rates.expect("the prices used");
    assert_eq!(card.input, Rate::from_usd(0.1));
    assert!(card.source.ends_with("openai/gpt-6-luna"), "{}", card.source);
}

#[test]
fn the_model_that_served_is_billed_and_the_one_asked_for_is_the_fallback() {
    let served = AttemptFacts {
        usage: reported(1_000, 100),
        names: Names { served: Some("gpt-5.4"), ..named("gpt-6-luna") },
        ..facts()
    };
    assert_eq!(decide(&served).amounts.total, Some(2_500_000 + 1_500_000));
    let nameless = AttemptFacts { names: Names { served: Some("ft:internal-name"), ..named("gpt-6-luna") }, ..served };
    assert_eq!(decide(&nameless).amounts.total, Some(150_000));
}

#[test]
fn the_tier_follows_the_reported_input() {
    let entry = decide(&AttemptFacts { usage: reported(300_000, 0), ..facts() });
    assert_eq!(entry.amounts.total, Some(300_000 * 200));
}

#[test]
fn without_counts_the_text_is_guessed_and_marked() {
    let entry = decide(&facts());
    check(&entry, CostSource::Estimated, TokensSource::Estimated, Some(100 * 100 + 20 * 500));
    assert_eq!((entry.usage.input_total, entry.usage.output_total), (Some(100), Some(20)));
}

#[test]
fn a_half_that_is_missing_is_guessed() {
    let usage = Some(Usage { input_total: Some(120), ..Usage::default() });
    let entry = decide(&AttemptFacts { usage, finished: false, ..facts() });
    check(&entry, CostSource::Estimated, TokensSource::Estimated, Some(120 * 100 + 20 * 500));
}

#[test]
fn after_a_cut_the_larger_of_text_and_running_count_stands_and_is_marked() {
    let stale = AttemptFacts { usage: reported(120, 1), finished: false, ..facts() };
    let entry = decide(&stale);
    check(&entry, CostSource::Estimated, TokensSource::Estimated, Some(120 * 100 + 20 * 500));
    let finished = decide(&AttemptFacts { finished: true, ..stale });
    check(&finished, CostSource::Priced, TokensSource::Reported, Some(120 * 100 + 500));
    let ahead = decide(&AttemptFacts { usage: reported(120, 50), ..stale });
    check(&ahead, CostSource::Estimated, TokensSource::Estimated, Some(120 * 100 + 50 * 500));
}

#[test]
fn without_a_price_the_cost_is_unknown_and_the_counts_are_kept() {
    for tariff in [Tariff::Unknown, Tariff::Catalogue("openai"), Tariff::Catalogue("nobody")] {
        let entry = decide(&AttemptFacts {
            offer: offer(tariff),
            names: named("private-model"),
            usage: reported(7, 3),
            ..facts()
        });
        check(&entry, CostSource::Unknown, TokensSource::Reported, None);
        assert_eq!(entry.usage.input_total, Some(7));
    }
    let embedder = AttemptFacts { names: named("text-embedding-3-small"), usage: reported(1_000, 3), ..facts() };
    let entry = decide(&embedder);
    check(&entry, CostSource::Unknown, TokensSource::Reported, None);
    assert_eq!(entry.amounts.input, Some(20_000), "the known part is kept");
}

#[test]
fn contradicting_counts_are_unknown_and_not_clamped() {
    let usage = Some(Usage { input_total: Some(5), cache_read: Some(9), output_total: Some(1), ..Usage::default() });
    check(&decide(&AttemptFacts { usage, ..facts() }), CostSource::Unknown, TokensSource::Reported, None);
}

#[test]
fn the_users_price_comes_before_the_public_one_and_goes_through_the_same_arithmetic() {
    let own = |tariff| QUOTES.of_tariff(OWN, tariff);
    let priced = AttemptFacts { offer: own(Tariff::Catalogue("openai")), usage: reported(1_000, 100), ..facts() };
    let entry = decide(&priced);
    check(&entry, CostSource::Priced, TokensSource::Reported, Some(3_000_000 + 500_000));
    let card = entry.rates.unwrap();
    assert_eq!(
        (card.input, card.source.as_str(), card.date.as_str()),
        (Rate::from_usd(3.0), "own price", "2026-11-21")
    );
    let unknown = AttemptFacts { offer: own(Tariff::Unknown), names: named("private-model"), ..priced };
    check(&decide(&unknown), CostSource::Priced, TokensSource::Reported, Some(1_100_000));
    let free = AttemptFacts { offer: own(Tariff::Free), ..priced };
    check(&decide(&free), CostSource::Free, TokensSource::Reported, Some(0));
}

#[test]
fn whose_price_it_is_when_another_model_served_than_was_asked() {
    let names = |asked, sent, served| Names { asked, sent, served };
    let total = |names| {
        let offer = QUOTES.of_tariff(OWN, Tariff::Catalogue("openai"));
        decide(&AttemptFacts { offer, names, usage: reported(1_000, 0), ..facts() }).amounts.total
    };
    assert_eq!(total(names("gpt-6-luna", "gpt-6-luna", Some("gpt-6-luna-2026-10-01"))), Some(3_000_000), "a version");
    assert_eq!(total(names("gpt-6-luna", "gpt-6-luna", Some("gpt-5.4"))), Some(2_500_000), "another, with its price");
    assert_eq!(total(names("gpt-6-luna", "gpt-6-luna", Some("nobody"))), Some(3_000_000), "another, without one");
    assert_eq!(total(names("gpt-5.4", "gpt-5.4", Some("gpt-6-luna"))), Some(3_000_000), "the one that served is own");
    assert_eq!(total(names("called", "gpt-5.4", None)), Some(7_000_000), "as the person calls it");
    assert_eq!(total(names("else", "gpt-6-luna", None)), Some(3_000_000), "as the vendor is told");
}

#[test]
fn what_runs_here_is_free_by_nature_with_its_counts() {
    let entry = decide(&AttemptFacts { offer: offer(Tariff::Free), usage: reported(9, 4), ..facts() });
    check(&entry, CostSource::Free, TokensSource::Reported, Some(0));
    assert_eq!(entry.usage.output_total, Some(4));
    let cut = decide(&AttemptFacts { offer: offer(Tariff::Free), finished: false, ..facts() });
    check(&cut, CostSource::Free, TokensSource::Estimated, Some(0));
}

#[test]
fn a_request_that_was_turned_away_costs_a_guessed_nought_also_without_a_price() {
    for tariff in [Tariff::Unknown, Tariff::Catalogue("openai")] {
        let entry =
            decide(&AttemptFacts { offer: offer(tariff), reach: Reach::TurnedAway, finished: false, ..facts() });
        check(&entry, CostSource::Estimated, TokensSource::Estimated, Some(0));
        assert_eq!((entry.usage.input_total, entry.usage.output_total), (Some(0), Some(0)));
    }
    let billed = AttemptFacts { reach: Reach::TurnedAway, usage: reported(50, 0), ..facts() };
    check(&decide(&billed), CostSource::Priced, TokensSource::Reported, Some(5_000));
}

#[test]
fn silence_after_sending_costs_the_input() {
    let entry = decide(&AttemptFacts { reach: Reach::Silent, finished: false, ..facts() });
    check(&entry, CostSource::Estimated, TokensSource::Estimated, Some(100 * 100));
    assert_eq!(entry.usage.output_total, Some(0));
    let unpriced = AttemptFacts { offer: offer(Tariff::Unknown), reach: Reach::Silent, finished: false, ..facts() };
    check(&decide(&unpriced), CostSource::Unknown, TokensSource::Estimated, None);
}

#[test]
fn how_far_an_attempt_got() {
    let error = |category, status| ProviderError { status, ..ProviderError::new(category, "x") };
    for category in Category::ALL {
        assert_eq!(Reach::of(Some(&error(category, None)), true), Reach::Answered, "{category:?} after text");
        assert_eq!(Reach::of(Some(&error(category, Some(500))), false), Reach::TurnedAway, "{category:?} by status");
    }
    assert_eq!(Reach::of(None, true), Reach::Answered);
    assert_eq!(Reach::of(None, false), Reach::Answered, "a finished, empty answer");
    let silent =
        [Category::Timeout, Category::Refused, Category::BrokenStream, Category::Cancelled, Category::Internal];
    for category in Category::ALL {
        let expected = if silent.contains(&category) { Reach::Silent } else { Reach::TurnedAway };
        for status in [None, Some(200)] {
            assert_eq!(Reach::of(Some(&error(category, status)), false), expected, "{category:?} {status:?}");
        }
    }
}

#[test]
fn the_cause_tells_whether_a_model_can_have_been_at_work() {
    for (category, cause, reach) in [
        (Category::Network, "dns", Reach::TurnedAway),
        (Category::Network, "refused", Reach::TurnedAway),
        (Category::Network, "tls_unknown_issuer", Reach::TurnedAway),
        (Category::Network, "reset", Reach::Silent),
        (Category::Timeout, "connect_timeout", Reach::TurnedAway),
        (Category::Timeout, "first_event_timeout", Reach::Silent),
        (Category::BrokenStream, "got_html", Reach::TurnedAway),
        (Category::BrokenStream, "not_http", Reach::TurnedAway),
        (Category::BrokenStream, "connection_lost", Reach::Silent),
        (Category::Internal, "client", Reach::TurnedAway),
    ] {
        let error = ProviderError::because(category, cause, "x");
        assert_eq!(Reach::of(Some(&error), false), reach, "{category:?} {cause}");
        assert_eq!(Reach::of(Some(&error), true), Reach::Answered, "{category:?} {cause} after text");
    }
}

#[test]
fn guesses_by_script() {
    for (text, tokens) in
        [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("東京タワー", 5), ("서울", 2), ("Привет", 3), ("ab東", 2)]
    {
        assert_eq!(TextCount::of(text).tokens(), tokens, "{text}");
    }
    let mut pieces = TextCount::default();
    "hello 世界, again".chars().for_each(|c| pieces.add(&c.to_string()));
    assert_eq!(pieces, TextCount::of("hello 世界, again"), "however the text is cut");
}

#[test]
fn a_request_counts_all_it_sends() {
    let text = |role, size: usize| Message::text(role, "x".repeat(size));
    let mut request = ChatRequest::new("m", vec![text(Role::User, 400), text(Role::Assistant, 40)]);
    assert_eq!(TextCount::of_request(&request).tokens(), 100 + 10 + 2 * 4);
    request.system = Some("y".repeat(80));
    request.messages[0].parts.push(Part::image("image/png", vec![0; 9]));
    // A picture whose size cannot be read.
    assert_eq!(TextCount::of_request(&request).tokens(), 100 + 10 + 20 + 3 * 4 + 1_500);
}

#[test]
fn the_view_shows_unknown_as_absent() {
    let unknown = decide(&AttemptFacts { offer: offer(Tariff::Unknown), ..facts() }).to_view();
    assert_eq!((unknown.total_nano, unknown.tokens_estimated), (None, true));
    let priced = decide(&AttemptFacts { usage: reported(1_000, 100), ..facts() }).to_view();
    assert_eq!((priced.total_nano, priced.input_total, priced.cache_read), (Some(150_000.0), Some(1_000), None));
}
