//! From an older version to this one: whole or not at all, with a good copy made first (DB-6).

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use parlance_core::clock::Clock as _;
use parlance_core::history::migrate::MIGRATIONS;
use parlance_core::history::{Database, OpenError, StoreError};
use rusqlite::{Connection, OpenFlags};

use super::child::{LONG, command};
use super::{LATEST, NOW, add_chat, assert_whole, clock, open, open_with, raw, then, titles};

/// A closed store of the latest version with `chats` chats.
async fn old_store(chats: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    database
        .write(move |tx| {
            let mut insert =
                tx.prepare("INSERT INTO conversation (title, created_at, updated_at, touched) VALUES (?1, 1, 1, ?2)")?;
            for nth in 0..chats {
                insert.execute((format!("chat {nth} {}", "and more ".repeat(12)), nth))?;
            }
            Ok(())
        })
        .await
        .unwrap();
    database.close().await.unwrap();
    dir
}

/// The whole content: the schema and each row of each table.
fn content(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type = 'table' DESC, name")
        .unwrap();
    let objects: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut all = vec![format!("version {}", version(connection))];
    for (name, sql) in objects {
        if sql.starts_with("CREATE TABLE") {
            let mut rows = connection.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
            let width = rows.column_count();
            let mut found = rows.query([]).unwrap();
            while let Some(row) = found.next().unwrap() {
                let values: Vec<rusqlite::types::Value> = (0..width).map(|at| row.get(at).unwrap()).collect();
                all.push(format!("{name}: {values:?}"));
            }
        }
        all.push(sql);
    }
    all
}

fn version(connection: &Connection) -> u32 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn backups(dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir.join("backups")) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_good_copy_is_made_first() {
    let dir = old_store(50).await;
    let before = content(&raw(dir.path()));
    let opened = open_with(dir.path(), &then(&["ALTER TABLE conversation ADD COLUMN colour TEXT"])).unwrap();
    assert_eq!(opened.report.migrated_from, Some(LATEST));
    let copy = opened.report.backup.unwrap();
    assert_eq!(copy.file_name().unwrap(), format!("parlance-v{LATEST}-20260304T050607890Z-01.db").as_str());
    let colour = opened
        .database
        .read(|c| Ok(c.query_row("SELECT count(colour) FROM conversation", [], |r| r.get::<_, u32>(0))?));
    assert_eq!(colour.await, Ok(0));
    opened.database.close().await.unwrap();

    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let copied = Connection::open_with_flags(&copy, flags).unwrap();
    assert_eq!(content(&copied), before);
    drop(copied);
    assert_eq!(version(&raw(dir.path())), LATEST + 1);
    assert!(matches!(open(dir.path()), Err(OpenError::Newer { supported: LATEST, .. })), "and the old app stays out");

    let restored = tempfile::tempdir().unwrap();
    std::fs::copy(&copy, restored.path().join("parlance.db")).unwrap();
    let opened = open(restored.path()).unwrap();
    assert_eq!(super::titles(&opened.database).await.len(), 50, "a copy put back in place is a store");
}

#[tokio::test]
async fn a_failing_statement_anywhere_undoes_everything() {
    let dir = old_store(20).await;
    let before = content(&raw(dir.path()));
    let good = [
        "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT",
        "INSERT INTO extra VALUES (1)",
        "DELETE FROM conversation WHERE id > 5",
        "ALTER TABLE conversation ADD COLUMN colour TEXT",
    ];
    let bad = [
        "INSERT INTO extra VALUES ('no number')",
        "no such statement",
        "COMMIT",
        "SAVEPOINT mine; RELEASE mine; COMMIT; BEGIN",
        "ATTACH ':memory:' AS other",
        "INSERT INTO turn (conversation_id, created_at) VALUES (4711, 1)",
    ];
    for at in 0..=good.len() {
        for bad in bad {
            let mut steps: Vec<&str> = good.to_vec();
            steps.insert(at, bad);
            let error = open_with(dir.path(), &then(&steps)).map(|opened| opened.report).unwrap_err();
            assert!(matches!(error, OpenError::Migration { .. }), "{error:?}");
            assert_eq!(content(&raw(dir.path())), before, "{bad} at {at}");
            let one = steps.join("; ");
            assert!(open_with(dir.path(), &then(&[&one])).is_err());
            assert_eq!(content(&raw(dir.path())), before, "{bad} at {at} in one step");
        }
    }
    assert!(
        backups(dir.path()).len() <= 5,
        "failing again and again does not fill the disk: {:?}",
        backups(dir.path())
    );
    assert_whole(dir.path());
    open(dir.path()).unwrap();
}

#[tokio::test]
async fn a_store_of_every_version_arrives_with_its_chats() {
    for before in 1..MIGRATIONS.len() {
        let dir = tempfile::tempdir().unwrap();
        let database = open_with(dir.path(), &MIGRATIONS[..before]).unwrap().database;
        add_chat(&database, "kept").await;
        database.close().await.unwrap();
        let opened = open(dir.path()).unwrap();
        assert_eq!(opened.report.migrated_from, Some(before as u32));
        assert_eq!(titles(&opened.database).await, ["kept"]);
        opened.database.close().await.unwrap();
        assert_eq!(version(&raw(dir.path())), LATEST);
    }
}

#[tokio::test]
async fn a_missing_number_is_refused() {
    let dir = old_store(1).await;
    let mut steps = then(&["SELECT 1", "SELECT 1"]);
    steps.remove(LATEST as usize);
    assert!(
        matches!(open_with(dir.path(), &steps), Err(OpenError::Migration { version, .. }) if version == LATEST + 2)
    );
    assert_eq!(version(&raw(dir.path())), LATEST);
}

#[tokio::test]
async fn tables_can_be_rebuilt_and_foreign_keys_hold_afterwards() {
    let dir = old_store(3).await;
    let database = open(dir.path()).unwrap().database;
    database
        .write(|tx| Ok(tx.execute("INSERT INTO turn (conversation_id, created_at) VALUES (1, 1)", [])?))
        .await
        .unwrap();
    database.close().await.unwrap();
    let rebuild = "CREATE TABLE turn2 (id INTEGER PRIMARY KEY AUTOINCREMENT, conversation_id INTEGER NOT NULL
                       REFERENCES conversation (id) ON DELETE CASCADE, created_at INTEGER NOT NULL) STRICT;
                   INSERT INTO turn2 SELECT id, conversation_id, created_at FROM turn; DROP TABLE turn; ALTER TABLE turn2 RENAME TO turn;";
    let database = open_with(dir.path(), &then(&[rebuild])).unwrap().database;
    let left = database.read(|c| Ok(c.query_row("SELECT count(*) FROM turn", [], |r| r.get::<_, u32>(0))?)).await;
    assert_eq!(left, Ok(1));
    let orphan =
        database.write(|tx| Ok(tx.execute("INSERT INTO turn (conversation_id, created_at) VALUES (99, 1)", [])?)).await;
    assert!(matches!(orphan, Err(StoreError::Constraint { .. })), "{orphan:?}");
}

#[tokio::test]
async fn a_damaged_store_is_not_migrated() {
    let dir = old_store(500).await;
    let path = dir.path().join("parlance.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len() - 4_096;
    bytes[end..].fill(0x5A);
    std::fs::write(&path, &bytes).unwrap();
    let error = open_with(dir.path(), &then(&["SELECT 1"])).map(|opened| opened.report).unwrap_err();
    assert!(matches!(error, OpenError::Backup(StoreError::Corrupt)), "{error:?}");
    assert!(backups(dir.path()).is_empty(), "a bad copy is no copy");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn old_copies_make_room_and_the_new_one_stays_whatever_the_clock_says() {
    let dir = old_store(1).await;
    let clock = clock();
    let mut made = Vec::new();
    for nth in 0..8 {
        raw(dir.path()).pragma_update(None, "user_version", LATEST).unwrap();
        // The last one is made on a day long before the others.
        clock.set(if nth == 7 { NOW - 86_400_000_000 } else { NOW + nth });
        assert!(clock.now_ms() > 0);
        let opened = Database::open_with(dir.path(), clock.clone(), &then(&["SELECT 1"])).unwrap();
        made.push(opened.report.backup.unwrap());
        opened.database.close().await.unwrap();
    }
    let left = backups(dir.path());
    assert_eq!(left.len(), 5, "{left:?}");
    for kept in [3, 4, 5, 6, 7] {
        assert!(made[kept].exists(), "{left:?}");
    }
}

#[tokio::test]
async fn killed_in_mid_migration_it_is_old_or_new() {
    let source = old_store(3_000).await;
    let old = content(&raw(source.path()));
    let (_, new) = {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(source.path().join("parlance.db"), dir.path().join("parlance.db")).unwrap();
        drop(open_with(dir.path(), &then(LONG)).unwrap().database.close().await);
        let content = content(&raw(dir.path()));
        (dir, content)
    };
    let mut random = 0x9E37_79B9_u64;
    let (mut stayed, mut arrived) = (0, 0);
    for _ in 0..16 {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(source.path().join("parlance.db"), dir.path().join("parlance.db")).unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut child = command("migrate", dir.path(), &[]).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        let (said, ears) = mpsc::channel();
        let listener = std::thread::spawn(move || {
            let done = BufReader::new(output).lines().map_while(Result::ok).any(|line| line == "migrated");
            let _ = said.send(done);
        });
        let _ = ears.recv_timeout(Duration::from_millis((random >> 33) % 120));
        child.kill().unwrap();
        child.wait().unwrap();
        listener.join().unwrap();
        let opened = Database::open_with(dir.path(), clock(), &then(&[])).map(|opened| opened.database);
        if let Ok(database) = opened {
            database.close().await.unwrap();
            stayed += 1;
        } else {
            arrived += 1;
        }
        assert_whole(dir.path());
        let now = content(&raw(dir.path()));
        assert!(now == old || now == new, "version {}", now[0]);
        for backup in backups(dir.path()).iter().filter(|name| name.ends_with(".db")) {
            let copy = Connection::open(dir.path().join("backups").join(backup)).unwrap();
            assert_eq!(content(&copy), old, "a copy with its name is whole");
        }
        let again = open_with(dir.path(), &then(LONG)).unwrap();
        again.database.close().await.unwrap();
        assert_eq!(content(&raw(dir.path())), new);
    }
    println!("killed in mid-migration: {stayed} stayed old, {arrived} had arrived");
}

#[tokio::test]
async fn pieces_of_an_old_store_come_over_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let database = open_with(dir.path(), &MIGRATIONS[..2]).unwrap().database;
    database
        .write(|tx| {
            tx.execute_batch(
                "INSERT INTO provider (slug, vendor, name, base_url, created_at, updated_at) VALUES ('p', 'v', 'P', 'x', 1, 1);
                 INSERT INTO model_choice (provider_id, model, shown, updated_at) VALUES (1, 'm', 0, 1);
                 INSERT INTO conversation (title, created_at, updated_at, touched) VALUES ('old', 1, 1, 1);
                 INSERT INTO lane (conversation_id, position) VALUES (1, 0);
                 INSERT INTO turn (conversation_id, created_at) VALUES (1, 1);
                 INSERT INTO turn_part (turn_id, ordinal, kind, text, meta) VALUES (1, 0, 'text', 'question', '{\"name\":\"n\"}');
                 INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at)
                     VALUES (1, 1, NULL, 'user', 'complete', 1, 1), (1, 1, 1, 'assistant', 'complete', 1, 1);
                 UPDATE lane SET active_leaf = 2;
                 INSERT INTO run (message_id, conversation_id, purpose, started_at) VALUES (2, 1, 'chat', 1);
                 INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at) VALUES (1, 0, 1, 'v', 'm', 1);
                 INSERT INTO part (message_id, ordinal, kind, attempt_id, text, opaque, opaque_dialect, opaque_provider_id, opaque_model)
                     VALUES (2, 0, 'reasoning', 1, 'hm', '[ 1 ]', 'd', 1, 'm'), (2, 1, 'text', 1, 'answer', NULL, NULL, NULL, NULL);",
            )?;
            Ok(())
        })
        .await
        .unwrap();
    database.close().await.unwrap();
    let pieces = |connection: &Connection| {
        let mut rows = Vec::new();
        for table in ["turn_part", "part"] {
            let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
            let width = statement.column_count();
            let mut found = statement.query([]).unwrap();
            while let Some(row) = found.next().unwrap() {
                rows.push((0..width).map(|at| row.get(at).unwrap()).collect::<Vec<rusqlite::types::Value>>());
            }
        }
        rows
    };
    let before = pieces(&raw(dir.path()));
    assert_eq!(before.len(), 3);
    let database = open(dir.path()).unwrap().database;
    database.close().await.unwrap();
    assert_eq!(pieces(&raw(dir.path())), before);
    assert_whole(dir.path());

    let database = open(dir.path()).unwrap().database;
    let left = database.write(|tx| {
        tx.execute("DELETE FROM run", [])?;
        let orphans = tx.query_row("SELECT count(*) FROM part WHERE attempt_id IS NULL", [], |row| row.get(0))?;
        tx.execute("UPDATE conversation SET deleted_at = 1", [])?;
        tx.execute("DELETE FROM conversation", [])?;
        let sql = "SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM turn_part)";
        Ok::<(i64, i64), StoreError>((orphans, tx.query_row(sql, [], |row| row.get(0))?))
    });
    assert_eq!(left.await, Ok((2, 0)), "and refer to what they did");
}
