//! Addresses that a key would travel to in clear.

use parlance_core::view::{KeyInput, ProviderInput, SecretSlot};

use super::{
    fake::{Desk, refusal},
    settings::headers,
};
use crate::common::{self, input};

const IN_CLEAR: &str = "http://203.0.113.7:8080/v1";

fn agreed(base_url: &str) -> ProviderInput {
    ProviderInput { in_clear: true, ..input(base_url) }
}

#[tokio::test]
async fn an_address_in_clear_is_asked_about_and_others_are_not() {
    let desk = Desk::new().await;
    for clear in [
        "http://api.example.com/v1",
        "HTTP://API.EXAMPLE.COM",
        "http://api.example.com./v1",
        "http://example.com:443",
        "http://8.8.8.8/v1",
        "http://134744072/v1",
        "http://0x8.8.2056",
        "http://172.32.0.1",
        "http://100.64.0.1",
        "http://[2001:db8::1]:8080/v1",
        "http://[::ffff:8.8.8.8]/v1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://router.local",
        "http://nas",
    ] {
        let refused = refusal(desk.app.save_provider(input(clear)).await);
        assert_eq!(refused, ("baseUrl".to_owned(), "in_clear"), "{clear}");
        assert!(desk.app.save_provider(agreed(clear)).await.unwrap().in_clear, "{clear}");
    }
    for fine in [
        "https://api.example.com",
        "https://8.8.8.8",
        "http://localhost:11434",
        "http://localhost.:11434",
        "http://sub.localhost",
        "http://127.0.0.1",
        "http://2130706433:9",
        "http://0x7f.1",
        "http://[::1]:8080",
        "http://[::ffff:127.0.0.1]",
        "http://10.1.2.3",
        "http://192.168.0.2:1234",
        "http://172.16.0.1",
        "http://169.254.1.1",
        "http://[fd00::1]",
        "http://[fe80::1]",
    ] {
        assert!(!desk.app.save_provider(input(fine)).await.unwrap().in_clear, "{fine}");
    }
    for refused in ["http://user@example.com", "http://user:pass@8.8.8.8/v1", "http://localhost@example.com/"] {
        assert_eq!(refusal(desk.app.save_provider(agreed(refused)).await).1, "not_a_url", "{refused}");
    }
    let keyless = ProviderInput { vendor: "ollama".into(), ..input("http://api.example.com") };
    let has_key = desk.app.list_vendors().into_iter().find(|vendor| vendor.id == "ollama").unwrap().key;
    let saved = desk.app.save_provider(keyless).await;
    assert_eq!(saved.is_ok(), has_key == parlance_core::view::KeyNeed::None, "who has no key sends none");
}

#[tokio::test]
async fn a_yes_holds_for_one_origin() {
    let desk = Desk::new().await;
    let provider = desk.app.save_provider(agreed(IN_CLEAR)).await.unwrap();
    let change = |base_url: &str| ProviderInput { id: Some(provider.id.clone()), ..input(base_url) };
    for same in ["http://203.0.113.7:8080/other", "http://203.0.113.7:8080"] {
        desk.app.save_provider(change(same)).await.unwrap();
    }
    for other in ["http://203.0.113.7/v1", "http://203.0.113.8:8080/v1"] {
        assert_eq!(refusal(desk.app.save_provider(change(other)).await).1, "in_clear", "{other}");
    }
    assert!(!desk.app.save_provider(change("https://203.0.113.7")).await.unwrap().in_clear);
    assert_eq!(refusal(desk.app.save_provider(change(IN_CLEAR)).await).1, "in_clear", "it is asked again");
}

#[tokio::test]
async fn no_key_leaves_in_clear_where_nobody_agreed() {
    let desk = Desk::new().await;
    let provider = desk.app.save_provider(agreed(IN_CLEAR)).await.unwrap();
    let account = provider.accounts[0].id.clone();
    desk.app.set_key(&account, KeyInput::Session { key: "sk-canary-0123456789".into() }).await.unwrap();
    desk.say(&provider, "m").await.unwrap();
    let data = desk.folder.path().join("data");
    // As a row is that was made before anybody was asked.
    common::store(&data).execute("UPDATE provider SET clear_origin = NULL", []).unwrap();
    let made = desk.shared.made.lock().unwrap().len();
    assert!(!desk.only().await.ready);
    assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("key_in_clear"));
    desk.app.set_key(&account, KeyInput::None).await.unwrap();
    desk.say(&provider, "m").await.unwrap();

    desk.app.save_provider_settings(&provider.id, headers(&[("X-Team", None)])).await.unwrap();
    let slot = SecretSlot::Header { name: "x-team".into() };
    desk.app.set_provider_secret(&provider.id, slot, KeyInput::Session { key: "canary".into() }).await.unwrap();
    assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("key_in_clear"), "a header is a key, too");
    assert_eq!(desk.shared.made.lock().unwrap().len(), made + 1, "only the request without a key left");

    let again = ProviderInput { id: Some(provider.id.clone()), ..agreed(IN_CLEAR) };
    desk.app.save_provider(again).await.unwrap();
    desk.say(&provider, "m").await.unwrap();
}
