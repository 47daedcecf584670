//! Keeps the index true. Each of these runs inside the transaction that changes what it indexes.
//!
//! Deleting needs no call: triggers hide what goes to the trash and erase what is deleted for good.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::terms::{Columns, VERSION};
use crate::history::error::StoreError;

/// Written by the person.
pub const YOU: i64 = 1;
/// Holds a block of code.
pub const CODE: i64 = 2;
/// Holds an image.
pub const IMAGE: i64 = 4;
/// Holds a file of any kind.
pub const ATTACHMENT: i64 = 8;
/// Failed, cut off or stopped.
pub const FAILED: i64 = 16;

/// Begins every tag. No term holds it: terms are letters, digits and marks.
pub const TAG: char = '\u{E000}';
/// Ids of messages in one row of `search_span`, as a shift.
pub const SPAN_BITS: u32 = 10;

/// A tag as it stands in the column.
pub fn tag(word: &str) -> String {
    format!("{TAG}{word}")
}

/// Indexes an answer that has settled, or does so again after it changed.
///
/// # Errors
/// [`StoreError`] where the store cannot be written. A damaged index is no error: it is made anew at the next start.
pub fn index_message(tx: &Transaction<'_>, message_id: i64) -> Result<(), StoreError> {
    guarded(tx, |tx| index(tx, message_id))
}

/// Indexes a prompt, given the message that shows it. Where several lanes show it, it is found at the first.
///
/// # Errors
/// As [`index_message`].
pub fn index_prompt(tx: &Transaction<'_>, user_message_id: i64) -> Result<(), StoreError> {
    guarded(tx, |tx| index(tx, user_message_id))
}

/// Indexes the title of a conversation, or does so again.
///
/// # Errors
/// As [`index_message`].
pub fn index_title(tx: &Transaction<'_>, conversation_id: i64) -> Result<(), StoreError> {
    guarded(tx, |tx| title(tx, conversation_id))
}

/// What is said must be kept even where it cannot be indexed.
pub(super) fn guarded(
    tx: &Transaction<'_>,
    work: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    tx.execute_batch("SAVEPOINT search")?;
    // The index writes its pages at a savepoint or at the commit, where it would take everything else with it.
    let flush = |()| Ok(tx.execute_batch("SAVEPOINT search_written; RELEASE search_written")?);
    match work(tx).and_then(flush) {
        Ok(()) => Ok(tx.execute_batch("RELEASE search")?),
        Err(error @ (StoreError::Corrupt | StoreError::Internal { .. } | StoreError::Constraint { .. })) => {
            tracing::error!(code = error.code(), "the search index is damaged; the next start makes it anew");
            tx.execute_batch("ROLLBACK TO search; RELEASE search")?;
            give_up(tx)
        }
        // The whole transaction is undone by whoever began it.
        Err(error) => Err(error),
    }
}

/// Marks the index as one to be made anew.
///
/// # Errors
/// [`StoreError`].
pub fn give_up(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE search_state SET version = 0", [])?;
    Ok(())
}

pub(super) fn title(connection: &Connection, conversation_id: i64) -> Result<(), StoreError> {
    let sql = "SELECT title FROM conversation WHERE id = ?1";
    let title: Option<String> =
        connection.prepare_cached(sql)?.query_row([conversation_id], |r| r.get(0)).optional()?;
    connection.prepare_cached("DELETE FROM search_title WHERE rowid = ?1")?.execute([conversation_id])?;
    let columns = Columns::of(&title.unwrap_or_default());
    connection
        .prepare_cached("INSERT INTO search_title (rowid, body, whole) VALUES (?1, ?2, ?3)")?
        .execute(params![conversation_id, columns.body, columns.whole])?;
    Ok(())
}

/// A message as the index sees it.
#[derive(Default)]
struct Document {
    columns: Columns,
    flags: i64,
    provider_id: Option<i64>,
    tags: Vec<String>,
}

struct Head {
    conversation_id: i64,
    turn_id: i64,
    by_person: bool,
    status: String,
    at: i64,
    hidden: bool,
}

pub(super) fn index(connection: &Connection, message_id: i64) -> Result<(), StoreError> {
    let Some(head) = head(connection, message_id)? else { return Ok(()) };
    let shown_before = "SELECT 1 FROM message WHERE turn_id = ?1 AND role = 'user' AND id < ?2";
    if head.status == "streaming"
        || head.by_person && connection.prepare_cached(shown_before)?.exists([head.turn_id, message_id])?
    {
        return Ok(());
    }
    let document = if head.by_person {
        prompt(connection, head.turn_id)?
    } else {
        answer(connection, message_id, head.status != "complete")?
    };
    store(connection, message_id, &head, document)
}

fn head(connection: &Connection, message_id: i64) -> Result<Option<Head>, StoreError> {
    let sql = "SELECT l.conversation_id, m.turn_id, m.role = 'user', m.status, m.created_at, m.deleted_at IS NOT NULL
                 FROM message m JOIN lane l ON l.id = m.lane_id WHERE m.id = ?1";
    let row = connection.prepare_cached(sql)?.query_row([message_id], |row| {
        Ok(Head {
            conversation_id: row.get(0)?,
            turn_id: row.get(1)?,
            by_person: row.get(2)?,
            status: row.get(3)?,
            at: row.get(4)?,
            hidden: row.get(5)?,
        })
    });
    Ok(row.optional()?)
}

const PART: &str = "p.kind, coalesce(p.text, ''),
    coalesce((SELECT media_type FROM attachment WHERE id = p.attachment_id), json_extract(p.meta, '$.media_type')),
    p.attachment_id IS NOT NULL";

impl Document {
    fn read(&mut self, connection: &Connection, from: &str, id: i64) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(&format!("SELECT {PART} {from} ORDER BY p.ordinal"))?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let media: Option<String> = row.get(2)?;
            if row.get::<_, bool>(3)? || kind == "media" {
                self.flags |= ATTACHMENT;
                if media.is_some_and(|media| media.starts_with("image/")) {
                    self.flags |= IMAGE;
                }
            }
            if kind == "text" || kind == "refusal" {
                let text: String = row.get(1)?;
                if has_code(&text) {
                    self.flags |= CODE;
                }
                self.columns.add(&text);
            }
        }
        Ok(())
    }
}

/// A fence, as Markdown draws it.
fn has_code(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("```") || line.starts_with("~~~")
    })
}

fn prompt(connection: &Connection, turn_id: i64) -> Result<Document, StoreError> {
    let mut document = Document { flags: YOU, ..Document::default() };
    document.read(connection, "FROM turn_part p WHERE p.turn_id = ?1", turn_id)?;
    Ok(document)
}

fn answer(connection: &Connection, message_id: i64, failed: bool) -> Result<Document, StoreError> {
    let mut document = Document { flags: if failed { FAILED } else { 0 }, ..Document::default() };
    document.read(connection, "FROM part p WHERE p.message_id = ?1", message_id)?;
    let mut statement = connection.prepare_cached(
        "SELECT a.provider_id, coalesce(a.model_served, a.model), a.model FROM attempt a JOIN run r ON r.id = a.run_id
          WHERE r.message_id = ?1 ORDER BY a.id",
    )?;
    let mut rows = statement.query([message_id])?;
    while let Some(row) = rows.next()? {
        let provider_id: i64 = row.get(0)?;
        document.provider_id = Some(provider_id);
        document.tags.push(format!("p{provider_id}"));
        let (served, asked): (String, String) = (row.get(1)?, row.get(2)?);
        for model in [Some(&served), (asked != served).then_some(&asked)].into_iter().flatten() {
            document.tags.extend(model_tags(model));
        }
    }
    document.tags.sort_unstable();
    document.tags.dedup();
    Ok(document)
}

/// The terms of a model's name, as tags in their order.
pub fn model_tags(model: &str) -> Vec<String> {
    super::terms::terms(model).into_iter().map(|term| format!("m{}", term.text)).collect()
}

fn store(connection: &Connection, id: i64, head: &Head, document: Document) -> Result<(), StoreError> {
    if connection.prepare_cached("DELETE FROM search_doc WHERE id = ?1")?.execute([id])? > 0 {
        connection.prepare_cached("DELETE FROM search_index WHERE rowid = ?1")?.execute([id])?;
    }
    let named = [(YOU, "you"), (CODE, "code"), (IMAGE, "image"), (ATTACHMENT, "attachment"), (FAILED, "failed")];
    let mut tags = String::new();
    let author = (document.flags & YOU == 0).then_some("model");
    let flags = named.iter().filter(|(bit, _)| document.flags & bit != 0).map(|(_, name)| *name);
    for name in author.into_iter().chain(flags).chain(document.tags.iter().map(String::as_str)) {
        if !tags.is_empty() {
            tags.push(' ');
        }
        tags.push_str(&tag(name));
    }
    connection
        .prepare_cached(
            "INSERT INTO search_doc (id, conversation_id, at, flags, provider_id, hidden)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id, head.conversation_id, head.at, document.flags, document.provider_id, head.hidden])?;
    connection
        .prepare_cached("INSERT INTO search_index (rowid, body, whole, tags) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id, document.columns.body, document.columns.whole, tags])?;
    connection
        .prepare_cached(
            "INSERT INTO search_span (block, first_at, last_at) VALUES (?1, ?2, ?2)
             ON CONFLICT (block) DO UPDATE SET first_at = min(first_at, ?2), last_at = max(last_at, ?2)
              WHERE ?2 < first_at OR ?2 > last_at",
        )?
        .execute(params![id >> SPAN_BITS, head.at])?;
    Ok(())
}

/// How far the index has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Messages looked at.
    pub done: u32,
    /// Of these many.
    pub total: u32,
    /// The index is of no use and has to be made anew.
    pub given_up: bool,
}

/// What is still to be indexed; `None` once all is.
///
/// # Errors
/// [`StoreError`].
pub fn progress(connection: &Connection) -> Result<Option<Progress>, StoreError> {
    let sql = "SELECT version, next_title, next_message, done, total FROM search_state";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| {
        let given_up = row.get::<_, u32>(0)? != VERSION;
        let whole = !given_up && row.get::<_, i64>(1)? <= 0 && row.get::<_, i64>(2)? <= 0;
        let small = |at: usize| row.get::<_, i64>(at).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        Ok(if whole { None } else { Some(Progress { done: small(3)?, total: small(4)?, given_up }) })
    })?)
}
