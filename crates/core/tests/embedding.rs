//! Vectors of texts: each request takes its turn before the provider, and every call is booked.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use crate::common::{Bench, count, look, settled, store};
use parlance_core::view::{LimitSettings, MessageStatus, ProviderSettings, ProviderView, Target};
use parlance_providers::ProviderError;
use tokio::task::JoinHandle;

/// More than go into one request, where the vendor's limit is not known.
const THREE_REQUESTS: usize = 130;

/// A provider that is asked one thing at a time.
async fn one_at_a_time(bench: &Bench) -> ProviderView {
    let provider = bench.provider().await;
    let limits = LimitSettings { concurrent: Some(1), ..LimitSettings::default() };
    let settings = ProviderSettings { limits, ..provider.settings.clone() };
    bench.app.save_provider_settings(&provider.id, settings).await.unwrap()
}

fn embed(bench: &Bench, provider: &ProviderView, texts: usize) -> JoinHandle<Vec<Result<Vec<f32>, ProviderError>>> {
    let (app, target) = (bench.app.clone(), Target { provider_id: provider.id.clone(), model: "embedder".into() });
    let inputs = (0..texts).map(|at| format!("text {at}")).collect();
    tokio::spawn(async move { app.embed(&target, inputs, None).await.unwrap().vectors })
}

/// Until so many requests run and wait before the only provider.
async fn until(bench: &Bench, running: u32, waiting: u32) {
    for _ in 0..20_000 {
        let facts = bench.app.provider_facts().await.unwrap().remove(0);
        if (facts.running, facts.waiting) == (running, waiting) {
            return;
        }
    }
    panic!("never {running} and {waiting}: {:?}", bench.app.provider_facts().await.unwrap());
}

#[tokio::test]
async fn vectors_stand_in_the_line_of_chats_and_begin_when_they_leave_it() {
    let mut bench = Bench::new().await;
    let provider = one_at_a_time(&bench).await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "first", &provider).await;
    let chat = bench.asked.recv().await.unwrap();
    let vectors = embed(&bench, &provider, 2);
    until(&bench, 1, 1).await;
    assert!(bench.embeds.try_recv().is_err());
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM attempt"), 1, "what waits has no attempt");
    chat.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    bench.embeds.recv().await.unwrap().answer();
    assert_eq!(vectors.await.unwrap(), [Ok(vec![0.5]), Ok(vec![0.5])]);
    until(&bench, 0, 0).await;
    let booked =
        "SELECT count(*) FROM ledger WHERE purpose = 'embedding' AND outcome = 'complete' AND input_total = 10";
    assert_eq!(count(&bench.data(), booked), 1);
}

#[tokio::test]
async fn each_request_of_a_call_takes_a_turn_of_its_own() {
    let mut bench = Bench::new().await;
    let provider = one_at_a_time(&bench).await;
    let vectors = embed(&bench, &provider, THREE_REQUESTS);
    let mut texts = 0;
    for waiting in [0, 1, 0] {
        let asked = bench.embeds.recv().await.unwrap();
        texts += asked.request.inputs.len();
        until(&bench, 1, waiting).await;
        assert!(bench.embeds.try_recv().is_err(), "one at a time");
        asked.answer();
    }
    assert_eq!(texts, THREE_REQUESTS);
    assert!(vectors.await.unwrap().iter().all(Result::is_ok));
}

#[tokio::test]
async fn where_nobody_waits_any_more_nothing_else_leaves_and_what_left_is_booked() {
    let mut bench = Bench::new().await;
    let provider = one_at_a_time(&bench).await;
    let vectors = embed(&bench, &provider, THREE_REQUESTS);
    bench.embeds.recv().await.unwrap().answer();
    let second = bench.embeds.recv().await.unwrap();
    until(&bench, 1, 1).await;
    vectors.abort();
    until(&bench, 1, 0).await;
    second.answer();
    until(&bench, 0, 0).await;
    bench.app.close().await;
    assert!(bench.embeds.try_recv().is_err());
    let booked = look(&bench.data())
        .query_row("SELECT outcome, input_total FROM ledger WHERE purpose = 'embedding'", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
        })
        .unwrap();
    assert_eq!(booked, ("complete".to_owned(), 20));
}

#[tokio::test]
async fn one_that_left_the_line_before_its_turn_leaves_nothing_behind() {
    let mut bench = Bench::new().await;
    let provider = one_at_a_time(&bench).await;
    bench.send(None, "first", &provider).await;
    let chat = bench.asked.recv().await.unwrap();
    let vectors = embed(&bench, &provider, 1);
    until(&bench, 1, 1).await;
    vectors.abort();
    until(&bench, 1, 0).await;
    chat.finish();
    until(&bench, 0, 0).await;
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM run WHERE purpose = 'embedding'"), 0);
}

#[tokio::test]
async fn who_is_asked_is_chosen_when_the_first_request_leaves() {
    let mut bench = Bench::new().await;
    let provider = one_at_a_time(&bench).await;
    bench.send(None, "first", &provider).await;
    let chat = bench.asked.recv().await.unwrap();
    let (app, target) = (bench.app.clone(), Target { provider_id: provider.id.clone(), model: "embedder".into() });
    let vectors = tokio::spawn(async move { app.embed(&target, vec!["text".into()], None).await.err().unwrap() });
    until(&bench, 1, 1).await;
    bench.app.remove_provider(&provider.id).await.unwrap();
    chat.finish();
    assert_eq!(vectors.await.unwrap().code(), "not_found");
    assert!(bench.embeds.try_recv().is_err(), "a provider that was removed is not asked");
}

#[tokio::test]
async fn a_call_that_a_kill_cut_off_is_booked_as_what_it_was_at_an_unknown_cost() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let vectors = embed(&bench, &provider, 1);
    bench.embeds.recv().await.unwrap().answer();
    vectors.await.unwrap();
    bench.app.close().await;
    store(&bench.data())
        .execute_batch("DELETE FROM ledger; UPDATE run SET outcome = NULL; UPDATE attempt SET outcome = 'running';")
        .unwrap();
    let bench = Bench::over(bench.folder).await;
    let entry = look(&bench.data())
        .query_row("SELECT purpose, outcome, tokens_source, total_nano FROM ledger", [], |row| {
            let total: Option<i64> = row.get(3)?;
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, total))
        })
        .unwrap();
    let interrupted = MessageStatus::Interrupted.as_str().to_owned();
    assert_eq!(entry, ("embedding".to_owned(), interrupted, "unknown".to_owned(), None));
    assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 0, "it was no reply");
}
