//! A person's own prices: which holds when, what they do to what was booked, and the list of all prices.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::{sync::Arc, time::Instant};

use crate::common::{self, Bench, count, look, settled};
use parlance_core::{
    Error,
    clock::ManualClock,
    view::{
        CostFilter, CostSource, OwnPriceInput, PriceOrder, PricesInput, PricesUsed, ProviderInput, ProviderView, Rates,
        RequestsInput, SendInput, Target, UnpricedModel,
    },
};
use parlance_providers::Category;

/// 2026-11-22 12:00 UTC.
const NOON: i64 = 1_795_348_800_000;
const DAY: i64 = 24 * 3_600_000;

async fn bench() -> Bench {
    Bench::at(Arc::new(tempfile::tempdir().unwrap()), Arc::new(ManualClock::new(NOON, 0))).await
}

fn own(provider: &ProviderView, valid_from: &str, input: f64, output: f64) -> OwnPriceInput {
    OwnPriceInput {
        id: None,
        provider_id: provider.id.clone(),
        model: "m-1".into(),
        valid_from: valid_from.into(),
        rates: Rates { input: Some(input), output: Some(output), ..Rates::default() },
        book_late: false,
    }
}

/// The amounts of all entries, with their adjustments.
fn booked(bench: &Bench) -> Vec<(String, String, Option<i64>, i64)> {
    let sql = "SELECT booked_day, source, total_nano,
                      (SELECT coalesce(sum(total_nano), 0) FROM ledger late WHERE late.adjusts = l.id)
                 FROM ledger l WHERE kind = 'entry' ORDER BY id";
    let store = look(&bench.data());
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn unpriced(found: &[UnpricedModel]) -> Vec<(&str, f64, &str, bool)> {
    found.iter().map(|model| (model.model.as_str(), model.entries, model.since.as_str(), model.asked)).collect()
}

#[tokio::test]
async fn a_price_holds_from_its_day_and_gives_what_was_booked_before_its_amount_when_asked() {
    let mut bench = bench().await;
    let provider = bench.provider().await;
    let [chat, ..] = bench.talk(None, "before", &provider).await;
    bench.clock.advance(DAY);
    bench.talk(Some(&chat), "on the day", &provider).await;
    bench.clock.advance(DAY);
    assert_eq!(unpriced(&bench.app.unpriced_models().await.unwrap()), [("m-1", 2.0, "2026-11-22", false)]);
    bench.app.dismiss_unpriced(&provider.id, "m-1").await.unwrap();
    assert_eq!(unpriced(&bench.app.unpriced_models().await.unwrap()), [("m-1", 2.0, "2026-11-22", true)]);

    // 12 tokens in, 3 out; 2 USD and 10 USD a million.
    let saved = bench.app.save_price(own(&provider, "2026-11-23", 2e9, 10e9)).await.unwrap();
    assert_eq!((saved.booked, saved.price.valid_from.as_str()), (0, "2026-11-23"));
    assert!(bench.app.unpriced_models().await.unwrap().is_empty(), "it has its price");
    bench.talk(Some(&chat), "after", &provider).await;
    let unknown = |day: &str| (day.to_owned(), "unknown".to_owned(), None, 0);
    let priced = |day: &str, nano| (day.to_owned(), "priced".to_owned(), Some(nano), 0);
    assert_eq!(booked(&bench), [unknown("2026-11-22"), unknown("2026-11-23"), priced("2026-11-24", 54_000)]);

    // Another price from a later day, and now what was without one since the first.
    let mut later = own(&provider, "2026-11-24", 1e9, 1e9);
    later.book_late = true;
    assert_eq!(bench.app.save_price(later).await.unwrap().booked, 1);
    let late = |day: &str, nano| (day.to_owned(), "unknown".to_owned(), None, nano);
    let after = [unknown("2026-11-22"), late("2026-11-23", 54_000), priced("2026-11-24", 54_000)];
    assert_eq!(booked(&bench), after, "each at the price of its own day, and what was priced stays");
    let source =
        "SELECT count(*) FROM ledger WHERE kind = 'adjustment' AND source = 'priced' AND booked_day = '2026-11-23'";
    assert_eq!(count(&bench.data(), source), 1);
    let input = RequestsInput { filter: CostFilter::default(), after: None, limit: 10 };
    let used = bench.app.requests(input).await.unwrap().rows.into_iter().map(|request| request.prices);
    let at = |prices: PricesUsed| (prices.own, prices.source, prices.day, prices.rates.input, prices.rates.output);
    let by_own = || Some((true, String::new(), "2026-11-23".to_owned(), Some(2e9), Some(10e9)));
    assert_eq!(
        used.map(|prices| prices.map(at)).collect::<Vec<_>>(),
        [by_own(), by_own(), None],
        "also what was booked late"
    );

    // Once more changes nothing; an earlier price takes in what was before.
    let again =
        OwnPriceInput { id: Some(saved.price.id.clone()), book_late: true, ..own(&provider, "2026-11-23", 9e9, 9e9) };
    assert_eq!(bench.app.save_price(again).await.unwrap().booked, 0);
    let earlier = OwnPriceInput { book_late: true, ..own(&provider, "2026-01-01", 1e9, 0.0) };
    assert_eq!(bench.app.save_price(earlier).await.unwrap().booked, 1);
    assert_eq!(booked(&bench)[0], late("2026-11-22", 12_000));
    assert_eq!(booked(&bench)[1..], after[1..]);
    let spend = bench.app.spend().await.unwrap();
    assert_eq!((spend.total_nano, spend.unknown), (120_000.0, 0));

    // The next is priced by the newest; without any it is unknown again, and what was booked stays.
    bench.talk(Some(&chat), "newest", &provider).await;
    assert_eq!(booked(&bench)[3], priced("2026-11-24", 15_000));
    let list = bench.app.list_prices(PricesInput { own: true, limit: 10, ..PricesInput::default() }).await.unwrap();
    let days: Vec<_> = list.rows[0].own.iter().map(|own| own.valid_from.clone()).collect();
    assert_eq!((list.total, days), (1, ["2026-11-24", "2026-11-23", "2026-01-01"].map(str::to_owned).to_vec()));
    for own in &list.rows[0].own {
        bench.app.remove_price(&own.id).await.unwrap();
    }
    assert!(bench.app.remove_price(&list.rows[0].own[0].id).await.is_err(), "it is gone");
    bench.talk(Some(&chat), "none", &provider).await;
    assert_eq!(booked(&bench)[4], unknown("2026-11-24"));
    assert_eq!(booked(&bench)[3], priced("2026-11-24", 15_000));
}

#[tokio::test]
async fn the_same_price_everywhere_and_after_a_restart() {
    let bench = bench().await;
    let provider = bench.provider().await;
    let rates = Rates { cache_read: Some(5e8), request: Some(7.0), ..own(&provider, "2026-11-01", 2e9, 10e9).rates };
    bench.app.save_price(OwnPriceInput { rates, ..own(&provider, "2026-11-01", 0.0, 0.0) }).await.unwrap();
    bench.app.close().await;
    let mut bench = Bench::at(bench.folder, bench.clock).await;
    let target = Target { provider_id: provider.id.clone(), model: "m-1".into() };
    let told = bench.app.describe_target(target.clone()).await.unwrap();
    assert_eq!((told.input_nano, told.cache_read_nano, told.output_nano), (Some(2e9), Some(5e8), Some(10e9)));
    let text = SendInput::text(None, "four", target.clone());
    let receipt = bench.app.send(text).await.unwrap();
    let settled = bench.answer(&receipt, "words").await;
    let cost = settled.attempts[0].cost.as_ref().unwrap();
    assert_eq!((cost.source, cost.total_nano), (CostSource::Priced, Some(24_000.0 + 30_000.0 + 7.0)));
    let frozen: String = look(&bench.data()).query_row("SELECT rates FROM ledger", [], |row| row.get(0)).unwrap();
    assert!(frozen.contains("\"source\":\"own price\",\"date\":\"2026-11-01\""), "{frozen}");
}

#[tokio::test]
async fn nonsense_is_refused_at_its_field() {
    let bench = bench().await;
    let provider = bench.provider().await;
    let demo = ProviderInput { vendor: "ollama".into(), name: "Here".into(), ..common::input("http://127.0.0.1:9") };
    let free = bench.app.save_provider(demo).await.unwrap();
    let good = || own(&provider, "2026-11-22", 1e9, 1e9);
    let of = |change: fn(&mut Rates)| {
        let mut price = good();
        change(&mut price.rates);
        price
    };
    let day = |day: &str| OwnPriceInput { valid_from: day.into(), ..good() };
    for (input, field, reason) in [
        (OwnPriceInput { provider_id: "99".into(), ..good() }, "providerId", "not_found"),
        (OwnPriceInput { provider_id: free.id.clone(), ..good() }, "providerId", "free"),
        (OwnPriceInput { model: "  ".into(), ..good() }, "model", "empty"),
        (day("2026-02-30"), "validFrom", "not_a_day"),
        (day("2026-2-3"), "validFrom", "not_a_day"),
        (day(""), "validFrom", "not_a_day"),
        (of(|rates| rates.input = None), "rates.input", "empty"),
        (of(|rates| rates.output = None), "rates.output", "empty"),
        (of(|rates| rates.input = Some(-1.0)), "rates.input", "negative"),
        (of(|rates| rates.cache_write = Some(f64::NAN)), "rates.cacheWrite", "not_a_number"),
        (of(|rates| rates.output = Some(1.1e15)), "rates.output", "too_large"),
        (of(|rates| rates.request = Some(1.1e12)), "rates.request", "too_large"),
    ] {
        let refused = match bench.app.save_price(input).await.unwrap_err() {
            Error::Invalid { field, reason } => (field.to_owned(), reason),
            Error::InvalidPart { field, part, reason } => (format!("{field}.{part}"), reason),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused, (field.to_owned(), reason));
    }
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM own_price"), 0);
    bench.app.save_price(good()).await.unwrap();
    let taken = bench.app.save_price(good()).await;
    assert!(matches!(taken, Err(Error::Invalid { field: "validFrom", reason: "taken" })), "{taken:?}");
    let gone = bench.app.save_price(OwnPriceInput { id: Some("99".into()), ..day("2026-01-01") }).await;
    assert!(gone.is_err(), "{gone:?}");
    assert!(bench.app.dismiss_unpriced("99", "m").await.is_err());
}

#[tokio::test]
async fn the_list_is_searched_ordered_and_paged() {
    let bench = bench().await;
    let of = |vendor: &str, name: &str| ProviderInput { vendor: vendor.into(), name: name.into(), ..common::input("") };
    let mine = bench.app.save_provider(of("openai", "Zebra")).await.unwrap();
    let list = |input: PricesInput| {
        let app = bench.app.clone();
        async move { app.list_prices(PricesInput { limit: 500, ..input }).await.unwrap() }
    };
    let all = list(PricesInput::default()).await;
    println!("{} rows", all.total);
    assert!(all.total > 1_800 && all.rows.len() == 500 && !all.typical.own);
    assert_eq!((all.typical.input, all.typical.output), (1_500, 500));
    assert_eq!(all.rows[0].provider_id.as_deref(), Some(mine.id.as_str()), "what is set up comes first");
    assert!(all.source.bundled && all.source.models >= all.total);

    let mini = list(PricesInput { text: " zebra  GPT-4O-mini ".into(), ..PricesInput::default() }).await;
    let row = mini.rows.iter().find(|row| row.model == "gpt-4o-mini").unwrap();
    assert_eq!((row.rates.input, row.rates.output, row.vendor.as_deref()), (Some(0.15e9), Some(0.6e9), Some("openai")));
    assert_eq!((row.typical_nano, row.varies), (Some(1_500.0 * 150.0 + 500.0 * 600.0), false));
    let varying = list(PricesInput { text: "openai gpt-5.4".into(), mine: false, ..PricesInput::default() }).await;
    assert!(varying.rows.iter().any(|row| row.varies));
    assert!(list(PricesInput { text: "no such thing".into(), ..PricesInput::default() }).await.rows.is_empty());

    let only_mine = list(PricesInput { mine: true, ..PricesInput::default() }).await;
    assert!(only_mine.total > 50 && only_mine.rows.iter().all(|row| row.provider_name == "Zebra"));
    assert_eq!(list(PricesInput { own: true, ..PricesInput::default() }).await.total, 0);

    for (order, of) in [
        (PriceOrder::Input, (|row| row.rates.input) as fn(&parlance_core::view::PriceRow) -> Option<f64>),
        (PriceOrder::Output, |row| row.rates.output),
        (PriceOrder::TypicalCost, |row| row.typical_nano),
    ] {
        let mut seen = Vec::new();
        for offset in (0..all.total).step_by(500) {
            seen.extend(list(PricesInput { order, offset, ..PricesInput::default() }).await.rows);
        }
        assert_eq!(seen.len() as u32, all.total, "{order:?}: each row once");
        let known: Vec<f64> = seen.iter().map_while(of).collect();
        assert!(known.is_sorted(), "{order:?}");
        assert!(seen[known.len()..].iter().all(|row| of(row).is_none()), "{order:?}: what is unknown comes last");
    }

    // An own price of a known model, and one of a model that nobody else knows.
    for model in ["gpt-4o-mini", "gpt-5.4", "my-tuned-model"] {
        let price = OwnPriceInput { model: model.into(), ..own(&mine, "2026-11-22", 9e9, 9e9) };
        bench.app.save_price(price).await.unwrap();
    }
    let own_rows = list(PricesInput { own: true, ..PricesInput::default() }).await;
    let models: Vec<_> = own_rows.rows.iter().map(|row| (row.model.as_str(), row.rates.input, row.varies)).collect();
    assert_eq!(models, ["gpt-4o-mini", "gpt-5.4", "my-tuned-model"].map(|model| (model, Some(9e9), false)));
    let began = Instant::now();
    list(PricesInput { order: PriceOrder::TypicalCost, ..PricesInput::default() }).await;
    println!("the whole list, ordered, in {:?}", began.elapsed());
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_counted_by_a_tokenizer_and_stays_an_estimate() {
    let mut bench = bench().await;
    let provider = bench.provider().await;
    bench.app.save_price(own(&provider, "2026-11-22", 1e9, 10e9)).await.unwrap();
    // A token a word; by its bytes it would be guessed to be a quarter more.
    let words = |count: usize| "word ".repeat(count).trim_end().to_owned();
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, &words(400), &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text(&words(200));
    asked.fail(Category::BrokenStream);
    let settled = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let cost = settled.attempts[0].cost.as_ref().unwrap();
    // Four more for the message around the prompt.
    assert_eq!((cost.input_total, cost.output_total), (Some(404), Some(200)));
    assert_eq!((cost.source, cost.tokens_estimated), (CostSource::Estimated, true));
    assert_eq!(cost.total_nano, Some(404_000.0 + 2_000_000.0));
}
