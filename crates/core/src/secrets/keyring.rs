//! The system's keyring.
//!
//! An entry is the bare key under the app's service name. Its user name is the entry's random name and the origin, so
//! a row that was altered to another origin finds nothing. All calls run on a thread of ours ([`desk`]): they may
//! block for as long as a person looks at a prompt, and no library below has a time limit for that.

mod desk;
mod parts;
mod system;

use std::sync::Arc;

use async_trait::async_trait;
use parlance_providers::Secret;
use zeroize::{Zeroize as _, Zeroizing};

pub use system::{APP, options, system};

use self::desk::{Desk, Link, Patience};
use super::{EntryName, Origin, SecretError, SecretStore, checked};

/// What a keyring is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringState {
    /// It can be read and written.
    Available,
    /// A person has to unlock it first, or to make one: the service has no default collection yet.
    Locked,
    /// There is none, or it does not answer.
    Unavailable,
}

/// One item of a keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The user name: unique for the app.
    pub account: String,
    /// What a person sees in the system's keyring program.
    pub label: String,
}

/// A keyring that connections can be made to.
pub trait Keyring: Send + Sync + 'static {
    /// What people call it; empty where there is none.
    fn name(&self) -> &'static str;

    /// Connects anew. It may block.
    ///
    /// # Errors
    ///
    /// [`SecretError::Unavailable`].
    fn connect(&self) -> Result<Box<dyn Connection>, SecretError>;
}

/// Ends a connection from another thread. It may block.
pub type End = Box<dyn FnOnce() + Send>;

/// A connection, used on one thread only. Every call may block, but only [`Connection::unlock`] and
/// [`Connection::write`] may ask a person. [`SecretError::Unavailable`] means that another connection may do better.
pub trait Connection {
    /// Breaks off what the connection is at, so that a prompt that nobody waits for goes away; `None` where the
    /// system has no way.
    fn end(&self) -> Option<End> {
        None
    }

    /// Whether the keyring is open.
    ///
    /// # Errors
    ///
    /// [`SecretError::Unavailable`].
    fn state(&mut self) -> Result<KeyringState, SecretError>;

    /// Has it unlocked, or made, where it is not open.
    ///
    /// # Errors
    ///
    /// [`SecretError::Locked`] where the person would not.
    fn unlock(&mut self) -> Result<(), SecretError>;

    /// Reads an item.
    ///
    /// # Errors
    ///
    /// [`SecretError::NotFound`] only where the keyring is open and the item is not there.
    fn read(&mut self, item: &Item) -> Result<Zeroizing<Vec<u8>>, SecretError>;

    /// Writes an item, in place where it is there.
    ///
    /// # Errors
    ///
    /// What the keyring says.
    fn write(&mut self, item: &Item, secret: &[u8]) -> Result<(), SecretError>;

    /// Removes an item; one that is not there is no error.
    ///
    /// # Errors
    ///
    /// What the keyring says.
    fn remove(&mut self, item: &Item) -> Result<(), SecretError>;
}

/// No keyring at all.
struct Absent;

impl Keyring for Absent {
    fn name(&self) -> &'static str {
        ""
    }

    fn connect(&self) -> Result<Box<dyn Connection>, SecretError> {
        Err(SecretError::Unavailable)
    }
}

/// Keeps secrets in a keyring.
pub struct KeyringStore {
    name: &'static str,
    desk: Desk,
}

/// What was under a name before; `None` where nothing was.
type Former = Option<Zeroizing<Vec<u8>>>;

impl KeyringStore {
    /// Over a keyring, which is asked for the first time when somebody needs it.
    pub fn new(keyring: Arc<dyn Keyring>) -> Self {
        Self { name: keyring.name(), desk: Desk::new(keyring) }
    }

    /// A store that is never available.
    pub fn absent() -> Self {
        Self::new(Arc::new(Absent))
    }

    /// What people call the keyring.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the keyring is like; within 2 s.
    pub async fn state(&self) -> KeyringState {
        match self.desk.ask(Patience::Brief, |link| link.with(|connection| connection.state())).await {
            Ok(state) => state,
            Err(SecretError::Locked) => KeyringState::Locked,
            Err(_) => KeyringState::Unavailable,
        }
    }

    /// Has a person unlock it, without a time limit.
    ///
    /// # Errors
    ///
    /// [`SecretError::Locked`] where the person would not; [`SecretError::Unavailable`].
    pub async fn unlock(&self) -> Result<(), SecretError> {
        self.desk.ask(Patience::Person, |link| link.with(|connection| connection.unlock())).await
    }
}

fn item(entry: &EntryName, origin: &Origin) -> Item {
    Item { account: format!("{}@{origin}", entry.as_str()), label: format!("Parlance: {}", origin.host()) }
}

/// Writes, and reads back over a connection of its own (KEY-14): some services take a secret and lose it.
fn save(link: &mut Link, item: &Item, secret: &Secret) -> Result<Former, SecretError> {
    let bytes = secret.expose().as_bytes();
    link.with(|connection| connection.unlock())?;
    let former = link.with(|connection| parts::read(connection, item)).ok();
    let written = link.with(|connection| parts::write(connection, item, bytes));
    link.hang_up();
    let failure = match written.map(|()| link.with(|connection| parts::read(connection, item))) {
        Ok(Ok(kept)) if kept.as_slice() == bytes => return Ok(former),
        Ok(Err(SecretError::Locked)) => SecretError::Locked,
        Ok(_) => SecretError::NotKept,
        Err(not_written) => not_written,
    };
    restore(link, item, former.as_ref());
    Err(failure)
}

/// Takes a save back. What cannot be undone is only reported: the save has failed already, and says so.
fn restore(link: &mut Link, item: &Item, former: Option<&Zeroizing<Vec<u8>>>) {
    link.go_on_anyway();
    let undone = link.with(|connection| match former {
        Some(former) => parts::write(connection, item, former),
        None => parts::remove(connection, item),
    });
    if let Err(error) = undone {
        tracing::warn!(code = error.code(), "a key that was not kept could not be removed from the keyring");
    }
}

#[async_trait]
impl SecretStore for KeyringStore {
    /// A person may be asked, so there is no time limit. Dropping the future takes the save back, even while the
    /// keyring is still at it.
    async fn put(&self, entry: &EntryName, origin: &Origin, secret: Secret) -> Result<(), SecretError> {
        checked(&secret)?;
        let item = item(entry, origin);
        let taken_back = item.clone();
        let work = move |link: &mut Link| save(link, &item, &secret);
        let undo = move |link: &mut Link, former: Former| restore(link, &taken_back, former.as_ref());
        self.desk.ask_or_undo(Patience::Person, work, undo).await.map(|_| ())
    }

    async fn get(&self, entry: &EntryName, origin: &Origin) -> Result<Secret, SecretError> {
        let item = item(entry, origin);
        let read = move |link: &mut Link| link.with(|connection| parts::read(connection, &item));
        let mut bytes = self.desk.ask(Patience::Brief, read).await?;
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Ok(Secret::verbatim(Zeroizing::new(text))),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(SecretError::Damaged)
            }
        }
    }

    async fn delete(&self, entry: &EntryName, origin: &Origin) -> Result<(), SecretError> {
        let item = item(entry, origin);
        self.desk.ask(Patience::Brief, move |link| link.with(|connection| parts::remove(connection, &item))).await
    }
}
