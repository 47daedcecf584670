//! Everything that runs, once in memory, read by many: windows through frames, the journal through chunks.
//!
//! No reader owns a queue. Each keeps a cursor into the text of the running replies, so a page that stops
//! reading costs nothing but the replies themselves, and what it missed is one frame when it comes back.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rand::RngExt;
use tokio::{sync::Notify, time::Instant};

use crate::history::rows::PartMeta;
use crate::view::{
    AttemptView, Frame, MessageView, PartDelta, PartKind, PartView, RunDelta, RunSnapshot, Settled, Snapshot,
    WaitingView,
};

/// The least time between two frames of a visible window: one a display frame is the most a person can see.
const VISIBLE_PERIOD: Duration = Duration::from_millis(16);
/// The same for a hidden window.
const HIDDEN_PERIOD: Duration = Duration::from_secs(1);
/// Unwritten text that makes the journal due before its time, in bytes.
const JOURNAL_BYTES: usize = 4 * 1024;

/// Text of a running reply for the journal: a row of `stream_chunk`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Who wrote it.
    pub attempt_id: i64,
    /// Order within the attempt.
    pub sequence: i64,
    /// The part's ordinal in its message.
    pub part: u32,
    /// What the part is.
    pub kind: PartKind,
    /// What the part carries beside its text, with its first chunk.
    pub meta: PartMeta,
    /// Text to append.
    pub text: String,
}

/// A piece of a running reply.
#[derive(Clone, Debug)]
pub struct LivePart {
    /// Who writes it.
    pub attempt_id: i64,
    /// What it is.
    pub kind: PartKind,
    /// What it carries beside its text.
    pub meta: PartMeta,
    /// Its text so far.
    pub text: String,
    /// Data to keep byte for byte.
    pub opaque: Vec<parlance_providers::OpaqueData>,
}

struct Live {
    conversation_id: i64,
    /// Who writes now; `None` while nobody is asked.
    attempt_id: Option<i64>,
    seq: u32,
    /// The message as it stood when the run began; its parts come before ours.
    base: MessageView,
    first_ordinal: u32,
    parts: Vec<LivePart>,
    journal: Cursor,
    journal_sequence: i64,
    waiting: Option<WaitingView>,
    /// When the attempts of `base` changed last; those of its beginning every page has.
    attempts_seq: u32,
    settled: Option<Settled>,
}

/// How far a reader has read, part by part.
#[derive(Clone, Default)]
struct Cursor {
    seq: u32,
    read: Vec<usize>,
}

struct Attachment {
    owner: String,
    cursors: HashMap<i64, Cursor>,
    frame: u32,
    outstanding: bool,
    visible: bool,
    wake: Arc<Notify>,
    shown: Arc<Notify>,
}

#[derive(Default)]
struct State {
    runs: BTreeMap<i64, Live>,
    attachments: HashMap<String, Attachment>,
    unwritten: usize,
}

/// The running replies of one store.
#[derive(Default)]
pub struct StreamHub {
    state: Mutex<State>,
    journal_due: Notify,
    journal_dirty: Notify,
}

/// A page's reading end. Dropping it detaches.
pub struct FrameReader {
    hub: Arc<StreamHub>,
    id: String,
    wake: Arc<Notify>,
    shown: Arc<Notify>,
    last: Option<Instant>,
}

impl StreamHub {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held cannot leave text half appended, so the state stays good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run begins, with an attempt or in the line for one. `base` is the message as committed; what it already holds
    /// comes before what follows.
    pub fn begin(&self, run_id: i64, conversation_id: i64, attempt_id: impl Into<Option<i64>>, base: MessageView) {
        let mut state = self.state();
        let first_ordinal = base.parts.iter().map(|part| part.ordinal + 1).max().unwrap_or(0);
        let live = Live {
            conversation_id,
            attempt_id: attempt_id.into(),
            seq: 1,
            base,
            first_ordinal,
            parts: Vec::new(),
            journal: Cursor::default(),
            journal_sequence: 0,
            waiting: None,
            attempts_seq: 0,
            settled: None,
        };
        state.runs.insert(run_id, live);
    }

    /// Another attempt writes from here on; these are now all of the message.
    pub fn attempt(&self, run_id: i64, attempt_id: i64, attempts: Vec<AttemptView>) {
        self.change(run_id, |live| {
            live.attempt_id = Some(attempt_id);
            live.base.attempts = attempts;
            live.attempts_seq = live.seq + 1;
        });
    }

    /// A run waits for its turn, or no longer.
    pub fn wait(&self, run_id: i64, waiting: Option<WaitingView>) {
        self.change(run_id, |live| live.waiting = waiting);
    }

    fn change(&self, run_id: i64, change: impl FnOnce(&mut Live)) {
        let mut state = self.state();
        let Some(live) = state.runs.get_mut(&run_id) else { return };
        change(live);
        live.seq += 1;
        self.announce(&mut state, 0);
    }

    /// Begins a part of the attempt that writes now, and returns its index for [`append`](Self::append).
    pub fn open_part(&self, run_id: i64, kind: PartKind, meta: PartMeta) -> Option<usize> {
        let mut state = self.state();
        let live = state.runs.get_mut(&run_id)?;
        let attempt_id = live.attempt_id?;
        live.parts.push(LivePart { attempt_id, kind, meta, text: String::new(), opaque: Vec::new() });
        live.seq += 1;
        let index = live.parts.len() - 1;
        self.announce(&mut state, 0);
        Some(index)
    }

    /// Appends to a part.
    pub fn append(&self, run_id: i64, part: usize, text: &str) {
        let mut state = self.state();
        let Some(live) = state.runs.get_mut(&run_id) else { return };
        let Some(target) = live.parts.get_mut(part) else { return };
        target.text.push_str(text);
        live.seq += 1;
        self.announce(&mut state, text.len());
    }

    /// Keeps opaque data with a part.
    pub fn keep_opaque(&self, run_id: i64, part: usize, data: parlance_providers::OpaqueData) {
        let mut state = self.state();
        if let Some(target) = state.runs.get_mut(&run_id).and_then(|live| live.parts.get_mut(part)) {
            target.opaque.push(data);
        }
    }

    fn announce(&self, state: &mut State, bytes: usize) {
        for attachment in state.attachments.values() {
            attachment.wake.notify_one();
        }
        state.unwritten += bytes;
        self.journal_dirty.notify_one();
        if state.unwritten >= JOURNAL_BYTES {
            self.journal_due.notify_one();
        }
    }

    /// The parts that an attempt of a run wrote, with their ordinals.
    pub fn parts(&self, run_id: i64, attempt_id: i64) -> Vec<(u32, LivePart)> {
        let state = self.state();
        let Some(live) = state.runs.get(&run_id) else { return Vec::new() };
        let numbered = (live.first_ordinal..).zip(&live.parts);
        numbered.filter(|(_, part)| part.attempt_id == attempt_id).map(|(at, part)| (at, part.clone())).collect()
    }

    /// The run ended and everything is on disk: windows are told with their next frame.
    pub fn settle(&self, run_id: i64, settled: Settled) {
        let mut state = self.state();
        if let Some(live) = state.runs.get_mut(&run_id) {
            live.settled = Some(settled);
            live.waiting = None;
            live.seq += 1;
        }
        self.announce(&mut state, 0);
        state.forget_settled();
    }

    /// The run ended and its figures cannot be read: pages learn it when they open the chat again.
    pub fn abandon(&self, run_id: i64) {
        self.state().runs.remove(&run_id);
    }

    /// Attaches a page: all that runs now, and a reader for what follows. `owner` is the window's label; only
    /// it may acknowledge, and a window's new page replaces its old one.
    pub fn attach(self: &Arc<Self>, owner: &str) -> (Snapshot, FrameReader) {
        let mut state = self.state();
        state.attachments.retain(|_, attachment| {
            let stays = attachment.owner != owner;
            if !stays {
                attachment.wake.notify_one();
            }
            stays
        });
        let id = format!("{:032x}", rand::rng().random::<u128>());
        let (wake, shown) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let mut cursors = HashMap::new();
        let mut runs = Vec::new();
        for (run_id, live) in state.runs.iter().filter(|(_, live)| live.settled.is_none()) {
            cursors.insert(*run_id, live.end());
            runs.push(live.snapshot(*run_id));
        }
        state.attachments.insert(
            id.clone(),
            Attachment {
                owner: owner.to_owned(),
                cursors,
                frame: 0,
                outstanding: false,
                visible: true,
                wake: Arc::clone(&wake),
                shown: Arc::clone(&shown),
            },
        );
        state.forget_settled();
        let reader = FrameReader { hub: Arc::clone(self), id: id.clone(), wake, shown, last: None };
        (Snapshot { attachment: id, runs }, reader)
    }

    /// The page has applied a frame and may get the next one.
    pub fn acknowledge(&self, owner: &str, attachment: &str, frame: u32) {
        let mut state = self.state();
        if let Some(attachment) = state.attachments.get_mut(attachment).filter(|a| a.owner == owner)
            && attachment.frame == frame
        {
            attachment.outstanding = false;
            attachment.wake.notify_one();
        }
    }

    /// A hidden page gets a frame a second.
    pub fn set_visible(&self, owner: &str, attachment: &str, visible: bool) {
        let mut state = self.state();
        if let Some(attachment) = state.attachments.get_mut(attachment).filter(|a| a.owner == owner) {
            attachment.visible = visible;
            if visible {
                attachment.shown.notify_one();
            }
        }
    }

    /// Waits until there is something for the journal, and then until it is due.
    pub async fn journal_due(&self, period: Duration) {
        self.journal_dirty.notified().await;
        tokio::select! {
            () = self.journal_due.notified() => {}
            () = tokio::time::sleep(period) => {}
        }
    }

    /// What the journal has not got yet, with what to pass to [`journaled`](Self::journaled) once it is on disk.
    pub fn unjournaled(&self) -> (Vec<Chunk>, JournalMark) {
        let mut state = self.state();
        state.unwritten = 0;
        let mut chunks = Vec::new();
        let mut mark = JournalMark(Vec::new());
        for (run_id, live) in state.runs.iter().filter(|(_, live)| live.settled.is_none()) {
            let before = chunks.len();
            live.collect_chunks(&mut chunks);
            if chunks.len() > before {
                let sequence = live.journal_sequence + (chunks.len() - before) as i64;
                mark.0.push((*run_id, live.end(), sequence));
            }
        }
        (chunks, mark)
    }

    /// The chunks of this mark are committed.
    pub fn journaled(&self, mark: JournalMark) {
        let mut state = self.state();
        for (run_id, cursor, sequence) in mark.0 {
            if let Some(live) = state.runs.get_mut(&run_id) {
                live.journal = cursor;
                live.journal_sequence = sequence;
            }
        }
    }

    /// The chunks could not be written: they stay due, and the journal is woken again later.
    pub fn journal_again(&self) {
        self.journal_dirty.notify_one();
    }
}

/// Where the journal stands once a batch of chunks is committed.
pub struct JournalMark(Vec<(i64, Cursor, i64)>);

impl State {
    /// Drops settled runs that every attached page has been told of.
    fn forget_settled(&mut self) {
        let State { runs, attachments, .. } = self;
        runs.retain(|run_id, live| {
            live.settled.is_none()
                || attachments.values().any(|a| a.cursors.get(run_id).is_none_or(|c| c.seq < live.seq))
        });
        for attachment in attachments.values_mut() {
            attachment.cursors.retain(|run_id, _| runs.contains_key(run_id));
        }
    }

    fn next_frame(&mut self, id: &str) -> Option<Frame> {
        let State { runs, attachments, .. } = self;
        let attachment = attachments.get_mut(id)?;
        let mut deltas = Vec::new();
        for (run_id, live) in runs.iter() {
            let cursor = attachment.cursors.entry(*run_id).or_default();
            if cursor.seq < live.seq {
                deltas.push(live.delta(*run_id, cursor));
                *cursor = live.end();
            }
        }
        if deltas.is_empty() {
            return None;
        }
        attachment.frame += 1;
        attachment.outstanding = true;
        let frame = Frame { frame: attachment.frame, runs: deltas };
        self.forget_settled();
        Some(frame)
    }
}

impl Live {
    fn end(&self) -> Cursor {
        Cursor { seq: self.seq, read: self.parts.iter().map(|part| part.text.len()).collect() }
    }

    fn snapshot(&self, run_id: i64) -> RunSnapshot {
        let mut message = self.base.clone();
        message.parts.extend(self.parts.iter().zip(self.first_ordinal..).map(|(part, ordinal)| PartView {
            ordinal,
            kind: part.kind,
            attempt_id: Some(part.attempt_id.to_string()),
            text: part.text.clone(),
            name: part.meta.name.clone(),
            title: part.meta.title.clone(),
            is_error: part.meta.is_error,
            attachment: None,
        }));
        RunSnapshot {
            run_id: run_id.to_string(),
            conversation_id: self.conversation_id.to_string(),
            seq: self.seq,
            message,
            waiting: self.waiting.clone(),
        }
    }

    /// Each part that has grown since `cursor`: its index, what was read of it (`None`: it is new), the rest.
    fn grown<'a>(&'a self, cursor: &'a Cursor) -> impl Iterator<Item = (usize, bool, &'a LivePart, &'a str)> {
        self.parts.iter().enumerate().filter_map(|(index, part)| {
            let read = cursor.read.get(index).copied();
            let rest = part.text.get(read.unwrap_or(0)..)?;
            (read.is_none() || !rest.is_empty()).then_some((index, read.is_none(), part, rest))
        })
    }

    fn delta(&self, run_id: i64, cursor: &Cursor) -> RunDelta {
        let parts = self
            .grown(cursor)
            .map(|(index, new, part, rest)| PartDelta {
                ordinal: self.first_ordinal + index as u32,
                kind: part.kind,
                attempt_id: part.attempt_id.to_string(),
                name: part.meta.name.clone().filter(|_| new),
                title: part.meta.title.clone().filter(|_| new),
                append: rest.to_owned(),
            })
            .collect();
        RunDelta {
            run_id: run_id.to_string(),
            conversation_id: self.conversation_id.to_string(),
            message_id: self.base.id.clone(),
            seq: self.seq,
            parts,
            waiting: self.waiting.clone(),
            attempts: (cursor.seq < self.attempts_seq).then(|| self.base.attempts.clone()),
            settled: self.settled.clone(),
        }
    }

    fn collect_chunks(&self, chunks: &mut Vec<Chunk>) {
        let before = chunks.len();
        for (index, new, part, rest) in self.grown(&self.journal) {
            let sequence = self.journal_sequence + (chunks.len() - before) as i64;
            chunks.push(Chunk {
                attempt_id: part.attempt_id,
                sequence,
                part: self.first_ordinal + index as u32,
                kind: part.kind,
                meta: if new { part.meta.clone() } else { PartMeta::default() },
                text: rest.to_owned(),
            });
        }
    }
}

impl FrameReader {
    /// The next frame: waits for news, for the acknowledgement of the last frame, and for the window's period.
    /// `None` once another page of the same window has attached.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            let (ready, period) = self.readiness()?;
            if !ready {
                self.wake.notified().await;
                continue;
            }
            if let Some(rest) = self.last.and_then(|last| (last + period).checked_duration_since(Instant::now()))
                && !rest.is_zero()
            {
                // A window that comes to the front must not sit out a hidden window's second.
                tokio::select! {
                    () = tokio::time::sleep(rest) => {}
                    () = self.shown.notified() => {}
                }
            }
            if let Some(frame) = self.hub.state().next_frame(&self.id) {
                self.last = Some(Instant::now());
                return Some(frame);
            }
            self.wake.notified().await;
        }
    }

    fn readiness(&self) -> Option<(bool, Duration)> {
        let state = self.hub.state();
        let attachment = state.attachments.get(&self.id)?;
        Some((!attachment.outstanding, if attachment.visible { VISIBLE_PERIOD } else { HIDDEN_PERIOD }))
    }
}

impl Drop for FrameReader {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        state.attachments.remove(&self.id);
        state.forget_settled();
    }
}
