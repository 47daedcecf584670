//! How one attempt asks: its request, its turn before the provider, and the answer as it comes.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use parlance_providers::{Category, ChatEvent, ChatRequest, FinishClass, ProviderError};
use tokio::time::{Instant, timeout_at};

use super::{Run, Step, over_budget};
use crate::{
    chat::{
        answer::Answer,
        cache::Script,
        defaults::Defaults,
        party::{Asking, Turn},
        prompt::{self, Ending, Recipient},
        relay,
    },
    error::Error,
    fallback::decision::Stop,
    registry::limits::{Pass, Wait},
    view::{RouteOverrides, WaitingView},
};

impl Asking {
    /// Whether a person carries what it asks.
    pub(crate) fn is_carried(&self) -> bool {
        relay::carries(&self.resolved.vendor, &self.resolved.model)
    }
}

impl Run {
    /// The request for whom it asks: nothing in it is another one's business.
    pub(super) async fn read(&self, asking: &Asking) -> Result<ChatRequest, ProviderError> {
        let resolved = &asking.resolved;
        let recipient =
            Recipient { dialect: resolved.dialect(), provider_id: resolved.target.provider_id, model: &resolved.model };
        let ending = match (self.source.goes_on, asking.prefill) {
            (false, _) => Ending::Prompt,
            (true, false) => Ending::Asked,
            (true, true) => Ending::Prefilled,
        };
        let outline = prompt::request(&self.source.lane, &self.source.branch, &recipient, ending);
        let outline = outline.with_said(resolved.said.clone());
        let mut request = outline.read(&self.app.attachments, &resolved.vendor, &resolved.model).await?;
        set_over(&mut request, &self.party.overrides(asking.target));
        if let Some(seat) = self.party.seat(asking.target) {
            Defaults::of(&seat.row.settings).fill(&mut request);
        }
        request.model.clone_from(&resolved.model);
        request.wire = Some(resolved.vendor.dialect_of(&resolved.model));
        Ok(request)
    }

    /// Waits for its turn; `None` where the run was stopped before. Beside the pass, whether it had to wait.
    pub(super) async fn enter(&self, asking: &Asking, tokens: u64) -> Option<(Pass, bool)> {
        let (hub, clock, run) = (&self.app.hub, &self.app.clock, self.ids.run);
        let limits = self.party.seat(asking.target).map(|seat| seat.row.settings.limits).unwrap_or_default();
        let gate = self.app.registry.gates().with(asking.key.provider_id, limits);
        let mut waited = false;
        let target = self.party.view_of(asking.target);
        let told = |wait: Wait| {
            waited = true;
            let until = wait.rest.map(|rest| clock.now_ms() as f64 + rest.as_millis() as f64);
            let (limit, ahead) = (wait.waits.limit, wait.waits.ahead);
            let target = target.clone();
            hub.wait(run, Some(WaitingView { target, limit: Some(limit), ahead, until, retry: None }));
        };
        let entering = Arc::clone(&gate).enter(self.place, tokens, told);
        let pass = self.cancel.run_until_cancelled(entering).await;
        if waited {
            hub.wait(run, None);
        }
        // Stopped at the very moment it went through: nothing was asked yet.
        pass.filter(|_| !self.cancel.is_cancelled()).map(|pass| (pass, waited))
    }

    /// While it waited, keys and rests may have changed, and the provider may be gone: then the attempt fails with why,
    /// or another target is asked. Beside whom it asks now stands its request.
    pub(super) async fn choose_anew(
        &mut self,
        asking: Asking,
    ) -> Result<(Asking, Result<ChatRequest, ProviderError>), Step> {
        self.party.put_back();
        if let Err(error) = self.party.renew(&self.app).await {
            self.revoked = true;
            return Ok((asking, Err(gone(error))));
        }
        let chosen = match self.party.again(&self.app, &asking).await {
            Some(same) => same,
            None => match self.party.next(&self.app).await {
                Turn::Ask(other) if other.key.provider_id != asking.key.provider_id => return Err(Step::Ask(other)),
                Turn::Ask(other) => *other,
                Turn::Wait(until, on) => return Err(Step::Wait(until, on, Box::new(asking))),
                Turn::Stop(stop) => {
                    let refusal = self.refusal(&asking, stop);
                    return Ok((asking, Err(refusal)));
                }
            },
        };
        let request = self.read(&chosen).await;
        Ok((chosen, request))
    }

    /// Why whom it meant to ask cannot be asked.
    pub(super) fn refusal(&mut self, asking: &Asking, stop: Stop) -> ProviderError {
        if self.party.is_over_budget(asking.target) { over_budget() } else { gone(self.party.refusal(stop)) }
    }

    /// Asks, and takes the answer as it comes.
    pub(super) async fn follow(
        &self,
        answer: &mut Answer,
        asking: &Asking,
        request: ChatRequest,
        mut script: Option<&mut Script>,
    ) -> Result<(), ProviderError> {
        if self.carried {
            return self.carry(answer).await;
        }
        let patience = self.party.rules().first_token_s.map(|seconds| Duration::from_secs(seconds.into()));
        let latest = patience.map(|patience| Instant::now() + patience);
        // Whatever ends this, the request is dropped with it.
        let cancel = self.cancel.child_token();
        let _dropped = cancel.clone().drop_guard();
        let mut events = within(latest, asking.resolved.provider.stream(request, cancel)).await??;
        while let Some(event) = within(latest.filter(|_| answer.first_token.is_none()), events.next()).await? {
            let event = event?;
            if let Some(script) = &mut script {
                script.hear(&event);
            }
            answer.take(event)?;
        }
        match answer.finish {
            Some(_) => Ok(()),
            None => Err(ProviderError::because(Category::BrokenStream, "cut_off", "the answer ended without its end")),
        }
    }

    /// Waits for the answer that a person brings. No clock runs: it may take days.
    async fn carry(&self, answer: &mut Answer) -> Result<(), ProviderError> {
        let stopped = || ProviderError::new(Category::Cancelled, "stopped");
        let text = self.cancel.run_until_cancelled(self.pasted.text()).await.ok_or_else(stopped)?;
        answer.take(ChatEvent::TextDelta { block: 0, text })?;
        answer.take(ChatEvent::Finished { class: FinishClass::Stop, reason: Some("stop".to_owned()) })
    }
}

async fn within<T>(latest: Option<Instant>, work: impl Future<Output = T>) -> Result<T, ProviderError> {
    let Some(latest) = latest else { return Ok(work.await) };
    let late = |_| {
        let message = "no output came within the time that the route gives";
        ProviderError::because(Category::Timeout, "first_token_timeout", message)
    };
    timeout_at(latest, work).await.map_err(late)
}

/// What a route asks of a target goes before what the chat asks.
fn set_over(request: &mut ChatRequest, overrides: &RouteOverrides) {
    let given = &mut request.parameters;
    given.temperature = overrides.temperature.or(given.temperature);
    given.top_p = overrides.top_p.or(given.top_p);
    given.max_tokens = overrides.max_tokens.or(given.max_tokens);
    given.reasoning_effort = overrides.reasoning_effort.or(given.reasoning_effort);
}

/// Why whom it was going to ask cannot be asked any more.
pub(super) fn gone(error: Error) -> ProviderError {
    match error {
        Error::Provider(error) => error,
        Error::OverBudget { .. } => over_budget(),
        Error::NoTarget { .. } => {
            ProviderError::because(Category::MissingKey, "no_target", "nobody can be asked any more")
        }
        error => {
            let message = "the provider could not be asked any more";
            tracing::warn!(code = error.code(), message);
            ProviderError::because(Category::Internal, "provider_gone", message)
        }
    }
}
