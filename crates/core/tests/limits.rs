//! Limits of a provider: a line that is first come, first served, that a page sees and a person can leave.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::{sync::Arc, time::Duration};

use crate::common::{self, Asked, Bench, count, settled, store};
use parlance_core::{
    registry::limits::{Gates, Pass, Wait},
    view::{
        LimitKind, LimitSettings, MessageStatus, ProviderInput, ProviderSettings, ProviderView, RunReceipt, Target,
        WaitingView,
    },
};
use proptest::prelude::*;
use tokio::time::Instant;

const S: Duration = Duration::from_secs(1);

/// Sets a provider's limits as the settings do.
async fn limit(bench: &Bench, provider: &ProviderView, limits: LimitSettings) {
    let settings = ProviderSettings { limits, ..provider.settings.clone() };
    let json = serde_json::to_string(&settings).unwrap();
    store(&bench.data()).execute("UPDATE provider SET config = ?1", [json]).unwrap();
    let same = ProviderInput {
        id: Some(provider.id.clone()),
        vendor: provider.vendor.clone(),
        name: provider.name.clone(),
        base_url: provider.base_url.clone(),
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    };
    assert_eq!(bench.app.save_provider(same).await.unwrap().settings, settings);
}

fn at_once(concurrent: u32) -> LimitSettings {
    LimitSettings { concurrent: Some(concurrent), ..LimitSettings::default() }
}

/// Where each run stands, as a page that attaches sees it.
fn waiting(bench: &Bench) -> Vec<Option<WaitingView>> {
    bench.app.attach("look").0.runs.into_iter().map(|run| run.waiting).collect()
}

/// Until a page sees this.
async fn until(bench: &Bench, sees: impl Fn(&[Option<WaitingView>]) -> bool) -> Vec<Option<WaitingView>> {
    for _ in 0..200_000 {
        let seen = waiting(bench);
        if sees(&seen) {
            return seen;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never comes: {:?}", waiting(bench));
}

/// A provider that is asked one at a time, and so many messages to it: the first reply is under way, the others wait.
async fn queue<const N: usize>(bench: &mut Bench) -> (ProviderView, Asked, [RunReceipt; N]) {
    let provider = bench.provider().await;
    limit(bench, &provider, at_once(1)).await;
    let mut receipts = Vec::new();
    for text in ["a", "b", "c"].into_iter().take(N) {
        receipts.push(bench.send(None, text, &provider).await);
    }
    let asked = bench.asked.recv().await.unwrap();
    until(bench, |seen| seen.iter().flatten().count() == N - 1).await;
    (provider, asked, receipts.try_into().unwrap())
}

fn behind(ahead: u32) -> Option<WaitingView> {
    let target = Target { provider_id: "1".into(), model: "m-1".into() };
    Some(WaitingView { target, limit: Some(LimitKind::Concurrent), ahead, until: None, retry: None })
}

#[tokio::test]
async fn replies_wait_in_a_line_that_a_page_sees_and_go_in_their_order() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    limit(&bench, &provider, at_once(1)).await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let mut receipts = Vec::new();
    for text in ["a", "b", "c"] {
        receipts.push(bench.send(None, text, &provider).await);
    }
    assert!(receipts.iter().all(|receipt| receipt.summary.running));
    let first = bench.asked.recv().await.unwrap();
    let seen = until(&bench, |seen| seen.iter().flatten().count() == 2).await;
    assert_eq!(seen, [None, behind(0), behind(1)]);
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM attempt"), 1, "an attempt begins when its request leaves");
    let facts = bench.app.provider_facts().await.unwrap().remove(0);
    assert_eq!((facts.running, facts.waiting), (1, 2));

    bench.clock.advance(5_000);
    first.finish();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipts[0].run_id).await;
    assert_eq!(end.attempts[0].started_at, common::NOON as f64);
    let second = bench.asked.recv().await.unwrap();
    assert_eq!(second.request.messages[0], parlance_providers::Message::text(parlance_providers::Role::User, "b"));
    assert_eq!(until(&bench, |seen| seen.len() == 2 && seen[0].is_none()).await, [None, behind(0)]);
    second.text("B");
    second.finish();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &receipts[1].run_id).await;
    assert_eq!((end.status, end.attempts.len()), (MessageStatus::Complete, 1));
    assert_eq!(end.attempts[0].started_at, (common::NOON + 5_000) as f64, "the wait is not part of it");
    bench.asked.recv().await.unwrap().finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipts[2].run_id).await;
    let facts = bench.app.provider_facts().await.unwrap().remove(0);
    assert_eq!((facts.running, facts.waiting), (0, 0));
}

#[tokio::test]
async fn the_page_is_told_of_the_wait_of_its_end_and_of_the_attempt() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    limit(&bench, &provider, at_once(1)).await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let first = bench.send(None, "a", &provider).await;
    let second = bench.send(None, "b", &provider).await;
    assert!(second.messages[1].attempts.is_empty());
    let asked = bench.asked.recv().await.unwrap();
    until(&bench, |seen| seen.iter().flatten().count() == 1).await;
    asked.finish();
    let mut told = Vec::new();
    loop {
        let frame = reader.next().await.unwrap();
        bench.app.acknowledge("main", &snapshot.attachment, frame.frame);
        for delta in frame.runs {
            if delta.run_id == first.run_id && delta.settled.is_some() {
                bench.asked.recv().await.unwrap().finish();
            }
            if delta.run_id == second.run_id {
                told.push((delta.waiting.is_some(), delta.attempts.map(|a| a.len()), delta.settled.is_some()));
            }
        }
        if told.last().is_some_and(|(_, _, settled)| *settled) {
            break;
        }
    }
    told.dedup();
    assert_eq!(told.first(), Some(&(true, None, false)));
    assert!(told.iter().any(|(waits, attempts, _)| !waits && *attempts == Some(1)), "{told:?}");
    assert!(!told.last().unwrap().0);
}

#[tokio::test]
async fn a_stop_while_it_waits_ends_it_without_a_request_and_without_cost() {
    let mut bench = Bench::new().await;
    let (_, asked, [first, second, third]) = queue(&mut bench).await;
    let (snapshot, mut reader) = bench.app.attach("main");
    bench.app.stop(&second.run_id).unwrap();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &second.run_id).await;
    assert_eq!((end.status, end.attempts.len(), end.spend.entries), (MessageStatus::Cancelled, 0, 0));
    assert_eq!(until(&bench, |seen| seen.len() == 2).await, [None, behind(0)], "the next one moves up");
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &first.run_id).await;
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.messages[0], parlance_providers::Message::text(parlance_providers::Role::User, "c"));
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &third.run_id).await;
    assert_eq!(bench.app.spend().await.unwrap().entries, 2);

    let again = bench.app.continue_message(&second.messages[1].id, false).await.unwrap();
    bench.answer(&again, "later").await;
    let view = bench.app.get_conversation(&second.summary.id).await.unwrap();
    assert_eq!(common::text_of(&view.messages[1]), "later");
}

#[tokio::test]
async fn other_limits_let_those_who_wait_go_at_once() {
    let mut bench = Bench::new().await;
    let (provider, _first, _receipts) = queue::<3>(&mut bench).await;
    limit(&bench, &provider, at_once(2)).await;
    let _second = bench.asked.recv().await.unwrap();
    assert_eq!(until(&bench, |seen| seen.iter().flatten().count() == 1).await, [None, None, behind(0)]);
    limit(&bench, &provider, LimitSettings::default()).await;
    let _third = bench.asked.recv().await.unwrap();
}

#[tokio::test]
async fn a_close_or_a_kill_while_it_waits_leaves_a_reply_that_can_be_continued() {
    let mut bench = Bench::new().await;
    let (_, _asked, [_, second]) = queue(&mut bench).await;
    let bench = bench.reopen().await;
    let reply = bench.app.get_conversation(&second.summary.id).await.unwrap().messages.remove(1);
    assert_eq!((reply.status, reply.attempts.len()), (MessageStatus::Interrupted, 0));
    bench.app.close().await;
    let killed = format!(
        "UPDATE message SET status = 'streaming' WHERE id = {};
         UPDATE run SET outcome = NULL, ended_at = NULL WHERE message_id = {};",
        reply.id, reply.id
    );
    store(&bench.data()).execute_batch(&killed).unwrap();
    let mut bench = Bench::over(Arc::clone(&bench.folder)).await;
    assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 1);
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM run WHERE outcome IS NULL"), 0);
    let reply = bench.app.get_conversation(&second.summary.id).await.unwrap().messages.remove(1);
    assert_eq!((reply.status, reply.attempts.len()), (MessageStatus::Interrupted, 0));
    let again = bench.app.continue_message(&reply.id, false).await.unwrap();
    assert_eq!(bench.answer(&again, "here").await.status, MessageStatus::Complete);
}

#[tokio::test]
async fn who_is_asked_is_chosen_when_the_request_leaves() {
    let mut bench = Bench::new().await;
    let (provider, asked, [_, second]) = queue(&mut bench).await;
    let (snapshot, mut reader) = bench.app.attach("main");
    bench.app.remove_provider(&provider.id).await.unwrap();
    asked.finish();
    let end = settled(&bench.app, &snapshot.attachment, &mut reader, &second.run_id).await;
    assert_eq!(end.status, MessageStatus::Failed);
    assert_eq!(end.attempts[0].error.as_ref().unwrap().code.as_deref(), Some("provider_gone"));
    assert!(bench.asked.try_recv().is_err(), "a provider that was removed is not asked");
}

#[tokio::test(start_paused = true)]
async fn a_gate_wakes_who_waits_for_the_minute_at_the_told_time() {
    let gates = Gates::default();
    let limits = LimitSettings { requests_per_minute: Some(2), ..LimitSettings::default() };
    let began = Instant::now();
    let mut told: Vec<Wait> = Vec::new();
    for _ in 0..4 {
        let gate = gates.with(1, limits);
        drop(gate.enter(gates.place(), 1, |wait| told.push(wait)).await);
    }
    assert_eq!(told.iter().map(|wait| wait.rest.unwrap()).collect::<Vec<_>>(), [30 * S, 30 * S]);
    assert_eq!(began.elapsed().as_secs(), 60);
    drop(gates.with(2, limits).enter(gates.place(), 1, |_| panic!("another provider's gate")).await);
    assert_eq!(gates.counts(1), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_may_not_pass_takes_no_room_and_frees_none() {
    let gates = Gates::default();
    let gate = || gates.with(1, at_once(1));
    let first = gate().enter(gates.place(), 1, |_| {}).await;
    assert!(gate().open().is_none() && gate().enter_idle(Duration::ZERO).is_none());
    assert_eq!(gates.counts(1), (1, 0));
    assert!(tokio::time::timeout(S, gate().enter(gates.place(), 1, |_| {})).await.is_err());
    assert_eq!(gates.counts(1), (1, 0));
    drop(first);
    drop(gate().enter_idle(Duration::ZERO).unwrap());
    assert!(gates.with(1, LimitSettings::default()).open().is_some());
    assert_eq!(gates.counts(1), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn through_a_gate_goes_everybody_in_order_and_never_too_many(
        most in 1_u32..4,
        requests in prop::collection::vec((0_u64..50, 0_u64..40, prop::option::weighted(0.3, 0_u64..60)), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async move {
            let gates = Arc::new(Gates::default());
            let (log, mut heard) = tokio::sync::mpsc::unbounded_channel();
            let mut tasks = Vec::new();
            for (at, (arrives, takes, gives_up)) in requests.into_iter().enumerate() {
                let (gates, log) = (Arc::clone(&gates), log.clone());
                tasks.push(tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(arrives)).await;
                    let place = gates.place();
                    let gate = gates.with(1, at_once(most));
                    let entering = gate.enter(place, 1, |_| {});
                    let patience = Duration::from_millis(gives_up.unwrap_or(1_000_000));
                    let pass: Option<Pass> = tokio::time::timeout(patience, entering).await.ok();
                    if let Some(_pass) = pass {
                        log.send((place, true, at)).unwrap();
                        tokio::time::sleep(Duration::from_millis(takes)).await;
                        log.send((place, false, at)).unwrap();
                    } else {
                        assert!(gives_up.is_some());
                    }
                }));
            }
            drop(log);
            for task in tasks {
                task.await.unwrap();
            }
            let (mut running, mut last) = (0, None);
            while let Some((place, begins, _)) = heard.recv().await {
                running = if begins { running + 1 } else { running - 1 };
                assert!(running <= most, "{running} at the same time");
                if begins {
                    assert!(last < Some(place), "{place:?} went after {last:?}");
                    last = Some(place);
                }
            }
            assert_eq!(gates.counts(1), (0, 0), "nothing is left behind");
        });
    }
}
