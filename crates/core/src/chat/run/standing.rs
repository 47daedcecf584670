//! What an attempt says of whom it asked: of the account, and of how the target stands.

use std::{sync::Arc, time::Duration};

use parlance_providers::{Category, ProviderError};

use super::{APP_CLOSED, Run};
use crate::{
    app::Inner,
    chat::party::Asking,
    fallback::health::{Change, Outcome},
    history::circuits,
};

impl Run {
    /// What the attempt says of its account and its target.
    pub(super) fn note(
        &self,
        asking: &Asking,
        error: Option<&ProviderError>,
        left: bool,
        first_token: Option<Duration>,
        slept: bool,
        now: i64,
    ) {
        if !left {
            return self.tell_health(asking, Outcome::Unproven, now);
        }
        let closed = |error: &ProviderError| error.category == Category::Cancelled || error.cause == Some(APP_CLOSED);
        let first_token_ms =
            first_token.and_then(|time| u32::try_from(time.as_millis()).ok()).filter(|_| !self.carried);
        let outcome = match error {
            None => Outcome::Answered { first_token_ms },
            Some(error) if closed(error) => Outcome::Unproven,
            Some(error) => {
                if let Some(ms) = first_token_ms.filter(|_| !slept) {
                    self.app.registry.health().began(&asking.key, ms, now);
                }
                Outcome::Failed { error, excused: slept }
            }
        };
        self.app.registry.rests().note(asking.key.account_id, error, now);
        self.tell_health(asking, outcome, now);
    }

    fn tell_health(&self, asking: &Asking, outcome: Outcome<'_>, now: i64) {
        let change = self.app.registry.health().note(&asking.key, self.party.rules(), outcome, now);
        if let Some(change) = change {
            write_down(&self.app, change, now);
        }
    }
}

/// Writes down that a circuit opened or closed, beside everything else.
fn write_down(app: &Arc<Inner>, change: Change, now: i64) {
    let this = Arc::clone(app);
    app.tasks.spawn(async move {
        let known = Arc::clone(&this);
        let write = move |tx: &rusqlite::Transaction<'_>| circuits::keep(tx, known.registry.health(), &change, now);
        if let Err(error) = this.database.write(write).await {
            tracing::warn!(code = error.code(), "how a target stands could not be written down");
        }
    });
}
