//! Chats as a whole: opening, naming, and which version of them is shown.

use rusqlite::Transaction;

use super::{App, parse_id};
use crate::{
    chat::{setup, views},
    costs::ledger,
    error::Error,
    history::{
        conversations::{self, ConversationRow},
        drafts,
        rows::{LaneKind, LaneRow},
        tree,
    },
    view::{ConversationSummary, ConversationView},
};

/// The longest prompt, in bytes of UTF-8.
pub(super) const LONGEST_PROMPT: usize = 4 * 1024 * 1024;
/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;
/// The part of a prompt that becomes a chat's title, in characters.
const AUTO_TITLE: usize = 60;
/// Messages that come whole with an opened chat: more than a tall window shows.
const LAST_WHOLE: usize = 40;

impl App {
    pub(super) fn summary(&self, row: ConversationRow) -> ConversationSummary {
        let running = self.inner.is_running(row.id);
        views::summary(&self.inner.registry, row, running)
    }

    /// Opens a chat.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`].
    pub async fn get_conversation(&self, id: &str) -> Result<ConversationView, Error> {
        let id = parse_id("conversationId", id)?;
        self.conversation(id).await
    }

    pub(super) async fn conversation(&self, id: i64) -> Result<ConversationView, Error> {
        let read = move |connection: &rusqlite::Connection| {
            let lane = conversations::first_lane(connection, id)?;
            let row = conversations::get(connection, id)?;
            let spine = tree::spine(connection, lane.active_leaf)?;
            let last: Vec<i64> = spine.iter().skip(spine.len().saturating_sub(LAST_WHOLE)).map(|v| v.id).collect();
            let facts = views::messages_facts(connection, &last)?;
            let spend = ledger::conversation_spend(connection, id)?;
            Ok((lane, row, spine, facts, spend, drafts::load(connection, Some(id))?))
        };
        let (lane, row, spine, facts, spend, draft) = self.inner.database.read(read).await?;
        let setup = setup::of_lane(&lane);
        let (target, fallback) = (lane.target(), lane.fallback_route_id);
        Ok(ConversationView {
            summary: self.summary(row),
            target,
            fallback_route_id: fallback.map(|id| id.to_string()),
            spine: spine.into_iter().map(views::stub).collect(),
            messages: facts.into_iter().map(|facts| views::message(&self.inner.registry, facts)).collect(),
            spend: spend.into(),
            setup,
            draft,
        })
    }

    /// Gives a chat a title of the user's.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty or endless title, `not_found`.
    pub async fn rename_conversation(&self, id: &str, title: &str) -> Result<ConversationSummary, Error> {
        let id = parse_id("conversationId", id)?;
        let title = one_line(title);
        if title.is_empty() {
            return Err(Error::invalid("title", "empty"));
        }
        if title.chars().count() > LONGEST_TITLE {
            return Err(Error::invalid("title", "too_long"));
        }
        let rename = move |tx: &Transaction<'_>| {
            conversations::rename(tx, id, &title)?;
            conversations::get(tx, id)
        };
        Ok(self.summary(self.inner.database.write(rename).await?))
    }

    /// Shows another version of a message, with what followed it.
    ///
    /// # Errors
    /// `not_found`, [`Error::Running`].
    pub async fn select_version(&self, message_id: &str) -> Result<ConversationView, Error> {
        let id = parse_id("messageId", message_id)?;
        let (_, lane) = self.message_and_lane("messageId", message_id).await?;
        check_is_chat(&lane, "messageId")?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        let select = move |tx: &Transaction<'_>| {
            let leaf = tree::newest_leaf(tx, id)?;
            conversations::set_active_leaf(tx, lane.id, leaf)
        };
        self.inner.database.write(select).await?;
        self.conversation(lane.conversation_id).await
    }
}

/// Whether a lane is a plain chat's: some things are done there only.
pub(super) fn check_is_chat(lane: &LaneRow, field: &'static str) -> Result<(), Error> {
    if lane.kind == LaneKind::Chat { Ok(()) } else { Err(Error::invalid(field, "not_of_a_chat")) }
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A chat's first title: the beginning of its first prompt, cut at a word.
pub(super) fn title_of(text: &str) -> String {
    let head: String = text.chars().take(AUTO_TITLE * 8).collect();
    let line = one_line(&head);
    let Some((end, _)) = line.char_indices().nth(AUTO_TITLE) else { return line };
    let cut = &line[..end];
    let cut = cut.rfind(' ').filter(|at| *at > AUTO_TITLE / 2).map_or(cut, |at| &cut[..at]);
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_short_line_cut_at_a_word() {
        assert_eq!(title_of("  Hello\n\tthere "), "Hello there");
        assert_eq!(title_of(&"word ".repeat(40)), format!("{}…", "word ".repeat(11).trim_end().to_owned() + " word"));
        assert_eq!(title_of(&"字".repeat(100)), format!("{}…", "字".repeat(60)));
    }
}
