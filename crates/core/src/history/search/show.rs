//! What of the hits is shown: the rows behind them, with their snippets.

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    needle::Needle,
    snippet::{self, Piece},
};
use crate::history::error::StoreError;

/// Characters of a part that are looked through for a snippet.
const LONGEST_PART: i64 = 262_144;
/// Terms that are looked through for all snippets of an answer together.
const TERMS: usize = 60_000;
/// Terms of a message that are looked through when those are used up.
const FEW_TERMS: usize = 500;

/// A conversation with hits.
#[derive(Clone, Debug)]
pub struct Chat {
    /// It is a comparison.
    pub compared: bool,
    /// Its title, marked.
    pub title: Vec<Piece>,
    /// Last change, UTC milliseconds.
    pub updated_at: i64,
    /// It is in the archive.
    pub archived: bool,
    /// It is in the trash.
    pub trashed: bool,
}

/// A message that was found.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Where it was found.
    pub snippet: Vec<Piece>,
    /// The stored status.
    pub status: String,
    /// Who wrote it last; absent for prompts.
    pub author: Option<Author>,
}

/// Who wrote an answer.
#[derive(Clone, Debug)]
pub struct Author {
    /// The model that served, else the one asked for.
    pub model: String,
    /// The provider's name now.
    pub provider: String,
    /// The vendor's catalogue id.
    pub vendor: String,
}

/// Terms left for snippets.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(TERMS)
    }
}

/// Reads a conversation.
///
/// # Errors
/// [`StoreError`].
pub fn chat(connection: &Connection, id: i64, needles: &[Needle]) -> Result<Chat, StoreError> {
    let sql = "SELECT title, updated_at, archived_at IS NOT NULL, deleted_at IS NOT NULL, kind = 'compare'
           FROM conversation WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id], |row| {
        let title: String = row.get(0)?;
        Ok(Chat {
            title: snippet::marked(&title, needles),
            updated_at: row.get(1)?,
            archived: row.get(2)?,
            trashed: row.get(3)?,
            compared: row.get(4)?,
        })
    })?)
}

/// Reads a message and cuts its snippet.
///
/// # Errors
/// [`StoreError`].
pub fn message(connection: &Connection, id: i64, needles: &[Needle], budget: &mut Budget) -> Result<Shown, StoreError> {
    let sql = "SELECT role = 'user', turn_id, status FROM message WHERE id = ?1";
    let (by_person, turn_id, status): (bool, i64, String) =
        connection.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let text = if by_person {
        text(connection, "FROM turn_part WHERE turn_id = ?1", turn_id)?
    } else {
        text(connection, "FROM part WHERE message_id = ?1", id)?
    };
    let most = budget.0.max(FEW_TERMS);
    // Words of English have six characters; a snippet seldom reads its whole text.
    budget.0 = budget.0.saturating_sub(most.min(text.len() / 6));
    Ok(Shown {
        snippet: snippet::snippet(&text, needles, most),
        status,
        author: if by_person { None } else { author(connection, id)? },
    })
}

fn text(connection: &Connection, from: &str, id: i64) -> Result<String, StoreError> {
    let sql = format!(
        "SELECT substr(text, 1, {LONGEST_PART}) {from} AND kind IN ('text', 'refusal') AND text IS NOT NULL ORDER BY ordinal"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let parts = statement.query_map([id], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(parts.join("\n\n"))
}

fn author(connection: &Connection, message_id: i64) -> Result<Option<Author>, StoreError> {
    let sql = "SELECT coalesce(a.model_served, a.model), p.name, a.vendor FROM run r JOIN attempt a ON a.run_id = r.id
                 JOIN provider p ON p.id = a.provider_id WHERE r.message_id = ?1 ORDER BY a.id DESC LIMIT 1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([message_id], |row| Ok(Author { model: row.get(0)?, provider: row.get(1)?, vendor: row.get(2)? }));
    Ok(row.optional()?)
}
