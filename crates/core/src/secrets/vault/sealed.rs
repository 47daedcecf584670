//! What is in a vault, and its encryption.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::iter::once;

use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor};
use parlance_providers::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::SecretError;

/// A file may ask for this much work, as a power of two, and no more: 1 GiB and some seconds.
const MOST_WORK: u8 = 20;

/// The keys of a vault, by entry.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub(super) keys: BTreeMap<String, Kept>,
}

/// A key, and what it was given for.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) origin: String,
    pub(super) secret: Zeroizing<String>,
}

/// Encrypts. `work` is scrypt's N as a power of two.
pub(super) fn seal(contents: &Contents, passphrase: &Secret, work: u8) -> Result<Vec<u8>, SecretError> {
    let mut recipient = Recipient::new(phrase(passphrase));
    recipient.set_work_factor(work.clamp(1, MOST_WORK));
    let plain = plain(contents)?;
    let mut sealed = Vec::new();
    let failed = |_| SecretError::Unavailable;
    let encryptor = Encryptor::with_recipients(once(&recipient as _)).map_err(|_| SecretError::Unavailable)?;
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(failed)?;
    writer.write_all(&plain).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(sealed)
}

/// Decrypts.
pub(super) fn open(sealed: &[u8], passphrase: &Secret) -> Result<Contents, SecretError> {
    let mut identity = Identity::new(phrase(passphrase));
    identity.set_max_work_factor(MOST_WORK);
    let decryptor = Decryptor::new_buffered(sealed).map_err(|_| SecretError::Damaged)?;
    if !decryptor.is_scrypt() {
        return Err(SecretError::Damaged);
    }
    let mut reader = decryptor.decrypt(once(&identity as _)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => SecretError::WrongPassphrase,
        _ => SecretError::Damaged,
    })?;
    // The room at once: what is read is never longer than what it is read from.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.read_to_end(&mut plain).map_err(|_| SecretError::Damaged)?;
    // The parser's message would show what it stumbled over.
    serde_json::from_slice(&plain).map_err(|_| SecretError::Damaged)
}

fn phrase(passphrase: &Secret) -> SecretString {
    SecretString::from(passphrase.expose().to_owned())
}

/// As JSON. The room is made at once: a vector that grows leaves copies behind.
fn plain(contents: &Contents) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    // A byte becomes six at most, `\u0000`.
    let room = |(name, kept): (&String, &Kept)| 6 * (name.len() + kept.origin.len() + kept.secret.len()) + 64;
    let mut plain = Zeroizing::new(Vec::with_capacity(contents.keys.iter().map(room).sum::<usize>() + 64));
    serde_json::to_writer(&mut *plain, contents).map_err(|_| SecretError::Unavailable)?;
    Ok(plain)
}
