//! The Anthropic dialect through the transport, on a loopback socket: pages of models, and what the check believes.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use crate::common::served::serve;
use parlance_providers::{
    CancellationToken, Category, Provider, Secret,
    catalog::{Catalog, DialectId},
    dialects::dialect,
    transport::{Endpoint, HttpProvider},
};
use tokio::task::JoinHandle;

/// Gives each request one of the bodies, in order, and returns the requests.
async fn server(bodies: &[&'static str]) -> (String, JoinHandle<Vec<String>>) {
    serve("anthropic", bodies.iter().map(|body| ("200 OK", *body)).collect()).await
}

fn provider(base_url: String) -> HttpProvider {
    let vendor = Arc::new(Catalog::bundled().get("anthropic").unwrap().clone());
    let key = Some(Secret::from_pasted("sk-ant-test"));
    let endpoint = Endpoint { base_url, key, ..Endpoint::default() };
    HttpProvider::new(vendor, dialect(DialectId::Anthropic).unwrap(), endpoint).unwrap()
}

#[tokio::test]
async fn every_page_of_models_is_fetched() {
    let (address, heads) = server(&[
        r#"{"data":[{"id":"a"},{"id":"b"}],"has_more":true,"last_id":"b"}"#,
        r#"{"data":[{"id":"c"}],"has_more":false,"last_id":"c"}"#,
    ])
    .await;
    let models = provider(address).models(CancellationToken::new()).await.unwrap();
    assert_eq!(models.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let heads = heads.await.unwrap();
    assert!(heads[0].starts_with("GET /anthropic/v1/models?limit=1000 HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[1].starts_with("GET /anthropic/v1/models?limit=1000&after_id=b HTTP/1.1\r\n"), "{}", heads[1]);
    for head in &heads {
        let head = head.to_ascii_lowercase();
        assert!(
            head.contains("\r\nx-api-key: sk-ant-test\r\n") && head.contains("\r\nanthropic-version: 2023-06-01\r\n")
        );
        assert!(!head.contains("\r\norigin:") && !head.contains("\r\nauthorization:"), "{head}");
    }
}

#[tokio::test]
async fn the_check_believes_a_list_of_models_and_nothing_else() {
    let (address, heads) =
        server(&[r#"{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}"#, r#"{"hello":"world"}"#]).await;
    let provider = provider(address);
    provider.check(CancellationToken::new()).await.unwrap();
    let error = provider.check(CancellationToken::new()).await.unwrap_err();
    assert_eq!((error.category, error.cause), (Category::BrokenStream, Some("unreadable")));
    for head in heads.await.unwrap() {
        assert!(head.starts_with("GET /anthropic/v1/models?limit=1 HTTP/1.1\r\n"), "{head}");
    }
}
