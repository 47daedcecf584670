//! Accounts and their keys in the keyring and the vault, as a person uses them. The keyring here is a map; the real
//! ones have tests of their own.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use crate::common::{Bench, input, secrets};
use parlance_core::{
    Error,
    secrets::{
        Keyring, KeyringState, SecretError,
        keyring::{Connection, Item},
    },
    view::{
        AccountInput, HeaderSetting, KeyInput, KeyStatus, ProviderInput, ProviderSettings, ProviderView, SecretSlot,
        VaultState,
    },
};
use zeroize::Zeroizing;

const CANARY: &str = "sk-canary-0123456789abcdefWXYZ";

#[derive(Default)]
struct Drawer {
    items: Mutex<HashMap<String, Vec<u8>>>,
    reads: AtomicUsize,
    refuse: Mutex<Option<SecretError>>,
    /// While it holds a receiver, unlocking waits for a word that a test may never say.
    prompt: Mutex<Option<mpsc::Receiver<()>>>,
}

/// A keyring that outlives the app, as the real one does.
#[derive(Clone, Default)]
struct Map(Arc<Drawer>);

impl Map {
    fn count(&self) -> usize {
        self.0.items.lock().unwrap().len()
    }

    fn refuse(&self, error: Option<SecretError>) {
        *self.0.refuse.lock().unwrap() = error;
    }

    fn check(&self) -> Result<(), SecretError> {
        self.0.refuse.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Keyring for Map {
    fn name(&self) -> &'static str {
        "Test Keyring"
    }

    fn connect(&self) -> Result<Box<dyn Connection>, SecretError> {
        Ok(Box::new(self.clone()))
    }
}

impl Connection for Map {
    fn state(&mut self) -> Result<KeyringState, SecretError> {
        self.check().map(|()| KeyringState::Available)
    }

    fn unlock(&mut self) -> Result<(), SecretError> {
        let prompt = self.0.prompt.lock().unwrap().take();
        if let Some(prompt) = prompt {
            let _ = prompt.recv();
        }
        Ok(())
    }

    fn read(&mut self, item: &Item) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        self.check()?;
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        let found = self.0.items.lock().unwrap().get(&item.account).cloned();
        found.map(Zeroizing::new).ok_or(SecretError::NotFound)
    }

    fn write(&mut self, item: &Item, secret: &[u8]) -> Result<(), SecretError> {
        self.check()?;
        self.0.items.lock().unwrap().insert(item.account.clone(), secret.to_vec());
        Ok(())
    }

    fn remove(&mut self, item: &Item) -> Result<(), SecretError> {
        self.check()?;
        self.0.items.lock().unwrap().remove(&item.account);
        Ok(())
    }
}

struct Keys {
    bench: Bench,
    keyring: Map,
}

impl Keys {
    async fn new() -> Self {
        Self::over(Arc::new(tempfile::tempdir().unwrap()), Map::default()).await
    }

    async fn over(folder: Arc<tempfile::TempDir>, keyring: Map) -> Self {
        let vault = folder.path().join("data/vault.age");
        let secrets = secrets().with_keyring(Arc::new(keyring.clone())).with_vault(vault);
        Self { bench: Bench::with(folder, secrets).await, keyring }
    }

    async fn reopen(self) -> Self {
        self.bench.app.close().await;
        Self::over(self.bench.folder, self.keyring).await
    }

    async fn only(&self) -> ProviderView {
        self.bench.app.list_providers().await.unwrap().remove(0)
    }

    /// The key that the last connection was made with.
    fn used(&self) -> Option<String> {
        self.bench.connections.lock().unwrap().last().and_then(|(_, key)| key.clone())
    }

    async fn ask(&self, provider: &ProviderView) -> Result<(), String> {
        let checked = self.bench.app.check_provider(&provider.id, None).await.unwrap();
        checked.error.map_or(Ok(()), |error| Err(error.code.unwrap_or_default()))
    }
}

fn keyring(key: &str) -> KeyInput {
    KeyInput::Keyring { key: key.into() }
}

fn status(provider: &ProviderView) -> KeyStatus {
    provider.accounts[0].key.status
}

#[tokio::test]
async fn a_key_in_the_keyring_works_after_a_restart_and_is_nowhere_else() {
    let keys = Keys::new().await;
    let provider = keys.bench.provider().await;
    let kept = keys.bench.app.set_key(&provider.accounts[0].id, keyring(CANARY)).await.unwrap();
    assert_eq!((status(&kept), kept.accounts[0].key.store.as_str()), (KeyStatus::Ready, "keyring"));
    let keys = keys.reopen().await;
    let reads = keys.keyring.0.reads.load(Ordering::SeqCst);
    let after = keys.only().await;
    assert_eq!(after.accounts[0].key.ends_with.as_deref(), Some("WXYZ"));
    assert_eq!(keys.keyring.0.reads.load(Ordering::SeqCst), reads, "a list asks no keyring");
    keys.ask(&after).await.unwrap();
    assert_eq!(keys.used().as_deref(), Some(CANARY));
    assert!(!format!("{:?}", keys.bench.app.bootstrap().await.unwrap()).contains("canary"));
    for file in std::fs::read_dir(keys.bench.data()).unwrap().filter_map(Result::ok).filter(|f| f.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(8).any(|w| CANARY.as_bytes().windows(8).any(|c| c == w)), "{:?}", file.file_name());
    }
    keys.bench.app.remove_provider(&after.id).await.unwrap();
    assert_eq!(keys.keyring.count(), 0, "a removed provider leaves no key");
}

#[tokio::test]
async fn a_key_that_is_not_kept_leaves_the_old_one_working() {
    let keys = Keys::new().await;
    let provider = keys.bench.provider().await;
    let account = &provider.accounts[0].id;
    keys.bench.app.set_key(account, keyring(CANARY)).await.unwrap();
    for refusal in [SecretError::Unavailable, SecretError::Locked] {
        keys.keyring.refuse(Some(refusal.clone()));
        match keys.bench.app.set_key(account, keyring("sk-another-key-0123456789")).await {
            Err(Error::Secret(error)) => assert_eq!(error, refusal),
            other => panic!("{refusal:?}: {other:?}"),
        }
        keys.keyring.refuse(None);
        keys.bench
            .app
            .save_provider(ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:9/v1") })
            .await
            .unwrap();
        keys.ask(&provider).await.unwrap();
        assert_eq!(keys.used().as_deref(), Some(CANARY));
    }
    keys.bench.app.set_key(account, keyring("sk-another-key-0123456789")).await.unwrap();
    assert_eq!(keys.keyring.count(), 1, "the key that was replaced is gone");
    keys.ask(&provider).await.unwrap();
    assert_eq!(keys.used().as_deref(), Some("sk-another-key-0123456789"));
}

#[tokio::test]
async fn the_first_account_whose_key_can_be_had_is_used() {
    let keys = Keys::new().await;
    let app = &keys.bench.app;
    let provider = keys.bench.provider().await;
    let second = AccountInput { id: None, provider_id: provider.id.clone(), label: " Work ".into(), enabled: true };
    let provider = app.save_account(second).await.unwrap();
    assert_eq!(provider.accounts[1].label, "Work");
    let (first, second) = (provider.accounts[0].id.clone(), provider.accounts[1].id.clone());
    app.set_key(&first, keyring("sk-first-0123456789")).await.unwrap();
    app.set_key(&second, KeyInput::Session { key: "sk-second-0123456789".into() }).await.unwrap();
    keys.ask(&provider).await.unwrap();
    assert_eq!(keys.used().as_deref(), Some("sk-first-0123456789"));

    keys.keyring.0.items.lock().unwrap().clear();
    app.save_provider(ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:9/v1") }).await.unwrap();
    keys.ask(&provider).await.unwrap();
    assert_eq!(keys.used().as_deref(), Some("sk-second-0123456789"), "the first key is lost");
    assert_eq!(status(&keys.only().await), KeyStatus::Lost);
    let alone = app.check_provider(&provider.id, Some(&first)).await.unwrap();
    assert_eq!(alone.error.unwrap().code.as_deref(), Some("key_lost"));

    let ordered = app.order_accounts(&provider.id, &[second.clone(), first.clone()]).await.unwrap();
    assert_eq!(ordered.accounts[0].id, second);
    let left = app.remove_account(&first).await.unwrap();
    assert_eq!(left.accounts.len(), 1);
    assert!(matches!(app.remove_account(&second).await, Err(Error::Invalid { field: "id", reason: "last" })));
    let off = AccountInput { id: Some(second), provider_id: provider.id.clone(), label: String::new(), enabled: false };
    assert!(!app.save_account(off).await.unwrap().ready);
    assert_eq!(keys.ask(&provider).await, Err("no_key".to_owned()));
}

#[tokio::test]
async fn a_key_goes_to_another_address_only_when_the_person_says_which() {
    let keys = Keys::new().await;
    let app = &keys.bench.app;
    let provider = keys.bench.provider().await;
    let account = provider.accounts[0].id.clone();
    app.set_key(&account, keyring(CANARY)).await.unwrap();
    let moved = ProviderInput { id: Some(provider.id.clone()), ..input("https://elsewhere.example/v1") };
    let moved = app.save_provider(moved).await.unwrap();
    assert_eq!((status(&moved), moved.ready), (KeyStatus::OtherAddress, false));
    assert_eq!(keys.ask(&moved).await, Err("key_bound_elsewhere".to_owned()));
    assert_eq!(keys.used(), None, "nothing was connected");
    for shown in ["https://elsewhere.example:444", "http://elsewhere.example", "nonsense"] {
        assert!(matches!(app.allow_key(&account, shown).await, Err(Error::Invalid { field: "origin", .. })), "{shown}");
    }
    let allowed = app.allow_key(&account, "https://elsewhere.example:443").await.unwrap();
    assert_eq!((status(&allowed), keys.keyring.count()), (KeyStatus::Ready, 1));
    keys.ask(&allowed).await.unwrap();
    assert_eq!(keys.used().as_deref(), Some(CANARY));

    // A row that was altered behind the app's back finds nothing in the keyring either.
    let store = rusqlite::Connection::open(keys.bench.data().join("parlance.db")).unwrap();
    store.execute("UPDATE account SET secret_origin = 'http://127.0.0.1:9'", []).unwrap();
    let altered = ProviderInput { id: Some(provider.id.clone()), ..input("http://127.0.0.1:9/v1") };
    let altered = app.save_provider(altered).await.unwrap();
    assert_eq!(keys.ask(&altered).await, Err("key_lost".to_owned()));
}

#[tokio::test]
async fn secrets_beside_the_keys_leave_no_entry_when_their_place_is_gone() {
    let keys = Keys::new().await;
    let app = keys.bench.app.clone();
    let provider = keys.bench.provider().await;
    let slot = || SecretSlot::Header { name: "x-team".into() };
    let settings = |value: Option<&str>| ProviderSettings {
        headers: vec![HeaderSetting { name: "X-Team".into(), value: value.map(str::to_owned) }],
        ..ProviderSettings::default()
    };
    let id = provider.id.as_str();
    for gone in ["slot", "none", "provider"] {
        app.save_provider_settings(id, settings(None)).await.unwrap();
        app.set_provider_secret(id, slot(), keyring(CANARY)).await.unwrap();
        keys.keyring.refuse(Some(SecretError::Unavailable));
        let refused = app.set_provider_secret(id, slot(), keyring("another-value")).await;
        assert!(matches!(refused, Err(Error::Secret(SecretError::Unavailable))), "{refused:?}");
        keys.keyring.refuse(None);
        keys.ask(&provider).await.unwrap();
        app.set_provider_secret(id, slot(), keyring("another-value")).await.unwrap();
        assert_eq!(keys.keyring.count(), 1, "what was replaced is gone");
        match gone {
            "slot" => app.save_provider_settings(id, settings(Some("open"))).await.map(|_| ()),
            "none" => app.set_provider_secret(id, slot(), KeyInput::None).await.map(|_| ()),
            _ => app.remove_provider(id).await,
        }
        .unwrap();
        assert_eq!(keys.keyring.count(), 0, "{gone}");
    }
}

#[tokio::test]
async fn waiting_for_the_keyring_can_be_given_up() {
    let keys = Keys::new().await;
    let (answer, prompt) = mpsc::channel();
    *keys.keyring.0.prompt.lock().unwrap() = Some(prompt);
    let provider = keys.bench.provider().await;
    let (app, account) = (keys.bench.app.clone(), provider.accounts[0].id.clone());
    let waiting = tokio::spawn(async move { app.set_key(&account, keyring(CANARY)).await });
    // The prompt is open once the keyring has taken the receiver.
    while keys.keyring.0.prompt.lock().unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    keys.bench.app.cancel_waiting();
    assert!(matches!(waiting.await.unwrap(), Err(Error::CancelledWaiting)));
    assert_eq!(status(&keys.only().await), KeyStatus::None);
    drop(answer);
}

#[tokio::test]
async fn the_vault_keeps_keys_behind_its_passphrase() {
    let keys = Keys::new().await;
    let app = keys.bench.app.clone();
    let provider = keys.bench.provider().await;
    let account = provider.accounts[0].id.clone();
    let vault = || KeyInput::Vault { key: CANARY.into() };
    assert!(matches!(app.set_key(&account, vault()).await, Err(Error::Secret(_))), "there is none yet");
    assert!(matches!(app.create_vault("short".into()).await, Err(Error::Invalid { reason: "too_short", .. })));
    assert_eq!(app.create_vault("correct horse".into()).await.unwrap().vault, VaultState::Open);
    app.set_key(&account, vault()).await.unwrap();
    keys.ask(&provider).await.unwrap();
    app.lock_vault().await;
    assert_eq!(status(&keys.only().await), KeyStatus::Locked);
    assert_eq!(keys.ask(&provider).await, Err("store_locked".to_owned()));

    let keys = keys.reopen().await;
    let app = &keys.bench.app;
    assert_eq!(app.secret_stores().await.vault, VaultState::Locked);
    let wrong = app.unlock_vault("wrong horse".into()).await;
    assert!(matches!(wrong, Err(Error::Secret(SecretError::WrongPassphrase))), "{wrong:?}");
    app.unlock_vault("correct horse".into()).await.unwrap();
    keys.ask(&provider).await.unwrap();
    assert_eq!(keys.used().as_deref(), Some(CANARY));
    assert_eq!(app.reset_vault().await.unwrap().vault, VaultState::None);
    assert_eq!(keys.ask(&provider).await, Err("store_unavailable".to_owned()));
}

#[tokio::test]
async fn providers_keep_the_order_and_models_the_choice_a_person_gave_them() {
    let keys = Keys::new().await;
    let app = &keys.bench.app;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let provider = ProviderInput { name: name.into(), ..input("http://127.0.0.1:9/v1") };
        ids.push(app.save_provider(provider).await.unwrap().id);
    }
    let names = |all: Vec<ProviderView>| all.into_iter().map(|provider| provider.name).collect::<Vec<_>>();
    let ordered = app.order_providers(&[ids[2].clone(), ids[0].clone()]).await.unwrap();
    assert_eq!(names(ordered), ["c", "a", "b"]);
    let late = ProviderInput { name: "d".into(), ..input("http://127.0.0.1:9/v1") };
    app.save_provider(late).await.unwrap();
    app.check_provider(&ids[0], None).await.unwrap();
    let hidden = app.show_models(&ids[0], &["listed-model".to_owned()], false).await.unwrap();
    assert!(!hidden.models[0].shown);
    let keys = keys.reopen().await;
    keys.bench.app.check_provider(&ids[0], None).await.unwrap();
    let all = keys.bench.app.list_providers().await.unwrap();
    assert!(!all[1].models[0].shown, "a fresh list brings nothing back");
    assert_eq!(names(all), ["c", "a", "b", "d"]);
}

#[tokio::test]
async fn a_local_server_is_found_by_name() {
    let keys = Keys::new().await;
    let app = &keys.bench.app;
    let found = app.find_local_servers().await.unwrap();
    assert!(found.iter().any(|server| server.vendor == "lm-studio" && server.models == ["listed-model"]));
    assert!(found.iter().all(|server| !server.added && server.base_url.starts_with("http://localhost:")));
    let addresses: std::collections::HashSet<_> = found.iter().map(|server| &server.base_url).collect();
    assert_eq!(addresses.len(), found.len(), "one server is offered once");
    app.save_provider(ProviderInput { vendor: "lm-studio".into(), ..input("http://127.0.0.1:1234/v1") }).await.unwrap();
    let again = app.find_local_servers().await.unwrap();
    let added: Vec<&str> = again.iter().filter(|server| server.added).map(|server| server.vendor.as_str()).collect();
    assert_eq!(added, ["lm-studio"]);
    let connections: Vec<_> = keys.bench.connections.lock().unwrap().clone();
    assert!(connections.iter().all(|(_, key)| key.is_none()), "no key goes along");
}
