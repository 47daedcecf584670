//! An app over a real store, whose providers remember how they were made and what they were asked.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use parlance_core::{
    App, Error, Host, Outside,
    clock::ManualClock,
    registry::Connect,
    secrets::{Secrets, Vault},
    view::{ProviderInput, ProviderView, SendInput, Settled, Target},
};
use parlance_providers::{
    Balance, CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse,
    EventStream, FinishClass, ModelInfo, OpaqueData, Provider, ProviderError, Usage,
    catalog::{Vendor, VendorTimeouts},
    transport::{Endpoint, Proxy},
};
use tempfile::TempDir;

use crate::common::{NOON, input, settled};

/// The vault's work: little, as for the tests of the vault.
const CHEAP: u8 = 8;

/// How a provider was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    pub vendor: String,
    pub base_url: String,
    pub key: Option<String>,
    pub headers: Vec<(String, String)>,
    pub fields: Vec<(String, String)>,
    pub timeouts: VendorTimeouts,
    /// Address, user and password.
    pub proxy: String,
    pub ca: usize,
}

impl Made {
    fn of(vendor: &Vendor, endpoint: &Endpoint) -> Self {
        let proxy = match &endpoint.proxy {
            Proxy::System => "system".to_owned(),
            Proxy::Off => "none".to_owned(),
            Proxy::Via(server) => {
                let password = server.password.as_ref().map_or("-", |password| password.expose());
                format!("{} {} {password}", server.url, server.user.as_deref().unwrap_or("-"))
            }
        };
        Self {
            vendor: vendor.id.clone(),
            base_url: endpoint.base_url.clone(),
            key: endpoint.key.as_ref().map(|key| key.expose().to_owned()),
            headers: endpoint.headers.clone(),
            fields: endpoint.fields.clone().into_iter().collect(),
            timeouts: endpoint.timeouts,
            proxy,
            ca: endpoint.ca_pem.as_ref().map_or(0, Vec::len),
        }
    }
}

/// What all providers of a desk share.
#[derive(Default)]
pub struct Shared {
    pub made: Mutex<Vec<Made>>,
    pub asked: Mutex<Vec<ChatRequest>>,
    pub served: Mutex<Option<String>>,
    pub models: Mutex<Vec<ModelInfo>>,
    /// How often the list was asked for.
    pub lists: Mutex<u32>,
    pub balance: Mutex<Option<Balance>>,
}

struct Fake(Arc<Shared>);

fn not_here<T>() -> Result<T, ProviderError> {
    Err(ProviderError::new(Category::Internal, "not part of these tests"))
}

#[async_trait]
impl Provider for Fake {
    async fn models(&self, _: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        *self.0.lists.lock().unwrap() += 1;
        Ok(self.0.models.lock().unwrap().clone())
    }

    async fn stream(&self, request: ChatRequest, _: CancellationToken) -> Result<EventStream, ProviderError> {
        self.0.asked.lock().unwrap().push(request);
        let served = self.0.served.lock().unwrap().clone();
        let usage = Usage { input_total: Some(100_000), output_total: Some(0), ..Usage::default() };
        let events = [
            ChatEvent::Started { id: None, model: served },
            ChatEvent::ReasoningDelta { block: 1, text: "hm".into() },
            ChatEvent::Opaque { block: 1, data: OpaqueData { kind: "k".into(), json: "[1]".into() } },
            ChatEvent::TextDelta { block: 0, text: "hello".into() },
            ChatEvent::Usage(usage),
            ChatEvent::Finished { class: FinishClass::Stop, reason: None },
        ];
        Ok(stream::iter(events.map(Ok)).boxed())
    }

    async fn complete(&self, _: ChatRequest, _: CancellationToken) -> Result<ChatResponse, ProviderError> {
        not_here()
    }

    async fn embed(&self, _: EmbedRequest, _: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        not_here()
    }

    async fn check(&self, _: CancellationToken) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn balance(&self, _: CancellationToken) -> Result<Option<Balance>, ProviderError> {
        Ok(self.0.balance.lock().unwrap().clone())
    }
}

struct Connector(Arc<Shared>);

impl Connect for Connector {
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        self.0.made.lock().unwrap().push(Made::of(&vendor, &endpoint));
        Ok(Arc::new(Fake(Arc::clone(&self.0))))
    }
}

pub struct Desk {
    pub app: App,
    pub folder: Arc<TempDir>,
    pub shared: Arc<Shared>,
    pub clock: Arc<ManualClock>,
}

impl Desk {
    pub async fn new() -> Self {
        Self::over(Arc::new(tempfile::tempdir().unwrap())).await
    }

    pub async fn over(folder: Arc<TempDir>) -> Self {
        let shared = Arc::new(Shared::default());
        *shared.models.lock().unwrap() = vec![model("listed-model")];
        let clock = Arc::new(ManualClock::new(NOON, 0));
        let read = |name: &str| (name == "TEST_KEY").then(|| "sk-from-the-environment".to_owned());
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: clock.clone(),
            secrets: Secrets::new(read).with_vault_of(Vault::with_work(folder.path().join("vault.age"), CHEAP)),
            connect: Arc::new(Connector(Arc::clone(&shared))),
            outside: Outside::below(folder.path()),
        })
        .await
        .unwrap();
        Self { app, folder, shared, clock }
    }

    pub async fn reopen(self) -> Self {
        self.app.close().await;
        Self::over(self.folder).await
    }

    pub async fn provider(&self) -> ProviderView {
        self.of("openai-compatible", "http://127.0.0.1:9/v1").await
    }

    pub async fn of(&self, vendor: &str, base_url: &str) -> ProviderView {
        self.app.save_provider(ProviderInput { vendor: vendor.into(), ..input(base_url) }).await.unwrap()
    }

    pub async fn only(&self) -> ProviderView {
        self.app.list_providers().await.unwrap().remove(0)
    }

    /// How the last provider was made.
    pub fn made(&self) -> Made {
        self.shared.made.lock().unwrap().last().cloned().unwrap()
    }

    /// Says something, and the answer to its end; or the cause of why nothing left.
    pub async fn say(&self, provider: &ProviderView, model: &str) -> Result<Settled, String> {
        self.say_in(None, provider, model).await
    }

    pub async fn say_in(&self, chat: Option<String>, provider: &ProviderView, model: &str) -> Result<Settled, String> {
        let (snapshot, mut reader) = self.app.attach("main");
        let target = Target { provider_id: provider.id.clone(), model: model.into() };
        match self.app.send(SendInput::text(chat, "hi", target)).await {
            Ok(receipt) => Ok(settled(&self.app, &snapshot.attachment, &mut reader, &receipt.run_id).await),
            Err(Error::Provider(error)) => Err(format!("{} {}", error.cause.unwrap_or_default(), error.message)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The model that the last request named.
    pub fn sent(&self) -> String {
        self.shared.asked.lock().unwrap().last().unwrap().model.clone()
    }
}

pub fn model(id: &str) -> ModelInfo {
    ModelInfo { id: id.into(), ..ModelInfo::default() }
}

/// The field and the reason of a refusal.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, &'static str) {
    match result.unwrap_err() {
        Error::Invalid { field, reason } => (field.to_owned(), reason),
        Error::InvalidPart { field, part, reason } => (format!("{field}.{part}"), reason),
        other => panic!("{other:?}"),
    }
}
