//! The sign-ins that wait for a person.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use parlance_providers::CancellationToken;
use tokio::sync::oneshot;

use crate::{error::Error, view::SignInEnd};

type Told = Result<SignInEnd, Error>;

/// How a sign-in will have ended.
pub(in crate::app) struct Waiting(pub(super) oneshot::Receiver<Told>);

struct OnTheWay {
    account_id: i64,
    cancel: CancellationToken,
    over: bool,
    /// Until somebody waits for it.
    told: Option<Waiting>,
}

/// One for each account at the most.
#[derive(Default)]
pub(in crate::app) struct Pending(Mutex<HashMap<String, OnTheWay>>);

impl Pending {
    fn all(&self) -> MutexGuard<'_, HashMap<String, OnTheWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new one for an account; the one before is ended. Its id cannot be guessed.
    pub(super) fn begin(&self, account_id: i64) -> (String, CancellationToken, oneshot::Sender<Told>) {
        let id = format!("{:032x}", rand::random::<u128>());
        let (tell, told) = oneshot::channel();
        let cancel = CancellationToken::new();
        let new = OnTheWay { account_id, cancel: cancel.clone(), over: false, told: Some(Waiting(told)) };
        let mut all = self.all();
        all.values().filter(|one| one.account_id == account_id).for_each(|one| one.cancel.cancel());
        // What nobody asked for in its time is not asked for any more.
        all.retain(|_, one| one.account_id != account_id || one.told.is_none() && !one.over);
        all.insert(id.clone(), new);
        (id, cancel, tell)
    }

    /// Its end, for the one who asks first.
    pub(super) fn wait(&self, id: &str) -> Option<Waiting> {
        let mut all = self.all();
        let one = all.get_mut(id)?;
        let told = one.told.take();
        if one.over {
            all.remove(id);
        }
        told
    }

    /// It has an end now.
    pub(super) fn ended(&self, id: &str) {
        let mut all = self.all();
        if let Some(one) = all.get_mut(id) {
            one.over = true;
            if one.told.is_none() {
                all.remove(id);
            }
        }
    }

    pub(super) fn cancel(&self, id: &str) {
        if let Some(one) = self.all().get(id) {
            one.cancel.cancel();
        }
    }

    /// The app closes.
    pub(in crate::app) fn cancel_all(&self) {
        self.all().values().for_each(|one| one.cancel.cancel());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_one_ends_the_one_before_of_the_same_account_alone() {
        let pending = Pending::default();
        let (first, cancel, _tell) = pending.begin(1);
        let (other, unharmed, _other) = pending.begin(2);
        let (second, ..) = pending.begin(1);
        assert!(cancel.is_cancelled() && !unharmed.is_cancelled());
        assert!(first != second && pending.wait(&first).is_none() && pending.wait(&other).is_some());
        assert!(pending.wait(&other).is_none(), "its end is told once");
        pending.cancel_all();
        assert!(unharmed.is_cancelled());
    }

    #[test]
    fn nothing_is_left_of_what_is_over() {
        let pending = Pending::default();
        for account_id in 0..3 {
            let (id, _cancel, tell) = pending.begin(account_id);
            let Some(Waiting(mut told)) = pending.wait(&id) else { panic!() };
            assert!(tell.send(Ok(SignInEnd::Denied)).is_ok());
            pending.ended(&id);
            assert!(matches!(told.try_recv(), Ok(Ok(SignInEnd::Denied))));
        }
        assert!(pending.all().is_empty());
        let (id, ..) = pending.begin(9);
        pending.ended(&id);
        assert!(pending.wait(&id).is_some(), "an end may come before somebody waits for it");
        assert!(pending.all().is_empty());
    }
}
