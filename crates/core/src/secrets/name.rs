//! Names of entries.

use super::SecretError;

/// The name of a keyring entry or an environment variable: letters, digits, `_`, `-` and `.`, at most 128 of them,
/// the first a letter or `_`. It says nothing about the secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryName(String);

impl EntryName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`SecretError::BadName`].
    pub fn new(name: &str) -> Result<Self, SecretError> {
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if starts && rest && name.len() <= 128 { Ok(Self(name.to_owned())) } else { Err(SecretError::BadName) }
    }

    /// A name that nobody else has: `key-` and 32 hex digits. Several data folders of one user share one keyring, so
    /// a name made of a row's number would not do.
    pub fn random() -> Self {
        Self(format!("key-{:032x}", rand::random::<u128>()))
    }

    /// The entry of an account's key.
    pub fn of_account(account_id: i64) -> Self {
        Self(format!("account-{account_id}"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
