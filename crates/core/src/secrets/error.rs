//! Why a secret could not be had.

use super::Origin;

/// Why a secret could not be written, read or released. Never carries the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The store cannot be reached: no keyring service, no answer in time, no vault yet.
    #[error("the secret store is not available")]
    Unavailable,
    /// The entry is there, or may be, but cannot be read until the user unlocks the store; nothing may be deleted or
    /// replaced.
    #[error("the secret store is locked")]
    Locked,
    /// Nothing is stored under this name; a variable is not set or is empty.
    #[error("no secret is stored there")]
    NotFound,
    /// What is stored is no secret of ours any more: a part is missing, the vault is cut off or asks for more work
    /// than any that Parlance wrote. It is left as it is.
    #[error("what is stored there is damaged")]
    Damaged,
    /// The store took the secret and did not give the same one back (KEY-14). Nothing of it is left there.
    #[error("the secret store did not keep the secret")]
    NotKept,
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
    /// Not the passphrase of the vault.
    #[error("that is not the passphrase")]
    WrongPassphrase,
    /// There is a vault already; only a reset removes it.
    #[error("there is a vault already")]
    AlreadyThere,
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
            Self::Damaged => "damaged",
            Self::NotKept => "not_kept",
            Self::TooLong { .. } => "too_long",
            Self::Empty => "empty",
            Self::ReadOnly => "read_only",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::AlreadyThere => "already_there",
            Self::BadName => "bad_name",
            Self::BadAddress => "bad_address",
            Self::WrongOrigin { .. } => "wrong_origin",
        }
    }
}
