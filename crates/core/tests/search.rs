//! Search over a real store, through the app as a host drives it.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use crate::common::{Bench, NOON, settled};
use parlance_core::{
    App,
    clock::ManualClock,
    history::{
        Database, StoreError,
        migrate::MIGRATIONS,
        search::{backfill, index},
    },
    view::{SearchInput, SearchOrder, SearchView, ShelfChange},
};
use parlance_providers::Category;

const DAY: i64 = 86_400_000;

fn input(text: &str) -> SearchInput {
    SearchInput { text: text.into(), order: SearchOrder::Best, typing: false, conversation_id: None, skip: 0 }
}

async fn search(app: &App, text: &str) -> SearchView {
    app.search(input(text)).await.unwrap()
}

async fn hits(app: &App, text: &str) -> u32 {
    let view = search(app, text).await;
    assert!(view.exact, "{text}");
    view.hits
}

/// Sends a prompt and lets the provider answer it.
async fn exchange(bench: &mut Bench, conversation: Option<&str>, prompt: &str, answer: &str) -> String {
    let providers = bench.app.list_providers().await.unwrap();
    let provider = match providers.into_iter().next() {
        Some(provider) => provider,
        None => bench.provider().await,
    };
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(conversation, prompt, &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    if answer == "fail" {
        asked.fail(Category::Forbidden);
    } else {
        asked.text(answer);
        asked.finish();
    }
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    receipt.summary.id
}

#[tokio::test]
async fn what_is_said_is_found_at_once_and_grouped_by_chat() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let first = bench.send(None, "Why did the p99 fall?", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(hits(&bench.app, "p99").await, 1, "a prompt is found while its answer runs");
    let (snapshot, mut reader) = bench.app.attach("main");
    asked.text("Past 80 % the queue dominates the p99.");
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &first.run_id).await;
    exchange(&mut bench, None, "Something else", "Nothing of that kind").await;

    let view = search(&bench.app, "p99").await;
    assert_eq!((view.hits, view.chats.len(), view.chat_count, view.exact), (2, 1, 1, true));
    let chat = &view.chats[0];
    assert_eq!((chat.id.as_str(), chat.hit_count), (first.summary.id.as_str(), 2));
    let title: Vec<_> = chat.title.iter().filter(|piece| piece.hit).map(|piece| piece.text.as_str()).collect();
    assert_eq!(title, ["p99"]);
    assert_eq!(chat.hits.iter().filter_map(|hit| hit.model.as_deref()).collect::<Vec<_>>(), ["m-1"]);
    assert_eq!(search(&bench.app, "queue p99").await.hits, 1, "all words must occur");
    assert_eq!(search(&bench.app, "p99 -queue").await.hits, 1);
    assert_eq!(search(&bench.app, "\"the queue dominates\"").await.hits, 1);
    assert_eq!(search(&bench.app, "\"queue the dominates\"").await.hits, 0);
    let empty = search(&bench.app, "  ").await;
    assert_eq!((empty.hits, empty.exact, empty.chats.len()), (0, true, 0));
}

#[tokio::test]
async fn filters_narrow_and_the_one_that_removed_most_is_named() {
    let mut bench = Bench::new().await;
    exchange(&mut bench, None, "Show me the queue", "Here:\n\n```rust\nlet queue = 1;\n```").await;
    bench.clock.advance(3 * DAY);
    exchange(&mut bench, None, "The queue again", "fail").await;
    for (text, count) in [
        ("queue", 3),
        ("queue from:you", 2),
        ("queue from:model", 1),
        ("queue -from:you", 1),
        ("queue provider:bench", 1),
        ("queue provider:ben", 1),
        ("queue provider:other", 0),
        ("queue from:you provider:bench", 3),
        ("queue model:m-1", 1),
        ("queue model:m-2", 0),
        ("queue has:code", 1),
        ("queue -has:code", 2),
        ("queue has:image", 0),
        ("is:failed", 1),
        ("queue after:2026-05-29", 1),
        ("queue before:2026-05-29", 2),
        ("queue -before:2026-05-29", 1),
        ("queue cost:>0.10", 0),
        ("in:archive", 0),
        ("from:mars", 0),
    ] {
        assert_eq!(hits(&bench.app, text).await, count, "{text}");
    }
    let view = search(&bench.app, "queue has:image from:you").await;
    assert_eq!(view.filters, ["has:image", "from:you"]);
    let culprit = view.culprit.unwrap();
    assert_eq!((culprit.filter.as_str(), culprit.hits), ("has:image", 2));
    let facets = search(&bench.app, "queue").await.facets.unwrap();
    assert_eq!((facets.you, facets.code, facets.failed, facets.providers[0].count), (2, 1, 0, 1));
}

#[tokio::test]
async fn days_are_the_days_of_the_user() {
    let bench = Bench::new().await;
    // The bench's clock is at 2026-05-28T20:26:40Z, in UTC.
    assert_eq!(NOON, 1_780_000_000_000);
    let provider = bench.provider().await;
    bench.send(None, "midnight", &provider).await;
    assert_eq!(hits(&bench.app, "midnight after:2026-05-28").await, 1);
    assert_eq!(hits(&bench.app, "midnight after:2026-05-29").await, 0);
    assert_eq!(hits(&bench.app, "midnight before:2026-05-29").await, 1);
    assert_eq!(hits(&bench.app, "midnight before:2026-05-28").await, 0);
}

#[tokio::test]
async fn the_trash_is_searched_only_when_asked_for() {
    let mut bench = Bench::new().await;
    let id = exchange(&mut bench, None, "the walrus", "and the carpenter").await;
    bench.app.shelve(vec![id.clone()], ShelfChange::Trash).await.unwrap();
    assert_eq!(hits(&bench.app, "walrus").await, 0);
    assert!(search(&bench.app, "walrus").await.chats.is_empty(), "nor by its title");
    let trashed = search(&bench.app, "walrus in:trash").await;
    assert!(trashed.hits == 1 && trashed.chats[0].trashed);
    bench.app.shelve(vec![id.clone()], ShelfChange::Restore).await.unwrap();
    assert_eq!(hits(&bench.app, "walrus").await, 1);
    bench.app.rename_conversation(&id, "Oysters").await.unwrap();
    assert_eq!(search(&bench.app, "oysters").await.chats[0].id, id, "a title is found without a message");
    let of_chat = SearchInput { conversation_id: Some(id), ..input("carpenter") };
    assert_eq!(bench.app.search(of_chat).await.unwrap().chats[0].hits.len(), 1);
}

#[tokio::test]
async fn every_version_is_found_and_previewed_with_its_prompt() {
    let mut bench = Bench::new().await;
    let id = exchange(&mut bench, None, "a question", "the first version, alpaca").await;
    let reply = bench.app.get_conversation(&id).await.unwrap().messages[1].id.clone();
    let (snapshot, mut reader) = bench.app.attach("main");
    let again = bench.app.retry(&reply, None, false).await.unwrap();
    let asked = bench.asked.recv().await.unwrap();
    asked.text("the second version, llama");
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &again.run_id).await;
    let view = search(&bench.app, "alpaca").await;
    assert_eq!(view.chats[0].hits[0].message_id, reply);
    let preview = bench.app.preview_message(&reply).await.unwrap();
    let texts: Vec<_> = preview.iter().map(|message| message.parts[0].text.as_str()).collect();
    assert_eq!(texts, ["a question", "the first version, alpaca"]);
    assert_eq!(hits(&bench.app, "version").await, 2);
}

#[tokio::test]
async fn what_is_deleted_for_good_leaves_no_trace() {
    let mut bench = Bench::new().await;
    let id = exchange(&mut bench, None, "xylophonist once", "xylophonist twice").await;
    let data = bench.data();
    bench.app.shelve(vec![id.clone()], ShelfChange::Trash).await.unwrap();
    bench.app.close().await;
    let store = rusqlite::Connection::open(data.join("parlance.db")).unwrap();
    store
        .execute_batch("PRAGMA secure_delete = 1; PRAGMA foreign_keys = 1; UPDATE lane SET active_leaf = NULL;")
        .unwrap();
    store.execute_batch("UPDATE message SET parent_id = NULL; DELETE FROM conversation; VACUUM;").unwrap();
    drop(store);
    for file in std::fs::read_dir(data).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(8).any(|window| window == b"xylophon"), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn a_message_in_the_trash_is_hidden_and_comes_back() {
    let mut bench = Bench::new().await;
    exchange(&mut bench, None, "the dodo", "is gone").await;
    let mark = |sql: &'static str| async move { sql };
    let data = bench.data();
    bench.app.close().await;
    let store = rusqlite::Connection::open(data.join("parlance.db")).unwrap();
    store.execute_batch(mark("UPDATE message SET deleted_at = 1 WHERE role = 'user'").await).unwrap();
    let bench = Bench::over(bench.folder).await;
    assert_eq!(hits(&bench.app, "dodo from:you").await, 0);
    bench.app.close().await;
    store.execute_batch("UPDATE message SET deleted_at = NULL").unwrap();
    let bench = Bench::over(bench.folder).await;
    assert_eq!(hits(&bench.app, "dodo from:you").await, 1);
}

/// A store as the app before the index left it.
async fn old_store(data: &std::path::Path, messages: i64) {
    let clock = std::sync::Arc::new(ManualClock::new(NOON, 0));
    let database = Database::open_with(data, clock, &MIGRATIONS[..2]).unwrap().database;
    let fill = move |tx: &rusqlite::Transaction<'_>| -> Result<(), StoreError> {
        tx.execute_batch(
            "INSERT INTO conversation (title, created_at, updated_at, touched) VALUES ('Old times', 1, 1, 1);
             INSERT INTO lane (conversation_id, position) VALUES (1, 0);",
        )?;
        for id in 1..=messages {
            tx.execute("INSERT INTO turn (id, conversation_id, created_at) VALUES (?1, 1, ?1)", [id])?;
            tx.execute(
                "INSERT INTO turn_part (turn_id, ordinal, kind, text) VALUES (?1, 0, 'text', 'bygone number' || ?1)",
                [id],
            )?;
            tx.execute(
                "INSERT INTO message (lane_id, turn_id, role, status, created_at, updated_at)
                 VALUES (1, ?1, 'user', 'complete', ?1, ?1)",
                [id],
            )?;
        }
        Ok(())
    };
    database.write(fill).await.unwrap();
    database.close().await.unwrap();
}

fn reopen(data: &std::path::Path) -> Database {
    Database::open(data, std::sync::Arc::new(ManualClock::new(NOON, 0))).unwrap().database
}

async fn steps(database: &Database, count: usize) -> Option<index::Progress> {
    for _ in 0..count {
        database.write(|tx| backfill::step(tx, 10).map(|_| ())).await.unwrap();
    }
    database.read(index::progress).await.unwrap()
}

fn progress(done: u32) -> index::Progress {
    index::Progress { done, total: 95, given_up: false }
}

async fn indexed(database: &Database) -> Vec<i64> {
    let ids = |connection: &rusqlite::Connection| {
        let mut statement = connection.prepare("SELECT rowid FROM search_index ORDER BY rowid DESC")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?)
    };
    database.read(ids).await.unwrap()
}

#[tokio::test]
async fn older_messages_are_indexed_newest_first_and_a_kill_between_steps_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    old_store(&data, 95).await;
    let database = reopen(&data);
    assert_eq!(steps(&database, 0).await, Some(progress(0)));
    assert_eq!(steps(&database, 4).await, Some(progress(30)), "one step for the titles");
    assert_eq!(indexed(&database).await, (66..=95).rev().collect::<Vec<_>>());
    // Dropped, not closed: what is committed is there, what is not never was.
    drop(database);
    let database = loop {
        match Database::open(&data, std::sync::Arc::new(ManualClock::new(NOON, 0))) {
            Ok(opened) => break opened.database,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(steps(&database, 3).await, Some(progress(60)));
    assert_eq!(steps(&database, 5).await, None);
    assert_eq!(indexed(&database).await, (1..=95).rev().collect::<Vec<_>>());
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_search_says_what_is_not_indexed_yet_and_the_app_indexes_it() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    old_store(&folder.path().join("data"), 300).await;
    let bench = Bench::over(folder).await;
    // The first search may come before the first step or after any; in the end everything is found.
    loop {
        let view = search(&bench.app, "bygone").await;
        if view.indexing.is_none() {
            break;
        }
        assert!(view.indexing.unwrap().total == 300 && view.hits <= 300);
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert_eq!(hits(&bench.app, "bygone").await, 300);
    assert_eq!(search(&bench.app, "old times").await.chats.len(), 1);
}

#[tokio::test]
async fn an_index_of_other_terms_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    old_store(&data, 25).await;
    let database = reopen(&data);
    assert_eq!(steps(&database, 8).await, None);
    database.write(|tx| Ok(tx.execute("UPDATE search_state SET version = 0", [])?)).await.unwrap();
    assert!(steps(&database, 1).await.is_some());
    assert_eq!(indexed(&database).await, Vec::<i64>::new());
    assert_eq!(steps(&database, 8).await, None);
    assert_eq!(indexed(&database).await.len(), 25);
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_damaged_index_costs_no_message() {
    let mut bench = Bench::new().await;
    exchange(&mut bench, None, "before", "the damage").await;
    let data = bench.data();
    bench.app.close().await;
    let store = rusqlite::Connection::open(data.join("parlance.db")).unwrap();
    store.execute_batch("DELETE FROM search_index_data WHERE id > 10").unwrap();
    store.execute_batch("UPDATE search_index_data SET block = x'00'").unwrap();
    drop(store);
    let mut bench = Bench::over(bench.folder).await;
    exchange(&mut bench, None, "kept all the same", "of course").await;
    // The first search that sees the damage begins to mend it.
    let mut view = search(&bench.app, "kept").await;
    while view.indexing.is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        view = search(&bench.app, "kept").await;
    }
    assert_eq!(view.hits, 1);
    assert_eq!(hits(&bench.app, "damage").await, 1);
}

#[tokio::test]
async fn a_newer_search_ends_the_older_one() {
    let mut bench = Bench::new().await;
    exchange(&mut bench, None, "quick", "quick").await;
    // A search this small may be over before the next begins; then nothing was ended, and it is tried again.
    for _ in 0..200 {
        let (first, second) = tokio::join!(bench.app.search(input("quick")), bench.app.search(input("quick")));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!((second.superseded, second.hits), (false, 2));
        if first.superseded {
            return;
        }
        assert_eq!(first.hits, 2, "what was not ended has found all");
    }
    panic!("no search of two hundred was ended by the next one");
}
