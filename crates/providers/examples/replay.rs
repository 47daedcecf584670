//! Replays recorded provider traffic through the dialects and prints what came out, one JSON line a file.
//!
//! `cargo run -p parlance-providers --example replay -- FILE…`
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{fs, process::ExitCode};

use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::{
    ChatEvent, ChatResponse, EmbedResponse, FinishClass, Part, ProviderError,
    catalog::{Catalog, DialectId, Vendor},
    dialect::{Dialect, ResponseHead},
    dialects::dialect,
    fold::Fold,
};
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        match replay(&path) {
            Ok(line) => println!("{line}"),
            Err(reason) => {
                eprintln!("{path}: {reason}");
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// One exchange: what was asked for, and what the vendor answered.
struct Recording {
    kind: String,
    vendor: Vendor,
    head: ResponseHead,
    body: Vec<u8>,
    cuts: Vec<usize>,
}

/// What comes out of one file; `Err` where it is no recording.
pub fn replay(path: &str) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let file: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let wire = file["wire"].as_str().unwrap_or_default();
    let recording = Recording::read(&file)?;
    let id: Option<DialectId> = serde_json::from_value(wire.into()).ok();
    let mut line = match id.and_then(dialect) {
        // A wire without a dialect has no answer; the line says so and scores as a miss.
        None => Map::from_iter([("unsupported".to_owned(), wire.into())]),
        Some(dialect) => recording.run(dialect),
    };
    line.insert("file".into(), path.into());
    Ok(Value::Object(line))
}

impl Recording {
    fn read(file: &Value) -> Result<Self, String> {
        let response = &file["response"];
        let body = match (response["body"].as_str(), response["body_base64"].as_str()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(coded)) => STANDARD.decode(coded).map_err(|e| e.to_string())?,
            _ => Vec::new(),
        };
        let headers = response["headers"].as_object().into_iter().flatten();
        let headers = headers.filter_map(|(n, v)| Some((n.to_ascii_lowercase(), v.as_str()?.to_owned()))).collect();
        let status = response["status"].as_u64().and_then(|s| u16::try_from(s).ok()).ok_or("no status")?;
        let cuts = response["chunk_sizes"].as_array().into_iter().flatten();
        let catalog = Catalog::bundled();
        let provider = file["provider"].as_str().unwrap_or_default();
        let vendor = catalog.get(provider).or_else(|| catalog.get("openai-compatible"));
        Ok(Self {
            kind: file["kind"].as_str().unwrap_or_default().to_owned(),
            vendor: vendor.cloned().ok_or("no vendor fits")?,
            head: ResponseHead { status, headers },
            body,
            cuts: cuts.filter_map(|c| usize::try_from(c.as_u64()?).ok()).collect(),
        })
    }

    fn run(&self, dialect: &dyn Dialect) -> Map<String, Value> {
        if self.head.status >= 400 {
            return error_line(&dialect.error(&self.vendor, &self.head, &self.body));
        }
        match self.kind.as_str() {
            "models" => match dialect.model_list(&self.vendor, &self.head, &self.body) {
                Ok((models, _)) => {
                    let ids: Vec<Value> = models.into_iter().map(|m| m.listed_as.unwrap_or(m.id).into()).collect();
                    Map::from_iter([("models".to_owned(), ids.into())])
                }
                Err(error) => error_line(&error),
            },
            "embeddings" => match dialect.embeddings(&self.vendor, &self.head, &self.body) {
                Ok(answer) => embeddings_line(&answer),
                Err(error) => error_line(&error),
            },
            "chat-stream" => self.stream(dialect),
            _ => match dialect.response(&self.vendor, &self.head, &self.body) {
                Ok(response) => chat_line(&response),
                Err(error) => error_line(&error),
            },
        }
    }

    fn stream(&self, dialect: &dyn Dialect) -> Map<String, Value> {
        let mut decoder = dialect.decoder(&self.vendor);
        let mut events: Vec<ChatEvent> = Vec::new();
        let mut outcome = Ok(());
        for piece in self.pieces() {
            outcome = outcome.and_then(|()| decoder.push(piece, &mut events));
        }
        outcome = outcome.and_then(|()| decoder.finish(&mut events));
        let mut fold = Fold::new();
        fold.extend(events);
        let mut line = chat_line(&fold.finish());
        if let Err(error) = outcome {
            line.extend(error_line(&error));
        }
        line
    }

    /// The body as it came from the network, where the recording knows.
    fn pieces(&self) -> Vec<&[u8]> {
        let mut rest = self.body.as_slice();
        let mut pieces = Vec::with_capacity(self.cuts.len() + 1);
        for cut in &self.cuts {
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        pieces.push(rest);
        pieces
    }
}

fn chat_line(response: &ChatResponse) -> Map<String, Value> {
    let (mut text, mut reasoning, mut refusal) = (String::new(), String::new(), String::new());
    let mut plan = String::new();
    let mut calls = Vec::new();
    let mut server_tools = Vec::new();
    let (mut opaque, mut images) = (0, 0);
    for part in &response.parts {
        opaque += part.opaque().map_or(0, <[_]>::len);
        match part {
            Part::Text { text: more, .. } => text.push_str(more),
            Part::Refusal { text: more } => refusal.push_str(more),
            // Recordings tell what a model plans to do with tools apart from what it thinks.
            Part::Reasoning { text: more, opaque } if opaque.iter().any(|o| o.kind == "tool_plan") => {
                plan.push_str(more)
            }
            Part::Reasoning { text: more, .. } => reasoning.push_str(more),
            Part::ToolCall { id, name, arguments, .. } => {
                calls.push(json!({ "id": id, "name": name, "arguments": arguments }));
            }
            Part::Image { .. } => images += 1,
            Part::ServerTool { name, .. } => server_tools.push(name.as_str()),
            Part::File { .. } | Part::ToolResult { .. } => {}
        }
    }
    let (class, reason) = response.finish.clone().unzip();
    let reason = reason.flatten();
    // Without a word of the vendor there is no reading of it.
    let class = class.filter(|c| reason.is_some() || *c != FinishClass::Other);
    let citations = response.citations.iter().filter_map(|event| match event {
        ChatEvent::Citation { url, text, .. } => url.clone().or(text.clone()),
        _ => None,
    });
    images += response.extras.iter().filter(|e| matches!(e, ChatEvent::Media { .. })).count();
    let line = json!({
        "text": text,
        "reasoning": (!reasoning.is_empty()).then_some(reasoning),
        "tool_plan": (!plan.is_empty()).then_some(plan),
        "refusal": (!refusal.is_empty()).then_some(refusal),
        "tool_calls": calls,
        "finish_class": class.map(FinishClass::as_str),
        "finish_reason": reason,
        "usage": response.usage.map(|u| json!({
            "input_total": u.input_total,
            "cache_read": u.cache_read,
            "cache_write": u.cache_write,
            "output_total": u.output_total,
            "reasoning": u.reasoning,
        })),
        "reported_cost_usd": response.reported_cost.as_ref().map(|(nano, raw)| dollars(*nano, raw)),
        "citations": citations.collect::<Vec<_>>(),
        "images": images,
        "server_tools": server_tools,
        "opaque": opaque,
    });
    match line {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What the vendor charges, by its own figure where that is finer than the nano-dollars we count in.
fn dollars(nano: i64, raw: &str) -> f64 {
    let ticks = raw.strip_suffix(" ticks").and_then(|ticks| ticks.parse::<f64>().ok());
    ticks.map_or(nano as f64 * 1e-9, |ticks| ticks * 1e-10)
}

fn embeddings_line(answer: &EmbedResponse) -> Map<String, Value> {
    let vectors: Vec<&Vec<f32>> = answer.vectors.iter().flatten().collect();
    let line = json!({
        "count": vectors.len(),
        "dims": vectors.first().map_or(0, |vector| vector.len()),
        "first": vectors.iter().take(3).map(|v| &v[..v.len().min(4)]).collect::<Vec<_>>(),
        "input_total": answer.usage.and_then(|u| u.input_total),
    });
    Map::from_iter([("embeddings".to_owned(), line)])
}

fn error_line(error: &ProviderError) -> Map<String, Value> {
    let body = json!({
        "category": error.category.as_str(),
        "status": error.status,
        "message": error.message,
        "code": error.code,
    });
    Map::from_iter([("error".to_owned(), body)])
}
