//! Where keys are, and where they may go.
//!
//! The webview writes and deletes keys, and never reads one. A key is bound to the scheme, host and port it was
//! saved for: [`Secrets::key_for`] is the only way out, and it compares first.

mod env;
mod error;
pub mod keyring;
mod name;
mod origin;
mod session;
mod vault;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use parlance_providers::Secret;
use url::Url;

pub use env::EnvStore;
pub use error::SecretError;
pub use keyring::{Keyring, KeyringState, KeyringStore};
pub use name::EntryName;
pub use origin::{Origin, may_send};
pub use session::SessionStore;
pub use vault::{Vault, VaultState};

/// Bytes of a secret that any store takes: more than any key, and room for a service account's JSON.
pub const LONGEST: usize = 16 * 1024;

/// A place for secrets. Implementations may wait on a person (an unlock prompt), so every call can be dropped.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// Keeps a secret under a name, replacing what was there. It is read back before this says that it is kept; on
    /// failure what was there before is there again.
    async fn put(&self, entry: &EntryName, origin: &Origin, secret: Secret) -> Result<(), SecretError>;

    /// Reads a secret for use at `origin`. A store that remembers the origin compares it again.
    async fn get(&self, entry: &EntryName, origin: &Origin) -> Result<Secret, SecretError>;

    /// Forgets the secret saved for `origin`. Forgetting what is not there is no error.
    async fn delete(&self, entry: &EntryName, origin: &Origin) -> Result<(), SecretError>;
}

/// Which store a key is in; the stable names are those of the account table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// Memory, until the app quits.
    Session,
    /// An environment variable, read at each use.
    Env,
    /// The system's keyring.
    Keyring,
    /// The file `vault.age`, under a passphrase.
    Vault,
}

impl StoreKind {
    const ALL: [Self; 4] = [Self::Session, Self::Env, Self::Keyring, Self::Vault];

    /// The stable name, as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Env => "env",
            Self::Keyring => "keyring",
            Self::Vault => "vault",
        }
    }

    /// Reads the stable name; `None` for `none` and for stores this version does not have.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
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

/// What the stores that a person can unlock are like just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoresState {
    /// The keyring.
    pub keyring: KeyringState,
    /// What the keyring is called here: Secret Service, Keychain, Credential Manager. Empty where there is none.
    pub keyring_name: &'static str,
    /// The vault.
    pub vault: VaultState,
}

/// All stores of this session.
pub struct Secrets {
    session: SessionStore,
    env: EnvStore,
    keyring: KeyringStore,
    vault: Vault,
}

impl Secrets {
    /// Memory and environment only, with a function that reads one variable.
    pub fn new(read_env: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            session: SessionStore::default(),
            env: EnvStore::new(read_env),
            keyring: KeyringStore::absent(),
            vault: Vault::absent(),
        }
    }

    /// And a keyring: [`keyring::system`] for the app.
    #[must_use]
    pub fn with_keyring(self, keyring: Arc<dyn Keyring>) -> Self {
        Self { keyring: KeyringStore::new(keyring), ..self }
    }

    /// And a vault in this file, which need not be there.
    #[must_use]
    pub fn with_vault(self, file: impl Into<PathBuf>) -> Self {
        self.with_vault_of(Vault::new(file))
    }

    /// And this vault.
    #[must_use]
    pub fn with_vault_of(self, vault: Vault) -> Self {
        Self { vault, ..self }
    }

    /// A store by kind.
    pub fn store(&self, kind: StoreKind) -> &dyn SecretStore {
        match kind {
            StoreKind::Session => &self.session,
            StoreKind::Env => &self.env,
            StoreKind::Keyring => &self.keyring,
            StoreKind::Vault => &self.vault,
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

    /// Keeps a key under a new random name. The caller commits the row that points to it, and only then forgets the
    /// key that it replaces: so a crash in between loses none.
    ///
    /// # Errors
    ///
    /// What the store says; nothing of the key is left there then.
    pub async fn save(&self, store: StoreKind, origin: &Origin, secret: Secret) -> Result<KeyRef, SecretError> {
        let key = KeyRef { store, entry: EntryName::random(), origin: origin.clone() };
        self.store(store).put(&key.entry, origin, secret).await?;
        Ok(key)
    }

    /// Forgets a key. Forgetting what is not there is no error.
    ///
    /// # Errors
    ///
    /// What the store says; the key is still there then.
    pub async fn forget(&self, key: &KeyRef) -> Result<(), SecretError> {
        self.store(key.store).delete(&key.entry, &key.origin).await
    }

    /// "Send this key to HOST" (KEY-9): copies the key for another origin, as [`Self::save`] does. The old one stays
    /// until the caller has committed the new reference and calls [`Self::forget`]. A variable is only bound anew.
    ///
    /// # Errors
    ///
    /// What the store says; the old key is as it was then.
    pub async fn rebind(&self, key: &KeyRef, origin: &Origin) -> Result<KeyRef, SecretError> {
        let secret = self.store(key.store).get(&key.entry, &key.origin).await?;
        if key.store == StoreKind::Env {
            return Ok(KeyRef { origin: origin.clone(), ..key.clone() });
        }
        self.save(key.store, origin, secret).await
    }

    /// What the keyring and the vault are like. It takes 2 s at the most.
    pub async fn stores(&self) -> StoresState {
        StoresState {
            keyring: self.keyring.state().await,
            keyring_name: self.keyring.name(),
            vault: self.vault.state(),
        }
    }

    /// Asks the person to unlock the keyring, or to make one where the service has none, and waits as long as that
    /// takes. Dropping the future gives up, and withdraws the prompt where the system has a way to.
    ///
    /// # Errors
    ///
    /// [`SecretError::Locked`] where the prompt was dismissed, [`SecretError::Unavailable`] without a keyring.
    pub async fn unlock_keyring(&self) -> Result<(), SecretError> {
        self.keyring.unlock().await
    }

    /// The vault: to make, unlock, lock and reset it.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// A variable of the environment, for a configuration that names it; `None` where it is not set or empty.
    pub(crate) fn variable(&self, name: &EntryName) -> Option<Secret> {
        self.env.secret(name)
    }

    /// Whether a variable is set and not empty, for the list of conventional names. Never its value.
    pub fn env_is_set(&self, name: &EntryName) -> bool {
        self.env.is_set(name)
    }
}

/// Refuses what no store keeps.
fn checked(secret: &Secret) -> Result<(), SecretError> {
    if secret.is_empty() {
        return Err(SecretError::Empty);
    }
    if secret.expose().len() > LONGEST {
        return Err(SecretError::TooLong { limit: LONGEST });
    }
    Ok(())
}
