//! What OpenAI Responses want back of their answers goes back byte for byte and in place: for every recording, and for
//! our own fixtures.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use crate::common;
use std::{collections::HashMap, fs, path::Path};

use parlance_providers::{Part, catalog::DialectId, dialect::ResponseHead, dialects::dialect, fold};
use serde_json::{Value, value::RawValue};

/// The raw text of a field of an object.
fn field(name: &str, object: &str) -> Option<String> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(object).ok()?;
    fields.get(name).map(|v| v.get().to_owned())
}

/// The raw items of a body that go back whole, in their order: reasoning that can be read again, and what the vendor's
/// own tools did.
fn wanted_back(body: &str) -> Vec<String> {
    let items: Vec<String> = if body.trim_start().starts_with('{') {
        let output = field("output", body).unwrap_or_default();
        let items: Vec<&RawValue> = serde_json::from_str(&output).unwrap_or_default();
        items.into_iter().map(|item| item.get().to_owned()).collect()
    } else {
        let lines = body.lines().filter_map(|line| line.strip_prefix("data:"));
        let ends = lines.filter(|line| field("type", line).as_deref() == Some("\"response.output_item.done\""));
        ends.filter_map(|line| field("item", line)).collect()
    };
    let filled = |item: &str, name: &str| field(name, item).is_some_and(|value| !matches!(&*value, "null" | "[]"));
    let over = |item: &str| !matches!(field("status", item).as_deref(), Some("\"incomplete\"" | "\"in_progress\""));
    let goes_back = |item: &String| match field("type", item).unwrap_or_default().as_str() {
        "\"reasoning\"" => filled(item, "encrypted_content") || filled(item, "content"),
        "" | "\"message\"" | "\"function_call\"" | "\"custom_tool_call\"" | "\"image_generation_call\"" => false,
        _ => over(item),
    };
    items.into_iter().filter(goes_back).collect()
}

/// Decodes both ways and looks at what the next turn sends. Returns how many items went back.
fn round_trip(name: &str, model: &str, body: &str) -> usize {
    let wire = dialect(DialectId::OpenaiResponses).unwrap();
    let (vendor, head) = (common::vendor(DialectId::OpenaiResponses), ResponseHead { status: 200, headers: vec![] });
    let whole = wire.response(&vendor, &head, body.as_bytes()).unwrap();
    let (events, error) = common::run(&vendor, body.as_bytes().chunks(7));
    assert_eq!(error, None, "{name}");
    assert_eq!(fold::fold(events), whole, "{name}: read in pieces and at once");
    let wanted = wanted_back(body);
    let sent = common::next_turn("openai", DialectId::OpenaiResponses, model, whole.clone());
    let mut rest = sent.as_str();
    for item in &wanted {
        let at = rest.find(item.as_str()).unwrap_or_else(|| panic!("{name}: {item} did not go back in its order"));
        rest = &rest[at + item.len()..];
    }
    let parsed: Value = serde_json::from_str(&sent).unwrap();
    let input = parsed["input"].as_array().unwrap();
    for call in whole.parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })) {
        let Part::ToolCall { id, name: tool, .. } = call else { continue };
        let of = |item: &&Value| item["call_id"] == id.as_str();
        let items: Vec<&Value> = input.iter().filter(of).collect();
        assert_eq!(items.len(), 2, "{name}: {tool} and its result");
        let (kind, output) = (items[0]["type"].as_str().unwrap(), items[1]["type"].as_str().unwrap());
        assert_eq!(format!("{kind}_output"), output, "{name}");
    }
    for pair in input.windows(2) {
        let follows = pair[1]["role"] != "user";
        let last_of_all = name == "reasoning-comes-last" || model.contains("gemini");
        assert!(pair[0]["type"] != "reasoning" || follows || last_of_all, "{name}: reasoning without its item");
    }
    wanted.len()
}

#[test]
fn every_fixture_that_ends_goes_back_as_it_came() {
    let mut items = 0;
    for (name, body) in common::fixtures(DialectId::OpenaiResponses) {
        let (_, error) = common::run(&common::vendor(DialectId::OpenaiResponses), [body.as_slice()]);
        // What was cut by its limit keeps back the reasoning that nothing came after.
        if error.is_none() && name != "reasoning-cut-by-length" && !name.starts_with("odd") {
            items += round_trip(&name, "gpt-5.6-terra", std::str::from_utf8(&body).unwrap());
        }
    }
    assert!(items >= 15, "{items} items");
}

#[test]
fn a_picture_goes_back_with_its_item() {
    let item = r#"{"type":"image_generation_call","id":"ig_1","status":"completed","result":"AQID","size":"1x1"}"#;
    let body = format!(r#"{{"object":"response","status":"completed","output":[{item}]}}"#);
    let wire = dialect(DialectId::OpenaiResponses).unwrap();
    let head = ResponseHead { status: 200, headers: vec![] };
    let answer = wire.response(&common::vendor(DialectId::OpenaiResponses), &head, body.as_bytes()).unwrap();
    assert!(matches!(&answer.parts[..], [Part::Image { data, .. }] if data == &[1, 2, 3]));
    assert!(answer.parts[0].opaque().unwrap().iter().all(|data| !data.json.contains("AQID")), "kept once");
    assert!(common::next_turn("openai", DialectId::OpenaiResponses, "gpt-5.6", answer).contains(item));
}

#[test]
fn every_recording_goes_back_as_it_came() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let (mut answers, mut items) = (0, 0);
    for file in fs::read_dir(Path::new(&folder).join("openai-responses")).unwrap() {
        let path = file.unwrap().path();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let class = file["expect"]["finish_class"].as_str().unwrap_or_default();
        if !file["kind"].as_str().unwrap().starts_with("chat") || matches!(class, "error" | "length") {
            continue;
        }
        let (name, model) = (path.file_stem().unwrap().to_str().unwrap(), file["model"].as_str().unwrap());
        items += round_trip(name, model, file["response"]["body"].as_str().unwrap());
        answers += 1;
    }
    assert!(answers >= 28 && items >= 25, "{items} items of {answers} answers");
}
