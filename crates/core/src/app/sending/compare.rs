//! One prompt to many lanes: all of it in one commit, each lane on its own way afterwards.

use rusqlite::{Connection, Transaction};

use super::{Ask, Begun, Leaving, Trigger, begin_run, check_prompt, commit, consent, insert_reply};
use crate::{
    app::{App, parse_id, plan::Need},
    chat::{
        party::Purpose,
        setup,
        views::{self, MessageFacts},
    },
    costs::{
        forecast::{self, Branch},
        guess,
    },
    error::Error,
    history::{
        StoreError, conversations, drafts,
        lanes::{self, WantedLane},
        messages,
        rows::{AttachmentRow, LaneKind, LaneRow, PartRow},
        runs::{self, RunStart},
        search,
        turns::{self, TurnSetup},
    },
    registry::{model_name, routes, tables},
    settings,
    view::{
        ChatTarget, CommandError, CompareInput, CompareReceipt, LaneInput, LaneRun, LaneView, MessageRole,
        MessageStatus, TurnView,
    },
};

/// Lanes of a comparison.
pub(in crate::app) const MOST_LANES: usize = 12;
/// One lane compares with nothing.
const FEWEST_LANES: usize = 2;

/// Why a lane cannot be asked.
type Refusal = Box<CommandError>;

/// A lane that is to be asked.
struct Asked {
    /// Its place among the lanes.
    at: usize,
    /// As it stands; absent for a new one.
    row: Option<LaneRow>,
    /// What its prompt follows.
    parent: Option<i64>,
}

/// A lane's part in a prompt that is committed.
struct Sent {
    begun: Option<Begun>,
    prompt: i64,
    reply: i64,
}

/// What the commit brings back.
struct Committed {
    sent: Vec<Sent>,
    lanes: Vec<LaneView>,
    turn: TurnView,
    facts: Vec<MessageFacts>,
    summary: conversations::ConversationRow,
}

/// A prompt for many lanes that may be committed.
struct Round {
    conversation: Option<i64>,
    text: String,
    files: Vec<AttachmentRow>,
    wanted: Vec<WantedLane>,
    asked: Vec<Asked>,
    setup: TurnSetup,
    now: i64,
}

impl App {
    /// Sends one prompt to several lanes at once: the prompt and the empty answers are committed together, then each
    /// lane's provider is asked. A lane that cannot be asked gets an answer that says why.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, [`Error::Running`] where a lane that is to be asked answers still;
    /// [`Error::OverBudget`] where a person may let it pass; where no lane can be asked, why the first cannot. After an
    /// error nothing was sent and nothing stored.
    pub async fn send_compare(&self, input: CompareInput) -> Result<CompareReceipt, Error> {
        check_prompt(&input.text, &input.attachments)?;
        let conversation = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let fewest = if conversation.is_some() { 1 } else { FEWEST_LANES };
        let wanted = wanted_lanes(&input.lanes, fewest)?;
        let shared = input.shared_from.as_deref().map(|id| parse_id("sharedFrom", id)).transpose()?;
        let replaced = input.replaces.as_deref().map(|id| parse_id("replaces", id)).transpose()?;
        let asked = self.asked_lanes(conversation, &input.lanes, &wanted, shared, replaced).await?;
        let known = asked.iter().filter_map(|lane| lane.row.as_ref());
        let _held = known.map(|row| self.inner.reserve_lane(row)).collect::<Result<Vec<_>, _>>()?;
        let files = self.files(input.attachments.clone()).await?;
        let now = self.inner.clock.now_ms();
        let mut leaving = Vec::with_capacity(asked.len());
        for lane in &asked {
            leaving.push(self.lane_leaving(&input, lane, &wanted, &files, now).await);
        }
        let mut leaving = self.may_leave(leaving, input.over_budget)?;
        let asks = leaving.iter().map(asks).collect::<Result<Vec<_>, _>>()?;
        let lot = input.blind.then(|| i64::from(rand::random::<u32>()));
        let setup = TurnSetup { lot, shared_from: shared };
        let round = Round { conversation, text: input.text, files, wanted, asked, setup, now };
        let committed = match self.inner.database.write(move |tx| round.commit(tx, &asks)).await {
            Ok(committed) => committed,
            Err(error) => {
                leaving.iter_mut().flatten().for_each(|one| one.party.give_up(&self.inner));
                return Err(error.into());
            }
        };
        Ok(self.all_under_way(committed, leaving, now))
    }

    /// The lanes that are to be asked, as they stand, and what their prompts follow.
    async fn asked_lanes(
        &self,
        conversation: Option<i64>,
        inputs: &[LaneInput],
        wanted: &[WantedLane],
        shared: Option<i64>,
        replaced: Option<i64>,
    ) -> Result<Vec<Asked>, Error> {
        let asked: Vec<(usize, Option<i64>)> =
            (0..).zip(wanted).filter(|(at, _)| inputs[*at].asked).map(|(at, lane)| (at, lane.id)).collect();
        if asked.is_empty() {
            return Err(Error::invalid("lanes", "none_asked"));
        }
        let Some(conversation) = conversation else {
            if wanted.iter().any(|lane| lane.id.is_some()) || shared.is_some() || replaced.is_some() {
                return Err(Error::invalid("conversationId", "empty"));
            }
            return Ok(asked.into_iter().map(|(at, _)| Asked { at, row: None, parent: None }).collect());
        };
        let known: Vec<i64> = wanted.iter().filter_map(|lane| lane.id).collect();
        let read = move |connection: &Connection| {
            if let Some(why) = misplaced(connection, conversation, &known, shared, replaced)? {
                return Ok(Err(why));
            }
            let lane = |(at, id): (usize, Option<i64>)| {
                let row = id.map(|id| conversations::lane_at(connection, id)).transpose()?;
                let parent = follows(connection, row.as_ref(), shared, replaced)?;
                Ok(Asked { at, row, parent })
            };
            asked.into_iter().map(lane).collect::<Result<Vec<_>, StoreError>>().map(Ok)
        };
        self.inner.database.read(read).await?
    }

    /// Whom a lane may ask.
    async fn lane_leaving(
        &self,
        input: &CompareInput,
        lane: &Asked,
        wanted: &[WantedLane],
        files: &[AttachmentRow],
        now: i64,
    ) -> Result<Leaving, Error> {
        let (wish, chosen) = (&wanted[lane.at], &input.lanes[lane.at]);
        let (parent, born) = (lane.parent, now);
        let of_lane = lane.row.as_ref().map(|row| row.conversation_id);
        let read = move |connection: &Connection| match (of_lane, parent) {
            (Some(conversation), Some(parent)) => forecast::branch(connection, conversation, Some(parent)),
            _ => Ok(Branch::default()),
        };
        let branch = self.inner.database.read(read).await?;
        let system = wish.setup.system.as_deref().filter(|_| !branch.with_system);
        let of_files =
            files.iter().map(|file| guess::medium_by_size(&file.media_type, u64::try_from(file.bytes).unwrap_or(0)));
        let texts = [guess::message(&input.text), system.map_or(0, guess::message), branch.tokens];
        let need = Need {
            input_tokens: of_files.chain(texts).fold(0, u64::saturating_add),
            output_tokens: branch.answer_tokens(),
            media: files.iter().map(|file| file.media_type.clone()).collect(),
            ..Need::default()
        };
        let need = need.bounded(&wish.setup.parameters);
        let (asked, fallback) = (chosen.target.clone(), wish.fallback);
        let purpose = Purpose { asked, fallback, need, avoid: Vec::new(), consent: consent(input.over_budget) };
        let mut leaving = self.inner.leaving(purpose, born, false).await?;
        match self.check_files(&leaving, files) {
            Ok(()) => Ok(leaving),
            Err(error) => {
                leaving.party.give_up(&self.inner);
                Err(error)
            }
        }
    }

    /// Whether a round may begin: a budget that a person may let pass is asked about first, and somebody must be asked.
    fn may_leave(
        &self,
        leaving: Vec<Result<Leaving, Error>>,
        over_budget: bool,
    ) -> Result<Vec<Result<Leaving, Refusal>>, Error> {
        let asks = |error: &Error| matches!(error, Error::OverBudget { budgets } if budgets.iter().any(|b| b.may_pass));
        let whole = |one: &Result<Leaving, Error>| one.as_ref().is_err_and(|error| !over_budget && asks(error));
        let nobody = leaving.iter().all(Result::is_err);
        if let Some(at) = leaving.iter().position(whole).or(nobody.then_some(0)) {
            let mut refused = None;
            for (place, one) in leaving.into_iter().enumerate() {
                match one {
                    Ok(mut leaving) => leaving.party.give_up(&self.inner),
                    Err(error) if place == at => refused = Some(error),
                    Err(_) => {}
                }
            }
            return Err(refused.unwrap_or(Error::invalid("lanes", "none_asked")));
        }
        Ok(leaving.into_iter().map(|one| one.map_err(|error| Box::new(CommandError::from(error)))).collect())
    }

    fn all_under_way(&self, committed: Committed, leaving: Vec<Result<Leaving, Refusal>>, now: i64) -> CompareReceipt {
        let inner = &self.inner;
        let mut runs = Vec::new();
        for (sent, leaving) in committed.sent.into_iter().zip(leaving) {
            if let (Some(begun), Ok(leaving)) = (sent.begun, leaving) {
                let receipt = inner.drive(inner.under_way(begun, leaving, Trigger::Send, now));
                runs.push(LaneRun { run_id: receipt.run_id, message_id: sent.reply.to_string() });
            }
        }
        CompareReceipt {
            summary: views::summary(&inner.registry, committed.summary, true),
            lanes: committed.lanes,
            turn: committed.turn,
            messages: committed.facts.into_iter().map(|facts| views::message(&inner.registry, facts)).collect(),
            runs,
        }
    }
}

/// What a lane's run is begun with, or why there is none.
fn asks(leaving: &Result<Leaving, Refusal>) -> Result<Result<Ask, Refusal>, Error> {
    match leaving {
        Ok(leaving) => leaving.ask().map(Ok),
        Err(why) => Ok(Err(why.clone())),
    }
}

/// What a person wants of the lanes.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(in crate::app) fn wanted_lanes(inputs: &[LaneInput], fewest: usize) -> Result<Vec<WantedLane>, Error> {
    if inputs.len() < fewest {
        return Err(Error::invalid("lanes", "too_few"));
    }
    if inputs.len() > MOST_LANES {
        return Err(Error::invalid("lanes", "too_many"));
    }
    let wanted = inputs.iter().map(wanted).collect::<Result<Vec<_>, _>>()?;
    let mut known: Vec<i64> = wanted.iter().filter_map(|lane| lane.id).collect();
    known.sort_unstable();
    if known.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::invalid("lanes", "twice"));
    }
    Ok(wanted)
}

fn wanted(input: &LaneInput) -> Result<WantedLane, Error> {
    let (model, route) = match &input.target {
        ChatTarget::Model { provider_id, model } => {
            (Some((parse_id("target", provider_id)?, model_name(model)?)), None)
        }
        ChatTarget::Route { route_id, model } => {
            let model = model.as_deref().map(model_name).transpose()?;
            (None, Some((parse_id("target", route_id)?, model)))
        }
    };
    Ok(WantedLane {
        id: input.id.as_deref().map(|id| parse_id("lanes", id)).transpose()?,
        model,
        route,
        fallback: input.fallback_route_id.as_deref().map(|id| parse_id("fallbackRouteId", id)).transpose()?,
        setup: setup::check(input.setup.clone())?,
    })
}

/// Why what a prompt names does not lie in its comparison.
fn misplaced(
    connection: &Connection,
    conversation: i64,
    lanes: &[i64],
    shared: Option<i64>,
    replaced: Option<i64>,
) -> Result<Option<Error>, StoreError> {
    let laid = lanes::of_conversation(connection, conversation)?;
    if laid.is_empty() || laid.iter().any(|lane| lane.row.kind != LaneKind::Compare) {
        return Ok(Some(Error::invalid("conversationId", "not_a_comparison")));
    }
    if lanes.iter().any(|id| laid.iter().all(|lane| lane.row.id != *id)) {
        return Ok(Some(Error::invalid("lanes", "not_of_this_comparison")));
    }
    if let Some(shared) = shared {
        let (message, lane) = (messages::get(connection, shared)?, conversations::lane_of(connection, shared)?);
        let whole = message.role == MessageRole::Assistant && message.status != MessageStatus::Streaming;
        if lane.conversation_id != conversation || !whole || message.parts.is_empty() {
            return Ok(Some(Error::invalid("sharedFrom", "not_an_answer")));
        }
    }
    match replaced.map(|turn| turns::conversation_of(connection, turn)).transpose()? {
        Some(other) if other != conversation => Ok(Some(Error::invalid("replaces", "not_of_this_comparison"))),
        _ => Ok(None),
    }
}

/// What the prompt of a lane follows.
fn follows(
    connection: &Connection,
    lane: Option<&LaneRow>,
    shared: Option<i64>,
    replaced: Option<i64>,
) -> Result<Option<i64>, StoreError> {
    if shared.is_some() {
        return Ok(shared);
    }
    let Some(lane) = lane else { return Ok(None) };
    match replaced.map(|turn| turns::parent_in(connection, turn, lane.id)).transpose()?.flatten() {
        Some(parent) => Ok(parent),
        None => conversations::follows(connection, lane.id),
    }
}

impl Round {
    fn commit(self, tx: &Transaction<'_>, asks: &[Result<Ask, Refusal>]) -> Result<Committed, StoreError> {
        let now = self.now;
        let conversation = match self.conversation {
            Some(id) => id,
            None => conversations::create_comparison(tx, &commit::title(&self.text, &self.files), now)?,
        };
        self.wanted.iter().try_for_each(|lane| check_named(tx, lane))?;
        let ids = lanes::lay(tx, conversation, &self.wanted, now)?;
        let mut turn = None;
        let mut sent = Vec::with_capacity(asks.len());
        for (asked, ask) in self.asked.iter().zip(asks) {
            let lane = conversations::lane_at(tx, ids[asked.at])?;
            let prompt = self.prompt(tx, &lane, asked.parent, &mut turn)?;
            sent.push(begin(tx, &lane, prompt, ask, now)?);
        }
        let (turn_id, _) = turn.ok_or(StoreError::NotFound)?;
        turns::set_up(tx, turn_id, self.setup)?;
        match self.conversation {
            Some(_) => drafts::sent(tx, self.conversation, now)?,
            None => settings::clear_desk_draft(tx, now)?,
        }
        conversations::touch(tx, conversation, now)?;
        let shown = sent.first().map(|first| first.prompt).into_iter().chain(sent.iter().map(|one| one.reply));
        let facts = shown.map(|id| views::message_facts(tx, messages::get(tx, id)?)).collect::<Result<Vec<_>, _>>()?;
        Ok(Committed {
            lanes: views::lanes(tx, conversation)?,
            turn: turns::get(tx, conversation, turn_id)?,
            summary: conversations::get(tx, conversation)?,
            facts,
            sent,
        })
    }

    /// The prompt in a lane: the turn is written with the first, the others show it.
    fn prompt(
        &self,
        tx: &Transaction<'_>,
        lane: &LaneRow,
        parent: Option<i64>,
        turn: &mut Option<(i64, i64)>,
    ) -> Result<(i64, i64), StoreError> {
        if let Some((turn_id, _)) = *turn {
            let (role, status) = (MessageRole::User, MessageStatus::Complete);
            return Ok((turn_id, messages::insert(tx, lane.id, turn_id, parent, role, status, self.now)?));
        }
        let pieces: Vec<PartRow> = commit::pieces(&self.text, &self.files);
        let written = messages::insert_prompt(tx, lane, parent, &pieces, self.now)?;
        *turn = Some(written);
        Ok(written)
    }
}

/// What a lane names is there, deleted or not; a route to fall back to stands.
pub(in crate::app) fn check_named(tx: &Transaction<'_>, lane: &WantedLane) -> Result<(), StoreError> {
    if let Some((provider, _)) = &lane.model {
        tables::get_even_removed(tx, *provider)?;
    }
    if let Some((route, _)) = &lane.route {
        routes::get(tx, *route)?;
    }
    lane.fallback.map_or(Ok(()), |id| routes::standing(tx, id).map(|_| ()))
}

/// A lane's answer: empty, with the run that fills it, or with why nobody can be asked for it.
fn begin(
    tx: &Transaction<'_>,
    lane: &LaneRow,
    (turn_id, prompt): (i64, i64),
    ask: &Result<Ask, Refusal>,
    now: i64,
) -> Result<Sent, StoreError> {
    let reply = insert_reply(tx, lane.id, turn_id, Some(prompt), now)?;
    let why = match ask {
        Ok(ask) => {
            let begun = begin_run(tx, lane, reply, vec![reply], Trigger::Send, ask, now)?;
            return Ok(Sent { begun: Some(begun), prompt, reply });
        }
        Err(why) => why,
    };
    let start = RunStart {
        conversation_id: lane.conversation_id,
        message_id: reply,
        purpose: LaneKind::Compare.purpose(),
        trigger: "send",
        route_id: None,
    };
    runs::refuse(tx, start, why, now)?;
    messages::set_status(tx, reply, MessageStatus::Failed, now)?;
    conversations::set_active_leaf(tx, lane.id, reply)?;
    search::index_message(tx, reply)?;
    Ok(Sent { begun: None, prompt, reply })
}
