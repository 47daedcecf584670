//! A keyring in memory that fails as a test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use parlance_core::secrets::keyring::{Connection, End, Item};
use parlance_core::secrets::{Keyring, KeyringState, KeyringStore, SecretError};
use zeroize::Zeroizing;

/// Which call hangs until it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Connect,
    State,
    Unlock,
    Read,
    Write,
}

/// What the keyring does with what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    Keep,
    Forget,
    Mangle,
    KeepTheOld,
}

pub(crate) struct State {
    /// By user name: label, secret.
    pub(crate) items: BTreeMap<String, (String, Vec<u8>)>,
    pub(crate) access: KeyringState,
    /// What every read answers.
    pub(crate) read_error: Option<SecretError>,
    pub(crate) writes: Writes,
    /// Changes until the service dies; the one after fails.
    pub(crate) changes_left: Option<usize>,
    /// Connections made; those of an older life do not work.
    pub(crate) connects: usize,
    pub(crate) life: usize,
    pub(crate) calls: Vec<Call>,
    pub(crate) hanging: Option<Call>,
    pub(crate) panics: bool,
    /// Calls that hang just now.
    pub(crate) stuck: usize,
    /// Connections that live just now; a thread has one, or none.
    pub(crate) open: usize,
    /// Connections that were ended from outside.
    pub(crate) ended: usize,
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<(Mutex<State>, Condvar)>);

impl Fake {
    pub(crate) fn new() -> Self {
        let state = State {
            items: BTreeMap::new(),
            access: KeyringState::Available,
            read_error: None,
            writes: Writes::Keep,
            changes_left: None,
            connects: 0,
            life: 0,
            calls: Vec::new(),
            hanging: None,
            panics: false,
            stuck: 0,
            open: 0,
            ended: 0,
        };
        Self(Arc::new((Mutex::new(state), Condvar::new())))
    }

    pub(crate) fn store(&self) -> KeyringStore {
        KeyringStore::new(Arc::new(self.clone()))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap()
    }

    pub(crate) fn hang_in(&self, call: Call) {
        self.state().hanging = Some(call);
    }

    pub(crate) fn release(&self) {
        self.state().hanging = None;
        self.0.1.notify_all();
    }

    /// Blocks until this many calls hang.
    pub(crate) fn wait_stuck(&self, count: usize) {
        self.wait_for(|state| state.stuck == count);
    }

    /// Blocks until it is so.
    pub(crate) fn wait_for(&self, so: impl Fn(&State) -> bool) {
        let hang = Duration::from_secs(20);
        let waited = self.0.1.wait_timeout_while(self.state(), hang, |state| !so(state)).unwrap();
        assert!(!waited.1.timed_out(), "it never was");
    }

    /// The service is started anew: with what it had, and none of the old connections.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.life += 1;
        state.changes_left = None;
    }

    fn enter(&self, call: Call) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.calls.push(call);
        self.0.1.notify_all();
        assert!(!state.panics, "as the test asked");
        if state.hanging == Some(call) {
            state.stuck += 1;
            state = self.0.1.wait_while(state, |state| state.hanging == Some(call)).unwrap();
            state.stuck -= 1;
            self.0.1.notify_all();
        }
        state
    }
}

impl Keyring for Fake {
    fn name(&self) -> &'static str {
        "Fake"
    }

    fn connect(&self) -> Result<Box<dyn Connection>, SecretError> {
        let mut state = self.enter(Call::Connect);
        if state.access == KeyringState::Unavailable {
            return Err(SecretError::Unavailable);
        }
        state.connects += 1;
        state.open += 1;
        Ok(Box::new(Connected { fake: self.clone(), life: state.life }))
    }
}

struct Connected {
    fake: Fake,
    life: usize,
}

impl Drop for Connected {
    fn drop(&mut self) {
        if let Ok(mut state) = self.fake.0.0.lock() {
            state.open -= 1;
            self.fake.0.1.notify_all();
        }
    }
}

impl Connected {
    fn enter(&self, call: Call) -> Result<MutexGuard<'_, State>, SecretError> {
        let state = self.fake.enter(call);
        match state.access {
            _ if state.life != self.life => Err(SecretError::Unavailable),
            KeyringState::Unavailable => Err(SecretError::Unavailable),
            KeyringState::Locked if matches!(call, Call::Read | Call::Write) => Err(SecretError::Locked),
            _ => Ok(state),
        }
    }

    fn change(&self) -> Result<MutexGuard<'_, State>, SecretError> {
        let mut state = self.enter(Call::Write)?;
        match &mut state.changes_left {
            Some(0) => return Err(SecretError::Unavailable),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }
}

impl Connection for Connected {
    fn end(&self) -> Option<End> {
        let fake = self.fake.clone();
        Some(Box::new(move || {
            fake.state().ended += 1;
            fake.0.1.notify_all();
        }))
    }

    fn state(&mut self) -> Result<KeyringState, SecretError> {
        self.enter(Call::State).map(|state| state.access)
    }

    fn unlock(&mut self) -> Result<(), SecretError> {
        let mut state = self.enter(Call::Unlock)?;
        state.access = KeyringState::Available;
        Ok(())
    }

    fn read(&mut self, item: &Item) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let state = self.enter(Call::Read)?;
        if let Some(error) = &state.read_error {
            return Err(error.clone());
        }
        let (_, secret) = state.items.get(&item.account).ok_or(SecretError::NotFound)?;
        Ok(Zeroizing::new(secret.clone()))
    }

    fn write(&mut self, item: &Item, secret: &[u8]) -> Result<(), SecretError> {
        let mut state = self.change()?;
        let kept = match state.writes {
            Writes::Keep => secret.to_vec(),
            Writes::Forget => return Ok(()),
            Writes::Mangle => secret.iter().map(|byte| byte ^ 1).collect(),
            Writes::KeepTheOld => {
                state.items.get(&item.account).map_or_else(|| secret.to_vec(), |(_, old)| old.clone())
            }
        };
        state.items.insert(item.account.clone(), (item.label.clone(), kept));
        Ok(())
    }

    fn remove(&mut self, item: &Item) -> Result<(), SecretError> {
        self.change()?.items.remove(&item.account);
        Ok(())
    }
}
