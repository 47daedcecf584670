//! What a message writes, in one transaction: the prompt, its empty reply, and the run that fills it.

use rusqlite::Transaction;

use super::{Ask, Begun, Prompt, Trigger};
use crate::{
    app::chats::title_of,
    chat::{merge, setup::StoredSetup, views},
    history::{
        StoreError, conversations, drafts, messages,
        rows::{AttachmentRow, BegunRun, LaneRow, PartRow},
        runs::{self, RunStart},
    },
    registry::routes,
    settings,
    view::{MessageRole, MessageStatus, PartKind},
};

impl Prompt {
    pub(super) fn commit(self, tx: &Transaction<'_>, ask: &Ask, now: i64) -> Result<Begun, StoreError> {
        let mut lane = match self.conversation {
            Some(id) => conversations::first_lane(tx, id)?,
            None => conversations::create(tx, &title(&self.text, &self.files), now)?,
        };
        if let Some(StoredSetup { parameters, system }) = &self.setup {
            conversations::set_up(tx, lane.id, parameters, system.as_deref())?;
            (lane.parameters, lane.system_prompt) = (parameters.clone(), system.clone());
        }
        if let Some(route) = self.fallback {
            conversations::set_lane_fallback(tx, lane.id, Some(routes::standing(tx, route)?.id))?;
            lane.fallback_route_id = Some(route);
        }
        let parent = match &self.replaces {
            Some(replaced) => replaced.parent_id,
            None => conversations::follows(tx, lane.id)?,
        };
        if self.replaces.is_some() && parent.is_none() {
            conversations::title(tx, lane.conversation_id, &title(&self.text, &self.files))?;
        }
        let (turn_id, user) = messages::insert_prompt(tx, &lane, parent, &pieces(&self.text, &self.files), now)?;
        let reply = insert_reply(tx, lane.id, turn_id, Some(user), now)?;
        settings::remember_target(tx, &self.asked, now)?;
        drafts::sent(tx, self.conversation, now)?;
        begin_run(tx, &lane, reply, vec![user, reply], Trigger::Send, ask, now)
    }
}

/// What a prompt is made of. The text comes first, also where an empty one is left out.
pub(super) fn pieces(text: &str, files: &[AttachmentRow]) -> Vec<PartRow> {
    let text = (!text.is_empty()).then(|| PartRow::of_turn(0, PartKind::Text, text));
    let files = (1..).zip(files).map(|(ordinal, file)| PartRow::of_file(ordinal, file.clone()));
    text.into_iter().chain(files).collect()
}

/// The title of what begins with a prompt.
pub(super) fn title(text: &str, files: &[AttachmentRow]) -> String {
    let title = title_of(text);
    if title.is_empty() { files.first().map(|file| title_of(&file.name)).unwrap_or_default() } else { title }
}

pub(super) fn insert_reply(
    tx: &Transaction<'_>,
    lane_id: i64,
    turn_id: i64,
    parent: Option<i64>,
    now: i64,
) -> Result<i64, StoreError> {
    messages::insert(tx, lane_id, turn_id, parent, MessageRole::Assistant, MessageStatus::Streaming, now)
}

pub(super) fn begin_run(
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
    let (conversation_id, route_id) = (lane.conversation_id, ask.route_id);
    let start = RunStart { conversation_id, message_id: reply, purpose: lane.kind.purpose(), trigger: name, route_id };
    let run_id = runs::begin(tx, start, now)?;
    let attempt_id = if ask.at_once { Some(runs::begin_attempt(tx, run_id, &ask.start, now)?) } else { None };
    // What goes on is where the branch ends already, before deleted messages that keep their place.
    if trigger != Trigger::Continue {
        conversations::set_active_leaf(tx, lane.id, reply)?;
    }
    conversations::set_lane_target(tx, lane.id, &ask.target)?;
    conversations::touch(tx, lane.conversation_id, now)?;
    let facts = new_messages
        .iter()
        .map(|id| views::message_facts(tx, messages::get(tx, *id)?))
        .collect::<Result<Vec<_>, _>>()?;
    let run = BegunRun { run_id, attempt_id, conversation_id: lane.conversation_id, message_id: reply, new_messages };
    Ok(Begun {
        run,
        lane: lane.clone(),
        branch: merge::branch(tx, reply)?,
        summary: conversations::get(tx, lane.conversation_id)?,
        facts,
    })
}
