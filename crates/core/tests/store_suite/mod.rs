//! The store over real files and processes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on stops; children talk on stdout")]

mod child;
mod create;
mod faults;
mod migrate;
mod refuse;
mod rules;
mod traffic;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use parlance_core::clock::ManualClock;
use parlance_core::history::migrate::{MIGRATIONS, Migration};
use parlance_core::history::{Database, OpenError, Opened};
use rusqlite::Connection;

/// 2026-03-04T05:06:07.890Z
const NOW: i64 = 1_772_600_767_890;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(NOW, 60))
}

fn open(dir: &Path) -> Result<Opened, OpenError> {
    Database::open(dir, clock())
}

fn open_with(dir: &Path, migrations: &[Migration]) -> Result<Opened, OpenError> {
    Database::open_with(dir, clock(), migrations)
}

/// Plain SQLite on a store's file, around all that is tested.
fn raw(dir: &Path) -> Connection {
    Connection::open(dir.join("parlance.db")).unwrap()
}

/// Every file under a folder but the lock, with its bytes and its time of change.
fn bytes_of(dir: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name != "parlance.lock" {
            let changed = entry.metadata().unwrap().modified().unwrap();
            let bytes = if entry.path().is_dir() { Vec::new() } else { fs::read(entry.path()).unwrap() };
            found.insert(name, (bytes, changed));
        }
    }
    found
}

/// The version of the real schema.
const LATEST: u32 = MIGRATIONS.len() as u32;

/// The real schema and made-up steps after it.
fn then(steps: &[&str]) -> Vec<Migration> {
    let mut all = MIGRATIONS.to_vec();
    for (nth, sql) in steps.iter().enumerate() {
        let version = LATEST + 1 + nth as u32;
        all.push(Migration { version, name: "made up".into(), sql: (*sql).to_owned().into() });
    }
    all
}

async fn add_chat(database: &Database, title: &str) -> i64 {
    let title = title.to_owned();
    database
        .write(move |tx| {
            tx.execute(
                "INSERT INTO conversation (title, created_at, updated_at, touched) VALUES (?1, 1, 1, 1)",
                [&title],
            )?;
            Ok(tx.last_insert_rowid())
        })
        .await
        .unwrap()
}

async fn titles(database: &Database) -> Vec<String> {
    database
        .read(|connection| {
            let mut statement = connection.prepare("SELECT title FROM conversation ORDER BY id")?;
            let titles = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(titles)
        })
        .await
        .unwrap()
}

fn assert_whole(dir: &Path) {
    let verdict: String = raw(dir).pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}
