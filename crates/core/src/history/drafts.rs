//! What stands in composers: in `conversation.draft` for a chat, in a setting for one that is not begun.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{error::StoreError, parts};
use crate::{
    chat::views,
    settings,
    view::{AttachmentView, Draft},
};

/// What stands in a composer; without a chat, in that of a new one. Files that are no longer kept are left out.
pub fn load(connection: &Connection, conversation: Option<i64>) -> Result<Draft, StoreError> {
    readable(connection, stored(connection, conversation)?)
}

/// A draft without the files that are no longer kept.
pub fn readable(connection: &Connection, mut draft: Draft) -> Result<Draft, StoreError> {
    draft.attachments = known(connection, draft.attachments)?;
    for queued in &mut draft.queued {
        queued.attachments = known(connection, std::mem::take(&mut queued.attachments))?;
    }
    Ok(draft)
}

fn stored(connection: &Connection, conversation: Option<i64>) -> Result<Draft, StoreError> {
    let Some(id) = conversation else { return settings::draft(connection) };
    let sql = "SELECT draft FROM conversation WHERE id = ?1";
    let json: Option<String> = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

/// What the store knows of the files; only their names are the page's to say.
fn known(connection: &Connection, files: Vec<AttachmentView>) -> Result<Vec<AttachmentView>, StoreError> {
    let mut views = Vec::with_capacity(files.len());
    for file in files {
        if let Some(row) = parts::attachment(connection, &file.id)? {
            views.push(views::attachment(&row, Some(file.name)));
        }
    }
    Ok(views)
}

/// Keeps a draft.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such chat, or it is in the trash.
pub fn save(tx: &Transaction<'_>, conversation: Option<i64>, draft: &Draft, now: i64) -> Result<(), StoreError> {
    let Some(id) = conversation else { return settings::keep_draft(tx, draft, now) };
    let json = if *draft == Draft::default() {
        String::new()
    } else {
        serde_json::to_string(draft).map_err(|_| StoreError::internal("a draft as JSON"))?
    };
    let sql = "UPDATE conversation SET draft = ?2 WHERE id = ?1 AND deleted_at IS NULL";
    if tx.execute(sql, params![id, json])? == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// A message was sent from the composer: what was typed ahead stays.
pub fn sent(tx: &Transaction<'_>, conversation: Option<i64>, now: i64) -> Result<(), StoreError> {
    let draft = stored(tx, conversation)?;
    if draft.text.is_empty() && draft.attachments.is_empty() {
        return Ok(());
    }
    save(tx, conversation, &Draft { queued: draft.queued, ..Draft::default() }, now)
}
