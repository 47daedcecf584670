//! The chat list and its shelves.

use std::collections::HashSet;

use super::{App, parse_id};
use crate::{
    error::Error,
    history::{
        StoreError,
        conversations::{self, ConversationRow},
        copies,
    },
    view::{ConversationPage, ConversationSummary, Shelf, ShelfChange},
};

/// Rows of a page.
const PAGE: usize = 50;
/// Chats changed at once.
const MOST_CHANGED: usize = 500;
/// How long the trash keeps what was put there.
const TRASH_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

impl App {
    /// A page of a shelf, newest first. What is pinned comes with the first page of the list and nowhere else.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_shelf(&self, shelf: Shelf, before: Option<f64>) -> Result<ConversationPage, Error> {
        let before = before.map(|touched| touched as i64);
        let read = move |connection: &rusqlite::Connection| {
            let rows = conversations::page(connection, shelf, before, PAGE)?;
            let with_pinned = shelf == Shelf::List && before.is_none();
            let pinned = if with_pinned { conversations::pinned(connection)? } else { Vec::new() };
            Ok((pinned, rows))
        };
        let (pinned, rows) = self.inner.database.read(read).await?;
        let next = (rows.len() == PAGE).then(|| rows.last().map(|row| row.touched as f64)).flatten();
        let summaries = |rows: Vec<ConversationRow>| rows.into_iter().map(|row| self.summary(row)).collect();
        Ok(ConversationPage { pinned: summaries(pinned), items: summaries(rows), next })
    }

    /// Does one thing with several chats, all or none; what is left of them comes back, in the order of `ids`.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none or there are too many; `not_found` where a chat is not there, or is not
    /// where the change takes it from; [`Error::Running`] where one to be purged is being answered.
    pub async fn shelve(&self, ids: Vec<String>, change: ShelfChange) -> Result<Vec<ConversationSummary>, Error> {
        if ids.len() > MOST_CHANGED {
            return Err(Error::invalid("ids", "too_many"));
        }
        let mut ids = ids.iter().map(|id| parse_id("ids", id)).collect::<Result<Vec<_>, _>>()?;
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        let purging = change == ShelfChange::Purge;
        let held = if purging { ids.as_slice() } else { &[] };
        let _held = held.iter().map(|id| self.inner.reserve(*id)).collect::<Result<Vec<_>, _>>()?;
        let now = self.inner.clock.now_ms();
        let shelve = move |tx: &rusqlite::Transaction<'_>| {
            ids.iter().try_for_each(|id| conversations::shelve(tx, *id, change, now))?;
            let left = if purging { &[] } else { ids.as_slice() };
            left.iter().map(|id| conversations::get(tx, *id)).collect::<Result<Vec<_>, StoreError>>()
        };
        let rows = self.inner.database.write(shelve).await?;
        Ok(rows.into_iter().map(|row| self.summary(row)).collect())
    }

    /// Purges what has lain in the trash for a month, one chat a commit, so that nobody waits for it.
    ///
    /// # Errors
    /// [`Error::Store`]; what was purged before stays so.
    pub async fn empty_old_trash(&self) -> Result<u32, Error> {
        let moment = self.inner.clock.now_ms() - TRASH_KEPT_MS;
        let mut purged = 0;
        while !self.inner.is_closing() {
            let oldest = move |connection: &rusqlite::Connection| conversations::trashed_before(connection, moment);
            let Some(id) = self.inner.database.read(oldest).await? else { break };
            // A reply that has run for a month holds up the rest until the next start.
            let Ok(_held) = self.inner.reserve(id) else { break };
            self.inner.database.write(move |tx| copies::purge(tx, id)).await?;
            purged += 1;
        }
        Ok(purged)
    }
}
