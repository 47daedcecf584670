//! Signatures and what else must come back: out of every recording that has any, through a message, into the next
//! request, byte for byte and on the part it came on.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use crate::common::{fixtures, run, vendor};
use parlance_providers::{
    ChatRequest, ChatResponse, Message, Part, Role, catalog::DialectId, dialect::ResponseHead, dialects::dialect,
    fold::fold,
};
use serde_json::{Value, value::RawValue};

const FEATURES: [&str; 4] = ["signature", "redacted-thinking", "reasoning-encrypted", "reasoning-details"];

/// The body of the turn after an answer.
fn next_turn(model: &str, response: &ChatResponse) -> String {
    let results: Vec<Part> = response.parts.iter().filter_map(result).collect();
    let answer = Message { role: Role::Assistant, parts: response.parts.clone() };
    let mut messages = vec![Message::text(Role::User, "Q"), answer];
    let parts = if results.is_empty() { vec![Part::text("And?")] } else { results };
    messages.push(Message { role: Role::User, parts });
    let request = ChatRequest::new(model, messages);
    let wire = dialect(DialectId::Gemini).unwrap().chat(&vendor(DialectId::Gemini), &request, true).unwrap();
    wire.body.unwrap()
}

fn result(part: &Part) -> Option<Part> {
    let Part::ToolCall { id, name, .. } = part else { return None };
    Some(Part::ToolResult { call_id: id.clone(), name: name.clone(), content: "{\"ok\":true}".into(), is_error: false })
}

#[derive(serde::Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    candidates: Vec<Candidate<'a>>,
}

#[derive(serde::Deserialize)]
struct Candidate<'a> {
    #[serde(borrow, default)]
    content: Content<'a>,
}

#[derive(Default, serde::Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Vec<&'a RawValue>,
}

/// Signed parts as the wire has them: the signature's own bytes, and what stands beside it.
fn signed_parts(chunks: &[String]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for chunk in chunks {
        let chunk: Chunk<'_> = serde_json::from_str(chunk).unwrap();
        let Some(candidate) = chunk.candidates.into_iter().next() else { continue };
        for part in candidate.content.parts {
            let fields: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(part.get()).unwrap();
            if let Some(signature) = fields.get("thoughtSignature") {
                let mut rest: Value = serde_json::from_str(part.get()).unwrap();
                rest.as_object_mut().unwrap().remove("thoughtSignature");
                all.push((signature.get().to_owned(), rest));
            }
        }
    }
    all
}

/// The chunks of a body in any framing.
fn chunks(body: &str) -> Vec<String> {
    if body.trim_start().starts_with("data:") {
        return body.lines().filter_map(|l| l.strip_prefix("data:")).map(str::to_owned).collect();
    }
    if body.trim_start().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(body).unwrap();
        return items.into_iter().map(|raw| raw.get().to_owned()).collect();
    }
    vec![body.to_owned()]
}

/// The signed parts of the model's turn in our body.
fn replayed(body: &str) -> Vec<(String, Value)> {
    #[derive(serde::Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        contents: Vec<Content<'a>>,
    }
    let Body { contents } = serde_json::from_str(body).unwrap();
    let parts: Vec<String> = contents.into_iter().flat_map(|c| c.parts).map(|p| p.get().to_owned()).collect();
    let chunk = format!(r#"{{"candidates":[{{"content":{{"parts":[{}]}}}}]}}"#, parts.join(","));
    signed_parts(&[chunk])
}

fn check(name: &str, model: &str, original: &[(String, Value)], response: &ChatResponse) {
    let opaque: Vec<_> = response.parts.iter().filter_map(Part::opaque).flatten().collect();
    assert!(!opaque.is_empty(), "{name}: nothing was kept");
    let body = next_turn(model, response);
    for data in opaque {
        assert!(body.contains(&data.json), "{name}: the body lacks {}", data.json);
    }
    // Arguments that streamed leaf by leaf go back as one object.
    let payload =
        |part: &Value| if part.pointer("/functionCall/willContinue").is_some() { Value::Null } else { part.clone() };
    let ours = replayed(&body);
    assert_eq!(ours.len(), original.len(), "{name}");
    for ((signature, part), (kept, theirs)) in original.iter().zip(&ours) {
        assert_eq!(signature, kept, "{name}: another signature");
        if payload(part) != Value::Null {
            assert_eq!(part, theirs, "{name}: on another part");
        }
    }
}

#[test]
fn every_recorded_signature_goes_back_where_it_was() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let mut checked = 0;
    for entry in fs::read_dir(Path::new(&folder).join("gemini")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let features = file["features"].as_array().unwrap();
        if !features.iter().any(|f| FEATURES.contains(&f.as_str().unwrap())) {
            continue;
        }
        checked += 1;
        let body = file["response"]["body"].as_str().unwrap();
        let model = file["model"].as_str().unwrap();
        let original = signed_parts(&chunks(body));
        let vendor = vendor(DialectId::Gemini);
        let (events, error) = run(&vendor, [body.as_bytes()]);
        assert_eq!(error, None, "{name}");
        check(&name, model, &original, &fold(events));
        let head = ResponseHead { status: 200, headers: Vec::new() };
        let whole = dialect(DialectId::Gemini).unwrap().response(&vendor, &head, body.as_bytes()).unwrap();
        check(&name, model, &original, &whole);
    }
    assert!(checked >= 8, "{checked} recordings with opaque data");
}

#[test]
fn the_fixtures_signatures_go_back_where_they_were() {
    let mut checked = 0;
    for (name, body) in fixtures(DialectId::Gemini) {
        let (events, error) = run(&vendor(DialectId::Gemini), [body.as_slice()]);
        let text = String::from_utf8(body).unwrap();
        // A sound's signature has no part to go back on, a part without anything stands as empty text, and the last one
        // is no JSON.
        let odd = ["image", "signed-alone", "array-unclosed"].contains(&&*name);
        if error.is_some() || !text.contains("thoughtSignature") || odd {
            continue;
        }
        checked += 1;
        let original = signed_parts(&chunks(text.trim_start_matches('\u{feff}')));
        check(&name, "gemini-2.5-pro", &original, &fold(events));
    }
    assert!(checked >= 8, "{checked} fixtures with signatures");
}
