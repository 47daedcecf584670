//! Times that a route moved on to another target, from the tables `run` and `attempt`.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{error::StoreError, runs};
use crate::view::{AttemptReason, FailureView, SkipReason, SkipView};

/// Switches of a page.
pub const PAGE: usize = 50;

/// The attempts that are switches: those of the index `attempt_switch`, in its very words.
const IS_SWITCH: &str = "(a.reason IN ('next_target', 'continued') OR (a.reason = 'first' AND a.skipped IS NOT NULL))";

/// One time that a route moved on.
#[derive(Clone, Debug, PartialEq)]
pub struct SwitchRow {
    /// The attempt that it moved on to.
    pub attempt_id: i64,
    /// When that began, UTC milliseconds.
    pub at: i64,
    /// The chat, where it still is.
    pub conversation_id: Option<i64>,
    /// Whether that lies in the trash.
    pub trashed: bool,
    /// The message, where its chat is named.
    pub message_id: Option<i64>,
    /// Who failed or was passed over.
    pub from: EndRow,
    /// Who was asked then.
    pub to: EndRow,
    /// Why it failed.
    pub failure: Option<FailureView>,
    /// Why it was passed over.
    pub skip: Option<SkipReason>,
    /// How often it was asked.
    pub tries: u32,
    /// From its first try to the next target, in milliseconds.
    pub lost_ms: i64,
}

/// One side of a switch.
#[derive(Clone, Debug, PartialEq)]
pub struct EndRow {
    /// The provider.
    pub provider_id: i64,
    /// Its name now.
    pub name: String,
    /// Its vendor.
    pub vendor: String,
    /// The model as it was asked for.
    pub model: String,
}

/// A switch as its own row tells it.
struct Moved {
    attempt_id: i64,
    run_id: i64,
    ordinal: i64,
    at: i64,
    reason: AttemptReason,
    skipped: Option<String>,
    to: EndRow,
    conversation_id: Option<i64>,
    message_id: Option<i64>,
    trashed: bool,
}

/// A page of switches.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The newest first.
    pub rows: Vec<SwitchRow>,
    /// What the next page is before; `None` at the end.
    pub next: Option<i64>,
}

/// A page of the switches of a route; `before` is where the page before says the next one begins. It reads one index
/// from its end, never all runs.
pub fn page(connection: &Connection, route_id: i64, before: Option<i64>) -> Result<Page, StoreError> {
    let mut statement = connection.prepare_cached(&page_sql())?;
    let rows = statement.query_map(params![before.unwrap_or(i64::MAX), route_id, PAGE as i64 + 1], moved)?;
    let mut moved = rows.collect::<Result<Vec<_>, _>>()?;
    let more = moved.len() > PAGE;
    moved.truncate(PAGE);
    let next = moved.last().filter(|_| more).map(|last| last.attempt_id);
    let rows = moved.into_iter().filter_map(|moved| whole(connection, moved).transpose());
    Ok(Page { rows: rows.collect::<Result<_, _>>()?, next })
}

fn page_sql() -> String {
    format!(
        "SELECT a.id, a.run_id, a.ordinal, a.started_at, a.reason, a.skipped, a.provider_id, p.name, p.vendor, a.model,
                c.id, r.message_id, c.deleted_at IS NOT NULL
           FROM attempt a INDEXED BY attempt_switch
           CROSS JOIN run r ON r.id = a.run_id
           CROSS JOIN provider p ON p.id = a.provider_id
           LEFT JOIN conversation c ON c.id = r.conversation_id
          WHERE {IS_SWITCH} AND a.id < ?1 AND r.route_id = ?2 ORDER BY a.id DESC LIMIT ?3"
    )
}

fn moved(row: &Row<'_>) -> rusqlite::Result<Moved> {
    Ok(Moved {
        attempt_id: row.get(0)?,
        run_id: row.get(1)?,
        ordinal: row.get(2)?,
        at: row.get(3)?,
        reason: AttemptReason::from_stored(row.get_ref(4)?.as_str()?),
        skipped: row.get(5)?,
        to: end(row, 6)?,
        conversation_id: row.get(10)?,
        message_id: row.get(11)?,
        trashed: row.get(12)?,
    })
}

/// A side of a switch, from its provider, the provider's name and vendor and the model, side by side from this column.
fn end(row: &Row<'_>, first: usize) -> rusqlite::Result<EndRow> {
    Ok(EndRow {
        provider_id: row.get(first)?,
        name: row.get(first + 1)?,
        vendor: row.get(first + 2)?,
        model: row.get(first + 3)?,
    })
}

/// The switch with whom it left; `None` where that cannot be read any more.
fn whole(connection: &Connection, moved: Moved) -> Result<Option<SwitchRow>, StoreError> {
    let message_id = moved.message_id.filter(|_| moved.conversation_id.is_some());
    let switch = |from, failure, skip, tries, lost_ms| SwitchRow {
        attempt_id: moved.attempt_id,
        at: moved.at,
        conversation_id: moved.conversation_id,
        trashed: moved.trashed,
        message_id,
        from,
        to: moved.to.clone(),
        failure,
        skip,
        tries,
        lost_ms,
    };
    if moved.reason == AttemptReason::First {
        let passed = passed_over(connection, moved.skipped.as_deref())?;
        return Ok(passed.map(|(from, reason)| switch(from, None, Some(reason), 0, 0)));
    }
    Ok(left(connection, &moved)?.map(|Left { from, failure, tries, began }| {
        switch(from, failure, None, tries, moved.at.saturating_sub(began).max(0))
    }))
}

/// The first that was passed over, and why.
fn passed_over(connection: &Connection, json: Option<&str>) -> Result<Option<(EndRow, SkipReason)>, StoreError> {
    let skipped: Option<Vec<SkipView>> = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(first) = skipped.and_then(|skipped| skipped.into_iter().next()) else { return Ok(None) };
    let Ok(id) = first.provider_id.parse::<i64>() else { return Ok(None) };
    let sql = "SELECT id, name, vendor, ?2 FROM provider WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let from = statement.query_row(params![id, first.model], |row| end(row, 0)).optional()?;
    Ok(from.map(|from| (from, first.reason)))
}

/// Whom a run left.
struct Left {
    from: EndRow,
    failure: Option<FailureView>,
    tries: u32,
    /// When it was asked first.
    began: i64,
}

/// The target before this attempt, with its tries in a row.
fn left(connection: &Connection, moved: &Moved) -> Result<Option<Left>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT a.provider_id, p.name, p.vendor, a.model, a.started_at,
                a.error_category, a.error_status, a.error_code, a.error_message
           FROM attempt a JOIN provider p ON p.id = a.provider_id
          WHERE a.run_id = ?1 AND a.ordinal < ?2 ORDER BY a.ordinal DESC",
    )?;
    let mut rows = statement.query(params![moved.run_id, moved.ordinal])?;
    let mut left: Option<Left> = None;
    while let Some(row) = rows.next()? {
        let (from, began) = (end(row, 0)?, row.get(4)?);
        match &mut left {
            None => left = Some(Left { from, failure: runs::failure(row, 5)?, tries: 1, began }),
            Some(left) if left.from == from => (left.tries, left.began) = (left.tries + 1, began),
            Some(_) => break,
        }
    }
    Ok(left)
}

/// Switches of a route, and its answers, since a moment. Reads from the newest on, until one is older.
pub fn since(connection: &Connection, route_id: i64, moment: i64) -> Result<(u32, u32), StoreError> {
    let switches = format!(
        "SELECT a.started_at, 1 FROM attempt a INDEXED BY attempt_switch CROSS JOIN run r ON r.id = a.run_id
          WHERE {IS_SWITCH} AND r.route_id = ?1 ORDER BY a.id DESC"
    );
    let answers = "SELECT started_at, coalesce(outcome = 'complete', 0) FROM run WHERE route_id = ?1 ORDER BY id DESC";
    Ok((count(connection, &switches, route_id, moment)?, count(connection, answers, route_id, moment)?))
}

fn count(connection: &Connection, sql: &str, route_id: i64, moment: i64) -> Result<u32, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([route_id])?;
    let mut count = 0_u32;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? < moment {
            break;
        }
        count = count.saturating_add(row.get(1)?);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::ManualClock, history::Database};

    #[tokio::test]
    async fn a_page_is_read_off_the_index_of_switches_without_sorting() {
        let folder = tempfile::tempdir().unwrap();
        let clock = std::sync::Arc::new(ManualClock::new(0, 0));
        let store = Database::open(folder.path(), clock).unwrap().database;
        let plan: Vec<String> = store
            .read(|connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", page_sql()))?;
                let rows = statement.query_map(params![i64::MAX, 1, 50], |row| row.get(3))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("SEARCH a USING INDEX attempt_switch"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}");
        store.close().await.unwrap();
    }
}
