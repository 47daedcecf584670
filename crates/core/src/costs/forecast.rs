//! What a message would take before it is sent: what the chat has said so far, and what that and an answer cost.

use parlance_providers::Usage;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Names, Offer, guess, price};
use crate::history::{
    StoreError, messages,
    rows::{MessageRow, PartRow},
};

/// What an answer is reckoned with in a chat that has none.
const USUAL_ANSWER: u64 = 500;
/// Answers that are looked at.
const ANSWERS: usize = 7;
/// Messages that are walked up in search of a count before the whole branch is guessed.
const STEPS: usize = 64;

/// What a branch holds, in tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch {
    /// All of it, as far as it is known or guessed.
    pub tokens: u64,
    /// True where most of it is the vendor's own count, which includes the system prompt of then.
    pub with_system: bool,
    /// The provider and model that counted, and how much of it their cache has.
    pub cached: Option<(i64, String, u64)>,
    /// The median of the last answers.
    pub answer: Option<u64>,
}

impl Branch {
    /// What an answer is reckoned with.
    pub fn answer_tokens(&self) -> u64 {
        self.answer.unwrap_or(USUAL_ANSWER)
    }
}

/// What a vendor counted for a message.
struct Count {
    provider_id: i64,
    model: String,
    tokens: u64,
    cached: u64,
}

/// Reads what the branch that ends at `leaf` holds. The last count of a vendor stands for all before it, so that a long
/// chat costs no more than a short one.
pub fn branch(connection: &Connection, conversation_id: i64, leaf: Option<i64>) -> Result<Branch, StoreError> {
    let mut branch = Branch { answer: median(connection, conversation_id)?, ..Branch::default() };
    let mut next = leaf;
    let mut since = 0;
    for _ in 0..STEPS {
        let Some(id) = next else { break };
        if let Some(count) = counted(connection, id)? {
            branch.tokens = since + count.tokens;
            branch.with_system = true;
            branch.cached = Some((count.provider_id, count.model, count.cached));
            return Ok(branch);
        }
        match messages::get(connection, id) {
            Ok(message) => {
                since += guessed(&message);
                next = message.parent_id;
            }
            Err(StoreError::NotFound) => next = parent(connection, id)?,
            Err(error) => return Err(error),
        }
    }
    branch.tokens = match next {
        None => since,
        Some(_) => messages::branch(connection, leaf.unwrap_or_default())?.iter().map(guessed).sum(),
    };
    Ok(branch)
}

fn parent(connection: &Connection, id: i64) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT parent_id FROM message WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?.flatten())
}

/// What the vendor counted when this message was its answer: all that went in, and what came out but for reasoning,
/// which does not go in again.
fn counted(connection: &Connection, message_id: i64) -> Result<Option<Count>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT a.provider_id, a.model, l.input_total, l.output_total, coalesce(l.reasoning, 0),
                coalesce(l.cache_read, 0) + coalesce(l.cache_write, 0)
           FROM run r JOIN attempt a ON a.run_id = r.id JOIN ledger l ON l.attempt_id = a.id AND l.kind = 'entry'
          WHERE r.message_id = ?1 AND l.tokens_source = 'reported'
            AND l.input_total IS NOT NULL AND l.output_total IS NOT NULL
          ORDER BY a.id DESC LIMIT 1",
    )?;
    let number = |row: &rusqlite::Row<'_>, at| row.get::<_, i64>(at).map(|n| u64::try_from(n).unwrap_or(0));
    let count = statement.query_row([message_id], |row| {
        let (input, output, reasoning) = (number(row, 2)?, number(row, 3)?, number(row, 4)?);
        let tokens = input.saturating_add(output.saturating_sub(reasoning));
        Ok(Count { provider_id: row.get(0)?, model: row.get(1)?, tokens, cached: number(row, 5)? })
    });
    Ok(count.optional()?)
}

fn guessed(message: &MessageRow) -> u64 {
    message.parts.iter().map(part).sum()
}

fn part(part: &PartRow) -> u64 {
    match &part.attachment {
        // The file itself is not read for this.
        Some(file) => guess::medium_by_size(&file.media_type, u64::try_from(file.bytes).unwrap_or(0)),
        None => guess::message(&part.text),
    }
}

fn median(connection: &Connection, conversation_id: i64) -> Result<Option<u64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT output_total FROM ledger WHERE conversation_id = ?1 AND kind = 'entry' AND output_total > 0
          ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![conversation_id, ANSWERS as i64], |row| row.get::<_, i64>(0))?;
    let mut answers = rows.collect::<Result<Vec<_>, _>>()?;
    answers.sort_unstable();
    Ok(answers.get(answers.len() / 2).and_then(|tokens| u64::try_from(*tokens).ok()))
}

/// Nano-USD of so many tokens in, of which so many come from the cache, and so many out. `None` where no price is known.
pub fn cost(offer: &Offer<'_>, names: &Names<'_>, input: u64, cached: u64, output: u64) -> Option<i64> {
    if offer.is_free() {
        return Some(0);
    }
    let usage = Usage {
        input_total: Some(input),
        cache_read: (cached > 0).then_some(cached.min(input)),
        output_total: Some(output),
        ..Usage::default()
    };
    price(usage, &offer.card(names, input)?).ok()?.total
}
