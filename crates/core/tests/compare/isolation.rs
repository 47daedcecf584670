//! Whatever lanes do, in whatever order: nothing of one gets into another, and their money adds up.

use std::sync::LazyLock;

use parlance_core::view::MessageStatus;
use parlance_providers::{Category, ChatEvent, FinishClass, Usage};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::{Page, answers, asked, input, lanes, model, priced, rate, sums_agree};
use crate::common::{Bench, look, text_of};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// What happens in a lane.
#[derive(Clone, Debug)]
enum Happens {
    /// So many words come.
    Words(usize),
    /// It ends well, having taken so many tokens in and out.
    Ends(u64, u64),
    /// It breaks, in this way.
    Breaks(Category),
    /// A person stops it.
    Stopped,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        6 => (1..5_usize).prop_map(Happens::Words),
        2 => (1..5_000_u64, 1..2_000_u64).prop_map(|(input, output)| Happens::Ends(input, output)),
        1 => prop_oneof![Just(Category::BadRequest), Just(Category::Forbidden)].prop_map(Happens::Breaks),
        1 => Just(Happens::Stopped),
    ]
}

/// A lane as it should come out.
#[derive(Default)]
struct Expected {
    text: String,
    words: usize,
    status: Option<MessageStatus>,
    tokens: Option<(u64, u64)>,
}

fn plan() -> impl Strategy<Value = (usize, Vec<(usize, Happens)>)> {
    (2..=12_usize).prop_flat_map(|count| (Just(count), prop::collection::vec((0..count, happens()), 0..60)))
}

async fn play(count: usize, steps: Vec<(usize, Happens)>) {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let mut page = Page::of(&bench);
    let receipt = bench.app.send_compare(input("go", lanes(&provider, count))).await.unwrap();
    let by_model = asked(&mut bench, count).await;
    let mut said = 0;
    let mut expected: Vec<Expected> = (0..count).map(|_| Expected::default()).collect();
    let whole = (0..count).map(|at| (at, Happens::Ends(10, 5)));
    for (at, step) in steps.into_iter().chain(whole) {
        let (lane, asked) = (&mut expected[at], &by_model[&model(at)]);
        if lane.status.is_some() {
            continue;
        }
        match step {
            Happens::Words(words) => {
                for _ in 0..words {
                    let word = format!("<{at}:{}>", lane.words);
                    asked.text(&word);
                    lane.text.push_str(&word);
                    said += word.len();
                    lane.words += 1;
                }
            }
            Happens::Ends(input, output) => {
                let usage = Usage { input_total: Some(input), output_total: Some(output), ..Usage::default() };
                asked.say.send(Ok(ChatEvent::Usage(usage))).unwrap();
                asked.say.send(Ok(ChatEvent::Finished { class: FinishClass::Stop, reason: None })).unwrap();
                lane.status = Some(MessageStatus::Complete);
                lane.tokens = Some((input, output));
            }
            Happens::Breaks(category) => {
                asked.fail(category);
                let text = !lane.text.is_empty();
                lane.status = Some(if text { MessageStatus::Interrupted } else { MessageStatus::Failed });
            }
            Happens::Stopped => {
                let run = &receipt.runs[at].run_id;
                // What was said before must have been heard, wherever it went, or Stop would cut it off.
                while page.seen.values().map(String::len).sum::<usize>() < said {
                    page.frame().await;
                }
                bench.app.stop(run).unwrap();
                lane.status = Some(MessageStatus::Cancelled);
            }
        }
    }
    for run in &receipt.runs {
        page.settle(&run.run_id).await;
    }
    check(&bench, &page, &receipt, &expected).await;
    bench.app.close().await;
}

async fn check(bench: &Bench, page: &Page, receipt: &parlance_core::view::CompareReceipt, expected: &[Expected]) {
    let view = bench.app.get_compare(&receipt.summary.id).await.unwrap();
    let shown = answers(bench, &view.turns[0]).await;
    for (at, (lane, message)) in expected.iter().zip(&shown).enumerate() {
        let run = &receipt.runs[at].run_id;
        assert_eq!(text_of(message), lane.text, "lane {at} on the disk");
        assert_eq!(page.seen.get(run).cloned().unwrap_or_default(), lane.text, "lane {at} in frames");
        assert_eq!(Some(message.status), lane.status, "lane {at}");
        assert_eq!(Some(page.settled[run].status), lane.status, "lane {at} as it was told");
        assert!(message.attempts.iter().all(|attempt| attempt.model == model(at)), "lane {at} asked its own model");
        let money = &view.lanes[at].spend;
        assert_eq!(money.entries as usize, message.attempts.len(), "lane {at}: each attempt is booked once, here");
        if let Some((input, output)) = lane.tokens {
            let nano = (input as f64 + 10.0 * output as f64) * rate(at) / 1e6;
            assert_eq!(money.total_nano, nano.round(), "lane {at}: {input} in, {output} out");
        }
    }
    sums_agree_exactly(&view);
    let entries: u32 = look(&bench.data()).query_row("SELECT count(*) FROM ledger", [], |row| row.get(0)).unwrap();
    assert_eq!(entries, view.spend.entries, "all of the ledger is this comparison's");
}

fn sums_agree_exactly(view: &parlance_core::view::CompareView) {
    if view.spend.total_nano > 0.0 {
        sums_agree(view);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_of_a_lane_gets_into_another_and_their_money_is_the_whole((count, steps) in plan()) {
        RUNTIME.block_on(play(count, steps));
    }
}
