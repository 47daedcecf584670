//! The arithmetic: what is charged for, rounded how, and what stays unknown.
#![allow(clippy::unwrap_used, clippy::expect_used)] // the helpers of a test are test code too

use parlance_core::costs::{Amounts, Billed, PriceError, Rate, RateCard, price};
use parlance_providers::{InvoicedTokens, Usage};
use proptest::prelude::*;

fn usd(rate: f64) -> Option<Rate> {
    Some(Rate::from_usd(rate).unwrap())
}

fn card(input: f64, output: f64) -> RateCard {
    RateCard { input: usd(input), output: usd(output), ..RateCard::default() }
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input_total: Some(input), output_total: Some(output), ..Usage::default() }
}

#[test]
fn tokens_times_price_in_nano_usd() {
    let amounts = price(usage(1_000, 200), &card(2.5, 10.0)).unwrap();
    assert_eq!(
        amounts,
        Amounts { input: Some(2_500_000), output: Some(2_000_000), total: Some(4_500_000), ..Amounts::default() }
    );
}

#[test]
fn each_kind_is_rounded_once_half_to_even() {
    let at = |nano| RateCard { input: Some(Rate::from_nano(nano)), output: Some(Rate::ZERO), ..RateCard::default() };
    for (rate, tokens, nano) in [
        (500_000, 1, 0),      // 0.5 to 0
        (500_000, 3, 2),      // 1.5 to 2
        (500_000, 5, 2),      // 2.5 to 2
        (500_001, 1, 1),      // just above a half
        (499_999, 1, 0),      // just below
        (1_500_000, 1, 2),    // 1.5 to 2
        (2_500_000, 1, 2),    // 2.5 to 2
        (83_333_333, 3, 250), // 249.999999
    ] {
        assert_eq!(price(usage(tokens, 0), &at(rate)).unwrap().input, Some(nano), "{tokens} tokens at {rate}");
    }
    // Audio and text are one kind: two halves make one, not two noughts.
    let both = RateCard { input_audio: Some(Rate::from_nano(500_000)), ..at(500_000) };
    let one_each = Usage { input_audio: Some(1), ..usage(2, 0) };
    assert_eq!(
        price(one_each, &RateCard { input_audio: Some(Rate::from_nano(500_002)), ..both }).unwrap().input,
        Some(1)
    );
}

#[test]
fn cached_tokens_have_their_own_price_and_fall_back_to_the_input_price() {
    let cached = Usage { cache_read: Some(600), cache_write: Some(300), ..usage(1_000, 0) };
    let own = RateCard { cache_read: usd(0.1), cache_write: usd(1.25), ..card(1.0, 5.0) };
    let amounts = price(cached, &own).unwrap();
    assert_eq!(amounts.input, Some(100_000));
    assert_eq!(amounts.cache_read, Some(60_000));
    assert_eq!(amounts.cache_write, Some(375_000));
    assert_eq!(amounts.total, Some(535_000));

    let plain = price(cached, &card(1.0, 5.0)).unwrap();
    assert_eq!(plain.total, Some(1_000_000), "a missing cache price is the input price, never nought");
}

#[test]
fn an_hour_in_the_cache_has_its_price_and_falls_back() {
    let billed =
        |hour| Billed { usage: Usage { cache_write: Some(100), ..usage(100, 0) }, cache_write_1h: hour, searches: 0 };
    let full = RateCard { cache_write: usd(1.25), cache_write_1h: usd(2.0), ..card(1.0, 5.0) };
    assert_eq!(price(billed(40), &full).unwrap().total, Some(60 * 1_250 + 40 * 2_000));
    let without = RateCard { cache_write_1h: None, ..full.clone() };
    assert_eq!(price(billed(40), &without).unwrap().total, Some(100 * 1_250));
    assert_eq!(price(billed(101), &without), Err(PriceError::Inconsistent));
    let told = Usage { cache_write: Some(100), cache_write_1h: Some(40), ..usage(100, 0) };
    assert_eq!(price(told, &full), price(billed(40), &full), "as the vendor tells it");
    let invoiced = Usage { invoiced: Some(InvoicedTokens { input: 7, output: 0 }), ..told };
    assert_eq!(price(invoiced, &full).unwrap().total, Some(7_000), "an invoice knows no cache");
}

#[test]
fn reasoning_and_audio_take_the_output_price_unless_they_have_their_own() {
    let spoken = Usage { reasoning: Some(30), output_audio: Some(20), ..usage(0, 100) };
    assert_eq!(price(spoken, &card(1.0, 10.0)).unwrap().output, Some(1_000_000));
    let own = RateCard { reasoning: usd(3.0), output_audio: usd(80.0), ..card(1.0, 10.0) };
    assert_eq!(price(spoken, &own).unwrap().output, Some(50 * 10_000 + 30 * 3_000 + 20 * 80_000));
}

#[test]
fn fees_beside_the_tokens() {
    let fees = RateCard { request: usd(5_000.0), search: usd(10_000.0), ..card(1.0, 1.0) };
    let billed = Billed { usage: usage(11, 62), cache_write_1h: 0, searches: 2 };
    let amounts = price(billed, &fees).unwrap();
    assert_eq!(amounts.request, Some(5_000_000 + 2 * 10_000_000));
    assert_eq!(amounts.total, Some(73_000 + 25_000_000));
    let told = Usage { searches: Some(2), ..usage(11, 62) };
    assert_eq!(price(told, &fees), price(billed, &fees), "as the vendor tells them");
    let paid = RateCard { search: None, ..fees };
    assert_eq!(price(billed, &paid).unwrap().request, Some(5_000_000), "the request's fee pays for its searches");
    let unpriced = RateCard { request: None, ..paid };
    assert_eq!(price(billed, &unpriced).unwrap().total, None, "searches without a price");
}

#[test]
fn unknown_stays_unknown() {
    let counts = usage(10, 10);
    for (what, usage, card) in [
        ("no counts", Usage::default(), card(1.0, 1.0)),
        ("no output count", Usage { output_total: None, ..counts }, card(1.0, 1.0)),
        ("no input count", Usage { input_total: None, ..counts }, card(1.0, 1.0)),
        ("no output price", counts, RateCard { output: None, ..card(1.0, 1.0) }),
        ("no input price", counts, RateCard { input: None, ..card(1.0, 1.0) }),
        (
            "all input cached, no price",
            Usage { cache_read: Some(10), ..counts },
            RateCard { input: None, ..card(1.0, 1.0) },
        ),
    ] {
        assert_eq!(price(usage, &card).unwrap().total, None, "{what}");
    }
    let half = price(Usage { output_total: None, ..counts }, &card(1.0, 1.0)).unwrap();
    assert_eq!((half.input, half.output), (Some(10_000), None), "what is known is kept");
    assert_eq!(price(usage(10, 0), &RateCard { output: None, ..card(1.0, 1.0) }).unwrap().total, Some(10_000));
}

#[test]
fn contradictions_and_overflow_are_errors() {
    for (what, usage) in [
        ("more cached than sent", Usage { cache_read: Some(11), ..usage(10, 0) }),
        ("read and written together", Usage { cache_read: Some(6), cache_write: Some(6), ..usage(10, 0) }),
        ("sum beyond 64 bits", Usage { cache_read: Some(u64::MAX), cache_write: Some(1), ..usage(10, 0) }),
    ] {
        assert_eq!(price(usage, &card(0.0, 0.0)), Err(PriceError::Inconsistent), "{what}");
    }
    let overthought = Usage { reasoning: Some(112), ..usage(22, 105) };
    let own_price = RateCard { reasoning: usd(3.0), ..card(0.27, 1.0) };
    assert_eq!(price(overthought, &own_price), Err(PriceError::Inconsistent), "which tokens cost which price?");
    assert_eq!(price(overthought, &card(0.27, 1.0)).unwrap().total, Some(110_940), "one price for both: no question");
    assert_eq!(price(usage(u64::MAX, 0), &card(1e6, 1.0)), Err(PriceError::Overflow));
    let dear = RateCard { input: Some(Rate::from_nano(u64::MAX)), ..card(1.0, 1.0) };
    assert_eq!(price(usage(u64::MAX, 0), &dear), Err(PriceError::Overflow));
}

#[test]
fn a_price_is_a_number_of_usd() {
    assert_eq!(Rate::from_usd(0.1).map(Rate::nano), Some(100_000_000));
    assert_eq!(Rate::from_usd(0.083_333_333_333_333_3).map(Rate::nano), Some(83_333_333));
    for nonsense in [-0.1, f64::NAN, f64::INFINITY, 1e7] {
        assert_eq!(Rate::from_usd(nonsense), None, "{nonsense}");
    }
}

#[test]
fn a_card_survives_its_frozen_form() {
    let full = RateCard {
        cache_read: usd(0.1),
        reasoning: usd(3.0),
        source: "genai-prices: openai/gpt-5".into(),
        date: "2026-11-21".into(),
        ..card(1.0, 5.0)
    };
    let json = serde_json::to_string(&full).unwrap();
    assert_eq!(
        json,
        r#"{"input":1000000000,"cache_read":100000000,"output":5000000000,"reasoning":3000000000,"source":"genai-prices: openai/gpt-5","date":"2026-11-21"}"#
    );
    assert_eq!(serde_json::from_str::<RateCard>(&json).unwrap(), full);
}

#[test]
fn what_is_invoiced_is_priced_and_not_what_was_read() {
    let invoiced = |input, output| Usage {
        cache_read: Some(1_400),
        reasoning: Some(50),
        invoiced: Some(InvoicedTokens { input, output }),
        ..usage(1_490, 94)
    };
    let card = card(2.5, 10.0);
    let amounts = price(invoiced(57, 20), &card).unwrap();
    assert_eq!(amounts, price(usage(57, 20), &card).unwrap());
    assert_eq!(amounts.total, Some(57 * 2_500 + 20 * 10_000));
    assert_eq!(price(invoiced(0, 0), &card).unwrap().total, Some(0));
}

proptest! {
    #[test]
    fn no_input_panics_and_the_kinds_add_up(counts in any::<[Option<u64>; 7]>(), rates in any::<[Option<u64>; 10]>(), hour: u64, searches: u64) {
        let [input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio] = counts;
        let rate = |i: usize| rates[i].map(Rate::from_nano);
        let card = RateCard {
            input: rate(0), cache_read: rate(1), cache_write: rate(2), cache_write_1h: rate(3), input_audio: rate(4),
            output: rate(5), reasoning: rate(6), output_audio: rate(7), request: rate(8), search: rate(9),
            ..RateCard::default()
        };
        let usage = Usage { input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio, ..Usage::default() };
        if let Ok(amounts) = price(Billed { usage, cache_write_1h: hour, searches }, &card) {
            let kinds = [amounts.input, amounts.cache_read, amounts.cache_write, amounts.output, amounts.request];
            if let Some(total) = amounts.total {
                prop_assert_eq!(total, kinds.into_iter().flatten().sum::<i64>());
                prop_assert!(input_total.is_some() && output_total.is_some());
            }
        }
    }

    #[test]
    fn realistic_amounts_are_exact_to_half_a_nano_a_kind(
        fresh in 0u64..2_000_000, read in 0u64..2_000_000, write in 0u64..2_000_000, said in 0u64..200_000,
        thought in 0u64..200_000, prices in [0u64..700_000_000_000, 0..700_000_000_000, 0..700_000_000_000, 0..700_000_000_000],
    ) {
        let [input, cache_read, cache_write, output] = prices.map(|nano| Some(Rate::from_nano(nano)));
        let card = RateCard { input, cache_read, cache_write, output, ..RateCard::default() };
        let usage = Usage {
            cache_read: Some(read), cache_write: Some(write), reasoning: Some(thought),
            ..usage(fresh + read + write, said + thought)
        };
        let exact = [(fresh, prices[0]), (read, prices[1]), (write, prices[2]), (said + thought, prices[3])]
            .into_iter().map(|(n, p)| i128::from(n) * i128::from(p)).sum::<i128>();
        let total = price(usage, &card).unwrap().total.unwrap();
        prop_assert!((i128::from(total) * 1_000_000 - exact).abs() <= 4 * 500_000);
    }
}
