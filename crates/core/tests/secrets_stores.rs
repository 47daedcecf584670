//! Stores, and the one way out of them.
#![allow(clippy::unwrap_used, clippy::expect_used)] // the helpers of a test are test code too

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use parlance_core::secrets::{EntryName, KeyRef, Origin, SecretError, Secrets, StoreKind, may_send};
use parlance_providers::Secret;
use url::Url;

fn name(text: &str) -> EntryName {
    EntryName::new(text).unwrap()
}

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn key(store: StoreKind, entry: &str) -> KeyRef {
    KeyRef { store, entry: name(entry), origin: origin("https://api.example.com") }
}

/// Says what a read brought without showing a secret by accident.
fn text(result: Result<Secret, SecretError>) -> Result<String, SecretError> {
    result.map(|secret| secret.expose().to_owned())
}

fn empty() -> Secrets {
    Secrets::new(|_| None)
}

#[test]
fn a_key_goes_to_its_scheme_host_and_port_only() {
    let bound = "https://api.example.com";
    for (base_url, may) in [
        ("https://api.example.com", true),
        ("https://api.example.com/v1", true),
        ("https://api.example.com:443/other?x=1#y", true),
        ("HTTPS://API.Example.COM/v1/", true),
        ("https://user:pass@api.example.com/v1", true),
        ("http://api.example.com/v1", false),
        ("https://api.example.com:8443/v1", false),
        ("http://api.example.com:443/v1", false),
        ("https://example.com/v1", false),
        ("https://api.example.com.evil.test/v1", false),
        ("https://evil.test/api.example.com", false),
        ("https://api.example.com@evil.test/v1", false),
        ("https://evil.test#@api.example.com", false),
        ("https://evil.test\\@api.example.com", false),
        ("https://api.example.com./v1", false),
        ("https://аpi.example.com/v1", false), // a Cyrillic letter
        ("ftp://api.example.com", false),
        ("file:///api.example.com", false),
        ("api.example.com", false),
        ("", false),
    ] {
        assert_eq!(may_send(bound, base_url), may, "{base_url}");
    }
    assert!(may_send("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"));
    assert!(may_send("http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080/v1"));
    assert!(!may_send("http://127.0.0.1:8080", "http://localhost:8080"));
    assert!(!may_send("", ""), "two addresses that are none are not the same");
}

#[test]
fn an_origin_is_stored_with_its_port_and_without_credentials() {
    assert_eq!(origin("https://u:p@Api.Example.com/v1?key=x").as_str(), "https://api.example.com:443");
    assert_eq!(origin("http://localhost").as_str(), "http://localhost:80");
    let stored = origin("http://[::1]:8080/v1");
    assert_eq!(origin(stored.as_str()), stored, "the stored form reads back");
    let proxy = origin("socks5h://user:pass@Proxy.Example");
    assert_eq!(proxy.as_str(), "socks5h://proxy.example:1080");
    assert_eq!(origin(proxy.as_str()), proxy);
    assert!(!may_send("socks5h://proxy.example:1080", "http://proxy.example:1080"));
    for nonsense in ["", "x", "https://", "data:text/plain,x", "ws://host", "socks5h:///", "socks5://host:1"] {
        assert_eq!(Origin::parse(nonsense), Err(SecretError::BadAddress), "{nonsense}");
    }
}

#[tokio::test]
async fn a_session_key_is_kept_replaced_and_forgotten() {
    let secrets = empty();
    let store = secrets.store(StoreKind::Session);
    let key = key(StoreKind::Session, "account-1");
    let base = url("https://api.example.com/v1");
    assert_eq!(text(secrets.key_for(&key, &base).await), Err(SecretError::NotFound));
    store.put(&key.entry, &key.origin, Secret::from_pasted("first")).await.unwrap();
    store.put(&key.entry, &key.origin, Secret::from_pasted(" \"second\" ")).await.unwrap();
    assert_eq!(text(secrets.key_for(&key, &base).await).as_deref(), Ok("second"));
    assert_eq!(text(secrets.key_for(&key, &base).await).as_deref(), Ok("second"), "reading does not use it up");
    store.delete(&key.entry, &key.origin).await.unwrap();
    store.delete(&key.entry, &key.origin).await.unwrap();
    assert_eq!(text(secrets.key_for(&key, &base).await), Err(SecretError::NotFound));
}

#[tokio::test]
async fn a_key_does_not_follow_a_changed_address() {
    let secrets = empty();
    let key = key(StoreKind::Session, "account-1");
    let store = secrets.store(StoreKind::Session);
    store.put(&key.entry, &key.origin, Secret::from_pasted("canary-key")).await.unwrap();
    let elsewhere = url("https://evil.test/v1");
    let wrong = text(secrets.key_for(&key, &elsewhere).await).unwrap_err();
    assert_eq!(wrong.code(), "wrong_origin");
    assert_eq!(wrong.to_string(), "the key was saved for https://api.example.com:443, not for https://evil.test:443");
    // An account row changed behind our back: the store still knows what the key was saved for.
    let moved = KeyRef { origin: origin("https://evil.test"), ..key };
    assert_eq!(text(secrets.key_for(&moved, &elsewhere).await).unwrap_err().code(), "wrong_origin");
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let secrets = empty();
    let store = secrets.store(StoreKind::Session);
    let (entry, origin) = (name("account-1"), origin("https://api.example.com"));
    for blank in ["", "  ", "\"\"", "' '"] {
        assert_eq!(store.put(&entry, &origin, Secret::from_pasted(blank)).await, Err(SecretError::Empty));
    }
    let limit = 16 * 1024;
    let long = Secret::from_pasted(&"k".repeat(limit + 1));
    assert_eq!(store.put(&entry, &origin, long).await, Err(SecretError::TooLong { limit }));
    store.put(&entry, &origin, Secret::from_pasted(&"k".repeat(limit))).await.unwrap();
}

#[tokio::test]
async fn a_variable_is_read_at_each_use_and_never_written() {
    let variables = Arc::new(Mutex::new(HashMap::from([("API_KEY".to_owned(), "one".to_owned())])));
    let shared = Arc::clone(&variables);
    let secrets = Secrets::new(move |name| shared.lock().unwrap().get(name).cloned());
    let key = key(StoreKind::Env, "API_KEY");
    let base = url("https://api.example.com/v1");
    assert_eq!(text(secrets.key_for(&key, &base).await).as_deref(), Ok("one"));
    variables.lock().unwrap().insert("API_KEY".into(), " two\n".into());
    assert_eq!(text(secrets.key_for(&key, &base).await).as_deref(), Ok("two"));
    assert!(secrets.env_is_set(&key.entry));
    variables.lock().unwrap().insert("API_KEY".into(), " ".into());
    assert!(!secrets.env_is_set(&key.entry), "white space is no key");
    assert_eq!(text(secrets.key_for(&key, &base).await), Err(SecretError::NotFound));

    let store = secrets.store(StoreKind::Env);
    assert_eq!(store.put(&key.entry, &key.origin, Secret::from_pasted("x")).await, Err(SecretError::ReadOnly));
    store.delete(&key.entry, &key.origin).await.unwrap();
    assert!(variables.lock().unwrap().contains_key("API_KEY"), "the environment is the user's");
}

#[tokio::test]
async fn a_variable_is_not_even_read_for_another_address() {
    let secrets = Secrets::new(|name| panic!("read {name}"));
    let key = key(StoreKind::Env, "API_KEY");
    let wrong = text(secrets.key_for(&key, &url("http://api.example.com")).await);
    assert_eq!(wrong.unwrap_err().code(), "wrong_origin");
}

#[test]
fn names_are_plain() {
    for good in ["A", "_x", "OPENAI_API_KEY", "account-1", "a.b", &"x".repeat(128)] {
        assert_eq!(EntryName::new(good).unwrap().as_str(), good);
    }
    for bad in ["", "1A", "-x", "A B", "A=B", "A\0", "A\n", "ä", "../x", &"x".repeat(129)] {
        assert_eq!(EntryName::new(bad), Err(SecretError::BadName), "{bad:?}");
    }
    assert_eq!(EntryName::of_account(7).as_str(), "account-7");
}

#[test]
fn store_names_are_those_of_the_account_table() {
    for kind in [StoreKind::Session, StoreKind::Env, StoreKind::Keyring, StoreKind::Vault] {
        assert_eq!(StoreKind::from_name(kind.as_str()), Some(kind));
    }
    for other in ["none", "", "Session", "Keyring"] {
        assert_eq!(StoreKind::from_name(other), None, "{other}");
    }
}
