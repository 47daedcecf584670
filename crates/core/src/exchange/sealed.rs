//! A configuration under a passphrase: an `age` file in ASCII armour, which the `age` program opens too.

use std::io::{Read as _, Write as _};
use std::iter::once;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor};
use parlance_providers::Secret;
use zeroize::Zeroizing;

use super::{ConfigError, ConfigFault, LONGEST};
use crate::{error::Error, history::error::StoreError, secrets::SecretError};

const ARMOUR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
/// scrypt's N as a power of two: somewhat under a second for each guess.
const WORK: u8 = 18;
/// What a file may ask for, and no more: some seconds, and 1 GiB.
const MOST_WORK: u8 = 20;

/// Whether a text is such a file.
pub(crate) fn is_sealed(text: &str) -> bool {
    text.trim_start().starts_with(ARMOUR)
}

/// Encrypts. It takes about a second of work.
///
/// # Errors
/// [`Error::Store`] where the cipher fails, which is a fault of ours.
pub(crate) fn seal(text: &str, passphrase: &Secret) -> Result<String, Error> {
    let sealed = || -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut recipient = Recipient::new(phrase(passphrase));
        recipient.set_work_factor(WORK);
        let armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = Encryptor::with_recipients(once(&recipient as _))?.wrap_output(armour)?;
        writer.write_all(text.as_bytes())?;
        Ok(writer.finish()?.finish()?)
    };
    let failed = || StoreError::internal("a configuration could not be encrypted");
    String::from_utf8(sealed().map_err(|_| failed())?).map_err(|_| failed().into())
}

/// Decrypts. It takes as much work as the file asks for, within a limit.
///
/// # Errors
/// [`Error::Secret`]: not its passphrase, or damaged; [`Error::Config`] where it holds no text, or too long a one.
pub(crate) fn open(sealed: &str, passphrase: &Secret) -> Result<Zeroizing<String>, Error> {
    let damaged = || Error::from(SecretError::Damaged);
    let mut identity = Identity::new(phrase(passphrase));
    identity.set_max_work_factor(MOST_WORK);
    let armour = ArmoredReader::new(sealed.trim_start().as_bytes());
    let decryptor = Decryptor::new_buffered(armour).map_err(|_| damaged())?;
    if !decryptor.is_scrypt() {
        return Err(damaged());
    }
    let reader = decryptor.decrypt(once(&identity as _)).map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => SecretError::WrongPassphrase.into(),
        _ => damaged(),
    })?;
    // The room at once: what is read is never longer than what it is read from.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    reader.take(LONGEST as u64 + 1).read_to_end(&mut plain).map_err(|_| damaged())?;
    if plain.len() > LONGEST {
        return Err(ConfigError::whole(ConfigFault::TooLong).into());
    }
    let text = std::str::from_utf8(&plain).map_err(|_| ConfigError::whole(ConfigFault::NotReadable))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn phrase(passphrase: &Secret) -> SecretString {
    SecretString::from(passphrase.expose().to_owned())
}
