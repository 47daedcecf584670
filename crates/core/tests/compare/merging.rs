//! Answers made of answers.

use parlance_core::{
    Error,
    view::{
        CompareFormat, CompareInput, MergeEstimateInput, MergeInput, MergeMode, MessageStatus, RunReceipt, SendInput,
    },
};

use super::{Page, asked, follow, history, input, lanes, model, priced, round, sums_agree, target};
use crate::common::{Bench, count, text_of, texts};

fn merge(sources: &[&str], at: usize, provider: &parlance_core::view::ProviderView) -> MergeInput {
    MergeInput {
        sources: sources.iter().map(|id| (*id).to_owned()).collect(),
        mode: MergeMode::Fuse,
        target: target(provider, at),
        over_budget: false,
    }
}

async fn merged(bench: &mut Bench, page: &mut Page, receipt: &RunReceipt, text: &str) -> Vec<String> {
    let asked = bench.asked.recv().await.unwrap();
    asked.text(text);
    asked.finish();
    assert_eq!(page.settle(&receipt.run_id).await.status, MessageStatus::Complete);
    history(&asked).into_iter().map(|(_, text)| text).collect()
}

#[tokio::test]
async fn a_merge_is_an_answer_with_its_sources_its_cost_and_a_chat_after_it() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let mut page = Page::of(&bench);
    let first = round(&mut bench, &mut page, input("one", lanes(&provider, 3))).await;
    let second = round(&mut bench, &mut page, follow(&first, "two")).await;
    let sources: Vec<&str> = second.turn.answers.iter().map(|answer| answer.message_id.as_str()).collect();
    let chosen = [sources[2], sources[0]];
    let estimate = MergeEstimateInput {
        sources: chosen.map(str::to_owned).to_vec(),
        target: target(&provider, 7),
        mode: MergeMode::Fuse,
    };
    let estimate = bench.app.estimate_merge(estimate).await.unwrap();
    assert!(estimate.input_tokens > 100 && estimate.cost_nano.unwrap() > 0.0, "{estimate:?}");

    let receipt = bench.app.merge(merge(&chosen, 7, &provider)).await.unwrap();
    let read = merged(&mut bench, &mut page, &receipt, "the best of both").await;
    assert_eq!(read[..2], ["one", "m-2 on one"], "the history of the first source");
    for part in ["two", "answer 1 -----\nm-2 on two", "answer 2 -----\nm-0 on two"] {
        assert!(read[2].contains(part), "{part}: {}", read[2]);
    }
    assert!(!read[2].contains("m-1 on two"), "what was not ticked is not told");

    let view = bench.app.get_compare(&first.summary.id).await.unwrap();
    let [answer] = &view.turns[1].merges[..] else { panic!("{:?}", view.turns[1].merges) };
    let message = view.messages.iter().find(|message| message.id == answer.message_id).unwrap();
    assert_eq!(text_of(message), "the best of both");
    let made = message.merged.as_ref().unwrap();
    let named: Vec<_> = made.sources.iter().map(|source| (source.message_id.as_str(), source.model.as_str())).collect();
    assert_eq!(named, [(chosen[0], "m-2"), (chosen[1], "m-0")]);
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM ledger WHERE purpose = 'merge'"), 1);
    let lanes_nano: f64 = view.lanes.iter().map(|lane| lane.spend.total_nano).sum();
    let merge_nano = message.attempts[0].cost.as_ref().unwrap().total_nano.unwrap();
    assert_eq!(lanes_nano + merge_nano, view.spend.total_nano);

    // Another version of it is made of the same, and it can be gone on from like any other answer.
    let again = bench.app.retry(&message.id, None, false).await.unwrap();
    let reread = merged(&mut bench, &mut page, &again, "better").await;
    assert_eq!(reread, read);
    let chat = bench.app.branch_off(&again.messages[0].id).await.unwrap();
    assert_eq!(texts(&chat), ["one", "m-2 on one", "two", "better"]);
    let send = SendInput::text(Some(chat.summary.id), "on", target(&provider, 7));
    bench.app.send(send).await.unwrap();
    let asked_on = bench.asked.recv().await.unwrap();
    let told: Vec<String> = history(&asked_on).into_iter().map(|(_, text)| text).collect();
    assert_eq!(told, ["one", "m-2 on one", "two", "better", "on"]);
    asked_on.text("done");
    asked_on.finish();
    let shared = CompareInput { shared_from: Some(again.messages[0].id.clone()), ..follow(&second, "three") };
    bench.app.send_compare(shared).await.unwrap();
    for (_, asked) in asked(&mut bench, 3).await {
        let told: Vec<String> = history(&asked).into_iter().map(|(_, text)| text).collect();
        assert_eq!(told, ["one", "m-2 on one", "two", "better", "three"]);
    }
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_by_name() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let first = round(&mut bench, &mut page, input("one", lanes(&provider, 2))).await;
    let second = round(&mut bench, &mut page, follow(&first, "two")).await;
    let of_chat = bench.talk(None, "chat", &provider).await;
    let (one, two) = (&first.turn.answers, &second.turn.answers);
    let third = bench.app.send_compare(follow(&second, "three")).await.unwrap();
    for (sources, reason) in [
        (vec![one[0].message_id.as_str()], "too_few"),
        (vec![one[0].message_id.as_str(); 2], "too_few"),
        (vec![one[0].message_id.as_str(), two[0].message_id.as_str()], "not_of_one_prompt"),
        (vec![of_chat[2].as_str(), of_chat[1].as_str()], "not_of_one_prompt"),
        (third.turn.answers.iter().map(|answer| answer.message_id.as_str()).collect(), "not_answered"),
    ] {
        match bench.app.merge(merge(&sources, 0, &provider)).await {
            Err(Error::Invalid { field: "sources", reason: found }) => assert_eq!(found, reason),
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_exported_comparison_holds_all_of_it_and_hides_what_is_hidden() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    priced(&bench, &provider).await;
    let mut page = Page::of(&bench);
    let first = round(&mut bench, &mut page, input("# one | two", lanes(&provider, 2))).await;
    let second = round(&mut bench, &mut page, CompareInput { blind: true, ..follow(&first, "hidden") }).await;
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let file = bench.app.export_compare(&first.summary.id, CompareFormat::Markdown).await.unwrap();
    let text = read(&file.path);
    assert_eq!(file.count, 2);
    assert!(text.contains("> # one | two"), "a prompt is no heading: {text}");
    assert!(text.contains("### Bench m-0") && text.contains("m-0 on # one | two"));
    assert!(!text.contains("### Bench m-0\n\nm-0 on hidden") && text.contains("### A\n"));
    let again = bench.app.export_compare(&first.summary.id, CompareFormat::Markdown).await.unwrap();
    assert_ne!(again.path, file.path, "never over another");

    bench.app.reveal_turn(&second.turn.id).await.unwrap();
    let file = bench.app.export_compare(&first.summary.id, CompareFormat::Json).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&read(&file.path)).unwrap();
    let answer = &json["prompts"][1]["answers"][1];
    assert_eq!((answer["model"].as_str(), answer["text"].as_str()), (Some(model(1).as_str()), Some("m-1 on hidden")));
    // 12 tokens in at 2 USD a million, 3 out at 20.
    assert_eq!(answer["costUsd"], "0.000084");
    let view = bench.app.get_compare(&first.summary.id).await.unwrap();
    sums_agree(&view);
}
