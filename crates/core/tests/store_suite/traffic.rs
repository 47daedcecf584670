//! Many callers at once, and callers that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parlance_core::history::{Database, StoreError};
use proptest::prelude::*;

use super::{add_chat, assert_whole, open, titles};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_writers_and_readers_never_meet_a_locked_store() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let tasks: Vec<_> = (0..50)
        .map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                for nth in 0..10 {
                    let title = format!("{task}/{nth} {}", "x".repeat(2_000));
                    let id = add_chat(&database, &title).await;
                    let found: String = database
                        .read(move |c| {
                            Ok(c.query_row("SELECT title FROM conversation WHERE id = ?1", [id], |r| r.get(0))?)
                        })
                        .await
                        .unwrap();
                    assert_eq!(found, title, "a reader sees what was acknowledged before");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(titles(&database).await.len(), 500);
    database.close().await.unwrap();
    assert_whole(dir.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_read_sees_one_moment_and_stops_no_write() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    add_chat(&database, "before").await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let reading = database.read(move |connection| {
        let count =
            |c: &rusqlite::Connection| c.query_row("SELECT count(*) FROM conversation", [], |r| r.get::<_, u32>(0));
        let first = count(connection)?;
        begun.send(()).unwrap();
        may_go_on.recv().unwrap();
        Ok((first, count(connection)?))
    });
    let writing = async {
        has_begun.await.unwrap();
        for nth in 0..20 {
            add_chat(&database, &format!("{nth}")).await;
        }
        assert_eq!(titles(&database).await.len(), 21, "the other reader is free");
        go_on.send(()).unwrap();
    };
    let (read, ()) = tokio::join!(reading, writing);
    assert_eq!(read, Ok((1, 1)));
}

#[tokio::test]
async fn a_panic_undoes_its_own_work_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    add_chat(&database, "one").await;
    let panicked: Result<(), _> = database
        .write(|tx| {
            tx.execute("DELETE FROM conversation", [])?;
            panic!("on purpose")
        })
        .await;
    assert_eq!(panicked, Err(StoreError::Panicked));
    let panicked: Result<(), _> = database.read(|_| panic!("on purpose")).await;
    assert_eq!(panicked, Err(StoreError::Panicked));
    add_chat(&database, "two").await;
    assert_eq!(titles(&database).await, ["one", "two"]);
}

#[tokio::test]
async fn a_caller_that_stops_waiting_has_its_work_done() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let (free, busy) = std::sync::mpsc::channel::<()>();
    let blocker = database.write(move |_| Ok(busy.recv().unwrap()));
    let impatient = add_chat(&database, "all the same");
    tokio::select! {
        biased;
        _ = blocker => panic!("nothing freed it"),
        _ = impatient => panic!("the writer was busy"),
        () = async {} => {}
    }
    free.send(()).unwrap();
    assert_eq!(add_chat(&database, "later").await, 2);
    assert_eq!(titles(&database).await, ["all the same", "later"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_finishes_what_was_asked_before_and_refuses_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let database = open(dir.path()).unwrap().database;
    let done = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..400)
        .map(|nth| {
            let (database, done) = (database.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let added = database
                    .write(move |tx| {
                        Ok(tx.execute(
                            "INSERT INTO conversation (created_at, updated_at, touched) VALUES (1, 1, ?1)",
                            [nth],
                        )?)
                    })
                    .await;
                match added {
                    Ok(_) => done.fetch_add(1, Ordering::SeqCst),
                    Err(error) => {
                        assert_eq!(error, StoreError::Closed);
                        0
                    }
                };
            })
        })
        .collect();
    add_chat(&database, "first").await;
    let other = database.clone();
    let (one, other) = tokio::join!(database.close(), other.close());
    assert_eq!((one, other), (Ok(()), Ok(())));
    for task in tasks {
        task.await.unwrap();
    }
    let again = open(dir.path()).unwrap();
    assert!(!again.report.unclean);
    assert_eq!(titles(&again.database).await.len(), done.load(Ordering::SeqCst) as usize + 1);
}

#[derive(Clone, Debug)]
enum Step {
    Add(u8),
    AddThenFail(u8),
    AddThenPanic,
    Reopen,
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<u8>().prop_map(Step::Add),
        2 => any::<u8>().prop_map(Step::AddThenFail),
        1 => Just(Step::AddThenPanic),
        1 => Just(Step::Reopen),
        1 => Just(Step::Drop),
    ]
}

async fn play(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let mut database: Database = open(dir.path()).unwrap().database;
    let mut wanted = Vec::new();
    for step in steps {
        match step {
            Step::Add(nth) => {
                add_chat(&database, &format!("{nth}")).await;
                wanted.push(format!("{nth}"));
            }
            Step::AddThenFail(nth) => {
                let failed: Result<(), _> = database
                    .write(move |tx| {
                        tx.execute("UPDATE conversation SET title = ?1", [nth.to_string()])?;
                        Err(StoreError::NotFound)
                    })
                    .await;
                assert_eq!(failed, Err(StoreError::NotFound));
            }
            Step::AddThenPanic => {
                let failed: Result<(), _> = database
                    .write(|tx| {
                        tx.execute("DELETE FROM conversation", [])?;
                        std::panic::resume_unwind(Box::new("quietly"))
                    })
                    .await;
                assert_eq!(failed, Err(StoreError::Panicked));
            }
            Step::Reopen => {
                database.close().await.unwrap();
                database = open(dir.path()).unwrap().database;
            }
            Step::Drop => {
                let path = dir.path().to_owned();
                drop(database);
                database = loop {
                    match open(&path) {
                        Ok(opened) => break opened.database,
                        Err(error) => assert_eq!(error.code(), "in_use", "the dropped store is closing"),
                    }
                    tokio::task::yield_now().await;
                };
            }
        }
        assert_eq!(titles(&database).await, wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_the_store_holds_what_was_acknowledged(steps in prop::collection::vec(step(), 1..24)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(play(steps));
    }
}
