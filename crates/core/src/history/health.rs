//! The last calls of providers and accounts, from the table `attempt`.

use rusqlite::{Connection, Row, params};

use super::{error::StoreError, runs};
use crate::view::{FailureView, MessageStatus};

/// Calls that are shown.
pub const MOST_CALLS: usize = 20;
/// Attempts that are looked at for them: those that run or were stopped are passed over, but not without end.
const LOOKED_AT: usize = 200;

/// Whose calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All of a provider.
    Provider(i64),
    /// Those of one account.
    Account(i64),
}

/// One call that has ended.
#[derive(Clone, Debug)]
pub struct EndedCall {
    /// When it began, UTC milliseconds.
    pub started_at: i64,
    /// To the first output.
    pub first_token_ms: Option<i64>,
    /// How it ended.
    pub outcome: MessageStatus,
    /// Why it failed.
    pub error: Option<FailureView>,
    /// The model asked for.
    pub model: String,
    /// The account's label now; may be empty.
    pub account: Option<String>,
}

/// The last calls that have ended and that no person stopped, the newest first. Reads so many rows of one index,
/// however many calls there are.
pub fn last_calls(connection: &Connection, whose: Whose) -> Result<Vec<EndedCall>, StoreError> {
    let (column, id) = match whose {
        Whose::Provider(id) => ("provider", id),
        Whose::Account(id) => ("account", id),
    };
    let mut statement = connection.prepare_cached(&sql(column))?;
    let rows = statement.query_map(params![id, LOOKED_AT as i64, MOST_CALLS as i64], ended_call)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The index is named so that a store without statistics reads no other.
fn sql(column: &str) -> String {
    format!(
        "SELECT a.started_at, a.first_token_ms, a.outcome, a.error_category, a.error_status, a.error_code,
                a.error_message, a.model, (SELECT label FROM account WHERE account.id = a.account_id)
           FROM (SELECT * FROM attempt INDEXED BY attempt_of_{column} WHERE {column}_id = ?1
                  ORDER BY id DESC LIMIT ?2) a
          WHERE a.outcome NOT IN ('running', 'cancelled') LIMIT ?3"
    )
}

fn ended_call(row: &Row<'_>) -> rusqlite::Result<EndedCall> {
    Ok(EndedCall {
        started_at: row.get(0)?,
        first_token_ms: row.get(1)?,
        outcome: MessageStatus::from_stored(row.get_ref(2)?.as_str()?).unwrap_or(MessageStatus::Failed),
        error: runs::failure(row, 3)?,
        model: row.get(7)?,
        account: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::ManualClock, history::Database};

    #[tokio::test]
    async fn calls_are_read_off_their_own_index_and_without_sorting() {
        let folder = tempfile::tempdir().unwrap();
        let clock = std::sync::Arc::new(ManualClock::new(0, 0));
        let store = Database::open(folder.path(), clock).unwrap().database;
        for column in ["provider", "account"] {
            let explained = format!("EXPLAIN QUERY PLAN {}", sql(column));
            let plan: Vec<String> = store
                .read(move |connection| {
                    let mut statement = connection.prepare(&explained)?;
                    let rows = statement.query_map(params![1, 200, 20], |row| row.get(3))?;
                    Ok(rows.collect::<Result<_, _>>()?)
                })
                .await
                .unwrap();
            let plan = plan.join("\n");
            assert!(
                plan.contains(&format!("SEARCH attempt USING INDEX attempt_of_{column} ({column}_id=?)")),
                "{plan}"
            );
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN attempt"), "{plan}");
        }
        store.close().await.unwrap();
    }
}
