//! Opening a chat of 10,000 messages, the list, and the models' facts over 100,000 calls.
//!
//! `cargo bench -p parlance-core --bench chats` prints one JSON line: the median milliseconds of each, and the CPU it took, which
//! also says something on a busy machine.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that fails should say where, and prints")]

#[path = "common/desk.rs"]
mod desk;

use std::{path::Path, time::Instant};

use cpu_time::ProcessTime;
use parlance_core::{
    clock::{Clock, SystemClock},
    costs::rollup,
    view::Shelf,
};
use rusqlite::{Connection, params};

const MESSAGES: i64 = 10_000;
const CALLS: i64 = 100_000;
const CHATS: i64 = 10_000;
const MODELS: i64 = 60;
const ROUNDS: usize = 21;

fn main() {
    // `cargo test --benches` runs this too; it measures only when asked to.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let app = desk::open(folder.path()).await;
        desk::provider(&app, "http://127.0.0.1:9/v1".to_owned()).await;
        app.close().await;
        fill(&folder.path().join("parlance.db"));
        let app = desk::open(folder.path()).await;
        let view = app.get_conversation("1").await.unwrap();
        assert_eq!((view.spine.len() as i64, view.messages.len()), (MESSAGES, 40));
        let first: Vec<String> = view.spine.iter().take(200).map(|stub| stub.id.clone()).collect();
        let mut figures = Vec::new();
        let mut note = |name: &str, times: Vec<f64>, cpu: Vec<f64>| {
            figures.push(format!("\"{name}\":{{\"wall\":{:.2},\"cpu\":{:.2}}}", median(times), median(cpu)));
        };
        macro_rules! measure {
            ($name:literal, $call:expr) => {
                let (mut times, mut cpu) = (Vec::new(), Vec::new());
                for _ in 0..ROUNDS {
                    let (started, used) = (Instant::now(), ProcessTime::now());
                    $call.await.unwrap();
                    times.push(started.elapsed().as_secs_f64() * 1000.0);
                    cpu.push(used.elapsed().as_secs_f64() * 1000.0);
                }
                note($name, times, cpu);
            };
        }
        measure!("open_10k", app.get_conversation("1"));
        measure!("open_empty", app.get_conversation("2"));
        measure!("read_200", app.get_messages(first.clone()));
        measure!("list", app.list_shelf(Shelf::List, None));
        measure!("archive", app.list_shelf(Shelf::Archive, None));
        measure!("model_facts", app.model_facts());
        println!("{{\"bench\":\"chats\",\"rounds\":{ROUNDS},{}}}", figures.join(","));
        app.close().await;
    });
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One long chat, many short ones, and calls of many models over the last days.
fn fill(path: &Path) {
    let mut store = Connection::open(path).unwrap();
    let tx = store.transaction().unwrap();
    let now = SystemClock.now_ms();
    {
        let mut chat = tx
            .prepare("INSERT INTO conversation (title, created_at, updated_at, touched) VALUES (?1, 1, 1, ?2)")
            .unwrap();
        let mut lane = tx.prepare("INSERT INTO lane (conversation_id, position) VALUES (?1, 0)").unwrap();
        for nth in 1..=CHATS {
            chat.execute(params![format!("chat {nth}"), nth]).unwrap();
            lane.execute([nth]).unwrap();
        }
        let mut turn = tx.prepare("INSERT INTO turn (conversation_id, created_at) VALUES (1, 1)").unwrap();
        let mut prompt =
            tx.prepare("INSERT INTO turn_part (turn_id, ordinal, kind, text) VALUES (?1, 0, 'text', ?2)").unwrap();
        let mut message = tx
            .prepare(
                "INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at)
                 VALUES (1, ?1, ?2, ?3, 'complete', 1, 1)",
            )
            .unwrap();
        let mut part = tx
            .prepare("INSERT INTO part (message_id, ordinal, kind, attempt_id, text) VALUES (?1, 0, 'text', NULL, ?2)")
            .unwrap();
        for id in 1..=MESSAGES {
            let text = "Some words of an answer, and some more. ".repeat(1 + (id as usize * 7) % 60);
            let user = id % 2 == 1;
            if user {
                turn.execute([]).unwrap();
                prompt.execute(params![(id + 1) / 2, &text]).unwrap();
            }
            let parent = (id > 1).then_some(id - 1);
            message.execute(params![(id + 1) / 2, parent, if user { "user" } else { "assistant" }]).unwrap();
            if !user {
                part.execute(params![id, &text]).unwrap();
            }
        }
        tx.execute("UPDATE lane SET active_leaf = ?1 WHERE id = 1", [MESSAGES]).unwrap();
        let mut run = tx
            .prepare("INSERT INTO run (message_id, conversation_id, purpose, started_at) VALUES (?1, 1, 'chat', ?2)")
            .unwrap();
        let mut attempt = tx
            .prepare(
                "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms,
                                      duration_ms, outcome)
                 VALUES (?1, 0, 1, 'openai-compatible', ?2, ?3, 300, 2300, 'complete')",
            )
            .unwrap();
        let mut entry = tx
            .prepare(
                "INSERT INTO ledger (attempt_id, conversation_id, purpose, provider_id, vendor, model, outcome, booked_at,
                                     booked_day, output_total, tokens_source, source, total_nano)
                 VALUES (?1, ?2, 'chat', 1, 'openai-compatible', 'm', 'complete', 1, '2026-01-01', 100, 'reported',
                         'priced', 5)",
            )
            .unwrap();
        for id in 1..=CALLS {
            // The long chat's replies have one each, the others belong to messages that are gone.
            let of = (id * 2 <= MESSAGES).then_some(id * 2);
            let started = now - (CALLS - id) * 20_000;
            run.execute(params![of, started]).unwrap();
            attempt.execute(params![id, format!("model-{}", id % MODELS), started]).unwrap();
            entry.execute(params![id, of.map(|_| 1)]).unwrap();
        }
    }
    rollup::rebuild_all(&tx).unwrap();
    tx.commit().unwrap();
}
