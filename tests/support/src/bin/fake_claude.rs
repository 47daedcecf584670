//! A program that speaks as `claude` does in print mode, and misbehaves on demand: the last line of what it is asked
//! says how. Named `claude-old` or `claude-strange`, it is one.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a program for tests")]

use std::io::{BufRead, Write};

use serde_json::{Value, json};

fn main() {
    let name = std::env::args().next().unwrap();
    let name = name.rsplit('/').next().unwrap().to_owned();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["-v"] {
        match name.as_str() {
            "claude-old" => println!("1.0.128 (Claude Code)"),
            "claude-strange" => println!("hello"),
            _ => println!("2.1.200 (Claude Code)"),
        }
        return;
    }
    let mut lines = std::io::stdin().lock().lines();
    while let Some(Ok(line)) = lines.next() {
        let asked: Value = serde_json::from_str(&line).unwrap();
        match asked["type"].as_str() {
            Some("control_request") => initialize(&asked, &name),
            Some("user") => return answer(&asked, &arguments, lines),
            _ => std::process::exit(64),
        }
    }
}

fn put(line: &Value) {
    let mut out = std::io::stdout().lock();
    // Whoever reads may have gone.
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(74);
    }
}

fn initialize(asked: &Value, name: &str) {
    let source = if name == "claude-nobody" { "none" } else { "claude.ai" };
    let models = json!([{"value": "default", "displayName": "Default"}, {"value": "sonnet[1m]", "displayName": "1M"}]);
    let answer = json!({"models": models, "commands": [], "account": {"tokenSource": source}});
    let response = json!({"subtype": "success", "request_id": asked["request_id"], "response": answer});
    put(&json!({"type": "control_response", "response": response}));
}

fn init(key: &str) {
    put(
        &json!({"type": "system", "subtype": "init", "session_id": "s1", "model": "claude-sonnet-5", "apiKeySource": key}),
    );
}

fn event(event: Value) {
    put(&json!({"type": "stream_event", "session_id": "s1", "parent_tool_use_id": null, "event": event}));
}

fn begin(id: &str) {
    let usage =
        json!({"input_tokens": 3, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 2, "output_tokens": 1});
    event(json!({"type": "message_start", "message": {"id": id, "model": "claude-sonnet-5", "usage": usage}}));
}

fn text(text: &str) {
    let delta = json!({"type": "text_delta", "text": text});
    event(json!({"type": "content_block_delta", "index": 0, "delta": delta}));
}

fn whole(id: &str, text: &str, agent: Option<&str>) {
    let usage = json!({"input_tokens": 3, "output_tokens": 1});
    let content = json!([{"type": "text", "text": text}]);
    let message = json!({"id": id, "type": "message", "role": "assistant", "model": "claude-sonnet-5",
        "content": content, "stop_reason": null, "usage": usage});
    put(&json!({"type": "assistant", "parent_tool_use_id": agent, "message": message}));
}

fn synthetic(error: &str, text: &str) {
    let message = json!({"id": "x", "model": "<synthetic>", "content": [{"type": "text", "text": text}]});
    put(&json!({"type": "assistant", "error": error, "message": message}));
}

fn stop() {
    event(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}));
    event(json!({"type": "message_stop"}));
}

fn result(words: &str) {
    let usage =
        json!({"input_tokens": 3, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 2, "output_tokens": 5});
    put(&json!({"type": "result", "subtype": "success", "is_error": false, "stop_reason": "end_turn",
        "result": words, "total_cost_usd": 0.0001, "usage": usage}));
}

fn failed(status: Option<u32>, words: &str) -> ! {
    put(
        &json!({"type": "result", "subtype": "success", "is_error": true, "api_error_status": status, "result": words}),
    );
    std::process::exit(1);
}

fn say(words: &str) {
    begin("msg_1");
    for word in words.split_inclusive(' ') {
        text(word);
    }
    whole("msg_1", words, None);
    stop();
    result("the first fragment only");
}

fn answer(asked: &Value, arguments: &[String], lines: impl Iterator<Item = std::io::Result<String>>) {
    let blocks = asked["message"]["content"].as_array().unwrap();
    let said = blocks.iter().rev().find_map(|block| block["text"].as_str()).unwrap();
    let order = said.lines().last().unwrap();
    let (order, rest) = order.split_once(' ').unwrap_or((order, ""));
    init(if order == "paid" { "ANTHROPIC_API_KEY" } else { "none" });
    match order {
        "say" | "paid" => say(rest),
        "debug" => {
            println!("<debug> not a line\nDEBUG: {{\"type\":\"result\"}}\r\n{{broken");
            eprint!("{}", "noise ".repeat(200_000));
            say(rest);
        }
        "whole" => {
            whole("msg_7", "one ", None);
            whole("msg_7", "two", None);
            result("one two");
        }
        "agents" => {
            whole("msg_0", "a helper's words", Some("toolu_1"));
            put(&json!({"type": "stream_event", "parent_tool_use_id": "toolu_1",
                "event": {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hidden"}}}));
            put(&json!({"type": "system", "subtype": "api_retry", "attempt": 1, "max_retries": 10,
                "retry_delay_ms": 1500, "error_status": 529}));
            say(rest);
        }
        "facts" => facts(asked, arguments),
        "limit" => {
            put(&json!({"type": "rate_limit_event", "rate_limit_info":
                {"status": "rejected", "resetsAt": 4_000_000_000_u64, "rateLimitType": "five_hour"}}));
            synthetic("rate_limit", "You have hit your limit");
            failed(Some(429), "You have hit your limit");
        }
        "login" => {
            synthetic("authentication_failed", "Invalid API key · Please run /login");
            failed(None, "Invalid API key · Please run /login");
        }
        "overloaded" => failed(
            None,
            "API Error: 529 {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
        ),
        "die" => {
            begin("msg_1");
            text("Hel");
            eprintln!("fatal: out of luck with sk-ant-canary-0123456789 and {rest}");
            std::process::exit(3);
        }
        "quit" => {}
        "line" => flood(b"{\"type\":\"system\",\"x\":\"", "x".repeat(1 << 20).as_bytes(), 100),
        "text" => {
            begin("msg_1");
            let piece = json!({"type": "stream_event", "event": {"type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": "x".repeat(1 << 20)}}});
            flood(b"", format!("{piece}\n").as_bytes(), 100);
            result("");
        }
        "wait" => wait(rest, lines),
        "stubborn" => stubborn(rest),
        _ => std::process::exit(65),
    }
}

fn flood(before: &[u8], piece: &[u8], times: usize) {
    let mut out = std::io::stdout().lock();
    let mut write = |bytes: &[u8]| {
        if out.write_all(bytes).is_err() {
            std::process::exit(74)
        }
    };
    write(before);
    (0..times).for_each(|_| write(piece));
}

/// What it was started with, as its answer.
fn facts(asked: &Value, arguments: &[String]) {
    let file = arguments.iter().position(|flag| flag == "--system-prompt-file").map(|at| arguments[at + 1].clone());
    let path = std::path::PathBuf::from(file.unwrap());
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777;
    #[cfg(not(unix))]
    let mode = 0o600;
    let here = std::env::current_dir().unwrap();
    let facts = json!({
        "arguments": arguments,
        "environment": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
        "input": asked,
        "instructions": std::fs::read_to_string(&path).unwrap(),
        "file": path,
        "mode": mode,
        "files": std::fs::read_dir(&here).unwrap().count(),
        "folder": here,
    });
    begin("msg_1");
    text(&facts.to_string());
    stop();
    result("");
}

/// Begins to answer, and notes in a file what it is told then.
fn wait(log: &str, lines: impl Iterator<Item = std::io::Result<String>>) {
    let note = |what: &str| {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        writeln!(file, "{what}").unwrap();
    };
    begin("msg_1");
    text("Hel");
    for line in lines {
        let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let what = told["request"]["subtype"].as_str().unwrap();
        note(what);
        if what == "interrupt" {
            put(&json!({"type": "result", "subtype": "error_during_execution", "is_error": true,
                "terminal_reason": "aborted_streaming"}));
        }
    }
    note("closed");
}

/// Begins to answer and heeds nothing but a kill, nor does what it starts. Its number and that one's are in a file.
#[cfg(unix)]
fn stubborn(log: &str) {
    use std::os::unix::process::CommandExt;

    begin("msg_1");
    text("Hel");
    let script = "trap '' TERM INT HUP; (while :; do sleep 1; done) & echo $$ $! > \"$0\"; while :; do sleep 1; done";
    let failed = std::process::Command::new("/bin/sh").args(["-c", script, log]).exec();
    panic!("{failed}");
}

#[cfg(not(unix))]
fn stubborn(_: &str) {
    loop {
        std::thread::park();
    }
}
