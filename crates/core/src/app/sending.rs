//! Sending, answering again, going on and stopping.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use parlance_providers::CancellationToken;
use rusqlite::Transaction;

use super::{
    App, RunningReply,
    chats::{LONGEST_PROMPT, title_of},
    parse_id,
};
use crate::{
    capabilities,
    chat::{
        crew::Crew,
        defaults::Defaults,
        prompt::{self, Recipient},
        relay::{self, Pasted},
        run::{self, Departure},
        setup::{self, StoredSetup},
        views,
    },
    error::Error,
    history::{
        StoreError,
        conversations::{self, ConversationRow},
        drafts, messages,
        rows::{AttachmentRow, BegunRun, LaneRow, MessageRow, PartRow, TargetRow},
        runs, tree,
    },
    registry::{
        Resolved,
        limits::{Gate, Pass, Place},
    },
    settings,
    view::{ChatTarget, MessageRole, MessageStatus, PartKind, RunReceipt, SendInput},
};

/// How a run came about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trigger {
    Send,
    Retry,
    Continue,
}

/// What a run's transaction brings back: all that the request and the receipt need.
struct Begun {
    run: BegunRun,
    lane: LaneRow,
    branch: Vec<MessageRow>,
    summary: ConversationRow,
    facts: Vec<views::MessageFacts>,
}

/// A prompt that may be committed.
struct Prompt {
    conversation: Option<i64>,
    replaces: Option<MessageRow>,
    text: String,
    files: Vec<AttachmentRow>,
    setup: Option<StoredSetup>,
    asked: ChatTarget,
}

/// Whom a run may ask, whom it asks first, and its way there.
struct Leaving {
    crew: Crew,
    first: Resolved,
    /// Absent where it waits for its turn.
    pass: Option<Pass>,
    gate: Arc<Gate>,
    place: Place,
}

/// Whom a run asks first, and whether at once.
struct Ask {
    target: TargetRow,
    at_once: bool,
}

impl App {
    /// Sends a message: commits the prompt and an empty reply, then asks the provider.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, [`Error::Running`], or why the provider cannot be asked at all. After an
    /// error nothing was sent and nothing stored.
    pub async fn send(&self, input: SendInput) -> Result<RunReceipt, Error> {
        if input.text.trim().is_empty() && input.attachments.is_empty() {
            return Err(Error::invalid("text", "empty"));
        }
        if input.text.len() > LONGEST_PROMPT {
            return Err(Error::invalid("text", "too_long"));
        }
        let setup = input.setup.map(setup::check).transpose()?;
        let conversation = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let _held = conversation.map(|id| self.inner.reserve(id)).transpose()?;
        let replaces = match &input.replaces {
            Some(id) => Some(self.replaced(id, conversation).await?),
            None => None,
        };
        let files = self.files(input.attachments).await?;
        let leaving = self.leaving(&input.target).await?;
        self.check_files(&leaving.first, &files)?;
        let prompt = Prompt { conversation, replaces, text: input.text, files, setup, asked: input.target };
        let now = self.inner.clock.now_ms();
        self.depart(move |tx, ask| prompt.commit(tx, ask, now), leaving, Trigger::Send, now).await
    }

    /// What the model is known not to take is said before anything is stored.
    fn check_files(&self, resolved: &Resolved, files: &[AttachmentRow]) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        capabilities::accepts(&resolved.vendor, &resolved.model, Some(&resolved.said), files)
    }

    /// The user message that a new one is a version of.
    async fn replaced(&self, id: &str, conversation: Option<i64>) -> Result<MessageRow, Error> {
        let (message, lane) = self.prompt_and_lane("replaces", id).await?;
        let here = conversation == Some(lane.conversation_id);
        if here { Ok(message) } else { Err(Error::invalid("replaces", "not_of_this_chat")) }
    }

    /// Answers again, as a new version of the message, with the same or another model.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Error::Invalid`] where the message is no reply, or what it answers was deleted.
    pub async fn retry(&self, message_id: &str, target: Option<ChatTarget>) -> Result<RunReceipt, Error> {
        let (message, lane) = self.reply_and_lane(message_id).await?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        let parent = message.parent_id;
        let asks = move |connection: &rusqlite::Connection| {
            parent.map_or(Ok(false), |parent| tree::is_shown(connection, parent))
        };
        if !self.inner.database.read(asks).await? {
            return Err(Error::invalid("messageId", "prompt_deleted"));
        }
        let leaving = self.leaving(&target_for(&lane, target.clone())?).await?;
        let now = self.inner.clock.now_ms();
        let begin = move |tx: &Transaction<'_>, ask: &Ask| {
            let reply = insert_reply(tx, lane.id, message.turn_id, parent, now)?;
            if let Some(target) = &target {
                settings::remember_target(tx, target, now)?;
            }
            begin_run(tx, &lane, reply, vec![reply], Trigger::Retry, ask, now)
        };
        self.depart(begin, leaving, Trigger::Retry, now).await
    }

    /// Goes on with a reply that was cut off; its text stays and grows.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Error::Invalid`] where the message is no reply, is whole, or is not the last.
    pub async fn continue_message(&self, message_id: &str) -> Result<RunReceipt, Error> {
        let (message, lane) = self.reply_and_lane(message_id).await?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        if matches!(message.status, MessageStatus::Complete | MessageStatus::Streaming) {
            return Err(Error::invalid("messageId", "not_cut_off"));
        }
        if lane.active_leaf != Some(message.id) {
            return Err(Error::invalid("messageId", "not_last"));
        }
        let leaving = self.leaving(&target_for(&lane, None)?).await?;
        let now = self.inner.clock.now_ms();
        let begin = move |tx: &Transaction<'_>, ask: &Ask| {
            messages::set_status(tx, message.id, MessageStatus::Streaming, now)?;
            begin_run(tx, &lane, message.id, vec![message.id], Trigger::Continue, ask, now)
        };
        self.depart(begin, leaving, Trigger::Continue, now).await
    }

    /// Stops a reply. What came stays. A run that has ended meanwhile is no error.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the id cannot be one.
    pub fn stop(&self, run_id: &str) -> Result<(), Error> {
        let run_id = parse_id("runId", run_id)?;
        if let Some(reply) = self.inner.running().get(&run_id) {
            reply.cancel.cancel();
        }
        Ok(())
    }

    async fn reply_and_lane(&self, message_id: &str) -> Result<(MessageRow, LaneRow), Error> {
        let (message, lane) = self.message_and_lane("messageId", message_id).await?;
        if message.role == MessageRole::Assistant {
            Ok((message, lane))
        } else {
            Err(Error::invalid("messageId", "not_a_reply"))
        }
    }

    /// Whom a run may ask, and whether it has to wait: why nobody can be asked is known before anything is stored.
    async fn leaving(&self, target: &ChatTarget) -> Result<Leaving, Error> {
        let inner = &self.inner;
        let target = target.as_model().ok_or(Error::invalid("target", "route"))?;
        let mut crew = self.crew(&target).await?;
        let first = self.first_of(&mut crew).await?;
        let (gates, provider) = (inner.registry.gates(), crew.provider());
        let gate = gates.with(provider.id, provider.settings.limits);
        let place = gates.place();
        // A person sees at once whether it is their turn.
        let pass = match relay::carries(&first.vendor, &first.model) {
            true => Arc::clone(&gate).enter(place, 0, |_| {}).now_or_never(),
            false => Arc::clone(&gate).open(),
        };
        Ok(Leaving { crew, first, pass, gate, place })
    }

    async fn depart<F>(&self, begin: F, leaving: Leaving, trigger: Trigger, now: i64) -> Result<RunReceipt, Error>
    where
        F: FnOnce(&Transaction<'_>, &Ask) -> Result<Begun, StoreError> + Send + 'static,
    {
        let inner = &self.inner;
        let Leaving { crew, first: resolved, pass, gate, place } = leaving;
        let ask = Ask { target: resolved.target.clone(), at_once: pass.is_some() };
        let begun = inner.database.write(move |tx| begin(tx, &ask)).await?;
        let request = prompt::request(
            &begun.lane,
            &begun.branch,
            &Recipient {
                dialect: resolved.dialect(),
                provider_id: resolved.target.provider_id,
                model: &resolved.model,
            },
            trigger == Trigger::Continue,
        )
        .with_said(resolved.said.clone());
        let run = begun.run;
        let messages: Vec<_> = begun.facts.into_iter().map(|facts| views::message(&inner.registry, facts)).collect();
        let (cancel, pasted) = (CancellationToken::new(), Arc::<Pasted>::default());
        let reply = RunningReply {
            conversation_id: run.conversation_id,
            message_id: run.message_id,
            cancel: cancel.clone(),
            pasted: Arc::clone(&pasted),
        };
        inner.running().insert(run.run_id, reply);
        if let Some(base) = messages.last() {
            inner.hub.begin(run.run_id, run.conversation_id, run.attempt_id, base.clone());
        }
        let receipt = RunReceipt { run_id: run.run_id.to_string(), summary: self.summary(begun.summary), messages };
        let defaults = Defaults::of(&crew.provider().settings);
        let departure = Departure {
            begun: run,
            crew,
            first: resolved,
            pass,
            gate,
            place,
            request,
            defaults,
            cancel,
            pasted,
            started_at: now,
            waited: Duration::ZERO,
        };
        inner.tasks.spawn(run::drive(Arc::clone(inner), departure));
        Ok(receipt)
    }
}

impl Prompt {
    fn commit(self, tx: &Transaction<'_>, ask: &Ask, now: i64) -> Result<Begun, StoreError> {
        let mut lane = match self.conversation {
            Some(id) => conversations::first_lane(tx, id)?,
            None => conversations::create(tx, &self.title(), now)?,
        };
        if let Some(StoredSetup { parameters, system }) = &self.setup {
            conversations::set_up(tx, lane.id, parameters, system.as_deref())?;
            (lane.parameters, lane.system_prompt) = (parameters.clone(), system.clone());
        }
        let parent = match &self.replaces {
            Some(replaced) => replaced.parent_id,
            None => conversations::follows(tx, lane.id)?,
        };
        if self.replaces.is_some() && parent.is_none() {
            conversations::title(tx, lane.conversation_id, &self.title())?;
        }
        let (turn_id, user) = messages::insert_prompt(tx, &lane, parent, &self.pieces(), now)?;
        let reply = insert_reply(tx, lane.id, turn_id, Some(user), now)?;
        settings::remember_target(tx, &self.asked, now)?;
        drafts::sent(tx, self.conversation, now)?;
        begin_run(tx, &lane, reply, vec![user, reply], Trigger::Send, ask, now)
    }

    /// The text comes first, also where an empty one is left out.
    fn pieces(&self) -> Vec<PartRow> {
        let text = (!self.text.is_empty()).then(|| PartRow::of_turn(0, PartKind::Text, self.text.as_str()));
        let files = (1..).zip(&self.files).map(|(ordinal, file)| PartRow::of_file(ordinal, file.clone()));
        text.into_iter().chain(files).collect()
    }

    fn title(&self) -> String {
        let title = title_of(&self.text);
        if title.is_empty() { self.files.first().map(|file| title_of(&file.name)).unwrap_or_default() } else { title }
    }
}

fn insert_reply(
    tx: &Transaction<'_>,
    lane_id: i64,
    turn_id: i64,
    parent: Option<i64>,
    now: i64,
) -> Result<i64, StoreError> {
    messages::insert(tx, lane_id, turn_id, parent, MessageRole::Assistant, MessageStatus::Streaming, now)
}

fn begin_run(
    tx: &Transaction<'_>,
    lane: &LaneRow,
    reply: i64,
    new_messages: Vec<i64>,
    trigger: Trigger,
    ask: &Ask,
    now: i64,
) -> Result<Begun, StoreError> {
    let name = match trigger {
        Trigger::Send => "send",
        Trigger::Retry => "retry",
        Trigger::Continue => "continue",
    };
    let target = &ask.target;
    let run_id = runs::begin(tx, lane.conversation_id, reply, name, now)?;
    let attempt_id = if ask.at_once { Some(runs::begin_attempt(tx, run_id, target, now)?) } else { None };
    // What goes on is where the branch ends already, before deleted messages that keep their place.
    if trigger != Trigger::Continue {
        conversations::set_active_leaf(tx, lane.id, reply)?;
    }
    conversations::set_lane_target(tx, lane.id, target.provider_id, &target.model)?;
    conversations::touch(tx, lane.conversation_id, now)?;
    let facts = new_messages
        .iter()
        .map(|id| views::message_facts(tx, messages::get(tx, *id)?))
        .collect::<Result<Vec<_>, _>>()?;
    let run = BegunRun { run_id, attempt_id, conversation_id: lane.conversation_id, message_id: reply, new_messages };
    Ok(Begun {
        run,
        lane: lane.clone(),
        branch: messages::branch(tx, reply)?,
        summary: conversations::get(tx, lane.conversation_id)?,
        facts,
    })
}

fn target_for(lane: &LaneRow, chosen: Option<ChatTarget>) -> Result<ChatTarget, Error> {
    chosen.or_else(|| lane.target()).ok_or(Error::invalid("target", "empty"))
}
