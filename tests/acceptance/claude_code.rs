//! Claude Code against a program that speaks as the installed one does, as a real process.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use parlance_providers::catalog::{Catalog, VendorTimeouts};
use parlance_providers::claude_code::ClaudeCode;
use parlance_providers::traffic::{self, Recorder};
use parlance_providers::transport::Endpoint;
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, EventStream, FinishClass, Message, Parameters,
    Part, Provider, ProviderError, ReasoningEffort, Role, Usage,
};
use serde_json::Value;
use tempfile::TempDir;

const FAKE: &str = env!("CARGO_BIN_EXE_fake_claude");

fn variables() -> Vec<(OsString, OsString)> {
    let mut all: Vec<_> = std::env::vars_os().collect();
    for name in ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "CLAUDECODE", "CLAUDE_CODE_OAUTH_TOKEN"] {
        all.push((name.into(), format!("canary-of-{name}").into()));
    }
    all
}

/// The program at a path, with further fields and waiting times.
fn claude(program: &Path, more: &[(&str, &str)], timeouts: VendorTimeouts, folder: Option<PathBuf>) -> ClaudeCode {
    let fields = [("program", program.to_str().unwrap())].into_iter().chain(more.iter().copied());
    let fields = fields.map(|(id, value)| (id.to_owned(), value.to_owned())).collect();
    let endpoint = Endpoint { fields, timeouts, folder, ..Endpoint::default() };
    let vendor = Catalog::bundled().shared("claude-code").unwrap();
    ClaudeCode::in_environment(vendor, &endpoint, &variables())
}

fn fake() -> ClaudeCode {
    claude(Path::new(FAKE), &[], VendorTimeouts::default(), None)
}

fn request(order: &str) -> ChatRequest {
    ChatRequest::new("sonnet", vec![Message::text(Role::User, order)])
}

async fn whole(provider: &ClaudeCode, order: &str) -> Result<ChatResponse, ProviderError> {
    provider.complete(request(order), CancellationToken::new()).await
}

fn words(response: &ChatResponse) -> String {
    let texts = response.parts.iter().map(|part| match part {
        Part::Text { text, .. } => text.as_str(),
        other => panic!("{other:?}"),
    });
    texts.collect()
}

/// Reads until the first words.
async fn begun(order: &str, cancel: &CancellationToken) -> EventStream {
    let mut events = fake().stream(request(order), cancel.clone()).await.unwrap();
    while !matches!(events.next().await.unwrap().unwrap(), ChatEvent::TextDelta { text, .. } if text == "Hel") {}
    events
}

#[tokio::test]
async fn an_answer_comes_once_with_its_counts_and_costs_a_subscription_nothing() {
    for order in ["say one two three", "debug one two three"] {
        let answer = whole(&fake(), order).await.unwrap();
        assert_eq!(words(&answer), "one two three");
        let usage = Usage {
            input_total: Some(10),
            cache_read: Some(2),
            cache_write: Some(5),
            output_total: Some(5),
            ..Usage::default()
        };
        assert_eq!(answer.usage, Some(usage));
        assert_eq!(answer.reported_cost, Some((0, "subscription".into())));
        assert_eq!(answer.finish, Some((FinishClass::Stop, Some("end_turn".into()))));
        assert_eq!(answer.model.as_deref(), Some("claude-sonnet-5"));
    }
    let paid = whole(&fake(), "paid x").await.unwrap();
    assert_eq!(paid.reported_cost, Some((100_000, "0.0001".into())));
}

#[tokio::test]
async fn a_check_tells_the_version_and_a_record_holds_what_was_said_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = Arc::new(Recorder::new(folder.path().join("traffic")));
    recorder.switch(true);
    let vendor = Catalog::bundled().shared("claude-code").unwrap();
    let fields = BTreeMap::from([("program".to_owned(), FAKE.to_owned())]);
    let endpoint = Endpoint { fields, recorder: Some(Arc::clone(&recorder)), ..Endpoint::default() };
    let canary = "canary-of-CLAUDE_CODE_OAUTH_TOKEN";
    let own = ClaudeCode::in_environment(vendor, &endpoint, &variables());
    assert_eq!(own.version(), None, "nothing was started");
    own.check(CancellationToken::new()).await.unwrap();
    assert_eq!(own.version().as_deref(), Some("2.1.200"));
    let answer = whole(&own, &format!("say {canary} two")).await.unwrap();
    assert_eq!(words(&answer), format!("{canary} two"));
    drop(own);
    recorder.settle();
    let kept = traffic::list(recorder.folder()).unwrap();
    let [kept] = &kept[..] else { panic!("{} records", kept.len()) };
    let text = std::fs::read_to_string(&kept.path).unwrap();
    assert!(!text.contains(canary), "{text}");
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&record["provider"], &record["outcome"]), (&Value::from("claude-code"), &Value::from("complete")));
    let (request, response) = (&record["request"], &record["response"]);
    let line = request["path"].as_str().unwrap();
    assert!(line.starts_with("fake_claude") && line.contains(" -p --input-format stream-json "), "{line}");
    assert!(line.contains("--tools \"\" ") && line.contains("--model sonnet"), "{line}");
    assert_eq!(request["body"]["type"], "user");
    let lines: Vec<Value> =
        response["body"].as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["type"], "result");
}

#[tokio::test]
async fn messages_that_come_whole_are_shown_and_those_of_helpers_are_not() {
    assert_eq!(words(&whole(&fake(), "whole").await.unwrap()), "one two");
    let answer = whole(&fake(), "agents mine alone").await.unwrap();
    assert_eq!(words(&answer), "mine alone");
    let warned = matches!(&answer.extras[..], [ChatEvent::Warning { code: "asks_again", message }] if message == "asks again in 2 s after 529 (attempt 1 of 10)");
    assert!(warned, "{:?}", answer.extras);
}

#[tokio::test]
async fn it_is_started_with_nothing_but_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let home = Some(folder.path().to_owned());
    let own = claude(Path::new(FAKE), &[], VendorTimeouts::default(), home);
    let messages = vec![
        Message { role: Role::User, parts: vec![Part::text("Look:"), Part::image("image/png", vec![1, 2, 3])] },
        Message::text(Role::Assistant, "A dot."),
        Message::text(Role::User, "facts"),
    ];
    let system = Some("Be brief; say \"no\" & $HOME `id`.".to_owned());
    let parameters =
        Parameters { max_tokens: Some(77), reasoning_effort: Some(ReasoningEffort::High), ..Parameters::default() };
    let asked = ChatRequest { system: system.clone(), parameters, ..ChatRequest::new("claude-opus-4-8", messages) };
    let answer = own.complete(asked, CancellationToken::new()).await.unwrap();
    let facts: Value = serde_json::from_str(&words(&answer)).unwrap();

    let file = facts["file"].as_str().unwrap();
    let expected = [
        "-p",
        "--input-format",
        "stream-json",
        "--output-format",
        "stream-json",
        "--verbose",
        "--tools",
        "",
        "--strict-mcp-config",
        "--setting-sources=",
        "--disable-slash-commands",
        "--no-session-persistence",
        "--permission-mode",
        "dontAsk",
        "--include-partial-messages",
        "--model",
        "claude-opus-4-8",
        "--effort",
        "high",
        "--system-prompt-file",
        file,
    ];
    assert_eq!(facts["arguments"], Value::from(expected.to_vec()));
    assert_eq!((facts["instructions"].as_str(), facts["mode"].as_u64()), (system.as_deref(), Some(0o600)));
    assert_eq!(facts["files"], 0);
    let place = folder.path().join("claude-code").canonicalize().unwrap();
    assert_eq!(facts["folder"].as_str(), place.to_str());

    let environment = facts["environment"].as_object().unwrap();
    for scrubbed in ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "CLAUDECODE", "CARGO", "CARGO_MANIFEST_DIR"] {
        assert!(!environment.contains_key(scrubbed), "{scrubbed}");
    }
    assert_eq!(environment["CLAUDE_CODE_MAX_OUTPUT_TOKENS"], "77");
    assert_eq!(environment["CLAUDE_CODE_OAUTH_TOKEN"], "canary-of-CLAUDE_CODE_OAUTH_TOKEN");
    assert!(environment.contains_key("PATH"));

    let content = facts["input"]["message"]["content"].as_array().unwrap();
    assert!(content[0]["text"].as_str().unwrap().ends_with("### User\n\nLook:"));
    assert_eq!(content[1]["source"]["data"], "AQID");
    assert_eq!(content[2]["text"], "### Assistant\n\nA dot.\n\n### User\n\nfacts");

    gone(Path::new(file)).await;
    let others = claude(Path::new(FAKE), &[("other_logins", "yes")], VendorTimeouts::default(), None);
    let answer = words(&whole(&others, "facts").await.unwrap());
    let facts: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(facts["environment"]["ANTHROPIC_API_KEY"], "canary-of-ANTHROPIC_API_KEY");
    let content = facts["input"]["message"]["content"].as_array().unwrap();
    assert_eq!((content.len(), content[0]["text"].as_str()), (1, Some("facts")), "one message stands as it is");
}

/// Waits until a file is gone: the process that it was for ends behind the answer.
async fn gone(path: &Path) {
    while path.exists() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_said_instead_of_an_answer_is_an_error_and_no_text() {
    use Category::*;
    for (order, category, status, cause) in [
        ("limit", RateLimited, Some(429), None),
        ("login", RejectedKey, None, Some("not_signed_in")),
        ("overloaded", Overloaded, Some(529), None),
    ] {
        let provider = fake();
        let mut events = provider.stream(request(order), CancellationToken::new()).await.unwrap();
        let mut error = None;
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => assert!(!event.is_output(), "{order}: {event:?}"),
                Err(said) => error = Some(said),
            }
        }
        let error = error.unwrap();
        assert_eq!((error.category, error.status, error.cause), (category, status, cause), "{order}: {error}");
        assert_eq!(error.retry_after.is_some(), order == "limit", "{order}");
    }
}

#[tokio::test]
async fn a_program_that_dies_says_how_and_keeps_what_it_had_said() {
    let mut events =
        fake().stream(request("die canary-of-CLAUDE_CODE_OAUTH_TOKEN"), CancellationToken::new()).await.unwrap();
    let (mut said, mut error) = (String::new(), None);
    while let Some(event) = events.next().await {
        match event {
            Ok(ChatEvent::TextDelta { text, .. }) => said.push_str(&text),
            Ok(_) => {}
            Err(died) => error = Some(died),
        }
    }
    let error = error.unwrap();
    assert_eq!((said.as_str(), error.category, error.cause), ("Hel", Category::BrokenStream, Some("program_ended")));
    let expected = "the program claude broke off (exit status: 3): fatal: out of luck with [hidden] and [hidden]";
    assert_eq!(error.message, expected);
    let quit = whole(&fake(), "quit").await.unwrap_err();
    assert_eq!((quit.category, quit.cause), (Category::Internal, Some("program_ended")));
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    for order in ["line", "text"] {
        let error = whole(&fake(), order).await.unwrap_err();
        assert_eq!((error.category, error.cause), (Category::BrokenStream, Some("too_large")), "{order}");
    }
}

#[tokio::test]
async fn stopping_interrupts_and_closes() {
    let folder = tempfile::tempdir().unwrap();
    for dropped in [false, true] {
        let log = folder.path().join(format!("log-{dropped}"));
        let cancel = CancellationToken::new();
        let mut events = begun(&format!("wait {}", log.display()), &cancel).await;
        if dropped {
            drop(events);
        } else {
            cancel.cancel();
            assert_eq!(events.next().await.unwrap().unwrap_err().category, Category::Cancelled);
        }
        let told = || std::fs::read_to_string(&log).unwrap_or_default();
        while !told().contains("closed") {
            tokio::task::yield_now().await;
        }
        assert_eq!(told(), "interrupt\nclosed\n");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_heeds_nothing_is_killed_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("numbers");
    let cancel = CancellationToken::new();
    let events = begun(&format!("stubborn {}", log.display()), &cancel).await;
    let numbers = || std::fs::read_to_string(&log).unwrap_or_default();
    while !numbers().ends_with('\n') {
        tokio::task::yield_now().await;
    }
    let numbers = numbers();
    let lives = |number: &str| {
        let state = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        !state.is_empty() && !state.rsplit(')').next().unwrap_or_default().starts_with(" Z")
    };
    assert!(numbers.split_whitespace().all(lives));
    drop(events);
    // From here on every wait is over as soon as nothing else is to be done.
    tokio::time::pause();
    while numbers.split_whitespace().any(lives) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_program_that_falls_silent_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let order = format!("wait {}", folder.path().join("log").display());
    let mut events = begun(&order, &CancellationToken::new()).await;
    tokio::time::pause();
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!((error.category, error.cause), (Category::Timeout, Some("idle_timeout")));
}

fn named(folder: &TempDir, name: &str) -> ClaudeCode {
    let path = folder.path().join(name);
    #[cfg(unix)]
    std::os::unix::fs::symlink(FAKE, &path).unwrap();
    #[cfg(not(unix))]
    std::fs::copy(FAKE, &path).unwrap();
    claude(&path, &[], VendorTimeouts::default(), None)
}

#[tokio::test]
async fn what_is_no_such_program_is_named_with_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let missing = claude(&folder.path().join("nowhere"), &[], VendorTimeouts::default(), None);
    for (provider, cause, helps) in [
        (
            named(&folder, "claude-old"),
            "program_too_old",
            "claude 1.0.128 is too old, 2.0.0 is needed: run `claude update`",
        ),
        (named(&folder, "claude-strange"), "program_unusable", "does not answer as Claude Code does"),
        (missing, "program_missing", "install it from https://claude.com/claude-code"),
    ] {
        let refusals = [
            provider.check(CancellationToken::new()).await.unwrap_err(),
            whole(&provider, "say never").await.unwrap_err(),
        ];
        for error in refusals {
            assert_eq!((error.category, error.cause), (Category::BadRequest, Some(cause)), "{error}");
            assert!(error.message.contains(helps), "{error}");
        }
    }
}

#[tokio::test]
async fn a_check_is_free_and_the_models_are_its_own_and_the_usual_names() {
    let folder = tempfile::tempdir().unwrap();
    fake().check(CancellationToken::new()).await.unwrap();
    let nobody = named(&folder, "claude-nobody").check(CancellationToken::new()).await.unwrap_err();
    assert_eq!((nobody.category, nobody.cause), (Category::RejectedKey, Some("not_signed_in")));
    let models = fake().models(CancellationToken::new()).await.unwrap();
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["default", "sonnet[1m]", "sonnet", "opus", "haiku", "opusplan"]);
}
