//! A new store, its settings, its modes, its lock.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Child;

use parlance_core::history::{OpenError, StoreError};

use super::child::command;
use super::{LATEST, add_chat, assert_whole, open, titles};

fn wait_for(child: &mut Child, word: &str) {
    let output = BufReader::new(child.stdout.as_mut().unwrap());
    assert!(output.lines().any(|line| line.unwrap() == word), "the child ended before it said {word}");
}

#[tokio::test]
async fn a_new_store_keeps_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let opened = open(dir.path()).unwrap();
    assert!(opened.report.created && opened.report.backup.is_none());
    add_chat(&opened.database, "one").await;
    opened.database.close().await.unwrap();
    assert_eq!(opened.database.read(|_| Ok(())).await, Err(StoreError::Closed));
    assert_eq!(opened.database.write(|_| Ok(())).await, Err(StoreError::Closed));
    opened.database.close().await.unwrap();
    let left: Vec<_> = super::bytes_of(dir.path()).into_keys().collect();
    assert_eq!(left, ["parlance.db"], "a closed store is one file");

    let again = open(dir.path()).unwrap();
    assert!(!again.report.created && !again.report.unclean && again.report.migrated_from.is_none());
    assert_eq!(titles(&again.database).await, ["one"]);
}

#[tokio::test]
async fn every_setting_holds_on_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let ask = |connection: &rusqlite::Connection| -> Result<Vec<String>, StoreError> {
        let pragmas = "journal_mode synchronous foreign_keys trusted_schema mmap_size secure_delete busy_timeout \
                       temp_store cell_size_check query_only application_id user_version journal_size_limit";
        let read = |pragma| {
            let value = connection.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))?;
            Ok(match value {
                rusqlite::types::Value::Integer(number) => format!("{pragma}={number}"),
                other => format!("{pragma}={other:?}"),
            })
        };
        pragmas.split_whitespace().map(read).collect()
    };
    let common = ["foreign_keys=1", "trusted_schema=0", "mmap_size=0", "busy_timeout=5000", "temp_store=2"];
    let common = common.iter().chain(&["cell_size_check=1", "application_id=1346458188"]);
    let latest = format!("user_version={LATEST}");
    let common = common.copied().chain([latest.as_str()]);
    let writer = database.write(move |tx| ask(tx)).await.unwrap();
    let reader = database.read(move |connection| ask(connection)).await.unwrap();
    for setting in common {
        assert!(writer.contains(&setting.to_owned()), "{setting} in {writer:?}");
        assert!(reader.contains(&setting.to_owned()), "{setting} in {reader:?}");
    }
    for setting in ["synchronous=2", "secure_delete=1", "journal_size_limit=33554432", "query_only=0"] {
        assert!(writer.contains(&setting.to_owned()), "{setting} in {writer:?}");
    }
    assert!(reader.contains(&"query_only=1".to_owned()), "{reader:?}");
    assert!(writer.contains(&"journal_mode=Text(\"wal\")".to_owned()), "{writer:?}");
    assert!(rusqlite::version_number() >= 3_051_003);
    let refused = database.read(|c| Ok(c.execute("DELETE FROM conversation", [])?)).await;
    assert_eq!(refused, Err(StoreError::ReadOnly));
}

#[tokio::test]
async fn one_process_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let mut holder = command("hold", dir.path(), &[]).spawn().unwrap();
    wait_for(&mut holder, "added");
    assert!(matches!(open(dir.path()), Err(OpenError::InUse)));
    holder.kill().unwrap();
    holder.wait().unwrap();
    let opened = open(dir.path()).unwrap();
    assert!(opened.report.unclean, "the holder was killed");
    assert!(matches!(open(dir.path()), Err(OpenError::InUse)), "not twice in one process either");
    assert_eq!(titles(&opened.database).await, ["held"]);
    opened.database.close().await.unwrap();
    assert!(dir.path().join("parlance.lock").exists(), "the lock file that stays behind means nothing");
    assert!(!open(dir.path()).unwrap().report.unclean);
}

#[tokio::test]
async fn a_killed_creation_leaves_nothing_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["parlance.db.new", "parlance.db.new-wal", "parlance.db.new-shm", "parlance.db.new-journal"] {
        std::fs::write(dir.path().join(name), b"half a store").unwrap();
    }
    let opened = open(dir.path()).unwrap();
    assert!(opened.report.created);
    opened.database.close().await.unwrap();
    assert_eq!(super::bytes_of(dir.path()).into_keys().collect::<Vec<_>>(), ["parlance.db"]);
    assert_whole(dir.path());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_also_under_umask_000() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("new").join("data");
    let shell = ["sh", "-c", "umask 000; exec \"$0\" \"$@\""];
    let mut child = command("modes", &dir, &shell).spawn().unwrap();
    wait_for(&mut child, "opened");
    let mut seen = Vec::new();
    let mut folders = vec![outer.path().join("new")];
    while let Some(folder) = folders.pop() {
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
            seen.push(entry.file_name().into_string().unwrap());
        }
    }
    for name in ["parlance.db", "parlance.db-wal", "parlance.db-shm", "parlance.lock"] {
        assert!(seen.iter().any(|seen| seen == name), "{name} in {seen:?}");
    }
    assert!(seen.iter().any(|seen| seen.starts_with(&format!("parlance-v{LATEST}-"))), "a backup in {seen:?}");
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
#[tokio::test]
async fn what_stood_open_is_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).unwrap().database.close().await.unwrap();
    let file = dir.path().join("parlance.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let _opened = open(dir.path()).unwrap();
    for (path, mode) in [(file.as_path(), 0o600), (dir.path(), 0o700)] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
}
