//! The app's keyring store in a process of its own, on the bus of its environment.
//!
//! A command a line: `state` · `put NAME TEXT` · `get NAME` · `delete NAME` · `unlock` · `ping` · `drop NUMBER` (gives
//! up waiting for that command) · `exit`. Commands run side by side. An answer is the command's number and `ok`,
//! `= TEXT` or the code of an error.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use parlance_core::secrets::{EntryName, KeyringState, Origin, SecretError, Secrets, StoreKind, keyring};
use parlance_providers::Secret;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

const ORIGIN: &str = "https://api.example.com";

fn main() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return ExitCode::FAILURE };
    let secrets = Arc::new(Secrets::new(|_| None).with_keyring(keyring::system()));
    let output = Arc::new(Mutex::new(std::io::stdout()));
    let mut running: Vec<JoinHandle<()>> = Vec::new();
    for mut line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if line == "exit" {
            break;
        }
        let number = running.len() + 1;
        if let Some(other) = line.strip_prefix("drop ").and_then(|other| other.parse::<usize>().ok()) {
            let Some(task) = running.get_mut(other.wrapping_sub(1)) else { return ExitCode::FAILURE };
            task.abort();
            // Until its future is gone. That it was aborted is known.
            let _ = runtime.block_on(task);
            line.clear();
        }
        let (secrets, output) = (Arc::clone(&secrets), Arc::clone(&output));
        running.push(runtime.spawn(async move {
            let answer = obey(&secrets, &line).await.unwrap_or_else(|error| error.code().to_owned());
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever asked may be gone.
            let _ = writeln!(output, "{number} {answer}").and_then(|()| output.flush());
        }));
    }
    ExitCode::SUCCESS
}

async fn obey(secrets: &Secrets, line: &str) -> Result<String, SecretError> {
    let mut words = line.splitn(3, ' ');
    let (command, name, text) = (words.next(), words.next().unwrap_or("none"), words.next().unwrap_or_default());
    let (entry, origin) = (EntryName::new(name)?, Origin::parse(ORIGIN)?);
    let store = secrets.store(StoreKind::Keyring);
    let ok = |()| "ok".to_owned();
    match command {
        Some("state") => {
            let stores = secrets.stores().await;
            let state = match stores.keyring {
                KeyringState::Available => "available",
                KeyringState::Locked => "locked",
                KeyringState::Unavailable => "unavailable",
            };
            Ok(format!("{state}: {}", stores.keyring_name))
        }
        Some("put") => {
            let secret = Secret::verbatim(Zeroizing::new(text.to_owned()));
            store.put(&entry, &origin, secret).await.map(ok)
        }
        Some("get") => store.get(&entry, &origin).await.map(|secret| format!("= {}", secret.expose())),
        Some("delete") => store.delete(&entry, &origin).await.map(ok),
        Some("unlock") => secrets.unlock_keyring().await.map(ok),
        _ => Ok("ok".to_owned()),
    }
}
