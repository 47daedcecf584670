//! The hub through the eyes of its readers: whatever a page does, it ends with the text that was written.

use std::{sync::Arc, time::Duration};

use parlance_core::{
    chat::hub::{Chunk, StreamHub},
    history::rows::PartMeta,
    view::{
        AttemptReason, AttemptView, ConversationSummary, Frame, LimitKind, Mark, MessageRole, MessageStatus,
        MessageView, PartKind, RunDelta, Settled, Snapshot, SpendView, Target, WaitingView,
    },
};
use proptest::prelude::*;

fn base(id: i64) -> MessageView {
    MessageView {
        id: id.to_string(),
        role: MessageRole::Assistant,
        status: MessageStatus::Streaming,
        created_at: 0.0,
        parts: Vec::new(),
        attempts: Vec::new(),
        versions: vec![id.to_string()],
        refused: None,
        merged: None,
        thumb: None,
    }
}

fn settled() -> Settled {
    Settled {
        budgets: Vec::new(),
        status: MessageStatus::Complete,
        attempts: Vec::new(),
        summary: ConversationSummary {
            id: "1".into(),
            kind: Default::default(),
            title: String::new(),
            updated_at: 0.0,
            touched: 1.0,
            mark: None,
            category: None,
            cost_nano: 0.0,
            running: false,
            pinned: false,
            shelf: parlance_core::view::Shelf::List,
        },
        spend: SpendView { total_nano: 0.0, estimated_nano: 0.0, unknown: 0, entries: 0 },
        replaced_by: None,
    }
}

fn attempt(id: i64) -> AttemptView {
    AttemptView {
        id: id.to_string(),
        provider_id: "1".into(),
        provider_name: String::new(),
        mark: Mark { letters: String::new(), hue: String::new(), hatched: false },
        category: String::new(),
        account: None,
        model: String::new(),
        model_served: None,
        started_at: 0.0,
        first_token_ms: None,
        duration_ms: None,
        outcome: MessageStatus::Streaming,
        finish_class: None,
        finish_reason: None,
        error: None,
        cost: None,
        route: None,
        reason: AttemptReason::First,
        skipped: Vec::new(),
        cached: false,
    }
}

fn behind(ahead: u32) -> WaitingView {
    let target = Target { provider_id: "1".into(), model: "m".into() };
    WaitingView { target, limit: Some(LimitKind::Concurrent), ahead, until: None, retry: None }
}

/// A page as the UI keeps it: text by part with who wrote it, the attempts, the place in the line, and the sequence
/// number it has.
#[derive(Default)]
struct Page {
    parts: Vec<(String, String)>,
    attempts: Vec<String>,
    waiting: Option<WaitingView>,
    seq: u32,
    settled: u32,
}

impl Page {
    fn of(snapshot: &Snapshot) -> Self {
        let mut page = Self::default();
        for run in &snapshot.runs {
            page.seq = run.seq;
            let parts = run.message.parts.iter();
            page.parts = parts.map(|part| (part.attempt_id.clone().unwrap_or_default(), part.text.clone())).collect();
            page.attempts = run.message.attempts.iter().map(|attempt| attempt.id.clone()).collect();
            page.waiting = run.waiting.clone();
        }
        page
    }

    fn apply(&mut self, delta: &RunDelta) {
        assert!(delta.seq > self.seq, "a frame repeats sequence {}", delta.seq);
        self.seq = delta.seq;
        for part in &delta.parts {
            let ordinal = part.ordinal as usize;
            if ordinal == self.parts.len() {
                self.parts.push((part.attempt_id.clone(), String::new()));
            }
            assert_eq!(self.parts[ordinal].0, part.attempt_id);
            self.parts[ordinal].1.push_str(&part.append);
        }
        if let Some(attempts) = &delta.attempts {
            let ids: Vec<_> = attempts.iter().map(|attempt| attempt.id.clone()).collect();
            assert_ne!(self.attempts, ids, "no page is told of an attempt twice");
            self.attempts = ids;
        }
        self.waiting.clone_from(&delta.waiting);
        self.settled += u32::from(delta.settled.is_some());
    }

    fn take(&mut self, frame: &Frame) {
        frame.runs.iter().for_each(|delta| self.apply(delta));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Open,
    Append(prop::sample::Index, String),
    Frame,
    Reload,
    Journal { commits: bool },
    Attempt,
    Wait(Option<u32>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Open),
        6 => (any::<prop::sample::Index>(), "[a-zé字🙂]{0,12}").prop_map(|(i, s)| Step::Append(i, s)),
        4 => Just(Step::Frame),
        1 => Just(Step::Reload),
        2 => any::<bool>().prop_map(|commits| Step::Journal { commits }),
        1 => Just(Step::Attempt),
        1 => prop::option::of(0_u32..3).prop_map(Step::Wait),
    ]
}

fn fold(chunks: &[Chunk]) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        assert_eq!(chunk.sequence, at as i64, "chunks are numbered without gaps");
        let part = chunk.part as usize;
        if part >= parts.len() {
            parts.resize(part + 1, (chunk.attempt_id.to_string(), String::new()));
        }
        assert_eq!(parts[part].0, chunk.attempt_id.to_string());
        parts[part].1.push_str(&chunk.text);
    }
    parts
}

proptest! {
    #[test]
    fn a_page_ends_with_the_text_that_was_written(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async move {
            let hub: Arc<StreamHub> = Arc::default();
            let mut written: Vec<(String, String)> = Vec::new();
            let mut journal: Vec<Chunk> = Vec::new();
            let (mut attempts, mut waits): (Vec<i64>, Option<WaitingView>) = (Vec::new(), None);
            hub.begin(7, 1, None, base(9));
            assert!(hub.open_part(7, PartKind::Text, PartMeta::default()).is_none(), "nobody writes yet");
            let (snapshot, mut reader) = hub.attach("main");
            let mut id = snapshot.attachment.clone();
            let mut page = Page::of(&snapshot);
            for step in steps {
                match step {
                    Step::Open => {
                        let opened = hub.open_part(7, PartKind::Text, PartMeta::default());
                        assert_eq!(opened.is_some(), !attempts.is_empty());
                        written.extend(attempts.last().map(|id| (id.to_string(), String::new())));
                    }
                    Step::Append(index, text) => {
                        if !written.is_empty() {
                            let at = index.index(written.len());
                            written[at].1.push_str(&text);
                            hub.append(7, at, &text);
                        }
                    }
                    Step::Frame => {
                        if let Ok(Some(frame)) = tokio::time::timeout(Duration::from_secs(2), reader.next()).await {
                            page.take(&frame);
                            hub.acknowledge("main", &id, frame.frame);
                        }
                    }
                    Step::Reload => {
                        let attached = hub.attach("main");
                        id = attached.0.attachment.clone();
                        page = Page::of(&attached.0);
                        reader = attached.1;
                    }
                    Step::Attempt => {
                        attempts.push(attempts.len() as i64 + 3);
                        let views = attempts.iter().copied().map(attempt).collect();
                        hub.attempt(7, attempts[attempts.len() - 1], views);
                    }
                    Step::Wait(ahead) => {
                        waits = ahead.map(behind);
                        hub.wait(7, waits.clone());
                    }
                    Step::Journal { commits } => {
                        let (chunks, mark) = hub.unjournaled();
                        if commits {
                            journal.extend(chunks);
                            hub.journaled(mark);
                        }
                    }
                }
            }
            let (chunks, mark) = hub.unjournaled();
            journal.extend(chunks);
            hub.journaled(mark);
            assert_eq!(fold(&journal), written);
            for id in &attempts {
                let own: Vec<_> = hub.parts(7, *id).into_iter().map(|(at, part)| (at, part.text)).collect();
                let written = (0..).zip(&written).filter(|(_, (by, _))| *by == id.to_string());
                assert_eq!(own, written.map(|(at, (_, text))| (at, text.clone())).collect::<Vec<_>>());
            }
            assert_eq!(Page::of(&hub.attach("other").0).waiting, waits);
            hub.settle(7, settled());
            while page.settled == 0 {
                let frame = reader.next().await.unwrap();
                page.take(&frame);
                hub.acknowledge("main", &id, frame.frame);
            }
            assert_eq!(page.parts, written);
            assert_eq!(page.attempts, attempts.iter().map(i64::to_string).collect::<Vec<_>>());
            assert_eq!((page.settled, page.waiting), (1, None));
            assert!(tokio::time::timeout(Duration::from_secs(5), reader.next()).await.is_err(), "nothing follows");
        });
    }
}

#[tokio::test(start_paused = true)]
async fn no_second_frame_leaves_before_the_first_is_acknowledged() {
    let hub: Arc<StreamHub> = Arc::default();
    hub.begin(1, 1, 1, base(1));
    let (snapshot, mut reader) = hub.attach("main");
    let part = hub.open_part(1, PartKind::Text, PartMeta::default()).unwrap();
    hub.append(1, part, "a");
    let first = reader.next().await.unwrap();
    for _ in 0..10_000 {
        hub.append(1, part, "b");
    }
    let waited = tokio::time::timeout(Duration::from_secs(60), reader.next()).await;
    assert!(waited.is_err(), "a page that does not acknowledge gets nothing more");
    hub.acknowledge("main", &snapshot.attachment, first.frame + 1);
    hub.acknowledge("other", &snapshot.attachment, first.frame);
    assert!(tokio::time::timeout(Duration::from_secs(1), reader.next()).await.is_err(), "only the right word counts");
    hub.acknowledge("main", &snapshot.attachment, first.frame);
    let second = reader.next().await.unwrap();
    assert_eq!(second.runs.len(), 1);
    assert_eq!(second.runs[0].parts.len(), 1, "what was missed is one delta");
    assert_eq!(second.runs[0].parts[0].append.len(), 10_000);
}

#[tokio::test(start_paused = true)]
async fn a_hidden_window_gets_a_frame_a_second_and_a_shown_one_at_once() {
    let hub: Arc<StreamHub> = Arc::default();
    hub.begin(1, 1, 1, base(1));
    let (snapshot, mut reader) = hub.attach("main");
    let part = hub.open_part(1, PartKind::Text, PartMeta::default()).unwrap();
    let frame = reader.next().await.unwrap();
    hub.acknowledge("main", &snapshot.attachment, frame.frame);
    hub.set_visible("main", &snapshot.attachment, false);
    hub.append(1, part, "x");
    assert!(tokio::time::timeout(Duration::from_millis(900), reader.next()).await.is_err());
    hub.set_visible("main", &snapshot.attachment, true);
    let shown = tokio::time::timeout(Duration::from_millis(20), reader.next()).await.unwrap().unwrap();
    assert_eq!(shown.runs[0].parts[0].append, "x");
}

#[tokio::test(start_paused = true)]
async fn a_new_page_of_a_window_ends_the_old_one() {
    let hub: Arc<StreamHub> = Arc::default();
    hub.begin(1, 1, 1, base(1));
    let (_old, mut old_reader) = hub.attach("main");
    let waiting = tokio::spawn(async move { old_reader.next().await });
    tokio::task::yield_now().await;
    let (new, _reader) = hub.attach("main");
    assert_eq!(waiting.await.unwrap(), None);
    assert_eq!(new.runs.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_settled_run_is_kept_until_every_page_knows_and_no_longer() {
    let hub: Arc<StreamHub> = Arc::default();
    hub.begin(1, 1, 1, base(1));
    hub.settle(1, settled());
    assert!(hub.attach("main").0.runs.is_empty(), "without a page it is gone at once");
    let (snapshot, mut reader) = hub.attach("main");
    hub.begin(2, 1, 2, base(2));
    hub.settle(2, settled());
    let frame = reader.next().await.unwrap();
    assert!(frame.runs[0].settled.is_some());
    hub.acknowledge("main", &snapshot.attachment, frame.frame);
    assert_eq!(hub.parts(2, 2).len(), 0);
    assert!(tokio::time::timeout(Duration::from_secs(5), reader.next()).await.is_err());
}
