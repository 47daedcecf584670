//! Sending, answering again, going on and stopping.

mod commit;
mod compare;
pub(super) mod merging;

use std::{sync::Arc, time::Duration};

use commit::{begin_run, insert_reply};
pub(super) use compare::{MOST_LANES, check_named, wanted_lanes};
use futures::FutureExt;
use parlance_providers::CancellationToken;
use rusqlite::Transaction;

use super::{App, Inner, RunningReply, chats::LONGEST_PROMPT, parse_id, plan::Need};
use crate::{
    capabilities,
    chat::{
        merge,
        party::{Asking, Party, Purpose, Turn},
        relay::Pasted,
        run::{self, Departure, Source},
        setup::{self, StoredSetup},
        views,
    },
    costs::{
        budgets::Consent,
        forecast::{self, Branch},
        guess,
    },
    error::Error,
    fallback::route::Target as RouteTarget,
    history::{
        StoreError,
        conversations::{self, ConversationRow, LaneTarget},
        messages,
        rows::{AttachmentRow, BegunRun, LaneRow, MessageRow},
        runs::AttemptStart,
        tree,
    },
    registry::{
        limits::{Pass, Place},
        routes,
    },
    settings,
    view::{ChatTarget, MessageRole, MessageStatus, RunReceipt, SendInput},
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
    /// The route that the chat falls back to from here on.
    fallback: Option<i64>,
    asked: ChatTarget,
}

/// Whom a run may ask, whom it asks first, and its way there.
struct Leaving {
    party: Party,
    first: Box<Asking>,
    /// Absent where it waits for its turn.
    pass: Option<Pass>,
    place: Place,
}

/// What a run is begun with.
struct Ask {
    /// Its first attempt.
    start: AttemptStart,
    at_once: bool,
    route_id: Option<i64>,
    /// What the lane's next message goes to.
    target: LaneTarget,
}

impl App {
    /// Sends a message: commits the prompt and an empty reply, then asks the provider.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, [`Error::Running`], [`Error::OverBudget`], or why the provider cannot be asked at
    /// all. After an error nothing was sent and nothing stored.
    pub async fn send(&self, input: SendInput) -> Result<RunReceipt, Error> {
        check_prompt(&input.text, &input.attachments)?;
        let setup = input.setup.map(setup::check).transpose()?;
        let conversation = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let chosen = input.fallback_route_id.as_deref().map(|id| parse_id("fallbackRouteId", id)).transpose()?;
        let _held = conversation.map(|id| self.inner.reserve(id)).transpose()?;
        let replaces = match &input.replaces {
            Some(id) => Some(self.replaced(id, conversation).await?),
            None => None,
        };
        let files = self.files(input.attachments).await?;
        let now = self.inner.clock.now_ms();
        let (born, fallback, parameters) = self.of_chat(conversation, chosen, now).await?;
        let parameters = setup.as_ref().map_or(parameters, |setup| setup.parameters.clone());
        let need = self.need(conversation, &input.text, setup.as_ref(), &files).await?.bounded(&parameters);
        let consent = consent(input.over_budget);
        let purpose = Purpose { asked: input.target.clone(), fallback, need, avoid: Vec::new(), consent };
        let leaving = self.inner.leaving(purpose, born, false).await?;
        self.check_files(&leaving, &files)?;
        let prompt =
            Prompt { conversation, replaces, text: input.text, files, setup, fallback: chosen, asked: input.target };
        let begin = move |tx: &Transaction<'_>, ask: &Ask| prompt.commit(tx, ask, now);
        Ok(self.inner.drive(self.inner.depart(begin, leaving, Trigger::Send, now).await?))
    }

    /// What a prompt needs, as far as it can be guessed before it is stored.
    async fn need(
        &self,
        conversation: Option<i64>,
        text: &str,
        setup: Option<&StoredSetup>,
        files: &[AttachmentRow],
    ) -> Result<Need, Error> {
        let branch = match conversation {
            Some(id) => self.branch_tokens(id).await?,
            None => Branch::default(),
        };
        let system = setup.and_then(|setup| setup.system.as_deref()).filter(|_| !branch.with_system);
        let of_files =
            files.iter().map(|file| guess::medium_by_size(&file.media_type, u64::try_from(file.bytes).unwrap_or(0)));
        let texts = [guess::message(text), system.map_or(0, guess::message), branch.tokens];
        Ok(Need {
            input_tokens: of_files.chain(texts).fold(0, u64::saturating_add),
            output_tokens: branch.answer_tokens(),
            media: files.iter().map(|file| file.media_type.clone()).collect(),
            ..Need::default()
        })
    }

    /// When a chat was begun, the route that is asked where its model fails (the one that is chosen now, else its own),
    /// and what is asked of the model.
    async fn of_chat(
        &self,
        conversation: Option<i64>,
        chosen: Option<i64>,
        now: i64,
    ) -> Result<(i64, Option<i64>, String), Error> {
        let read = move |connection: &rusqlite::Connection| {
            let chosen = chosen.map(|id| routes::standing(connection, id)).transpose()?.map(|route| route.id);
            let Some(id) = conversation else { return Ok((now, chosen, String::new())) };
            let lane = conversations::first_lane(connection, id)?;
            let fallback = chosen.or(lane.fallback_route_id);
            Ok((conversations::created_at(connection, id)?, fallback, lane.parameters))
        };
        Ok(self.inner.database.read(read).await?)
    }

    /// What the only model is known not to take is said before anything is stored; of several, those are passed over.
    fn check_files(&self, leaving: &Leaving, files: &[AttachmentRow]) -> Result<(), Error> {
        if files.is_empty() || !leaving.party.is_alone() {
            return Ok(());
        }
        let resolved = &leaving.first.resolved;
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
    pub async fn retry(
        &self,
        message_id: &str,
        target: Option<ChatTarget>,
        over_budget: bool,
    ) -> Result<RunReceipt, Error> {
        let (message, lane) = self.reply_and_lane(message_id).await?;
        let _held = self.inner.reserve_lane(&lane)?;
        let asked = target_for(&lane, target.clone())?;
        let how = (Vec::new(), consent(over_budget));
        let again = self.inner.answer_again(message, lane, asked, how, target).await?;
        Ok(self.inner.drive(again))
    }

    /// Goes on with a reply that was cut off; its text stays and grows.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Error::Invalid`] where the message is no reply, is whole, or is not the last.
    pub async fn continue_message(&self, message_id: &str, over_budget: bool) -> Result<RunReceipt, Error> {
        let (message, lane) = self.reply_and_lane(message_id).await?;
        let _held = self.inner.reserve_lane(&lane)?;
        if matches!(message.status, MessageStatus::Complete | MessageStatus::Streaming) {
            return Err(Error::invalid("messageId", "not_cut_off"));
        }
        if lane.active_leaf != Some(message.id) {
            return Err(Error::invalid("messageId", "not_last"));
        }
        let asked = target_for(&lane, None)?;
        let (born, need) = self.inner.need_of(lane.conversation_id, message.id).await?;
        let (need, consent) = (need.bounded(&lane.parameters), consent(over_budget));
        let purpose = Purpose { asked, fallback: lane.fallback_route_id, need, avoid: Vec::new(), consent };
        let leaving = self.inner.leaving(purpose, born, false).await?;
        let now = self.inner.clock.now_ms();
        let begin = move |tx: &Transaction<'_>, ask: &Ask| {
            messages::set_status(tx, message.id, MessageStatus::Streaming, now)?;
            begin_run(tx, &lane, message.id, vec![message.id], Trigger::Continue, ask, now)
        };
        Ok(self.inner.drive(self.inner.depart(begin, leaving, Trigger::Continue, now).await?))
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
}

impl Inner {
    /// A new version of a reply. `remembered` is what a person chose for it.
    async fn answer_again(
        self: &Arc<Self>,
        message: MessageRow,
        lane: LaneRow,
        asked: ChatTarget,
        (avoid, consent): (Vec<RouteTarget>, Consent),
        remembered: Option<ChatTarget>,
    ) -> Result<(RunReceipt, Departure), Error> {
        let parent = message.parent_id;
        let asks = move |connection: &rusqlite::Connection| {
            parent.map_or(Ok(false), |parent| tree::is_shown(connection, parent))
        };
        if !self.database.read(asks).await? {
            return Err(Error::invalid("messageId", "prompt_deleted"));
        }
        let (born, need) = self.need_of(lane.conversation_id, message.id).await?;
        let need = need.bounded(&lane.parameters);
        let purpose = Purpose { asked, fallback: lane.fallback_route_id, need, avoid, consent };
        let leaving = self.leaving(purpose, born, true).await?;
        let now = self.clock.now_ms();
        let begin = move |tx: &Transaction<'_>, ask: &Ask| {
            let reply = insert_reply(tx, lane.id, message.turn_id, parent, now)?;
            if let Some(target) = &remembered {
                settings::remember_target(tx, target, now)?;
            }
            begin_run(tx, &lane, reply, vec![reply], Trigger::Retry, ask, now)
        };
        self.depart(begin, leaving, Trigger::Retry, now).await
    }

    /// A reply broke off, and its route has another target answer anew, as a new version: it has begun and is to be
    /// driven. The chat is held. What came stays where nobody can be asked: then there is none.
    pub(crate) async fn answer_anew(
        self: &Arc<Self>,
        message_id: i64,
        purpose: Purpose,
    ) -> Option<(RunReceipt, Departure)> {
        let read = move |connection: &rusqlite::Connection| {
            Ok((messages::get(connection, message_id)?, conversations::lane_of(connection, message_id)?))
        };
        let begun = match self.database.read(read).await {
            Ok((message, lane)) => {
                let Purpose { asked, avoid, consent, .. } = purpose;
                self.answer_again(message, lane, asked, (avoid, consent), None).await
            }
            Err(error) => Err(error.into()),
        };
        begun
            .inspect_err(|error| tracing::info!(code = error.code(), "a reply that broke off was not answered anew"))
            .ok()
    }

    /// Lets a run that has begun go its way.
    fn drive(self: &Arc<Self>, (receipt, departure): (RunReceipt, Departure)) -> RunReceipt {
        self.tasks.spawn(run::drive(Arc::clone(self), departure));
        receipt
    }

    /// When a chat was begun, and what the branch up to a reply needs.
    async fn need_of(&self, conversation: i64, reply: i64) -> Result<(i64, Need), Error> {
        let read = move |connection: &rusqlite::Connection| {
            let branch = forecast::branch(connection, conversation, Some(reply))?;
            let prompt = merge::branch(connection, reply)?.into_iter().rfind(|m| m.role == MessageRole::User);
            // A prompt to merge holds more than the branch says.
            let text = prompt.as_ref().map_or(0, |prompt| guess::message(&merge::text_of(prompt)));
            let files = prompt.into_iter().flat_map(|prompt| prompt.parts).filter_map(|part| part.attachment);
            let need = Need {
                input_tokens: branch.tokens.max(text),
                output_tokens: branch.answer_tokens(),
                media: files.map(|file| file.media_type).collect(),
                ..Need::default()
            };
            Ok((conversations::created_at(connection, conversation)?, need))
        };
        Ok(self.database.read(read).await?)
    }

    /// Whom a run may ask, and whether it has to wait: why nobody can be asked is known before anything is stored. One
    /// that may be told a kept answer again, where it is not to be answered `anew`, is let through without money: it
    /// asks nobody before there is some.
    async fn leaving(self: &Arc<Self>, purpose: Purpose, born: i64, anew: bool) -> Result<Leaving, Error> {
        let mut party = Party::new(self, purpose, born).await?;
        let first = loop {
            match party.next(self).await {
                Turn::Ask(first) => break first,
                // Nobody was asked yet, so there is nothing to wait for.
                Turn::Wait(until, _) => party.waited(until),
                Turn::Stop(stop) if !anew && party.may_recall(&stop) => {}
                Turn::Stop(stop) => return Err(party.refusal(stop)),
            }
        };
        let seat = party.seat(first.target).map(|seat| seat.row.clone());
        let limits = seat.as_ref().map(|row| row.settings.limits).unwrap_or_default();
        if let Some(row) = seat {
            App { inner: Arc::clone(self) }.refresh_old_models(&row, &first.resolved);
        }
        let gates = self.registry.gates();
        let gate = gates.with(first.key.provider_id, limits);
        let place = gates.place();
        // A person sees at once whether it is their turn. Kept answers are looked at before it is anybody's.
        let pass = match (party.rules().cache.enabled, first.is_carried()) {
            (true, _) => None,
            (false, true) => gate.enter(place, 0, |_| {}).now_or_never(),
            (false, false) => gate.open(),
        };
        Ok(Leaving { party, first, pass, place })
    }

    /// Commits a run and lets the windows find it. It is driven afterwards.
    async fn depart<F>(
        self: &Arc<Self>,
        begin: F,
        leaving: Leaving,
        trigger: Trigger,
        now: i64,
    ) -> Result<(RunReceipt, Departure), Error>
    where
        F: FnOnce(&Transaction<'_>, &Ask) -> Result<Begun, StoreError> + Send + 'static,
    {
        let (ask, mut leaving) = (leaving.ask()?, leaving);
        match self.database.write(move |tx| begin(tx, &ask)).await {
            Ok(begun) => Ok(self.under_way(begun, leaving, trigger, now)),
            Err(error) => {
                leaving.party.give_up(self);
                Err(error.into())
            }
        }
    }

    /// Lets the windows find a run that was committed. It is driven afterwards.
    fn under_way(
        self: &Arc<Self>,
        begun: Begun,
        leaving: Leaving,
        trigger: Trigger,
        now: i64,
    ) -> (RunReceipt, Departure) {
        let Leaving { party, first, pass, place } = leaving;
        let run = begun.run;
        let messages: Vec<_> = begun.facts.into_iter().map(|facts| views::message(&self.registry, facts)).collect();
        let (cancel, pasted) = (CancellationToken::new(), Arc::<Pasted>::default());
        let reply = RunningReply {
            conversation_id: run.conversation_id,
            lane_id: begun.lane.id,
            message_id: run.message_id,
            cancel: cancel.clone(),
            pasted: Arc::clone(&pasted),
        };
        self.running().insert(run.run_id, reply);
        if let Some(base) = messages.last() {
            self.hub.begin(run.run_id, run.conversation_id, run.attempt_id, base.clone());
        }
        let summary = views::summary(&self.registry, begun.summary, true);
        let receipt = RunReceipt { run_id: run.run_id.to_string(), summary, messages };
        let source = Source {
            lane: begun.lane,
            branch: begun.branch,
            goes_on: trigger == Trigger::Continue,
            anew: trigger == Trigger::Retry,
        };
        let departure = Departure {
            begun: run,
            party,
            first,
            pass,
            place,
            source,
            cancel,
            pasted,
            started_at: now,
            waited: Duration::ZERO,
        };
        (receipt, departure)
    }
}

impl Leaving {
    /// What its run is begun with.
    ///
    /// # Errors
    /// As [`Party::lane_target`].
    fn ask(&self) -> Result<Ask, Error> {
        Ok(Ask {
            start: self.first.start(false),
            at_once: self.pass.is_some(),
            route_id: self.party.begins_on(),
            target: self.party.lane_target(&self.first)?,
        })
    }
}

/// Whether there is a prompt, and not too much of one.
fn check_prompt(text: &str, attachments: &[String]) -> Result<(), Error> {
    if text.trim().is_empty() && attachments.is_empty() {
        return Err(Error::invalid("text", "empty"));
    }
    if text.len() > LONGEST_PROMPT {
        return Err(Error::invalid("text", "too_long"));
    }
    Ok(())
}

/// What a person who sends says of the budgets that ask.
fn consent(over_budget: bool) -> Consent {
    if over_budget { Consent::Given } else { Consent::NotAsked }
}

impl Need {
    /// With what the chat says of the length and the temperature of its answers.
    fn bounded(self, parameters: &str) -> Self {
        let (most_tokens, temperature) = setup::bounds(parameters);
        Self { most_tokens, temperature, ..self }
    }
}

fn target_for(lane: &LaneRow, chosen: Option<ChatTarget>) -> Result<ChatTarget, Error> {
    chosen.or_else(|| lane.target()).ok_or(Error::invalid("target", "empty"))
}
