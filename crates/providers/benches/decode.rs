//! CPU per delta: our decoders against reading lines and parsing each JSON once into a `serde_json::Value`.
//!
//! `cargo bench -p parlance-providers --bench decode` prints one JSON line a wire. The two run in turns, so that a
//! busy machine slows both; the medians are compared.
#![allow(clippy::print_stdout)]

#[path = "../../../tests/support/src/frames.rs"]
mod frames;

use std::{hint::black_box, time::Instant};

use parlance_providers::{
    Category, ProviderError,
    catalog::{Catalog, DialectId},
    claude_code,
    dialect::StreamDecoder,
    dialects::dialect,
};
use serde_json::Value;

const DELTAS: usize = 50_000;
const ROUNDS: usize = 15;
const PIECE: usize = 16 << 10;

/// The wires: dialect, vendor, and the stream as beginning, one delta with `WORD` in it, and end.
const WIRES: &[(DialectId, &str, [&str; 3])] = &[
    (DialectId::OpenaiChat, "openai", OPENAI_CHAT),
    (DialectId::OpenaiResponses, "openai", OPENAI_RESPONSES),
    (DialectId::Anthropic, "anthropic", ANTHROPIC),
    (DialectId::Gemini, "gemini", GEMINI),
    (DialectId::Ollama, "ollama", OLLAMA),
    (DialectId::Cohere, "cohere", COHERE),
    (DialectId::Bedrock, "bedrock", BEDROCK),
    (DialectId::Replicate, "replicate", REPLICATE),
    (DialectId::ClaudeCode, "claude-code", CLAUDE_CODE),
];

const OPENAI_CHAT: [&str; 3] = [
    "",
    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\
     \"model\":\"gpt-4.1-2025-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\",\
     \"choices\":[{\"index\":0,\"delta\":{\"content\":\"WORD\"},\"logprobs\":null,\"finish_reason\":null}],\
     \"usage\":null}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
];

const OPENAI_RESPONSES: [&str; 3] = [
    "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\
     \"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\",\"model\":\"gpt-5.6\",\"output\":[]}}\n\n\
     event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"sequence_number\":1,\
     \"output_index\":0,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[]}}\n\n",
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"content_index\":0,\
     \"delta\":\"WORD\",\"item_id\":\"msg_0fabc13af1ee0049006a691e008ed881a19fb315ceb267e808\",\"logprobs\":[],\
     \"obfuscation\":\"a8XqT1\",\"output_index\":0,\"sequence_number\":4711}\n\n",
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":50002,\
     \"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[],\
     \"usage\":{\"input_tokens\":12,\"output_tokens\":50000}}}\n\n",
];

const ANTHROPIC: [&str; 3] = [
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-opus-5\",\
     \"content\":[],\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\n\n\
     event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\
     \"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\
     \"delta\":{\"type\":\"text_delta\",\"text\":\"WORD\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
     event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\
     \"usage\":{\"output_tokens\":50000}}\n\n\
     event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];

/// Counts on every chunk, and lines that end with CRLF.
const GEMINI: [&str; 3] = [
    "",
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"WORD\"}],\"role\": \"model\"},\"index\": 0}],\
     \"usageMetadata\": {\"promptTokenCount\": 40,\"candidatesTokenCount\": 31,\"totalTokenCount\": 106,\
     \"promptTokensDetails\": [{\"modality\": \"TEXT\",\"tokenCount\": 40}],\"thoughtsTokenCount\": 35},\
     \"modelVersion\": \"gemini-3.6-flash\",\"responseId\": \"bench\"}\r\n\r\n",
    "data: {\"candidates\": [{\"finishReason\": \"STOP\",\"index\": 0}]}\r\n\r\n",
];

/// One small line a token.
const OLLAMA: [&str; 3] = [
    "",
    "{\"model\":\"qwen3:8b\",\"created_at\":\"2026-08-01T10:00:00.123456789Z\",\
     \"message\":{\"role\":\"assistant\",\"content\":\"WORD\"},\"done\":false}\n",
    "{\"model\":\"qwen3:8b\",\"created_at\":\"2026-08-01T10:01:00Z\",\
     \"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\
     \"prompt_eval_count\":40,\"eval_count\":50000}\n",
];

/// The name of an event on every delta, and the text four objects deep.
const COHERE: [&str; 3] = [
    "event: message-start\ndata: {\"id\":\"bench\",\"type\":\"message-start\",\"delta\":{\"message\":{\
     \"role\":\"assistant\",\"content\":[],\"tool_plan\":\"\",\"tool_calls\":[],\"citations\":[]}}}\n\n\
     event: content-start\ndata: {\"type\":\"content-start\",\"index\":0,\"delta\":{\"message\":{\
     \"content\":{\"type\":\"text\",\"text\":\"\"}}}}\n\n",
    "event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\
     \"content\":{\"text\":\"WORD\"}}}}\n\n",
    "event: content-end\ndata: {\"type\":\"content-end\",\"index\":0}\n\n\
     event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\",\
     \"usage\":{\"tokens\":{\"input_tokens\":40,\"output_tokens\":50000}}}}\n\n",
];

/// The payloads of its frames, one a line, behind the names of their events.
const BEDROCK: [&str; 3] = [
    "messageStart {\"role\":\"assistant\",\"p\":\"abcd\"}\n",
    "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"WORD\"},\"p\":\"abcdefghijklmnopqrstuvwxyzABC\"}\n",
    "contentBlockStop {\"contentBlockIndex\":0}\nmessageStop {\"stopReason\":\"end_turn\"}\n\
     metadata {\"usage\":{\"inputTokens\":40,\"outputTokens\":50000,\"totalTokens\":50040}}\n",
];

/// Plain text without JSON: what it is held against only finds the lines.
const REPLICATE: [&str; 3] =
    ["", "event: output\nid: 1690212290:0\ndata: WORD\n\n", "event: done\nid: 1690212292:0\ndata: {}\n\n"];

/// Anthropic's events, each within a line about its session.
const CLAUDE_CODE: [&str; 3] = [
    "{\"type\":\"system\",\"subtype\":\"init\",\"model\":\"claude-sonnet-5\",\"apiKeySource\":\"none\"}\n\
     {\"type\":\"stream_event\",\"event\":{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\
     \"model\":\"claude-sonnet-5\",\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}}\n\
     {\"type\":\"stream_event\",\"event\":{\"type\":\"content_block_start\",\"index\":0,\
     \"content_block\":{\"type\":\"text\",\"text\":\"\"}}}\n",
    "{\"type\":\"stream_event\",\"event\":{\"type\":\"content_block_delta\",\"index\":0,\
     \"delta\":{\"type\":\"text_delta\",\"text\":\"WORD\"}},\"session_id\":\"d0f6a7c2-8d1f-4b62-9d5e-2f3a1c5b7e90\",\
     \"parent_tool_use_id\":null,\"uuid\":\"5a8f1b3c-64e2-4c7e-8a09-7d2b9c1e4f60\"}\n",
    "{\"type\":\"stream_event\",\"event\":{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\
     \"usage\":{\"output_tokens\":50000}}}\n\
     {\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"The\",\"total_cost_usd\":0.1,\
     \"usage\":{\"input_tokens\":12,\"output_tokens\":50000}}\n",
];

fn main() -> Result<(), ProviderError> {
    for (id, vendor, parts) in WIRES {
        let lines = stream(*parts);
        let body = if *id == DialectId::Bedrock { framed(&lines) } else { lines.into_bytes() };
        measure(*id, vendor, &body)?;
    }
    Ok(())
}

fn decoder(id: DialectId, vendor: &str) -> Result<Box<dyn StreamDecoder>, ProviderError> {
    if id == DialectId::ClaudeCode {
        return Ok(claude_code::decoder(0));
    }
    let (Some(dialect), Some(vendor)) = (dialect(id), Catalog::bundled().get(vendor)) else {
        let message = format!("there is no dialect {} or no vendor {vendor}", id.as_str());
        return Err(ProviderError::new(Category::Internal, message));
    };
    Ok(dialect.decoder(vendor))
}

fn measure(id: DialectId, vendor: &str, body: &[u8]) -> Result<(), ProviderError> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let decoder = decoder(id, vendor)?;
        ours.push(timed(|| decode(decoder, body))?);
        theirs.push(timed(|| Ok(if id == DialectId::Bedrock { parse_frames(body) } else { parse_lines(body) }))?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        r#"{{"bench":"decode","wire":"{}","deltas":{DELTAS},"decode_ns":{ours:.0},"parse_ns":{theirs:.0},"ratio":{:.2}}}"#,
        id.as_str(),
        ours / theirs
    );
    Ok(())
}

fn stream([beginning, delta, end]: [&str; 3]) -> String {
    const WORDS: [&str; 8] = ["The", " quick", " brown", " fox", " jumps", " over\\n", " größer", " \\\"dog\\\""];
    let deltas = (0..DELTAS).map(|i| delta.replace("WORD", WORDS[i % WORDS.len()]));
    beginning.to_owned() + &deltas.collect::<String>() + end
}

fn decode(mut decoder: Box<dyn StreamDecoder>, body: &[u8]) -> Result<usize, ProviderError> {
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

/// Lines of a name and a payload as frames.
fn framed(lines: &str) -> Vec<u8> {
    let pairs = lines.lines().filter_map(|line| line.split_once(' '));
    pairs.flat_map(|(name, payload)| frames::event(name, payload)).collect()
}

/// The least a client of frames can do: whole ones out of the same pieces, each payload parsed once.
fn parse_frames(body: &[u8]) -> usize {
    let mut pending: Vec<u8> = Vec::new();
    let mut count = 0;
    for piece in body.chunks(PIECE) {
        pending.extend_from_slice(piece);
        let mut start = 0;
        while let Some(prelude) = pending.get(start..start + 12) {
            let number =
                |at: usize| u32::from_be_bytes([prelude[at], prelude[at + 1], prelude[at + 2], prelude[at + 3]]);
            let (total, headers) = (number(0) as usize, number(4) as usize);
            let Some(payload) =
                pending.get(start + 12 + headers..start + total - 4).filter(|_| pending.len() >= start + total)
            else {
                break;
            };
            if let Ok(value) = serde_json::from_slice::<Value>(payload) {
                black_box(&value);
                count += 1;
            }
            start += total;
        }
        pending.drain(..start);
    }
    count
}

/// The least a client can do: lines out of the same pieces, each parsed once.
fn parse_lines(body: &[u8]) -> usize {
    let mut pending: Vec<u8> = Vec::new();
    let mut count = 0;
    for piece in body.chunks(PIECE) {
        pending.extend_from_slice(piece);
        let mut start = 0;
        while let Some(len) = memchr::memchr(b'\n', &pending[start..]) {
            let line = &pending[start..start + len];
            let data = line.strip_prefix(b"data: ").unwrap_or(line);
            if data.starts_with(b"{")
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
