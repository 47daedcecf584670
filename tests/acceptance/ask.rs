//! The program without a window, as a process: what it prints, what it sends, how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::path::PathBuf;
use std::process::{Command, Output};

use parlance_tests::{Aimock, FaultyUpstream, Script};
use serde_json::{Value, json};
use tempfile::TempDir;

const KEY: &str = "canary-key-0123456789";

/// A folder with a configuration, and what the program said over it.
struct Scene {
    folder: TempDir,
}

struct Said {
    lines: Vec<Value>,
    errors: String,
    code: i32,
}

impl Scene {
    /// One provider of a vendor at an address, with its key in `HOUSE_KEY`.
    fn new(vendor: &str, base_url: &str) -> Self {
        let config = format!(
            "[[providers]]\nid = \"house\"\nvendor = \"{vendor}\"\nbase_url = \"{base_url}\"\n\
             embedding_model = \"house-vectors\"\n[[providers.accounts]]\nlabel = \"Work\"\nkey = \"${{HOUSE_KEY}}\"\n"
        );
        Self::with(&config)
    }

    fn with(config: &str) -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap() };
        scene.file("config.toml", config);
        scene
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, to: &str, key: Option<&str>, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ask"));
        command.arg("--config").arg(self.folder.path().join("config.toml"));
        command.arg("--data").arg(self.folder.path().join("data")).args(["--to", to]).args(more);
        command.env_remove("HOUSE_KEY").env("RUST_BACKTRACE", "0").envs(key.map(|key| ("HOUSE_KEY", key)));
        command
    }

    fn ask(&self, to: &str, more: &[&str]) -> Said {
        Said::of(self.command(to, Some(KEY), more).output().unwrap())
    }
}

impl Said {
    fn of(output: Output) -> Self {
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains(KEY) && !errors.contains(KEY), "the key was said: {text}{errors}");
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")));
        Self { lines: lines.collect(), errors, code: output.status.code().expect("it ended by itself") }
    }

    fn of_type(&self, kind: &str) -> Vec<&Value> {
        self.lines.iter().filter(|line| line["type"] == kind).collect()
    }

    /// The text that came for a prompt.
    fn text(&self, prompt: &str) -> String {
        let events = self.of_type("event").into_iter().filter(|line| line["prompt"] == prompt);
        events.filter(|line| line["kind"].is_null()).map(|line| line["text"].as_str().unwrap()).collect()
    }
}

fn on(words: &str, response: Value) -> Value {
    json!({ "match": { "userMessage": words }, "response": response })
}

fn greeting() -> Value {
    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 7 });
    let mut fixture = on("greet", json!({ "content": "Grüße aus Kölle, in vielen Stücken.", "usage": usage }));
    fixture["chunkSize"] = 4.into();
    fixture
}

#[test]
fn a_prompt_its_stream_its_attempt_and_its_money() {
    let mock = Aimock::start_with_key(&json!([greeting()]), KEY);
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    let said = scene.ask("house/house-model", &["--prompt", "please greet"]);
    assert_eq!(said.code, 0, "{:?} {}", said.lines, said.errors);
    assert_eq!(said.text("1"), "Grüße aus Kölle, in vielen Stücken.");
    let [attempt] = said.of_type("attempt")[..] else { panic!("one attempt: {:?}", said.lines) };
    assert_eq!((&attempt["provider"], &attempt["account"]), (&json!("house"), &json!("Work")));
    assert_eq!((&attempt["model_asked"], &attempt["outcome"]), (&json!("house-model"), &json!("complete")));
    assert!(attempt["ttft_ms"].is_u64() && attempt["duration_ms"].is_u64(), "{attempt}");
    let [ledger] = said.of_type("ledger")[..] else { panic!("one entry: {:?}", said.lines) };
    assert_eq!((&ledger["usage"]["input"], &ledger["usage"]["output"]), (&json!(11), &json!(7)));
    assert_eq!((&ledger["usage"]["estimated"], &ledger["cost_source"]), (&json!(false), &json!("unknown")));
    assert_eq!(ledger["cost_nano_usd"], Value::Null, "no price is no zero");
    assert!(said.of_type("error").is_empty());
    assert!(scene.folder.path().join("data/parlance.db").exists(), "the same store as the app's");
}

#[test]
fn a_data_folder_is_used_again() {
    let mock = Aimock::start(&json!([greeting()]));
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    for run in ["1", "2"] {
        let said = scene.ask("house/house-model", &["--prompt", "greet"]);
        assert_eq!((said.code, said.of_type("attempt")[0]["run"].as_str()), (0, Some(run)), "{}", said.errors);
    }
}

#[test]
fn two_hundred_prompts_at_once() {
    let numbers = 0..200;
    let answer = |n| on(&format!("number {n:03}"), json!({ "content": format!("It is {n:03}.") }));
    let mock = Aimock::start(&numbers.clone().map(answer).collect());
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    let lines = numbers.clone().map(|n| match n % 2 {
        0 => json!({ "id": format!("p{n}"), "prompt": format!("say number {n:03}") }).to_string(),
        _ => json!({ "id": n, "prompt": format!("say number {n:03}") }).to_string(),
    });
    let file = scene.file("prompts.jsonl", lines.collect::<Vec<_>>().join("\n"));
    let said = scene.ask("house/house-model", &["--prompts", file.to_str().unwrap(), "--parallel", "50"]);
    assert_eq!(said.code, 0, "{:?} {}", said.of_type("error"), said.errors);
    for n in numbers {
        let id = if n % 2 == 0 { format!("p{n}") } else { n.to_string() };
        assert_eq!(said.text(&id), format!("It is {n:03}."), "each answer with its own prompt");
    }
    assert_eq!((said.of_type("attempt").len(), said.of_type("ledger").len()), (200, 200));
    let runs: std::collections::HashSet<_> =
        said.of_type("attempt").iter().map(|line| line["run"].to_string()).collect();
    assert_eq!(runs.len(), 200);
}

#[test]
fn one_prompt_without_an_answer_is_a_failure_and_the_others_go_on() {
    let mock = Aimock::start(&json!([greeting()]));
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    let file = scene.file("prompts.jsonl", "\"please greet\"\n\"nobody knows this\"\nplease greet again\n");
    let said = scene.ask("house/house-model", &["--prompts", file.to_str().unwrap(), "--parallel", "3"]);
    assert_eq!(said.code, 1);
    assert!(!said.text("1").is_empty() && !said.text("3").is_empty(), "{:?}", said.lines);
    let [error] = said.of_type("error")[..] else { panic!("one error: {:?}", said.lines) };
    assert_eq!((&error["prompt"], &error["status"]), (&json!("2"), &json!(503)));
    assert!(error["category"].is_string() && error["message"].is_string());
    let tries = said.of_type("attempt").iter().filter(|line| line["status"] == json!(503)).count();
    assert_eq!(tries, 3, "a server that is busy is asked again: {:?}", said.lines);
    assert_eq!(said.of_type("ledger").len(), 5, "each attempt is booked");
}

#[test]
fn a_rejected_key() {
    let mock = Aimock::start_with_key(&json!([greeting()]), "another-key");
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    let said = scene.ask("house/house-model", &["--prompt", "please greet"]);
    assert_eq!(said.code, 1, "{:?}", said.lines);
    assert_eq!(said.of_type("error")[0]["category"], "rejected_key", "{:?}", said.lines);
    assert_eq!(said.of_type("attempt")[0]["outcome"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_keeps_its_text() {
    let chunk = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Half an ans\"}}]}\n\n";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let upstream = FaultyUpstream::start([Script::new().send(format!("{head}{chunk}")).close()]).await;
    let scene = Scene::new("openai-compatible", &upstream.base_url());
    let said = tokio::task::block_in_place(|| scene.ask("house/m-1", &["--prompt", "hello"]));
    assert_eq!((said.code, said.text("1").as_str()), (1, "Half an ans"));
    let error = said.of_type("error")[0];
    assert_eq!((&error["category"], &error["outcome"]), (&json!("broken_stream"), &json!("interrupted")));
    let request = &upstream.requests()[0];
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
}

#[test]
fn a_picture_goes_along() {
    let mock = Aimock::start(&json!([on("what is", json!({ "content": "A dot." }))]));
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    let dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let png = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, dot).unwrap();
    let file = scene.file("dot.png", png);
    let said = scene.ask("house/house-model", &["--prompt", "what is this?", "--image", file.to_str().unwrap()]);
    assert_eq!((said.code, said.text("1").as_str()), (0, "A dot."), "{:?} {}", said.lines, said.errors);
    assert!(mock.journal()[0]["body"].to_string().contains(dot), "the picture was sent");
}

#[test]
fn vectors_with_their_attempt_and_their_entry() {
    let embedding =
        |words: &str, vector: Value| json!({ "match": { "inputText": words }, "response": { "embedding": vector } });
    let mock = Aimock::start(&json!([embedding("one", json!([0.5, -1.0])), embedding("two", json!([0.25, 1.0]))]));
    let scene = Scene::new("openai-compatible", &format!("{}/v1", mock.origin()));
    for (text, vector) in [("one", json!([0.5, -1.0])), ("two", json!([0.25, 1.0]))] {
        let file = scene.file("texts", text);
        let said = scene.ask("house", &["--embed", file.to_str().unwrap()]);
        assert_eq!(said.code, 0, "{:?} {}", said.lines, said.errors);
        let [line] = said.of_type("embedding")[..] else { panic!("{:?}", said.lines) };
        assert_eq!((&line["vector"], &line["dimensions"], &line["prompt"]), (&vector, &json!(2), &json!("1")));
        assert_eq!(said.of_type("attempt")[0]["model_asked"], "house-vectors", "the provider's model for vectors");
        assert_eq!(said.of_type("ledger").len(), 1);
    }
    let store = rusqlite::Connection::open(scene.folder.path().join("data/parlance.db")).unwrap();
    let booked = "SELECT count(*) FROM ledger JOIN attempt ON attempt.id = attempt_id JOIN run ON run.id = run_id
                  WHERE run.purpose = 'embedding' AND ledger.purpose = 'embedding' AND attempt.outcome = 'complete'";
    assert_eq!(store.query_row(booked, [], |row| row.get::<_, i64>(0)), Ok(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_come_in_the_order_of_their_texts_and_a_refusal_is_booked() {
    let answer = r#"{"data":[{"index":1,"embedding":[2.0]},{"index":0,"embedding":[1.0]}],"model":"v","usage":{"prompt_tokens":4,"total_tokens":4}}"#;
    let ok = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
        answer.len()
    );
    let no = r#"{"error":{"message":"no credit","code":"insufficient_quota"}}"#;
    let refusal =
        format!("HTTP/1.1 429 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{no}", no.len());
    let upstream = FaultyUpstream::start([Script::new().send(ok), Script::new().send(refusal)]).await;
    let scene = Scene::new("openai-compatible", &upstream.base_url());
    let file = scene.file("texts", "first\nsecond\n");
    let embed = || tokio::task::block_in_place(|| scene.ask("house/vectors", &["--embed", file.to_str().unwrap()]));
    let said = embed();
    let vectors: Vec<_> = said.of_type("embedding").iter().map(|line| line["vector"].clone()).collect();
    assert_eq!((said.code, vectors), (0, vec![json!([1.0]), json!([2.0])]));
    let ledger = said.of_type("ledger")[0];
    assert_eq!((&ledger["usage"]["input"], &ledger["usage"]["estimated"]), (&json!(4), &json!(false)));
    let said = embed();
    assert_eq!((said.code, said.of_type("embedding").len()), (1, 0));
    assert_eq!(said.of_type("error")[0]["category"], "no_credit");
    assert_eq!(said.of_type("ledger").len(), 1, "a refused call is booked");
}

#[test]
fn a_check_of_each_account() {
    let mock = Aimock::start_with_key(&json!([greeting()]), KEY);
    let account = |label: &str, key: &str| format!("[[providers.accounts]]\nlabel = \"{label}\"\nkey = \"{key}\"\n");
    let config = format!(
        "[[providers]]\nid = \"house\"\nvendor = \"openai-compatible\"\nbase_url = \"{}/v1\"\n{}{}",
        mock.origin(),
        account("Good", "${HOUSE_KEY}"),
        account("Bad", "not-the-key")
    );
    let scene = Scene::with(&config);
    let said = scene.ask("house", &["--check"]);
    assert_eq!(said.code, 1, "{:?}", said.lines);
    let [good, bad] = said.of_type("check")[..] else { panic!("a check an account: {:?}", said.lines) };
    assert_eq!((&good["account"], &good["ok"]), (&json!("Good"), &json!(true)), "{good}");
    assert!(good["models"].is_u64() && good["duration_ms"].is_u64());
    assert_eq!((&bad["account"], &bad["ok"], &bad["category"]), (&json!("Bad"), &json!(false), &json!("rejected_key")));
}

#[test]
fn what_cannot_be_asked_at_all_ends_with_two() {
    let scene = Scene::new("openai-compatible", "http://127.0.0.1:9/v1");
    let unset = Said::of(scene.command("house/m", None, &["--prompt", "x"]).output().unwrap());
    assert_eq!(unset.code, 2);
    let message = unset.of_type("error")[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("HOUSE_KEY") && message.contains("providers[0].accounts[0].key"), "{message}");

    for (to, more, words) in [
        ("route/", vec!["--prompt", "x"], "route/ID needs"),
        ("house/m", vec![], "nothing to do"),
        ("house/m", vec!["--prompt", "x", "--parallel", "0"], "--parallel"),
        ("house/m", vec!["--colour"], "--colour is not known"),
    ] {
        let said = scene.ask(to, &more);
        assert_eq!(said.code, 2, "{to}");
        assert!(said.errors.contains(words), "{}", said.errors);
    }
    let said = scene.ask("nobody/m", &["--prompt", "x"]);
    assert!(said.of_type("error")[0]["message"].as_str().unwrap().contains("there is no provider nobody"));

    let wrong = Scene::with("[[providers]]\nid = \"a\"\nvendor = \"openai\"\nretires = 2\n");
    let said = wrong.ask("a/m", &["--prompt", "x"]);
    assert_eq!(said.code, 2);
    let message = said.of_type("error")[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("line 4: unknown key: retires"), "{message}");
}

/// An answer of the OpenAI family in one piece.
fn answered(text: &str) -> Script {
    let delta =
        json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": "stop" }] });
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    Script::new().send(format!("{head}data: {delta}\n\ndata: [DONE]\n\n")).close()
}

fn refused(status: &str) -> Script {
    let body = json!({ "error": { "message": "not now" } }).to_string();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
    Script::new().send(format!("{head}content-length: {}\r\n\r\n{body}", body.len())).close()
}

/// Two providers at these addresses, and a route over both that tries each once.
fn routed(first: &FaultyUpstream, second: &FaultyUpstream) -> Scene {
    let provider = |id: &str, upstream: &FaultyUpstream| {
        format!(
            "[[providers]]\nid = \"{id}\"\nvendor = \"openai-compatible\"\nbase_url = \"{}\"\n\
             model_mapping = {{ \"shared\" = \"m-{id}\" }}\n[[providers.accounts]]\nkey = \"${{HOUSE_KEY}}\"\n",
            upstream.base_url()
        )
    };
    Scene::with(&format!(
        "{}{}[[routes]]\nid = \"everyday\"\nretries = 0\n\
         targets = [{{ provider = \"one\", model = \"m\" }}, {{ provider = \"two\", model = \"m\" }}]\n\
         [[routes]]\nid = \"in-my-order\"\nretries = 0\n",
        provider("one", first),
        provider("two", second)
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_says_whom_it_asked_why_it_moved_on_and_whom_it_passed_over() {
    let first = FaultyUpstream::start([refused("503 X"), refused("401 X"), answered("never asked")]).await;
    let second = FaultyUpstream::start([answered("From two."), answered("Again."), answered("Passed.")]).await;
    let scene = routed(&first, &second);
    let file = scene.file("prompts.jsonl", "one\ntwo\nthree\n");
    let more = ["--prompts", file.to_str().unwrap()];
    let said = tokio::task::block_in_place(|| scene.ask("route/everyday", &more));
    assert_eq!(said.code, 0, "{:?} {}", said.lines, said.errors);
    assert_eq!([said.text("1"), said.text("2"), said.text("3")], ["From two.", "Again.", "Passed."]);
    let told = |line: &Value| {
        let words = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        [words("prompt"), words("provider"), words("reason"), words("outcome"), words("category")]
    };
    let attempts: Vec<_> = said.of_type("attempt").into_iter().map(told).collect();
    let expected = [
        ["1", "one", "first", "failed", "overloaded"],
        ["1", "two", "nextTarget", "complete", ""],
        ["2", "one", "first", "failed", "rejected_key"],
        ["2", "two", "nextTarget", "complete", ""],
        ["3", "two", "first", "complete", ""],
    ];
    assert_eq!(attempts, expected.map(|line| line.map(str::to_owned)));
    let skipped = &said.of_type("attempt")[4]["skipped"][0];
    assert_eq!((&skipped["provider"], &skipped["reason"]), (&json!("one"), &json!("keyRejected")), "{skipped}");
    assert_eq!(said.of_type("ledger").len(), 5, "each attempt is booked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_route_is_asked_for_a_model_and_a_route_that_is_none_is_named() {
    let first = FaultyUpstream::start([refused("500 X")]).await;
    let second = FaultyUpstream::start([answered("Mapped.")]).await;
    let scene = routed(&first, &second);
    let ask = |to: &str| tokio::task::block_in_place(|| scene.ask(to, &["--prompt", "hello"]));
    let said = ask("route/in-my-order/shared");
    assert_eq!((said.code, said.text("1").as_str()), (0, "Mapped."), "{:?} {}", said.lines, said.errors);
    let models = |upstream: &FaultyUpstream| {
        let body: Value = serde_json::from_slice(&upstream.requests()[0].body).unwrap();
        body["model"].as_str().unwrap().to_owned()
    };
    assert_eq!((models(&first).as_str(), models(&second).as_str()), ("m-one", "m-two"));
    for (to, words) in [
        ("route/nowhere", "there is no route nowhere"),
        ("route/in-my-order", "route/in-my-order/MODEL"),
        ("route/everyday/m", "--to route/everyday"),
    ] {
        let said = ask(to);
        assert_eq!(said.code, 2, "{to}");
        assert!(said.of_type("error")[0]["message"].as_str().unwrap().contains(words), "{:?}", said.lines);
    }
    let said = tokio::task::block_in_place(|| scene.ask("route/everyday", &["--check"]));
    assert_eq!(said.code, 2);
    assert!(said.errors.contains("for a provider"), "{}", said.errors);
}

/// An answer of the OpenAI family that says how long it was.
fn charged(output: u32) -> Script {
    let delta =
        json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": "dear" }, "finish_reason": "stop" }] });
    let usage = json!({ "id": "c", "choices": [], "usage": { "prompt_tokens": 20, "completion_tokens": output } });
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    Script::new().send(format!("{head}data: {delta}\n\ndata: {usage}\n\ndata: [DONE]\n\n")).close()
}

/// Ten dollars a million out, an answer of a hundred tokens at most, and so much to spend.
fn limited(upstream: &FaultyUpstream, dollars: f64, limits: &str) -> Scene {
    Scene::with(&format!(
        "[[providers]]\nid = \"house\"\nvendor = \"openai\"\nbase_url = \"{}\"\nparameters = {{ max_tokens = 100 }}\n\
         {limits}[[providers.accounts]]\nkey = \"${{HOUSE_KEY}}\"\n\
         [[budgets]]\nscope = \"all\"\nperiod = \"month\"\nlimit_usd = {dollars}\nat_limit = \"stop\"\n",
        upstream.base_url()
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_budget_stops_says_which_and_ends_with_four() {
    let upstream = FaultyUpstream::start([charged(100)]).await;
    let scene = limited(&upstream, 0.0015, "");
    let ask = |prompt| tokio::task::block_in_place(|| scene.ask("house/gpt-4o", &["--prompt", prompt]));
    let said = ask("hello");
    assert_eq!(said.code, 0, "{:?} {}", said.lines, said.errors);
    let said = ask("again");
    assert_eq!(said.code, 4, "{:?} {}", said.lines, said.errors);
    let [error] = said.of_type("error")[..] else { panic!("one error: {:?}", said.lines) };
    let budget = &error["budgets"][0];
    assert_eq!((&error["category"], &budget["at_limit"]), (&json!("over_budget"), &json!("stop")));
    assert_eq!((&budget["limit_nano_usd"], &budget["spent_nano_usd"]), (&json!(1_500_000), &json!(1_050_000)));
    assert!(budget["expected_nano_usd"].as_i64().unwrap() > 1_000_000, "{budget}");
    assert!(said.of_type("attempt").is_empty() && upstream.requests().len() == 1, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_with_faults_pass_a_budget_by_what_was_under_way_alone() {
    for limits in ["", "limits = { concurrent = 7 }\n"] {
        let faults = (0..700).map(|n| match n % 7 {
            0 => refused("503 X"),
            1 => Script::new().send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {").reset(),
            // More than was allowed, as some do.
            2 => charged(150),
            n => charged(20 * n),
        });
        let upstream = FaultyUpstream::start(faults).await;
        let scene = limited(&upstream, 0.05, limits);
        let lines: Vec<_> = (0..200).map(|n| format!("prompt {n}")).collect();
        let file = scene.file("prompts.jsonl", lines.join("\n"));
        let more = ["--prompts", file.to_str().unwrap(), "--parallel", "200"];
        let said = tokio::task::block_in_place(|| scene.ask("house/gpt-4o", &more));
        assert_eq!(said.code, 4, "{}", said.errors);
        let stopped = said.of_type("error").into_iter().filter_map(|line| line["budgets"][0].as_object());
        let reckoned = stopped.filter_map(|budget| budget["expected_nano_usd"].as_i64()).max().unwrap();
        let costs = said.of_type("ledger").into_iter().map(|line| line["cost_nano_usd"].as_i64().unwrap());
        let (spent, beyond) =
            costs.fold((0, 0), |(spent, beyond), nano| (spent + nano, beyond + (nano - reckoned).max(0)));
        assert!(spent <= 50_000_000 + beyond, "{spent} of 50000000, and {beyond} more than was reckoned with");
        assert!(spent > 25_000_000, "{spent}: there was money for more");
        // Nothing stays held: there is room again for what fits.
        let said = tokio::task::block_in_place(|| scene.ask("house/gpt-4o", &["--prompt", "another"]));
        let left = 50_000_000 - spent;
        assert_eq!(said.code == 4, left < reckoned, "{left} left, {reckoned} wanted: {:?}", said.lines);
        let held =
            said.of_type("error").into_iter().filter_map(|line| line["budgets"][0]["reserved_nano_usd"].as_i64());
        assert!(held.sum::<i64>() == 0);
    }
}
