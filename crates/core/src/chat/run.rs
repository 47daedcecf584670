//! One run of a message: waits for its turn, asks one account after the other until one answers, and settles everything.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use parlance_providers::{CancellationToken, Category, ChatEvent, ChatRequest, FinishClass, ProviderError};

use super::{
    answer::Answer,
    crew::Crew,
    defaults::Defaults,
    ending::{self, Begun, Finished, RunIds},
    prompt::Outline,
    relay::{self, Pasted},
    views,
};
use crate::{
    app::Inner,
    costs::TextCount,
    error::Error,
    history::{StoreError, rows::BegunRun, runs},
    registry::{
        Resolved,
        limits::{Gate, Pass, Place, Wait},
        tables,
    },
    view::{MessageStatus, WaitingView},
};

/// A run about to leave.
pub struct Departure {
    /// What was committed for it.
    pub begun: BegunRun,
    /// Whom it may ask.
    pub crew: Crew,
    /// Whom it asks first.
    pub first: Resolved,
    /// Its way to the provider, where its first attempt has begun; else it waits for its turn.
    pub pass: Option<Pass>,
    /// Where it waits.
    pub gate: Arc<Gate>,
    /// Its place there.
    pub place: Place,
    /// What it asks.
    pub request: Outline,
    /// What the provider adds to that.
    pub defaults: Defaults,
    /// Stops it.
    pub cancel: CancellationToken,
    /// Where a person puts the answer, where one carries it.
    pub pasted: Arc<Pasted>,
    /// When it began, UTC milliseconds.
    pub started_at: i64,
    /// How long its first attempt was under way before the app was closed and while it was.
    pub waited: Duration,
}

/// A run under way.
struct Run {
    app: Arc<Inner>,
    ids: RunIds,
    crew: Crew,
    gate: Arc<Gate>,
    place: Place,
    outline: Outline,
    defaults: Defaults,
    cancel: CancellationToken,
    pasted: Arc<Pasted>,
    /// A person carries what it asks.
    carried: bool,
}

/// What one attempt came to.
enum Step {
    /// It is written down, and this account is next.
    Next(Box<Resolved>),
    /// The run is over.
    Over(Option<Box<Finished>>, MessageStatus),
    /// The store does not take it; the next start makes the run whole.
    Stuck,
}

/// Drives a run to its end. Whatever happens, the message ends in a state that says so.
pub(crate) async fn drive(app: Arc<Inner>, departure: Departure) {
    let Departure { begun, crew, first, pass, gate, place, request, defaults, cancel, pasted, started_at, waited } =
        departure;
    let ids = RunIds { run: begun.run_id, conversation: begun.conversation_id, message: begun.message_id };
    let carried = relay::carries(&first.vendor, &first.model);
    let mut run = Run { app, ids, crew, gate, place, outline: request, defaults, cancel, pasted, carried };
    let begun = begun.attempt_id.map(|id| Begun { id, at: started_at, waited });
    let mut step = run.attempt(first, begun.zip(pass)).await;
    loop {
        step = match step {
            Step::Next(resolved) => run.attempt(*resolved, None).await,
            Step::Over(last, outcome) => return ending::settle(&run.app, run.ids, last, outcome).await,
            Step::Stuck => return ending::tell(&run.app, run.ids, MessageStatus::Interrupted).await,
        }
    }
}

impl Run {
    /// One attempt, from the line before the provider to its end. `begun` is one that had not to wait.
    async fn attempt(&mut self, resolved: Resolved, begun: Option<(Begun, Pass)>) -> Step {
        let request = self.read(&resolved).await;
        let sent = request.as_ref().map(TextCount::of_request).unwrap_or_default();
        let (begun, _pass, resolved, request) = match begun {
            Some((begun, pass)) => (begun, pass, resolved, request),
            None => {
                let most = request.as_ref().ok().and_then(|request| request.parameters.max_tokens);
                let tokens = sent.tokens() + u64::from(most.unwrap_or(0));
                let Some((pass, waited)) = self.enter(tokens).await else {
                    return if self.waits_on() { Step::Stuck } else { Step::Over(None, self.given_up()) };
                };
                let (resolved, refused) = if waited { self.choose_anew(resolved).await } else { (resolved, None) };
                match self.begin(&resolved).await {
                    Ok(begun) => (begun, pass, resolved, refused.map_or(request, Err)),
                    Err(error) => {
                        tracing::error!(code = error.code(), "an attempt could not be written down and was not made");
                        return Step::Stuck;
                    }
                }
            }
        };
        let mut answer = Answer::new(Arc::clone(&self.app.hub), self.ids.run, begun.waited);
        let asked = match request {
            Ok(request) => self.follow(&mut answer, &resolved, request).await,
            Err(error) => Err(error),
        };
        self.over(begun, resolved, answer, asked.err(), sent).await
    }

    async fn read(&self, resolved: &Resolved) -> Result<ChatRequest, ProviderError> {
        let model = &resolved.model;
        let mut request = self.outline.clone().read(&self.app.attachments, &resolved.vendor, model).await?;
        self.defaults.fill(&mut request);
        request.model.clone_from(model);
        request.wire = Some(resolved.vendor.dialect_of(model));
        Ok(request)
    }

    /// Waits for its turn; `None` where the run was stopped before. Beside the pass, whether it had to wait.
    async fn enter(&self, tokens: u64) -> Option<(Pass, bool)> {
        let (hub, clock, run) = (&self.app.hub, &self.app.clock, self.ids.run);
        let mut waited = false;
        let told = |wait: Wait| {
            waited = true;
            let until = wait.rest.map(|rest| clock.now_ms() as f64 + rest.as_millis() as f64);
            let (limit, ahead) = (wait.waits.limit, wait.waits.ahead);
            hub.wait(
                run,
                Some(WaitingView { target: self.crew.target(), limit: Some(limit), ahead, until, retry: None }),
            );
        };
        let entering = Arc::clone(&self.gate).enter(self.place, tokens, told);
        let pass = self.cancel.run_until_cancelled(entering).await;
        if waited {
            hub.wait(run, None);
        }
        // Stopped at the very moment it went through: nothing was asked yet.
        pass.filter(|_| !self.cancel.is_cancelled()).map(|pass| (pass, waited))
    }

    /// While it waited, keys and rests may have changed, and the provider may be gone: then the attempt fails with why.
    async fn choose_anew(&mut self, resolved: Resolved) -> (Resolved, Option<ProviderError>) {
        match self.chosen_anew().await {
            Ok(anew) => (anew, None),
            Err(Error::Provider(error)) => (resolved, Some(error)),
            Err(error) => {
                let message = "the provider could not be asked any more";
                tracing::warn!(code = error.code(), message);
                (resolved, Some(ProviderError::because(Category::Internal, "provider_gone", message)))
            }
        }
    }

    async fn chosen_anew(&mut self) -> Result<Resolved, Error> {
        let id = self.crew.provider().id;
        self.crew.renew(self.app.database.read(move |connection| tables::get(connection, id)).await?)?;
        self.crew.next(&self.app.registry, self.app.clock.now_ms()).await
    }

    /// Commits the attempt, before its request leaves, and shows it.
    async fn begin(&self, resolved: &Resolved) -> Result<Begun, StoreError> {
        let (ids, target, now) = (self.ids, resolved.target.clone(), self.app.clock.now_ms());
        let begin = move |tx: &rusqlite::Transaction<'_>| {
            let id = runs::begin_attempt(tx, ids.run, &target, now)?;
            Ok((id, views::attempt_facts(tx, ids.message)?))
        };
        let (id, attempts) = self.app.database.write(begin).await?;
        let attempts = attempts.into_iter().map(|facts| views::attempt(&self.app.registry, facts)).collect();
        self.app.hub.attempt(ids.run, id, attempts);
        Ok(Begun { id, at: now, waited: Duration::ZERO })
    }

    async fn follow(
        &self,
        answer: &mut Answer,
        resolved: &Resolved,
        request: ChatRequest,
    ) -> Result<(), ProviderError> {
        if self.carried {
            return self.carry(answer).await;
        }
        let mut events = resolved.provider.stream(request, self.cancel.clone()).await?;
        while let Some(event) = events.next().await {
            answer.take(event?)?;
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

    /// The app closes while a person carries the prompt: the next start waits on, so nothing is written down.
    fn waits_on(&self) -> bool {
        self.carried && self.app.is_closing() && self.pasted.is_awaited()
    }

    /// What comes after an attempt: another account, or the end of the run.
    async fn over(
        &mut self,
        begun: Begun,
        resolved: Resolved,
        answer: Answer,
        error: Option<ProviderError>,
        sent: TextCount,
    ) -> Step {
        if error.is_some() && self.waits_on() {
            return Step::Stuck;
        }
        let error = error.map(|error| if self.app.is_closing() { closing(error) } else { error });
        let now = self.app.clock.now_ms();
        let output = answer.first_token.is_some();
        let live = self.app.hub.parts(self.ids.run, begun.id);
        let finished = Box::new(Finished::new(begun, &resolved, live, answer, error.as_ref(), sent));
        let outcome = finished.outcome;
        let Some(account) = resolved.target.account_id else { return Step::Over(Some(finished), outcome) };
        self.app.registry.rests().note(account, error.as_ref(), now);
        let Some(error) = error else { return Step::Over(Some(finished), outcome) };
        self.crew.failed(account, error, output);
        match self.crew.next(&self.app.registry, now).await {
            Err(_) => Step::Over(Some(finished), outcome),
            Ok(_) if self.cancel.is_cancelled() => Step::Over(Some(finished), outcome),
            Ok(next) => match ending::close(&self.app, self.ids, finished).await {
                Ok(()) => Step::Next(Box::new(next)),
                Err(_) => Step::Stuck,
            },
        }
    }

    /// How a run ends that was stopped while nobody was asked.
    fn given_up(&self) -> MessageStatus {
        if self.app.is_closing() { MessageStatus::Interrupted } else { MessageStatus::Cancelled }
    }
}

/// A reply stopped because the app closes was not stopped by the person: it can be continued.
fn closing(error: ProviderError) -> ProviderError {
    if error.category == Category::Cancelled {
        ProviderError::because(Category::BrokenStream, "app_closed", "Parlance was closed")
    } else {
        error
    }
}
