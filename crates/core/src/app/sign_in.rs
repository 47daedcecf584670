//! Signing in at a vendor's page.

use super::App;
use crate::{
    error::Error,
    view::{KeyPlace, SignInEnd, SignInView},
};

impl App {
    /// Begins a sign-in for an account: the vendor is asked for a code. An account has one at a time; a new one ends
    /// the one before.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `no_sign_in` where the vendor knows none; what kept the vendor from being asked;
    /// `not_found`.
    pub async fn begin_sign_in(&self, _account_id: &str, _place: KeyPlace) -> Result<SignInView, Error> {
        Err(Error::invalid("accountId", "no_sign_in"))
    }

    /// Waits until the person has signed in, declined, or the code is no longer good. What was obtained is kept before
    /// this returns.
    ///
    /// # Errors
    /// What the vendor said, or why its token could not be kept; `not_found`.
    pub async fn await_sign_in(&self, _id: &str) -> Result<SignInEnd, Error> {
        Err(Error::invalid("id", "not_found"))
    }

    /// Ends a sign-in: who waits for it hears `Cancelled`. One that has ended is left as it is.
    pub fn cancel_sign_in(&self, _id: &str) {}
}
