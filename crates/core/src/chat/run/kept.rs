//! Answers that are told again instead of being asked for.

use std::sync::Arc;

use parlance_providers::{ChatEvent, ChatRequest};

use super::{Run, Step};
use crate::{
    chat::{
        answer::Answer,
        cache,
        ending::{self, Finished},
        party::Asking,
    },
    costs::TextCount,
    history::response_cache::{self, NewAnswer},
};

/// A kept answer, read.
pub(super) struct Told {
    id: i64,
    events: Vec<ChatEvent>,
    cost_nano: Option<i64>,
}

impl Run {
    /// What an answer to this request is kept under, where it is kept.
    pub(super) fn cache_key(&self, asking: &Asking, request: &ChatRequest) -> Option<String> {
        let seat = self.party.seat(asking.target)?;
        self.ids.route.filter(|_| !self.carried)?;
        cache::key(self.party.rules().cache, &asking.resolved.vendor, &seat.row.base_url, request)
    }

    /// The answer that was kept to exactly this request. One that cannot be read is dropped and asked for anew.
    pub(super) async fn recall(&self, key: &str) -> Option<Told> {
        let (route, rules, now) = (self.ids.route?, self.party.rules().cache, self.app.clock.now_ms());
        if self.source.anew || self.cancel.is_cancelled() {
            return None;
        }
        let key = key.to_owned();
        let find = move |connection: &rusqlite::Connection| response_cache::find(connection, route, &key, rules, now);
        let kept = match self.app.database.read(find).await {
            Ok(kept) => kept?,
            Err(error) => {
                tracing::warn!(code = error.code(), "kept answers could not be looked at");
                return None;
            }
        };
        if let Some(events) = cache::told(&kept.answer) {
            return Some(Told { id: kept.id, events, cost_nano: kept.cost_nano });
        }
        if let Err(error) = self.app.database.write(move |tx| response_cache::remove(tx, kept.id)).await {
            tracing::warn!(code = error.code(), "a kept answer that cannot be read could not be dropped");
        }
        None
    }

    /// Tells a kept answer as if it came now.
    pub(super) async fn tell_again(&mut self, asking: Asking, told: Told) -> Step {
        // Nobody is asked, so what was taken for that is given back.
        self.party.give_up(&self.app);
        let begun = match self.begin(&asking, Some(told.id)).await {
            Ok(begun) => begun,
            Err(step) => return step,
        };
        let mut answer = Answer::new(Arc::clone(&self.app.hub), self.ids.run, begun.waited, &self.kept());
        let error = told.events.into_iter().try_for_each(|event| answer.take(event)).err();
        answer.end();
        let live = self.app.hub.parts(self.ids.run, begun.id);
        let (counts, quotes) = ([TextCount::default(), ending::received(&live)], self.app.quotes());
        let mut finished =
            Box::new(Finished::new(begun, &asking.resolved, live, answer, error.as_ref(), counts, &quotes));
        finished.told_again(told.cost_nano);
        let outcome = finished.outcome;
        Step::Over(Some(finished), outcome)
    }

    /// An answer to keep.
    pub(super) fn to_keep(&self, key: String, answer: String) -> Option<NewAnswer> {
        let route_id = self.ids.route?;
        Some(NewAnswer { route_id, key, answer, cache: self.party.rules().cache })
    }
}
