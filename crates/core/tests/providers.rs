//! Providers as a person sets them up: what is refused, where keys go, what is never said.

use crate::common::{self, Bench, input, look};
use parlance_core::{
    Error,
    view::{KeyInput, KeyState, KeyStatus, ProviderInput, ProviderView, SendInput, Target},
};
use parlance_providers::{Category, ProviderError, catalog::Catalog};

fn key(provider: &ProviderView) -> &KeyState {
    &provider.accounts[0].key
}

fn account(provider: &ProviderView) -> &str {
    &provider.accounts[0].id
}

/// Whether its key can be used.
fn ready(provider: &ProviderView) -> bool {
    key(provider).status == KeyStatus::Ready
}

const CANARY: &str = "sk-canary-0123456789abcdefWXYZ";

fn session() -> KeyInput {
    KeyInput::Session { key: format!("  \"{CANARY}\" \n") }
}

#[tokio::test]
async fn what_cannot_be_a_provider_is_named_and_not_stored() {
    let bench = Bench::new().await;
    let with = |change: fn(&mut ProviderInput)| {
        let mut input = input("http://127.0.0.1:9/v1");
        change(&mut input);
        input
    };
    let wrong: [(&str, &str, ProviderInput); 8] = [
        ("vendor", "unknown_vendor", with(|i| i.vendor = "nobody".into())),
        ("vendor", "not_offered", with(|i| i.vendor = "demo".into())),
        ("baseUrl", "empty", with(|i| i.base_url = "  ".into())),
        ("baseUrl", "not_a_url", with(|i| i.base_url = "ftp://example.com".into())),
        ("baseUrl", "not_a_url", with(|i| i.base_url = "http://user:secret@example.com/v1".into())),
        ("baseUrl", "too_long", with(|i| i.base_url = format!("http://example.com/{}", "a".repeat(3_000)))),
        ("name", "too_long", with(|i| i.name = "n".repeat(101))),
        ("id", "not_an_id", with(|i| i.id = Some("../1".into()))),
    ];
    for (field, reason, input) in wrong {
        match bench.app.save_provider(input).await {
            Err(Error::Invalid { field: f, reason: r }) => assert_eq!((f, r), (field, reason)),
            other => panic!("{field} {reason}: {other:?}"),
        }
    }
    assert!(bench.app.list_providers().await.unwrap().is_empty());
    assert!(bench.app.list_vendors().iter().all(|vendor| vendor.id != "demo"));
}

#[tokio::test]
async fn the_vendors_most_people_use_come_first_and_the_others_by_name() {
    let bench = Bench::new().await;
    let vendors = bench.app.list_vendors();
    let ids: Vec<_> = vendors.iter().map(|vendor| vendor.id.as_str()).collect();
    assert_eq!(ids[..3], ["openai", "anthropic", "gemini"]);
    let ranked = Catalog::bundled().iter().filter(|vendor| vendor.rank.is_some()).count();
    let names: Vec<_> = vendors[ranked..].iter().map(|vendor| vendor.name.to_lowercase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let ollama = vendors.iter().find(|vendor| vendor.id == "ollama").unwrap();
    assert_eq!(ollama.timeouts.first_event_s, Some(600), "what runs here takes its time");
    let anthropic = &vendors[1];
    assert_eq!((anthropic.key_header.as_deref(), anthropic.timeouts.connect_s), (Some("x-api-key"), Some(10)));
}

#[tokio::test]
async fn a_session_key_is_used_never_stored_and_gone_after_a_restart() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let with_key = bench.app.set_key(account(&provider), session()).await.unwrap();
    assert!(ready(&with_key));
    assert_eq!(key(&with_key).ends_with.as_deref(), Some("WXYZ"));
    bench.send(None, "hi", &provider).await;
    bench.asked.recv().await.unwrap();
    assert_eq!(bench.connections.lock().unwrap()[0].1.as_deref(), Some(CANARY));
    let said = format!("{:?}", bench.app.bootstrap().await.unwrap());
    assert!(!said.contains("canary"), "no answer carries a key");
    for file in std::fs::read_dir(bench.data()).unwrap().filter_map(Result::ok).filter(|f| f.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(9).any(|w| w == b"sk-canary"), "a key is in {:?}", file.file_name());
    }
    let bench = bench.reopen().await;
    let after = bench.app.list_providers().await.unwrap().remove(0);
    assert_eq!((key(&after).store.as_str(), key(&after).status), ("session", KeyStatus::SessionOver));
    assert_cause(bench.app.check_provider(&provider.id, None).await.unwrap().error.unwrap().code, "session_over");
}

fn assert_cause(code: Option<String>, cause: &str) {
    assert_eq!(code.as_deref(), Some(cause));
}

#[tokio::test]
async fn a_key_stays_with_the_address_it_was_given_for() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    for key in [session(), KeyInput::Env { name: "TEST_KEY".into() }] {
        let home = ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:9/v1") };
        bench.app.save_provider(home.clone()).await.unwrap();
        bench.app.set_key(account(&provider), key).await.unwrap();
        let same = ProviderInput { base_url: "http://127.0.0.1:9/other/v2".into(), ..home.clone() };
        assert!(ready(&bench.app.save_provider(same).await.unwrap()), "a path does not count");
        for elsewhere in ["http://127.0.0.1:10/v1", "https://127.0.0.1:9/v1", "http://localhost:9/v1"] {
            let moved = ProviderInput { base_url: elsewhere.into(), ..home.clone() };
            assert!(!ready(&bench.app.save_provider(moved).await.unwrap()), "{elsewhere}");
            let before = bench.connections.lock().unwrap().len();
            let target = Target { provider_id: provider.id.clone(), model: "m".into() };
            let send = SendInput::text(None, "hi", target);
            match bench.app.send(send).await {
                Err(Error::Provider(error)) => assert_eq!(error.cause, Some("key_bound_elsewhere")),
                other => panic!("{elsewhere}: {other:?}"),
            }
            assert_eq!(bench.connections.lock().unwrap().len(), before, "nothing was connected");
        }
        assert!(ready(&bench.app.save_provider(home).await.unwrap()), "it works again at home");
    }
}

#[tokio::test]
async fn a_variable_is_named_not_copied() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    let view = bench.app.set_key(account(&provider), KeyInput::Env { name: " TEST_KEY ".into() }).await.unwrap();
    assert_eq!(key(&view).env_name.as_deref(), Some("TEST_KEY"));
    assert!(ready(&view));
    let unset = bench.app.set_key(account(&provider), KeyInput::Env { name: "NOT_SET".into() }).await.unwrap();
    assert!(!ready(&unset));
    assert_cause(bench.app.check_provider(&provider.id, None).await.unwrap().error.unwrap().code, "variable_unset");
    for name in ["", "A B", "1A", "A=B", "$(id)", "A\0"] {
        assert!(bench.app.set_key(account(&provider), KeyInput::Env { name: name.into() }).await.is_err(), "{name:?}");
    }
    for key in ["", "  ", "\"\"", "schlüssel", "a b", "a\nb", "a\u{200b}b"] {
        assert!(bench.app.set_key(account(&provider), KeyInput::Session { key: key.into() }).await.is_err(), "{key:?}");
    }
    let stored: String = look(&bench.data()).query_row("SELECT secret_ref FROM account", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, "NOT_SET");
}

#[tokio::test]
async fn a_check_says_what_the_vendor_says_and_fetches_the_models() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    *bench.refuse.lock().unwrap() =
        Some(ProviderError { status: Some(401), ..ProviderError::new(Category::RejectedKey, "Incorrect API key") });
    let bad = bench.app.check_provider(&provider.id, None).await.unwrap();
    let error = bad.error.unwrap();
    assert_eq!((bad.ok, error.category, error.status), (false, Category::RejectedKey, Some(401)));
    *bench.refuse.lock().unwrap() = None;
    let good = bench.app.check_provider(&provider.id, None).await.unwrap();
    assert_eq!((good.ok, good.models), (true, 1));
    let listed = bench.app.list_providers().await.unwrap().remove(0);
    assert_eq!(listed.models[0].id, "listed-model");
}

#[tokio::test]
async fn a_removed_provider_leaves_its_answers_and_its_money() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    bench.app.set_key(account(&provider), session()).await.unwrap();
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "hi", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text("hello");
    asked.finish();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    bench.app.remove_provider(&provider.id).await.unwrap();
    assert!(bench.app.list_providers().await.unwrap().is_empty());
    assert!(bench.app.remove_provider(&provider.id).await.is_err());
    let view = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!(view.messages[1].attempts[0].provider_name, "Bench");
    assert_eq!(bench.app.spend().await.unwrap().entries, 1);
    assert!(bench.app.retry(&receipt.messages[1].id, None, false).await.is_err(), "nobody is there to ask");
    let stores: String =
        look(&bench.data()).query_row("SELECT secret_store FROM account", [], |row| row.get(0)).unwrap();
    assert_eq!(stores, "none");
}

#[tokio::test]
async fn a_switched_off_provider_is_not_asked() {
    let bench = Bench::new().await;
    let off = ProviderInput { enabled: false, ..input("http://127.0.0.1:9/v1") };
    let provider = bench.app.save_provider(off).await.unwrap();
    let target = Target { provider_id: provider.id, model: "m".into() };
    let send = SendInput::text(None, "hi", target);
    assert!(
        matches!(bench.app.send(send).await, Err(Error::Provider(error)) if error.cause == Some("provider_disabled"))
    );
}
