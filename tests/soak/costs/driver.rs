//! The real core, asked as `ask` does it, and stopped as a person does it.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use futures::{StreamExt as _, stream::FuturesUnordered};
use parlance_core::clock::ManualClock;
use parlance_core::registry::OverHttp;
use parlance_core::secrets::Secrets;
use parlance_core::view::{ChatTarget, Frame, ImportInput, RunDelta, RunReceipt, SendInput, Target};
use parlance_core::{App, Error, Host, Outside};

use crate::plan::{Chat, DAY, Fate, TODAY};

const OWNER: &str = "soak";
const PARALLEL: usize = 32;

/// Something a person does.
pub(crate) enum Task {
    /// Begins a chat.
    Begin(Chat),
    /// Wants another version of a reply.
    Again(Chat, String),
}

/// The store of a folder and the names of its configuration.
pub(crate) struct Driver {
    pub(crate) app: App,
    clock: Arc<ManualClock>,
    providers: HashMap<String, String>,
    routes: HashMap<String, String>,
    /// The number of each chat, by its id in the store.
    pub(crate) chats: HashMap<i64, usize>,
    /// The first reply of each chat, by number.
    pub(crate) replies: HashMap<usize, String>,
    /// Runs that a person stops once something came.
    to_stop: HashSet<String>,
}

impl Driver {
    pub(crate) async fn open(folder: &Path, configuration: String) -> Self {
        let clock = Arc::new(ManualClock::new(TODAY, 60));
        let app = App::open(Host {
            data_dir: folder.join("data"),
            version: env!("CARGO_PKG_VERSION"),
            demo: false,
            clock: clock.clone(),
            secrets: Secrets::new(|_| None),
            connect: Arc::new(OverHttp),
            outside: Outside::below(folder),
        })
        .await
        .unwrap();
        let input = ImportInput { text: configuration, passphrase: None, store: "session".to_owned() };
        let taken = app.take_over(input).await.unwrap();
        assert!(taken.view.notes.is_empty(), "{:?}", taken.view.notes);
        Self {
            app,
            clock,
            providers: taken.names.into_iter().collect(),
            routes: taken.routes.into_iter().collect(),
            chats: HashMap::new(),
            replies: HashMap::new(),
            to_stop: HashSet::new(),
        }
    }

    /// The clock goes on by a day.
    pub(crate) fn next_day(&self) {
        self.clock.advance(DAY);
    }

    pub(crate) fn provider(&self, name: &str) -> &str {
        &self.providers[name]
    }

    fn target(&self, chat: Chat) -> ChatTarget {
        match chat.route() {
            Some(route) => ChatTarget::Route { route_id: self.routes[&route].clone(), model: None },
            None => ChatTarget::Model {
                provider_id: self.providers[chat.seat().id].clone(),
                model: chat.seat().model.to_owned(),
            },
        }
    }

    /// Does all of it, so many at a time, and waits for every end.
    pub(crate) async fn play(&mut self, tasks: Vec<Task>) {
        let app = self.app.clone();
        let (snapshot, mut frames) = app.attach(OWNER);
        let mut waiting = tasks.into_iter();
        let mut sending = FuturesUnordered::new();
        let mut running: HashSet<String> = HashSet::new();
        let mut early: Vec<RunDelta> = Vec::new();
        loop {
            while sending.len() + running.len() < PARALLEL
                && let Some(task) = waiting.next()
            {
                sending.push(self.do_one(task));
            }
            if sending.is_empty() && running.is_empty() {
                return;
            }
            tokio::select! {
                Some((chat, receipt)) = sending.next() => {
                    running.insert(self.began(chat, receipt));
                    early.retain(|delta| !self.take(&mut running, delta));
                }
                Some(Frame { frame, runs }) = frames.next() => {
                    early.extend(runs);
                    early.retain(|delta| !self.take(&mut running, delta));
                    app.acknowledge(OWNER, &snapshot.attachment, frame);
                }
            }
        }
    }

    fn do_one(&self, task: Task) -> impl Future<Output = (Chat, Result<RunReceipt, Error>)> + use<> {
        let app = self.app.clone();
        let begins = match &task {
            Task::Begin(chat) => Some(SendInput::text(None, chat.prompt(), self.target(*chat))),
            Task::Again(..) => None,
        };
        async move {
            match (task, begins) {
                (Task::Begin(chat), Some(input)) => (chat, app.send(input).await),
                (Task::Again(chat, reply), _) => (chat, app.retry(&reply, None, false).await),
                (Task::Begin(_), None) => unreachable!("a chat begins with its prompt"),
            }
        }
    }

    fn began(&mut self, chat: Chat, receipt: Result<RunReceipt, Error>) -> String {
        let receipt = receipt.unwrap_or_else(|error| panic!("{}: {error}", chat.prompt()));
        self.chats.insert(receipt.summary.id.parse().unwrap(), chat.0);
        let reply = receipt.messages.last().unwrap().id.clone();
        self.replies.entry(chat.0).or_insert(reply);
        if chat.fate() == Fate::Stopped {
            self.to_stop.insert(receipt.run_id.clone());
        }
        receipt.run_id
    }

    /// Whether the delta is of a run whose receipt is here.
    fn take(&mut self, running: &mut HashSet<String>, delta: &RunDelta) -> bool {
        if !running.contains(&delta.run_id) {
            return false;
        }
        if !delta.parts.is_empty() && self.to_stop.remove(&delta.run_id) {
            self.app.stop(&delta.run_id).unwrap();
        }
        if delta.settled.is_some() {
            running.remove(&delta.run_id);
        }
        true
    }

    /// Makes a text into a vector.
    pub(crate) async fn embed(&self, provider: &str, model: &str, text: String) {
        let target = Target { provider_id: self.provider(provider).to_owned(), model: model.to_owned() };
        let embedded = self.app.embed(&target, vec![text], None).await.unwrap();
        assert!(embedded.error.is_none(), "{:?}", embedded.error);
    }
}
