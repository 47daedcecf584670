//! This test program run again as another process, to be watched, locked out or killed.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{add_chat, open, open_with, then};

const ROLE: &str = "PARLANCE_STORE_CHILD";
const DIR: &str = "PARLANCE_STORE_DIR";

/// A long migration: rewrites every row many times over in several steps.
pub(crate) const LONG: &[&str] = &[
    "CREATE TABLE wide (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
     INSERT INTO wide (text) SELECT title FROM conversation;
     INSERT INTO wide (text) SELECT text FROM wide; INSERT INTO wide (text) SELECT text FROM wide;",
    "CREATE INDEX wide_text ON wide (text); UPDATE wide SET text = text || text;",
    "ALTER TABLE wide RENAME TO wider; DELETE FROM conversation WHERE id % 2 = 0;",
];

/// The command that runs this program as a child, behind `before` (such as `strace …`).
pub(crate) fn command(role: &str, dir: &Path, before: &[&str]) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut words = before.iter().map(std::ffi::OsString::from).chain([program.into_os_string()]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args(["store_suite::child::child", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, role).env(DIR, dir).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
#[ignore = "a child of the other tests"]
async fn child() {
    let (Ok(role), Ok(dir)) = (std::env::var(ROLE), std::env::var(DIR)) else { return };
    let dir = Path::new(&dir);
    match role.as_str() {
        "hold" => {
            let opened = open(dir).unwrap();
            println!("\nopened");
            add_chat(&opened.database, "held").await;
            println!("\nadded");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
        "migrate" => match open_with(dir, &then(LONG)) {
            Ok(_) => println!("\nmigrated"),
            Err(error) => println!("\nfailed {}", error.code()),
        },
        "modes" => {
            let opened = open(dir).unwrap();
            add_chat(&opened.database, "one").await;
            opened.database.close().await.unwrap();
            let opened = open_with(dir, &then(LONG)).unwrap();
            println!("\nopened");
            std::io::stdin().read_line(&mut String::new()).unwrap();
            drop(opened);
        }
        "add" => {
            let opened = open(dir).unwrap();
            for nth in 0..8 {
                let title = format!("{nth} {}", "x".repeat(20_000));
                let added = opened
                    .database
                    .write(move |tx| {
                        tx.execute(
                            "INSERT INTO conversation (title, created_at, updated_at, touched) VALUES (?1, 1, 1, 1)",
                            [&title],
                        )?;
                        Ok(())
                    })
                    .await;
                match added {
                    Ok(()) => println!("\nadded {nth}"),
                    Err(error) => println!("\nfailed {nth} {}", error.code()),
                }
            }
            println!("\nread {}", super::titles(&opened.database).await.len());
            let _ = opened.database.close().await;
        }
        other => panic!("no role {other}"),
    }
}
