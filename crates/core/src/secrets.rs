//! Where keys are, and where they may go.
//!
//! The webview writes and deletes keys, and never reads one. A key is bound to the scheme, host and port it was
//! saved for: [`Secrets::key_for`] is the only way out, and it compares first.

mod env;
mod name;
mod origin;
mod session;

use async_trait::async_trait;
use parlance_providers::Secret;
use url::Url;

pub use env::EnvStore;
pub use name::EntryName;
pub use origin::{Origin, may_send};
pub use session::SessionStore;

/// Why a secret could not be written, read or released. Never carries the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The store cannot be reached: no keyring service, no answer in time.
    #[error("the secret store is not available")]
    Unavailable,
    /// The entry is there but cannot be read until the user unlocks the store; nothing may be deleted or replaced.
    #[error("the secret store is locked")]
    Locked,
    /// Nothing is stored under this name; a variable is not set or is empty.
    #[error("no secret is stored there")]
    NotFound,
    /// More than the store takes.
    #[error("the secret is longer than {limit} bytes")]
    TooLong {
        /// Bytes it takes.
        limit: usize,
    },
    /// Nothing is left of it after trimming.
    #[error("the secret is empty")]
    Empty,
    /// This store cannot be written to.
    #[error("this store cannot be written")]
    ReadOnly,
    /// No name for an entry or variable.
    #[error("that is no name for a secret")]
    BadName,
    /// No address a key can be bound to.
    #[error("that is no http or https address")]
    BadAddress,
    /// The key was saved for another scheme, host or port (KEY-9).
    #[error("the key was saved for {bound}, not for {asked}")]
    WrongOrigin {
        /// What it was saved for.
        bound: Origin,
        /// Where it was about to go.
        asked: Origin,
    },
}

impl SecretError {
    /// The stable code for the user interface.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Locked => "locked",
            Self::NotFound => "not_found",
            Self::TooLong { .. } => "too_long",
            Self::Empty => "empty",
            Self::ReadOnly => "read_only",
            Self::BadName => "bad_name",
            Self::BadAddress => "bad_address",
            Self::WrongOrigin { .. } => "wrong_origin",
        }
    }
}

/// A place for secrets. Implementations may wait on a person (an unlock prompt), so every call can be dropped.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// Keeps a secret under a name, replacing what was there.
    async fn put(&self, entry: &EntryName, origin: &Origin, secret: Secret) -> Result<(), SecretError>;

    /// Reads a secret for use at `origin`. A store that remembers the origin compares it again.
    async fn get(&self, entry: &EntryName, origin: &Origin) -> Result<Secret, SecretError>;

    /// Forgets a secret. Forgetting what is not there is no error.
    async fn delete(&self, entry: &EntryName) -> Result<(), SecretError>;
}

/// Which store a key is in; the stable names are those of the account table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// Memory, until the app quits.
    Session,
    /// An environment variable, read at each use.
    Env,
}

impl StoreKind {
    /// The stable name, as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Env => "env",
        }
    }

    /// Reads the stable name; `None` for `none` and for stores this version does not have.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Session, Self::Env].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Points to a key: what an account row holds of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// Which store.
    pub store: StoreKind,
    /// The entry's or the variable's name.
    pub entry: EntryName,
    /// What the key was given for.
    pub origin: Origin,
}

/// All stores of this session.
pub struct Secrets {
    session: SessionStore,
    env: EnvStore,
}

impl Secrets {
    /// With a function that reads one environment variable.
    pub fn new(read_env: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { session: SessionStore::default(), env: EnvStore::new(read_env) }
    }

    /// A store by kind.
    pub fn store(&self, kind: StoreKind) -> &dyn SecretStore {
        match kind {
            StoreKind::Session => &self.session,
            StoreKind::Env => &self.env,
        }
    }

    /// The key, if it may go to this address.
    ///
    /// # Errors
    ///
    /// [`SecretError::WrongOrigin`] before the store is asked; else what the store says.
    pub async fn key_for(&self, key: &KeyRef, base_url: &Url) -> Result<Secret, SecretError> {
        let asked = Origin::of(base_url)?;
        if asked != key.origin {
            return Err(SecretError::WrongOrigin { bound: key.origin.clone(), asked });
        }
        self.store(key.store).get(&key.entry, &asked).await
    }

    /// Whether a variable is set and not empty, for the list of conventional names. Never its value.
    pub fn env_is_set(&self, name: &EntryName) -> bool {
        self.env.is_set(name)
    }
}
