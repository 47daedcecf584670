//! Two hundred replies at once in one process: memory, CPU per delta, and whether each gets its share.
//!
//! `cargo bench -p parlance-core --bench parallel` prints one JSON line and fails past its limits. The server is this
//! program again, as a child process, so that its CPU does not count. It writes to each reply at the same pace.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that fails should say where, and prints")]

#[path = "common/desk.rs"]
mod desk;

use std::{collections::HashMap, process::ExitCode, time::Duration};

use cpu_time::ProcessTime;
use futures::future::join_all;
use parlance_core::{
    App,
    view::{MessageStatus, SendInput, Target},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, MissedTickBehavior},
};

const STREAMS: usize = 200;
/// A reply: so many pieces, one each so many milliseconds.
const DELTAS: usize = 200;
const PACE_MS: u64 = 25;
/// Every piece is as long, so that bytes count pieces.
const WORD: &str = " blue sky";

/// Past these the benchmark fails. A reply costs its connection, its text and its rows, and not a copy of either.
const MOST_RSS_MIB: f64 = 32.0;
const MOST_CPU_US: f64 = 40.0;
/// From the first end to the last, as a share of the whole time. Each reply is committed to the disk before its request
/// leaves, one after the other, so the last begins later than the first.
const MOST_SPREAD: f64 = 0.3;
/// From its first piece to its end a reply takes as long as any other: the longest less the shortest, as a share of the
/// median.
const MOST_PACE_SPREAD: f64 = 0.15;
/// What the reply that is furthest behind has at half time, as a share of the median.
const LEAST_SHARE: f64 = 0.6;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "serve") {
        return serve();
    }
    // `cargo test --benches` runs this too; it measures only when asked to.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let (mut server, address) = desk::spawn_server();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (app, target) = runtime.block_on(async {
        let app = desk::open(folder.path()).await;
        let target = desk::provider(&app, format!("http://{address}/v1")).await;
        (app, target)
    });
    // What is made once is made: prices, the client, the store's statements.
    runtime.block_on(replies(&app, &target, 1));
    let before = rss_mib("VmRSS:");
    let cpu = ProcessTime::now();
    let course = runtime.block_on(replies(&app, &target, STREAMS));
    let cpu_us = cpu.elapsed().as_secs_f64() * 1e6 / (STREAMS * DELTAS) as f64;
    let peak = rss_mib("VmHWM:");
    runtime.block_on(app.close());
    server.kill().unwrap();
    server.wait().unwrap();

    let grown = peak - before;
    let (spread, pace, share) = (course.spread(), course.pace_spread(), course.least_share());
    println!(
        "{{\"bench\":\"parallel\",\"streams\":{STREAMS},\"deltas_each\":{DELTAS},\"rss_before_mib\":{before:.1},\
         \"rss_peak_mib\":{peak:.1},\"rss_grown_mib\":{grown:.1},\"cpu_us_per_delta\":{cpu_us:.1},\
         \"seconds\":{:.2},\"end_spread\":{spread:.3},\"pace_spread\":{pace:.3},\"least_share_at_half_time\":{share:.3}}}",
        course.ends.iter().max().unwrap().as_secs_f64()
    );
    let within = [
        ("memory grown (MiB)", grown, grown <= MOST_RSS_MIB),
        ("CPU per delta (µs)", cpu_us, cpu_us <= MOST_CPU_US),
        ("spread of the ends", spread, spread <= MOST_SPREAD),
        ("spread of the paces", pace, pace <= MOST_PACE_SPREAD),
        ("least share at half time", share, share >= LEAST_SHARE),
    ];
    for (what, figure, _) in within.iter().filter(|(_, _, within)| !within) {
        println!("past its limit: {what}: {figure:.3}");
    }
    if within.iter().all(|(_, _, within)| *within) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A line of this process's status, in MiB.
fn rss_mib(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// How the replies went.
struct Course {
    /// When each ended.
    ends: Vec<Duration>,
    /// From the first piece of each to its end.
    lasted: Vec<Duration>,
    /// What each had when half of everything had come.
    half_time: Vec<usize>,
}

impl Course {
    fn spread(&self) -> f64 {
        let (first, last) = (self.ends.iter().min().unwrap(), self.ends.iter().max().unwrap());
        (*last - *first).as_secs_f64() / last.as_secs_f64()
    }

    fn pace_spread(&self) -> f64 {
        let mut sorted = self.lasted.clone();
        sorted.sort_unstable();
        (sorted[sorted.len() - 1] - sorted[0]).as_secs_f64() / sorted[sorted.len() / 2].as_secs_f64()
    }

    fn least_share(&self) -> f64 {
        let mut sorted = self.half_time.clone();
        sorted.sort_unstable();
        sorted[0] as f64 / sorted[sorted.len() / 2].max(1) as f64
    }
}

/// Asks so many times at once and follows every reply to its end, as a window does.
async fn replies(app: &App, target: &Target, count: usize) -> Course {
    let (snapshot, mut frames) = app.attach("main");
    let started = Instant::now();
    let (asking, asked) = (app.clone(), target.clone());
    let receipts = tokio::spawn(async move {
        let prompt = || SendInput::text(None, "What is the sky like?", asked.clone());
        join_all((0..count).map(|_| asking.send(prompt()))).await
    });
    let mut got: HashMap<String, usize> = HashMap::new();
    let mut began: HashMap<String, Instant> = HashMap::new();
    let mut course = Course { ends: Vec::new(), lasted: Vec::new(), half_time: Vec::new() };
    let half = count * DELTAS * WORD.len() / 2;
    while course.ends.len() < count {
        let frame = frames.next().await.unwrap();
        // What a page would be sent.
        let sent = serde_json::to_string(&frame).unwrap();
        assert!(!sent.is_empty());
        app.acknowledge("main", &snapshot.attachment, frame.frame);
        for run in frame.runs {
            if !run.parts.is_empty() {
                began.entry(run.run_id.clone()).or_insert_with(Instant::now);
            }
            if run.settled.is_some() {
                course.lasted.push(began[&run.run_id].elapsed());
            }
            *got.entry(run.run_id).or_default() += run.parts.iter().map(|part| part.append.len()).sum::<usize>();
            if let Some(settled) = run.settled {
                assert_eq!(settled.status, MessageStatus::Complete, "{:?}", settled.attempts);
                course.ends.push(started.elapsed());
            }
        }
        if course.half_time.is_empty() && got.values().sum::<usize>() >= half {
            course.half_time = got.values().copied().collect();
            course.half_time.resize(count, 0);
        }
    }
    for receipt in receipts.await.unwrap() {
        receipt.unwrap();
    }
    assert!(got.values().all(|bytes| *bytes == DELTAS * WORD.len()), "each reply is whole");
    course
}

fn serve() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(connection));
        }
    })
}

/// One reply at its pace. Whoever reads may be gone before the last byte.
async fn answer(mut connection: TcpStream) {
    connection.set_nodelay(true).unwrap();
    let mut asked = Vec::new();
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        if connection.read_buf(&mut asked).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let delta = format!(
        "data: {{\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"m-1\",\"choices\":[{{\"index\":0,\
         \"delta\":{{\"content\":\"{WORD}\"}},\"logprobs\":null,\"finish_reason\":null}}],\"usage\":null}}\n\n"
    );
    let end = "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
               data: {\"id\":\"c-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":200}}\n\n\
               data: [DONE]\n\n";
    if connection.write_all(head.as_bytes()).await.is_err() {
        return;
    }
    let mut pace = tokio::time::interval(Duration::from_millis(PACE_MS));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..DELTAS {
        pace.tick().await;
        if connection.write_all(delta.as_bytes()).await.is_err() {
            return;
        }
    }
    let _gone = connection.write_all(end.as_bytes()).await;
    let _gone = connection.shutdown().await;
}
