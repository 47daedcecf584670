//! The table `attachment`.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Kept, kinds};
use crate::{
    history::{
        error::StoreError,
        rows::{AttachmentRow, PartRow},
    },
    view::AttachmentView,
};

/// Writes down a file that is on the disk already. The same content has one row; it gets the newer name, and counts as
/// new to the sweeper.
pub fn register(tx: &Transaction<'_>, kept: &Kept, name: &str, now: i64) -> Result<AttachmentRow, StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO attachment (sha256, name, media_type, bytes, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (sha256) DO UPDATE SET created_at = excluded.created_at,
             name = CASE WHEN excluded.name = '' THEN name ELSE excluded.name END
         RETURNING id, sha256, name, media_type, bytes",
    )?;
    let values = params![kept.sha256, name, kept.media_type, kept.bytes as i64, now];
    Ok(statement.query_row(values, row)?)
}

/// The file with this content.
pub fn get(connection: &Connection, sha256: &str) -> Result<AttachmentRow, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, sha256, name, media_type, bytes FROM attachment WHERE sha256 = ?1")?;
    statement.query_row([sha256], row).optional()?.ok_or(StoreError::NotFound)
}

/// The files with these ids, in their order; `not_found` where one is not kept.
pub fn all(connection: &Connection, ids: &[String]) -> Result<Vec<AttachmentRow>, StoreError> {
    ids.iter().map(|id| get(connection, id)).collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<AttachmentRow> {
    Ok(AttachmentRow {
        id: row.get(0)?,
        sha256: row.get(1)?,
        name: row.get(2)?,
        media_type: row.get(3)?,
        bytes: row.get(4)?,
    })
}

/// A part whose file is on the disk, with the file's row.
pub(crate) fn with_row(tx: &Transaction<'_>, part: &PartRow, kept: &Kept, now: i64) -> Result<PartRow, StoreError> {
    let attachment = Some(register(tx, kept, "", now)?);
    Ok(PartRow { attachment, text: String::new(), ..part.clone() })
}

/// A file for the screen.
pub fn view(row: &AttachmentRow) -> AttachmentView {
    AttachmentView {
        id: row.sha256.clone(),
        name: row.name.clone(),
        media_type: row.media_type.clone(),
        bytes: row.bytes as f64,
        kind: kinds::kind(&row.media_type),
    }
}
