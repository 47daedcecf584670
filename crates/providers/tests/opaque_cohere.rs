//! The plan for a tool: out of every recording and fixture that has one, through a message, into the next request,
//! byte for byte, and not as thinking.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use crate::common::{fixtures, run, vendor};
use parlance_providers::{
    ChatRequest, ChatResponse, Message, Part, Role, catalog::DialectId, dialect::ResponseHead, dialects::dialect,
    fold::fold,
};
use serde_json::Value;

/// The answer's message in the request of the turn after it, as text.
fn next_turn(response: &ChatResponse) -> Value {
    let results = response.parts.iter().filter_map(|part| match part {
        Part::ToolCall { id, name, .. } => {
            Some(Part::ToolResult { call_id: id.clone(), name: name.clone(), content: "1".into(), is_error: false })
        }
        _ => None,
    });
    let messages = vec![
        Message::text(Role::User, "Q"),
        Message { role: Role::Assistant, parts: response.parts.clone() },
        Message { role: Role::User, parts: results.chain([Part::text("And?")]).collect() },
    ];
    let request = ChatRequest::new("command-a-reasoning-08-2025", messages);
    let wire = dialect(DialectId::Cohere).unwrap().chat(&vendor(DialectId::Cohere), &request, true).unwrap();
    let body = wire.body.unwrap();
    for data in response.parts.iter().filter_map(Part::opaque).flatten() {
        assert!(body.contains(&format!("\"tool_plan\":{}", data.json)), "{body}");
    }
    serde_json::from_str::<Value>(&body).unwrap()["messages"][1].take()
}

fn check(name: &str, plan: &str, response: &ChatResponse) {
    let kept: Vec<_> = response.parts.iter().filter_map(Part::opaque).flatten().collect();
    assert_eq!(kept.len(), 1, "{name}");
    assert_eq!(kept[0].kind, "tool_plan");
    let message = next_turn(response);
    assert_eq!(message["tool_plan"], plan, "{name}");
    let calls = response.parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })).count();
    assert_eq!(message["tool_calls"].as_array().map(Vec::len), Some(calls), "{name}");
    assert!(!message["content"].to_string().contains(plan), "{name}: the plan is sent twice");
}

#[test]
fn every_recorded_plan_goes_back() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let mut checked = 0;
    for entry in fs::read_dir(Path::new(&folder).join("cohere")).unwrap() {
        let path = entry.unwrap().path();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let (Some(plan), "tool_calls") =
            (file["expect"]["tool_plan"].as_str(), file["expect"]["finish_class"].as_str().unwrap_or_default())
        else {
            continue;
        };
        checked += 1;
        let body = file["response"]["body"].as_str().unwrap().as_bytes();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let vendor = vendor(DialectId::Cohere);
        let (events, error) = run(&vendor, [body]);
        assert_eq!(error, None, "{name}");
        check(name, plan, &fold(events));
        let head = ResponseHead { status: 200, headers: Vec::new() };
        check(name, plan, &dialect(DialectId::Cohere).unwrap().response(&vendor, &head, body).unwrap());
    }
    assert!(checked >= 3, "{checked} recordings with a plan");
}

#[test]
fn the_plans_of_the_fixtures_go_back() {
    let plans = [
        ("two-tools", "I will look \"both\" up."),
        ("thinking-plan-and-tool", "I will ask."),
        ("tools-without-arguments", "I will call."),
        ("whole-calls", "I will\nroll."),
    ];
    let all = fixtures(DialectId::Cohere);
    for (name, plan) in plans {
        let (_, body) = all.iter().find(|(known, _)| known == name).unwrap();
        let (events, error) = run(&vendor(DialectId::Cohere), [body.as_slice()]);
        assert_eq!(error, None, "{name}");
        let response = fold(events);
        check(name, plan, &response);
        let thought = next_turn(&response)["content"].clone();
        let want = if name == "thinking-plan-and-tool" { "Which?" } else { "" };
        assert_eq!(thought[0]["thinking"].as_str().unwrap_or_default(), want, "{name}");
    }
}

/// A message that came from elsewhere has no marked plan: nothing is made up.
#[test]
fn thinking_is_no_plan() {
    let parts = vec![Part::reasoning("Hm."), Part::tool_call("a", "f", "{}")];
    let message = next_turn(&ChatResponse { parts, ..ChatResponse::default() });
    assert_eq!((message.get("tool_plan"), &message["content"][0]["thinking"]), (None, &Value::from("Hm.")));
}
