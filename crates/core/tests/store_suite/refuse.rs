//! Files that are not ours to open keep every byte and gain no companion (DB-7).

use std::fs;
use std::path::Path;

use parlance_core::history::OpenError;

use super::{LATEST, add_chat, bytes_of, open, raw};

/// A closed store with something in it, changed by `spoil`, must be refused and left alone.
async fn refused(spoil: impl FnOnce(&Path)) -> OpenError {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    for nth in 0..200 {
        add_chat(&database, &format!("{nth} {}", "words ".repeat(100))).await;
    }
    database.close().await.unwrap();
    spoil(dir.path());
    let before = bytes_of(dir.path());
    let error = open(dir.path()).map(|opened| opened.report).unwrap_err();
    assert_eq!(bytes_of(dir.path()), before, "{error}");
    error
}

fn file(dir: &Path) -> std::path::PathBuf {
    dir.join("parlance.db")
}

fn cut(dir: &Path, length: u64) {
    fs::OpenOptions::new().write(true).open(file(dir)).unwrap().set_len(length).unwrap();
}

fn overwrite(dir: &Path, from: usize, bytes: &[u8]) {
    let mut content = fs::read(file(dir)).unwrap();
    content[from..from + bytes.len()].copy_from_slice(bytes);
    fs::write(file(dir), content).unwrap();
}

#[tokio::test]
async fn a_newer_store() {
    let newer = LATEST + 1;
    let error = refused(|dir| raw(dir).pragma_update(None, "user_version", newer).unwrap()).await;
    assert!(matches!(error, OpenError::Newer { found, supported: LATEST } if found == newer), "{error:?}");
}

#[tokio::test]
async fn a_store_that_is_newer_in_its_log_alone() {
    let error = refused(|dir| {
        let away = tempfile::tempdir().unwrap();
        let (copy, log) = (away.path().join("db"), away.path().join("log"));
        let connection = raw(dir);
        connection.pragma_update(None, "user_version", LATEST + 1).unwrap();
        connection.execute_batch("UPDATE conversation SET title = 'later'").unwrap();
        fs::copy(file(dir), &copy).unwrap();
        fs::copy(dir.join("parlance.db-wal"), &log).unwrap();
        drop(connection);
        fs::copy(copy, file(dir)).unwrap();
        fs::copy(log, dir.join("parlance.db-wal")).unwrap();
        assert_eq!(fs::read(file(dir)).unwrap()[60..64], LATEST.to_be_bytes(), "the file itself must look old");
    })
    .await;
    let newer = LATEST + 1;
    assert!(matches!(error, OpenError::Newer { found, supported: LATEST } if found == newer), "{error:?}");
}

#[tokio::test]
async fn a_file_of_another_application() {
    let error = refused(|dir| raw(dir).pragma_update(None, "application_id", 0x4742_4b47).unwrap()).await;
    assert!(matches!(error, OpenError::Foreign { application_id: 0x4742_4b47 }), "{error:?}");
    let error = refused(|dir| {
        fs::remove_file(file(dir)).unwrap();
        raw(dir).execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    })
    .await;
    assert!(matches!(error, OpenError::Foreign { application_id: 0 }), "{error:?}");
}

#[tokio::test]
async fn no_database_at_all() {
    let errors = [
        refused(|dir| fs::write(file(dir), b"").unwrap()).await,
        refused(|dir| fs::write(file(dir), "garbage ".repeat(4_096)).unwrap()).await,
        refused(|dir| cut(dir, 50)).await,
        refused(|dir| overwrite(dir, 0, &[0; 100])).await,
    ];
    for error in errors {
        assert!(matches!(error, OpenError::NotADatabase), "{error:?}");
    }
}

#[tokio::test]
async fn a_damaged_store() {
    let errors = [
        refused(|dir| cut(dir, 4_096 * 3)).await,
        refused(|dir| overwrite(dir, 100, &[0xA5; 3_000])).await,
        refused(|dir| overwrite(dir, 16, &[0xFF; 8])).await,
    ];
    for error in errors {
        assert!(matches!(error, OpenError::Corrupt), "{error:?}");
    }
}

#[tokio::test]
async fn a_log_whose_database_is_gone() {
    let error = refused(|dir| {
        fs::remove_file(file(dir)).unwrap();
        fs::write(dir.join("parlance.db-wal"), b"what was written last").unwrap();
    })
    .await;
    assert!(matches!(error, OpenError::Orphan { .. }), "{error:?}");
}

#[test]
fn a_folder_that_is_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    fs::write(&path, b"a file").unwrap();
    assert!(matches!(open(&path), Err(OpenError::Folder { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"a file");
}
