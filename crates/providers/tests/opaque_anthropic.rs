//! What Anthropic wants back of its answers goes back byte for byte and in place: for every recording that has
//! signatures or redacted thinking, and for our own fixtures.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use crate::common;
use std::{collections::HashMap, fs, path::Path};

use parlance_providers::{Part, catalog::DialectId, dialect::ResponseHead, dialects::dialect, fold};
use serde_json::{Value, value::RawValue};

/// The raw JSON of every non-empty `signature` and of every redacted block in a body, in their order.
fn wanted_back(body: &str) -> Vec<String> {
    let documents: Vec<&str> = if body.trim_start().starts_with('{') {
        vec![body]
    } else {
        body.lines().filter_map(|l| l.strip_prefix("data:")).collect()
    };
    let mut found = Vec::new();
    for document in documents {
        // A signature has no quote in it, so its text ends at the next one.
        for (at, key) in document.match_indices("\"signature\":") {
            let text = document[at + key.len()..].trim_start();
            let text = text.strip_prefix('"').unwrap().split('"').next().unwrap();
            if !text.is_empty() {
                found.push(format!("\"{text}\""));
            }
        }
        let content = field("content", document).unwrap_or_default();
        let listed: Vec<&RawValue> = serde_json::from_str(&content).unwrap_or_default();
        let blocks = listed.into_iter().map(|r| r.get().to_owned()).chain(field("content_block", document));
        found.extend(blocks.filter(|b| field("type", b).as_deref() == Some("\"redacted_thinking\"")));
    }
    found
}

/// The raw text of a field of an object.
fn field(name: &str, object: &str) -> Option<String> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(object).ok()?;
    fields.get(name).map(|v| v.get().to_owned())
}

/// Decodes both ways and looks at what the next turn sends. Returns how many values went back.
fn round_trip(name: &str, model: &str, body: &str) -> usize {
    let (vendor, head) = (common::vendor(DialectId::Anthropic), ResponseHead { status: 200, headers: vec![] });
    let whole = dialect(DialectId::Anthropic).unwrap().response(&vendor, &head, body.as_bytes()).unwrap();
    let (events, error) = common::run(&vendor, body.as_bytes().chunks(7));
    assert_eq!(error, None, "{name}");
    assert_eq!(fold::fold(events), whole, "{name}: read in pieces and at once");
    let kinds: Vec<&str> = whole.parts.iter().filter_map(kind).collect();
    let wanted = wanted_back(body);
    let sent = common::next_turn("anthropic", DialectId::Anthropic, model, whole.clone());
    let mut rest = sent.as_str();
    for value in &wanted {
        let at = rest.find(value.as_str()).unwrap_or_else(|| panic!("{name}: {value} did not go back in its order"));
        rest = &rest[at + value.len()..];
    }
    let parsed: Value = serde_json::from_str(&sent).unwrap();
    let blocks = parsed["messages"][1]["content"].as_array().unwrap();
    let types: Vec<&str> = blocks.iter().map(|b| b["type"].as_str().unwrap()).collect();
    assert_eq!(types.len(), kinds.len(), "{name}: {types:?}");
    for (kind, sent) in kinds.iter().zip(&types) {
        assert!(*kind == "server tool" || kind == sent, "{name}: {types:?} instead of {kinds:?}");
    }
    wanted.len()
}

/// The type of the block that a part goes back as.
fn kind(part: &Part) -> Option<&'static str> {
    match part {
        Part::Text { text, .. } => (!text.trim().is_empty()).then_some("text"),
        Part::Reasoning { opaque, .. } => match opaque.first()?.kind.as_str() {
            "signature" => Some("thinking"),
            _ => Some("redacted_thinking"),
        },
        Part::ToolCall { .. } => Some("tool_use"),
        Part::ServerTool { .. } => Some("server tool"),
        _ => None,
    }
}

#[test]
fn recorded_signatures_and_redacted_thinking_go_back_unchanged() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let (mut files, mut values) = (0, 0);
    for entry in fs::read_dir(Path::new(&folder).join("anthropic")).unwrap() {
        let path = entry.unwrap().path();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let features: Vec<&str> = file["features"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let wants = ["signature", "redacted-thinking", "reasoning-encrypted", "reasoning-details"];
        if !features.iter().any(|f| wants.contains(f)) {
            continue;
        }
        let name = file["name"].as_str().unwrap();
        let went = round_trip(name, file["model"].as_str().unwrap(), file["response"]["body"].as_str().unwrap());
        assert!(went > 0, "{name} has nothing to send back");
        files += 1;
        values += went;
    }
    assert!(files > 0, "no recording has anything to send back");
    eprintln!("{values} values of {files} recordings went back");
}

#[test]
fn our_own_fixtures_go_back_unchanged() {
    let mut values = 0;
    for (name, body) in common::fixtures(DialectId::Anthropic) {
        let body = String::from_utf8_lossy(&body);
        if body.contains("\"signature\":") || body.contains("redacted_thinking") {
            // A signature that belongs to no thinking, and one that a later one replaced, have nowhere to go back.
            if !["no-starts", "one-index-no-stops"].contains(&name.as_str()) {
                values += round_trip(&name, "claude-opus-4-5", &body);
            }
        }
    }
    assert!(values >= 6, "{values}");
}
