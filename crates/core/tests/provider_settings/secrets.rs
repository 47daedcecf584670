//! Secrets beside the keys: header values and the proxy's password.

use parlance_core::view::{KeyInput, KeyStatus, ProviderInput, ProviderView, SecretSlot};

use super::{
    fake::{Desk, refusal},
    settings::{headers, proxy},
};
use crate::common::{self, input};

const CANARY: &str = "canary-team-0123456789abcWXYZ";
const PASSWORD: &str = "canary pass: wörd 0123456789";

fn team() -> SecretSlot {
    SecretSlot::Header { name: "x-team".into() }
}

fn session(key: &str) -> KeyInput {
    KeyInput::Session { key: key.into() }
}

fn status(view: &ProviderView) -> Vec<KeyStatus> {
    view.secrets.iter().map(|secret| secret.key.status).collect()
}

#[tokio::test]
async fn a_header_without_its_secret_makes_the_request_fail_and_never_goes_out_empty() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let slots = headers(&[("X-Team", None), ("X-Plain", Some("p"))]);
    let view = desk.app.save_provider_settings(&provider.id, slots).await.unwrap();
    assert_eq!((status(&view), view.ready), (vec![KeyStatus::None], false));
    let refused = desk.say(&provider, "m").await.unwrap_err();
    assert!(refused.starts_with("header_missing") && refused.contains("x-team"), "{refused}");
    assert!(desk.shared.made.lock().unwrap().is_empty());

    let asked = SecretSlot::Header { name: " X-TEAM ".into() };
    let view = desk.app.set_provider_secret(&provider.id, asked, session(&format!(" {CANARY}\n"))).await.unwrap();
    assert_eq!((status(&view), view.ready), (vec![KeyStatus::Ready], true));
    assert_eq!(view.secrets[0].key.ends_with.as_deref(), Some("WXYZ"));
    desk.say(&provider, "m").await.unwrap();
    assert_eq!(desk.made().headers[0], ("X-Team".to_owned(), CANARY.to_owned()));

    let said = format!("{:?}", desk.app.bootstrap().await.unwrap());
    assert!(!said.contains("canary"), "no answer carries a secret");
    desk.app.close().await;
    for file in std::fs::read_dir(desk.folder.path().join("data")).unwrap().filter_map(Result::ok) {
        let Ok(bytes) = std::fs::read(file.path()) else { continue };
        assert!(!bytes.windows(6).any(|w| w == b"canary"), "a secret is in {:?}", file.file_name());
    }
    let desk = Desk::over(desk.folder).await;
    assert_eq!(status(&desk.only().await), [KeyStatus::SessionOver]);
    assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("header_missing"));
}

#[tokio::test]
async fn a_header_secret_stays_with_the_providers_address() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    desk.app.save_provider_settings(&provider.id, headers(&[("X-Team", None)])).await.unwrap();
    for key in [session(CANARY), KeyInput::Env { name: "TEST_KEY".into() }] {
        desk.app.set_provider_secret(&provider.id, team(), key).await.unwrap();
        let moved = ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:10/v1") };
        let view = desk.app.save_provider(moved).await.unwrap();
        assert_eq!(status(&view), [KeyStatus::OtherAddress]);
        let made = desk.shared.made.lock().unwrap().len();
        assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("header_missing"));
        assert_eq!(desk.shared.made.lock().unwrap().len(), made);
        let home = ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:9/other") };
        desk.app.save_provider(home).await.unwrap();
        desk.say(&provider, "m").await.unwrap();
        assert!(!desk.made().headers[0].1.is_empty());
    }
}

#[tokio::test]
async fn the_proxys_password_stays_with_the_proxy() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let save = |url: &'static str, user| desk.app.save_provider_settings(&provider.id, proxy(url, user));
    save("socks5h://Proxy.example", Some("me")).await.unwrap();
    assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("proxy_password_missing"));
    let view = desk.app.set_provider_secret(&provider.id, SecretSlot::Proxy, session(PASSWORD)).await.unwrap();
    assert_eq!(view.secrets[0].key.origin.as_deref(), Some("socks5h://proxy.example:1080"));
    assert_eq!(view.secrets[0].key.ends_with, None, "nothing of a password is shown");
    desk.say(&provider, "m").await.unwrap();
    assert_eq!(desk.made().proxy, format!("socks5h://Proxy.example me {PASSWORD}"));
    let said = format!("{:?}", desk.app.bootstrap().await.unwrap());
    assert!(!said.contains("canary"), "no answer carries a password");

    let moved = ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:10/v1") };
    assert_eq!(status(&desk.app.save_provider(moved).await.unwrap()), [KeyStatus::Ready], "the provider may move");
    save("socks5h://proxy.example:1080", Some("you")).await.unwrap();
    desk.say(&provider, "m").await.unwrap();
    let view = save("socks5h://elsewhere.example", Some("me")).await.unwrap();
    assert_eq!(status(&view), [KeyStatus::OtherAddress]);
    assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("proxy_password_missing"));

    assert!(save("http://proxy.example", None).await.unwrap().secrets.is_empty());
    let data = desk.folder.path().join("data");
    assert_eq!(common::count(&data, "SELECT count(*) FROM provider_secret"), 0, "its slot is gone");
    let no_slot = desk.app.set_provider_secret(&provider.id, SecretSlot::Proxy, session(PASSWORD)).await;
    assert_eq!(refusal(no_slot), ("slot".to_owned(), "unknown_slot"));
}

#[tokio::test]
async fn secrets_are_forgotten_with_their_slot_and_with_their_provider() {
    let desk = Desk::new().await;
    let app = &desk.app;
    app.create_vault("correct horse".into()).await.unwrap();
    let vault = || KeyInput::Vault { key: CANARY.into() };
    let data = desk.folder.path().join("data");
    let rows = || common::count(&data, "SELECT count(*) FROM provider_secret");
    let provider = desk.provider().await;
    for gone in ["slot", "none", "provider"] {
        app.save_provider_settings(&provider.id, headers(&[("X-Team", None)])).await.unwrap();
        app.set_provider_secret(&provider.id, team(), vault()).await.unwrap();
        let second = app.set_provider_secret(&provider.id, team(), vault()).await.unwrap();
        assert_eq!((rows(), status(&second)), (1, vec![KeyStatus::Ready]));
        match gone {
            "slot" => {
                app.save_provider_settings(&provider.id, headers(&[("X-Team", Some("open"))])).await.unwrap();
            }
            "none" => {
                let view = app.set_provider_secret(&provider.id, team(), KeyInput::None).await.unwrap();
                assert_eq!(status(&view), [KeyStatus::None]);
            }
            _ => app.remove_provider(&provider.id).await.unwrap(),
        }
        assert_eq!(rows(), 0, "{gone}");
    }
}

#[tokio::test]
async fn a_locked_vault_is_said_as_such() {
    let desk = Desk::new().await;
    desk.app.create_vault("correct horse".into()).await.unwrap();
    let provider = desk.provider().await;
    desk.app.save_provider_settings(&provider.id, headers(&[("X-Team", None)])).await.unwrap();
    desk.app.set_provider_secret(&provider.id, team(), KeyInput::Vault { key: CANARY.into() }).await.unwrap();
    desk.say(&provider, "m").await.unwrap();
    desk.app.lock_vault().await;
    assert_eq!(status(&desk.only().await), [KeyStatus::Locked]);
    assert!(desk.say(&provider, "m").await.unwrap_err().starts_with("store_locked"));
    for wrong in ["", "a\nb", "ü"] {
        let refused = desk.app.set_provider_secret(&provider.id, team(), session(wrong)).await;
        assert_eq!(refusal(refused).0, "key", "{wrong:?}");
    }
}
