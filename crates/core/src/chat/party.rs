//! Whom one run may ask, across providers: its plan, what it has tried, and who is next.

mod money;

use parlance_providers::{Category, ProviderError};

use crate::{
    app::{
        Inner, parse_id,
        plan::{Money, Need, Plan, Seat},
    },
    costs::{
        Quotes,
        budgets::{Book, Consent},
        reservations::Hold,
    },
    error::Error,
    fallback::{
        self,
        decision::{Choice, Next, Output, Skip, SoFar, Stop, Tried},
        health::{Key, Outcome},
        route::Target as RouteTarget,
        snapshot::Snapshot,
    },
    history::{conversations::LaneTarget, runs::AttemptStart, turns},
    registry::Resolved,
    view::{
        AttemptReason, ChatTarget, FailureView, RetryView, RouteOverrides, RouteRules, RouteStrategy, SkipReason,
        SkipView, Target,
    },
};

/// Choices that may come to nothing because another run was quicker, before one is taken as it is.
const MOST_LOST: u32 = 16;

/// What a run is about.
#[derive(Clone, Debug)]
pub(crate) struct Purpose {
    /// Whom the chat means.
    pub(crate) asked: ChatTarget,
    /// The route that is asked where its model fails.
    pub(crate) fallback: Option<i64>,
    /// What the prompt needs.
    pub(crate) need: Need,
    /// Targets whose answer is being replaced.
    pub(crate) avoid: Vec<RouteTarget>,
    /// What a person says of the budgets that ask.
    pub(crate) consent: Consent,
}

/// Whom one run may ask.
#[derive(Debug)]
pub(crate) struct Party {
    purpose: Purpose,
    plan: Plan,
    so_far: SoFar,
    seed: u64,
    turn: u64,
    /// A wait that is over ends here, whatever the clock says.
    waited: i64,
    /// Why the first that could not be asked could not, without any request.
    unasked: Option<Error>,
    /// Those that could not, since the last attempt.
    passed: Vec<SkipView>,
    /// What was taken for a choice whose request has not left.
    taken: Option<Taken>,
    /// The money that is held for it.
    hold: Option<Hold>,
    /// The budgets as they stood when it chose last.
    book: Book,
    /// The prices that held then.
    quotes: Option<Quotes>,
    /// It may choose without money: a kept answer may be told again, and nobody is asked before there is some.
    unpaid: bool,
}

/// What a choice took.
#[derive(Clone, Debug, PartialEq)]
struct Taken {
    key: Key,
    probe: bool,
    retry: bool,
}

/// What a run does now.
pub(crate) enum Turn {
    /// It asks.
    Ask(Box<Asking>),
    /// It waits until then, UTC milliseconds, to ask this target again.
    Wait(i64, usize),
    /// It ends.
    Stop(Stop),
}

/// Whom a run asks, ready to be asked.
#[derive(Clone)]
pub(crate) struct Asking {
    /// Which target of the plan.
    pub(crate) target: usize,
    /// How this came about.
    pub(crate) reason: AttemptReason,
    /// Who was passed over for it.
    pub(crate) skipped: Vec<SkipView>,
    /// Whom.
    pub(crate) resolved: Resolved,
    /// What its health goes by.
    pub(crate) key: Key,
    /// Its model goes on with a text that it is given as its own.
    pub(crate) prefill: bool,
    /// The route that named it.
    pub(crate) route_id: Option<i64>,
}

impl Asking {
    /// As it is written down; told again from the cache where nobody is asked.
    pub(crate) fn start(&self, cached: bool) -> AttemptStart {
        AttemptStart {
            target: self.resolved.target.clone(),
            route_id: self.route_id,
            reason: self.reason,
            skipped: self.skipped.clone(),
            cached,
        }
    }
}

impl Party {
    /// Nobody has been asked yet. `born` is when the chat was begun: a sticky route keeps it with its target by that.
    ///
    /// # Errors
    /// Those of [`Inner::plan`].
    pub(crate) async fn new(app: &Inner, purpose: Purpose, born: i64) -> Result<Self, Error> {
        let plan = app.plan(&purpose.asked, purpose.fallback).await?;
        Ok(Self::over(app, plan, purpose, born))
    }

    /// For a run that has asked a model already: it goes on where the provider was switched off meanwhile.
    ///
    /// # Errors
    /// Those of [`Inner::plan_again`].
    pub(crate) async fn asked(app: &Inner, purpose: Purpose, born: i64) -> Result<Self, Error> {
        let plan = app.plan_again(&purpose.asked).await?;
        Ok(Self::over(app, plan, purpose, born))
    }

    fn over(app: &Inner, plan: Plan, purpose: Purpose, born: i64) -> Self {
        let sticky = plan.route.rules.sticky && plan.route.strategy == RouteStrategy::Weighted;
        let seed = if sticky { turns::mixed(born) } else { rand::random() };
        let turn = plan.route_id.map_or(0, |id| app.registry.health().next_turn(id));
        let so_far = SoFar { explicit: true, ..SoFar::default() };
        let mut party = Self {
            purpose,
            plan,
            so_far,
            seed,
            turn,
            waited: i64::MIN,
            unasked: None,
            passed: Vec::new(),
            taken: None,
            hold: None,
            book: Book::default(),
            quotes: None,
            unpaid: false,
        };
        party.so_far.avoid = party.places(&party.purpose.avoid);
        party
    }

    fn places(&self, targets: &[RouteTarget]) -> Vec<usize> {
        targets.iter().filter_map(|target| place(&self.plan.route.targets, target)).collect()
    }

    /// The route it runs on from its first attempt; `None` where the chat's own model comes before a route.
    pub(crate) fn begins_on(&self) -> Option<i64> {
        self.plan.route_id.filter(|_| !self.plan.own_first)
    }

    /// The route it runs on, or falls back to.
    pub(crate) fn route_id(&self) -> Option<i64> {
        self.plan.route_id
    }

    /// What the lane's next message goes to, where this one is asked first.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the route's id is none.
    pub(crate) fn lane_target(&self, first: &Asking) -> Result<LaneTarget, Error> {
        let provider_id = first.key.provider_id;
        Ok(match &self.purpose.asked {
            ChatTarget::Model { .. } => {
                // The chat stays with its own model, whoever is asked in its place.
                let own = self.plan.route.targets.first();
                let (provider_id, model) = own.map_or((provider_id, &first.key.model), |t| (t.provider_id, &t.model));
                LaneTarget { route_id: None, provider_id, model: Some(model.clone()) }
            }
            ChatTarget::Route { route_id, model } => {
                LaneTarget { route_id: Some(parse_id("target", route_id)?), provider_id, model: model.clone() }
            }
        })
    }

    /// Its rules.
    pub(crate) fn rules(&self) -> &RouteRules {
        &self.plan.route.rules
    }

    /// Whether there is one target and no route.
    pub(crate) fn is_alone(&self) -> bool {
        self.plan.route_id.is_none()
    }

    /// The provider of a target, as it was read last, and what is asked of it.
    pub(crate) fn seat(&self, target: usize) -> Option<&Seat> {
        self.plan.seats.get(target)
    }

    /// What is asked of a target in place of what the chat says.
    pub(crate) fn overrides(&self, target: usize) -> RouteOverrides {
        self.seat(target).map(|seat| seat.overrides.clone()).unwrap_or_default()
    }

    /// A target for the screen.
    pub(crate) fn view_of(&self, target: usize) -> Target {
        let target = self.plan.route.targets.get(target);
        Target {
            provider_id: target.map(|target| target.provider_id.to_string()).unwrap_or_default(),
            model: target.map(|target| target.model.clone()).unwrap_or_default(),
        }
    }

    /// The try that a target waits for; `None` where it was not asked yet.
    pub(crate) fn retry_of(&self, target: usize) -> Option<RetryView> {
        let mut tried = self.so_far.tried.iter().filter(|tried| tried.target == target);
        let number = u32::try_from(tried.clone().count()).unwrap_or(u32::MAX).saturating_add(1);
        let because = FailureView::from(&tried.next_back()?.error);
        Some(RetryView { number, most: self.rules().tries.max(number), because })
    }

    /// The same for a new version of the answer, by somebody else than who failed last and those before.
    pub(crate) fn replacing(&self) -> Purpose {
        let failed = self.so_far.tried.last().and_then(|tried| self.plan.route.targets.get(tried.target));
        let avoid = self.purpose.avoid.iter().chain(failed).cloned().collect();
        Purpose { avoid, ..self.purpose.clone() }
    }

    /// An attempt has failed, after this output.
    pub(crate) fn failed(&mut self, asking: &Asking, error: ProviderError, output: Output, ended_at: i64, slept: bool) {
        let (target, account_id) = (asking.target, asking.key.account_id);
        self.so_far.tried.push(Tried { target, account_id, error, output, ended_at, slept });
    }

    /// What was taken for the last choice is used: its request leaves. The money is held until it is booked.
    pub(crate) fn leaves(&mut self) -> Option<Hold> {
        self.taken = None;
        self.passed.clear();
        self.hold.take()
    }

    /// The run asks nobody more: what was taken for its last choice is given back.
    pub(crate) fn give_up(&mut self, app: &Inner) {
        self.hold = None;
        if let Some(taken) = self.taken.take().filter(|taken| taken.probe) {
            let now = app.clock.now_ms();
            app.registry.health().note(&taken.key, &self.plan.route.rules, Outcome::Unproven, now);
        }
    }

    /// A wait is over, until then.
    pub(crate) fn waited(&mut self, until: i64) {
        self.waited = self.waited.max(until);
    }

    /// Reads the plan anew; whom the run has asked it still knows.
    ///
    /// # Errors
    /// Those of [`Inner::plan`].
    pub(crate) async fn renew(&mut self, app: &Inner) -> Result<(), Error> {
        let plan = app.plan(&self.purpose.asked, self.purpose.fallback).await?;
        let before = std::mem::replace(&mut self.plan, plan);
        let now = &self.plan.route.targets;
        self.so_far.tried.retain_mut(|tried| {
            let place = before.route.targets.get(tried.target).and_then(|target| place(now, target));
            place.map(|place| tried.target = place).is_some()
        });
        self.so_far.avoid = self.places(&self.purpose.avoid);
        Ok(())
    }

    /// Whom to ask next. One whose key cannot be had counts as tried.
    pub(crate) async fn next(&mut self, app: &Inner) -> Turn {
        let mut lost = 0;
        loop {
            let now = app.clock.now_ms().max(self.waited);
            if let Err(error) = self.look(app).await {
                return Turn::Stop(Stop::Failed(Box::new(money::unread(&error))));
            }
            let money = (!self.unpaid).then_some(Money { book: &self.book, consent: self.purpose.consent });
            let snapshot = app.survey(&self.plan, &self.purpose.need, self.turn, now, money);
            let choice = match fallback::next(&self.plan.route, &snapshot, &self.so_far, self.seed, now) {
                Next::Attempt(choice) => choice,
                Next::Wait { until, on } => {
                    self.give_up(app);
                    return Turn::Wait(until, on);
                }
                Next::Stop(stop) => {
                    self.give_up(app);
                    return Turn::Stop(stop);
                }
            };
            let Some(key) = self.key_of(&choice) else { return Turn::Stop(Stop::Nobody(choice.skipped)) };
            if !self.take(app, &key, &choice, now) && lost < MOST_LOST {
                lost += 1;
                continue;
            }
            if !self.pay(app, choice.target) {
                continue;
            }
            if let Some(asking) = self.resolve(app, key, choice, &snapshot, now).await {
                return Turn::Ask(Box::new(asking));
            }
        }
    }

    /// The same choice after a wait in the line, where it stands: its target is there and on, and its account is used
    /// and does not rest. On a route alone: what waited in the line of the only model is chosen anew.
    pub(crate) async fn again(&mut self, app: &Inner, asking: &Asking) -> Option<Asking> {
        let now = app.clock.now_ms();
        let account_id = asking.key.account_id;
        let meant = |target: &RouteTarget| {
            target.provider_id == asking.key.provider_id
                && target.model == asking.key.model
                && target.account_id.is_none_or(|id| id == account_id)
        };
        let target = self.plan.route.targets.iter().position(meant).filter(|_| !self.is_alone())?;
        let seat = self.plan.seats.get(target).filter(|seat| seat.row.enabled && !seat.row.deleted)?;
        let account = seat.row.accounts.iter().find(|account| account.id == account_id && account.enabled)?;
        if app.registry.rests().of(account_id, now).is_some() {
            return None;
        }
        let resolved = app.registry.resolve_with(&seat.row, account, &asking.key.model).await.ok()?;
        let resolved = Resolved { said: seat.said.clone(), ..resolved.speaking(seat.said.wire) };
        let stands = Asking { target, resolved, ..asking.clone() };
        loop {
            self.look(app).await.ok()?;
            if self.pay(app, target) {
                return Some(stands);
            }
            if !self.book.admits(self.bid(target)?, self.purpose.consent) {
                return None;
            }
        }
    }

    fn key_of(&self, choice: &Choice) -> Option<Key> {
        let target = self.plan.route.targets.get(choice.target)?;
        Some(Key { provider_id: target.provider_id, account_id: choice.account_id, model: target.model.clone() })
    }

    /// Takes what a choice needs; false where another run was quicker.
    fn take(&mut self, app: &Inner, key: &Key, choice: &Choice, now: i64) -> bool {
        let health = app.registry.health();
        let wanted = Taken { key: key.clone(), probe: choice.probe, retry: choice.costs_retry };
        if self.taken.as_ref() == Some(&wanted) {
            return true;
        }
        self.give_up(app);
        if choice.probe && !health.try_half_open(key, now) {
            return false;
        }
        self.taken = Some(wanted);
        if choice.costs_retry && !health.take_retry(key.provider_id) {
            self.give_up(app);
            return false;
        }
        true
    }

    async fn resolve(
        &mut self,
        app: &Inner,
        key: Key,
        choice: Choice,
        snapshot: &Snapshot,
        now: i64,
    ) -> Option<Asking> {
        let seat = self.plan.seats.get(choice.target)?;
        let account = seat.row.accounts.iter().find(|account| account.id == choice.account_id);
        let resolved = match account {
            Some(account) => app.registry.resolve_with(&seat.row, account, &key.model).await,
            None => Err(nobody().into()),
        };
        match resolved {
            Ok(resolved) => {
                let resolved = Resolved { said: seat.said.clone(), ..resolved.speaking(seat.said.wire) };
                let mut skipped = std::mem::take(&mut self.passed);
                skipped.extend(choice.skipped.iter().filter_map(|skip| self.skip_view(skip)));
                let prefill = snapshot.targets.get(choice.target).is_some_and(|facts| facts.prefill);
                let Choice { target, reason, .. } = choice;
                let route_id = self.plan.route_of(target);
                Some(Asking { target, reason, skipped, resolved, key, prefill, route_id })
            }
            Err(error) => {
                self.cannot_ask(&choice, error, now);
                self.give_up(app);
                None
            }
        }
    }

    /// Nothing was asked, so to the decision it is one account fewer, whatever keeps it from being asked.
    fn cannot_ask(&mut self, choice: &Choice, error: Error, now: i64) {
        let said = match &error {
            Error::Provider(error) => ProviderError { category: Category::MissingKey, ..error.clone() },
            other => ProviderError::because(Category::MissingKey, "no_key", other.to_string()),
        };
        let because = FailureView::from(&said);
        let skip = Skip { target: choice.target, reason: SkipReason::NoKey, until: None, because: Some(because) };
        let passed: Vec<_> = choice.skipped.iter().chain([&skip]).filter_map(|skip| self.skip_view(skip)).collect();
        self.passed.extend(passed);
        self.unasked.get_or_insert(error);
        self.so_far.tried.push(Tried {
            target: choice.target,
            account_id: choice.account_id,
            error: said,
            output: Output::Nothing,
            ended_at: now,
            slept: false,
        });
    }

    fn skip_view(&self, skip: &Skip) -> Option<SkipView> {
        let (seat, target) = (self.plan.seats.get(skip.target)?, self.plan.route.targets.get(skip.target)?);
        Some(SkipView {
            provider_id: target.provider_id.to_string(),
            provider_name: seat.row.name.clone(),
            model: target.model.clone(),
            reason: skip.reason,
            until: skip.until.map(|until| until as f64),
            because: skip.because.clone(),
        })
    }

    /// Why a run that has asked nobody ends.
    pub(crate) fn refusal(&mut self, stop: Stop) -> Error {
        let skips = match stop {
            Stop::Nobody(skips) => skips,
            Stop::Failed(error) | Stop::Keep(error) | Stop::Restart(error) if self.is_alone() => {
                return self.unasked.take().unwrap_or_else(|| (*error).into());
            }
            Stop::Failed(_) | Stop::Keep(_) | Stop::Restart(_) => Vec::new(),
        };
        if let Some(error) = self.over_budget(&skips) {
            return error;
        }
        if self.is_alone() && skips.iter().all(|skip| skip.reason == SkipReason::NoKey) {
            return self.unasked.take().unwrap_or_else(|| nobody().into());
        }
        let mut skipped = std::mem::take(&mut self.passed);
        for skip in skips.iter().filter_map(|skip| self.skip_view(skip)) {
            // One that was found to have no key is told of once, with what was found.
            if !skipped.iter().any(|known| (&known.provider_id, &known.model) == (&skip.provider_id, &skip.model)) {
                skipped.push(skip);
            }
        }
        Error::NoTarget { skipped }
    }
}

fn place(targets: &[RouteTarget], wanted: &RouteTarget) -> Option<usize> {
    let same = |target: &RouteTarget| {
        (target.provider_id, target.account_id, &target.model) == (wanted.provider_id, wanted.account_id, &wanted.model)
    };
    targets.iter().position(same)
}

fn nobody() -> ProviderError {
    ProviderError::because(Category::MissingKey, "no_key", "every key is switched off")
}
