//! One provider, several accounts: who is asked, who is left out, and what is written down of it.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::{sync::Arc, time::Duration};

use crate::common::{self, Asked, Bench, count, store, text_of};
use parlance_core::{
    costs::rollup,
    view::{AccountInput, AttemptView, Frame, KeyInput, MessageStatus, PartKind, ProviderView, RunDelta, RunReceipt},
};
use parlance_providers::{Category, Disposition, ProviderError};

/// A provider with these accounts, each with a key of its own name; without one where the name is empty.
async fn provider(bench: &Bench, names: &[&str]) -> ProviderView {
    let mut provider = bench.provider().await;
    for (at, name) in names.iter().enumerate() {
        let id = provider.accounts.get(at).map(|account| account.id.clone());
        let label = format!("{name} account");
        let input = AccountInput { id, provider_id: provider.id.clone(), label, enabled: true };
        provider = bench.app.save_account(input).await.unwrap();
        let key = match *name {
            "lost" => KeyInput::Env { name: "NOT_SET".into() },
            name => KeyInput::Session { key: format!("sk-{name}") },
        };
        provider = bench.app.set_key(&provider.accounts[at].id, key).await.unwrap();
    }
    provider
}

fn say(asked: &Asked, category: Category, retry_after: Option<u64>) {
    let retry_after = retry_after.map(Duration::from_secs);
    asked.say.send(Err(ProviderError { retry_after, ..ProviderError::new(category, "the vendor's words") })).unwrap();
}

/// What a page is told of a run.
struct Page {
    attachment: String,
    reader: parlance_core::chat::hub::FrameReader,
}

impl Page {
    fn of(bench: &Bench) -> Self {
        let (snapshot, reader) = bench.app.attach("main");
        Self { attachment: snapshot.attachment, reader }
    }

    /// All deltas of a run to its end.
    async fn read_to_end(&mut self, bench: &Bench, receipt: &RunReceipt) -> Vec<RunDelta> {
        let mut deltas = Vec::new();
        loop {
            let frame: Frame = self.reader.next().await.unwrap();
            bench.app.acknowledge("main", &self.attachment, frame.frame);
            deltas.extend(frame.runs.into_iter().filter(|delta| delta.run_id == receipt.run_id));
            if deltas.last().is_some_and(|delta: &RunDelta| delta.settled.is_some()) {
                return deltas;
            }
        }
    }
}

fn names(attempts: &[AttemptView]) -> Vec<(Option<&str>, MessageStatus)> {
    attempts.iter().map(|attempt| (attempt.account.as_deref(), attempt.outcome)).collect()
}

async fn asked(bench: &mut Bench) -> (Asked, String) {
    let asked = bench.asked.recv().await.unwrap();
    let key = asked.key.clone().unwrap_or_default();
    (asked, key)
}

#[tokio::test]
async fn a_rejected_key_hands_over_and_rests_until_it_is_changed_or_proved() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["one", "two"]).await;
    let mut page = Page::of(&bench);
    let receipt = bench.send(None, "hi", &provider).await;
    assert_eq!(names(&receipt.messages[1].attempts), [(Some("one account"), MessageStatus::Streaming)]);
    let (first, key) = asked(&mut bench).await;
    assert_eq!(key, "sk-one");
    say(&first, Category::RejectedKey, None);
    let (second, key) = asked(&mut bench).await;
    assert_eq!((key.as_str(), &second.request), ("sk-two", &first.request), "the same request with another key");
    // A page that comes in the middle sees both attempts, too.
    let now = bench.app.attach("late").0;
    let both = [(Some("one account"), MessageStatus::Failed), (Some("two account"), MessageStatus::Streaming)];
    assert_eq!(names(&now.runs[0].message.attempts), both);
    let say_it = |asked: &Asked, text: &str| {
        asked.text(text);
        asked.finish();
    };
    say_it(&second, "hello");
    let deltas = page.read_to_end(&bench, &receipt).await;
    let shown: Vec<_> = deltas.iter().filter_map(|delta| delta.attempts.as_deref()).map(names).collect();
    assert_eq!(shown, [both], "once, when the second began");
    let end = deltas.last().unwrap().settled.clone().unwrap();
    assert_eq!(end.status, MessageStatus::Complete);
    assert_eq!(names(&end.attempts)[1].1, MessageStatus::Complete);
    assert_eq!(end.attempts[0].error.as_ref().unwrap().category, Category::RejectedKey);
    assert!(end.attempts.iter().all(|attempt| attempt.cost.is_some()), "each is booked");
    assert_eq!(end.spend.entries, 2);
    assert_eq!(count(&bench.data(), "SELECT group_concat(ordinal) = '0,1' FROM attempt"), 1);

    let facts = bench.app.provider_facts().await.unwrap().remove(0);
    assert_eq!(facts.accounts[0].rests_because.as_ref().unwrap().category, Category::RejectedKey);
    assert!(facts.accounts[0].rests_until.is_none() && facts.accounts[1].rests_because.is_none());
    assert_eq!((facts.accounts[0].health.failed, facts.accounts[1].health.failed, facts.health.failed), (1, 0, 1));

    // It is left out from now on ...
    let receipt = bench.send(Some(&receipt.summary.id), "and?", &provider).await;
    let (only, key) = asked(&mut bench).await;
    assert_eq!(key, "sk-two");
    say_it(&only, "x");
    assert_eq!(page.read_to_end(&bench, &receipt).await.last().unwrap().settled.as_ref().unwrap().attempts.len(), 1);
    // ... until its key is another, or proves good.
    bench.app.set_key(&provider.accounts[0].id, KeyInput::Session { key: "sk-new".into() }).await.unwrap();
    let receipt = bench.send(Some(&receipt.summary.id), "again", &provider).await;
    let (only, key) = asked(&mut bench).await;
    assert_eq!(key, "sk-new");
    say(&only, Category::RejectedKey, None);
    say_it(&asked(&mut bench).await.0, "x");
    page.read_to_end(&bench, &receipt).await;
    assert!(bench.app.check_provider(&provider.id, Some(&provider.accounts[0].id)).await.unwrap().ok);
    bench.send(Some(&receipt.summary.id), "proved", &provider).await;
    assert_eq!(asked(&mut bench).await.1, "sk-new");
}

#[tokio::test]
async fn a_throttled_account_is_skipped_until_its_time_and_asked_where_no_other_is_left() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["one", "two"]).await;
    let mut page = Page::of(&bench);
    let receipt = bench.send(None, "hi", &provider).await;
    say(&asked(&mut bench).await.0, Category::RateLimited, Some(30));
    let (second, _) = asked(&mut bench).await;
    say(&second, Category::RateLimited, None);
    let end = page.read_to_end(&bench, &receipt).await.last().unwrap().settled.clone().unwrap();
    assert_eq!(end.status, MessageStatus::Failed);
    assert_eq!(end.attempts.len(), 2, "nobody is asked twice");
    let rests: Vec<_> = bench.app.provider_facts().await.unwrap()[0].accounts.iter().map(|a| a.rests_until).collect();
    assert_eq!(rests, [30_000, 60_000].map(|ms| Some((common::NOON + ms) as f64)));

    // Both rest: a person's Send asks the first all the same.
    let receipt = bench.app.retry(&receipt.messages[1].id, None, false).await.unwrap();
    let (probe, key) = asked(&mut bench).await;
    assert_eq!(key, "sk-one");
    probe.finish();
    page.read_to_end(&bench, &receipt).await;
    let rests: Vec<_> = bench.app.provider_facts().await.unwrap()[0].accounts.iter().map(|a| a.rests_until).collect();
    assert_eq!(rests, [None, Some((common::NOON + 60_000) as f64)], "what answered rests no longer");

    bench.app.order_accounts(&provider.id, &[provider.accounts[1].id.clone()]).await.unwrap();
    let next = async |bench: &mut Bench, page: &mut Page| {
        let receipt = bench.send(None, "who?", &provider).await;
        let (who, key) = asked(bench).await;
        who.finish();
        page.read_to_end(bench, &receipt).await;
        key
    };
    assert_eq!(next(&mut bench, &mut page).await, "sk-one", "the user's first one rests");
    bench.clock.advance(60_000);
    assert_eq!(next(&mut bench, &mut page).await, "sk-two", "its time has come");
}

#[tokio::test]
async fn nothing_else_hands_over_and_nothing_does_after_output() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["one", "two"]).await;
    let mut page = Page::of(&bench);
    for category in Category::ALL {
        let goes_on = matches!(category.disposition(), Disposition::RetryHere | Disposition::NextAccount);
        if goes_on || category == Category::MissingKey {
            continue;
        }
        let receipt = bench.send(None, "hi", &provider).await;
        say(&asked(&mut bench).await.0, category, None);
        let end = page.read_to_end(&bench, &receipt).await.last().unwrap().settled.clone().unwrap();
        assert_eq!(end.attempts.len(), 1, "{category:?}");
    }
    let receipt = bench.send(None, "hi", &provider).await;
    let (first, _) = asked(&mut bench).await;
    first.text("half");
    say(&first, Category::RateLimited, None);
    let end = page.read_to_end(&bench, &receipt).await.last().unwrap().settled.clone().unwrap();
    assert_eq!((end.status, end.attempts.len()), (MessageStatus::Interrupted, 1));
    assert!(bench.asked.try_recv().is_err());
}

#[tokio::test]
async fn a_key_that_cannot_be_had_is_passed_over_without_an_attempt() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["lost", "two", "lost"]).await;
    let mut page = Page::of(&bench);
    let receipt = bench.send(None, "hi", &provider).await;
    let (second, key) = asked(&mut bench).await;
    assert_eq!(key, "sk-two");
    say(&second, Category::RejectedKey, None);
    let end = page.read_to_end(&bench, &receipt).await.last().unwrap().settled.clone().unwrap();
    assert_eq!((end.status, end.attempts.len()), (MessageStatus::Failed, 1));
    assert_eq!(end.attempts[0].error.as_ref().unwrap().category, Category::RejectedKey, "what the vendor said");
}

#[tokio::test]
async fn what_came_before_the_switch_stays_with_who_wrote_it() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["one", "two"]).await;
    let mut page = Page::of(&bench);
    let receipt = bench.send(None, "hi", &provider).await;
    let (first, _) = asked(&mut bench).await;
    first.reasoning("let me ");
    say(&first, Category::RateLimited, None);
    let (second, _) = asked(&mut bench).await;
    second.reasoning("think");
    second.text("done");
    second.finish();
    let deltas = page.read_to_end(&bench, &receipt).await;
    let end = deltas.last().unwrap().settled.clone().unwrap();
    let ids: Vec<_> = end.attempts.iter().map(|attempt| attempt.id.clone()).collect();
    let mut told: Vec<_> =
        deltas.iter().flat_map(|d| &d.parts).map(|part| (part.ordinal, part.attempt_id.clone())).collect();
    told.dedup();
    let expected = [(0, ids[0].clone()), (1, ids[1].clone()), (2, ids[1].clone())];
    assert_eq!(told, expected);
    let view = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    let kept: Vec<_> = view.messages[1].parts.iter().map(|p| (p.ordinal, p.attempt_id.clone().unwrap())).collect();
    assert_eq!(kept, expected);
    assert_eq!(text_of(&view.messages[1]), "done");
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM stream_chunk"), 0);
}

#[tokio::test]
async fn a_stop_in_the_second_attempt_ends_it_and_a_continue_goes_on() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["one", "two", "three"]).await;
    let mut page = Page::of(&bench);
    let receipt = bench.send(None, "hi", &provider).await;
    say(&asked(&mut bench).await.0, Category::RejectedKey, None);
    let (second, _) = asked(&mut bench).await;
    bench.app.stop(&receipt.run_id).unwrap();
    let end = page.read_to_end(&bench, &receipt).await.last().unwrap().settled.clone().unwrap();
    let outcomes: Vec<_> = end.attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [MessageStatus::Failed, MessageStatus::Cancelled]);
    assert_eq!(end.status, MessageStatus::Cancelled);
    drop(second);
    let again = bench.app.continue_message(&receipt.messages[1].id, false).await.unwrap();
    let (third, key) = asked(&mut bench).await;
    assert_eq!(key, "sk-two", "a run of its own starts with the first that does not rest");
    third.text("now");
    third.finish();
    let end = page.read_to_end(&bench, &again).await.last().unwrap().settled.clone().unwrap();
    assert_eq!((end.status, end.attempts.len()), (MessageStatus::Complete, 3));
    assert_eq!(bench.app.spend().await.unwrap().entries, 3);
}

/// A kill with the second attempt under way, put together from one that settled.
#[tokio::test]
async fn a_kill_in_the_second_attempt_leaves_the_first_as_it_is() {
    let mut bench = Bench::new().await;
    let provider = provider(&bench, &["one", "two"]).await;
    let mut page = Page::of(&bench);
    let receipt = bench.send(None, "hi", &provider).await;
    let (first, _) = asked(&mut bench).await;
    first.reasoning("hm");
    say(&first, Category::RateLimited, None);
    let (second, _) = asked(&mut bench).await;
    second.text("gone");
    second.finish();
    page.read_to_end(&bench, &receipt).await;
    bench.app.close().await;
    let mut data = store(&bench.data());
    let tx = data.transaction().unwrap();
    tx.execute_batch(
        "DELETE FROM ledger WHERE attempt_id = 2; DELETE FROM part WHERE attempt_id = 2;
             UPDATE message SET status = 'streaming' WHERE role = 'assistant';
             UPDATE run SET outcome = NULL, ended_at = NULL;
             UPDATE attempt SET outcome = 'running', duration_ms = NULL WHERE id = 2;
             INSERT INTO stream_chunk (attempt_id, sequence, part, kind, text) VALUES (2, 1, 1, 'text', 'half');",
    )
    .unwrap();
    rollup::rebuild_all(&tx).unwrap();
    tx.commit().unwrap();
    drop(data);
    let bench = Bench::over(Arc::clone(&bench.folder)).await;
    assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 1);
    let view = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    let reply = &view.messages[1];
    let parts: Vec<_> = reply.parts.iter().map(|part| (part.kind, part.text.as_str())).collect();
    assert_eq!(parts, [(PartKind::Reasoning, "hm"), (PartKind::Text, "half")]);
    assert_eq!(reply.status, MessageStatus::Interrupted);
    let codes: Vec<_> = reply.attempts.iter().map(|a| a.error.as_ref().unwrap().code.as_deref()).collect();
    assert_eq!(codes, [None, Some("app_killed")]);
    assert_eq!(bench.app.spend().await.unwrap().entries, 2);
}
