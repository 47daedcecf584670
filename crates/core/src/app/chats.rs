//! What a person does in chats.

use std::sync::Arc;

use parlance_providers::CancellationToken;
use rusqlite::Transaction;

use super::{App, RunningReply, parse_id};
use crate::{
    chat::{
        prompt::{self, Recipient},
        run::{self, Departure},
        views,
    },
    costs::ledger,
    error::Error,
    history::{
        StoreError,
        conversations::{self, ConversationRow},
        messages,
        rows::{BegunRun, LaneRow, MessageRow, PartRow, TargetRow},
        runs,
    },
    registry::Resolved,
    settings,
    view::{
        ChatSetup, ConversationSummary, ConversationView, Draft, MessageRole, MessageStatus, PartKind, RunReceipt,
        SendInput, Target,
    },
};

/// The longest prompt, in bytes of UTF-8.
const LONGEST_PROMPT: usize = 4 * 1024 * 1024;
/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;
/// The part of a prompt that becomes a chat's title, in characters.
const AUTO_TITLE: usize = 60;

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

    async fn conversation(&self, id: i64) -> Result<ConversationView, Error> {
        let (lane, row, facts, spend) = self
            .inner
            .database
            .read(move |connection| {
                let lane = conversations::first_lane(connection, id)?;
                let facts = views::branch_facts(connection, lane.active_leaf)?;
                let spend = ledger::conversation_spend(connection, id)?.into();
                Ok((lane, conversations::get(connection, id)?, facts, spend))
            })
            .await?;
        let target = lane.provider_id.zip(lane.model);
        Ok(ConversationView {
            summary: self.summary(row),
            target: target.map(|(provider_id, model)| Target { provider_id: provider_id.to_string(), model }),
            spine: Vec::new(),
            messages: facts.into_iter().map(|facts| views::message(&self.inner.registry, facts)).collect(),
            spend,
            setup: ChatSetup::default(),
            draft: Draft::default(),
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
        self.change_row(id, move |tx| conversations::rename(tx, id, &title)).await
    }

    /// Puts a chat into the trash; a reply that runs in it goes on and is kept.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`].
    pub async fn delete_conversation(&self, id: &str) -> Result<(), Error> {
        let id = parse_id("conversationId", id)?;
        let now = self.inner.clock.now_ms();
        self.change_row(id, move |tx| conversations::delete(tx, id, now)).await.map(|_| ())
    }

    /// Takes a chat out of the trash.
    ///
    /// # Errors
    /// `not_found` where it is not in it.
    pub async fn restore_conversation(&self, id: &str) -> Result<ConversationSummary, Error> {
        let id = parse_id("conversationId", id)?;
        self.change_row(id, move |tx| conversations::restore(tx, id)).await
    }

    async fn change_row<F>(&self, id: i64, change: F) -> Result<ConversationSummary, Error>
    where
        F: FnOnce(&Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        let changed = move |tx: &Transaction<'_>| {
            change(tx)?;
            conversations::get(tx, id)
        };
        Ok(self.summary(self.inner.database.write(changed).await?))
    }

    /// Sends a message: commits the prompt and an empty reply, then asks the provider.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, [`Error::Running`], or why the provider cannot be asked at all. After an
    /// error nothing was sent and nothing stored.
    pub async fn send(&self, input: SendInput) -> Result<RunReceipt, Error> {
        if input.text.trim().is_empty() {
            return Err(Error::invalid("text", "empty"));
        }
        if input.text.len() > LONGEST_PROMPT {
            return Err(Error::invalid("text", "too_long"));
        }
        let conversation = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let _held = conversation.map(|id| self.inner.reserve(id)).transpose()?;
        let resolved = self.resolve(&input.target).await?;
        let (target, text, asked) = (resolved.target.clone(), input.text, input.target);
        let now = self.inner.clock.now_ms();
        let begin = move |tx: &Transaction<'_>| {
            let lane = match conversation {
                Some(id) => conversations::first_lane(tx, id)?,
                None => conversations::create(tx, &title_of(&text), now)?,
            };
            let (turn_id, user) =
                messages::insert_prompt(tx, &lane, &[PartRow::of_turn(0, PartKind::Text, text.as_str())], now)?;
            let reply = insert_reply(tx, lane.id, turn_id, Some(user), now)?;
            settings::remember_target(tx, &asked, now)?;
            begin_run(tx, &lane, reply, vec![user, reply], Trigger::Send, &target, now)
        };
        self.depart(begin, resolved, Trigger::Send, now).await
    }

    /// Answers again, as a new version of the message, with the same or another model.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`Error::Invalid`] where the message is no reply.
    pub async fn retry(&self, message_id: &str, target: Option<Target>) -> Result<RunReceipt, Error> {
        let (message, lane) = self.reply_and_lane(message_id).await?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        let resolved = self.resolve(&target_for(&lane, target)?).await?;
        let row = resolved.target.clone();
        let now = self.inner.clock.now_ms();
        let begin = move |tx: &Transaction<'_>| {
            let reply = insert_reply(tx, lane.id, message.turn_id, message.parent_id, now)?;
            begin_run(tx, &lane, reply, vec![reply], Trigger::Retry, &row, now)
        };
        self.depart(begin, resolved, Trigger::Retry, now).await
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
        let resolved = self.resolve(&target_for(&lane, None)?).await?;
        let row = resolved.target.clone();
        let now = self.inner.clock.now_ms();
        let begin = move |tx: &Transaction<'_>| {
            messages::set_status(tx, message.id, MessageStatus::Streaming, now)?;
            begin_run(tx, &lane, message.id, vec![message.id], Trigger::Continue, &row, now)
        };
        self.depart(begin, resolved, Trigger::Continue, now).await
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

    /// Shows another version of a message, with what followed it.
    ///
    /// # Errors
    /// `not_found`, [`Error::Running`].
    pub async fn select_version(&self, message_id: &str) -> Result<ConversationView, Error> {
        let id = parse_id("messageId", message_id)?;
        let lane = self.inner.database.read(move |connection| conversations::lane_of(connection, id)).await?;
        let _held = self.inner.reserve(lane.conversation_id)?;
        let select = move |tx: &Transaction<'_>| {
            let leaf = messages::newest_leaf(tx, id)?;
            conversations::set_active_leaf(tx, lane.id, leaf)
        };
        self.inner.database.write(select).await?;
        self.conversation(lane.conversation_id).await
    }

    async fn reply_and_lane(&self, message_id: &str) -> Result<(MessageRow, LaneRow), Error> {
        let id = parse_id("messageId", message_id)?;
        let (message, lane) = self
            .inner
            .database
            .read(move |connection| Ok((messages::get(connection, id)?, conversations::lane_of(connection, id)?)))
            .await?;
        if message.role == MessageRole::Assistant {
            Ok((message, lane))
        } else {
            Err(Error::invalid("messageId", "not_a_reply"))
        }
    }

    async fn depart<F>(&self, begin: F, resolved: Resolved, trigger: Trigger, now: i64) -> Result<RunReceipt, Error>
    where
        F: FnOnce(&Transaction<'_>) -> Result<Begun, StoreError> + Send + 'static,
    {
        let inner = &self.inner;
        let begun = inner.database.write(begin).await?;
        let request = prompt::request(
            &begun.lane,
            &begun.branch,
            &Recipient {
                dialect: resolved.vendor.dialect.as_str(),
                provider_id: resolved.target.provider_id,
                model: &resolved.target.model,
            },
            trigger == Trigger::Continue,
        );
        let run = begun.run;
        let messages: Vec<_> = begun.facts.into_iter().map(|facts| views::message(&inner.registry, facts)).collect();
        let cancel = CancellationToken::new();
        let reply =
            RunningReply { conversation_id: run.conversation_id, message_id: run.message_id, cancel: cancel.clone() };
        inner.running().insert(run.run_id, reply);
        if let Some(base) = messages.last() {
            inner.hub.begin(run.run_id, run.conversation_id, run.attempt_id, base.clone());
        }
        let receipt = RunReceipt { run_id: run.run_id.to_string(), summary: self.summary(begun.summary), messages };
        let departure = Departure { begun: run, resolved, request, cancel, started_at: now };
        inner.tasks.spawn(run::drive(Arc::clone(inner), departure));
        Ok(receipt)
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
    target: &TargetRow,
    now: i64,
) -> Result<Begun, StoreError> {
    let name = match trigger {
        Trigger::Send => "send",
        Trigger::Retry => "retry",
        Trigger::Continue => "continue",
    };
    let (run_id, attempt_id) = runs::begin(tx, lane.conversation_id, reply, name, target, now)?;
    conversations::set_active_leaf(tx, lane.id, reply)?;
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

fn target_for(lane: &LaneRow, chosen: Option<Target>) -> Result<Target, Error> {
    let of_lane = || {
        let provider_id = lane.provider_id?.to_string();
        Some(Target { provider_id, model: lane.model.clone()? })
    };
    chosen.or_else(of_lane).ok_or(Error::invalid("target", "empty"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A chat's first title: the beginning of its first prompt, cut at a word.
fn title_of(text: &str) -> String {
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
