//! An app with a vault, its logs and its recorder on, and everything that it ever told.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, Once};

use parlance_core::clock::SystemClock;
use parlance_core::registry::OverHttp;
use parlance_core::secrets::{Secrets, Vault};
use parlance_core::view::{
    ExportInput, KeyInput, MessageStatus, ProviderInput, ProviderView, SendInput, SettingChange, Settled, Target,
};
use parlance_core::{App, Error, Host, Outside};
use tempfile::TempDir;

use super::traces::Traces;

/// What this process logs, from all its threads, at the finest level.
static LOGS: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENING: Once = Once::new();

fn listen() {
    LISTENING.call_once(|| {
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        all.with_writer(|| Sink).init();
    });
}

struct Sink;

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGS.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) struct Desk {
    pub(crate) app: App,
    folder: TempDir,
    told: Vec<String>,
}

impl Desk {
    /// `vendor` is a file of the user's own, where one is wanted.
    pub(crate) async fn new(vendor: Option<String>) -> Self {
        listen();
        let folder = tempfile::tempdir().unwrap();
        if let Some(vendor) = vendor {
            std::fs::create_dir_all(folder.path().join("vendors")).unwrap();
            std::fs::write(folder.path().join("vendors/mine.toml"), vendor).unwrap();
        }
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: Arc::new(SystemClock),
            // As little work for its passphrase as there is: what is looked for is not guessed.
            secrets: Secrets::new(|_| None).with_vault_of(Vault::with_work(folder.path().join("data/vault.age"), 2)),
            connect: Arc::new(OverHttp),
            outside: Outside::below(folder.path()),
        })
        .await
        .unwrap();
        app.create_vault("correct horse".into()).await.unwrap();
        app.change_setting(SettingChange::RecordTraffic(true)).await.unwrap();
        Self { app, folder, told: Vec::new() }
    }

    /// Remembers what crosses to the window.
    pub(crate) fn hear_json(&mut self, view: &impl serde::Serialize) {
        self.told.push(serde_json::to_string(view).unwrap());
    }

    pub(crate) async fn provider(&mut self, vendor: &str, base_url: &str, fields: &[(&str, &str)]) -> ProviderView {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let input = ProviderInput {
            id: None,
            vendor: vendor.into(),
            name: String::new(),
            base_url: base_url.into(),
            enabled: true,
            default_model: None,
            in_clear: false,
            fields: fields.collect::<BTreeMap<_, _>>(),
        };
        let view = self.app.save_provider(input).await.unwrap();
        self.hear_json(&view);
        view
    }

    /// Puts a credential into the vault.
    pub(crate) async fn give(&mut self, provider: &ProviderView, text: &str) -> Result<ProviderView, Error> {
        let key = KeyInput::Vault { key: text.into() };
        let given = self.app.set_key(&provider.accounts[0].id, key).await;
        self.heard(given)
    }

    pub(crate) fn heard<T: serde::Serialize + Debug>(&mut self, told: Result<T, Error>) -> Result<T, Error> {
        match &told {
            Ok(view) => self.hear_json(view),
            Err(error) => self.told.push(format!("{error} {error:?}")),
        }
        told
    }

    pub(crate) async fn say(&mut self, provider: &ProviderView, model: &str) -> Settled {
        let (snapshot, mut reader) = self.app.attach("main");
        let target = Target { provider_id: provider.id.clone(), model: model.into() };
        let receipt = self.app.send(SendInput::text(None, "hello", target)).await.unwrap();
        loop {
            let frame = reader.next().await.unwrap();
            self.app.acknowledge("main", &snapshot.attachment, frame.frame);
            self.hear_json(&frame);
            let of_run = frame.runs.into_iter().filter(|run| run.run_id == receipt.run_id);
            if let Some(settled) = of_run.filter_map(|run| run.settled).next_back() {
                return settled;
            }
        }
    }

    pub(crate) async fn answered(&mut self, provider: &ProviderView, model: &str) {
        let settled = self.say(provider, model).await;
        assert_eq!(settled.status, MessageStatus::Complete, "{settled:?}");
    }

    pub(crate) async fn refused(&mut self, provider: &ProviderView, model: &str) {
        let settled = self.say(provider, model).await;
        assert_eq!(settled.status, MessageStatus::Failed, "{settled:?}");
    }

    /// Checks, lists and asks for what is left, however that ends.
    pub(crate) async fn look(&mut self, provider: &ProviderView) {
        let checked = self.app.check_provider(&provider.id, None).await;
        _ = self.heard(checked);
        let listed = self.app.list_models(&provider.id).await;
        _ = self.heard(listed);
        let left = self.app.provider_balance(&provider.id, &provider.accounts[0].id).await;
        _ = self.heard(left);
    }

    /// Writes down all that can be exported, and hears every view there is.
    async fn everything(&mut self) {
        let app = self.app.clone();
        self.hear_json(&app.list_vendors());
        self.hear_json(&app.list_providers().await.unwrap());
        self.hear_json(&app.bootstrap().await.unwrap());
        self.hear_json(&app.secret_stores().await);
        self.hear_json(&app.provider_facts().await.unwrap());
        self.hear_json(&app.model_facts().await.unwrap());
        self.hear_json(&app.catalogue().await.unwrap());
        self.hear_json(&app.spend().await.unwrap());
        let page = app.list_shelf(parlance_core::view::Shelf::List, None).await.unwrap();
        assert!(!page.items.is_empty());
        for chat in &page.items {
            self.hear_json(&app.get_conversation(&chat.id).await.unwrap());
        }
        self.hear_json(&page);
        let traffic = app.traffic().await.unwrap();
        assert!(traffic.exchanges > 1, "exchanges were recorded: {traffic:?}");
        self.hear_json(&traffic);
        self.hear_json(&app.export_traffic().await.unwrap());
        for passphrase in [None, Some("a long passphrase".to_owned())] {
            self.hear_json(&app.export_config(ExportInput { passphrase }).await.unwrap());
        }
    }

    /// Closes the app and looks everywhere for the secrets; the shown names must have been told.
    pub(crate) async fn close(mut self, secrets: &[&str], shown: &[&str]) {
        self.everything().await;
        self.app.close().await;
        let traces = Traces::of(secrets);
        for told in &self.told {
            assert_eq!(traces.found(told.as_bytes()), None, "it was told");
        }
        for name in shown {
            assert!(self.told.iter().any(|told| told.contains(name)), "{name} is shown");
        }
        assert!(traces.none_below(self.folder.path()) > 8, "the store, the vault, the traffic and the exports");
        let (many, found) = {
            let logs = LOGS.lock().unwrap();
            (logs.len(), traces.found(&logs))
        };
        assert!(many > 1000, "at this level there is much to read");
        assert_eq!(found, None, "it was logged");
    }
}
