//! A disk that is full, fails or takes no writes (DB-10), through strace's fault injection.

use std::path::Path;
use std::process::Command;

use super::child::{LONG, command};
use super::{LATEST, add_chat, assert_whole, open, open_with, raw, then, titles};

/// Whether strace can put faults into a process here; says so where it cannot.
fn can_inject() -> bool {
    let able = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=pwrite64:error=ENOSPC", "true"])
        .output()
        .is_ok_and(|run| run.status.success());
    if !able {
        println!("not on this platform: strace with fault injection");
    }
    able
}

/// Runs a child with a fault injected; its lines.
fn with_fault(role: &str, dir: &Path, inject: &str) -> Vec<String> {
    let inject = format!("inject={inject}");
    let before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject.as_str()];
    let run = command(role, dir, &before).output().unwrap();
    String::from_utf8_lossy(&run.stdout).lines().map(str::to_owned).collect()
}

/// Every call that changes a file or its folder.
const CHANGES: &str = "pwrite64,/^f(data)?sync$,ftruncate,/^rename,/^unlink";

async fn store_of_forty() -> tempfile::TempDir {
    let source = tempfile::tempdir().unwrap();
    let database = open(source.path()).unwrap().database;
    for nth in 0..40 {
        add_chat(&database, &format!("{nth} {}", "text ".repeat(40))).await;
    }
    database.close().await.unwrap();
    source
}

fn copy_of(source: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(source.join("parlance.db"), dir.path().join("parlance.db")).unwrap();
    dir
}

#[tokio::test]
async fn a_full_disk_in_mid_migration_leaves_the_old_store() {
    if !can_inject() {
        return;
    }
    let source = store_of_forty().await;
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    for (call, error) in [("pwrite64", "ENOSPC"), ("/^f(data)?sync$", "EIO")] {
        for nth in [1, 2, 3, 4, 6, 9, 14, 22, 35, 56, 90, 140] {
            let dir = copy_of(source.path());
            let said = with_fault("migrate", dir.path(), &format!("{call}:error={error}:when={nth}+"));
            let verdict = said.iter().find(|line| line.starts_with("failed ") || *line == "migrated").cloned();
            let verdict = verdict.unwrap_or_else(|| panic!("{call} {nth}: {said:?}"));
            let version: u32 = raw(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
            assert_eq!(version, if verdict == "migrated" { LATEST + 3 } else { LATEST }, "{call} {nth} {verdict}");
            *seen.entry(verdict).or_default() += 1;
            assert_whole(dir.path());
            let opened = open_with(dir.path(), &then(LONG)).unwrap();
            assert_eq!(titles(&opened.database).await.len(), 20, "with room again it goes through");
        }
    }
    println!("{seen:?}");
    assert!(seen.keys().any(|verdict| verdict == "failed disk_full" || verdict == "failed backup"), "{seen:?}");
    assert!(seen.keys().any(|verdict| verdict == "failed migration"), "{seen:?}");
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_keeps_the_rest() {
    if !can_inject() {
        return;
    }
    let mut refused = std::collections::BTreeMap::<&str, usize>::new();
    for (call, error, code) in [("pwrite64", "ENOSPC", "disk_full"), ("/^f(data)?sync$", "EIO", "io")] {
        // The child opens an existing store; each of its writes takes several calls, and space is free again after 12.
        for nth in [1, 2, 5, 11, 17, 30] {
            let dir = tempfile::tempdir().unwrap();
            open(dir.path()).unwrap().database.close().await.unwrap();
            let said = with_fault("add", dir.path(), &format!("{call}:error={error}:when={nth}..{}", nth + 12));
            let added = said.iter().filter(|line| line.starts_with("added ")).count();
            let failed: Vec<_> = said.iter().filter(|line| line.starts_with("failed ")).collect();
            assert!(failed.iter().all(|line| line.ends_with(code)), "{call} {nth}: {said:?}");
            if added + failed.len() == 8 {
                assert!(said.contains(&format!("read {added}")), "reading goes on: {said:?}");
            }
            *refused.entry(code).or_default() += failed.len();
            assert_whole(dir.path());
            let opened = open(dir.path()).unwrap();
            let kept = titles(&opened.database).await.len();
            // A commit whose sync failed may be whole on the disk all the same: only the last one, and only there.
            let unsettled = usize::from(code == "io" && said.iter().any(|line| line.starts_with("failed 7")));
            assert!((added..=added + unsettled).contains(&kept), "{kept} kept, {call} {nth}: {said:?}");
        }
    }
    println!("{refused:?}");
    assert!(refused.values().all(|count| *count > 0), "no fault was felt: {refused:?}");
}

/// The child dies at its first, second, third … change of any file, until it gets through.
#[tokio::test]
#[ignore = "soak"]
async fn killed_at_any_change_a_migration_is_old_or_new() {
    if !can_inject() {
        return;
    }
    let source = store_of_forty().await;
    let (mut old, mut new) = (0, 0);
    for nth in 1.. {
        let dir = copy_of(source.path());
        let said = with_fault("migrate", dir.path(), &format!("{CHANGES}:signal=KILL:when={nth}"));
        let database = match open(dir.path()) {
            Ok(opened) => {
                old += 1;
                assert_eq!(titles(&opened.database).await.len(), 40, "killed at change {nth}");
                opened.database
            }
            Err(error) => {
                new += 1;
                assert_eq!(error.code(), "newer", "killed at change {nth}");
                open_with(dir.path(), &then(LONG)).unwrap().database
            }
        };
        database.close().await.unwrap();
        let database = open_with(dir.path(), &then(LONG)).unwrap().database;
        assert_eq!(titles(&database).await.len(), 20, "killed at change {nth}");
        database.close().await.unwrap();
        assert_whole(dir.path());
        if said.iter().any(|line| line == "migrated") {
            break;
        }
    }
    println!("killed at each of {} changes of a migration: {old} times old, {new} times new", old + new - 1);
    assert!(old > 50, "too few changes to mean anything");
}

#[tokio::test]
#[ignore = "soak"]
async fn killed_at_any_change_a_creation_can_be_done_again() {
    if !can_inject() {
        return;
    }
    for nth in 1.. {
        let dir = tempfile::tempdir().unwrap();
        let said = with_fault("hold", dir.path(), &format!("{CHANGES}:signal=KILL:when={nth}"));
        let database = open(dir.path()).unwrap().database;
        let kept = titles(&database).await;
        assert!(kept == ["held"] || (kept.is_empty() && !said.contains(&"added".to_owned())), "change {nth}: {kept:?}");
        database.close().await.unwrap();
        assert_whole(dir.path());
        assert_eq!(super::bytes_of(dir.path()).into_keys().collect::<Vec<_>>(), ["parlance.db"], "change {nth}");
        if said.contains(&"added".to_owned()) {
            println!("killed at each of {} changes of a creation", nth - 1);
            assert!(nth > 20, "too few changes to mean anything");
            break;
        }
    }
}
