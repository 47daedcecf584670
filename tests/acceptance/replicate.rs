//! Replicate's predictions from their making to their end, against a stand-in with two addresses.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::catalog::Catalog;
use parlance_providers::replicate::Replicate;
use parlance_providers::traffic::{self, Recorder};
use parlance_providers::transport::Endpoint;
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, FinishClass, Message, Part, Provider,
    ProviderError, Role, Secret,
};
use parlance_tests::replicate::{FakeReplicate, Life};
use serde_json::{Value, json};

const KEY: &str = "r8_canary0123456789";
const STREAM: &[u8] = b": hello\n\nevent: output\nid: 1:0\ndata: Once upon\n\nevent: logs\ndata: warm\n\nevent: output\ndata:  a time,\ndata: \n\nevent: done\ndata: {}\n\n";

fn provider(fake: &FakeReplicate) -> Replicate {
    let vendor = Catalog::bundled().shared("replicate").unwrap();
    let key = Some(Secret::from_pasted(KEY));
    Replicate::new(vendor, Endpoint { base_url: fake.base_url(), key, ..Endpoint::default() }).unwrap()
}

fn request() -> ChatRequest {
    let system = Some("Be brief.".to_owned());
    ChatRequest { system, ..ChatRequest::new("meta/llama", vec![Message::text(Role::User, "hi")]) }
}

async fn whole(fake: &FakeReplicate, request: ChatRequest) -> Result<ChatResponse, ProviderError> {
    provider(fake).complete(request, CancellationToken::new()).await
}

fn words(answer: &ChatResponse) -> String {
    match &answer.parts[..] {
        [Part::Text { text, .. }] => text.clone(),
        other => panic!("{other:?}"),
    }
}

fn cancels(fake: &FakeReplicate) -> usize {
    fake.seen().iter().filter(|seen| seen.line == "POST /v1/predictions/p1/cancel").count()
}

#[tokio::test]
async fn a_prediction_streams_from_another_host_that_sees_no_token() {
    let counts = json!({ "status": "succeeded", "metrics": { "predict_time": 1.5, "input_token_count": 7, "output_token_count": 5 } });
    let fake = FakeReplicate::start(Life { stream: STREAM.to_vec(), looks: vec![counts], ..Life::default() }).await;
    let mut asked = request();
    asked.parameters.max_tokens = Some(5);
    let answer = whole(&fake, asked).await.unwrap();
    assert_eq!(words(&answer), "Once upon a time,\n");
    let usage = answer.usage.unwrap();
    assert_eq!((usage.input_total, usage.output_total, answer.reported_cost), (Some(7), Some(5), None));
    assert_eq!(answer.finish.unwrap().0, FinishClass::Length, "as many tokens as were allowed");
    assert_eq!((answer.id.as_deref(), answer.model.as_deref()), (Some("p1"), Some("meta/llama")));
    let seen = fake.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.as_str()).collect();
    let expected = [
        "GET /v1/models/meta/llama",
        "POST /v1/models/meta/llama/predictions",
        "GET /files/f1",
        "GET /v1/predictions/p1",
    ];
    assert_eq!(lines, expected);
    let input = json!({ "prompt": "hi", "system_prompt": "Be brief.", "max_tokens": 5 });
    assert_eq!(seen[1].body, json!({ "input": input, "stream": true }));
    let keys: Vec<_> = seen.iter().map(|seen| seen.key.is_some()).collect();
    assert_eq!(keys, [true, true, false, true], "the token stays with the API");
    assert_eq!(cancels(&fake), 0);
}

#[tokio::test]
async fn its_stream_is_recorded_as_others_are() {
    let fake = FakeReplicate::start(Life { stream: STREAM.to_vec(), ..Life::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let recorder = Arc::new(Recorder::new(folder.path()));
    recorder.switch(true);
    let vendor = Catalog::bundled().shared("replicate").unwrap();
    let key = Some(Secret::from_pasted(KEY));
    let to = Some(Arc::clone(&recorder));
    let endpoint = Endpoint { base_url: fake.base_url(), key, recorder: to, ..Endpoint::default() };
    let provider = Replicate::new(vendor, endpoint).unwrap();
    provider.complete(request(), CancellationToken::new()).await.unwrap();
    recorder.settle();
    let mut records: Vec<Value> = traffic::list(recorder.folder())
        .unwrap()
        .iter()
        .map(|kept| serde_json::from_slice(&std::fs::read(&kept.path).unwrap()).unwrap())
        .collect();
    records.sort_by_key(|record| record["request"]["method"].to_string());
    let [stream, made] = &records[..] else { panic!("{records:?}") };
    assert_eq!(made["request"]["body"]["input"]["prompt"], "hi");
    assert_eq!((&stream["request"]["path"], &stream["outcome"]), (&json!("/files/f1"), &json!("complete")));
    assert_eq!(stream["response"]["body"].as_str().unwrap().as_bytes(), STREAM);
    assert_eq!((&stream["kind"], &stream["model"]), (&json!("chat-stream"), &json!("meta/llama")));
    assert!(!stream["request"]["headers"].to_string().contains("authorization"), "the token stays with the API");
}

#[tokio::test]
async fn a_look_that_is_refused_for_a_moment_does_not_end_the_run() {
    let looks = vec![
        json!({ "status": "processing", "output": ["Once"] }),
        json!({ "refused": "503 Service Unavailable" }),
        json!({ "status": "succeeded", "output": ["Once", " upon"] }),
    ];
    let fake = FakeReplicate::start(Life { streams: false, looks, ..Life::default() }).await;
    assert_eq!(words(&whole(&fake, request()).await.unwrap()), "Once upon");
    assert_eq!(cancels(&fake), 0);
}

#[tokio::test]
async fn what_a_model_takes_is_asked_once() {
    let fake = FakeReplicate::start(Life { stream: STREAM.to_vec(), ..Life::default() }).await;
    let provider = provider(&fake);
    for _ in 0..2 {
        provider.complete(request(), CancellationToken::new()).await.unwrap();
    }
    assert_eq!(fake.seen().iter().filter(|seen| seen.line.starts_with("GET /v1/models/")).count(), 1);
    let silent = FakeReplicate::start(Life { stream: STREAM.to_vec(), takes: None, ..Life::default() }).await;
    assert_eq!(words(&whole(&silent, request()).await.unwrap()), "Once upon a time,\n");
    assert_eq!(silent.seen()[1].body["input"], json!({ "prompt": "Be brief.\n\nhi" }));
}

#[tokio::test]
async fn one_that_does_not_stream_is_looked_at() {
    let looks = vec![
        json!({ "status": "starting" }),
        json!({ "status": "processing", "output": ["Once", " upon"] }),
        json!({ "status": "succeeded", "output": ["Once", " upon", "\na time"] }),
    ];
    let fake = FakeReplicate::start(Life { streams: false, looks, ..Life::default() }).await;
    let answer = whole(&fake, request()).await.unwrap();
    assert_eq!(words(&answer), "Once upon\na time");
    assert_eq!(cancels(&fake), 0);
}

#[tokio::test]
async fn a_run_that_fails_says_why() {
    let failed = |error: &str| vec![json!({ "status": "failed", "error": error })];
    let done = b"event: output\ndata: Hel\n\nevent: done\ndata: {\"reason\":\"error\"}\n\n".to_vec();
    let said = b"event: error\ndata: {\"detail\":\"An error occurred\"}\n\n".to_vec();
    use Category::*;
    for (stream, error, category, words) in [
        (done.clone(), "CUDA out of memory", Internal, "CUDA out of memory"),
        (done.clone(), "prompt is too long: 9000 tokens", ContextTooLong, "prompt is too long"),
        (done, "NSFW content detected", Refused, "NSFW content detected"),
        (said, "the machine is gone", Internal, "the machine is gone"),
    ] {
        let fake = FakeReplicate::start(Life { stream, looks: failed(error), ..Life::default() }).await;
        let refused = whole(&fake, request()).await.unwrap_err();
        assert_eq!(refused.category, category, "{refused}");
        assert!(refused.message.contains(words), "{refused}");
        assert_eq!(cancels(&fake), 0, "it is over");
    }
    let looks = vec![json!({ "status": "canceled" })];
    let fake = FakeReplicate::start(Life { streams: false, looks, ..Life::default() }).await;
    let refused = whole(&fake, request()).await.unwrap_err();
    assert!(refused.message.contains("was cancelled at the vendor"), "{refused}");
}

#[tokio::test]
async fn refusals_have_their_kind_and_make_nothing_to_cancel() {
    use Category::*;
    let problem = |status: u16, detail: &str| json!({ "title": "no", "status": status, "detail": detail });
    for (status, number, detail, category) in [
        ("401 Unauthorized", 401, "Unauthenticated", RejectedKey),
        ("402 Payment Required", 402, "Free time limit reached", NoCredit),
        ("403 Forbidden", 403, "no access", Forbidden),
        ("404 Not Found", 404, "The requested resource could not be found.", UnknownModel),
        ("422 Unprocessable Entity", 422, "- input.prompt: prompt is required", BadRequest),
        ("429 Too Many Requests", 429, "Request was throttled.", RateLimited),
    ] {
        let refusal = Some((status, problem(number, detail)));
        let fake = FakeReplicate::start(Life { refusal, ..Life::default() }).await;
        let refused = whole(&fake, request()).await.unwrap_err();
        assert_eq!((refused.category, refused.status), (category, Some(number)), "{refused}");
        assert!(refused.message.contains(detail), "{refused}");
        assert_eq!(cancels(&fake), 0);
    }
}

#[tokio::test]
async fn stopping_cancels_at_the_vendor_however_it_comes_about() {
    let stalls = || Life { stream: b"event: output\ndata: Hel\n\n".to_vec(), stalls: true, ..Life::default() };
    for dropped in [true, false] {
        let fake = FakeReplicate::start(stalls()).await;
        let cancel = CancellationToken::new();
        let mut events = provider(&fake).stream(request(), cancel.clone()).await.unwrap();
        while !matches!(events.next().await.unwrap().unwrap(), ChatEvent::TextDelta { .. }) {}
        assert_eq!(cancels(&fake), 0);
        if dropped {
            drop(events);
        } else {
            // Nobody reads on: the token alone is enough.
            cancel.cancel();
        }
        let seen = fake.came("/cancel").await;
        assert_eq!(seen.key, Some(format!("Bearer {KEY}")));
        assert_eq!(cancels(&fake), 1);
    }
    // A stream that is lost leaves a run behind that costs.
    let fake = FakeReplicate::start(Life { stalls: false, ..stalls() }).await;
    assert_eq!(whole(&fake, request()).await.unwrap_err().cause, Some("cut_off"));
    fake.came("/cancel").await;
    // So does one that has expired.
    let fake = FakeReplicate::start(Life { stream_status: "410 Gone", ..Life::default() }).await;
    assert_eq!(whole(&fake, request()).await.unwrap_err().status, Some(410));
    fake.came("/cancel").await;
}

#[tokio::test]
async fn what_is_stopped_while_it_is_made_is_cancelled_once_it_is_known() {
    let fake = FakeReplicate::start(Life { held: true, ..Life::default() }).await;
    let (provider, cancel) = (Arc::new(provider(&fake)), CancellationToken::new());
    let (asking, token) = (Arc::clone(&provider), cancel.clone());
    let asked = tokio::spawn(async move { asking.stream(request(), token).await.map(drop) });
    fake.came("POST /v1/models/meta/llama/predictions").await;
    cancel.cancel();
    assert_eq!(asked.await.unwrap().unwrap_err().category, Category::Cancelled);
    assert_eq!(cancels(&fake), 0, "its id is not known yet");
    fake.go();
    fake.came("/cancel").await;
}

#[tokio::test]
async fn the_check_is_free_and_the_models_are_the_collection() {
    let fake = FakeReplicate::start(Life::default()).await;
    provider(&fake).check(CancellationToken::new()).await.unwrap();
    let models = provider(&fake).models(CancellationToken::new()).await.unwrap();
    assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["meta/llama"]);
    let lines: Vec<_> = fake.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /v1/account", "GET /v1/collections/language-models"]);
    assert!(fake.seen().iter().all(|seen| seen.body == Value::Null));
}
