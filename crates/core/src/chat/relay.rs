//! Prompts that a person carries: what the two texts are, what waits in the store, and the slot that the answer goes in.

use std::sync::{Mutex, PoisonError};

use parlance_providers::catalog::{DialectId, Vendor};
use rusqlite::{Connection, params};
use tokio::sync::Notify;

use crate::{
    attachments::kinds,
    history::{
        StoreError,
        rows::{MessageRow, TargetRow},
        runs,
    },
    view::{AttachmentKind, LimitSettings, MessageRole, ProviderSettings},
};

/// Whether a person carries what this model is asked.
pub fn carries(vendor: &Vendor, model: &str) -> bool {
    vendor.dialect_of(model) == DialectId::HumanRelay
}

/// What a new provider is set to, where that is not what all are: a person carries one prompt at a time.
pub fn usual(vendor: &Vendor) -> Option<ProviderSettings> {
    let limits = LimitSettings { concurrent: Some(1), ..LimitSettings::default() };
    let one = ProviderSettings { limits, ..ProviderSettings::default() };
    (vendor.dialect == DialectId::HumanRelay).then_some(one)
}

/// Where the answer to a running reply is put: once.
#[derive(Debug, Default)]
pub struct Pasted {
    state: Mutex<State>,
    given: Notify,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Awaited,
    Given(String),
    Taken,
}

impl Pasted {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no answer was given yet.
    pub fn is_awaited(&self) -> bool {
        matches!(*self.state(), State::Awaited)
    }

    /// Takes the answer; false where there is one already.
    pub fn give(&self, text: String) -> bool {
        let mut state = self.state();
        if !matches!(*state, State::Awaited) {
            return false;
        }
        *state = State::Given(text);
        self.given.notify_one();
        true
    }

    fn take(&self) -> Option<String> {
        let mut state = self.state();
        let State::Given(text) = &mut *state else { return None };
        let text = std::mem::take(text);
        *state = State::Taken;
        Some(text)
    }

    /// Waits for the answer, however long that takes.
    pub async fn text(&self) -> String {
        loop {
            if let Some(text) = self.take() {
                return text;
            }
            self.given.notified().await;
        }
    }
}

/// A run that the store holds open.
#[derive(Clone, Debug)]
pub struct OpenRun {
    /// The run.
    pub run_id: i64,
    /// Its attempt and when that began, UTC milliseconds; `None` where it waits for its turn.
    pub attempt: Option<(i64, i64)>,
    /// The reply.
    pub message_id: i64,
    /// Its chat.
    pub conversation_id: i64,
    /// Whether it goes on with a reply.
    pub continues: bool,
    /// Whom it asks.
    pub provider_id: i64,
    /// The model as it was asked for.
    pub model: String,
    /// The provider's vendor.
    pub vendor: String,
}

/// Replies that are under way, the oldest first: with an attempt, or in the line for their first.
pub fn open_runs(connection: &Connection) -> Result<Vec<OpenRun>, StoreError> {
    let sql = "SELECT r.id, a.id, a.started_at, m.id, l.conversation_id, r.trigger = 'continue', p.id,
                      coalesce(a.model, l.model, ''), p.vendor
                 FROM message m
                 JOIN run r ON r.message_id = m.id AND r.outcome IS NULL
                 JOIN lane l ON l.id = m.lane_id
                 LEFT JOIN attempt a ON a.run_id = r.id AND a.outcome = 'running'
                 JOIN provider p ON p.id = coalesce(a.provider_id, l.provider_id)
                WHERE m.status = 'streaming' AND p.deleted_at IS NULL AND p.enabled = 1
                  AND (a.id IS NOT NULL OR l.route_id IS NULL)
                ORDER BY r.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let (attempt, at): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
        Ok(OpenRun {
            run_id: row.get(0)?,
            attempt: attempt.zip(at),
            message_id: row.get(3)?,
            conversation_id: row.get(4)?,
            continues: row.get(5)?,
            provider_id: row.get(6)?,
            model: row.get(7)?,
            vendor: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the web chat cannot know what came before: the reply before this one, if there is any, is not from there.
pub fn is_strange(connection: &Connection, branch: &[MessageRow], open: &OpenRun) -> Result<bool, StoreError> {
    let mut before = branch.iter().rev().filter(|m| m.role == MessageRole::Assistant && m.id != open.message_id);
    let Some(before) = before.next() else { return Ok(false) };
    let attempts = runs::attempts_of(connection, before.id)?;
    let here = |target: &TargetRow| target.provider_id == open.provider_id && target.model == open.model;
    Ok(!attempts.last().is_some_and(|attempt| here(&attempt.target)))
}

/// The names of files that go along by hand: those of the whole branch, or of the last prompt alone. What is text is in
/// the prompt.
pub fn files(branch: &[MessageRow], whole: bool) -> Vec<String> {
    let prompts = branch.iter().rev().filter(|message| message.role == MessageRole::User);
    let prompts: Vec<_> = prompts.take(if whole { usize::MAX } else { 1 }).collect();
    let files =
        prompts.into_iter().rev().flat_map(|message| &message.parts).filter_map(|part| part.attachment.as_ref());
    let mut names: Vec<String> = Vec::new();
    for file in files.filter(|file| kinds::kind(&file.media_type) != AttachmentKind::Text) {
        if !names.contains(&file.name) {
            names.push(file.name.clone());
        }
    }
    names
}

/// Ends a reply that cannot go on waiting as one that was cut off.
pub fn give_up(tx: &rusqlite::Transaction<'_>, open: &OpenRun, now: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE attempt SET outcome = 'interrupted' WHERE run_id = ?1 AND outcome = 'running'", [open.run_id])?;
    tx.execute("UPDATE run SET ended_at = ?2, outcome = 'interrupted' WHERE id = ?1", params![open.run_id, now])?;
    tx.execute(
        "UPDATE message SET status = 'interrupted', updated_at = ?2 WHERE id = ?1",
        params![open.message_id, now],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_given_once_before_or_after_it_is_waited_for() {
        let pasted = Pasted::default();
        assert!(pasted.is_awaited() && pasted.give("one".into()));
        assert!(!pasted.is_awaited() && !pasted.give("two".into()));
        assert_eq!(pasted.text().await, "one");
        assert!(!pasted.give("three".into()), "it was taken");
        let (later, waits) = (Pasted::default(), Pasted::default());
        let both = tokio::join!(later.text(), async { later.give("later".into()) });
        assert_eq!(both, ("later".to_owned(), true));
        assert!(tokio::time::timeout(std::time::Duration::ZERO, waits.text()).await.is_err());
        assert!(waits.give("still".into()), "who gave up waiting took nothing");
    }
}
