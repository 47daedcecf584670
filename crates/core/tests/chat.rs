//! A chat from send to settled, over a real store.

use crate::common::{Bench, look, seen, settled};
use parlance_core::{
    Error,
    view::{CostSource, MessageStatus, PartKind, Shelf, ShelfChange, Target},
};
use parlance_providers::{Category, ProviderError, Role};

fn text_of(message: &parlance_core::view::MessageView) -> String {
    message.parts.iter().filter(|part| part.kind == PartKind::Text).map(|part| part.text.as_str()).collect()
}

#[tokio::test]
async fn a_reply_streams_settles_and_is_there_after_a_restart() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "  Why is the sky blue?\n", &provider).await;
    assert_eq!(receipt.summary.title, "Why is the sky blue?");
    assert!(receipt.summary.running);
    assert_eq!(receipt.messages[1].status, MessageStatus::Streaming);

    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.model, "m-1");
    assert_eq!(asked.request.messages.len(), 1);
    // Before a word came, prompt and empty reply are on disk already.
    let streaming: i64 = look(&bench.data())
        .query_row("SELECT count(*) FROM message WHERE status = 'streaming'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(streaming, 1);

    asked.reasoning("thinking");
    asked.text("Rayleigh ");
    asked.text("scattering.");
    asked.finish();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    assert_eq!(end.status, MessageStatus::Complete);
    assert!(!end.summary.running);
    let cost = end.attempts[0].cost.clone().unwrap();
    assert_eq!((cost.input_total, cost.output_total, cost.tokens_estimated), (Some(12), Some(3), false));
    assert_eq!((cost.source, cost.total_nano), (CostSource::Unknown, None), "no price is not zero");
    assert_eq!(end.spend.unknown, 1);

    let bench = bench.reopen().await;
    let view = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!(view.messages.len(), 2);
    assert_eq!(text_of(&view.messages[0]), "  Why is the sky blue?\n");
    assert_eq!(text_of(&view.messages[1]), "Rayleigh scattering.");
    assert_eq!(view.messages[1].parts[0].kind, PartKind::Reasoning);
    assert_eq!(view.target, Some(Target { provider_id: provider.id, model: "m-1".into() }.into()));
    let left: i64 = look(&bench.data()).query_row("SELECT count(*) FROM stream_chunk", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "chunks are folded away");
}

#[tokio::test]
async fn stop_keeps_the_text_and_continue_goes_on_with_it() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "count", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text("one two ");
    // The page has seen the text before Stop is pressed.
    seen(&bench.app, &snapshot.attachment, &mut reader, "one two ").await;
    bench.app.stop(&receipt.run_id).unwrap();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    assert_eq!(end.status, MessageStatus::Cancelled);
    assert!(end.attempts[0].error.is_none(), "a person's Stop is no failure");
    assert!(end.attempts[0].cost.as_ref().unwrap().tokens_estimated);

    let message = receipt.messages[1].id.clone();
    let again = bench.app.continue_message(&message, false).await.unwrap();
    assert_eq!(again.messages[0].id, message);
    assert_eq!(text_of(&again.messages[0]), "one two ");
    let asked = bench.asked.recv().await.unwrap();
    let roles: Vec<Role> = asked.request.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
    asked.text("three");
    asked.finish();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &again.run_id).await;
    assert_eq!(end.status, MessageStatus::Complete);
    assert_eq!(end.attempts.len(), 2, "both attempts are shown");
    let view = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!(text_of(&view.messages[1]), "one two three");
    let writers: Vec<_> = view.messages[1].parts.iter().map(|part| part.attempt_id.clone()).collect();
    assert_ne!(writers[0], writers[1], "the seam knows who wrote what");
    assert!(matches!(
        bench.app.continue_message(&message, false).await,
        Err(Error::Invalid { reason: "not_cut_off", .. })
    ));
}

#[tokio::test]
async fn retry_is_a_new_version_and_the_old_one_stays() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "hello", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.fail(Category::Forbidden);
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    assert_eq!(end.status, MessageStatus::Failed);
    let error = end.attempts[0].error.clone().unwrap();
    assert_eq!((error.category, error.message.as_str()), (Category::Forbidden, "the vendor's words"));

    let other = Target { provider_id: provider.id.clone(), model: "m-2".into() };
    let again = bench.app.retry(&receipt.messages[1].id, Some(other.into()), false).await.unwrap();
    assert_eq!(again.messages[0].versions.len(), 2);
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.model, "m-2");
    assert_eq!(asked.request.messages.len(), 1, "the failed version is not sent");
    asked.text("hi");
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &again.run_id).await;

    let first = bench.app.select_version(&receipt.messages[1].id).await.unwrap();
    assert_eq!(first.messages[1].status, MessageStatus::Failed);
    let second = bench.app.select_version(&again.messages[0].id).await.unwrap();
    assert_eq!(text_of(&second.messages[1]), "hi");
}

#[tokio::test]
async fn what_breaks_after_the_first_word_is_interrupted_and_an_end_without_its_end_is_cut_off() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "a", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text("half");
    asked.fail(Category::Network);
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    assert_eq!(end.status, MessageStatus::Interrupted);

    let receipt = bench.send(Some(&receipt.summary.id), "b", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.messages.len(), 3, "kept text is part of the conversation");
    asked.text("half again");
    drop(asked);
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    assert_eq!(end.status, MessageStatus::Interrupted);
    assert_eq!(end.attempts[0].error.as_ref().unwrap().code.as_deref(), Some("cut_off"));
}

#[tokio::test]
async fn one_reply_at_a_time_in_a_chat_and_many_in_many() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let first = bench.send(None, "a", &provider).await;
    let target = Target { provider_id: provider.id.clone(), model: "m".into() };
    let again = parlance_core::view::SendInput::text(Some(first.summary.id.clone()), "b", target);
    assert!(matches!(bench.app.send(again).await, Err(Error::Running)));
    let second = bench.send(None, "c", &provider).await;
    let (a, b) = (bench.asked.recv().await.unwrap(), bench.asked.recv().await.unwrap());
    let (snapshot, mut reader) = bench.app.attach("main");
    assert_eq!(snapshot.runs.len(), 2);
    let list = bench.app.list_shelf(Shelf::List, None).await.unwrap();
    assert!(list.items.iter().all(|row| row.running));
    a.text("A");
    b.text("B");
    a.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &first.run_id).await;
    b.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &second.run_id).await;
    let texts = [&first, &second].map(|receipt| receipt.summary.id.clone());
    for (id, text) in texts.iter().zip(["A", "B"]) {
        assert_eq!(text_of(&bench.app.get_conversation(id).await.unwrap().messages[1]), text);
    }
}

#[tokio::test]
async fn of_two_sends_at_the_same_moment_one_is_refused() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let first = bench.send(None, "a", &provider).await;
    bench.asked.recv().await.unwrap().finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &first.run_id).await;
    let send = || {
        let target = Target { provider_id: provider.id.clone(), model: "m".into() };
        let conversation_id = Some(first.summary.id.clone());
        bench.app.send(parlance_core::view::SendInput::text(conversation_id, "b", target))
    };
    let (one, other) = tokio::join!(send(), send());
    assert!(matches!((&one, &other), (Ok(_), Err(Error::Running))), "{one:?} {other:?}");
    let view = bench.app.get_conversation(&first.summary.id).await.unwrap();
    assert_eq!(view.messages.len(), 4);
}

#[tokio::test]
async fn a_page_that_hears_the_end_may_send_at_once() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let mut receipt = bench.send(None, "0", &provider).await;
    for n in 1..20 {
        bench.asked.recv().await.unwrap().finish();
        settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
        receipt = bench.send(Some(&receipt.summary.id), &n.to_string(), &provider).await;
    }
}

#[tokio::test]
async fn closing_writes_down_what_runs_and_it_can_be_continued() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "long", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text("kept");
    seen(&bench.app, &snapshot.attachment, &mut reader, "kept").await;
    let bench = bench.reopen().await;
    let view = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    let reply = &view.messages[1];
    assert_eq!((reply.status, text_of(reply).as_str()), (MessageStatus::Interrupted, "kept"));
    let code = reply.attempts[0].error.as_ref().and_then(|error| error.code.clone());
    assert_eq!(code.as_deref(), Some("app_closed"));
    bench.app.continue_message(&reply.id, false).await.unwrap();
}

#[tokio::test]
async fn a_refused_request_stores_nothing_and_hostile_input_changes_nothing() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    let send = |conversation: Option<&str>, text: &str, provider: &str, model: &str| {
        let target = Target { provider_id: provider.to_owned(), model: model.to_owned() };
        let conversation_id = conversation.map(str::to_owned);
        bench.app.send(parlance_core::view::SendInput::text(conversation_id, text.to_owned(), target))
    };
    let huge = "x".repeat(5 * 1024 * 1024);
    for (conversation, text, id, model) in [
        (None, "", provider.id.as_str(), "m"),
        (None, " \n\t", provider.id.as_str(), "m"),
        (None, huge.as_str(), provider.id.as_str(), "m"),
        (None, "hi", "999", "m"),
        (None, "hi", "-1", "m"),
        (None, "hi", "../../etc", "m"),
        (None, "hi", "", "m"),
        (None, "hi", "99999999999999999999", "m"),
        (None, "hi", provider.id.as_str(), ""),
        (None, "hi", provider.id.as_str(), "m\0"),
        (Some("999"), "hi", provider.id.as_str(), "m"),
        (Some("x"), "hi", provider.id.as_str(), "m"),
    ] {
        assert!(send(conversation, text, id, model).await.is_err(), "{conversation:?} {id:?} {model:?}");
    }
    for id in ["", "x", "-1", "0", "99999999999999999999", "1; DROP TABLE message"] {
        assert!(bench.app.get_conversation(id).await.is_err());
        assert!(bench.app.retry(id, None, false).await.is_err());
        assert!(bench.app.continue_message(id, false).await.is_err());
        assert!(bench.app.select_version(id).await.is_err());
        assert!(bench.app.shelve(vec![id.to_owned()], ShelfChange::Trash).await.is_err());
        assert!(bench.app.check_provider(id, None).await.is_err());
    }
    let rows: i64 = look(&bench.data())
        .query_row("SELECT (SELECT count(*) FROM conversation) + (SELECT count(*) FROM run)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn every_attempt_has_one_entry_whatever_came_of_it() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    *bench.refuse.lock().unwrap() = Some(ProviderError::new(Category::RejectedKey, "no"));
    let receipt = bench.send(None, "a", &provider).await;
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    assert_eq!(end.status, MessageStatus::Failed);
    assert_eq!(end.attempts[0].cost.as_ref().unwrap().total_nano, Some(0.0), "a refused request is not billed");
    *bench.refuse.lock().unwrap() = None;
    let receipt = bench.app.retry(&receipt.messages[1].id, None, false).await.unwrap();
    bench.asked.recv().await.unwrap().finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let unmatched: i64 = look(&bench.data())
        .query_row(
            "SELECT count(*) FROM attempt a LEFT JOIN ledger l ON l.attempt_id = a.id WHERE l.id IS NULL",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(unmatched, 0);
    assert_eq!(bench.app.spend().await.unwrap().entries, 2);
}

#[tokio::test]
async fn the_list_is_paged_renamed_trashed_and_restored() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let mut ids = Vec::new();
    for n in 0..60 {
        let receipt = bench.send(None, &format!("chat {n}"), &provider).await;
        bench.asked.recv().await.unwrap().finish();
        settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
        ids.push(receipt.summary.id);
    }
    let first = bench.app.list_shelf(Shelf::List, None).await.unwrap();
    assert_eq!(first.items.len(), 50);
    assert_eq!(first.items[0].id, ids[59], "newest first, though the clock stood still");
    let second = bench.app.list_shelf(Shelf::List, first.next).await.unwrap();
    assert_eq!((second.items.len(), second.next), (10, None));
    assert_eq!(second.items[9].id, ids[0]);

    let renamed = bench.app.rename_conversation(&ids[0], "  My\nown ").await.unwrap();
    assert_eq!(renamed.title, "My own");
    assert!(bench.app.rename_conversation(&ids[0], " ").await.is_err());
    let trash = |change| bench.app.shelve(vec![ids[0].clone()], change);
    assert_eq!(trash(ShelfChange::Trash).await.unwrap()[0].shelf, Shelf::Trash);
    assert!(bench.app.get_conversation(&ids[0]).await.is_err());
    assert!(trash(ShelfChange::Trash).await.is_err());
    assert_eq!(bench.app.spend().await.unwrap().entries, 60, "deleting a chat deletes no money");
    assert_eq!(trash(ShelfChange::Restore).await.unwrap()[0].title, "My own");
    assert!(trash(ShelfChange::Restore).await.is_err());
}
