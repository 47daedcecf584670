//! Ranks, blind prompts and thumbs.

use parlance_core::{
    Error,
    view::{BlindView, CompareInput, JudgementInput, Thumb, TurnView},
};
use parlance_providers::Category;

use super::{Page, answers, asked, follow, input, lanes, model, round};
use crate::common::{Bench, count};

fn judgement(ranks: &[&[&str]], note: &str, tags: &[&str]) -> JudgementInput {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    JudgementInput { ranks: ranks.iter().map(|group| words(group)).collect(), note: note.into(), tags: words(tags) }
}

fn ids(turn: &TurnView) -> Vec<&str> {
    turn.answers.iter().map(|answer| answer.message_id.as_str()).collect()
}

#[tokio::test]
async fn a_blind_prompt_hides_and_shuffles_until_it_is_judged_and_stays_so_over_a_restart() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let mut orders = Vec::new();
    let mut receipt =
        round(&mut bench, &mut page, CompareInput { blind: true, ..input("0", lanes(&provider, 6)) }).await;
    for nth in 1..6 {
        let BlindView { order, revealed } = receipt.turn.blind.clone().unwrap();
        assert!(!revealed);
        let mut sorted = order.clone();
        sorted.sort_by_key(|id| id.parse::<i64>().unwrap());
        let own: Vec<_> = receipt.lanes.iter().map(|lane| lane.id.clone()).collect();
        assert_eq!(sorted, own, "every lane once");
        orders.push(order);
        receipt =
            round(&mut bench, &mut page, CompareInput { blind: true, ..follow(&receipt, &nth.to_string()) }).await;
    }
    orders.sort();
    orders.dedup();
    assert!(orders.len() > 1, "the order is drawn anew for each prompt");

    let bench = bench.reopen().await;
    let view = bench.app.get_compare(&receipt.summary.id).await.unwrap();
    let (first, last) = (&view.turns[0], view.turns.last().unwrap());
    assert_eq!(last.blind, receipt.turn.blind, "the same order after a restart");
    let best = ids(last)[2].to_owned();
    let judged = bench.app.judge(&last.id, judgement(&[&[&best]], " clear ", &["Code", "code ", ""])).await.unwrap();
    let kept = judged.judgement.unwrap();
    assert_eq!((kept.ranks, kept.note.as_str(), kept.blind), (vec![vec![best]], "clear", true));
    assert_eq!(kept.tags, ["code"]);
    assert!(judged.blind.unwrap().revealed);
    let given_up = bench.app.reveal_turn(&first.id).await.unwrap();
    assert!(given_up.blind.unwrap().revealed && given_up.judgement.is_none());
    let seen = bench.app.judge(&first.id, judgement(&[&[ids(first)[0]]], "", &[])).await.unwrap();
    assert!(!seen.judgement.unwrap().blind, "names were shown by then");
}

#[tokio::test]
async fn ranks_hold_who_won_who_tied_and_who_was_behind() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let receipt = bench.app.send_compare(input("go", lanes(&provider, 5))).await.unwrap();
    let by_model = asked(&mut bench, 5).await;
    for at in 0..4 {
        by_model[&model(at)].text("said");
        by_model[&model(at)].finish();
    }
    by_model[&model(4)].fail(Category::BadRequest);
    for run in &receipt.runs {
        page.settle(&run.run_id).await;
    }
    let turn = &receipt.turn;
    let [a, b, c, d, failed] = ids(turn)[..] else { panic!() };
    let judged = bench.app.judge(&turn.id, judgement(&[&[c], &[a, b]], "", &[])).await.unwrap();
    let mut ranks = judged.judgement.unwrap().ranks;
    ranks.iter_mut().for_each(|group| group.sort());
    assert_eq!(ranks, [vec![c.to_owned()], vec![a.to_owned(), b.to_owned()]]);
    let of = |place: &str| count(&bench.data(), &format!("SELECT count(*) FROM judged WHERE place {place}"));
    assert_eq!((of("= 0"), of("= 1"), of("IS NULL")), (1, 2, 1), "who failed takes no part");
    assert_eq!(count(&bench.data(), "SELECT message_id FROM judged WHERE place IS NULL"), d.parse::<i64>().unwrap());

    // A second thought takes the place of the first; saying nothing takes it back.
    bench.app.judge(&turn.id, judgement(&[&[d]], "", &[])).await.unwrap();
    assert_eq!((of("= 0"), of("IS NULL")), (1, 3));
    let nothing = bench.app.judge(&turn.id, judgement(&[], "", &[])).await.unwrap();
    assert_eq!((nothing.judgement, of("= 0")), (None, 0));
    let noted = bench.app.judge(&turn.id, judgement(&[], "all the same", &[])).await.unwrap();
    assert!(noted.judgement.unwrap().ranks.is_empty());

    let refused = |error: Result<TurnView, Error>| match error {
        Err(Error::Invalid { field, reason }) => (field, reason),
        other => panic!("{other:?}"),
    };
    let app = &bench.app;
    assert_eq!(refused(app.judge(&turn.id, judgement(&[&[a], &[a]], "", &[])).await), ("ranks", "twice"));
    assert_eq!(refused(app.judge(&turn.id, judgement(&[&[failed]], "", &[])).await), ("ranks", "not_answered"));
    assert_eq!(refused(app.judge(&turn.id, judgement(&[&["999"]], "", &[])).await), ("ranks", "not_of_this_prompt"));
    assert_eq!(refused(app.judge(&turn.id, judgement(&[], "", &[&"x".repeat(41)])).await), ("tags", "too_long"));
    assert!(matches!(app.judge("999", judgement(&[], "x", &[])).await, Err(Error::Store(_))));
}

#[tokio::test]
async fn thumbs_are_kept_on_answers_of_chats_and_of_comparisons() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, prompt, reply] = bench.talk(None, "hello", &provider).await;
    bench.app.set_thumb(&reply, Some(Thumb::Up)).await.unwrap();
    let mut page = Page::of(&bench);
    let receipt = round(&mut bench, &mut page, input("go", lanes(&provider, 2))).await;
    bench.app.set_thumb(ids(&receipt.turn)[1], Some(Thumb::Down)).await.unwrap();
    let bench = bench.reopen().await;
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!(view.messages[1].thumb, Some(Thumb::Up));
    let thumbs: Vec<_> = answers(&bench, &receipt.turn).await.into_iter().map(|answer| answer.thumb).collect();
    assert_eq!(thumbs, [None, Some(Thumb::Down)]);
    bench.app.set_thumb(&reply, None).await.unwrap();
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM thumb"), 1);
    let refused = bench.app.set_thumb(&prompt, Some(Thumb::Up)).await;
    assert!(matches!(refused, Err(Error::Invalid { reason: "not_a_reply", .. })));
}
