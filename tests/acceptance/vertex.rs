//! Vertex AI over sockets: tokens for a service account, and the models behind them.
#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures::future::{join, join_all};
use parlance_providers::catalog::{Catalog, KeyForm};
use parlance_providers::credential;
use parlance_providers::dialects::dialect;
use parlance_providers::traffic::Recorder;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{CancellationToken, Category, EmbedRequest, Provider, Secret};
use parlance_tests::Gate;
use parlance_tests::google::{Google, private_key};
use parlance_tests::wires::{asking, play};
use serde_json::{Value, json};

const GEMINI: &str = "gemini-3.8-flash";
const CLAUDE: &str = "claude-haiku-4-5@20251001";
const TEXT: &str = "Hello from Vertex";

fn endpoint(google: &Google, text: &str) -> Endpoint {
    let read = credential::read(KeyForm::Google, text).unwrap();
    Endpoint {
        base_url: google.base_url("global"),
        key: read.secret,
        identity: read.identity,
        fields: BTreeMap::from([("project".to_owned(), "p-1".to_owned())]),
        ..Endpoint::default()
    }
}

fn provider(endpoint: Endpoint) -> HttpProvider {
    let vendor = Catalog::bundled().shared("vertex").unwrap();
    // A stand-in is no home of the vendor's: its rules hold as they would there.
    HttpProvider::new(Arc::clone(&vendor), dialect(vendor.dialect).unwrap(), endpoint).unwrap()
}

fn of(google: &Google) -> HttpProvider {
    provider(endpoint(google, &google.account(0).to_string()))
}

#[tokio::test]
async fn a_service_account_is_exchanged_for_a_token_once() {
    let google = Google::start().await;
    let provider = of(&google);
    for _ in 0..3 {
        let outcome = play(&provider, asking(GEMINI, "Hi")).await;
        assert_eq!((outcome.text().as_str(), outcome.error), (TEXT, None));
    }
    assert_eq!((google.exchanges(), google.requests().len()), (1, 3));
    let request = &google.requests()[0];
    let path =
        "/v1/projects/p-1/locations/global/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse";
    assert_eq!(request.line(), format!("POST {path} HTTP/1.1"));
    assert_eq!(request.header("authorization"), Some(format!("Bearer {}", google.tokens()[0]).as_str()));
    assert_eq!(request.header("x-goog-user-project"), None, "an account of a project pays by itself");
}

#[tokio::test]
async fn a_variable_may_hold_the_file() {
    let google = Google::start().await;
    let key = Some(Secret::from_pasted(&google.account(0).to_string()));
    let endpoint = Endpoint { key, ..Endpoint { base_url: google.base_url("global"), ..Endpoint::default() } };
    assert_eq!(play(&provider(endpoint), asking(GEMINI, "Hi")).await.text(), TEXT);
}

#[tokio::test]
async fn fifty_requests_wait_for_one_exchange() {
    let google = Google::start().await;
    let (provider, gate) = (of(&google), Gate::new());
    google.hold(&gate);
    let all = join_all((0..50).map(|_| play(&provider, asking(GEMINI, "Hi"))));
    let open = async {
        while google.exchanges() == 0 {
            tokio::task::yield_now().await;
        }
        gate.open();
    };
    let (outcomes, ()) = join(all, open).await;
    assert!(outcomes.iter().all(|outcome| outcome.text() == TEXT));
    assert_eq!((google.exchanges(), google.requests().len()), (1, 50));
}

#[tokio::test]
async fn who_waited_for_an_exchange_that_failed_does_not_ask_again() {
    let google = Google::start().await;
    let (provider, gate) = (of(&google), Gate::new());
    google.hold(&gate);
    google.then_fail("503 Service Unavailable", json!({ "error": "backend_error" }));
    let all = join_all((0..50).map(|_| play(&provider, asking(GEMINI, "Hi"))));
    let open = async {
        while google.exchanges() == 0 {
            tokio::task::yield_now().await;
        }
        gate.open();
    };
    let (outcomes, ()) = join(all, open).await;
    for outcome in outcomes {
        let error = outcome.error.unwrap();
        assert_eq!((error.category, error.cause), (Category::Overloaded, Some("token_unavailable")));
    }
    assert_eq!((google.exchanges(), google.requests().len()), (1, 0));
    assert_eq!(play(&provider, asking(GEMINI, "Hi")).await.text(), TEXT, "the next one asks");
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_exchanged_ahead() {
    let google = Google::start().await;
    let provider = of(&google);
    google.live_for(299);
    play(&provider, asking(GEMINI, "Hi")).await;
    google.live_for(3599);
    play(&provider, asking(GEMINI, "Hi")).await;
    play(&provider, asking(GEMINI, "Hi")).await;
    assert_eq!(google.exchanges(), 2);
    let used: Vec<_> =
        google.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!((used[0] == used[1], used[1] == used[2]), (false, true));
}

#[tokio::test]
async fn while_a_new_token_is_not_to_be_had_the_old_one_is_used() {
    let google = Google::start().await;
    let provider = of(&google);
    google.live_for(200);
    play(&provider, asking(GEMINI, "Hi")).await;
    google.then_fail("500 Internal Server Error", json!({}));
    assert_eq!(play(&provider, asking(GEMINI, "Hi")).await.text(), TEXT);
    assert_eq!((google.exchanges(), google.tokens().len()), (2, 1));
}

#[tokio::test]
async fn a_refused_token_is_tried_once_more_and_no_more() {
    let google = Google::start().await;
    let provider = of(&google);
    google.refuse(1);
    assert_eq!(play(&provider, asking(GEMINI, "Hi")).await.text(), TEXT);
    assert_eq!(google.requests().len(), 2);
    google.refuse(5);
    let error = play(&provider, asking(GEMINI, "Hi")).await.error.unwrap();
    assert_eq!((error.category, error.status), (Category::RejectedKey, Some(401)));
    assert_eq!(google.requests().len(), 4);
}

#[tokio::test]
async fn a_wrong_key_is_told_in_the_vendors_words_and_nothing_is_asked() {
    let google = Google::start().await;
    let provider = provider(endpoint(&google, &google.account(1).to_string()));
    let error = play(&provider, asking(GEMINI, "Hi")).await.error.unwrap();
    assert_eq!((error.category, error.cause), (Category::RejectedKey, Some("token_refused")));
    assert_eq!(error.code.as_deref(), Some("invalid_grant"));
    assert!(error.message.contains("Invalid JWT Signature."), "{}", error.message);
    assert!(google.requests().is_empty());
}

#[tokio::test]
async fn claude_vectors_and_the_check_go_where_they_belong() {
    let google = Google::start().await;
    let provider = of(&google);
    let outcome = play(&provider, asking(CLAUDE, "Hi")).await;
    assert_eq!((outcome.text().as_str(), outcome.error), (TEXT, None));
    let inputs = vec!["a".to_owned()];
    let request = EmbedRequest { model: "gemini-embedding-001".into(), inputs, dimensions: Some(2), purpose: None };
    let vectors = provider.embed(request, CancellationToken::new()).await.unwrap();
    assert_eq!(vectors.vectors, [Ok(vec![0.5, -1.0])]);
    assert_eq!(vectors.usage.and_then(|usage| usage.input_total), Some(4));
    provider.check(CancellationToken::new()).await.unwrap();
    let listed = provider.models(CancellationToken::new()).await.unwrap();
    assert!(listed.iter().any(|model| model.id == CLAUDE), "the catalogue's are the ones there are");

    let requests = google.requests();
    let paths: Vec<&str> = requests.iter().map(|request| request.line().split(' ').nth(1).unwrap()).collect();
    let below = "/v1/projects/p-1/locations/global/publishers";
    let want = [
        format!("{below}/anthropic/models/claude-haiku-4-5%4020251001:streamRawPredict"),
        format!("{below}/google/models/gemini-embedding-001:predict"),
        format!("{below}/google/models/gemini-4-argon:countTokens"),
    ];
    assert_eq!(paths, want);
    let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!((&body["anthropic_version"], &body["stream"]), (&json!("vertex-2023-10-16"), &json!(true)));
    assert!(body.get("model").is_none());
    let body: Value = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(body, json!({ "instances": [{ "content": "a" }], "parameters": { "outputDimensionality": 2 } }));
}

#[tokio::test]
async fn an_api_key_and_a_pasted_token_need_no_exchange() {
    let google = Google::start().await;
    let by_key = provider(endpoint(&google, "AIzaSy-canary-0123456789"));
    assert_eq!(play(&by_key, asking(GEMINI, "Hi")).await.text(), TEXT);
    let pasted = provider(endpoint(&google, "ya29.nobody-gave-this-one"));
    let error = play(&pasted, asking(GEMINI, "Hi")).await.error.unwrap();
    assert_eq!(error.category, Category::RejectedKey);
    let requests = google.requests();
    assert_eq!(requests.len(), 2, "a pasted token cannot be had anew");
    assert!(
        requests[0].line().starts_with("POST /v1/publishers/google/models/gemini-3.8-flash:"),
        "{}",
        requests[0].line()
    );
    assert_eq!(requests[0].header("x-goog-api-key"), Some("AIzaSy-canary-0123456789"));
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[1].header("authorization"), Some("Bearer ya29.nobody-gave-this-one"));
    assert_eq!(google.exchanges(), 0);
}

fn all_below(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        text += &if path.is_dir() { all_below(&path) } else { fs::read_to_string(&path).unwrap() };
    }
    text
}

#[tokio::test]
async fn neither_the_key_nor_a_token_is_told_or_recorded() {
    let google = Google::start().await;
    let folder = tempfile::tempdir().unwrap();
    let recorder = Arc::new(Recorder::new(folder.path().join("traffic")));
    recorder.switch(true);
    let with = |key: usize| {
        let endpoint = endpoint(&google, &google.account(key).to_string());
        provider(Endpoint { recorder: Some(Arc::clone(&recorder)), ..endpoint })
    };
    let mut told = String::new();
    let good = with(0);
    for model in [GEMINI, CLAUDE] {
        told += &format!("{:?}", play(&good, asking(model, "Hi")).await);
    }
    google.refuse(2);
    told += &format!("{:?}", play(&good, asking(GEMINI, "Hi")).await.error.unwrap());
    google.echo();
    told += &format!("{:?}", play(&good, asking(GEMINI, "Hi")).await.error.unwrap());
    told += &format!("{:?}", play(&with(1), asking(GEMINI, "Hi")).await.error.unwrap());
    recorder.settle();
    let kept = all_below(folder.path());
    assert!(kept.contains("streamRawPredict") && kept.contains("INVALID_ARGUMENT"), "the exchanges were recorded");
    let secrets = google.tokens().into_iter().chain([private_key(0), private_key(1)]);
    for secret in secrets {
        assert!(!told.contains(&secret), "told: {}", &secret[..20]);
        assert!(!kept.contains(&secret), "recorded: {}", &secret[..20]);
    }
}
