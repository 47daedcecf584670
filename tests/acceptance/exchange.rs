//! Configurations in and out, through a real store and a keyring that can be full.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use parlance_core::secrets::keyring::{Connection, Item};
use parlance_core::secrets::{Keyring, KeyringState, SecretError, Secrets};
use parlance_core::view::{
    ExportInput, ImportCode, ImportInput, ImportView, KeyStatus, ProviderView, SendInput, Target,
};
use parlance_core::{App, Error, Host, Outside, clock::ManualClock, registry::OverHttp};
use parlance_tests::{FaultyUpstream, Script};
use tempfile::TempDir;
use zeroize::Zeroizing;

const NOON: i64 = 1_780_000_000_000;

/// A keyring with room for some items.
#[derive(Clone, Default)]
struct Drawer {
    items: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    room: Arc<Mutex<Option<usize>>>,
}

impl Drawer {
    fn count(&self) -> usize {
        self.items.lock().unwrap().len()
    }

    fn make_room(&self, items: Option<usize>) {
        *self.room.lock().unwrap() = items;
    }
}

impl Keyring for Drawer {
    fn name(&self) -> &'static str {
        "Drawer"
    }

    fn connect(&self) -> Result<Box<dyn Connection>, SecretError> {
        Ok(Box::new(self.clone()))
    }
}

impl Connection for Drawer {
    fn state(&mut self) -> Result<KeyringState, SecretError> {
        Ok(KeyringState::Available)
    }

    fn unlock(&mut self) -> Result<(), SecretError> {
        Ok(())
    }

    fn read(&mut self, item: &Item) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let items = self.items.lock().unwrap();
        items.get(&item.account).map(|secret| Zeroizing::new(secret.clone())).ok_or(SecretError::NotFound)
    }

    fn write(&mut self, item: &Item, secret: &[u8]) -> Result<(), SecretError> {
        let mut items = self.items.lock().unwrap();
        let full = self.room.lock().unwrap().is_some_and(|room| items.len() >= room);
        if full {
            return Err(SecretError::Locked);
        }
        items.insert(item.account.clone(), secret.to_vec());
        Ok(())
    }

    fn remove(&mut self, item: &Item) -> Result<(), SecretError> {
        self.items.lock().unwrap().remove(&item.account);
        Ok(())
    }
}

struct Scene {
    app: App,
    drawer: Drawer,
    folder: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (drawer, folder) = (Drawer::default(), tempfile::tempdir().unwrap());
        let variable = |name: &str| name.starts_with("SET_").then(|| "the-key-of-the-variable".to_owned());
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: Arc::new(ManualClock::new(NOON, 0)),
            secrets: Secrets::new(variable).with_keyring(Arc::new(drawer.clone())),
            connect: Arc::new(OverHttp),
            outside: Outside::below(folder.path()),
        });
        Self { app: app.await.unwrap(), drawer, folder }
    }

    async fn import(&self, text: &str) -> Result<ImportView, Error> {
        self.app.import_config(input(text, None)).await
    }

    async fn providers(&self) -> Vec<ProviderView> {
        self.app.list_providers().await.unwrap()
    }

    /// Providers without what differs from store to store.
    async fn comparable(&self) -> Vec<ProviderView> {
        let mut providers = self.providers().await;
        for provider in &mut providers {
            provider.id.clear();
            provider.accounts.iter_mut().for_each(|account| account.id.clear());
            provider.models.clear();
        }
        providers
    }

    /// Every byte of the data folder, as text.
    fn bytes(&self) -> String {
        let files = std::fs::read_dir(self.folder.path().join("data")).unwrap();
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        files.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect()
    }
}

fn input(text: &str, passphrase: Option<&str>) -> ImportInput {
    ImportInput { text: text.to_owned(), passphrase: passphrase.map(str::to_owned), store: "keyring".to_owned() }
}

const WHOLE: &str = r#"
[[providers]]
id = "work"
vendor = "openai"
name = "Work"
base_url = "https://gateway.example/v1"
default_model = "gpt-6-luna"
embedding_model = "text-embedding-3-small"
timeout = { connect_s = 10, idle_s = 90 }
limits = { requests_per_minute = 500, concurrent = 8 }
parameters = { temperature = 0.5, max_tokens = 100, reasoning_effort = "low" }
model_mapping = { "zeta" = "a", "alpha" = "b" }
headers = { "X-Team" = "$${not a variable}", "X-Api-Token" = "canary-header-0123456789", "A-First" = "last" }
proxy = "http://someone:canary%20password@proxy.example:3128"
extras = "{\"user\": \"me\"}"
prompt_cache = true
probes = true
[[providers.accounts]]
label = "Personal"
key = "${SET_KEY}"
[[providers.accounts]]
label = "Work"
key = "canary-key-0123456789"
enabled = false

[[providers]]
id = "local"
vendor = "ollama"
enabled = false
"#;

#[tokio::test]
async fn a_preview_writes_nothing_and_an_import_writes_all() {
    let scene = Scene::new().await;
    let preview = scene.app.preview_import(input(WHOLE, None)).await.unwrap();
    assert!(!preview.done && scene.providers().await.is_empty() && scene.drawer.count() == 0);
    let view = scene.import(WHOLE).await.unwrap();
    assert_eq!(ImportView { done: false, ..view.clone() }, preview, "what was shown is what was done");
    assert_eq!((view.providers[0].keys, view.providers[0].replaces), (2, false));
    let [work, local] = &scene.providers().await[..] else { panic!("two") };
    assert_eq!((work.name.as_str(), work.default_model.as_deref()), ("Work", Some("gpt-6-luna")));
    let accounts: Vec<_> = work.accounts.iter().map(|a| (a.label.as_str(), a.enabled, a.key.store.as_str())).collect();
    assert_eq!(accounts, [("Personal", true, "env"), ("Work", false, "keyring")]);
    assert_eq!((work.accounts[0].key.status, work.accounts[1].key.status), (KeyStatus::Ready, KeyStatus::Ready));
    assert_eq!((local.enabled, local.accounts.len()), (false, 1));
    assert_eq!(scene.drawer.count(), 3, "the key, the header's value, the proxy's password");
    scene.app.close().await;
    assert!(!scene.bytes().contains("canary"), "a secret is in the data folder");
}

#[tokio::test]
async fn what_is_there_is_changed_and_loses_nothing() {
    let scene = Scene::new().await;
    scene.import(WHOLE).await.unwrap();
    let again = WHOLE
        .replace(
            "label = \"Work\"\nkey = \"canary-key-0123456789\"\nenabled = false",
            "label = \"New\"\nkey = \"another-key-0123456789\"",
        )
        .replace("${SET_KEY}", "plain-key-0123456789");
    let view = scene.import(&again).await.unwrap();
    assert!(view.providers.iter().all(|provider| provider.replaces), "{:?}", view.providers);
    let [work, _] = &scene.providers().await[..] else { panic!("still two") };
    let accounts: Vec<_> = work.accounts.iter().map(|a| (a.label.as_str(), a.key.store.as_str())).collect();
    assert_eq!(accounts, [("Personal", "keyring"), ("Work", "keyring"), ("New", "keyring")], "the file forgets nobody");
    assert_eq!(scene.drawer.count(), 5, "three keys, a header, a password");
    scene.import(&again).await.unwrap();
    assert_eq!(scene.drawer.count(), 5, "each replaced one is forgotten");
    let without = again.replace("key = \"plain-key-0123456789\"", "");
    scene.import(&without).await.unwrap();
    assert_eq!(scene.providers().await[0].accounts[0].key.store, "keyring", "no key in a file takes none away");
    scene.app.close().await;
}

#[tokio::test]
async fn one_key_that_cannot_be_kept_undoes_all() {
    let scene = Scene::new().await;
    scene
        .import("[[providers]]\nid = \"a\"\nvendor = \"openai\"\n[[providers.accounts]]\nkey = \"before-0123456789\"")
        .await
        .unwrap();
    scene.drawer.make_room(Some(3));
    let before = scene.providers().await;
    let refused = scene.import(WHOLE).await.unwrap_err();
    assert!(matches!(refused, Error::Secret(SecretError::Locked)), "{refused:?}");
    assert_eq!(scene.providers().await, before, "nothing was taken over");
    assert_eq!(scene.drawer.count(), 1, "what was kept is forgotten");
    scene.drawer.make_room(None);
    scene.import(WHOLE).await.unwrap();
    assert_eq!(scene.providers().await.len(), 3);
    scene.app.close().await;
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[cfg(unix)]
fn mode(path: &str) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&Path::new(path).metadata().unwrap().permissions()) & 0o777
}

#[tokio::test]
async fn an_export_with_a_passphrase_comes_back_as_it_was() {
    let (first, second) = (Scene::new().await, Scene::new().await);
    first.import(WHOLE).await.unwrap();
    let export = first.app.export_config(ExportInput { passphrase: Some("a long passphrase".into()) }).await.unwrap();
    assert_eq!((export.count, export.keys_missing), (2, 0));
    assert!(export.path.ends_with(".toml.age"), "{}", export.path);
    #[cfg(unix)]
    assert_eq!(mode(&export.path), 0o600);
    let sealed = read(&export.path);
    assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !sealed.contains("canary"));

    let unasked = second.import(&sealed).await.unwrap_err();
    assert!(matches!(unasked, Error::Invalid { field: "passphrase", reason: "required" }), "{unasked:?}");
    let wrong = second.app.import_config(input(&sealed, Some("another passphrase"))).await.unwrap_err();
    assert!(matches!(wrong, Error::Secret(SecretError::WrongPassphrase)), "{wrong:?}");
    let cut = second.app.import_config(input(&sealed[..sealed.len() / 2], Some("a long passphrase"))).await;
    assert!(matches!(cut, Err(Error::Secret(SecretError::Damaged))));
    second.app.import_config(input(&sealed, Some("a long passphrase"))).await.unwrap();
    assert_eq!(second.comparable().await, first.comparable().await);
    assert_eq!(second.drawer.count(), 3);
    let kept = |scene: &Scene| {
        let mut kept: Vec<_> = scene.drawer.items.lock().unwrap().values().cloned().collect();
        kept.sort();
        kept
    };
    assert_eq!(kept(&second), kept(&first), "the same secrets");
    first.app.close().await;
    second.app.close().await;
}

#[tokio::test]
async fn an_export_without_one_holds_no_secret_and_never_writes_over_another() {
    let (first, second) = (Scene::new().await, Scene::new().await);
    first.import(WHOLE).await.unwrap();
    let export = || first.app.export_config(ExportInput { passphrase: None });
    let (one, two) = (export().await.unwrap(), export().await.unwrap());
    assert!(one.path != two.path && one.path.ends_with(".toml"), "{} {}", one.path, two.path);
    assert_eq!((read(&one.path), one.keys_missing), (read(&two.path), 0));
    let text = read(&one.path);
    assert!(!text.contains("canary"), "{text}");
    assert!(text.contains("${SET_KEY}"), "a variable is named: {text}");
    let view = second.import(&text).await.unwrap();
    assert_eq!(view.notes, [], "{text}");
    let (mut was, is) = (first.comparable().await, second.comparable().await);
    was[0].accounts[1].key = is[0].accounts[1].key.clone();
    assert_eq!(is[0].accounts[1].key.store, "none");
    assert!(is[0].secrets.iter().all(|secret| secret.key.store == "none"), "{:?}", is[0].secrets);
    (was[0].secrets, was[0].ready) = (is[0].secrets.clone(), is[0].ready);
    assert_eq!(is, was, "all but the secrets");
    let short = first.app.export_config(ExportInput { passphrase: Some("short".into()) }).await.unwrap_err();
    assert!(matches!(short, Error::Invalid { field: "passphrase", reason: "too_short" }));
    first.app.close().await;
    second.app.close().await;
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_counted() {
    let scene = Scene::new().await;
    scene.import(WHOLE).await.unwrap();
    scene.drawer.items.lock().unwrap().clear();
    let export = scene.app.export_config(ExportInput { passphrase: Some("a long passphrase".into()) }).await.unwrap();
    assert_eq!(export.keys_missing, 3);
    scene.app.close().await;
}

#[tokio::test]
async fn a_provider_of_an_older_file_is_asked() {
    let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let upstream = FaultyUpstream::start([Script::new().send(format!("{head}{chunk}")).close()]).await;
    let scene = Scene::new().await;
    let text = format!(
        "{{\"providers\":[{{\"type\":\"house\",\"base_url\":\"{}\",\"accounts\":[{{\"id\":\"one\",\"token\":\"token-0123456789abcdef\"}}]}}]}}",
        upstream.base_url()
    );
    let view = scene.import(&text).await.unwrap();
    assert_eq!(view.notes[0].code, ImportCode::UnknownVendor);
    let target = Target { provider_id: scene.providers().await[0].id.clone(), model: "m-1".into() };
    let (snapshot, mut frames) = scene.app.attach("main");
    scene.app.send(SendInput::text(None, "hello", target)).await.unwrap();
    loop {
        let frame = frames.next().await.unwrap();
        scene.app.acknowledge("main", &snapshot.attachment, frame.frame);
        if frame.runs.iter().any(|run| run.settled.is_some()) {
            break;
        }
    }
    assert_eq!(upstream.requests()[0].header("authorization"), Some("Bearer token-0123456789abcdef"));
    scene.app.close().await;
}

#[tokio::test]
async fn stores_that_keep_no_file_s_keys_are_refused() {
    let scene = Scene::new().await;
    for store in ["env", "none", "", "cloud"] {
        let input = ImportInput { store: store.to_owned(), ..input(WHOLE, None) };
        let refused = scene.app.import_config(input).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "store", .. }), "{store}");
    }
    let vault = ImportInput { store: "vault".to_owned(), ..input(WHOLE, None) };
    assert!(matches!(scene.app.import_config(vault).await, Err(Error::Secret(_))));
    assert!(scene.providers().await.is_empty());
    scene.app.close().await;
}
