//! The check of vendors that have no free request, on a loopback socket: an empty one proves the key.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use crate::common::served::serve;
use parlance_providers::{
    CancellationToken, Category, Provider, ProviderError, Secret,
    catalog::{Catalog, Vendor},
    dialects::dialect,
    transport::{Endpoint, HttpProvider},
};

/// Checks against a server that gives one answer; returns what came of it and the request.
async fn check(vendor: &Vendor, answer: &'static str) -> (Result<(), ProviderError>, String) {
    let (address, requests) = serve("v1", vec![answer.split_once(" ").unwrap()]).await;
    let endpoint = Endpoint { base_url: address, key: Some(Secret::from_pasted("test-key")), ..Endpoint::default() };
    let provider = HttpProvider::new(Arc::new(vendor.clone()), dialect(vendor.dialect).unwrap(), endpoint).unwrap();
    let result = provider.check(CancellationToken::new()).await;
    (result, requests.await.unwrap().remove(0))
}

#[tokio::test]
async fn an_empty_request_that_is_refused_for_its_form_proves_the_key() {
    for (id, path) in [("perplexity", "/v1/chat/completions"), ("voyage", "/v1/embeddings")] {
        let vendor = Catalog::bundled().get(id).unwrap();
        for answer in [
            r#"400 {"error":{"message":"messages: field required","type":"invalid_request"}}"#,
            r#"422 {"detail":[{"loc":["body","model"],"msg":"field required","type":"missing"}]}"#,
        ] {
            let (result, request) = check(vendor, answer).await;
            result.unwrap_or_else(|error| panic!("{id}: {error:?}"));
            assert!(request.starts_with(&format!("POST {path} HTTP/1.1\r\n")) && request.ends_with("{}"), "{request}");
        }
        let (result, _) =
            check(vendor, r#"401 {"error":{"message":"Invalid API key","type":"invalid_api_key"}}"#).await;
        assert_eq!(result.unwrap_err().category, Category::RejectedKey, "{id}");
        let (result, _) = check(vendor, r#"400 {"error":{"message":"Your credit balance is too low"}}"#).await;
        assert_eq!(result.unwrap_err().category, Category::NoCredit, "{id}");
        let (result, _) = check(vendor, r#"404 {"error":{"message":"Not found"}}"#).await;
        assert!(result.is_err(), "{id}");
    }
}

/// Where the check asks for something, a refusal is one.
#[tokio::test]
async fn a_request_with_a_meaning_proves_nothing_by_being_refused() {
    let vendor = Catalog::bundled().get("vercel").unwrap();
    let (result, request) = check(vendor, r#"400 {"error":{"message":"bad request"}}"#).await;
    assert_eq!(result.unwrap_err().category, Category::BadRequest);
    assert!(request.starts_with("GET /v1/credits HTTP/1.1\r\n"), "{request}");
}
