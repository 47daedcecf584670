//! The object a host owns: one store, everything that runs in it, and all that a person can do.

mod attachments;
mod budgets;
mod chats;
mod compare;
mod compare_export;
mod composer;
mod costs;
mod drafts;
mod embedding;
mod exchange;
mod facts;
mod health;
mod judging;
mod keys;
mod messages;
mod outside;
pub(crate) mod plan;
mod price_list;
mod price_refresh;
mod prices;
mod probes;
mod provider_settings;
mod providers;
mod ranking;
mod relay;
mod routes;
mod search;
mod sending;
mod shelves;
mod sign_in;
mod traffic;
mod waking;

pub use embedding::Embedded;
pub use exchange::TakenOver;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use parlance_providers::{CancellationToken, catalog::Catalog, traffic::Recorder};
use tokio_util::task::TaskTracker;

use crate::{
    attachments::{Attachments, sweep},
    chat::{
        hub::{FrameReader, StreamHub},
        journal,
        recovery::{self, Hands, Recovered},
        relay::Pasted,
    },
    clock::Clock,
    costs::{PriceBook, Quotes, audit, ledger, own_prices, price_file},
    error::Error,
    history::{Database, OpenError, circuits, drafts as stored_drafts, rows::LaneRow, search::backfill},
    registry::{Connect, Registry},
    secrets::Secrets,
    settings,
    traffic::Recorded,
    view::{Bootstrap, SettingChange, Settings, Shelf, Snapshot, SpendView},
};

/// How long closing waits for running replies to be written down.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What a host brings.
pub struct Host {
    /// The data folder; it is made where it is missing.
    pub data_dir: PathBuf,
    /// Version of the app.
    pub version: &'static str,
    /// The demo's own folder: it offers the Demo and nothing else.
    pub demo: bool,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where keys are.
    pub secrets: Secrets,
    /// How providers are reached.
    pub connect: Arc<dyn Connect>,
    /// Where things lie that are not the store's own.
    pub outside: Outside,
}

/// What lies outside the data folder.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The user's own vendor files; it need not exist.
    pub vendors: PathBuf,
    /// Where exported files go.
    pub exports: PathBuf,
    /// Where data of models is fetched from: models.dev.
    pub model_data: String,
    /// Where price data is fetched from.
    pub prices: String,
}

impl Outside {
    /// The address of models.dev's data.
    pub const MODELS_DEV: &'static str = "https://models.dev/api.json";
    /// The address of the published price data.
    pub const PRICES: &'static str = price_file::ADDRESS;

    /// Everything below one folder.
    pub fn below(folder: &Path) -> Self {
        Self {
            vendors: folder.join("vendors"),
            exports: folder.join("exports"),
            model_data: Self::MODELS_DEV.to_owned(),
            prices: Self::PRICES.to_owned(),
        }
    }
}

/// An open store. Cheap to clone. It must be made inside a Tokio runtime, which then drives its replies.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) database: Database,
    pub(crate) registry: Registry,
    pub(crate) hub: Arc<StreamHub>,
    pub(crate) attachments: Attachments,
    pub(crate) recorder: Arc<Recorder>,
    /// What everything costs.
    pub(crate) prices: Arc<PriceBook>,
    refreshing: price_refresh::Refreshing,
    lists: price_list::Lists,
    estimates: composer::Estimates,
    pub(crate) clock: Arc<dyn Clock>,
    data_dir: PathBuf,
    pub(crate) outside: Outside,
    version: &'static str,
    demo: bool,
    interrupted: AtomicU32,
    closing: AtomicBool,
    running: Mutex<HashMap<i64, RunningReply>>,
    reserved: Mutex<Vec<Claim>>,
    pub(crate) tasks: TaskTracker,
    journal: Mutex<Option<tokio::task::AbortHandle>>,
    pub(crate) probes: probes::Probes,
    /// The task that asks free questions and fetches prices; the demo has none.
    probing: Mutex<Option<tokio::task::AbortHandle>>,
    /// Ends the search before when a new one begins.
    pub(crate) searching: search::Searching,
    /// Ends every wait for a person at the keyring.
    waiting: Mutex<CancellationToken>,
    sign_ins: sign_in::Pending,
    /// Budgets, and what requests under way may still take of them.
    pub(crate) purse: budgets::Purse,
}

pub(crate) struct RunningReply {
    pub(crate) conversation_id: i64,
    pub(crate) lane_id: i64,
    pub(crate) message_id: i64,
    pub(crate) cancel: CancellationToken,
    /// Where a person puts the answer, where one carries it.
    pub(crate) pasted: Arc<Pasted>,
}

impl RunningReply {
    fn claim(&self) -> Claim {
        Claim { conversation_id: self.conversation_id, lane_id: Some(self.lane_id) }
    }
}

/// What a reservation holds: a whole conversation, or one lane of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    conversation_id: i64,
    lane_id: Option<i64>,
}

impl Claim {
    /// Whether both cannot be held at once.
    fn is_against(self, other: Self) -> bool {
        let apart = self.lane_id.zip(other.lane_id).is_some_and(|(one, two)| one != two);
        self.conversation_id == other.conversation_id && !apart
    }
}

/// A conversation or lane held for one change of its replies, from before the change is committed until it is known as
/// running: of two sends at the same moment one is refused.
pub(crate) struct Reservation {
    inner: Arc<Inner>,
    claim: Claim,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut reserved = self.inner.reserved();
        if let Some(at) = reserved.iter().position(|claim| *claim == self.claim) {
            reserved.swap_remove(at);
        }
    }
}

impl Inner {
    fn reserved(&self) -> MutexGuard<'_, Vec<Claim>> {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds a conversation that nothing runs in.
    ///
    /// # Errors
    /// [`Error::Running`].
    pub(crate) fn reserve(self: &Arc<Self>, conversation_id: i64) -> Result<Reservation, Error> {
        self.claim(Claim { conversation_id, lane_id: None })
    }

    /// Holds a lane that nothing runs in; the other lanes of its conversation go their way.
    ///
    /// # Errors
    /// [`Error::Running`].
    pub(crate) fn reserve_lane(self: &Arc<Self>, lane: &LaneRow) -> Result<Reservation, Error> {
        self.claim(Claim { conversation_id: lane.conversation_id, lane_id: Some(lane.id) })
    }

    fn claim(self: &Arc<Self>, claim: Claim) -> Result<Reservation, Error> {
        let mut reserved = self.reserved();
        let runs = self.running().values().any(|reply| reply.claim().is_against(claim));
        if runs || reserved.iter().any(|held| held.is_against(claim)) {
            return Err(Error::Running);
        }
        reserved.push(claim);
        Ok(Reservation { inner: Arc::clone(self), claim })
    }

    /// Holds a lane from before a reply in it ends.
    pub(crate) fn hold(self: &Arc<Self>, conversation_id: i64, lane_id: i64) -> Reservation {
        let claim = Claim { conversation_id, lane_id: Some(lane_id) };
        self.reserved().push(claim);
        Reservation { inner: Arc::clone(self), claim }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<i64, RunningReply>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The prices that hold now.
    pub(crate) fn quotes(&self) -> Quotes {
        let now = self.clock.now_ms();
        self.prices.at(now, self.clock.local_day(now))
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    pub(crate) fn forget_run(&self, run_id: i64) {
        self.running().remove(&run_id);
    }

    pub(crate) fn is_running(&self, conversation_id: i64) -> bool {
        self.running().values().any(|reply| reply.conversation_id == conversation_id)
    }

    /// Whether anything but the reply to this message runs in a conversation.
    pub(crate) fn is_running_beside(&self, conversation_id: i64, message_id: i64) -> bool {
        self.running().values().any(|r| r.conversation_id == conversation_id && r.message_id != message_id)
    }
}

impl App {
    /// Opens the store, makes half-written replies whole, and starts the journal.
    ///
    /// # Errors
    /// [`OpenError`]; the store is then as it was.
    pub async fn open(host: Host) -> Result<Self, OpenError> {
        let folder = host.outside.vendors.clone();
        let reading = tokio::task::spawn_blocking(move || Catalog::of_user(&folder));
        let prices = Arc::new(PriceBook::new(host.data_dir.join(price_file::FILE)));
        let book = Arc::clone(&prices);
        // Decoding the price data takes tens of milliseconds that the first list of models need not wait for.
        tokio::task::spawn_blocking(move || book.data());
        let (dir, clock) = (host.data_dir.clone(), Arc::clone(&host.clock));
        let opening = tokio::task::spawn_blocking(move || Database::open(&dir, clock));
        let database = opening.await.map_err(|_| OpenError::Engine("opening the store panicked".to_owned()))??.database;
        let catalog = Arc::new(reading.await.unwrap_or_else(|_| Catalog::bundled().clone()));
        let known = Arc::clone(&catalog);
        let clock = Arc::clone(&host.clock);
        let attachments = Attachments::of(&host.data_dir);
        let files = attachments.clone();
        prices.replace_own(database.read(own_prices::load).await?);
        let book = Arc::clone(&prices);
        let recover = move |tx: &rusqlite::Transaction<'_>| {
            let vendor = |id: &str| known.shared(id);
            recovery::recover(tx, &Hands { clock: &*clock, attachments: &files, vendor: &vendor, prices: &book })
        };
        let Recovered { interrupted, waiting } = database.write(recover).await?;
        let recorder = Arc::new(Recorder::new(host.data_dir.join(traffic::FOLDER)));
        let folder = host.data_dir.join("programs");
        let connect = Arc::new(Recorded { connect: host.connect, recorder: Arc::clone(&recorder), folder });
        let inner = Arc::new(Inner {
            database,
            recorder,
            prices,
            refreshing: price_refresh::Refreshing::default(),
            lists: price_list::Lists::default(),
            attachments,
            estimates: composer::Estimates::default(),
            registry: Registry::new(catalog, connect, host.secrets, host.demo),
            hub: Arc::default(),
            clock: host.clock,
            data_dir: host.data_dir,
            outside: host.outside,
            version: host.version,
            demo: host.demo,
            interrupted: AtomicU32::new(interrupted),
            closing: AtomicBool::new(false),
            running: Mutex::default(),
            reserved: Mutex::default(),
            tasks: TaskTracker::new(),
            journal: Mutex::default(),
            probes: probes::Probes::default(),
            probing: Mutex::default(),
            searching: search::Searching::default(),
            waiting: Mutex::default(),
            sign_ins: sign_in::Pending::default(),
            purse: budgets::Purse::default(),
        });
        let journal = tokio::spawn(journal::run(Arc::clone(&inner.hub), inner.database.clone()));
        *inner.journal.lock().unwrap_or_else(PoisonError::into_inner) = Some(journal.abort_handle());
        // It ends by itself, at the latest when the store closes.
        tokio::spawn(backfill::run(inner.database.clone()));
        let now = inner.clock.now_ms();
        inner.tasks.spawn(sweep(inner.attachments.clone(), inner.database.clone(), now));
        inner.registry.health().load(inner.database.read(circuits::load).await?);
        let app = Self { inner };
        app.follow_settings(None, &app.inner.database.read(settings::load).await?);
        let this = app.clone();
        app.inner.tasks.spawn(async move {
            if let Err(error) = this.empty_old_trash().await {
                tracing::warn!(code = error.code(), "the trash could not be emptied of what is old");
            }
        });
        // Both end by themselves with the store.
        tokio::spawn(audit::run(app.inner.database.clone(), Arc::clone(&app.inner.clock)));
        tokio::spawn(waking::run(Arc::downgrade(&app.inner), Arc::clone(&app.inner.clock)));
        app.wait_on(waiting).await;
        if app.inner.demo {
            app.set_up_demo().await.map_err(|error| OpenError::Engine(error.to_string()))?;
        } else {
            let (probes, prices) = (probes::run(Arc::clone(&app.inner)), price_refresh::run(Arc::clone(&app.inner)));
            let probing = tokio::spawn(async { tokio::join!(probes, prices) });
            *app.inner.probing.lock().unwrap_or_else(PoisonError::into_inner) = Some(probing.abort_handle());
        }
        Ok(app)
    }

    /// All a page needs to paint itself.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn bootstrap(&self) -> Result<Bootstrap, Error> {
        let inner = &self.inner;
        let own = |connection: &rusqlite::Connection| {
            Ok((settings::load(connection)?, stored_drafts::load(connection, None)?))
        };
        let (settings, draft) = inner.database.read(own).await?;
        Ok(Bootstrap {
            version: inner.version.to_owned(),
            demo: inner.demo,
            data_dir: inner.data_dir.display().to_string(),
            settings,
            providers: self.list_providers().await?,
            routes: self.list_routes().await?,
            conversations: self.list_shelf(Shelf::List, None).await?,
            interrupted: inner.interrupted.load(Ordering::Relaxed),
            spend: self.spend().await?,
            draft,
        })
    }

    /// Where the data lies.
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    /// Attaches a window's page to everything that runs.
    pub fn attach(&self, window: &str) -> (Snapshot, FrameReader) {
        self.inner.hub.attach(window)
    }

    /// A page has applied a frame.
    pub fn acknowledge(&self, window: &str, attachment: &str, frame: u32) {
        self.inner.hub.acknowledge(window, attachment, frame);
    }

    /// A page was hidden or shown.
    pub fn set_visible(&self, window: &str, attachment: &str, visible: bool) {
        self.inner.hub.set_visible(window, attachment, visible);
    }

    /// Changes one setting and returns all.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, [`Error::Store`].
    pub async fn change_setting(&self, change: SettingChange) -> Result<Settings, Error> {
        settings::check(&change)?;
        let now = self.inner.clock.now_ms();
        let asked = change.clone();
        let load = move |tx: &rusqlite::Transaction<'_>| match settings::change(tx, &change, now)? {
            Ok(()) => settings::load(tx).map(Ok),
            Err(refused) => Ok(Err(refused)),
        };
        let settings = self.inner.database.write(load).await??;
        self.follow_settings(Some(&asked), &settings);
        Ok(settings)
    }

    /// This month's money, by the days it was booked on.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn spend(&self) -> Result<SpendView, Error> {
        let today = self.inner.clock.local_day(self.inner.clock.now_ms());
        let month = today.get(..7).unwrap_or_default().to_owned();
        Ok(self.inner.database.read(move |connection| Ok(ledger::month_spend(connection, &month)?.into())).await?)
    }

    /// Closes: running replies become `interrupted` with their text, and the store is left clean.
    pub async fn close(&self) {
        let inner = &self.inner;
        inner.closing.store(true, Ordering::Relaxed);
        if let Some(probing) = inner.probing.lock().unwrap_or_else(PoisonError::into_inner).take() {
            probing.abort();
        }
        inner.running().values().for_each(|reply| reply.cancel.cancel());
        inner.sign_ins.cancel_all();
        inner.tasks.close();
        if tokio::time::timeout(CLOSE_WITHIN, inner.tasks.wait()).await.is_err() {
            tracing::warn!("a reply was not written down in time; the next start makes it whole");
        }
        let recorder = Arc::clone(&inner.recorder);
        // What is over by now is written down, within the same patience.
        let _late = tokio::time::timeout(CLOSE_WITHIN, tokio::task::spawn_blocking(move || recorder.settle())).await;
        if let Some(journal) = inner.journal.lock().unwrap_or_else(PoisonError::into_inner).take() {
            journal.abort();
        }
        if let Err(error) = inner.database.close().await {
            tracing::error!(code = error.code(), "the store did not close cleanly");
        }
    }
}

/// An id as it crossed the boundary.
pub(crate) fn parse_id(field: &'static str, id: &str) -> Result<i64, Error> {
    let fits = !id.is_empty() && id.len() <= 19 && id.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| id.parse().ok()).flatten().ok_or(Error::invalid(field, "not_an_id"))
}
