//! The vault: keys in one file under a passphrase.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use parlance_core::secrets::{EntryName, Origin, SecretError, SecretStore as _, Secrets, StoreKind, Vault, VaultState};
use parlance_providers::Secret;
use proptest::prelude::*;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A thousandth of the real price, so that hundreds of vaults can be opened.
const CHEAP: u8 = 8;
const CANARY: &str = "sk-canary-0123456789";

fn secret(text: &str) -> Secret {
    Secret::verbatim(Zeroizing::new(text.to_owned()))
}

fn entry(name: &str) -> EntryName {
    EntryName::new(name).unwrap()
}

fn origin() -> Origin {
    Origin::parse("https://api.example.com/v1").unwrap()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("vault.age")
}

async fn get(vault: &Vault, name: &str) -> Result<String, SecretError> {
    vault.get(&entry(name), &origin()).await.map(|secret| secret.expose().to_owned())
}

async fn put(vault: &Vault, name: &str, text: &str) -> Result<(), SecretError> {
    vault.put(&entry(name), &origin(), secret(text)).await
}

/// A vault on the disk with one key, as bytes.
async fn made(path: &Path, passphrase: &str) -> Vec<u8> {
    let vault = Vault::with_work(path, CHEAP);
    vault.create(secret(passphrase)).await.unwrap();
    put(&vault, "key-1", CANARY).await.unwrap();
    fs::read(path).unwrap()
}

#[tokio::test]
async fn keys_are_there_again_after_the_passphrase() {
    let folder = TempDir::new().unwrap();
    let vault = Vault::with_work(file(&folder), CHEAP);
    assert_eq!(vault.state(), VaultState::None);
    assert_eq!(put(&vault, "key-1", CANARY).await, Err(SecretError::Unavailable), "there is no vault yet");
    assert_eq!(vault.unlock(secret("open sesame")).await, Err(SecretError::Unavailable));
    vault.create(secret("open sesame")).await.unwrap();
    assert_eq!(vault.state(), VaultState::Open);
    put(&vault, "key-1", CANARY).await.unwrap();
    put(&vault, "key-2", " \"letter by letter\"\n").await.unwrap();
    put(&vault, "key-3", "to be forgotten").await.unwrap();
    vault.delete(&entry("key-3"), &origin()).await.unwrap();
    vault.delete(&entry("key-3"), &origin()).await.unwrap();
    vault.lock();
    assert_eq!(vault.state(), VaultState::Locked);
    assert_eq!(get(&vault, "key-1").await, Err(SecretError::Locked));
    assert_eq!(put(&vault, "key-1", "x").await, Err(SecretError::Locked));
    assert_eq!(vault.delete(&entry("key-1"), &origin()).await, Err(SecretError::Locked));

    let next = Vault::with_work(file(&folder), CHEAP);
    assert_eq!(next.state(), VaultState::Locked);
    next.unlock(secret("open sesame")).await.unwrap();
    assert_eq!(get(&next, "key-1").await.as_deref(), Ok(CANARY));
    assert_eq!(get(&next, "key-2").await.as_deref(), Ok(" \"letter by letter\"\n"));
    assert_eq!(get(&next, "key-3").await, Err(SecretError::NotFound));
    let elsewhere = Origin::parse("https://evil.test").unwrap();
    assert_eq!(next.get(&entry("key-1"), &elsewhere).await.err().unwrap().code(), "wrong_origin");
}

#[tokio::test]
async fn a_wrong_passphrase_is_told_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let before = made(&file(&folder), "right").await;
    let vault = Vault::with_work(file(&folder), CHEAP);
    for wrong in ["", "wrong", "right ", "Right"] {
        assert_eq!(vault.unlock(secret(wrong)).await, Err(SecretError::WrongPassphrase), "{wrong:?}");
        assert_eq!(vault.state(), VaultState::Locked);
    }
    assert_eq!(vault.create(secret("other")).await, Err(SecretError::AlreadyThere));
    assert_eq!(fs::read(file(&folder)).unwrap(), before);
    vault.unlock(secret("right")).await.unwrap();
}

#[tokio::test]
async fn a_passphrase_is_changed_by_whoever_knows_it() {
    let folder = TempDir::new().unwrap();
    made(&file(&folder), "first").await;
    let vault = Vault::with_work(file(&folder), CHEAP);
    assert_eq!(vault.change_passphrase(secret("first"), secret("second")).await, Err(SecretError::Locked));
    vault.unlock(secret("first")).await.unwrap();
    let wrong = vault.change_passphrase(secret("guess"), secret("second")).await;
    assert_eq!(wrong, Err(SecretError::WrongPassphrase));
    assert_eq!(vault.change_passphrase(secret("first"), secret("")).await, Err(SecretError::Empty));
    vault.change_passphrase(secret("first"), secret("second")).await.unwrap();
    put(&vault, "key-2", "under the new one").await.unwrap();
    vault.lock();
    assert_eq!(vault.unlock(secret("first")).await, Err(SecretError::WrongPassphrase));
    vault.unlock(secret("second")).await.unwrap();
    assert_eq!(get(&vault, "key-1").await.as_deref(), Ok(CANARY));
    assert_eq!(get(&vault, "key-2").await.as_deref(), Ok("under the new one"));
}

#[tokio::test]
async fn only_a_reset_deletes_it() {
    let folder = TempDir::new().unwrap();
    made(&file(&folder), "lost").await;
    let vault = Vault::with_work(file(&folder), CHEAP);
    fs::write(folder.path().join("vault.age.new"), "left by a crash").unwrap();
    vault.reset().await.unwrap();
    vault.reset().await.unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(vault.state(), VaultState::None);
    assert_eq!(vault.create(secret("")).await, Err(SecretError::Empty));
    vault.create(secret("new")).await.unwrap();
    assert_eq!(get(&vault, "key-1").await, Err(SecretError::NotFound));
}

#[tokio::test]
async fn a_damaged_file_is_told_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder);
    let whole = made(&path, "right").await;
    let vault = Vault::with_work(&path, CHEAP);
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(vault.unlock(secret("right")).await, Err(SecretError::Damaged), "cut at {length}");
        assert_eq!(fs::read(&path).unwrap(), whole[..length], "cut at {length}");
    }
    for at in 0..whole.len() {
        let mut garbled = whole.clone();
        garbled[at] ^= 0x08;
        fs::write(&path, &garbled).unwrap();
        // The header says how the key is derived: garbled there, no passphrase is the right one.
        let failed = vault.unlock(secret("right")).await.unwrap_err();
        assert!(matches!(failed, SecretError::Damaged | SecretError::WrongPassphrase), "garbled at {at}: {failed}");
        assert_eq!(fs::read(&path).unwrap(), garbled);
    }
    let mut longer = whole.clone();
    longer.push(0);
    for other in [longer, b"age-encryption.org/v1\n".to_vec(), b"{}".to_vec(), vec![b' '; 9 << 20]] {
        fs::write(&path, &other).unwrap();
        assert_eq!(vault.unlock(secret("right")).await, Err(SecretError::Damaged));
        assert_eq!(fs::metadata(&path).unwrap().len(), other.len() as u64);
    }
    fs::write(&path, &whole).unwrap();
    vault.unlock(secret("right")).await.unwrap();
}

#[tokio::test]
async fn a_file_that_asks_for_absurd_work_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder);
    let whole = made(&path, "right").await;
    let header = String::from_utf8_lossy(&whole).lines().nth(1).unwrap().to_owned();
    assert!(header.starts_with("-> scrypt ") && header.ends_with(" 8"), "{header}");
    let at = whole.windows(header.len()).position(|bytes| bytes == header.as_bytes()).unwrap() + header.len() - 1;
    for absurd in ["21", "30", "63", "64", "255"] {
        let asking = [&whole[..at], absurd.as_bytes(), &whole[at + 1..]].concat();
        fs::write(&path, &asking).unwrap();
        let vault = Vault::with_work(&path, CHEAP);
        assert_eq!(vault.unlock(secret("right")).await, Err(SecretError::Damaged), "{absurd}");
        assert_eq!(fs::read(&path).unwrap(), asking);
    }
}

#[tokio::test]
async fn the_real_price_is_that_of_age_and_an_age_file_is_what_there_is() {
    let folder = TempDir::new().unwrap();
    let vault = Vault::new(file(&folder));
    vault.create(secret("passphrase")).await.unwrap();
    let bytes = fs::read(file(&folder)).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("age-encryption.org/v1"));
    assert!(lines.next().unwrap().ends_with(" 18"), "2^18, as age itself takes");
}

#[tokio::test]
async fn nothing_of_a_key_or_its_place_is_readable_in_the_file() {
    let folder = TempDir::new().unwrap();
    let bytes = made(&file(&folder), "a-passphrase-to-look-for").await;
    for word in [CANARY, "api.example.com", "key-1", "a-passphrase-to-look-for"] {
        for window in word.as_bytes().windows(5) {
            assert!(!bytes.windows(5).any(|bytes| bytes == window), "{word}");
        }
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["vault.age"], "and no other file is left beside it");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    made(&file(&folder), "first").await;
    let mode = || fs::metadata(file(&folder)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(file(&folder), fs::Permissions::from_mode(0o644)).unwrap();
    let vault = Vault::with_work(file(&folder), CHEAP);
    vault.unlock(secret("first")).await.unwrap();
    put(&vault, "key-2", "x").await.unwrap();
    assert_eq!(mode(), 0o600, "what a person loosened is tight again after a save");
}

#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_written_leaves_the_old_file_and_the_old_keys() {
    let folder = TempDir::new().unwrap();
    let before = made(&file(&folder), "first").await;
    let vault = Vault::with_work(file(&folder), CHEAP);
    vault.unlock(secret("first")).await.unwrap();
    // A folder where the next file would be written: it cannot be removed as a file, nor written over.
    fs::create_dir(folder.path().join("vault.age.new")).unwrap();
    assert_eq!(put(&vault, "key-2", "x").await, Err(SecretError::Unavailable));
    assert_eq!(vault.delete(&entry("key-1"), &origin()).await, Err(SecretError::Unavailable));
    let failed = vault.change_passphrase(secret("first"), secret("second")).await;
    assert_eq!(failed, Err(SecretError::Unavailable));
    assert_eq!(fs::read(file(&folder)).unwrap(), before);
    assert_eq!(get(&vault, "key-2").await, Err(SecretError::NotFound), "what is not on the disk is not in memory");
    assert_eq!(get(&vault, "key-1").await.as_deref(), Ok(CANARY));
}

#[tokio::test]
async fn a_key_is_saved_bound_anew_and_forgotten() {
    let folder = TempDir::new().unwrap();
    let secrets = Secrets::new(|_| None).with_vault_of(Vault::with_work(file(&folder), CHEAP));
    assert_eq!(secrets.save(StoreKind::Vault, &origin(), secret(CANARY)).await, Err(SecretError::Unavailable));
    secrets.vault().create(secret("first")).await.unwrap();
    assert_eq!(secrets.stores().await.vault, VaultState::Open);
    let key = secrets.save(StoreKind::Vault, &origin(), secret(CANARY)).await.unwrap();
    let host = Origin::parse("https://other.example").unwrap();
    let moved = secrets.rebind(&key, &host).await.unwrap();
    secrets.forget(&key).await.unwrap();
    let (old, new) = ("https://api.example.com".parse().unwrap(), "https://other.example/v1".parse().unwrap());
    assert_eq!(secrets.key_for(&key, &old).await.err(), Some(SecretError::NotFound));
    assert_eq!(secrets.key_for(&moved, &new).await.map(|key| key.expose().to_owned()), Ok(CANARY.to_owned()));
    secrets.vault().lock();
    assert_eq!(secrets.stores().await.vault, VaultState::Locked);
    assert_eq!(secrets.rebind(&moved, &origin()).await, Err(SecretError::Locked));
}

/// A reader who looks all the time while keys are saved sees whole files only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_is_the_old_one_or_the_new_one() {
    let folder = TempDir::new().unwrap();
    made(&file(&folder), "first").await;
    let vault = Vault::with_work(file(&folder), CHEAP);
    vault.unlock(secret("first")).await.unwrap();
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (path, stop) = (file(&folder), std::sync::Arc::clone(&done));
    let looking = tokio::task::spawn_blocking(move || {
        let mut seen: Vec<Vec<u8>> = Vec::new();
        while !stop.load(std::sync::atomic::Ordering::Acquire) {
            let bytes = fs::read(&path).unwrap();
            if seen.last() != Some(&bytes) {
                seen.push(bytes);
            }
        }
        seen
    });
    for number in 0..20 {
        put(&vault, &format!("key-{number}"), &"k".repeat(500 * number + 1)).await.unwrap();
    }
    done.store(true, std::sync::atomic::Ordering::Release);
    let seen = looking.await.unwrap();
    assert!(seen.len() > 1);
    let other = TempDir::new().unwrap();
    for bytes in seen {
        fs::write(file(&other), bytes).unwrap();
        Vault::with_work(file(&other), CHEAP).unlock(secret("first")).await.unwrap();
    }
}

#[tokio::test]
async fn a_save_and_a_lock_at_once_leave_it_locked_and_saved() {
    let folder = TempDir::new().unwrap();
    made(&file(&folder), "first").await;
    let vault = Vault::with_work(file(&folder), 12);
    vault.unlock(secret("first")).await.unwrap();
    let mut saving = std::pin::pin!(put(&vault, "key-2", "two"));
    assert!(futures::poll!(saving.as_mut()).is_pending());
    vault.lock();
    let saved = saving.await;
    assert_eq!(vault.state(), VaultState::Locked);
    vault.unlock(secret("first")).await.unwrap();
    match saved {
        Ok(()) => assert_eq!(get(&vault, "key-2").await.as_deref(), Ok("two")),
        Err(error) => {
            assert_eq!(error, SecretError::Locked, "the lock came first");
            assert_eq!(get(&vault, "key-2").await, Err(SecretError::NotFound));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any keys, saved and deleted in any order, are there after a restart.
    #[test]
    fn a_vault_is_a_map(steps in prop::collection::vec(("key-[a-e]", prop::option::of("\\PC{1,80}")), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = TempDir::new().unwrap();
            let vault = Vault::with_work(file(&folder), CHEAP);
            vault.create(secret("first")).await.unwrap();
            let mut model = BTreeMap::new();
            for (name, text) in steps {
                match text {
                    Some(text) => {
                        put(&vault, &name, &text).await.unwrap();
                        model.insert(name, text);
                    }
                    None => {
                        vault.delete(&entry(&name), &origin()).await.unwrap();
                        model.remove(&name);
                    }
                }
            }
            let next = Vault::with_work(file(&folder), CHEAP);
            next.unlock(secret("first")).await.unwrap();
            for vault in [&vault, &next] {
                for name in ["key-a", "key-b", "key-c", "key-d", "key-e"] {
                    assert_eq!(get(vault, name).await.ok().as_ref(), model.get(name));
                }
            }
        });
    }
}
