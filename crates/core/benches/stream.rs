//! CPU per delta from a loopback socket: parsed, decoded, and all the way to disk and a page.
//!
//! `cargo bench -p parlance-core --bench stream` prints one JSON line. The server is this program again, as a child
//! process, so that its CPU does not count.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that fails should say where, and prints")]

#[path = "common/desk.rs"]
mod desk;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use cpu_time::ProcessTime;
use futures::StreamExt;
use parlance_core::{
    App,
    view::{SendInput, Target},
};
use parlance_providers::{
    CancellationToken, ChatEvent, ChatRequest, Message, Provider, Role,
    catalog::Catalog,
    dialects,
    transport::{Endpoint, HttpProvider},
};

const DELTAS: usize = 50_000;
const ROUNDS: usize = 9;

fn main() {
    if std::env::args().any(|argument| argument == "serve") {
        return serve();
    }
    // `cargo test --benches` runs this too; it measures only when asked to.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (mut server, address) = desk::spawn_server();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut rounds: [Vec<f64>; 3] = Default::default();
    let folder = tempfile::tempdir().unwrap();
    let app = runtime.block_on(open(folder.path(), &address));
    for _ in 0..ROUNDS {
        rounds[0].push(measured(|| parse(&address)));
        rounds[1].push(measured(|| runtime.block_on(decode(&address))));
        rounds[2].push(measured(|| runtime.block_on(whole(&app))));
    }
    runtime.block_on(app.0.close());
    server.kill().unwrap();
    server.wait().unwrap();
    let [parse, decode, whole] = rounds.map(median);
    println!(
        "{{\"bench\":\"stream\",\"deltas\":{DELTAS},\"rounds\":{ROUNDS},\"parse_ns\":{parse:.0},\"decode_ns\":{decode:.0},\
         \"whole_ns\":{whole:.0},\"whole_to_decode\":{:.2},\"peak_rss_kib\":{}}}",
        whole / decode,
        peak_rss_kib()
    );
}

/// CPU of this process, all threads, in nanoseconds a delta.
fn measured(work: impl FnOnce()) -> f64 {
    let start = ProcessTime::now();
    work();
    start.elapsed().as_nanos() as f64 / DELTAS as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn peak_rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn body() -> Vec<u8> {
    let mut body = Vec::new();
    let words = ["The", " sky", " is", " blue", " because", " of", " scattering", ".", "\n", " and"];
    for n in 0..DELTAS {
        let word = serde_json::to_string(words[n % words.len()]).unwrap();
        write!(
            body,
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\
             \"model\":\"m-1\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\",\"choices\":[{{\"index\":0,\
             \"delta\":{{\"content\":{word}}},\"logprobs\":null,\"finish_reason\":null}}],\"usage\":null}}\n\n"
        )
        .unwrap();
    }
    body.extend_from_slice(
        b"data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
          data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":50000}}\n\n\
          data: [DONE]\n\n",
    );
    body
}

fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let body = body();
    for connection in listener.incoming() {
        let mut connection = connection.unwrap();
        if read_request(&mut connection) {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
            connection.write_all(head.as_bytes()).unwrap();
            // A reader that has its end may be gone before the last byte.
            let _gone = connection.write_all(&body);
        }
    }
}

fn read_request(connection: &mut TcpStream) -> bool {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return false;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    reader.take(length).read_to_end(&mut Vec::new()).unwrap();
    true
}

/// The yardstick: read lines and parse each JSON once.
fn parse(address: &str) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n").unwrap();
    let mut seen = 0;
    for line in BufReader::with_capacity(16 * 1024, connection).lines() {
        if let Some(json) = line.unwrap().strip_prefix("data: ").filter(|json| json.starts_with('{')) {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            seen += usize::from(value["choices"][0]["delta"]["content"].is_string());
        }
    }
    assert_eq!(seen, DELTAS);
}

fn base_url(address: &str) -> String {
    format!("http://{address}/v1")
}

async fn decode(address: &str) {
    let vendor = Arc::new(Catalog::bundled().get("openai-compatible").unwrap().clone());
    let dialect = dialects::dialect(vendor.dialect).unwrap();
    let endpoint = Endpoint { base_url: base_url(address), ..Endpoint::default() };
    let provider = HttpProvider::new(vendor, dialect, endpoint).unwrap();
    let request = ChatRequest::new("m-1", vec![Message::text(Role::User, "hi")]);
    let mut events = provider.stream(request, CancellationToken::new()).await.unwrap();
    let mut seen = 0;
    while let Some(event) = events.next().await {
        seen += usize::from(matches!(event.unwrap(), ChatEvent::TextDelta { .. }));
    }
    assert_eq!(seen, DELTAS);
}

async fn open(folder: &std::path::Path, address: &str) -> (App, Target) {
    let app = desk::open(folder).await;
    let target = desk::provider(&app, base_url(address)).await;
    (app, target)
}

/// Socket, decoder, journal on disk, settled in the store, frames as JSON to a page that acknowledges each.
async fn whole((app, target): &(App, Target)) {
    let (snapshot, mut reader) = app.attach("main");
    app.send(SendInput::text(None, "hi", target.clone())).await.unwrap();
    let mut shown = 0;
    loop {
        let frame = reader.next().await.unwrap();
        let json = serde_json::to_string(&frame).unwrap();
        app.acknowledge("main", &snapshot.attachment, frame.frame);
        shown += json.len();
        if frame.runs.iter().any(|delta| delta.settled.is_some()) {
            break;
        }
    }
    assert!(shown > DELTAS);
}
