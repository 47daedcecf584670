//! A thousand chats over a route of three targets of which two fail by lot in every way, over real sockets, through the
//! program `ask`: each ends in an answer or in one clear error, none hangs, none is doubled or lost, all is booked.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a soak that cannot go on stops, and says what it counted"
)]

#[path = "routes/upstream.rs"]
mod upstream;

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use upstream::{Fate, Upstream, answer};

/// Chats whose text stays where it breaks, and as many whose text the next target goes on with.
const CHATS: usize = 500;
const PARALLEL: &str = "40";
const SEEDS: [u64; 2] = [20_261_122, 77];
/// Keys of a server that fails: each that is asked too often rests.
const KEYS: usize = 40;
/// The clocks of the configuration below: no attempt is longer than these together, and what a busy machine adds.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(2 + 2 + 4 + 4);

fn configuration(servers: &[Upstream]) -> String {
    let mut text = String::new();
    for (at, server) in servers.iter().enumerate() {
        text += &format!(
            "[[providers]]\nid = \"s{at}\"\nvendor = \"openai-compatible\"\nbase_url = \"{}\"\n\
             timeout = {{ connect_s = 2, first_event_s = 2, idle_s = 2, progress_s = 4 }}\n",
            server.base_url
        );
        for key in 0..KEYS {
            text += &format!("[[providers.accounts]]\nlabel = \"k{key}\"\nkey = \"key-{at}-{key}\"\n");
        }
    }
    let targets: Vec<String> =
        (0..servers.len()).map(|at| format!("{{ provider = \"s{at}\", model = \"m\" }}")).collect();
    for after in ["keep", "continue"] {
        text += &format!(
            "[[routes]]\nid = \"{after}\"\nstrategy = \"round_robin\"\ntargets = [{}]\nretries = 1\n\
             backoff_ms = {{ base = 100, cap = 200 }}\nretry_after_s = 2\n\
             cooldown_s = {{ base = 1, cap = 2, after_failures = 5, window_s = 10 }}\nafter_output = \"{after}\"\n",
            targets.join(", ")
        );
    }
    text
}

/// A chat as the store has it.
struct Chat {
    status: String,
    text: String,
    /// By provider.
    attempts: BTreeMap<String, usize>,
}

fn chats(store: &Connection) -> BTreeMap<usize, Vec<Chat>> {
    let sql = "SELECT m.id, m.status, (SELECT tp.text FROM turn_part tp WHERE tp.turn_id = m.turn_id ORDER BY tp.ordinal LIMIT 1),
                      (SELECT coalesce(group_concat(p.text, ''), '') FROM
                          (SELECT text FROM part WHERE message_id = m.id AND kind = 'text' ORDER BY ordinal) p)
                 FROM message m WHERE m.role = 'assistant'";
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    });
    let mut attempts = store
        .prepare(
            "SELECT p.slug, count(*) FROM run r JOIN attempt a ON a.run_id = r.id JOIN provider p ON p.id = a.provider_id
              WHERE r.message_id = ?1 GROUP BY p.slug",
        )
        .unwrap();
    let mut chats: BTreeMap<usize, Vec<Chat>> = BTreeMap::new();
    for row in rows.unwrap() {
        let (id, status, prompt, text) = row.unwrap();
        let counted = attempts.query_map([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize))).unwrap();
        let number = prompt.strip_prefix("chat ").unwrap().parse().unwrap();
        let chat = Chat { status, text, attempts: counted.map(Result::unwrap).collect() };
        chats.entry(number).or_default().push(chat);
    }
    chats
}

fn number(store: &Connection, sql: &str) -> i64 {
    store.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// What `ask` said in the end of each prompt: its error, or nothing.
fn errors(output: &Output) -> BTreeMap<usize, Vec<Value>> {
    let mut errors: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["type"] == "error" {
            errors.entry(line["prompt"].as_str().unwrap().parse().unwrap()).or_default().push(line);
        }
    }
    errors
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a soak"]
async fn a_thousand_chats_over_a_route_whose_targets_fail_in_every_way() {
    let mut servers = Vec::new();
    for seed in [Some(SEEDS[0]), Some(SEEDS[1]), None] {
        servers.push(Upstream::start(seed).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let config = file("config.toml", &configuration(&servers));
    let data = folder.path().join("data");
    let mut said: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    let began = Instant::now();
    for (half, route) in ["route/keep", "route/continue"].into_iter().enumerate() {
        let numbers = half * CHATS..(half + 1) * CHATS;
        let prompts: Vec<String> =
            numbers.map(|n| json!({ "id": n.to_string(), "prompt": format!("chat {n}") }).to_string()).collect();
        let prompts = file("prompts.jsonl", &prompts.join("\n"));
        let mut ask = Command::new(env!("CARGO_BIN_EXE_ask"));
        ask.arg("--config").arg(&config).arg("--data").arg(&data).args(["--to", route, "--parallel", PARALLEL]);
        ask.arg("--prompts").arg(&prompts);
        let output = tokio::task::spawn_blocking(move || ask.output().unwrap()).await.unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
        said.extend(errors(&output));
    }
    let took = began.elapsed();
    check(&Connection::open(data.join("parlance.db")).unwrap(), &servers, &said, took);
}

fn check(store: &Connection, servers: &[Upstream], said: &BTreeMap<usize, Vec<Value>>, took: Duration) {
    let journals: Vec<_> = servers.iter().map(Upstream::journal).collect();
    let chats = chats(store);
    assert_eq!(chats.len(), 2 * CHATS, "no chat is lost");
    let (mut answered, mut failed, mut gone_on) = (0, 0, 0);
    for (number, replies) in &chats {
        let [chat] = &replies[..] else { panic!("chat {number} has {} replies", replies.len()) };
        let whole = answer(*number);
        match (chat.status.as_str(), said.get(number).map(Vec::as_slice)) {
            ("complete", None) => {
                assert_eq!(chat.text, whole, "chat {number}: nothing doubled, nothing lost");
                answered += 1;
            }
            ("failed" | "interrupted", Some([error])) => {
                assert!(error["category"].is_string() && error["message"].is_string(), "chat {number}: {error}");
                assert!(whole.starts_with(&chat.text), "chat {number}: {}", chat.text);
                failed += 1;
            }
            (status, errors) => panic!("chat {number} ended {status} with {errors:?}"),
        }
        for (at, journal) in journals.iter().enumerate() {
            let read = journal.iter().filter(|entry| entry.chat == *number).count();
            let asked = chat.attempts.get(&format!("s{at}")).copied().unwrap_or(0);
            assert_eq!(
                asked, read,
                "chat {number} at server {at}: each request is an attempt, and each attempt one request"
            );
        }
        gone_on += usize::from(journals.iter().flatten().any(|entry| entry.chat == *number && entry.goes_on));
    }
    let attempts = number(store, "SELECT count(*) FROM attempt");
    assert_eq!(attempts as usize, journals.iter().map(Vec::len).sum::<usize>());
    let unbooked = "SELECT count(*) FROM attempt a WHERE 1 <> (SELECT count(*) FROM ledger WHERE attempt_id = a.id AND kind = 'entry')";
    assert_eq!(number(store, unbooked), 0, "each attempt is in the ledger, once");
    assert_eq!(number(store, "SELECT count(*) FROM run"), 2 * CHATS as i64, "one run a chat");
    let open = "SELECT (SELECT count(*) FROM run WHERE outcome IS NULL) + (SELECT count(*) FROM attempt WHERE outcome = 'running')";
    assert_eq!(number(store, open), 0, "nothing is left running");
    let longest = number(store, "SELECT coalesce(max(duration_ms), 0) FROM attempt");
    assert!(longest <= LONGEST_ATTEMPT.as_millis() as i64, "an attempt took {longest} ms");
    let waits = number(store, "SELECT max(ended_at - started_at) FROM run");
    assert_eq!(number(store, "SELECT count(*) FROM run WHERE route_id IS NULL"), 0);

    let mut fates: BTreeMap<Fate, usize> = BTreeMap::new();
    journals.iter().flatten().for_each(|entry| *fates.entry(entry.fate).or_default() += 1);
    println!("{} chats in {took:.1?}: {answered} answered, {failed} ended in one error", 2 * CHATS);
    println!(
        "{attempts} attempts, the longest {longest} ms, the longest run {waits} ms; {gone_on} chats were gone on with"
    );
    println!("asked of each server: {:?}", journals.iter().map(Vec::len).collect::<Vec<_>>());
    println!("fates: {fates:?}");
    let by_reason =
        "SELECT group_concat(reason || ' ' || n, ', ') FROM (SELECT reason, count(*) n FROM attempt GROUP BY reason)";
    let reasons: String = store.query_row(by_reason, [], |row| row.get(0)).unwrap();
    println!("attempts by reason: {reasons}");
    assert_eq!(fates.len(), 16, "every way to fail was met");
    assert!(gone_on > 0 && answered > CHATS, "{gone_on} {answered}");
}
