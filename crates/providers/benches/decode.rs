//! CPU per delta: our decoder against reading lines and parsing each JSON once into a `serde_json::Value`.
//!
//! `cargo bench -p parlance-providers --bench decode` prints one JSON line. The two run in turns, so that a busy
//! machine slows both; the medians are compared.
#![allow(clippy::print_stdout)]

use std::{fmt::Write, hint::black_box, time::Instant};

use parlance_providers::{
    ProviderError,
    catalog::{Catalog, DialectId, Vendor},
    dialect::Dialect,
    dialects::dialect,
};
use serde_json::Value;

const DELTAS: usize = 50_000;
const ROUNDS: usize = 15;
const PIECE: usize = 16 << 10;

fn main() -> Result<(), ProviderError> {
    let (Some(dialect), Some(vendor)) = (dialect(DialectId::OpenaiChat), Catalog::bundled().get("openai")) else {
        return Ok(());
    };
    let body = stream();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(|| decode(dialect, vendor, body.as_bytes()))?);
        theirs.push(timed(|| Ok(parse_lines(body.as_bytes())))?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        r#"{{"bench":"decode","deltas":{DELTAS},"decode_ns":{ours:.0},"parse_ns":{theirs:.0},"ratio":{:.2}}}"#,
        ours / theirs
    );
    Ok(())
}

fn stream() -> String {
    const WORDS: [&str; 8] = ["The", " quick", " brown", " fox", " jumps", " over\\n", " größer", " \\\"dog\\\""];
    let mut body = String::new();
    for i in 0..DELTAS {
        let word = WORDS[i % WORDS.len()];
        let _ = write!(
            body,
            "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\
             \"model\":\"gpt-4.1-2025-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\",\
             \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"logprobs\":null,\
             \"finish_reason\":null}}],\"usage\":null}}\n\n"
        );
    }
    body.push_str("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    body
}

fn decode(dialect: &dyn Dialect, vendor: &Vendor, body: &[u8]) -> Result<usize, ProviderError> {
    let mut decoder = dialect.decoder(vendor);
    let mut events = Vec::new();
    let mut count = 0;
    for piece in body.chunks(PIECE) {
        decoder.push(piece, &mut events)?;
        count += black_box(&events).len();
        events.clear();
    }
    decoder.finish(&mut events)?;
    Ok(count)
}

/// The least a client can do: lines out of the same pieces, each parsed once.
fn parse_lines(body: &[u8]) -> usize {
    let mut pending: Vec<u8> = Vec::new();
    let mut count = 0;
    for piece in body.chunks(PIECE) {
        pending.extend_from_slice(piece);
        let mut start = 0;
        while let Some(len) = memchr::memchr(b'\n', &pending[start..]) {
            if let Some(data) = pending[start..start + len].strip_prefix(b"data: ")
                && let Ok(value) = serde_json::from_slice::<Value>(data)
            {
                black_box(&value);
                count += 1;
            }
            start += len + 1;
        }
        pending.drain(..start);
    }
    count
}

/// Nanoseconds per delta of one run.
fn timed(run: impl FnOnce() -> Result<usize, ProviderError>) -> Result<f64, ProviderError> {
    let start = Instant::now();
    let count = run()?;
    let spent = start.elapsed();
    black_box(count);
    Ok(spent.as_nanos() as f64 / DELTAS as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
