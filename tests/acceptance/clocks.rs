//! The clocks and the cancellation of a reading, on virtual time (NET-2, NET-12).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use parlance_providers::catalog::VendorTimeouts;
use parlance_providers::transport::{ByteStream, Clocks, Reading};
use parlance_providers::{CancellationToken, Category, ChatEvent, EventStream, ProviderError};
use parlance_tests::lines::{LineDecoder, vendor};
use proptest::strategy::Strategy as _;
use tokio::time::Instant;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Chunks, each after a wait; then silence without end.
fn timed(chunks: impl IntoIterator<Item = (u64, &'static str), IntoIter: Send + 'static>) -> ByteStream {
    let chunks = stream::iter(chunks).then(|(wait, text)| async move {
        tokio::time::sleep(seconds(wait)).await;
        Ok(Bytes::from_static(text.as_bytes()))
    });
    chunks.chain(stream::pending()).boxed()
}

fn reading(body: ByteStream, category: &str, cancel: &CancellationToken) -> EventStream {
    let clocks = Clocks::of(&vendor(category, "none"), &VendorTimeouts::default());
    let reading = Reading {
        decoder: Box::<LineDecoder>::default(),
        clocks,
        started: Instant::now(),
        cancel: cancel.clone(),
        peer: "host:1".to_owned(),
        hidden: Arc::default(),
    };
    reading.events(body)
}

/// Reads to the end: the number of events, the error, the virtual seconds it took.
async fn outcome(body: ByteStream, category: &str) -> (usize, Option<ProviderError>, u64) {
    let begun = Instant::now();
    let mut events = reading(body, category, &CancellationToken::new());
    let (mut count, mut error) = (0, None);
    while let Some(item) = events.next().await {
        assert!(error.is_none(), "an error is the last item");
        match item {
            Ok(_) => count += 1,
            Err(e) => error = Some(e),
        }
    }
    (count, error, begun.elapsed().as_secs())
}

async fn times_out(body: ByteStream, category: &str) -> (usize, &'static str, u64) {
    let (count, error, took) = outcome(body, category).await;
    let error = error.expect("a timeout");
    assert_eq!(error.category, Category::Timeout);
    (count, error.cause.expect("a cause"), took)
}

#[test]
fn one_table_holds_the_times_and_vendor_and_endpoint_override_it() {
    let remote = Clocks::of(&vendor("cloud", "none"), &VendorTimeouts::default());
    assert_eq!((remote.connect, remote.first_event), (seconds(10), seconds(120)));
    assert_eq!((remote.idle, remote.progress), (seconds(90), seconds(300)));
    let local = Clocks::of(&vendor("local", "none"), &VendorTimeouts::default());
    assert_eq!((local.connect, local.first_event, local.idle), (seconds(10), seconds(600), seconds(600)));

    let mut own = vendor("cloud", "none");
    own.timeouts = VendorTimeouts { first_event_s: Some(300), idle_s: Some(200), ..VendorTimeouts::default() };
    let endpoint = VendorTimeouts { idle_s: Some(7), ..VendorTimeouts::default() };
    let both = Clocks::of(&own, &endpoint);
    assert_eq!((both.first_event, both.idle, both.progress), (seconds(300), seconds(7), seconds(300)));
}

#[tokio::test(start_paused = true)]
async fn silence_after_the_head_ends_with_the_first_event_clock() {
    assert_eq!(times_out(timed([]), "cloud").await, (0, "first_event_timeout", 120));
    assert_eq!(times_out(timed([]), "local").await, (0, "first_event_timeout", 600));
}

#[tokio::test(start_paused = true)]
async fn comments_are_no_event() {
    let comments = (0..).map(|_| (15, ":keepalive\n"));
    assert_eq!(times_out(timed(comments), "cloud").await, (0, "first_event_timeout", 120));

    let later = [(10, "role\n")].into_iter().chain((0..).map(|_| (15, ":keepalive\n")));
    assert_eq!(times_out(timed(later), "cloud").await, (1, "idle_timeout", 100));
}

#[tokio::test(start_paused = true)]
async fn silence_in_the_middle_ends_with_the_idle_clock() {
    assert_eq!(times_out(timed([(1, "role\n"), (5, "t a\n")]), "cloud").await, (2, "idle_timeout", 96));
    assert_eq!(times_out(timed([(1, "role\n"), (5, "t a\n")]), "local").await, (2, "idle_timeout", 606));
}

#[tokio::test(start_paused = true)]
async fn events_without_content_end_with_the_progress_clock() {
    let (_, cause, took) = times_out(timed((0..).map(|_| (10, "role\n"))), "cloud").await;
    assert_eq!((cause, took), ("progress_timeout", 310), "counted from the first event");
}

#[tokio::test(start_paused = true)]
async fn a_byte_in_ten_seconds_is_judged_by_its_lines() {
    let slow = "t ab\n".bytes().cycle().map(|b| {
        let text = match b {
            b't' => "t",
            b' ' => " ",
            b'a' => "a",
            b'b' => "b",
            _ => "\n",
        };
        (10, text)
    });
    let enough = slow.clone().take(500).chain([(10, "done\n")]);
    let (events, error, took) = outcome(timed(enough), "cloud").await;
    assert_eq!((events, error, took), (101, None, 5010), "a line in 50 s is alive, and there is no total limit");

    let endless_line = (0..).map(|_| (10, "x"));
    assert_eq!(times_out(timed(endless_line), "cloud").await, (0, "first_event_timeout", 120));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_comments_without_a_pause_does_not_stop_the_clock() {
    let flood = stream::repeat_with(|| Ok(Bytes::from_static(b":x\n"))).boxed();
    let waker = async {
        for _ in 0..121 {
            tokio::time::advance(seconds(1)).await;
        }
    };
    let mut events = reading(flood, "cloud", &CancellationToken::new());
    let (item, ()) = tokio::join!(events.next(), waker);
    assert_eq!(item.unwrap().unwrap_err().cause, Some("first_event_timeout"));
}

#[tokio::test(start_paused = true)]
async fn reading_stops_at_the_terminal_event() {
    let body = timed([(1, "t a\ndone\nt late\n"), (1, "t later\n")]);
    let (events, error, took) = outcome(body, "cloud").await;
    assert_eq!((events, error, took), (2, None, 1));
}

#[tokio::test(start_paused = true)]
async fn events_before_an_error_are_not_lost() {
    let (events, error, _) = outcome(timed([(1, "t a\nt b\nerror\n")]), "cloud").await;
    assert_eq!((events, error.unwrap().category), (2, Category::Overloaded));
}

#[tokio::test(start_paused = true)]
async fn markup_and_nothing_are_told_apart_from_an_answer() {
    for html in ["<!DOCTYPE html><p>", " \r\n\u{feff}<html>", "<?xml?>"] {
        let (events, error, _) = outcome(timed([(0, html)]), "cloud").await;
        let error = error.unwrap();
        assert_eq!((events, error.category, error.cause), (0, Category::BrokenStream, Some("got_html")));
        assert!(error.message.contains("host:1"));
    }
    for nothing in ["", "\n", " \r\n\r\n"] {
        let body = stream::iter([Ok(Bytes::from_static(nothing.as_bytes()))]).boxed();
        let (events, error, _) = outcome(body, "cloud").await;
        assert_eq!((events, error.unwrap().cause), (0, Some("empty")));
    }
    let (_, error, _) = outcome(stream::iter([Ok(Bytes::from_static(b"t a\n"))]).boxed(), "cloud").await;
    assert_eq!(error.unwrap().cause, Some("cut_off"));
}

/// Says when it is dropped.
struct Flagged(Arc<AtomicBool>);

impl Drop for Flagged {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn flagged(body: ByteStream) -> (ByteStream, Arc<AtomicBool>) {
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = Flagged(dropped.clone());
    let body = body.inspect(move |_| {
        let _held = &flag;
    });
    (body.boxed(), dropped)
}

#[tokio::test(start_paused = true)]
async fn cancelling_drops_the_body_while_nobody_polls() {
    let (body, dropped) = flagged(timed([(0, "t a\nt b\n")]));
    let cancel = CancellationToken::new();
    let mut events = reading(body, "cloud", &cancel);
    assert!(matches!(events.next().await, Some(Ok(ChatEvent::TextDelta { .. }))));
    let before = Instant::now();
    cancel.cancel();
    while !dropped.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    assert!(matches!(events.next().await, Some(Ok(ChatEvent::TextDelta { .. }))), "what was read is not lost");
    assert_eq!(events.next().await.unwrap().unwrap_err().category, Category::Cancelled);
    assert!(events.next().await.is_none());
    assert_eq!(Instant::now(), before, "no virtual time passes");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_drops_the_body() {
    let (body, dropped) = flagged(timed([(0, "t a\n")]));
    let mut events = reading(body, "cloud", &CancellationToken::new());
    events.next().await.unwrap().unwrap();
    assert!(!dropped.load(Ordering::SeqCst));
    drop(events);
    assert!(dropped.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn cancelling_wakes_a_reader_that_waits() {
    let cancel = CancellationToken::new();
    let mut events = reading(timed([]), "cloud", &cancel);
    let stop = async {
        tokio::time::sleep(seconds(5)).await;
        cancel.cancel();
    };
    let begun = Instant::now();
    let (item, ()) = tokio::join!(events.next(), stop);
    assert_eq!(item.unwrap().unwrap_err().category, Category::Cancelled);
    assert_eq!(begun.elapsed(), seconds(5));
}

proptest::proptest! {
    #[test]
    fn any_body_in_any_pieces_gives_one_end_and_never_a_panic(
        pieces in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
                proptest::sample::select(vec!["t a\n", "role\n", "don", "done\n", "error\n", ":c\n", "<", "\r\n"])
                    .prop_map(|s| s.as_bytes().to_vec()),
            ],
            0..12,
        ),
        breaks in proptest::prelude::any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let lost = ProviderError::because(Category::BrokenStream, "connection_lost", "lost");
            let end = breaks.then_some(Err(lost));
            let body = stream::iter(pieces.into_iter().map(|p| Ok(Bytes::from(p))).chain(end)).boxed();
            let events: Vec<_> = reading(body, "cloud", &CancellationToken::new()).collect().await;
            let ends = |item: &Result<ChatEvent, _>| matches!(item, Err(_) | Ok(ChatEvent::Finished { .. }));
            assert_eq!(events.iter().filter(|item| ends(item)).count(), 1);
            assert!(ends(events.last().unwrap()));
        });
    }
}
