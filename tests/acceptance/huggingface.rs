//! Hugging Face's router over sockets: who serves a model, where the key is proved, what the list says, vectors.
#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::sync::Arc;

use parlance_providers::catalog::{Catalog, Vendor};
use parlance_providers::dialects::dialect;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{CancellationToken, EmbedRequest, Provider, Secret};
use parlance_tests::wires::{asking, play};
use parlance_tests::{FaultyUpstream, Script, wire};
use serde_json::{Value, json};

fn vendor() -> Vendor {
    Catalog::bundled().get("huggingface").unwrap().clone()
}

fn provider(vendor: Vendor, upstream: &FaultyUpstream, routing: &str) -> HttpProvider {
    let endpoint = Endpoint {
        base_url: upstream.base_url(),
        key: Some(Secret::from_pasted("hf_canary_0123456789")),
        fields: [("routing".to_owned(), routing.to_owned())].into(),
        ..Endpoint::default()
    };
    let wire = dialect(vendor.dialect).unwrap();
    HttpProvider::new(Arc::new(vendor), wire, endpoint).unwrap()
}

fn answer(body: &Value) -> Script {
    Script::new().send(wire::answer("200 OK", "application/json", body.to_string().as_bytes()))
}

fn chat() -> Script {
    let events =
        [r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#, "[DONE]"];
    let body: Vec<u8> = events.iter().flat_map(|event| wire::event(event)).collect();
    Script::new().send(wire::answer("200 OK", "text/event-stream", &body))
}

fn model_asked(upstream: &FaultyUpstream, at: usize) -> String {
    let body: Value = serde_json::from_slice(&upstream.requests()[at].body).unwrap();
    body["model"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_serves_a_model_is_said_by_its_name_else_by_the_setting() {
    let upstream = FaultyUpstream::start([chat(), chat(), chat()]).await;
    let cheapest = provider(vendor(), &upstream, "cheapest");
    play(&cheapest, asking("openai/gpt-oss-120b", "Hi")).await;
    play(&cheapest, asking("openai/gpt-oss-120b:groq", "Hi")).await;
    play(&provider(vendor(), &upstream, " "), asking("openai/gpt-oss-120b", "Hi")).await;
    let asked: Vec<String> = (0..3).map(|at| model_asked(&upstream, at)).collect();
    assert_eq!(asked, ["openai/gpt-oss-120b:cheapest", "openai/gpt-oss-120b:groq", "openai/gpt-oss-120b"]);
}

#[test]
fn what_is_known_of_a_model_is_known_whoever_serves_it() {
    let vendor = vendor();
    let plain = vendor.known("openai/gpt-oss-120b").unwrap();
    assert_eq!(vendor.known("openai/gpt-oss-120b:groq"), Some(plain));
    assert_eq!(vendor.abilities("openai/gpt-oss-120b:fastest"), plain.can);
    assert_eq!(vendor.max_output("openai/gpt-oss-120b:fastest"), plain.max_output);
    assert_eq!(vendor.names_of("a/b:groq", "a/b:groq"), ["a/b:groq", "a/b"]);
    let ollama = Catalog::bundled().get("ollama").unwrap();
    assert_eq!(ollama.unrouted("llama3:8b"), "llama3:8b", "a tag is part of a name elsewhere");
}

#[tokio::test]
async fn the_key_is_proved_at_the_hub_but_never_that_of_somebody_elses_server() {
    let (router, hub) = (FaultyUpstream::start([]).await, FaultyUpstream::start([]).await);
    let whoami = format!("http://{}/api/whoami-v2", hub.address());
    hub.then(answer(&json!({ "type": "user", "name": "somebody" })));
    router.then(answer(&json!({ "data": [{ "id": "a/b" }] })));
    let at_home = Vendor { base_url: Some(router.base_url()), check_path: Some(whoami.clone()), ..vendor() };
    provider(at_home, &router, "").check(CancellationToken::new()).await.unwrap();
    assert_eq!(hub.requests()[0].line(), "GET /api/whoami-v2 HTTP/1.1");
    assert_eq!(hub.requests()[0].header("authorization"), Some("Bearer hf_canary_0123456789"));
    let elsewhere = Vendor { check_path: Some(whoami), ..vendor() };
    provider(elsewhere, &router, "").check(CancellationToken::new()).await.unwrap();
    assert_eq!((router.requests()[0].line(), hub.requests().len()), ("GET /v1/models HTTP/1.1", 1));
}

#[tokio::test]
async fn of_several_who_serve_a_model_the_smallest_counts() {
    let server = |status: &str, context: u64, tools: bool, structured: bool| {
        json!({ "provider": "x", "status": status, "context_length": context, "supports_tools": tools,
            "supports_structured_output": structured })
    };
    let list = json!({ "object": "list", "data": [
        { "id": "a/b", "providers": [server("live", 9_000, true, true), server("live", 4_000, true, false), server("error", 1, false, false)] },
        { "id": "a/c", "providers": [{ "provider": "x", "status": "live" }] },
        { "id": "a/d", "providers": 7 },
    ] });
    let upstream = FaultyUpstream::start([answer(&list)]).await;
    let models = provider(vendor(), &upstream, "").models(CancellationToken::new()).await.unwrap();
    let said: Vec<_> = models.iter().map(|model| (model.context, model.can.tools, model.can.structured)).collect();
    assert_eq!(said, [(Some(4_000), Some(true), None), (None, None, None), (None, None, None)]);
}

#[tokio::test]
async fn vectors_are_made_beside_the_api() {
    let upstream = FaultyUpstream::start([answer(&json!([[0.5, 1.0], [2.0, 3.0]]))]).await;
    let inputs = vec!["a".to_owned(), "b".to_owned()];
    let request =
        EmbedRequest { model: "intfloat/e5 large:hf-inference".into(), inputs, dimensions: None, purpose: None };
    let vectors = provider(vendor(), &upstream, "").embed(request, CancellationToken::new()).await.unwrap().vectors;
    assert_eq!(vectors, [Ok(vec![0.5, 1.0]), Ok(vec![2.0, 3.0])]);
    let request = &upstream.requests()[0];
    assert_eq!(request.line(), "POST /hf-inference/models/intfloat/e5%20large/pipeline/feature-extraction HTTP/1.1");
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({ "inputs": ["a", "b"], "normalize": true, "truncate": false }));
}
