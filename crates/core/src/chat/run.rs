//! One run of a message: asks one target after the other, as its route says, until one answers, and settles everything.

mod asking;
mod kept;
mod standing;

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use parlance_providers::{CancellationToken, Category, ProviderError};

use super::{
    answer::Answer,
    ending::{self, Begun, Finished, RunIds, Spending},
    hub::LivePart,
    merge,
    party::{Asking, Party, Turn},
    prompt,
    relay::Pasted,
    views,
};
use crate::{
    app::Inner,
    costs::{Reach, TextCount, budgets::table::Passed, guess, reservations::Hold, tokens},
    fallback::decision::{Output, Stop},
    history::{
        StoreError,
        rows::{BegunRun, LaneRow, MessageRow},
        runs,
    },
    registry::limits::{Pass, Place},
    view::{AttemptReason, MessageStatus, WaitingView},
};

/// By how much the wall clock must outrun an attempt for the computer to have slept, in milliseconds (NET-13).
const SLEPT_MS: i64 = 30_000;

/// A run about to leave.
pub(crate) struct Departure {
    /// What was committed for it.
    pub(crate) begun: BegunRun,
    /// Whom it may ask.
    pub(crate) party: Party,
    /// Whom it asks first.
    pub(crate) first: Box<Asking>,
    /// Its way to the provider, where its first attempt has begun; else it waits for its turn.
    pub(crate) pass: Option<Pass>,
    /// Its place in the line of whomever it asks.
    pub(crate) place: Place,
    /// What it asks.
    pub(crate) source: Source,
    /// Stops it.
    pub(crate) cancel: CancellationToken,
    /// Where a person puts the answer, where one carries it.
    pub(crate) pasted: Arc<Pasted>,
    /// When it began, UTC milliseconds.
    pub(crate) started_at: i64,
    /// How long its first attempt was under way before the app was closed and while it was.
    pub(crate) waited: Duration,
}

/// What a run asks, whomever it asks.
pub(crate) struct Source {
    /// What the chat says beside its messages.
    pub(crate) lane: LaneRow,
    /// The branch, the reply last.
    pub(crate) branch: Vec<MessageRow>,
    /// It goes on with the text of the reply.
    pub(crate) goes_on: bool,
    /// A person wants another answer than the one there is: none is told again.
    pub(crate) anew: bool,
}

/// A run under way.
struct Run {
    app: Arc<Inner>,
    ids: RunIds,
    party: Party,
    place: Place,
    source: Source,
    cancel: CancellationToken,
    pasted: Arc<Pasted>,
    /// A person carries what it asks now.
    carried: bool,
    /// Money held for the attempt that left last, until it is booked.
    hold: Option<Hold>,
    /// Shares of budgets that were passed by what it booked so far.
    passed: Vec<Passed>,
    /// How its last attempt ended; what it ends with where nobody is asked any more.
    last: MessageStatus,
    /// Whom it may ask is no more, e.g. its route was deleted: nobody is asked any more.
    revoked: bool,
}

/// What a run does next.
enum Step {
    /// It asks.
    Ask(Box<Asking>),
    /// It waits until then, UTC milliseconds, to ask this target again; the last attempt asked this one.
    Wait(i64, usize, Box<Asking>),
    /// The run is over, with an attempt that is not written down yet.
    Over(Option<Box<Finished>>, MessageStatus),
    /// The same, and another target answers anew.
    Replace(Box<Finished>),
    /// The store does not take it; the next start makes the run whole.
    Stuck,
}

/// An attempt that has ended.
struct Ended {
    begun: Begun,
    asking: Asking,
    answer: Answer,
    error: Option<ProviderError>,
    sent: TextCount,
    /// Its request left.
    left: bool,
    /// What the answer would be kept under, and as.
    keep: Option<(String, String)>,
}

/// Drives a run to its end. Whatever happens, the message ends in a state that says so.
pub(crate) fn drive(app: Arc<Inner>, departure: Departure) -> BoxFuture<'static, ()> {
    let Departure { begun, party, first, pass, place, source, cancel, pasted, started_at, waited } = departure;
    let ids = RunIds {
        run: begun.run_id,
        conversation: begun.conversation_id,
        message: begun.message_id,
        purpose: source.lane.kind.purpose(),
        route: party.route_id(),
    };
    let last = if source.goes_on { MessageStatus::Interrupted } else { MessageStatus::Failed };
    let (carried, revoked, hold, passed) = (false, false, None, Vec::new());
    let mut run = Run { app, ids, party, place, source, cancel, pasted, carried, hold, passed, last, revoked };
    let begun = begun.attempt_id.map(|id| Begun { id, at: started_at, waited, route: first.route_id });
    async move {
        let mut step = run.attempt(*first, begun.zip(pass)).await;
        loop {
            step = match step {
                Step::Ask(asking) => run.attempt(*asking, None).await,
                Step::Wait(until, on, before) => run.wait(until, on, before).await,
                over => return run.end(over).await,
            }
        }
    }
    .boxed()
}

impl Run {
    async fn end(mut self, step: Step) {
        self.party.give_up(&self.app);
        let spending = Spending { hold: self.hold.take(), passed: std::mem::take(&mut self.passed) };
        match step {
            Step::Over(last, outcome) => {
                let ended = ending::settle(&self.app, self.ids, last, outcome, spending).await;
                ending::tell(&self.app, self.ids, ended, None).await;
            }
            Step::Replace(last) => self.replace(last, spending).await,
            Step::Stuck | Step::Ask(_) | Step::Wait(..) => {
                ending::tell(&self.app, self.ids, (MessageStatus::Interrupted, spending.passed), None).await;
            }
        }
    }

    /// What came stays, and another run answers anew. It begins before the windows are told that this one has ended, so
    /// that they learn of both at once and no other message gets between.
    async fn replace(&self, last: Box<Finished>, spending: Spending) {
        let held = self.app.hold(self.ids.conversation, self.source.lane.id);
        let ended = ending::settle(&self.app, self.ids, Some(last), MessageStatus::Interrupted, spending).await;
        let anew = match self.cancel.is_cancelled() {
            true => None,
            false => self.app.answer_anew(self.ids.message, self.party.replacing()).await,
        };
        let (receipt, departure) = anew.unzip();
        ending::tell(&self.app, self.ids, ended, receipt).await;
        drop(held);
        if let Some(departure) = departure {
            // A Stop that came while it began was meant for the answer as well.
            if self.cancel.is_cancelled() {
                departure.cancel.cancel();
            }
            self.app.tasks.spawn(drive(Arc::clone(&self.app), departure));
        }
    }

    /// One attempt, from the line before the provider to its end. `begun` is one that had not to wait.
    async fn attempt(&mut self, asking: Asking, begun: Option<(Begun, Pass)>) -> Step {
        self.carried = asking.is_carried();
        let request = self.read(&asking).await;
        let key = request.as_ref().ok().and_then(|request| self.cache_key(&asking, request));
        if begun.is_none()
            && let Some(key) = &key
            && let Some(told) = self.recall(key).await
        {
            return self.tell_again(asking, told).await;
        }
        if self.party.is_unpaid() {
            return self.find_money(asking).await;
        }
        let sent = request.as_ref().map(TextCount::of_request).unwrap_or_default();
        let (begun, _pass, asking, request) = match begun {
            Some((begun, pass)) => (begun, pass, asking, request),
            None => {
                let most = request.as_ref().ok().and_then(|request| request.parameters.max_tokens);
                let tokens = sent.tokens() + u64::from(most.unwrap_or(0));
                let Some((pass, waited)) = self.enter(&asking, tokens).await else {
                    return if self.waits_on() { Step::Stuck } else { Step::Over(None, self.given_up()) };
                };
                let (asking, request) = match waited {
                    false => (asking, request),
                    true => match self.choose_anew(asking).await {
                        Ok(chosen) => chosen,
                        Err(step) => return step,
                    },
                };
                match self.begin(&asking, None).await {
                    Ok(begun) => (begun, pass, asking, request),
                    Err(step) => return step,
                }
            }
        };
        self.hold = self.party.leaves();
        let mut answer = Answer::new(Arc::clone(&self.app.hub), self.ids.run, begun.waited, &self.kept());
        let left = request.is_ok();
        let mut script = key.map(|key| (key, super::cache::Script::default()));
        let asked = match request {
            Ok(request) => {
                let hears = script.as_mut().map(|(_, script)| script);
                self.follow(&mut answer, &asking, request, hears).await
            }
            Err(error) => Err(error),
        };
        answer.end();
        let whole = script.filter(|_| asked.is_ok());
        let keep = whole.and_then(|(key, script)| Some((key, script.whole()?)));
        self.over(Ended { begun, asking, answer, error: asked.err(), sent, left, keep }).await
    }

    /// The text that the answer goes on with; empty where it is a new one.
    fn kept(&self) -> String {
        if self.source.goes_on { prompt::kept_text(&self.source.branch) } else { String::new() }
    }

    /// Commits the attempt, before its request leaves, and shows it. `told` is the kept answer that it tells again.
    async fn begin(&mut self, asking: &Asking, told: Option<i64>) -> Result<Begun, Step> {
        let (ids, start, now) = (self.ids, asking.start(told.is_some()), self.app.clock.now_ms());
        let begin = move |tx: &rusqlite::Transaction<'_>| {
            let id = runs::begin_attempt(tx, ids.run, &start, now)?;
            told.map_or(Ok(()), |answer| crate::history::response_cache::used(tx, answer, now))?;
            Ok((id, views::attempt_facts(tx, ids.message)?))
        };
        match self.app.database.write(begin).await {
            Ok((id, attempts)) => {
                let attempts = attempts.into_iter().map(|facts| views::attempt(&self.app.registry, facts)).collect();
                self.app.hub.attempt(ids.run, id, attempts);
                Ok(Begun { id, at: now, waited: Duration::ZERO, route: asking.route_id })
            }
            Err(error) => {
                tracing::error!(code = error.code(), "an attempt could not be written down and was not made");
                Err(Step::Stuck)
            }
        }
    }

    /// The app closes while a person carries the prompt: the next start waits on, so nothing is written down.
    fn waits_on(&self) -> bool {
        self.carried && self.app.is_closing() && self.pasted.is_awaited()
    }

    /// The tokens that were sent and received: guessed where the vendor counts or nothing was worked on, else counted.
    /// Where the app closes there is no time for that.
    async fn counts(
        &self,
        asking: &Asking,
        answer: &Answer,
        live: &[(u32, LivePart)],
        sent: TextCount,
        error: Option<&ProviderError>,
    ) -> [TextCount; 2] {
        let received = ending::received(live);
        let usage = answer.usage.unwrap_or_default();
        let reach = Reach::of(error, !live.is_empty() || answer.usage.is_some());
        let is_counted = usage.output_total.is_some() && answer.finish.is_some();
        let mut counts = [sent, received];
        if self.app.is_closing() || reach == Reach::TurnedAway || usage.input_total.is_some() && is_counted {
            return counts;
        }
        let model = answer.model_served.as_deref().unwrap_or(&asking.resolved.model);
        let came: Vec<String> = ending::texts(live).map(str::to_owned).collect();
        let went: Vec<String> = match self.read(asking).await {
            Ok(request) if usage.input_total.is_none() => guess::texts(&request).into_iter().map(Into::into).collect(),
            _ => Vec::new(),
        };
        if came.iter().chain(&went).map(String::len).sum::<usize>() < tokens::SHORT {
            return counts;
        }
        for (count, texts) in counts.iter_mut().zip([went, came]).filter(|(_, texts)| !texts.is_empty()) {
            if let Some(tokens) = tokens::count(model, texts).await {
                *count = count.counted(tokens);
            }
        }
        counts
    }

    /// What comes after an attempt: another one, a wait, or the end of the run.
    async fn over(&mut self, ended: Ended) -> Step {
        if ended.error.is_some() && self.waits_on() {
            return Step::Stuck;
        }
        let Ended { begun, asking, answer, error, sent, left, keep } = ended;
        let error = error.map(|error| if self.app.is_closing() { closing(error) } else { error });
        let now = self.app.clock.now_ms();
        let (output, first_token, ran) = (answer.output(), answer.first_token, answer.elapsed());
        let slept = now.saturating_sub(begun.at).saturating_sub(millis(ran)) > SLEPT_MS;
        let live = self.app.hub.parts(self.ids.run, begun.id);
        let quotes = self.app.prices.at(begun.at, self.app.clock.local_day(now));
        let counts = self.counts(&asking, &answer, &live, sent, error.as_ref()).await;
        let mut finished =
            Box::new(Finished::new(begun, &asking.resolved, live, answer, error.as_ref(), counts, &quotes));
        let outcome = self.ended(finished.outcome);
        if let Some(hold) = &self.hold {
            // Whoever is asked next has what this did not take.
            hold.came_to(finished.total_nano());
        }
        self.note(&asking, error.as_ref().filter(|_| left), left, first_token, slept, now);
        let Some(error) = error else {
            if let Some((key, answer)) = keep {
                finished.keep = self.to_keep(key, answer);
            }
            return Step::Over(Some(finished), outcome);
        };
        if self.revoked {
            return Step::Over(Some(finished), outcome);
        }
        self.party.failed(&asking, error, output, now, slept);
        let turn = self.party.next(&self.app).await;
        if self.cancel.is_cancelled() {
            return Step::Over(Some(finished), outcome);
        }
        let step = match turn {
            Turn::Stop(Stop::Restart(_)) => return Step::Replace(finished),
            Turn::Stop(_) => return Step::Over(Some(finished), outcome),
            Turn::Ask(next) => Step::Ask(next),
            Turn::Wait(until, on) => Step::Wait(until, on, Box::new(asking)),
        };
        match ending::close(&self.app, self.ids, finished).await {
            Ok(passed) => self.passed.extend(passed),
            Err(_) => return Step::Stuck,
        }
        self.hold = None;
        self.last = outcome;
        if output == Output::Nothing || self.read_again().await.is_ok() { step } else { Step::Stuck }
    }

    /// How the message stands after an attempt: text that came before it is there still.
    fn ended(&self, outcome: MessageStatus) -> MessageStatus {
        match outcome {
            MessageStatus::Failed if self.source.goes_on => MessageStatus::Interrupted,
            other => other,
        }
    }

    /// Text has come and stays: whoever is asked now goes on with it.
    async fn read_again(&mut self) -> Result<(), StoreError> {
        let message = self.ids.message;
        self.source.branch = self.app.database.read(move |connection| merge::branch(connection, message)).await?;
        self.source.goes_on = true;
        Ok(())
    }

    /// Waits to ask a target again. It can be stopped at once, and then nobody is asked.
    async fn wait(&mut self, until: i64, on: usize, before: Box<Asking>) -> Step {
        let rest = until.saturating_sub(self.app.clock.now_ms());
        let waiting = WaitingView {
            target: self.party.view_of(on),
            limit: None,
            ahead: 0,
            until: Some(until as f64),
            retry: self.party.retry_of(on),
        };
        self.app.hub.wait(self.ids.run, Some(waiting));
        // On monotonic time: a clock that is put back makes nobody wait longer.
        let sleeping = tokio::time::sleep(Duration::from_millis(u64::try_from(rest).unwrap_or(0)));
        let slept = self.cancel.run_until_cancelled(sleeping).await;
        self.app.hub.wait(self.ids.run, None);
        if slept.is_none() || self.cancel.is_cancelled() {
            return Step::Over(None, self.given_up());
        }
        self.party.waited(until);
        if let Err(error) = self.party.renew(&self.app).await {
            return self.refuse_again(*before, asking::gone(error)).await;
        }
        match self.party.next(&self.app).await {
            Turn::Ask(next) => Step::Ask(next),
            Turn::Wait(until, on) => Step::Wait(until, on, before),
            Turn::Stop(_) if self.party.is_over_budget(on) => self.refuse_again(*before, over_budget()).await,
            Turn::Stop(_) => Step::Over(None, self.last),
        }
    }

    /// No kept answer was found for a run that was let through without money.
    async fn find_money(&mut self, asking: Asking) -> Step {
        self.party.pays();
        match self.party.next(&self.app).await {
            Turn::Ask(next) => Step::Ask(next),
            Turn::Wait(until, on) => Step::Wait(until, on, Box::new(asking)),
            Turn::Stop(stop) => {
                let refusal = self.refusal(&asking, stop);
                self.refuse(asking, refusal).await
            }
        }
    }

    /// The wait is over, and whom it waited for may not be asked any more: an attempt that asks nobody says why.
    async fn refuse_again(&mut self, before: Asking, error: ProviderError) -> Step {
        let asking = Asking { reason: AttemptReason::Retry, skipped: Vec::new(), ..before };
        self.refuse(asking, error).await
    }

    /// Writes an attempt down that is not made, with why.
    async fn refuse(&mut self, asking: Asking, error: ProviderError) -> Step {
        let begun = match self.begin(&asking, None).await {
            Ok(begun) => begun,
            Err(step) => return step,
        };
        let mut answer = Answer::new(Arc::clone(&self.app.hub), self.ids.run, begun.waited, &self.kept());
        answer.end();
        let live = self.app.hub.parts(self.ids.run, begun.id);
        let (counts, quotes) = (<[TextCount; 2]>::default(), self.app.quotes());
        let finished = Finished::new(begun, &asking.resolved, live, answer, Some(&error), counts, &quotes);
        let outcome = self.ended(finished.outcome);
        Step::Over(Some(Box::new(finished)), outcome)
    }

    /// How a run ends that was stopped while nobody was asked.
    fn given_up(&self) -> MessageStatus {
        match (self.app.is_closing(), self.source.goes_on) {
            (false, false) => MessageStatus::Cancelled,
            _ => MessageStatus::Interrupted,
        }
    }
}

/// A budget keeps whom it meant to ask from being asked.
fn over_budget() -> ProviderError {
    ProviderError::because(Category::Forbidden, "over_budget", "a budget does not allow it")
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The cause of what ended because the app did.
const APP_CLOSED: &str = "app_closed";

/// A reply stopped because the app closes was not stopped by the person: it can be continued.
fn closing(error: ProviderError) -> ProviderError {
    if error.category == Category::Cancelled {
        ProviderError::because(Category::BrokenStream, APP_CLOSED, "Parlance was closed")
    } else {
        error
    }
}
