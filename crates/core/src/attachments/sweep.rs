//! Clears away files that nothing names: attached and never sent, or written just before a crash.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rusqlite::{Connection, Transaction};

use super::{Attachments, is_id};
use crate::history::{Database, StoreError, files};

/// How a file ends that is still being written.
pub(super) const SCRATCH: &str = ".part";
/// What nothing names is kept for this long: a draft may be in the making.
const PATIENCE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Rows that are looked at in one go.
const BATCH: usize = 200;

/// Nothing names the file: no turn, no reply, no draft. Drafts hold the ids of their files somewhere in their text.
const UNNAMED: &str = "a.created_at < ?1
      AND NOT EXISTS (SELECT 1 FROM turn_part t WHERE t.attachment_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM part p WHERE p.attachment_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.draft <> '' AND instr(c.draft, a.sha256) > 0)
      AND NOT EXISTS (SELECT 1 FROM setting s WHERE instr(s.value, a.sha256) > 0)";

/// Clears away what was left alone for a week. Failures are told to the log: the next start tries again.
pub(crate) async fn sweep(attachments: Attachments, database: Database, now: i64) {
    let before = now - PATIENCE_MS;
    let rows = match database.read(move |connection| unnamed(connection, before)).await {
        Ok(rows) => rows,
        Err(error) => return tracing::warn!(code = error.code(), "unused files were not looked for"),
    };
    for batch in rows.chunks(BATCH) {
        let (batch, files) = (batch.to_vec(), attachments.clone());
        let _alone = attachments.hold_alone().await;
        match database.write(move |tx| forget(tx, &batch, before)).await {
            Ok(gone) => {
                let removing = move || gone.iter().for_each(|sha256| remove(&files.path(sha256)));
                let _ran = tokio::task::spawn_blocking(removing).await;
            }
            Err(error) => return tracing::warn!(code = error.code(), "unused files were not cleared away"),
        }
    }
    let files = attachments.clone();
    let old = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(before).unwrap_or(0));
    let Ok(strays) = tokio::task::spawn_blocking(move || strays(&files.folder, old)).await else { return };
    if strays.is_empty() {
        return;
    }
    let _alone = attachments.hold_alone().await;
    let Ok(known) = database.read(known).await else { return };
    let named = |path: &PathBuf| path.file_name().and_then(|n| n.to_str()).is_some_and(|name| known.contains(name));
    let strays: Vec<PathBuf> = strays.into_iter().filter(|path| !named(path)).collect();
    let _ran = tokio::task::spawn_blocking(move || strays.iter().for_each(|path| remove(path))).await;
}

fn unnamed(connection: &Connection, before: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare(&format!("SELECT a.id FROM attachment a WHERE {UNNAMED}"))?;
    let ids = statement.query_map([before], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Forgets the rows that are still unnamed, and returns what they named.
fn forget(tx: &Transaction<'_>, ids: &[i64], before: i64) -> Result<Vec<String>, StoreError> {
    let sql = format!("DELETE FROM attachment AS a WHERE {UNNAMED} AND a.id = ?2 RETURNING sha256");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut gone = Vec::new();
    for id in ids {
        for sha256 in statement.query_map((before, id), |row| row.get(0))? {
            gone.push(sha256?);
        }
    }
    Ok(gone)
}

fn known(connection: &Connection) -> Result<HashSet<String>, StoreError> {
    let mut statement = connection.prepare("SELECT sha256 FROM attachment")?;
    let known = statement.query_map([], |row| row.get(0))?;
    Ok(known.collect::<Result<_, _>>()?)
}

/// Files of ours that were last written before `old`. Anything with another name is not ours to remove.
fn strays(folder: &Path, old: SystemTime) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
    };
    let files = list(folder).into_iter().filter(|path| path.is_dir()).flat_map(|path| list(&path));
    files.filter(|path| is_ours(path) && written_before(path, old).unwrap_or(false)).collect()
}

fn is_ours(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    is_id(name) || name.ends_with(SCRATCH) && name.get(..64).is_some_and(is_id)
}

fn written_before(path: &Path, old: SystemTime) -> io::Result<bool> {
    let about = fs::symlink_metadata(path)?;
    Ok(about.is_file() && about.modified()? < old)
}

fn remove(path: &Path) {
    if let Err(error) = files::remove_if_there(path) {
        tracing::warn!(%error, "an unused file was not removed");
    }
}
