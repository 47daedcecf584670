//! Which wire a model is asked by, on a loopback socket: the vendor's data says so, for that model alone.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use crate::common::served::serve;
use parlance_providers::{
    CancellationToken, Category, ChatRequest, Message, Part, Provider, Role, Secret,
    catalog::{Catalog, Vendor},
    dialects::dialect,
    transport::{Endpoint, HttpProvider},
};
use tokio::task::JoinHandle;

const RESPONSE: &str = r#"{"object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"by responses"}]}]}"#;
const REFUSAL: &str = r#"{"error":{"message":"Your input exceeds the context window of this model.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}"#;
const COMPLETION: &str = r#"{"choices":[{"message":{"content":"by chat"},"finish_reason":"stop"}]}"#;

const UNVERIFIED: &str = r#"{"error":{"message":"Your organization must be verified to generate reasoning summaries. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.","type":"invalid_request_error","param":"reasoning.summary","code":"unsupported_value"}}"#;

/// Gives each request one of the answers, in order, and returns the first line of each and whether it asked for summaries.
async fn server(answers: &[(&'static str, &'static str)]) -> (String, JoinHandle<Vec<String>>) {
    let (address, requests) = serve("v1", answers.to_vec()).await;
    let line = |request: &String| {
        let asks = if request.contains(r#""summary":"auto""#) { ", summary" } else { "" };
        format!("{}{asks}", request.lines().next().unwrap())
    };
    (address, tokio::spawn(async move { requests.await.unwrap().iter().map(line).collect() }))
}

fn provider(vendor: Arc<Vendor>, base_url: &str) -> HttpProvider {
    let key = Some(Secret::from_pasted("sk-test"));
    let endpoint = Endpoint { base_url: base_url.into(), key, ..Endpoint::default() };
    let wire = dialect(vendor.dialect).unwrap();
    HttpProvider::new(vendor, wire, endpoint).unwrap()
}

/// OpenAI, with the address of the test as its own.
fn openai(base_url: &str) -> Arc<Vendor> {
    let vendor = Catalog::bundled().get("openai").unwrap().clone();
    Arc::new(Vendor { base_url: Some(base_url.into()), ..vendor })
}

async fn ask(provider: &HttpProvider, model: &str) -> Vec<Part> {
    let request = ChatRequest::new(model, vec![Message::text(Role::User, "Hi")]);
    provider.complete(request, CancellationToken::new()).await.unwrap().parts
}

#[tokio::test]
async fn each_model_is_asked_by_its_own_wire() {
    let (address, lines) =
        server(&[("200 OK", RESPONSE), ("200 OK", COMPLETION), ("200 OK", r#"{"data":[{"id":"a"}]}"#)]).await;
    let provider = provider(openai(&address).at(&address), &address);
    assert_eq!(ask(&provider, "gpt-5.6-terra").await, [Part::text("by responses")]);
    assert_eq!(ask(&provider, "gpt-4.1").await, [Part::text("by chat")]);
    provider.check(CancellationToken::new()).await.unwrap();
    assert_eq!(
        lines.await.unwrap(),
        ["POST /v1/responses HTTP/1.1, summary", "POST /v1/chat/completions HTTP/1.1", "GET /v1/models HTTP/1.1"]
    );
}

#[tokio::test]
async fn a_proxy_is_asked_by_the_first_wire_unless_it_is_told_otherwise() {
    let (address, lines) = server(&[("200 OK", COMPLETION), ("200 OK", COMPLETION), ("200 OK", RESPONSE)]).await;
    let catalog = Catalog::bundled();
    let proxied = provider(catalog.shared("openai").unwrap().at(&address), &address);
    assert_eq!(ask(&proxied, "gpt-5.6-terra").await, [Part::text("by chat")]);
    let compatible = provider(catalog.shared("openai-compatible").unwrap().at(&address), &address);
    assert_eq!(ask(&compatible, "gpt-5.6-terra").await, [Part::text("by chat")]);
    let told = provider(catalog.shared("openai-responses-compatible").unwrap().at(&address), &address);
    assert_eq!(ask(&told, "gpt-4.1").await, [Part::text("by responses")]);
    assert!(lines.await.unwrap()[2].starts_with("POST /v1/responses "));
}

#[tokio::test]
async fn a_refusal_is_read_by_the_wire_that_asked() {
    let (address, _lines) = server(&[("400 Bad Request", REFUSAL)]).await;
    let provider = provider(openai(&address), &address);
    let request = ChatRequest::new("gpt-5.6-terra", vec![Message::text(Role::User, "Hi")]);
    let error = provider.stream(request, CancellationToken::new()).await.err().unwrap();
    assert_eq!((error.category, error.status), (Category::ContextTooLong, Some(400)));
}

#[tokio::test]
async fn an_organisation_that_gets_no_summaries_gets_answers_without_them_and_is_asked_once() {
    let (address, lines) = server(&[
        ("400 Bad Request", UNVERIFIED),
        ("200 OK", RESPONSE),
        ("200 OK", RESPONSE),
        ("400 Bad Request", UNVERIFIED),
    ])
    .await;
    let provider = provider(openai(&address), &address);
    for _ in 0..2 {
        assert_eq!(ask(&provider, "gpt-5.6-terra").await, [Part::text("by responses")]);
    }
    let request = ChatRequest::new("gpt-5.6-terra", vec![Message::text(Role::User, "Hi")]);
    let error = provider.stream(request, CancellationToken::new()).await.err().unwrap();
    assert_eq!((error.category, error.status), (Category::BadRequest, Some(400)), "there is nothing left to take away");
    let post = "POST /v1/responses HTTP/1.1";
    let with = format!("{post}, summary");
    assert_eq!(lines.await.unwrap(), [with.as_str(), post, post, post]);
}
