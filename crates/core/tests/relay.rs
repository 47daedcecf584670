//! Prompts that a person carries to a web chat: they wait as long as it takes, and their answers are answers like others.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::sync::Arc;

use crate::common::{self, Bench, count, settled, text_of};
use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_core::{
    clock::ManualClock,
    error::Error,
    view::{
        AccountInput, CostSource, MessageStatus, ProviderInput, ProviderView, RunReceipt, SendInput, Settled, Target,
    },
};
use parlance_providers::FinishClass;

async fn relay(bench: &Bench) -> ProviderView {
    let input = ProviderInput { vendor: "human-relay".into(), name: String::new(), ..common::input("") };
    bench.app.save_provider(input).await.unwrap()
}

async fn send(bench: &Bench, chat: Option<&str>, text: &str, provider: &ProviderView, model: &str) -> RunReceipt {
    let target = Target { provider_id: provider.id.clone(), model: model.into() };
    bench.app.send(SendInput::text(chat.map(str::to_owned), text, target)).await.unwrap()
}

async fn ended(bench: &Bench, run: &str, act: impl Future<Output = ()>) -> Settled {
    let (snapshot, mut reader) = bench.app.attach("main");
    act.await;
    settled(&bench.app, &snapshot.attachment, &mut reader, run).await
}

async fn answer(bench: &Bench, run: &str, message: &str, text: &str) -> Settled {
    ended(bench, run, async { bench.app.answer_relay(message, text).await.unwrap() }).await
}

fn reason(answer: Result<(), Error>) -> (&'static str, &'static str) {
    match answer {
        Err(Error::Invalid { field, reason }) => (field, reason),
        other => panic!("{other:?}"),
    }
}

/// The same folder as if the app had been killed: nothing was closed.
async fn after_a_kill(bench: &Bench) -> Bench {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for entry in std::fs::read_dir(bench.data()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("parlance.db") {
            std::fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
        }
    }
    Bench::over(folder).await
}

async fn awaited(bench: &Bench) -> Vec<String> {
    bench.app.relays().await.unwrap().into_iter().map(|waits| waits.message_id).collect()
}

async fn switched_off(bench: &Bench, provider: &ProviderView) {
    let off = ProviderInput {
        id: Some(provider.id.clone()),
        vendor: "human-relay".into(),
        enabled: false,
        ..common::input("")
    };
    bench.app.save_provider(off).await.unwrap();
}

async fn message(bench: &Bench, chat: &str, id: &str) -> (MessageStatus, String) {
    let view = bench.app.get_conversation(chat).await.unwrap();
    let message = view.messages.into_iter().find(|message| message.id == id).unwrap();
    (message.status, text_of(&message))
}

#[tokio::test]
async fn an_answer_that_a_person_brings_is_a_message_like_others_and_free() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    assert_eq!(provider.settings.limits.concurrent, Some(1));
    let sent = send(&bench, None, "Why is the sky blue?", &provider, "web chat A").await;
    let waiting = bench.app.relays().await.unwrap();
    let [waits] = &waiting[..] else { panic!("{waiting:?}") };
    assert_eq!((&waits.message_id, &waits.conversation_id), (&sent.messages[1].id, &sent.summary.id));
    assert_eq!((waits.conversation_title.as_str(), waits.model.as_str()), ("Why is the sky blue?", "web chat A"));
    assert_eq!((waits.last.as_str(), waits.whole.as_str()), ("Why is the sky blue?", "Why is the sky blue?"));
    assert!(!waits.whole_first && waits.attachments.is_empty());
    assert_eq!(waits.since, common::NOON as f64);

    let id = &sent.messages[1].id;
    for (text, why) in [(" \n", "empty"), ("\r\nWhy is the sky blue?  ", "same"), (&*"x".repeat(5 << 20), "too_long")] {
        assert_eq!(reason(bench.app.answer_relay(id, text).await), ("text", why));
    }
    assert_eq!(reason(bench.app.answer_relay("999", "no").await), ("messageId", "not_found"));
    let end = answer(&bench, &sent.run_id, id, "\r\nIt scatters.\r\nMost of all the blue.\n").await;
    assert_eq!(end.status, MessageStatus::Complete);
    let attempt = &end.attempts[0];
    assert_eq!((attempt.finish_class, attempt.error.is_none()), (Some(FinishClass::Stop), true));
    let cost = attempt.cost.clone().unwrap();
    assert_eq!((cost.source, cost.total_nano, cost.tokens_estimated), (CostSource::Free, Some(0.0), true));
    let kept = message(&bench, &sent.summary.id, id).await;
    assert_eq!(kept, (MessageStatus::Complete, "It scatters.\nMost of all the blue.".into()));
    assert_eq!(reason(bench.app.answer_relay(id, "again").await), ("messageId", "not_found"));
    assert!(bench.app.relays().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_web_chat_is_told_what_it_cannot_know() {
    let mut bench = Bench::new().await;
    let (person, other) = (relay(&bench).await, bench.provider().await);
    let sent = send(&bench, None, "one", &person, "web chat A").await;
    let chat = sent.summary.id.clone();
    answer(&bench, &sent.run_id, &sent.messages[1].id, "ONE").await;
    let sent = send(&bench, Some(&chat), "two", &person, "web chat A").await;
    let waits = bench.app.relays().await.unwrap().remove(0);
    assert_eq!((waits.last.as_str(), waits.whole_first), ("two", false));
    assert_eq!(waits.whole, "### User\n\none\n\n### Assistant\n\nONE\n\n### User\n\ntwo");
    answer(&bench, &sent.run_id, &sent.messages[1].id, "TWO").await;

    bench.talk(Some(&chat), "three", &other).await;
    let sent = send(&bench, Some(&chat), "four", &person, "web chat A").await;
    assert!(bench.app.relays().await.unwrap()[0].whole_first, "another model answered before");
    answer(&bench, &sent.run_id, &sent.messages[1].id, "FOUR").await;
    send(&bench, Some(&chat), "five", &person, "web chat B").await;
    assert!(bench.app.relays().await.unwrap()[0].whole_first, "another web chat");
}

#[tokio::test]
async fn files_are_named_and_texts_are_in_the_prompt() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"[..], &[0; 32]].concat();
    let picture = bench.app.add_attachment("dot.png", STANDARD.encode(png)).await.unwrap();
    let notes = bench.app.add_attachment("notes.txt", STANDARD.encode("remember")).await.unwrap();
    let target = Target { provider_id: provider.id.clone(), model: "human-relay".into() };
    let input = SendInput { attachments: vec![picture.id, notes.id], ..SendInput::text(None, "Look", target) };
    bench.app.send(input).await.unwrap();
    let waits = bench.app.relays().await.unwrap().remove(0);
    assert_eq!(waits.attachments, ["dot.png"]);
    assert!(waits.last.contains("[Attached file: dot.png]") && waits.last.contains("remember"), "{}", waits.last);
}

#[tokio::test]
async fn a_prompt_waits_on_after_the_app_was_closed_or_killed() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let first = send(&bench, None, "first", &provider, "human-relay").await;
    let second = send(&bench, None, "second", &provider, "human-relay").await;
    assert_eq!(awaited(&bench).await, [first.messages[1].id.clone()], "the second is in line");
    let killed = after_a_kill(&bench).await;
    let closed = bench.reopen().await;
    for bench in [killed, closed] {
        assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 0);
        assert_eq!(awaited(&bench).await, [first.messages[1].id.clone()]);
        assert_eq!(bench.app.attach("main").0.runs.len(), 2);
        let end = answer(&bench, &first.run_id, &first.messages[1].id, "FIRST").await;
        assert_eq!((end.status, end.attempts.len()), (MessageStatus::Complete, 1));
        while awaited(&bench).await != [second.messages[1].id.clone()] {
            tokio::task::yield_now().await;
        }
        let end = ended(&bench, &second.run_id, async { bench.app.stop(&second.run_id).unwrap() }).await;
        assert_eq!(end.status, MessageStatus::Cancelled);
        assert!(end.attempts[0].error.is_none());
        assert_eq!(count(&bench.data(), "SELECT count(*) FROM attempt WHERE outcome = 'running'"), 0);
        assert_eq!(count(&bench.data(), "SELECT count(*) FROM ledger"), 2);
        let bench = bench.reopen().await;
        assert!(awaited(&bench).await.is_empty());
        bench.app.close().await;
    }
}

#[tokio::test]
async fn a_prompt_whose_provider_is_gone_at_the_next_start_was_interrupted() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let sent = send(&bench, None, "first", &provider, "human-relay").await;
    bench.app.remove_provider(&provider.id).await.unwrap();
    let bench = bench.reopen().await;
    assert!(bench.app.relays().await.unwrap().is_empty());
    let kept = message(&bench, &sent.summary.id, &sent.messages[1].id).await;
    assert_eq!(kept.0, MessageStatus::Interrupted);
}

#[tokio::test]
async fn what_was_asked_stays_asked_when_its_provider_is_switched_off() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let first = send(&bench, None, "first", &provider, "human-relay").await;
    let second = send(&bench, None, "second", &provider, "human-relay").await;
    switched_off(&bench, &provider).await;
    assert_eq!(awaited(&bench).await, [first.messages[1].id.clone()]);
    let killed = after_a_kill(&bench).await;
    let closed = bench.reopen().await;
    for bench in [killed, closed] {
        assert_eq!(awaited(&bench).await, [first.messages[1].id.clone()]);
        let line = message(&bench, &second.summary.id, &second.messages[1].id).await;
        assert_eq!((line.0, bench.app.bootstrap().await.unwrap().interrupted), (MessageStatus::Interrupted, 1));
        let end = answer(&bench, &first.run_id, &first.messages[1].id, "FIRST").await;
        assert_eq!(end.status, MessageStatus::Complete);
        bench.app.close().await;
    }
}

#[tokio::test]
async fn tighter_limits_take_no_prompt_away_that_was_asked() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let mut settings = provider.settings.clone();
    settings.limits.concurrent = Some(2);
    bench.app.save_provider_settings(&provider.id, settings.clone()).await.unwrap();
    for text in ["first", "second"] {
        send(&bench, None, text, &provider, "human-relay").await;
    }
    settings.limits.concurrent = Some(1);
    bench.app.save_provider_settings(&provider.id, settings).await.unwrap();
    assert_eq!(awaited(&bench).await.len(), 2);
    let bench = bench.reopen().await;
    assert_eq!(awaited(&bench).await.len(), 2);
}

#[tokio::test]
async fn a_prompt_that_cannot_wait_on_says_why_and_has_its_entry() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let sent = send(&bench, None, "first", &provider, "human-relay").await;
    let off = AccountInput {
        id: Some(provider.accounts[0].id.clone()),
        provider_id: provider.id.clone(),
        label: String::new(),
        enabled: false,
    };
    bench.app.save_account(off).await.unwrap();
    let bench = bench.reopen().await;
    assert!(awaited(&bench).await.is_empty() && bench.app.attach("main").0.runs.is_empty());
    let chat = bench.app.get_conversation(&sent.summary.id).await.unwrap();
    let [attempt] = &chat.messages[1].attempts[..] else { panic!("{:?}", chat.messages[1]) };
    assert_eq!((chat.messages[1].status, attempt.outcome), (MessageStatus::Interrupted, MessageStatus::Interrupted));
    assert_eq!(attempt.error.as_ref().and_then(|error| error.code.as_deref()), Some("no_key"));
    assert_eq!(attempt.cost.as_ref().map(|cost| (cost.source, cost.total_nano)), Some((CostSource::Free, Some(0.0))));
    assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 1);
}

#[tokio::test]
async fn how_long_an_answer_took_counts_from_when_it_was_asked() {
    let bench = Bench::new().await;
    let provider = relay(&bench).await;
    let sent = send(&bench, None, "first", &provider, "human-relay").await;
    bench.app.close().await;
    let hour = 60 * 60 * 1000;
    let bench = Bench::at(bench.folder, Arc::new(ManualClock::new(common::NOON + hour, 0))).await;
    assert_eq!(bench.app.relays().await.unwrap()[0].since, common::NOON as f64);
    let end = answer(&bench, &sent.run_id, &sent.messages[1].id, "FIRST").await;
    let attempt = &end.attempts[0];
    for took in [attempt.duration_ms, attempt.first_token_ms] {
        assert!(took.is_some_and(|took| i64::from(took) >= hour), "{took:?}");
    }
}
