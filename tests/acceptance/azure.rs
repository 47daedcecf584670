//! Azure over sockets: three APIs, the version on each request, the frames of the content filter, what old versions do
//! not know.
#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use parlance_providers::catalog::{Catalog, Fields};
use parlance_providers::dialects::dialect;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{CancellationToken, Category, EmbedRequest, FinishClass, Provider, Secret};
use parlance_tests::wires::{Outcome, asking, play};
use parlance_tests::{FaultyUpstream, Script, wire};
use serde_json::{Value, json};

const KEY: &str = "canary-key-0123456789";
const FILTER: &str = r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}"#;
const PIECE: &str = r#"{"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"delta":{"content":"Hi"},"finish_reason":null,"index":0,"logprobs":null}],"created":1,"id":"c1","model":"gpt-served","object":"chat.completion.chunk"}"#;
const LATE: &str = r#"{"choices":[{"content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198},"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"finish_reason":null,"index":0}],"created":0,"id":"","model":"","object":""}"#;

fn end(reason: &str) -> String {
    format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}","index":0}}],"id":"c1","model":"gpt-served"}}"#)
}

fn stream(events: &[&str]) -> Script {
    let body: Vec<u8> = events.iter().chain(&["[DONE]"]).flat_map(|event| wire::event(event)).collect();
    Script::new().send(wire::answer("200 OK", "text/event-stream", &body))
}

fn json_answer(status: &str, body: &Value) -> Script {
    Script::new().send(wire::answer(status, "application/json", body.to_string().as_bytes()))
}

/// A provider at what `path` becomes when it is pasted.
fn at(upstream: &FaultyUpstream, path: &str) -> HttpProvider {
    keyed(upstream, path, KEY)
}

fn keyed(upstream: &FaultyUpstream, path: &str, key: &str) -> HttpProvider {
    let vendor = Catalog::bundled().shared("azure").unwrap();
    let pasted = vendor.pasted(&format!("http://{}{path}", upstream.address()), &Fields::new());
    let endpoint = Endpoint {
        base_url: pasted.address.clone(),
        fields: pasted.fields,
        key: Some(Secret::from_pasted(key)),
        ..Endpoint::default()
    };
    HttpProvider::new(
        vendor.at(&pasted.address),
        dialect(Catalog::bundled().get("azure").unwrap().dialect).unwrap(),
        endpoint,
    )
    .unwrap()
}

fn line(path: &str) -> String {
    format!("POST {path} HTTP/1.1")
}

async fn said(upstream: &FaultyUpstream, path: &str, model: &str) -> Outcome {
    play(&at(upstream, path), asking(model, "Hi")).await
}

#[tokio::test]
async fn each_api_is_asked_where_it_is_and_with_its_version() {
    let ok = || stream(&[FILTER, PIECE, LATE, &end("stop")]);
    for (path, model, want) in [
        ("", "gpt-4.1", "/openai/v1/chat/completions"),
        ("/openai/v1/responses?api-version=preview", "gpt-4.1", "/openai/v1/chat/completions?api-version=preview"),
        (
            "/openai/deployments/x/chat/completions?api-version=2024-10-21",
            "my gpt/4",
            "/openai/deployments/my%20gpt%2F4/chat/completions?api-version=2024-10-21",
        ),
        // Not every version knows Responses: at an address with a version, models that think are asked by chat.
        ("?api-version=2024-10-21", "gpt-5.4", "/openai/deployments/gpt-5.4/chat/completions?api-version=2024-10-21"),
        ("/models", "Phi-4", "/models/chat/completions?api-version=2024-05-01-preview"),
    ] {
        let upstream = FaultyUpstream::start([ok()]).await;
        let outcome = said(&upstream, path, model).await;
        assert_eq!((outcome.text().as_str(), outcome.finish()), ("Hi", Some(FinishClass::Stop)), "{path}");
        assert_eq!(outcome.error, None);
        let request = &upstream.requests()[0];
        assert_eq!(request.line(), line(want));
        assert_eq!((request.header("api-key"), request.header("authorization")), (Some(KEY), None));
    }
}

#[tokio::test]
async fn a_token_of_entra_goes_as_a_bearer() {
    let upstream = FaultyUpstream::start([stream(&[PIECE, &end("stop")])]).await;
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln";
    play(&keyed(&upstream, "", token), asking("gpt-4.1", "Hi")).await;
    let request = &upstream.requests()[0];
    assert_eq!(
        (request.header("api-key"), request.header("authorization")),
        (None, Some(format!("Bearer {token}").as_str()))
    );
}

#[tokio::test]
async fn a_filter_ends_an_answer_and_refuses_a_prompt_by_its_categories() {
    let refusal = json!({ "error": { "message": "The response was filtered", "type": null, "param": "prompt",
        "code": "content_filter", "status": 400, "innererror": { "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": { "hate": { "filtered": true, "severity": "high" }, "violence": { "filtered": false } } } } });
    let upstream = FaultyUpstream::start([
        stream(&[FILTER, PIECE, LATE, &end("content_filter")]),
        json_answer("400 Bad Request", &refusal),
    ])
    .await;
    let provider = at(&upstream, "");
    let outcome = play(&provider, asking("gpt-4.1", "Hi")).await;
    assert_eq!((outcome.text().as_str(), outcome.finish()), ("Hi", Some(FinishClass::ContentFilter)));
    let error = play(&provider, asking("gpt-4.1", "Hi")).await.error.unwrap();
    assert_eq!((error.category, error.code.as_deref()), (Category::Refused, Some("content_filter")));
    assert!(error.message.ends_with("(hate: high)"), "{}", error.message);
}

#[tokio::test]
async fn what_an_old_version_refuses_is_left_out_once_for_its_model() {
    let refusal = json!({ "error": { "message": "Unrecognized request argument supplied: stream_options" } });
    let ok = || stream(&[PIECE, &end("stop")]);
    let upstream = FaultyUpstream::start([json_answer("400 Bad Request", &refusal), ok(), ok(), ok()]).await;
    let provider = at(&upstream, "?api-version=2024-02-01");
    for model in ["gpt-4.1", "gpt-4.1", "other"] {
        assert_eq!(play(&provider, asking(model, "Hi")).await.text(), "Hi");
    }
    let body = |at: usize| serde_json::from_slice::<Value>(&upstream.requests()[at].body).unwrap();
    let told: Vec<bool> = (0..4).map(|at| body(at).get("stream_options").is_some()).collect();
    assert_eq!(told, [true, false, false, true]);
}

#[tokio::test]
async fn a_deployment_of_mistral_is_told_its_limit_by_the_older_name() {
    let refusal = json!({ "detail": [{ "type": "extra_forbidden", "loc": ["body", "max_completion_tokens"],
        "msg": "Extra inputs are not permitted", "input": 9 }] });
    let ok = || stream(&[PIECE, &end("stop")]);
    let upstream = FaultyUpstream::start([json_answer("422 Unprocessable Entity", &refusal), ok(), ok()]).await;
    let provider = at(&upstream, "");
    for model in ["mistral-large", "gpt-4.1"] {
        let mut request = asking(model, "Hi");
        request.parameters.max_tokens = Some(9);
        assert_eq!(play(&provider, request).await.text(), "Hi");
    }
    let limits = |at: usize| {
        let body: Value = serde_json::from_slice(&upstream.requests()[at].body).unwrap();
        (body.get("max_tokens").cloned(), body.get("max_completion_tokens").cloned())
    };
    assert_eq!(
        [limits(0), limits(1), limits(2)],
        [(None, Some(9.into())), (Some(9.into()), None), (None, Some(9.into()))]
    );
}

#[tokio::test]
async fn the_list_is_that_of_the_deployments_where_there_is_one() {
    let list = json!({ "data": [
        { "id": "mine", "model": "gpt-4.1", "status": "succeeded", "object": "deployment" },
        { "id": "text-embedding-3-small", "model": "text-embedding-3-small", "status": "succeeded" },
        { "id": "half-made", "model": "gpt-4o", "status": "creating" },
    ], "object": "list" });
    let gone = json!({ "error": { "code": "404", "message": "Resource not found" } });
    let scripts = [
        json_answer("200 OK", &list),
        json_answer("404 Not Found", &gone),
        json_answer("200 OK", &json!({ "data": [] })),
    ];
    let upstream = FaultyUpstream::start(scripts).await;
    let provider = at(&upstream, "?api-version=2024-10-21");
    let models = provider.models(CancellationToken::new()).await.unwrap();
    let ids: Vec<(&str, Option<&str>)> =
        models.iter().map(|model| (model.id.as_str(), model.name.as_deref())).collect();
    assert_eq!(ids, [("mine", Some("mine (gpt-4.1)")), ("text-embedding-3-small", None)]);
    assert_eq!((models[0].context, models[0].can.tools), (Some(1_047_576), Some(true)));
    assert_eq!((models[1].chats, models[1].can.embeddings), (Some(false), Some(true)));
    let models = provider.models(CancellationToken::new()).await.unwrap();
    assert!(models.iter().any(|model| model.id == "gpt-4.1"), "the catalogue's stand instead");
    provider.check(CancellationToken::new()).await.unwrap();
    let lines: Vec<String> = upstream.requests().iter().map(|request| request.line().to_owned()).collect();
    let deployments = "GET /openai/deployments?api-version=2023-03-15-preview HTTP/1.1";
    assert_eq!(lines, [deployments, deployments, "GET /openai/models?api-version=2024-10-21 HTTP/1.1"]);
}

#[tokio::test]
async fn vectors_come_from_their_deployment_and_a_missing_one_is_named() {
    let vectors =
        json!({ "data": [{ "index": 0, "embedding": [0.5] }], "model": "m", "usage": { "prompt_tokens": 1 } });
    let missing = json!({ "error": { "code": "DeploymentNotFound", "message": "The API deployment does not exist." } });
    let upstream =
        FaultyUpstream::start([json_answer("200 OK", &vectors), json_answer("404 Not Found", &missing)]).await;
    let provider = at(&upstream, "?api-version=2024-10-21");
    let inputs = vec!["a".to_owned()];
    let request = EmbedRequest { model: "vectors".into(), inputs, dimensions: None, purpose: None };
    assert_eq!(provider.embed(request, CancellationToken::new()).await.unwrap().vectors, [Ok(vec![0.5])]);
    let error = play(&provider, asking("nowhere", "Hi")).await.error.unwrap();
    assert_eq!((error.category, error.code.as_deref()), (Category::UnknownModel, Some("DeploymentNotFound")));
    assert_eq!(upstream.requests()[0].line(), line("/openai/deployments/vectors/embeddings?api-version=2024-10-21"));
}
