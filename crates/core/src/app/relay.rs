//! Prompts that a person carries to a web chat, and the answers they bring back.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use parlance_providers::{CancellationToken, ChatRequest, transcript};

use super::{App, RunningReply, chats::LONGEST_PROMPT, parse_id, plan::Need};
use crate::{
    chat::{
        defaults::Defaults,
        merge,
        party::{Party, Purpose, Turn},
        prompt::{self, Ending, Outline, Recipient},
        recovery::{self, Hands},
        relay::{self, OpenRun, Pasted},
        run::{self, Departure, Source},
        views,
    },
    costs::budgets::Consent,
    error::Error,
    history::{
        StoreError, conversations, messages,
        rows::{BegunRun, LaneRow, MessageRow},
    },
    registry::tables,
    view::{ChatTarget, FailureView, RelayView},
};

/// What the store says of a prompt that waits.
struct Waiting {
    open: OpenRun,
    title: String,
    lane: LaneRow,
    branch: Vec<MessageRow>,
    strange: bool,
    provider: tables::ProviderRow,
}

impl App {
    /// The prompts that wait, the oldest first.
    ///
    /// # Errors
    /// What kept the store from being read.
    pub async fn relays(&self) -> Result<Vec<RelayView>, Error> {
        let mut views = Vec::new();
        for open in self.open_relays().await? {
            let awaited = self.pasted(open.message_id).is_some_and(|pasted| pasted.is_awaited());
            if awaited && let Some(view) = self.relay(open).await? {
                views.push(view);
            }
        }
        Ok(views)
    }

    /// Takes the answer to a prompt: it becomes the text of the message that waits.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `empty`, `too_long`, or `same` where it is the prompt itself; `not_found` where nothing
    /// waits any more.
    pub async fn answer_relay(&self, message_id: &str, text: &str) -> Result<(), Error> {
        let id = parse_id("messageId", message_id)?;
        let text = plain(text);
        if text.is_empty() {
            return Err(Error::invalid("text", "empty"));
        }
        if text.len() > LONGEST_PROMPT {
            return Err(Error::invalid("text", "too_long"));
        }
        let not_found = || Error::invalid("messageId", "not_found");
        let open = self.open_relays().await?.into_iter().find(|open| open.message_id == id).ok_or_else(not_found)?;
        let view = self.relay(open).await?.ok_or_else(not_found)?;
        if text == plain(&view.last) || text == plain(&view.whole) {
            return Err(Error::invalid("text", "same"));
        }
        let given = self.pasted(id).is_some_and(|pasted| pasted.give(text));
        if given { Ok(()) } else { Err(not_found()) }
    }

    /// The prompts that wait in the store: those whose turn it is.
    async fn open_relays(&self) -> Result<Vec<OpenRun>, Error> {
        let open = self.inner.database.read(relay::open_runs).await?;
        let waits = |open: &OpenRun| open.attempt.is_some() && self.is_carried(open);
        Ok(open.into_iter().filter(waits).collect())
    }

    fn is_carried(&self, open: &OpenRun) -> bool {
        self.inner.registry.vendor(&open.vendor).is_ok_and(|vendor| relay::carries(&vendor, &open.model))
    }

    /// Where the answer to a running reply goes.
    fn pasted(&self, message_id: i64) -> Option<Arc<Pasted>> {
        let running = self.inner.running();
        running.values().find(|reply| reply.message_id == message_id).map(|reply| Arc::clone(&reply.pasted))
    }

    async fn relay(&self, open: OpenRun) -> Result<Option<RelayView>, Error> {
        let waiting = match self.waiting(open).await {
            // It was answered or removed while it was looked for.
            Err(Error::Store(StoreError::NotFound)) => return Ok(None),
            waiting => waiting?,
        };
        let vendor = self.inner.registry.vendor(&waiting.open.vendor)?;
        let read = waiting.outline().read(&self.inner.attachments, &vendor, &waiting.open.model).await;
        // A text file that is gone keeps nobody from carrying the rest.
        let mut request = read.unwrap_or_else(|_| ChatRequest::new(waiting.open.model.as_str(), Vec::new()));
        Defaults::of(&waiting.provider.settings).fill(&mut request);
        let Waiting { open, title, branch, strange, .. } = waiting;
        Ok(Some(RelayView {
            message_id: open.message_id.to_string(),
            conversation_id: open.conversation_id.to_string(),
            conversation_title: title,
            provider_id: open.provider_id.to_string(),
            last: transcript::last(&request),
            whole: transcript::whole(&request),
            whole_first: strange,
            attachments: relay::files(&branch, strange),
            since: open.attempt.map_or(0, |(_, at)| at) as f64,
            model: open.model,
        }))
    }

    async fn waiting(&self, open: OpenRun) -> Result<Waiting, Error> {
        let read = move |connection: &rusqlite::Connection| {
            let branch = merge::branch(connection, open.message_id)?;
            Ok(Waiting {
                title: conversations::get(connection, open.conversation_id)?.title,
                lane: conversations::lane_of(connection, open.message_id)?,
                strange: relay::is_strange(connection, &branch, &open)?,
                provider: tables::get(connection, open.provider_id)?,
                branch,
                open,
            })
        };
        Ok(self.inner.database.read(read).await?)
    }

    /// Prompts that waited when the app was closed wait on.
    pub(super) async fn wait_on(&self, open: Vec<OpenRun>) {
        for open in open {
            let run_id = open.run_id;
            if let Err(error) = self.resume(open).await {
                tracing::warn!(code = error.code(), "a prompt that waited cannot wait on");
                if let Err(error) = self.give_up(run_id, error).await {
                    tracing::error!(code = error.code(), "a prompt that waited could not be closed");
                }
            }
        }
    }

    /// Ends a reply that cannot go on waiting as one that was cut off, with its entry.
    async fn give_up(&self, run_id: i64, error: Error) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        let why = match error {
            Error::Provider(error) => FailureView::from(&error),
            _ => recovery::killed(),
        };
        let interrupt = move |tx: &rusqlite::Transaction<'_>| {
            let vendor = |id: &str| inner.registry.vendor(id).ok();
            let hands =
                Hands { clock: &*inner.clock, attachments: &inner.attachments, vendor: &vendor, prices: &inner.prices };
            recovery::interrupt(tx, &hands, &why, |open| open == run_id)
        };
        let interrupted = self.inner.database.write(interrupt).await?;
        self.inner.interrupted.fetch_add(interrupted, Ordering::Relaxed);
        Ok(())
    }

    async fn resume(&self, open: OpenRun) -> Result<(), Error> {
        let inner = &self.inner;
        let waiting = self.waiting(open).await?;
        let Waiting { open, lane, branch, .. } = waiting;
        let now = inner.clock.now_ms();
        let asked = ChatTarget::Model { provider_id: open.provider_id.to_string(), model: open.model.clone() };
        let purpose =
            Purpose { asked, fallback: None, need: Need::default(), avoid: Vec::new(), consent: Consent::NotAsked };
        let mut party = match open.attempt {
            Some(_) => Party::asked(inner, purpose, now).await?,
            None => Party::new(inner, purpose, now).await?,
        };
        let first = match party.next(inner).await {
            Turn::Ask(first) => first,
            Turn::Stop(stop) => return Err(party.refusal(stop)),
            Turn::Wait(..) => return Err(Error::Running),
        };
        let limits = party.seat(first.target).map(|seat| seat.row.settings.limits).unwrap_or_default();
        let gates = inner.registry.gates();
        let gate = gates.with(open.provider_id, limits);
        let place = gates.place();
        let pass = open.attempt.map(|_| Arc::clone(&gate).resume());
        let id = open.message_id;
        let facts =
            move |connection: &rusqlite::Connection| views::message_facts(connection, messages::get(connection, id)?);
        let base = views::message(&inner.registry, inner.database.read(facts).await?);
        let (cancel, pasted) = (CancellationToken::new(), Arc::<Pasted>::default());
        let reply = RunningReply {
            conversation_id: open.conversation_id,
            lane_id: lane.id,
            message_id: open.message_id,
            cancel: cancel.clone(),
            pasted: Arc::clone(&pasted),
        };
        inner.running().insert(open.run_id, reply);
        let attempt_id = open.attempt.map(|(id, _)| id);
        inner.hub.begin(open.run_id, open.conversation_id, attempt_id, base);
        let departure = Departure {
            begun: BegunRun {
                run_id: open.run_id,
                attempt_id,
                conversation_id: open.conversation_id,
                message_id: open.message_id,
                new_messages: Vec::new(),
            },
            party,
            first,
            pass,
            place,
            source: Source { lane, branch, goes_on: open.continues, anew: false },
            cancel,
            pasted,
            started_at: open.attempt.map_or(now, |(_, at)| at),
            waited: open.attempt.map_or(Duration::ZERO, |(_, at)| since(at, now)),
        };
        inner.tasks.spawn(run::drive(Arc::clone(inner), departure));
        Ok(())
    }
}

impl Waiting {
    /// The request as it was made.
    fn outline(&self) -> Outline {
        let (provider_id, model) = (self.open.provider_id, self.provider.settings.sent(&self.open.model));
        let recipient = Recipient { dialect: "human-relay", provider_id, model };
        let ending = if self.open.continues { Ending::Asked } else { Ending::Prompt };
        prompt::request(&self.lane, &self.branch, &recipient, ending)
    }
}

/// From one wall clock time to another, UTC milliseconds; nothing where the clock was set back.
fn since(at: i64, now: i64) -> Duration {
    Duration::from_millis(u64::try_from(now.saturating_sub(at)).unwrap_or(0))
}

/// A text as it counts: with the line ends and without the margins that a clipboard adds.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}
