//! Reasoning details of recorded answers go back on the next turn: encrypted items and signatures byte for byte,
//! fragments of one text as one item, all in their order.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use crate::common::{self, sent};
use std::fs;

use parlance_providers::{
    ChatRequest, Message, Part, Role,
    catalog::{Catalog, DialectId, Vendor},
    dialect::ResponseHead,
    dialects::dialect,
    fold::fold,
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

const FEATURES: [&str; 4] = ["signature", "redacted-thinking", "reasoning-encrypted", "reasoning-details"];

/// One item of the vendor's list, or a fragment of one, as the recording has it.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(borrow, default)]
    signature: Option<&'a RawValue>,
}

#[test]
fn what_must_go_back_goes_back() {
    let Some(folder) = sent::recordings("openai-chat") else { return };
    let (mut answers, mut byte_for_byte) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let features = file["features"].as_array().unwrap();
        if !features.iter().any(|f| FEATURES.contains(&f.as_str().unwrap())) {
            continue;
        }
        answers += 1;
        byte_for_byte += check(&file, &path.display().to_string());
    }
    assert!(answers >= 10 && byte_for_byte >= 5, "{answers} answers with {byte_for_byte} sealed items");
}

/// Returns how many items had to come back byte for byte.
fn check(file: &Value, name: &str) -> usize {
    let catalog = Catalog::bundled();
    let vendor = catalog.get(file["provider"].as_str().unwrap()).or(catalog.get("openai-compatible")).unwrap();
    let body = file["response"]["body"].as_str().unwrap();
    let text = next_request(vendor, parts(vendor, &file["kind"], body));
    let said = details_said(&file["kind"], body);
    let sent = details_sent(&text);

    let mut sealed = 0;
    let mut rest = text.as_str();
    for item in said.iter().filter(|item| is_sealed(item)) {
        let at = rest.find(item.as_str()).unwrap_or_else(|| panic!("{name}: {item:.80} is not in the request"));
        rest = &rest[at + item.len()..];
        sealed += 1;
    }
    // A text that an error breaks off has no signature yet and stays behind.
    if file["expect"]["finish_class"] == "error" {
        return sealed;
    }
    assert!(!sent.is_empty(), "{name}: nothing goes back");
    let words = |items: &[String]| items.iter().filter_map(|i| read(i).text.or(read(i).summary)).collect::<String>();
    assert_eq!(words(&sent), words(&said), "{name}");
    let seals = |items: &[String]| {
        let marks = items.iter().filter_map(|i| read(i).signature.map(|s| s.get().to_owned()));
        marks.filter(|s| s != "null").collect::<Vec<_>>()
    };
    assert_eq!(seals(&sent), seals(&said), "{name}");
    sealed + seals(&said).len()
}

fn read(item: &str) -> Item<'_> {
    serde_json::from_str(item).unwrap()
}

/// An item that no fragment of text belongs to.
fn is_sealed(item: &str) -> bool {
    !matches!(read(item).kind.as_str(), "reasoning.text" | "reasoning.summary")
}

fn parts(vendor: &Vendor, kind: &Value, body: &str) -> Vec<Part> {
    let response = match kind.as_str() {
        Some("chat-stream") => fold(common::run(vendor, body.as_bytes().chunks(100)).0),
        _ => {
            let head = ResponseHead { status: 200, headers: Vec::new() };
            dialect(DialectId::OpenaiChat).unwrap().response(vendor, &head, body.as_bytes()).unwrap()
        }
    };
    response.parts
}

/// The body of the turn after the answer, with a result for each of its calls.
fn next_request(vendor: &Vendor, parts: Vec<Part>) -> String {
    let mut results: Vec<Part> = parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall { id, name, .. } => Some(Part::ToolResult {
                call_id: id.clone(),
                name: name.clone(),
                content: "done".into(),
                is_error: false,
            }),
            _ => None,
        })
        .collect();
    results.push(Part::text("Go on."));
    let messages = vec![
        Message::text(Role::User, "Begin."),
        Message { role: Role::Assistant, parts },
        Message { role: Role::User, parts: results },
    ];
    let request = ChatRequest::new("m", messages);
    dialect(DialectId::OpenaiChat).unwrap().chat(vendor, &request, true).unwrap().body.unwrap()
}

/// The items on the assistant message of a request.
fn details_sent(body: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        messages: Vec<Sent<'a>>,
    }
    #[derive(Deserialize)]
    struct Sent<'a> {
        #[serde(borrow, default)]
        reasoning_details: Vec<&'a RawValue>,
    }
    let body: Body<'_> = serde_json::from_str(body).unwrap();
    assert!(body.messages.iter().enumerate().all(|(at, m)| at == 1 || m.reasoning_details.is_empty()));
    body.messages[1].reasoning_details.iter().map(|raw| raw.get().to_owned()).collect()
}

/// The items and fragments of an answer, in order, as the vendor wrote them.
fn details_said(kind: &Value, body: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Chunk<'a> {
        #[serde(borrow, default)]
        choices: Vec<Choice<'a>>,
    }
    #[derive(Deserialize)]
    struct Choice<'a> {
        #[serde(borrow, default)]
        delta: Option<Said<'a>>,
        #[serde(borrow, default)]
        message: Option<Said<'a>>,
    }
    #[derive(Deserialize)]
    struct Said<'a> {
        #[serde(borrow, default)]
        reasoning_details: Option<Vec<&'a RawValue>>,
    }
    let documents: Vec<&str> = match kind.as_str() {
        Some("chat-stream") => {
            body.lines().filter_map(|l| l.strip_prefix("data: ")).filter(|d| *d != "[DONE]").collect()
        }
        _ => vec![body],
    };
    let chunks = documents.into_iter().map(|d| serde_json::from_str::<Chunk<'_>>(d).unwrap());
    let said = chunks.flat_map(|c| c.choices).filter_map(|c| c.delta.or(c.message)?.reasoning_details);
    said.flatten().map(|raw| raw.get().to_owned()).collect()
}
