//! A Secret Service that behaves as a test says, with one collection.
//!
//! It speaks the encrypted sessions that clients ask for without any cryptography of its own: its public key is 1, so
//! every client derives the same session key, and what one wrote another can read.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use zbus::ObjectServer;
use zbus::blocking::{Connection, connection};
use zbus::fdo;
use zbus::interface;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use super::{HANG, SECRETS, wait_for_name};

const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/one";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/one";
const NONE: &str = "/";

/// What it does with secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Keeps them.
    Keeps,
    /// Takes them and has nothing.
    Forgets,
    /// Gives back another first letter.
    Mangles,
    /// Gives back what it was given first under any name.
    GivesTheFirst,
    /// Answers every read with an error.
    RefusesToRead,
    /// Answers nothing at all.
    Silent,
}

/// Whether its collection is open, and what an unlock leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Open.
    Open,
    /// Locked; the person types the password.
    OpensWhenAsked,
    /// Locked; the person closes the prompt.
    Dismissed,
    /// Locked; the prompt stands there for ever.
    NeverAnswered,
    /// There is no collection; the person lets one be made.
    MadeWhenAsked,
}

/// session, parameters (the initialisation vector), value, content type.
type Wire = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

#[derive(Clone)]
struct Kept {
    attributes: HashMap<String, String>,
    label: String,
    secret: Wire,
}

struct State {
    habit: Habit,
    lock: Lock,
    items: HashMap<String, Kept>,
    first: Option<Wire>,
    made: usize,
    /// The bus names of those for whom a prompt was opened.
    asking: Vec<String>,
    prompts: usize,
    sessions: usize,
}

#[derive(Clone)]
struct Shared(Arc<(Mutex<State>, Condvar)>);

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap()
    }

    fn changed(&self) {
        self.0.1.notify_all();
    }

    /// Keeps a secret as the habit is; `None` where it is forgotten.
    fn taken(state: &mut State, mut secret: Wire) -> Option<Wire> {
        let first = state.first.get_or_insert_with(|| secret.clone()).clone();
        match state.habit {
            Habit::Forgets => return None,
            Habit::GivesTheFirst => return Some(first),
            // One bit of the vector is one bit of the first letter.
            Habit::Mangles => secret.1[0] ^= 1,
            Habit::Keeps | Habit::RefusesToRead | Habit::Silent => {}
        }
        Some(secret)
    }
}

/// The running service; it leaves the bus when dropped.
pub struct FakeSecrets {
    shared: Shared,
    address: String,
    connection: Connection,
}

impl FakeSecrets {
    /// Takes the name of the Secret Service on a bus.
    ///
    /// # Panics
    /// Where somebody has it.
    pub fn start(address: &str, habit: Habit, lock: Lock) -> Self {
        let items = HashMap::new();
        let state = State { habit, lock, items, first: None, made: 0, asking: Vec::new(), prompts: 0, sessions: 0 };
        let shared = Shared(Arc::new((Mutex::new(state), Condvar::new())));
        let builder = connection::Builder::address(address).unwrap();
        let connection = builder
            .serve_at(ROOT, Service(shared.clone()))
            .and_then(|builder| builder.serve_at(COLLECTION, Collection(shared.clone())))
            .and_then(|builder| builder.serve_at(PROMPT, Prompt(shared.clone())))
            .and_then(|builder| builder.name(SECRETS))
            .and_then(connection::Builder::build)
            .unwrap();
        Self { shared, address: address.to_owned(), connection }
    }

    /// Changes what it does with secrets.
    pub fn set(&self, habit: Habit) {
        self.shared.state().habit = habit;
    }

    /// Locks the collection.
    pub fn lock(&self, lock: Lock) {
        self.shared.state().lock = lock;
    }

    /// The labels of what it holds, sorted.
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<_> = self.shared.state().items.values().map(|kept| kept.label.clone()).collect();
        labels.sort();
        labels
    }

    /// How many prompts have been opened.
    pub fn prompts(&self) -> usize {
        self.shared.state().prompts
    }

    /// How many sessions have been opened, each by another connection or another use of it.
    pub fn sessions(&self) -> usize {
        self.shared.state().sessions
    }

    /// Blocks until this many prompts have been opened.
    ///
    /// # Panics
    /// After a minute.
    pub fn wait_for_prompts(&self, count: usize) {
        let waited = self.shared.0.1.wait_timeout_while(self.shared.state(), HANG, |state| state.prompts < count);
        assert!(!waited.unwrap().1.timed_out(), "no prompt was opened");
    }

    /// Blocks until everyone for whom a prompt was opened has left the bus.
    ///
    /// # Panics
    /// Where somebody still waits after a minute.
    pub fn wait_until_nobody_is_asked(&self) {
        let asking = self.shared.state().asking.clone();
        asking.iter().for_each(|client| wait_for_name(&self.address, client, false));
    }

    /// Somebody at last answers the prompt that nobody has answered.
    ///
    /// # Panics
    /// Where the bus is gone.
    pub fn answer_prompt(&self) {
        self.shared.state().lock = Lock::Open;
        let emitter = SignalEmitter::new(self.connection.inner(), PROMPT).unwrap();
        let result: Value<'_> = Value::from(vec![path(COLLECTION)]);
        zbus::block_on(Prompt::completed(&emitter, false, result)).unwrap();
    }
}

fn path(text: &str) -> OwnedObjectPath {
    ObjectPath::try_from(text).unwrap().into()
}

struct Service(Shared);

#[interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    async fn open_session(&self, algorithm: &str, _input: OwnedValue) -> (OwnedValue, OwnedObjectPath) {
        let habit = {
            let mut state = self.0.state();
            state.sessions += 1;
            state.habit
        };
        self.0.changed();
        if habit == Habit::Silent {
            pending::<()>().await;
        }
        let output = if algorithm == "plain" { Value::from("") } else { Value::from(vec![1_u8]) };
        (output.try_into().unwrap(), path("/org/freedesktop/secrets/session/one"))
    }

    fn search_items(&self, attributes: HashMap<String, String>) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        let state = self.0.state();
        let same = |kept: &Kept| attributes.iter().all(|(name, value)| kept.attributes.get(name) == Some(value));
        let found = state.items.iter().filter(|(_, kept)| same(kept)).map(|(at, _)| path(at)).collect();
        if state.lock == Lock::Open { (found, Vec::new()) } else { (Vec::new(), found) }
    }

    fn unlock(&self, objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        if self.0.state().lock == Lock::Open { (objects, path(NONE)) } else { (Vec::new(), path(PROMPT)) }
    }

    fn read_alias(&self, name: &str) -> OwnedObjectPath {
        let there = name == "default" && self.0.state().lock != Lock::MadeWhenAsked;
        path(if there { COLLECTION } else { NONE })
    }

    fn create_collection(
        &self,
        _properties: HashMap<String, OwnedValue>,
        _alias: &str,
    ) -> (OwnedObjectPath, OwnedObjectPath) {
        (path(NONE), path(PROMPT))
    }
}

struct Collection(Shared);

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    async fn create_item(
        &self,
        properties: HashMap<String, OwnedValue>,
        secret: Wire,
        _replace: bool,
        #[zbus(object_server)] server: &ObjectServer,
    ) -> fdo::Result<(OwnedObjectPath, OwnedObjectPath)> {
        let at = {
            let mut state = self.0.state();
            if state.lock != Lock::Open {
                return Err(fdo::Error::AccessDenied("locked".to_owned()));
            }
            state.made += 1;
            let at = format!("{COLLECTION}/{}", state.made);
            if let Some(secret) = Shared::taken(&mut state, secret) {
                let property = |name: &str| properties.get(&format!("org.freedesktop.Secret.Item.{name}")).unwrap();
                let attributes = HashMap::try_from(property("Attributes").clone()).unwrap();
                let label = String::try_from(property("Label").clone()).unwrap();
                state.items.insert(at.clone(), Kept { attributes, label, secret });
            }
            at
        };
        server.at(at.clone(), Item { at: at.clone(), shared: self.0.clone() }).await?;
        self.0.changed();
        Ok((path(&at), path(NONE)))
    }

    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.state().lock != Lock::Open
    }
}

struct Item {
    at: String,
    shared: Shared,
}

impl Item {
    fn gone() -> fdo::Error {
        fdo::Error::UnknownObject("gone".to_owned())
    }
}

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn get_secret(&self, _session: OwnedObjectPath) -> fdo::Result<Wire> {
        let state = self.shared.state();
        if state.habit == Habit::RefusesToRead {
            return Err(fdo::Error::Failed("no".to_owned()));
        }
        state.items.get(&self.at).map(|kept| kept.secret.clone()).ok_or_else(Self::gone)
    }

    fn set_secret(&self, secret: Wire) -> fdo::Result<()> {
        let mut state = self.shared.state();
        if let Some(secret) = Shared::taken(&mut state, secret) {
            state.items.get_mut(&self.at).ok_or_else(Self::gone)?.secret = secret;
        }
        Ok(())
    }

    /// The object itself stays on the bus: nobody finds it any more.
    fn delete(&self) -> OwnedObjectPath {
        self.shared.state().items.remove(&self.at);
        self.shared.changed();
        path(NONE)
    }

    #[zbus(property)]
    fn locked(&self) -> bool {
        self.shared.state().lock != Lock::Open
    }
}

struct Prompt(Shared);

#[interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(
        &self,
        _window: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        let lock = {
            let mut state = self.0.state();
            state.asking.extend(header.sender().map(ToString::to_string));
            state.prompts += 1;
            state.lock
        };
        self.0.changed();
        let result = match lock {
            Lock::NeverAnswered => return Ok(()),
            Lock::Dismissed => {
                Self::completed(&emitter, true, Value::from("")).await?;
                return Ok(());
            }
            Lock::Open | Lock::OpensWhenAsked => Value::from(vec![path(COLLECTION)]),
            Lock::MadeWhenAsked => Value::from(path(COLLECTION)),
        };
        self.0.state().lock = Lock::Open;
        Self::completed(&emitter, false, result).await?;
        Ok(())
    }

    #[zbus(signal)]
    async fn completed(emitter: &SignalEmitter<'_>, dismissed: bool, result: Value<'_>) -> zbus::Result<()>;
}
