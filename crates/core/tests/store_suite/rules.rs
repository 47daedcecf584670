//! The schema: that it is the one we mean, and that its rules hold.

use std::fmt::Write as _;
use std::path::Path;

use parlance_core::history::StoreError;
use parlance_core::history::migrate::MIGRATIONS;

use super::open;

/// All tables with their columns, indexes and triggers as SQLite understands them.
#[tokio::test]
async fn the_schema_is_the_one_in_the_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let schema = database
        .read(|connection| {
            let mut text = String::new();
            let mut objects = connection.prepare(
                "SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name",
            )?;
            let objects = objects
                .query_map([], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })?
                .collect::<Result<Vec<_>, _>>()?;
            for (kind, name, table) in objects {
                writeln!(text, "{kind} {name} ({table})").unwrap();
                let mut columns = connection.prepare(
                    "SELECT name, type, \"notnull\", coalesce(dflt_value, '-'), pk FROM pragma_table_xinfo(?1)",
                )?;
                let mut rows = columns.query([&name])?;
                while let Some(row) = rows.next()? {
                    let (name, kind, fixed, default, key): (String, String, bool, String, u32) =
                        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
                    let fixed = if fixed { " not null" } else { "" };
                    writeln!(text, "    {name} {kind}{fixed} default {default} key {key}").unwrap();
                }
            }
            Ok(text)
        })
        .await
        .unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store_suite/schema.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert_eq!(schema, wanted, "a changed schema needs a migration; before the first release: UPDATE_SNAPSHOTS=1");
}

#[test]
fn every_migration_file_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let listed: Vec<String> = MIGRATIONS.iter().map(|step| format!("{:04}_{}.sql", step.version, step.name)).collect();
    assert_eq!(files, listed);
    assert!(MIGRATIONS.iter().zip(1..).all(|(step, version)| step.version == version));
}

#[tokio::test]
async fn broken_rules_are_named_and_undone() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let attempts = [
        ("INSERT INTO setting VALUES ('a', 'not json', 1)", "json_valid(value)"),
        ("INSERT INTO turn (conversation_id, created_at) VALUES (4711, 1)", "FOREIGN KEY constraint failed"),
        ("INSERT INTO turn (conversation_id, created_at) VALUES ('x', 1)", "turn.conversation_id"),
        ("INSERT INTO conversation (created_at, updated_at) VALUES (1, 1)", "conversation.touched"),
    ];
    for (sql, rule) in attempts {
        let error = database.write(move |tx| Ok(tx.execute(sql, [])?)).await.unwrap_err();
        assert!(matches!(&error, StoreError::Constraint { rule: found, .. } if found.contains(rule)), "{error:?}");
    }
}

#[tokio::test]
async fn money_outlives_its_chat_and_never_changes() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    database
        .write(|tx| {
            tx.execute_batch(
                "INSERT INTO provider (slug, vendor, name, base_url, created_at, updated_at) VALUES ('p', 'v', 'P', 'x', 1, 1);
                 INSERT INTO conversation (created_at, updated_at, touched) VALUES (1, 1, 1);
                 INSERT INTO run (conversation_id, purpose, started_at) VALUES (1, 'chat', 1);
                 INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at) VALUES (1, 0, 1, 'v', 'm', 1);
                 INSERT INTO ledger (attempt_id, conversation_id, purpose, provider_id, vendor, model, outcome, booked_at,
                     booked_day, tokens_source, source, total_nano)
                     VALUES (1, 1, 'chat', 1, 'v', 'm', 'complete', 1, '2026-03-04', 'reported', 'priced', 42);",
            )?;
            Ok(())
        })
        .await
        .unwrap();
    let changed = database.write(|tx| Ok(tx.execute("UPDATE ledger SET total_nano = 1", [])?)).await;
    assert!(matches!(changed, Err(StoreError::Constraint { .. })), "{changed:?}");
    let left = database
        .write(|tx| {
            tx.execute("DELETE FROM conversation", [])?;
            tx.execute("DELETE FROM run", [])?;
            Ok(tx.query_row("SELECT total_nano, attempt_id, conversation_id FROM ledger", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?))
            })?)
        })
        .await
        .unwrap();
    assert_eq!(left, (42, None, None));
}

#[tokio::test]
async fn errors_hold_nothing_a_user_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let secret = "pineapple";
    database.write(|tx| Ok(tx.execute_batch("CREATE VIRTUAL TABLE words USING fts5 (text)")?)).await.unwrap();
    let mut errors = Vec::new();
    let unbalanced = format!("\"{secret}");
    errors.push(
        database
            .read(move |c| Ok(c.query_row("SELECT 1 FROM words WHERE words MATCH ?1", [&unbalanced], |_| Ok(()))?))
            .await
            .unwrap_err(),
    );
    errors.push(
        database
            .write(move |tx| Ok(tx.execute("INSERT INTO turn (conversation_id, created_at) VALUES (?1, 1)", [secret])?))
            .await
            .unwrap_err(),
    );
    errors.push(
        database
            .read(move |c| Ok(c.query_row("SELECT ?1", [secret], |row| row.get::<_, i64>(0)).map(|_| ())?))
            .await
            .unwrap_err(),
    );
    for error in errors {
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
}
