//! What is left of a key in memory after it was forgotten (KEY-10). The method is that of keyring-rs: search the
//! process for it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use parlance_core::secrets::{Origin, Secrets, StoreKind, Vault};
use parlance_providers::Secret;
use zeroize::Zeroizing;

/// The key as it may lie in this file and in the program: every letter moved by one.
const MOVED: &[u8] = b"tl.dbobsz.uibu.opcpez.ibt";

/// The key, in memory that is wiped and never moved.
fn canary() -> Zeroizing<String> {
    let mut key = Zeroizing::new(String::with_capacity(MOVED.len()));
    MOVED.iter().for_each(|byte| key.push(char::from(byte - 1)));
    key
}

/// How often the key lies in the writable memory of this process.
fn copies() -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    let mut page = Zeroizing::new(vec![0_u8; 1 << 20]);
    let own = page.as_ptr() as u64..page.as_ptr() as u64 + page.len() as u64;
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let (from, to) = range.split_once('-').unwrap();
        let (mut at, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while rights.starts_with("rw") && at < to {
            let length = usize::try_from((to - at).min(page.len() as u64)).unwrap();
            let Ok(read) = memory.read_at(&mut page[..length], at) else { break };
            let same = |place: &usize| {
                let letters = page[*place..read].iter().zip(MOVED);
                letters.len() == MOVED.len() && letters.into_iter().all(|(byte, moved)| byte.wrapping_add(1) == *moved)
            };
            let places = memchr::memchr_iter(MOVED[0] - 1, &page[..read]).filter(same);
            found += places.filter(|place| !own.contains(&(at + *place as u64))).count();
            page.fill(0);
            // Keys that lie across the edge of two pieces are in the next one too.
            at += if at + read as u64 == to { read as u64 } else { (read - MOVED.len()) as u64 };
        }
    }
    found
}

/// One test alone in its process: another one's key would be found too.
#[test]
fn a_forgotten_key_is_nowhere_in_memory() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let vault = Vault::with_work(folder.path().join("vault.age"), 8);
    let secrets = Secrets::new(|_| None).with_vault_of(vault);
    let origin = Origin::parse("https://api.example.com").unwrap();
    let url = "https://api.example.com/v1".parse().unwrap();
    assert_eq!(copies(), 0);
    let key = canary();
    assert!(copies() > 0, "the search finds it where it is");
    drop(key);
    assert_eq!(copies(), 0);
    runtime.block_on(async {
        secrets.vault().create(Secret::verbatim(Zeroizing::new("passphrase".to_owned()))).await.unwrap();
        for store in [StoreKind::Session, StoreKind::Vault] {
            let key = secrets.save(store, &origin, Secret::verbatim(canary())).await.unwrap();
            let read = secrets.key_for(&key, &url).await.unwrap();
            assert!(copies() > 0 && read.expose().len() == MOVED.len());
            drop(read);
            secrets.forget(&key).await.unwrap();
            assert_eq!(copies(), 0, "{store:?}");
        }
        let key = secrets.save(StoreKind::Vault, &origin, Secret::verbatim(canary())).await.unwrap();
        assert!(copies() > 0, "an open vault holds it");
        secrets.vault().lock();
        assert_eq!(copies(), 0, "a locked one does not");
        drop(key);
    });
}
