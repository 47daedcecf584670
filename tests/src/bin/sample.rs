//! Fills a data folder as a year of a person's use would, for pictures of the app: `sample FOLDER`. Keys are looked
//! for in the environment variable `SAMPLE_KEY`; nobody is asked.

use std::{path::Path, process::ExitCode, sync::Arc};

use parlance_core::{
    clock::{Clock, SystemClock},
    history::{Database, StoreError, search},
};
use rusqlite::{Transaction, params};

#[path = "sample/words.rs"]
mod words;
#[path = "sample/year.rs"]
mod year;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Vendor, name and address; their ids count from 1.
const PROVIDERS: &[(&str, &str, &str)] = &[
    ("anthropic", "Anthropic", "https://api.anthropic.com/v1"),
    ("openai", "OpenAI", "https://api.openai.com/v1"),
    ("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
    ("groq", "Groq", "https://api.groq.com/openai/v1"),
    ("gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta"),
    ("ollama", "Ollama", "http://127.0.0.1:11434"),
];

/// A chat of the list that is only there to be listed: title, age in hours, provider, model, nano-USD, pinned.
const OTHERS: &[(&str, i64, i64, &str, i64, bool)] = &[
    ("Release checklist 0.9", 300, 2, "gpt-5.6", 31_000_000, true),
    ("Tax questions 2026", 420, 1, "claude-opus-5", 64_000_000, true),
    ("Rewrite the onboarding email", 2, 5, "gemini-3.5-flash", 900_000, false),
    ("SQLite WAL on network drives", 5, 2, "gpt-5.6", 12_000_000, false),
    ("Names for the export format", 26, 1, "claude-haiku-5-5", 1_400_000, false),
    ("Regex for ISO week dates", 28, 4, "llama-3.3-70b-versatile", 200_000, false),
    ("Trip to Porto, four days", 31, 5, "gemini-3.5-flash", 700_000, false),
    ("Why does the borrow checker refuse this closure", 33, 1, "claude-sonnet-5", 41_000_000, false),
    ("Summary of the Q3 board pack", 80, 1, "claude-opus-5", 120_000_000, false),
    ("Kubernetes probe timings", 100, 3, "deepseek/deepseek-v4-pro", 7_000_000, false),
    ("Local models for 16 GB", 120, 6, "qwen3:14b", 0, false),
    ("Contract clause 7.2", 140, 2, "gpt-5.6", 18_000_000, false),
    ("Unit tests for the router", 300, 1, "claude-sonnet-5", 230_000_000, false),
    ("Untangling the invoice export", 900, 2, "gpt-5.4-mini", 5_000_000, false),
];

/// One time a provider was asked.
struct Asked {
    provider: i64,
    model: &'static str,
    outcome: &'static str,
    first_ms: Option<i64>,
    lasts_ms: i64,
    tokens: (i64, i64, Option<i64>),
    source: &'static str,
    nano: Option<i64>,
    error: Option<(&'static str, Option<i64>, &'static str)>,
}

/// What came of it: kind, text and meta of each part.
struct Said<'a> {
    asked: Asked,
    parts: &'a [(&'a str, &'a str, &'a str)],
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else { return complain("usage: sample FOLDER") };
    match fill(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "a command-line tool")]
fn complain(what: &str) -> ExitCode {
    eprintln!("{what}");
    ExitCode::FAILURE
}

fn fill(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = SystemClock;
        let now = clock.now_ms();
        let database = Database::open(folder, Arc::new(clock))?.database;
        database.write(move |tx| providers(tx, now)).await?;
        database.write(move |tx| year::fill(tx, now)).await?;
        database.write(move |tx| chats(tx, now)).await?;
        database.write(year::sum_up).await?;
        Ok(database.close().await?)
    })
}

fn providers(tx: &Transaction<'_>, now: i64) -> Result<(), StoreError> {
    for (at, (vendor, name, url)) in PROVIDERS.iter().enumerate() {
        let id = at as i64 + 1;
        tx.execute(
            "INSERT INTO provider (id, slug, vendor, name, base_url, priority, created_at, updated_at)
             VALUES (?1, ?2, ?2, ?3, ?4, ?1, ?5, ?5)",
            params![id, vendor, name, url, now],
        )?;
        let (store, variable) = if *vendor == "ollama" { ("none", None) } else { ("env", Some("SAMPLE_KEY")) };
        let origin = parlance_providers::transport::origin(url).ok();
        tx.execute(
            "INSERT INTO account (provider_id, label, secret_store, secret_ref, secret_origin, created_at, updated_at)
             VALUES (?1, '', ?2, ?3, ?4, ?5, ?5)",
            params![id, store, variable, variable.and(origin), now],
        )?;
    }
    for (provider, model) in [(1, "claude-sonnet-5"), (2, "gpt-5.6"), (5, "gemini-3.5-flash")] {
        tx.execute(
            "INSERT INTO model_choice (provider_id, model, shown, favourite, updated_at) VALUES (?1, ?2, 1, 1, ?3)",
            params![provider, model, now],
        )?;
    }
    let recent =
        r#"[{"providerId":"1","model":"claude-sonnet-5"},{"providerId":"4","model":"llama-3.3-70b-versatile"}]"#;
    for (key, value) in [
        ("onboarded", "true"),
        ("last_target", r#"{"providerId":"1","model":"claude-sonnet-5"}"#),
        ("recent_targets", recent),
    ] {
        tx.execute("INSERT INTO setting (key, value, updated_at) VALUES (?1, ?2, ?3)", params![key, value, now])?;
    }
    Ok(())
}

fn chats(tx: &Transaction<'_>, now: i64) -> Result<(), StoreError> {
    let mut touched = 0;
    for (title, hours, provider, model, nano, pinned) in OTHERS.iter().rev() {
        touched += 1;
        let at = now - hours * HOUR_MS;
        let (chat, lane) = conversation(tx, title, *provider, model, at, touched)?;
        tx.execute("UPDATE conversation SET pinned = ?2 WHERE id = ?1", params![chat, pinned])?;
        let question = user(tx, chat, lane, None, title, at)?;
        let answer = Asked { nano: Some(*nano), ..good(*provider, model) };
        let said = [Said { asked: answer, parts: &[("text", words::SHORT, "{}")] }];
        let leaf = reply(tx, (chat, lane, question), at, "complete", &said)?;
        tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane, leaf])?;
    }
    let long = "Internationalisation_of_error_messages_and_Rechtsschutzversicherungsgesellschaften without a break";
    let (chat, lane) = conversation(tx, long, 2, "gpt-5.6", now - 150 * HOUR_MS, touched + 1)?;
    let question = user(tx, chat, lane, None, words::LONG_QUESTION, now - 150 * HOUR_MS)?;
    let answer = [Said { asked: good(2, "gpt-5.6"), parts: &[("text", words::LONG_WORDS, "{}")] }];
    let leaf = reply(tx, (chat, lane, question), now - 150 * HOUR_MS, "complete", &answer)?;
    tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane, leaf])?;
    tools_chat(tx, now - 3 * HOUR_MS, touched + 2)?;
    main_chat(tx, now - 20 * 60_000, touched + 3)
}

/// Tool calls, sources, a warning, a refusal, and a picture and a file that were sent along.
fn tools_chat(tx: &Transaction<'_>, at: i64, touched: i64) -> Result<(), StoreError> {
    let (chat, lane) = conversation(tx, "Tide tables for the crossing", 1, "claude-opus-5", at, touched)?;
    let first = user(tx, chat, lane, None, words::TIDES, at)?;
    let searched = [Said { asked: good(1, "claude-opus-5"), parts: words::SEARCHED }];
    let second = reply(tx, (chat, lane, first), at + 1_000, "complete", &searched)?;
    let third = user(tx, chat, lane, Some(second), words::ASKED_TOO_MUCH, at + 60_000)?;
    let refused = [Said { asked: good(1, "claude-opus-5"), parts: words::REFUSED }];
    let leaf = reply(tx, (chat, lane, third), at + 61_000, "complete", &refused)?;
    tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane, leaf])?;
    Ok(())
}

/// The chat that is looked at: everything an answer can hold, a reply that was cut off, one by a second provider.
fn main_chat(tx: &Transaction<'_>, at: i64, touched: i64) -> Result<(), StoreError> {
    let (chat, lane) = conversation(tx, "Batching and tail latency", 1, "claude-sonnet-5", at, touched)?;
    let first = user(tx, chat, lane, None, words::QUESTION, at)?;
    let overloaded = Asked {
        outcome: "failed",
        first_ms: None,
        lasts_ms: 3_200,
        tokens: (0, 0, None),
        source: "estimated",
        nano: Some(0),
        error: Some(("overloaded", Some(529), "Overloaded")),
        ..good(1, "claude-sonnet-5")
    };
    let answered = Asked { nano: Some(15_600_000), source: "reported", ..good(3, "anthropic/claude-sonnet-5") };
    let said = [
        Said { asked: overloaded, parts: &[] },
        Said { asked: answered, parts: &[("reasoning", words::REASONING, "{}"), ("text", words::ANSWER, "{}")] },
    ];
    let second = reply(tx, (chat, lane, first), at + 1_000, "complete", &said)?;
    let third = user(tx, chat, lane, Some(second), words::SHORTER, at + 60_000)?;
    let cut = Asked {
        outcome: "interrupted",
        lasts_ms: 1_900,
        tokens: (2_030, 58, None),
        source: "estimated",
        nano: Some(400_000),
        error: Some(("broken_stream", None, "connection reset by peer")),
        ..good(4, "llama-3.3-70b-versatile")
    };
    let said = [Said { asked: cut, parts: &[("text", words::CUT, "{}")] }];
    let leaf = reply(tx, (chat, lane, third), at + 61_000, "interrupted", &said)?;
    tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane, leaf])?;
    Ok(())
}

fn good(provider: i64, model: &'static str) -> Asked {
    Asked {
        provider,
        model,
        outcome: "complete",
        first_ms: Some(920),
        lasts_ms: 13_400,
        tokens: (1_204, 798, Some(186)),
        source: "priced",
        nano: Some(9_000_000),
        error: None,
    }
}

fn conversation(
    tx: &Transaction<'_>,
    title: &str,
    provider: i64,
    model: &str,
    at: i64,
    touched: i64,
) -> Result<(i64, i64), StoreError> {
    tx.execute(
        "INSERT INTO conversation (title, title_by, created_at, updated_at, touched) VALUES (?1, 'user', ?2, ?2, ?3)",
        params![title, at, touched],
    )?;
    let chat = tx.last_insert_rowid();
    search::index_title(tx, chat)?;
    tx.execute(
        "INSERT INTO lane (conversation_id, position, provider_id, model) VALUES (?1, 0, ?2, ?3)",
        params![chat, provider, model],
    )?;
    Ok((chat, tx.last_insert_rowid()))
}

fn message(
    tx: &Transaction<'_>,
    (lane, turn, parent): (i64, i64, Option<i64>),
    role: &str,
    status: &str,
    at: i64,
) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![lane, turn, parent, role, status, at],
    )?;
    Ok(tx.last_insert_rowid())
}

fn user(
    tx: &Transaction<'_>,
    chat: i64,
    lane: i64,
    parent: Option<i64>,
    text: &str,
    at: i64,
) -> Result<i64, StoreError> {
    tx.execute("INSERT INTO turn (conversation_id, created_at) VALUES (?1, ?2)", params![chat, at])?;
    let turn = tx.last_insert_rowid();
    tx.execute("INSERT INTO turn_part (turn_id, ordinal, kind, text) VALUES (?1, 0, 'text', ?2)", params![turn, text])?;
    let question = message(tx, (lane, turn, parent), "user", "complete", at)?;
    search::index_prompt(tx, question)?;
    Ok(question)
}

/// An answer with its attempts and what each of them said.
fn reply(
    tx: &Transaction<'_>,
    (chat, lane, question): (i64, i64, i64),
    at: i64,
    status: &str,
    attempts: &[Said],
) -> Result<i64, StoreError> {
    let turn: i64 = tx.query_row("SELECT turn_id FROM message WHERE id = ?1", [question], |row| row.get(0))?;
    let answer = message(tx, (lane, turn, Some(question)), "assistant", status, at)?;
    tx.execute(
        "INSERT INTO run (message_id, conversation_id, purpose, started_at, ended_at, outcome)
         VALUES (?1, ?2, 'chat', ?3, ?3 + 14000, ?4)",
        params![answer, chat, at, status],
    )?;
    let run = tx.last_insert_rowid();
    let mut ordinal = 0;
    for (place, Said { asked, parts }) in attempts.iter().enumerate() {
        let attempt = attempt(tx, run, place as i64, asked, at)?;
        book(tx, attempt, chat, asked, at)?;
        for (kind, words, meta) in *parts {
            tx.execute(
                "INSERT INTO part (message_id, ordinal, kind, attempt_id, text, meta) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![answer, ordinal, kind, attempt, words, meta],
            )?;
            ordinal += 1;
        }
    }
    search::index_message(tx, answer)?;
    Ok(answer)
}

fn attempt(tx: &Transaction<'_>, run: i64, ordinal: i64, asked: &Asked, at: i64) -> Result<i64, StoreError> {
    let vendor = PROVIDERS[usize::try_from(asked.provider - 1).unwrap_or_default()].0;
    let whole = asked.outcome == "complete";
    let (category, status, words) = asked.error.map_or((None, None, None), |(c, s, w)| (Some(c), s, Some(w)));
    tx.execute(
        "INSERT INTO attempt (run_id, ordinal, provider_id, account_id, vendor, model, started_at, first_token_ms,
                              duration_ms, outcome, finish_class, finish_reason, error_category, error_status,
                              error_message)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13)",
        params![
            run,
            ordinal,
            asked.provider,
            vendor,
            asked.model,
            at + ordinal * 3_200,
            asked.first_ms,
            asked.lasts_ms,
            asked.outcome,
            whole.then_some("stop"),
            category,
            status,
            words,
        ],
    )?;
    Ok(tx.last_insert_rowid())
}

fn book(tx: &Transaction<'_>, attempt: i64, chat: i64, asked: &Asked, at: i64) -> Result<(), StoreError> {
    let vendor = PROVIDERS[usize::try_from(asked.provider - 1).unwrap_or_default()].0;
    let (input, output, reasoning) = asked.tokens;
    let local = vendor == "ollama";
    let source = if local { "free" } else { asked.source };
    let tokens = if asked.source == "estimated" { "estimated" } else { "reported" };
    tx.execute(
        "INSERT INTO ledger (attempt_id, conversation_id, purpose, provider_id, account_id, vendor, model, outcome,
                             booked_at, booked_day, input_total, output_total, reasoning, tokens_source, source,
                             total_nano, first_token_ms, duration_ms)
         VALUES (?1, ?2, 'chat', ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            attempt,
            chat,
            asked.provider,
            vendor,
            asked.model,
            asked.outcome,
            at,
            SystemClock.local_day(at),
            input,
            output,
            reasoning,
            tokens,
            source,
            asked.nano,
            asked.first_ms,
            asked.lasts_ms,
        ],
    )?;
    Ok(())
}
