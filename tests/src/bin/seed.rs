//! Fills a data folder as some months of use would, for benchmarks: `seed FOLDER CHATS [MESSAGES]`. With `MESSAGES`
//! the newest chat is one of so many messages, and the provider is asked at the address in `SEED_BASE_URL`.

use std::{path::Path, process::ExitCode, sync::Arc};

use parlance_core::{
    clock::SystemClock,
    costs::rollup,
    history::{Database, StoreError},
};
use rusqlite::{Transaction, params};

const TURNS: i64 = 2;
const CHATS_A_COMMIT: i64 = 500;
const BEGAN_MS: i64 = 1_760_000_000_000;
const MODEL: &str = "house-model";
const NOBODY: &str = "http://127.0.0.1:9/v1";
const PROMPT: &str = "Which of the two is the better choice for a small team, and what would you look at first?";
const ANSWER: &str = "It depends on **who maintains it**.\n\n1. Start with what you know.\n2. Measure before you \
                      change anything.\n\n```rust\nfn main() {\n    println!(\"measure\");\n}\n```\n\nEverything else follows.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (folder, mut counts) = (args.next(), args.map(|count| count.parse::<i64>()));
    let (Some(folder), Some(Ok(chats)), long) = (folder, counts.next(), counts.next()) else {
        return complain("usage: seed FOLDER CHATS [MESSAGES]");
    };
    match fill(Path::new(&folder), chats, long.and_then(Result::ok).unwrap_or(0)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line tool")]
fn complain(what: &str) -> ExitCode {
    eprintln!("{what}");
    ExitCode::FAILURE
}

fn fill(folder: &Path, chats: i64, long: i64) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let database = Database::open(folder, Arc::new(SystemClock))?.database;
        database.write(set_up).await?;
        for first in (0..chats).step_by(usize::try_from(CHATS_A_COMMIT)?) {
            let end = chats.min(first + CHATS_A_COMMIT);
            database.write(move |tx| (first..end).try_for_each(|number| chat(tx, number, TURNS))).await?;
        }
        if long > 0 {
            database.write(move |tx| chat(tx, chats, long / 2)).await?;
        }
        database.write(|tx| Ok(rollup::rebuild_all(tx)?)).await?;
        Ok(database.close().await?)
    })
}

/// A provider on loopback, that nobody listens at unless told otherwise, and the first-run screen done with.
fn set_up(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO provider (id, slug, vendor, name, base_url, default_model, created_at, updated_at)
         VALUES (1, 'house', 'openai-compatible', 'House server', ?3, ?1, ?2, ?2)",
        params![MODEL, BEGAN_MS, std::env::var("SEED_BASE_URL").unwrap_or_else(|_| NOBODY.to_owned())],
    )?;
    tx.execute(
        "INSERT INTO account (id, provider_id, label, created_at, updated_at) VALUES (1, 1, 'main', ?1, ?1)",
        [BEGAN_MS],
    )?;
    tx.execute("INSERT INTO setting (key, value, updated_at) VALUES ('onboarded', 'true', ?1)", [BEGAN_MS])?;
    Ok(())
}

fn chat(tx: &Transaction<'_>, number: i64, turns: i64) -> Result<(), StoreError> {
    let at = BEGAN_MS + number * 60_000;
    let title = format!("Chat {number} about a choice");
    tx.prepare_cached("INSERT INTO conversation (title, created_at, updated_at, touched) VALUES (?1, ?2, ?2, ?3)")?
        .execute(params![title, at, number + 1])?;
    let conversation = tx.last_insert_rowid();
    tx.prepare_cached("INSERT INTO lane (conversation_id, position, provider_id, model) VALUES (?1, 0, 1, ?2)")?
        .execute(params![conversation, MODEL])?;
    let lane = tx.last_insert_rowid();
    let mut leaf = None;
    for turn in 0..turns {
        leaf = Some(exchange(tx, conversation, lane, leaf, at + turn * 1_000)?);
    }
    tx.prepare_cached("UPDATE lane SET active_leaf = ?1 WHERE id = ?2")?.execute(params![leaf, lane])?;
    Ok(())
}

/// One question and its answer; returns the answer's message.
fn exchange(
    tx: &Transaction<'_>,
    conversation: i64,
    lane: i64,
    parent: Option<i64>,
    at: i64,
) -> Result<i64, StoreError> {
    tx.prepare_cached("INSERT INTO turn (conversation_id, created_at) VALUES (?1, ?2)")?
        .execute(params![conversation, at])?;
    let turn = tx.last_insert_rowid();
    tx.prepare_cached("INSERT INTO turn_part (turn_id, ordinal, kind, text) VALUES (?1, 0, 'text', ?2)")?
        .execute(params![turn, PROMPT])?;
    let question = message(tx, lane, turn, parent, "user", at)?;
    let answer = message(tx, lane, turn, Some(question), "assistant", at)?;
    let attempt = attempt(tx, conversation, answer, at)?;
    tx.prepare_cached("INSERT INTO part (message_id, ordinal, kind, attempt_id, text) VALUES (?1, 0, 'text', ?2, ?3)")?
        .execute(params![answer, attempt, ANSWER])?;
    Ok(answer)
}

fn message(
    tx: &Transaction<'_>,
    lane: i64,
    turn: i64,
    parent: Option<i64>,
    role: &str,
    at: i64,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, 'complete', ?5, ?5)",
    )?
    .execute(params![lane, turn, parent, role, at])?;
    Ok(tx.last_insert_rowid())
}

fn attempt(tx: &Transaction<'_>, conversation: i64, answer: i64, at: i64) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO run (message_id, conversation_id, purpose, started_at, ended_at, outcome)
         VALUES (?1, ?2, 'chat', ?3, ?3 + 900, 'complete')",
    )?
    .execute(params![answer, conversation, at])?;
    let run = tx.last_insert_rowid();
    tx.prepare_cached(
        "INSERT INTO attempt (run_id, ordinal, provider_id, account_id, vendor, model, started_at, first_token_ms,
                              duration_ms, outcome, finish_class, finish_reason)
         VALUES (?1, 0, 1, 1, 'openai-compatible', ?2, ?3, 200, 900, 'complete', 'stop', 'stop')",
    )?
    .execute(params![run, MODEL, at])?;
    let attempt = tx.last_insert_rowid();
    tx.prepare_cached(
        "INSERT INTO ledger (attempt_id, conversation_id, purpose, provider_id, account_id, vendor, model, outcome,
                             booked_at, booked_day, input_total, output_total, tokens_source, source, total_nano)
         VALUES (?1, ?2, 'chat', 1, 1, 'openai-compatible', ?3, 'complete', ?4,
                 date(?4 / 1000, 'unixepoch'), 40, 60, 'reported', 'free', 0)",
    )?
    .execute(params![attempt, conversation, MODEL, at])?;
    Ok(attempt)
}
