//! What a person makes of answers.

use rusqlite::{Connection, Transaction};

use super::{App, parse_id};
use crate::{
    chat::merge,
    error::Error,
    history::{
        StoreError,
        judgements::{self, NewJudgement},
        messages, turns,
    },
    view::{JudgementInput, MessageRole, MessageStatus, Thumb, TurnView},
};

/// The longest remark, in bytes.
const LONGEST_NOTE: usize = 8_000;
/// Tags of one judgement.
const MOST_TAGS: usize = 12;
/// The longest tag, in characters.
const LONGEST_TAG: usize = 40;

impl App {
    /// Keeps what a person made of the answers to a prompt, in place of what was kept before; names that were hidden
    /// are shown from here on.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an answer is none, is not one of this prompt, is ranked twice or says nothing;
    /// `not_found`.
    pub async fn judge(&self, turn_id: &str, input: JudgementInput) -> Result<TurnView, Error> {
        let turn = parse_id("turnId", turn_id)?;
        let asked = asked(input)?;
        let now = self.inner.clock.now_ms();
        let keep = move |tx: &Transaction<'_>| {
            let conversation = turns::conversation_of(tx, turn)?;
            let view = turns::get(tx, conversation, turn)?;
            let judgement = match complete(tx, &view, asked)? {
                Ok(judgement) => judgement,
                Err(why) => return Ok(Err(why)),
            };
            // One that is changed was blind only if it was so at first.
            let blind = match &view.judgement {
                Some(before) => before.blind,
                None => turns::is_hidden(tx, turn)?,
            };
            judgements::keep(tx, turn, &NewJudgement { blind, ..judgement }, now)?;
            turns::reveal(tx, turn, now)?;
            turns::get(tx, conversation, turn).map(Ok)
        };
        self.inner.database.write(keep).await?
    }

    /// Shows the names of a blind prompt without a judgement.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn reveal_turn(&self, turn_id: &str) -> Result<TurnView, Error> {
        let turn = parse_id("turnId", turn_id)?;
        let now = self.inner.clock.now_ms();
        let reveal = move |tx: &Transaction<'_>| {
            let conversation = turns::conversation_of(tx, turn)?;
            turns::reveal(tx, turn, now)?;
            turns::get(tx, conversation, turn)
        };
        Ok(self.inner.database.write(reveal).await?)
    }

    /// Keeps what a person thinks of an answer, or takes it back.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the message is no answer; `not_found`.
    pub async fn set_thumb(&self, message_id: &str, thumb: Option<Thumb>) -> Result<(), Error> {
        let id = parse_id("messageId", message_id)?;
        let now = self.inner.clock.now_ms();
        let keep = move |tx: &Transaction<'_>| {
            if messages::get(tx, id)?.role != MessageRole::Assistant {
                return Ok(Err(Error::invalid("messageId", "not_a_reply")));
            }
            judgements::set_thumb(tx, id, thumb, now).map(Ok)
        };
        self.inner.database.write(keep).await?
    }
}

/// A judgement as it was given, with its words in order.
fn asked(input: JudgementInput) -> Result<NewJudgement, Error> {
    let JudgementInput { ranks, note, tags } = input;
    let note = note.trim().to_owned();
    if note.len() > LONGEST_NOTE {
        return Err(Error::invalid("note", "too_long"));
    }
    let mut words: Vec<String> = tags.iter().map(|tag| super::chats::one_line(tag).to_lowercase()).collect();
    words.retain(|tag| !tag.is_empty());
    words.sort_unstable();
    words.dedup();
    if words.len() > MOST_TAGS {
        return Err(Error::invalid("tags", "too_many"));
    }
    if words.iter().any(|tag| tag.chars().count() > LONGEST_TAG) {
        return Err(Error::invalid("tags", "too_long"));
    }
    let parse = |group: Vec<String>| group.iter().map(|id| parse_id("ranks", id)).collect::<Result<Vec<_>, _>>();
    let mut ranks = ranks.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    ranks.retain(|group| !group.is_empty());
    let mut all: Vec<i64> = ranks.iter().flatten().copied().collect();
    all.sort_unstable();
    if all.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::invalid("ranks", "twice"));
    }
    Ok(NewJudgement { ranks, behind: Vec::new(), note, tags: words, blind: false })
}

/// The same with the answers that are in no rank: those that are shown and say something.
fn complete(
    connection: &Connection,
    turn: &TurnView,
    asked: NewJudgement,
) -> Result<Result<NewJudgement, Error>, StoreError> {
    let versions = || turn.answers.iter().flat_map(|answer| &answer.versions).filter_map(|id| id.parse::<i64>().ok());
    for id in asked.ranks.iter().flatten() {
        if versions().all(|version| version != *id) {
            return Ok(Err(Error::invalid("ranks", "not_of_this_prompt")));
        }
        if !says(connection, *id)? {
            return Ok(Err(Error::invalid("ranks", "not_answered")));
        }
    }
    let shown = turn.answers.iter().filter_map(|answer| answer.message_id.parse::<i64>().ok());
    let mut behind = Vec::new();
    for id in shown.filter(|id| !asked.ranks.iter().flatten().any(|ranked| ranked == id)) {
        if says(connection, id)? {
            behind.push(id);
        }
    }
    Ok(Ok(NewJudgement { behind, ..asked }))
}

fn says(connection: &Connection, message: i64) -> Result<bool, StoreError> {
    let message = messages::get(connection, message)?;
    Ok(message.status != MessageStatus::Streaming && !merge::text_of(&message).is_empty())
}
