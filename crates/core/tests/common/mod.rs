//! An app over a real store in a temporary folder, with a provider whose every word the test speaks.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of this")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "test support: what fails here fails the test")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use parlance_core::{
    App, Host, Outside,
    chat::hub::FrameReader,
    clock::ManualClock,
    registry::Connect,
    secrets::Secrets,
    view::{
        ConversationView, Frame, MessageView, PartKind, ProviderInput, ProviderView, RunReceipt, SendInput, Settled,
        Target,
    },
};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, EventStream,
    FinishClass, ModelInfo, Provider, ProviderError, Usage, catalog::Vendor, transport::Endpoint,
};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};

pub const NOON: i64 = 1_780_000_000_000;

type Say = Result<ChatEvent, ProviderError>;

/// One request as the scripted provider got it, and the line to speak its answer into.
pub struct Asked {
    pub request: ChatRequest,
    /// The key it was asked with, for the test to look at.
    pub key: Option<String>,
    /// The address it went to.
    pub at: String,
    pub say: mpsc::UnboundedSender<Say>,
    pub cancel: CancellationToken,
}

impl Asked {
    pub fn text(&self, text: &str) {
        self.say.send(Ok(ChatEvent::TextDelta { block: 0, text: text.into() })).unwrap();
    }

    pub fn reasoning(&self, text: &str) {
        self.say.send(Ok(ChatEvent::ReasoningDelta { block: 1, text: text.into() })).unwrap();
    }

    pub fn finish(&self) {
        let usage = Usage { input_total: Some(12), output_total: Some(3), ..Usage::default() };
        self.say.send(Ok(ChatEvent::Usage(usage))).unwrap();
        self.say.send(Ok(ChatEvent::Finished { class: FinishClass::Stop, reason: Some("stop".into()) })).unwrap();
    }

    pub fn fail(&self, category: Category) {
        self.say.send(Err(ProviderError::new(category, "the vendor's words"))).unwrap();
    }
}

/// A request for vectors, and the line to answer it.
pub struct EmbedAsked {
    pub request: EmbedRequest,
    answer: oneshot::Sender<Result<EmbedResponse, ProviderError>>,
}

impl EmbedAsked {
    /// As many vectors as there are texts, charged as ten tokens.
    pub fn answer(self) {
        let vectors = self.request.inputs.iter().map(|_| Ok(vec![0.5])).collect();
        let usage = Some(Usage { input_total: Some(10), ..Usage::default() });
        // The one who asked may have gone.
        let _ = self.answer.send(Ok(EmbedResponse { vectors, usage, ..EmbedResponse::default() }));
    }
}

/// Answers with what the test says.
pub struct Scripted {
    asked: mpsc::UnboundedSender<Asked>,
    embeds: mpsc::UnboundedSender<EmbedAsked>,
    key: Option<String>,
    at: String,
    checks: mpsc::UnboundedSender<()>,
    drops: mpsc::UnboundedSender<()>,
    pub refuse: Arc<Mutex<Option<ProviderError>>>,
}

#[async_trait]
impl Provider for Scripted {
    async fn models(&self, _: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        let model = |id: &str, chats| ModelInfo { id: id.into(), chats, ..ModelInfo::default() };
        Ok(vec![model("listed-model", None), model("listed-embedder", Some(false))])
    }

    async fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> Result<EventStream, ProviderError> {
        if let Some(error) = self.refuse.lock().unwrap().clone() {
            return Err(error);
        }
        let (say, heard) = mpsc::unbounded_channel();
        self.asked
            .send(Asked { request, key: self.key.clone(), at: self.at.clone(), say, cancel: cancel.clone() })
            .unwrap();
        let answer = stream::unfold((heard, cancel, false), |(mut heard, cancel, done)| async move {
            if done {
                return None;
            }
            let event = tokio::select! {
                biased;
                () = cancel.cancelled() => Some(Err(ProviderError::new(Category::Cancelled, "stopped"))),
                event = heard.recv() => event,
            }?;
            let done = event.is_err() || matches!(event, Ok(ChatEvent::Finished { .. }));
            Some((event, (heard, cancel, done)))
        });
        Ok(answer.boxed())
    }

    async fn complete(&self, _: ChatRequest, _: CancellationToken) -> Result<ChatResponse, ProviderError> {
        Err(ProviderError::new(Category::Internal, "not part of these tests"))
    }

    async fn embed(&self, request: EmbedRequest, _: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        let (answer, heard) = oneshot::channel();
        self.embeds.send(EmbedAsked { request, answer }).unwrap();
        heard.await.unwrap()
    }

    fn drop_idle(&self) {
        let _ = self.drops.send(());
    }

    async fn check(&self, _: CancellationToken) -> Result<(), ProviderError> {
        let _ = self.checks.send(());
        match self.refuse.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// What the app handed over when it connected: the address, and the key in the clear for the test to look at.
pub type Connections = Arc<Mutex<Vec<(String, Option<String>)>>>;

struct Connector {
    asked: mpsc::UnboundedSender<Asked>,
    embeds: mpsc::UnboundedSender<EmbedAsked>,
    refuse: Arc<Mutex<Option<ProviderError>>>,
    connections: Connections,
    checks: mpsc::UnboundedSender<()>,
    drops: mpsc::UnboundedSender<()>,
}

impl Connect for Connector {
    fn connect(&self, _: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        let key = endpoint.key.as_ref().map(|key| key.expose().to_owned());
        self.connections.lock().unwrap().push((endpoint.base_url.clone(), key.clone()));
        let (asked, embeds, checks) = (self.asked.clone(), self.embeds.clone(), self.checks.clone());
        let (at, drops) = (endpoint.base_url, self.drops.clone());
        Ok(Arc::new(Scripted { asked, embeds, key, at, checks, drops, refuse: Arc::clone(&self.refuse) }))
    }
}

pub struct Bench {
    pub app: App,
    pub folder: Arc<TempDir>,
    pub asked: mpsc::UnboundedReceiver<Asked>,
    pub embeds: mpsc::UnboundedReceiver<EmbedAsked>,
    pub refuse: Arc<Mutex<Option<ProviderError>>>,
    pub connections: Connections,
    /// A word for each free question.
    pub checks: mpsc::UnboundedReceiver<()>,
    /// A word for each time that a provider's idle connections were dropped.
    pub drops: mpsc::UnboundedReceiver<()>,
    pub clock: Arc<ManualClock>,
}

impl Bench {
    pub async fn new() -> Self {
        Self::over(Arc::new(tempfile::tempdir().unwrap())).await
    }

    pub async fn over(folder: Arc<TempDir>) -> Self {
        Self::with(folder, secrets()).await
    }

    pub async fn with(folder: Arc<TempDir>, secrets: Secrets) -> Self {
        Self::made(folder, secrets, Arc::new(ManualClock::new(NOON, 0))).await
    }

    /// At another time than noon.
    pub async fn at(folder: Arc<TempDir>, clock: Arc<ManualClock>) -> Self {
        Self::made(folder, secrets(), clock).await
    }

    async fn made(folder: Arc<TempDir>, secrets: Secrets, clock: Arc<ManualClock>) -> Self {
        let (asked, heard) = mpsc::unbounded_channel();
        let (embeds, embeds_heard) = mpsc::unbounded_channel();
        let (refuse, connections) = (Arc::new(Mutex::new(None)), Connections::default());
        let ((check, checks), (dropped, drops)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let connect = Connector {
            asked,
            embeds,
            refuse: Arc::clone(&refuse),
            connections: Arc::clone(&connections),
            checks: check,
            drops: dropped,
        };
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: clock.clone(),
            secrets,
            connect: Arc::new(connect),
            outside: Outside::below(folder.path()),
        })
        .await
        .unwrap();
        Self { app, folder, asked: heard, embeds: embeds_heard, refuse, connections, checks, drops, clock }
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Closes and opens the same folder again.
    pub async fn reopen(self) -> Self {
        self.app.close().await;
        Self::over(self.folder).await
    }

    pub async fn provider(&self) -> ProviderView {
        self.app.save_provider(input("http://127.0.0.1:9/v1")).await.unwrap()
    }

    /// Answers what was asked last, to the end of the reply.
    pub async fn answer(&mut self, receipt: &RunReceipt, text: &str) -> Settled {
        let (snapshot, mut reader) = self.app.attach("main");
        let asked = self.asked.recv().await.unwrap();
        asked.text(text);
        asked.finish();
        settled(&self.app, &snapshot.attachment, &mut reader, &receipt.run_id).await
    }

    /// Sends a message, has it answered, and returns the ids of the chat, the message and the reply.
    pub async fn talk(&mut self, conversation: Option<&str>, text: &str, provider: &ProviderView) -> [String; 3] {
        let receipt = self.send(conversation, text, provider).await;
        self.answer(&receipt, &format!("re: {text}")).await;
        [receipt.summary.id, receipt.messages[0].id.clone(), receipt.messages[1].id.clone()]
    }

    pub async fn send(&self, conversation: Option<&str>, text: &str, provider: &ProviderView) -> RunReceipt {
        let target = Target { provider_id: provider.id.clone(), model: "m-1".into() };
        let input = SendInput::text(conversation.map(str::to_owned), text, target);
        self.app.send(input).await.unwrap()
    }
}

/// All text of a message.
pub fn text_of(message: &MessageView) -> String {
    message.parts.iter().filter(|part| part.kind == PartKind::Text).map(|part| part.text.as_str()).collect()
}

/// The texts of the messages that came whole.
pub fn texts(view: &ConversationView) -> Vec<String> {
    view.messages.iter().map(text_of).collect()
}

/// Changes the store from outside, as a later worker of ours would.
pub fn store(data: &Path) -> rusqlite::Connection {
    let store = rusqlite::Connection::open(data.join("parlance.db")).unwrap();
    store.pragma_update(None, "foreign_keys", true).unwrap();
    store
}

/// A number from the store.
pub fn count(data: &Path, sql: &str) -> i64 {
    look(data).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Memory and one variable.
pub fn secrets() -> Secrets {
    Secrets::new(|name| (name == "TEST_KEY").then(|| "sk-from-the-environment".to_owned()))
}

pub fn input(base_url: &str) -> ProviderInput {
    ProviderInput {
        id: None,
        vendor: "openai-compatible".into(),
        name: "Bench".into(),
        base_url: base_url.into(),
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    }
}

/// Reads frames until a run settles.
pub async fn settled(app: &App, attachment: &str, reader: &mut FrameReader, run_id: &str) -> Settled {
    loop {
        let frame: Frame = reader.next().await.expect("the page is attached");
        app.acknowledge("main", attachment, frame.frame);
        let of_run = frame.runs.into_iter().filter(|delta| delta.run_id == run_id);
        if let Some(settled) = of_run.filter_map(|delta| delta.settled).next_back() {
            return settled;
        }
    }
}

/// Reads frames until the page has seen some text.
pub async fn seen(app: &App, attachment: &str, reader: &mut FrameReader, text: &str) {
    let mut shown = String::new();
    while !shown.contains(text) {
        let frame: Frame = reader.next().await.expect("the page is attached");
        app.acknowledge("main", attachment, frame.frame);
        frame.runs.iter().flat_map(|delta| &delta.parts).for_each(|part| shown.push_str(&part.append));
    }
}

/// A look at the store from outside, as any other program would.
pub fn look(data: &Path) -> rusqlite::Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    rusqlite::Connection::open_with_flags(data.join("parlance.db"), flags).unwrap()
}
