//! How lanes are laid out, what they are sent, and what becomes of the best.

use parlance_core::view::{
    ChatSetup, ChatTarget, CompareInput, ConversationKind, KeyInput, LaneInput, PartKind, ProviderInput, Target,
};
use parlance_providers::Part;

use super::{Page, again, answer_texts, follow, input, lane, lanes, round, target};
use crate::common::{self, Bench, count, look};

#[tokio::test]
async fn lanes_are_moved_taken_out_and_brought_back_with_what_was_said_in_them() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let receipt = round(&mut bench, &mut page, input("one", lanes(&provider, 3))).await;
    let [a, b, c] = &again(&receipt.lanes)[..] else { panic!() };
    let warm = ChatSetup { temperature: Some(0.9), system_prompt: "Be brief.".into(), ..ChatSetup::default() };
    let moved = vec![c.clone(), LaneInput { setup: warm.clone(), ..a.clone() }, lane(&provider, 9)];
    let view = bench.app.set_lanes(&receipt.summary.id, moved).await.unwrap();
    let ids: Vec<_> = view.lanes.iter().map(|lane| (Some(lane.id.clone()), lane.hidden)).collect();
    assert_eq!((&ids[0], &ids[1], &ids[3]), (&(c.id.clone(), false), &(a.id.clone(), false), &(b.id.clone(), true)));
    assert_eq!(view.lanes[1].setup, warm);
    assert_eq!(answer_texts(&bench, &view.turns[0]).await, ["m-2 on one", "m-0 on one", "m-1 on one"]);

    // Taken out, it is not asked; its answers stay where they were.
    let next = CompareInput { conversation_id: Some(receipt.summary.id.clone()), ..input("two", again(&view.lanes)) };
    let second = round(&mut bench, &mut page, next).await;
    assert_eq!(second.turn.answers.len(), 3);
    let back = [again(&view.lanes), vec![b.clone()]].concat();
    let view = bench.app.set_lanes(&receipt.summary.id, back).await.unwrap();
    assert_eq!(view.lanes.iter().map(|lane| lane.hidden).collect::<Vec<_>>(), [false; 4]);
    assert!(bench.app.set_lanes(&receipt.summary.id, Vec::new()).await.is_err());
    assert!(
        look(&bench.data()).query_row("PRAGMA foreign_key_check", [], |_| Ok(())).is_err(),
        "all rows fit together"
    );
}

#[tokio::test]
async fn a_picture_goes_to_the_lanes_that_can_take_it() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut bench = Bench::new().await;
    let seeing = bench.provider().await;
    let blind = ProviderInput { vendor: "groq".into(), name: "Blind".into(), ..common::input("http://127.0.0.1:9/v1") };
    let blind = bench.app.save_provider(blind).await.unwrap();
    let key = KeyInput::Session { key: "gsk_abcdefghijklmnopqrstuvwxyz0123456789".into() };
    bench.app.set_key(&blind.accounts[0].id, key).await.unwrap();
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &[0, 0, 0, 8, 0, 0, 0, 8, 8, 6, 0, 0, 0, 0, 0, 0, 0]];
    let picture = bench.app.add_attachment("p.png", STANDARD.encode(png.concat())).await.unwrap();
    let unseeing = ChatTarget::from(Target { provider_id: blind.id.clone(), model: "openai/gpt-oss-120b".into() });
    let both = vec![lane(&seeing, 0), LaneInput { target: unseeing, ..lane(&seeing, 1) }];
    let input = CompareInput { attachments: vec![picture.id], ..input("what is this?", both) };
    let receipt = bench.app.send_compare(input).await.unwrap();
    assert_eq!(receipt.runs.len(), 1);
    let asked = bench.asked.recv().await.unwrap();
    assert!(asked.request.messages[0].parts.iter().any(|part| matches!(part, Part::Image { .. })));
    let refused = receipt.messages.iter().find_map(|message| message.refused.clone()).unwrap();
    assert_eq!((refused.field.as_deref(), refused.cause.as_deref()), (Some("attachments"), Some("images_refused")));
}

#[tokio::test]
async fn the_winner_goes_on_as_a_chat_of_its_own() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut page = Page::of(&bench);
    let first = round(&mut bench, &mut page, input("one", lanes(&provider, 2))).await;
    let second = round(&mut bench, &mut page, follow(&first, "two")).await;
    let view = bench.app.branch_off(&second.turn.answers[1].message_id).await.unwrap();
    assert_eq!(view.summary.kind, ConversationKind::Chat);
    assert_eq!(view.target, Some(target(&provider, 1)));
    assert_eq!(common::texts(&view), ["one", "m-1 on one", "two", "m-1 on two"]);
    assert_eq!(view.messages[1].attempts.len(), 1, "it shows who answered");
    bench.talk(Some(&view.summary.id), "three", &provider).await;
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM run WHERE purpose = 'chat'"), 1);
    let kept: Vec<PartKind> = view.messages[0].parts.iter().map(|part| part.kind).collect();
    assert_eq!(kept, [PartKind::Text]);
}
