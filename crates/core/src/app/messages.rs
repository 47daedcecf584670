//! What a person does with single messages.

use super::{
    App,
    chats::{LONGEST_PROMPT, check_is_chat, title_of},
    parse_id,
};
use crate::{
    chat::views,
    error::Error,
    history::{
        conversations, copies, messages,
        rows::{LaneRow, MessageRow},
    },
    view::{ConversationView, MessageRole, MessageView, PartKind},
};

/// Messages read at once.
const MOST_READ: usize = 200;
/// Messages deleted at once.
const MOST_DELETED: usize = 500;

impl App {
    /// Messages by their ids, at most 200, in the order asked for.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none or there are too many; `not_found`.
    pub async fn get_messages(&self, ids: Vec<String>) -> Result<Vec<MessageView>, Error> {
        let ids = parse_ids(&ids, MOST_READ)?;
        let facts = self.inner.database.read(move |connection| views::messages_facts(connection, &ids)).await?;
        Ok(facts.into_iter().map(|facts| views::message(&self.inner.registry, facts)).collect())
    }

    /// Changes the text of a user message in its place, without asking anybody. The first message of a chat gives it
    /// its title, unless the person did.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is no user message or the text does not do; `not_found`, [`Error::Running`].
    pub async fn edit_message(&self, id: &str, text: &str) -> Result<MessageView, Error> {
        let (message, lane) = self.prompt_and_lane("id", id).await?;
        check_is_chat(&lane, "id")?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        if text.trim().is_empty() && !message.parts.iter().any(|part| part.kind == PartKind::Media) {
            return Err(Error::invalid("text", "empty"));
        }
        if text.len() > LONGEST_PROMPT {
            return Err(Error::invalid("text", "too_long"));
        }
        let (text, now) = (text.to_owned(), self.inner.clock.now_ms());
        let edit = move |tx: &rusqlite::Transaction<'_>| {
            messages::set_text(tx, &message, &text, now)?;
            if message.parent_id.is_none() && !text.trim().is_empty() {
                conversations::title(tx, lane.conversation_id, &title_of(&text))?;
            }
            views::message_facts(tx, messages::get(tx, message.id)?)
        };
        let facts = self.inner.database.write(edit).await?;
        Ok(views::message(&self.inner.registry, facts))
    }

    /// Takes messages out of their chat, or puts them back; both at once for all of them. Putting back what was taken
    /// out shows the branch that was shown before.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none or they are not of one chat; `not_found` where one is not there, or is
    /// already out or not; [`Error::Running`].
    pub async fn delete_messages(&self, ids: Vec<String>, deleted: bool) -> Result<ConversationView, Error> {
        let mut ids = parse_ids(&ids, MOST_DELETED)?;
        ids.sort_unstable();
        ids.dedup();
        let first = *ids.first().ok_or(Error::invalid("ids", "empty"))?;
        let wanted = ids.clone();
        let read = move |connection: &rusqlite::Connection| {
            Ok((conversations::lane_of(connection, first)?, messages::lanes_of(connection, &wanted)?))
        };
        let (lane, lanes) = self.inner.database.read(read).await?;
        if lanes.values().any(|other| *other != lane.id) {
            return Err(Error::invalid("ids", "not_of_one_chat"));
        }
        check_is_chat(&lane, "ids")?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        let now = self.inner.clock.now_ms();
        self.inner.database.write(move |tx| messages::set_deleted(tx, &ids, deleted, now)).await?;
        self.conversation(lane.conversation_id).await
    }

    /// Begins a chat of its own with copies of the messages up to this one. They show whom the originals asked and
    /// what that cost; the chat's own spend begins at nothing.
    ///
    /// # Errors
    /// `not_found`; [`Error::Running`] where a reply among them is being written.
    pub async fn branch_off(&self, message_id: &str) -> Result<ConversationView, Error> {
        let id = parse_id("messageId", message_id)?;
        let now = self.inner.clock.now_ms();
        let copy = move |tx: &rusqlite::Transaction<'_>| {
            messages::get(tx, id)?;
            conversations::lane_of(tx, id)?;
            if copies::is_being_written(tx, id)? { Ok(None) } else { copies::branch_off(tx, id, now).map(Some) }
        };
        let conversation = self.inner.database.write(copy).await?.ok_or(Error::Running)?;
        self.conversation(conversation).await
    }

    /// A user message and its lane.
    pub(super) async fn prompt_and_lane(&self, field: &'static str, id: &str) -> Result<(MessageRow, LaneRow), Error> {
        let (message, lane) = self.message_and_lane(field, id).await?;
        if message.role == MessageRole::User { Ok((message, lane)) } else { Err(Error::invalid(field, "not_a_prompt")) }
    }

    /// A message and its lane.
    pub(super) async fn message_and_lane(&self, field: &'static str, id: &str) -> Result<(MessageRow, LaneRow), Error> {
        let id = parse_id(field, id)?;
        let read = move |connection: &rusqlite::Connection| {
            Ok((messages::get(connection, id)?, conversations::lane_of(connection, id)?))
        };
        Ok(self.inner.database.read(read).await?)
    }
}

fn parse_ids(ids: &[String], most: usize) -> Result<Vec<i64>, Error> {
    if ids.len() > most {
        return Err(Error::invalid("ids", "too_many"));
    }
    ids.iter().map(|id| parse_id("ids", id)).collect()
}
