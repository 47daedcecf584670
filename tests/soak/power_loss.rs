//! No acknowledged commit is lost to a power loss, wherever it strikes (DB-1).
//!
//! A child writes to a store under strace and says `ACK n` after each commit. From the trace the files are rebuilt as
//! a power loss at every single step could leave them, opened with our own code, and searched for what was
//! acknowledged. The same with `synchronous=NORMAL`, which does lose commits, shows that the search can fail.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a soak that cannot go on stops, and says what it counted"
)]

#[path = "power_loss/disk.rs"]
mod disk;
#[path = "power_loss/trace.rs"]
mod trace;

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use disk::{Cached, Disk, Random, Survives};
use parlance_core::clock::ManualClock;
use parlance_core::history::{Database, StoreError};
use rusqlite::Connection;
use trace::Op;

const ROLE: &str = "PARLANCE_POWER_LOSS_CHILD";
const DIR: &str = "PARLANCE_POWER_LOSS_DIR";
const COMMITS: u32 = 40;
/// Pages of log before a checkpoint: few, so that many checkpoints lie among the commits.
const CHECKPOINT: u32 = 24;

fn commit(connection: &Connection, number: u32) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO conversation (title, created_at, updated_at, touched) VALUES (?1, 1, 1, ?2)",
        (format!("commit {number}"), number),
    )?;
    let chat = connection.last_insert_rowid();
    connection.execute("INSERT INTO turn (conversation_id, created_at) VALUES (?1, 1)", [chat])?;
    connection.execute(
        "INSERT INTO turn_part (turn_id, ordinal, kind, text) VALUES (?1, 0, 'text', ?2)",
        (connection.last_insert_rowid(), "what was said, ".repeat(80 + number as usize * 7 % 400)),
    )?;
    // Freed and reused pages are part of real life.
    connection.execute("DELETE FROM turn_part WHERE turn_id % 5 = 0 AND turn_id < ?1", [i64::from(number) - 10])?;
    Ok(())
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(1_772_600_767_890, 0))
}

#[tokio::test]
#[ignore = "a child of the soak"]
async fn child() {
    let (Ok(role), Ok(dir)) = (std::env::var(ROLE), std::env::var(DIR)) else { return };
    let dir = Path::new(&dir);
    if role == "normal" {
        let connection = Connection::open(dir.join("parlance.db")).unwrap();
        connection.pragma_update(None, "synchronous", "normal").unwrap();
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).unwrap();
        for number in 1..=COMMITS {
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            commit(&connection, number).unwrap();
            connection.execute_batch("COMMIT").unwrap();
            println!("\nACK {number}");
        }
        return;
    }
    for part in 0..2 {
        let database = Database::open(dir, clock()).unwrap().database;
        database.write(|tx| Ok(tx.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?)).await.unwrap();
        for number in part * COMMITS / 2 + 1..=(part + 1) * COMMITS / 2 {
            database.write(move |tx| commit(tx, number)).await.unwrap();
            println!("\nACK {number}");
        }
        database.close().await.unwrap();
    }
}

/// What a child did to the files of `dir`; `None` where strace does not run.
fn traced(role: &str, dir: &Path) -> Option<String> {
    let record = tempfile::NamedTempFile::new().unwrap();
    let run = Command::new("strace")
        .args(["-f", "-y", "-xx", "-s", "200000", "-e", "signal=none", "-e", trace::CALLS, "-o"])
        .arg(record.path())
        .arg(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output();
    let run = match run {
        Ok(run) => run,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{error}"),
    };
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains(&format!("ACK {COMMITS}\n")), "{said}");
    Some(std::fs::read_to_string(record.path()).unwrap())
}

/// What a run of power losses came to.
#[derive(Debug, Default)]
struct Tally {
    states: u32,
    /// States in which an acknowledged commit was missing.
    lossy: u32,
    /// The most commits missing in one state.
    worst: u32,
}

/// Opens a state as the app would and counts acknowledged commits that are missing.
async fn missing(disk: &Disk, acknowledged: u32) -> u32 {
    let shared_memory = Path::new("/dev/shm");
    let dir = if shared_memory.is_dir() { tempfile::tempdir_in(shared_memory) } else { tempfile::tempdir() }.unwrap();
    disk.pour(dir.path());
    let database = match Database::open(dir.path(), clock()) {
        Ok(opened) => opened.database,
        Err(error) => panic!("a power loss left a store that does not open: {error} ({:?})", disk.names),
    };
    let (verdict, found) = database
        .read(|connection| {
            let verdict: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
            let mut statement = connection.prepare("SELECT touched FROM conversation")?;
            let found = statement.query_map([], |row| row.get(0))?.collect::<Result<HashSet<u32>, _>>()?;
            Ok((verdict, found))
        })
        .await
        .unwrap();
    database.close().await.unwrap();
    assert_eq!(verdict, "ok");
    (1..=acknowledged).filter(|number| !found.contains(number)).count() as u32
}

async fn strike_everywhere(start: Disk, ops: &[Op]) -> BTreeMap<Survives, Tally> {
    let mut cached = Cached::new(start);
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut seen = HashSet::new();
    let mut tallies = BTreeMap::new();
    for op in ops {
        cached.take(op);
        for survives in [Survives::Nothing, Survives::FirstHalf, Survives::Everything, Survives::ByChance] {
            let disk = cached.after_power_loss(survives, &mut random);
            let mut hasher = DefaultHasher::new();
            (&disk, cached.acknowledged).hash(&mut hasher);
            if !seen.insert(hasher.finish()) {
                continue;
            }
            let tally: &mut Tally = tallies.entry(survives).or_default();
            let missing = missing(&disk, cached.acknowledged).await;
            tally.states += 1;
            tally.lossy += u32::from(missing > 0);
            tally.worst = tally.worst.max(missing);
        }
    }
    assert_eq!(cached.acknowledged, COMMITS);
    tallies
}

fn print(mode: &str, tallies: &BTreeMap<Survives, Tally>) {
    for (survives, Tally { states, lossy, worst }) in tallies {
        println!(
            "{mode}: {survives:?} of the unsynced survives: {lossy} of {states} states lost a commit, at most {worst}"
        );
    }
}

#[tokio::test]
#[ignore = "soak"]
async fn no_acknowledged_commit_is_lost_to_a_power_loss() {
    let full = tempfile::tempdir().unwrap();
    let Some(text) = traced("full", full.path()) else {
        println!("not on this platform: strace");
        return;
    };
    let ops = trace::parse(&text, full.path().to_str().unwrap(), &BTreeMap::new());
    let tallies = strike_everywhere(Disk::default(), &ops).await;
    print("synchronous=FULL", &tallies);
    assert!(tallies.values().map(|tally| tally.states).sum::<u32>() > 500, "too few states to mean anything");
    assert!(tallies.values().all(|tally| tally.lossy == 0), "acknowledged commits were lost");

    let normal = tempfile::tempdir().unwrap();
    Database::open(normal.path(), clock()).unwrap().database.close().await.unwrap();
    let bytes = std::fs::read(normal.path().join("parlance.db")).unwrap();
    let names = BTreeMap::from([("parlance.db".to_owned(), 0)]);
    let start = Disk { names: names.clone(), files: BTreeMap::from([(0, bytes)]) };
    let text = traced("normal", normal.path()).unwrap();
    let tallies = strike_everywhere(start, &trace::parse(&text, normal.path().to_str().unwrap(), &names)).await;
    print("synchronous=NORMAL", &tallies);
    assert!(tallies[&Survives::Nothing].lossy > 0, "this replay must see what NORMAL loses");
}
