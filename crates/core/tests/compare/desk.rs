//! Sets of lanes, the comparison that is not begun, and what prompts would cost.

use parlance_core::{
    Error,
    view::{ChatTarget, CompareDesk, CompareEstimateInput, CompareSetInput, Draft, LaneInput, Target},
};

use super::{Page, again, follow, input, lane, lanes, model, priced, rate, round};
use crate::common::Bench;

fn set(id: Option<&str>, name: &str, lanes: Vec<LaneInput>) -> CompareSetInput {
    CompareSetInput { id: id.map(str::to_owned), name: name.into(), lanes }
}

#[tokio::test]
async fn sets_are_kept_over_a_restart_renamed_and_removed() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    let four = bench.app.save_compare_set(set(None, "  Everyday  four ", lanes(&provider, 4))).await.unwrap();
    assert_eq!(four.name, "Everyday four");
    bench.app.save_compare_set(set(None, "Cheap", lanes(&provider, 2))).await.unwrap();
    let taken = bench.app.save_compare_set(set(None, "everyday FOUR", lanes(&provider, 2))).await;
    assert!(matches!(taken, Err(Error::Invalid { field: "name", reason: "taken" })));
    assert!(matches!(
        bench.app.save_compare_set(set(None, " ", lanes(&provider, 2))).await,
        Err(Error::Invalid { field: "name", reason: "empty" })
    ));
    let bench = bench.reopen().await;
    let names = |sets: &[parlance_core::view::CompareSet]| {
        sets.iter().map(|set| (set.name.clone(), set.lanes.len())).collect::<Vec<_>>()
    };
    let sets = bench.app.list_compare_sets().await.unwrap();
    assert_eq!(names(&sets), [("Cheap".to_owned(), 2), ("Everyday four".to_owned(), 4)]);
    bench.app.save_compare_set(set(Some(&four.id), "Everyday", lanes(&provider, 3))).await.unwrap();
    bench.app.remove_compare_set(&sets[0].id).await.unwrap();
    assert_eq!(names(&bench.app.list_compare_sets().await.unwrap()), [("Everyday".to_owned(), 3)]);
    assert!(bench.app.remove_compare_set(&sets[0].id).await.is_err());
}

#[tokio::test]
async fn a_comparison_that_is_not_begun_is_there_after_a_restart_and_keeps_its_lanes_when_sent() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    assert_eq!(bench.app.compare_desk().await.unwrap(), CompareDesk::default());
    let draft = Draft { text: "half a prompt".into(), ..Draft::default() };
    let desk = CompareDesk { set_id: None, lanes: lanes(&provider, 3), blind: true, draft };
    bench.app.save_compare_desk(desk.clone()).await.unwrap();
    let mut bench = bench.reopen().await;
    assert_eq!(bench.app.compare_desk().await.unwrap(), desk);
    let mut page = Page::of(&bench);
    round(&mut bench, &mut page, input("half a prompt", desk.lanes.clone())).await;
    let after = bench.app.compare_desk().await.unwrap();
    assert_eq!(after, CompareDesk { draft: Draft::default(), ..desk });
    let too_many = CompareDesk { lanes: lanes(&provider, 13), ..CompareDesk::default() };
    assert!(bench.app.save_compare_desk(too_many).await.is_err());
}

#[tokio::test]
async fn what_a_prompt_would_cost_is_the_sum_of_the_lanes_that_are_asked() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let mut wanted = lanes(&provider, 3);
    wanted[1].asked = false;
    wanted[2].setup.max_tokens = Some(100);
    let gone = ChatTarget::from(Target { provider_id: "999".into(), model: model(0) });
    wanted.push(LaneInput { target: gone, ..lane(&provider, 0) });
    wanted.push(LaneInput {
        target: Target { provider_id: provider.id.clone(), model: "free?".into() }.into(),
        ..lane(&provider, 0)
    });
    let ask = CompareEstimateInput {
        conversation_id: None,
        text: "word ".repeat(400),
        attachments: Vec::new(),
        lanes: wanted,
        shared_from: None,
    };
    let estimate = bench.app.estimate_compare(ask).await.unwrap();
    let [a, b, c, gone, unpriced] = &estimate.lanes[..] else { panic!() };
    assert_eq!((a.input_rate, a.output_rate), (Some(rate(0)), Some(rate(0) * 10.0)));
    let nano = |lane: &parlance_core::view::LaneEstimate| lane.cost_nano.unwrap();
    assert!(nano(b) > nano(a) && c.most_nano.is_some());
    assert_eq!(estimate.cost_nano, nano(a) + nano(c));
    assert!(gone.refused.is_some() && gone.cost_nano.is_none());
    assert!(unpriced.refused.is_none() && unpriced.cost_nano.is_none());
    assert_eq!(estimate.unknown, 1);

    // With a history behind it, each lane reckons with its own.
    let mut page = Page::of(&bench);
    let receipt = round(&mut bench, &mut page, input(&"long ".repeat(500), lanes(&provider, 2))).await;
    let ask = CompareEstimateInput {
        conversation_id: Some(receipt.summary.id.clone()),
        text: follow(&receipt, "on").text,
        attachments: Vec::new(),
        lanes: again(&receipt.lanes),
        shared_from: None,
    };
    let estimate = bench.app.estimate_compare(ask).await.unwrap();
    // The vendor counted 12 in and 3 out.
    assert!(estimate.lanes.iter().all(|lane| (15..40).contains(&lane.input_tokens)), "{:?}", estimate.lanes);
}
