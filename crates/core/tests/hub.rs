//! The hub through the eyes of its readers: whatever a page does, it ends with the text that was written.

use std::{sync::Arc, time::Duration};

use parlance_core::{
    chat::hub::{Chunk, StreamHub},
    history::rows::PartMeta,
    view::{
        ConversationSummary, Frame, MessageRole, MessageStatus, MessageView, PartKind, RunDelta, Settled, Snapshot,
        SpendView,
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
    }
}

fn settled() -> Settled {
    Settled {
        status: MessageStatus::Complete,
        attempts: Vec::new(),
        summary: ConversationSummary {
            id: "1".into(),
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
    }
}

/// A page as the UI keeps it: text by part, and the sequence number it has.
#[derive(Default)]
struct Page {
    parts: Vec<String>,
    seq: u32,
    settled: u32,
}

impl Page {
    fn of(snapshot: &Snapshot) -> Self {
        let mut page = Self::default();
        for run in &snapshot.runs {
            page.seq = run.seq;
            page.parts = run.message.parts.iter().map(|part| part.text.clone()).collect();
        }
        page
    }

    fn apply(&mut self, delta: &RunDelta) {
        assert!(delta.seq > self.seq, "a frame repeats sequence {}", delta.seq);
        self.seq = delta.seq;
        for part in &delta.parts {
            let ordinal = part.ordinal as usize;
            if ordinal == self.parts.len() {
                self.parts.push(String::new());
            }
            self.parts[ordinal].push_str(&part.append);
        }
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
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Open),
        6 => (any::<prop::sample::Index>(), "[a-zé字🙂]{0,12}").prop_map(|(i, s)| Step::Append(i, s)),
        4 => Just(Step::Frame),
        1 => Just(Step::Reload),
        2 => any::<bool>().prop_map(|commits| Step::Journal { commits }),
    ]
}

fn fold(chunks: &[Chunk]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        assert_eq!(chunk.sequence, at as i64, "chunks are numbered without gaps");
        let part = chunk.part as usize;
        if part >= parts.len() {
            parts.resize(part + 1, String::new());
        }
        parts[part].push_str(&chunk.text);
    }
    parts
}

proptest! {
    #[test]
    fn a_page_ends_with_the_text_that_was_written(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async move {
            let hub: Arc<StreamHub> = Arc::default();
            let mut written: Vec<String> = Vec::new();
            let mut journal: Vec<Chunk> = Vec::new();
            hub.begin(7, 1, 3, base(9));
            let (snapshot, mut reader) = hub.attach("main");
            let mut id = snapshot.attachment.clone();
            let mut page = Page::of(&snapshot);
            for step in steps {
                match step {
                    Step::Open => {
                        hub.open_part(7, PartKind::Text, PartMeta::default()).unwrap();
                        written.push(String::new());
                    }
                    Step::Append(index, text) => {
                        if !written.is_empty() {
                            let at = index.index(written.len());
                            written[at].push_str(&text);
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
            hub.settle(7, settled());
            while page.settled == 0 {
                let frame = reader.next().await.unwrap();
                page.take(&frame);
                hub.acknowledge("main", &id, frame.frame);
            }
            assert_eq!(page.parts, written);
            assert_eq!(page.settled, 1);
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
