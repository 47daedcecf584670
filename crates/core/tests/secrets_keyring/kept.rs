//! What is in the keyring, and when it counts as kept.

use parlance_core::secrets::keyring::options;
use parlance_core::secrets::{
    KeyRef, KeyringState, Origin, SecretError, SecretStore as _, Secrets, StoreKind, VaultState,
};
use url::Url;

use super::fake::{Fake, Writes};
use super::{delete, entry, get, origin, put, secret};

fn over(fake: &Fake) -> Secrets {
    Secrets::new(|_| None).with_keyring(std::sync::Arc::new(fake.clone()))
}

#[tokio::test]
async fn an_entry_is_the_bare_key_and_its_name_holds_the_origin() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, "sk-one").await.unwrap();
    let items: Vec<_> = fake.state().items.clone().into_iter().collect();
    let label = "Parlance: api.example.com".to_owned();
    assert_eq!(items, [("key-of-a-test@https://api.example.com:443".into(), (label, b"sk-one".to_vec()))]);
    let elsewhere = Origin::parse("https://evil.test").unwrap();
    let found = store.get(&entry(), &elsewhere).await.err();
    assert_eq!(found, Some(SecretError::NotFound), "a row altered to another origin finds nothing");
    store.delete(&entry(), &elsewhere).await.unwrap();
    assert_eq!(get(&store).await.as_deref(), Ok("sk-one"));
    delete(&store).await.unwrap();
    delete(&store).await.unwrap();
    assert!(fake.state().items.is_empty());
}

#[tokio::test]
async fn what_a_keyring_holds_is_taken_letter_by_letter() {
    let fake = Fake::new();
    let store = fake.store();
    for text in ["\"quoted\"", " spaced ", "ключ", "{\"a\":\n1}"] {
        put(&store, text).await.unwrap();
        assert_eq!(get(&store).await.as_deref(), Ok(text));
    }
}

#[tokio::test]
async fn saved_is_said_only_after_another_connection_has_read_it() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, "one").await.unwrap();
    assert_eq!(fake.state().connects, 2);
    for writes in [Writes::Forget, Writes::Mangle, Writes::KeepTheOld] {
        fake.state().writes = writes;
        assert_eq!(put(&store, "two").await, Err(SecretError::NotKept), "{writes:?}");
        fake.state().writes = Writes::Keep;
        if writes == Writes::Mangle {
            // Even the way back was mangled. Nobody may take this for a key by accident: it is shown that it is gone.
            assert_ne!(get(&store).await.as_deref(), Ok("two"));
            put(&store, "one").await.unwrap();
        }
        assert_eq!(get(&store).await.as_deref(), Ok("one"), "{writes:?}: what was there is there");
    }
    delete(&store).await.unwrap();
    for writes in [Writes::Forget, Writes::Mangle] {
        fake.state().writes = writes;
        assert_eq!(put(&store, "two").await, Err(SecretError::NotKept), "{writes:?}");
        assert!(fake.state().items.is_empty(), "{writes:?}: nothing half-written is left");
    }
}

#[tokio::test]
async fn nothing_that_goes_wrong_in_reading_changes_the_keyring() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, &"long ".repeat(700)).await.unwrap();
    let before = fake.state().items.clone();
    for error in [SecretError::NotFound, SecretError::Locked, SecretError::Unavailable, SecretError::Damaged] {
        fake.state().read_error = Some(error.clone());
        assert_eq!(get(&store).await, Err(error));
        fake.state().read_error = None;
        assert_eq!(fake.state().items, before);
    }
    fake.state().access = KeyringState::Locked;
    assert_eq!(get(&store).await, Err(SecretError::Locked));
    assert_eq!(delete(&store).await, Err(SecretError::Locked));
    assert_eq!(store.state().await, KeyringState::Locked);
    fake.state().access = KeyringState::Unavailable;
    assert_eq!(get(&store).await, Err(SecretError::Unavailable));
    assert_eq!(store.state().await, KeyringState::Unavailable);
    assert_eq!(fake.state().items, before);
}

#[tokio::test]
async fn a_part_that_is_gone_makes_no_shorter_key() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, &"k".repeat(3_000)).await.unwrap();
    let names: Vec<String> = fake.state().items.keys().filter(|name| name.contains('#')).cloned().collect();
    assert_eq!(names.len(), 3);
    for name in &names {
        let gone = fake.state().items.remove(name).unwrap();
        assert_eq!(get(&store).await, Err(SecretError::Damaged), "{name}");
        let (label, mut cut) = gone.clone();
        cut.pop();
        fake.state().items.insert(name.clone(), (label, cut));
        assert_eq!(get(&store).await, Err(SecretError::Damaged), "{name}, one byte short");
        fake.state().items.insert(name.clone(), gone);
    }
    assert_eq!(get(&store).await.map(|text| text.len()), Ok(3_000));
}

#[tokio::test]
async fn what_is_no_text_is_no_key() {
    let fake = Fake::new();
    let store = fake.store();
    put(&store, "one").await.unwrap();
    fake.state().items.values_mut().for_each(|(_, kept)| *kept = vec![0xff, 0xfe]);
    assert_eq!(get(&store).await, Err(SecretError::Damaged));
}

#[tokio::test]
async fn a_key_is_saved_under_a_new_name_each_time_and_bound_anew_without_losing_the_old() {
    let fake = Fake::new();
    let secrets = over(&fake);
    let first = secrets.save(StoreKind::Keyring, &origin(), secret("canary-key")).await.unwrap();
    let second = secrets.save(StoreKind::Keyring, &origin(), secret("canary-key")).await.unwrap();
    assert_ne!(first.entry, second.entry);
    assert!(first.entry.as_str().len() == 36 && first.entry.as_str().starts_with("key-"), "{first:?}");
    secrets.forget(&second).await.unwrap();

    let host = Origin::parse("https://other.example:8443").unwrap();
    let address = Url::parse("https://other.example:8443/v1").unwrap();
    fake.state().writes = Writes::Forget;
    assert_eq!(secrets.rebind(&first, &host).await, Err(SecretError::NotKept));
    fake.state().writes = Writes::Keep;
    let moved = secrets.rebind(&first, &host).await.unwrap();
    assert_eq!(moved.origin, host);
    assert_eq!(secrets.key_for(&moved, &address).await.map(|key| key.expose().to_owned()), Ok("canary-key".into()));
    assert_eq!(secrets.key_for(&first, &address).await.err().unwrap().code(), "wrong_origin");
    let old = Url::parse("https://api.example.com").unwrap();
    assert!(secrets.key_for(&first, &old).await.is_ok(), "until it is forgotten");
    secrets.forget(&first).await.unwrap();
    assert_eq!(fake.state().items.len(), 1);
}

#[tokio::test]
async fn a_session_key_and_a_variable_are_bound_anew_too() {
    let secrets = Secrets::new(|name| (name == "A_KEY").then(|| "from the environment".to_owned()));
    let host = Origin::parse("https://other.example").unwrap();
    let address = Url::parse("https://other.example").unwrap();
    let session = secrets.save(StoreKind::Session, &origin(), secret("typed")).await.unwrap();
    let variable = KeyRef {
        store: StoreKind::Env,
        entry: parlance_core::secrets::EntryName::new("A_KEY").unwrap(),
        origin: origin(),
    };
    for (key, text) in [(&session, "typed"), (&variable, "from the environment")] {
        let moved = secrets.rebind(key, &host).await.unwrap();
        assert_eq!(secrets.key_for(&moved, &address).await.map(|key| key.expose().to_owned()), Ok(text.into()));
        assert_eq!(secrets.key_for(key, &address).await.err().unwrap().code(), "wrong_origin");
    }
    assert_eq!(secrets.save(StoreKind::Env, &origin(), secret("x")).await, Err(SecretError::ReadOnly));
}

#[tokio::test]
async fn without_keyring_and_vault_nothing_is_kept_anywhere() {
    let secrets = Secrets::new(|_| None);
    let stores = secrets.stores().await;
    assert_eq!((stores.keyring, stores.keyring_name), (KeyringState::Unavailable, ""));
    assert_eq!(stores.vault, VaultState::None);
    for store in [StoreKind::Keyring, StoreKind::Vault] {
        let saved = secrets.save(store, &origin(), secret("x")).await;
        assert_eq!(saved, Err(SecretError::Unavailable), "{store:?}");
    }
    assert_eq!(secrets.unlock_keyring().await, Err(SecretError::Unavailable));
    assert_eq!(secrets.vault().create(secret("passphrase")).await, Err(SecretError::Unavailable));
}

#[test]
fn windows_does_not_let_keys_roam() {
    let on = |system| options(system, "Parlance: api.example.com").into_iter().collect::<Vec<_>>();
    assert_eq!(on("windows"), [("persistence", "Local")]);
    assert_eq!(on("linux"), [("label", "Parlance: api.example.com")]);
    assert_eq!(on("macos"), []);
}
