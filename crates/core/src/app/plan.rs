//! Whom a chat means: its targets as they are set up, and what is known of them at this moment.

use std::sync::Arc;

use parlance_providers::{
    Category, ModelInfo, ProviderError,
    catalog::{Catalog, Vendor},
};
use rusqlite::Connection;

use super::{Inner, parse_id};
use crate::{
    attachments::kinds,
    capabilities,
    costs::{
        Names, Quotes,
        budgets::{Bid, Book, Consent},
        forecast,
    },
    error::Error,
    fallback::{
        health::Key,
        route::{Route, Target},
        snapshot::{AccountFacts, Admission, Snapshot, TargetFacts},
    },
    history::StoreError,
    registry::{
        accounts::AccountRow,
        may_ask, model_name, models,
        routes::{self, RouteRow, RouteTargetRow},
        tables::{self, ProviderRow},
    },
    view::{AttachmentKind, Capabilities, ChatTarget, RouteOverrides, RouteStrategy, SkipReason},
};

/// When a limit is looked at again, in milliseconds, where nobody knows when it has room.
const LOOK_AGAIN_MS: i64 = 1_000;

/// How much longer than usual an answer may be whose end nobody knows.
const LONGEST_OF_USUAL: u64 = 4;

/// Whom a run may ask, as it is set up now.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The route it runs on: the chat's own, or the one that its model falls back to.
    pub(crate) route_id: Option<i64>,
    /// Its first target is the chat's own model, which no route named.
    pub(crate) own_first: bool,
    /// For the decision.
    pub(crate) route: Route,
    /// One for each target of the route, in its order.
    pub(crate) seats: Vec<Seat>,
}

/// What budgets say to a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Money<'a> {
    /// How they stand.
    pub(crate) book: &'a Book,
    /// What a person says of those that ask.
    pub(crate) consent: Consent,
}

/// A target with all that a request to it needs beside the key.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    /// Its provider, deleted or not.
    pub(crate) row: ProviderRow,
    /// The vendor as it is at the provider's address, speaking as the model is spoken to; `None` where the catalogue no
    /// longer has it.
    pub(crate) vendor: Option<Arc<Vendor>>,
    /// What the sources but the catalogue say of the model.
    pub(crate) said: ModelInfo,
    /// What is asked of it in place of what the chat says.
    pub(crate) overrides: RouteOverrides,
}

/// What a prompt needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Need {
    /// Tokens of all that goes out, as far as they can be guessed.
    pub(crate) input_tokens: u64,
    /// Tokens that the answer is reckoned with.
    pub(crate) output_tokens: u64,
    /// Most tokens of the answer, where the chat says so.
    pub(crate) most_tokens: Option<u32>,
    /// The temperature, where the chat says so.
    pub(crate) temperature: Option<f64>,
    /// Media types of the files in it.
    pub(crate) media: Vec<String>,
}

impl Need {
    /// Tokens that an answer is reckoned with whose end nobody knows.
    pub(crate) fn unbounded_answer(&self) -> u64 {
        self.output_tokens.saturating_mul(LONGEST_OF_USUAL)
    }
}

/// A chat's target with its ids read.
enum Asked {
    Model(i64, String),
    /// The same, though its provider may be switched off.
    Again(i64, String),
    Route(i64, Option<String>),
}

fn asked(target: &ChatTarget) -> Result<Asked, Error> {
    Ok(match target {
        ChatTarget::Model { provider_id, model } => Asked::Model(parse_id("target", provider_id)?, model_name(model)?),
        ChatTarget::Route { route_id, model } => {
            let model = model.as_deref().map(model_name).transpose()?;
            Asked::Route(parse_id("target", route_id)?, model)
        }
    })
}

impl Inner {
    /// Whom a chat means, with the route that is asked where its model fails. To be asked again after a wait.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`; for a route that was deleted a provider error with the cause `route_deleted`;
    /// for a plain model without a fallback `provider_disabled`, or `unknown_vendor`.
    pub(crate) async fn plan(&self, target: &ChatTarget, fallback_route_id: Option<i64>) -> Result<Plan, Error> {
        let asked = asked(target)?;
        self.planned(move |planning| planning.plan(asked, fallback_route_id)).await
    }

    /// The same for a prompt that was asked before the app was closed: a plain model that was switched off since is
    /// asked all the same.
    ///
    /// # Errors
    /// As [`Inner::plan`], but for `provider_disabled`.
    pub(crate) async fn plan_again(&self, target: &ChatTarget) -> Result<Plan, Error> {
        let again = |asked| match asked {
            Asked::Model(id, model) => Asked::Again(id, model),
            route => route,
        };
        let asked = again(asked(target)?);
        self.planned(move |planning| planning.plan(asked, None)).await
    }

    /// The same for a route that need not be stored.
    ///
    /// # Errors
    /// `not_found` where one of its providers never was; [`Error::Invalid`] where the built-in route is asked for no
    /// model.
    pub(crate) async fn plan_of(&self, route: RouteRow, model: Option<String>) -> Result<Plan, Error> {
        self.planned(move |planning| planning.of_route(&route, model.as_deref())).await
    }

    async fn planned<F>(&self, plan: F) -> Result<Plan, Error>
    where
        F: FnOnce(&Planning<'_>) -> Result<Plan, Error> + Send + 'static,
    {
        let catalog = self.registry.catalog();
        let read = move |connection: &Connection| match plan(&Planning { connection, catalog: &catalog }) {
            Err(Error::Store(error)) => Err(error),
            other => Ok(other),
        };
        self.database.read(read).await?
    }

    /// What is known now of a plan's targets for a prompt. Nothing is read and nobody is asked. `route_turn` is how
    /// many runs the route began before this one; without `money` nothing is to be paid.
    pub(crate) fn survey(
        &self,
        plan: &Plan,
        need: &Need,
        route_turn: u64,
        now: i64,
        money: Option<Money<'_>>,
    ) -> Snapshot {
        // A plain model has nobody to give way to: it waits in its line, and what it does not take is said elsewhere.
        let alone = plan.seats.len() == 1 && plan.route_id.is_none();
        let quotes = self.prices.at(now, self.clock.local_day(now));
        let facts = |(at, (seat, target))| {
            let facts = self.facts(seat, target, need, alone, &quotes);
            let admits = money.is_none_or(|Money { book, consent }| {
                let bid = || plan.bid(at, need, &quotes);
                book.standings.is_empty() || bid().is_none_or(|bid| book.admits(bid, consent))
            });
            TargetFacts { admission: if admits { Admission::Allow } else { Admission::Deny }, ..facts }
        };
        Snapshot {
            targets: plan.seats.iter().zip(&plan.route.targets).enumerate().map(facts).collect(),
            turn: route_turn,
            tokens: need.input_tokens.saturating_add(need.output_tokens),
        }
    }

    fn facts(&self, seat: &Seat, target: &Target, need: &Need, alone: bool, quotes: &Quotes) -> TargetFacts {
        let (row, registry, now) = (&seat.row, &self.registry, quotes.at_ms());
        let (Some(vendor), false) = (seat.vendor.as_deref(), seat.is_gone(target)) else {
            return TargetFacts { unfit: Some(SkipReason::Gone), ..TargetFacts::default() };
        };
        let sent = row.settings.sent(&target.model);
        let meant = |id: i64| target.account_id.is_none_or(|only| only == id);
        let usable = |account: &&AccountRow| match alone {
            true => account.enabled,
            false => may_ask(row, account, vendor) && !registry.is_keyless(account, &row.base_url),
        };
        let account = |id: i64| AccountFacts {
            id,
            rest: registry.rests().of(id, now),
            circuit: registry
                .health()
                .standing(&Key { provider_id: row.id, account_id: id, model: target.model.clone() }, now),
        };
        let accounts: Vec<_> =
            row.accounts.iter().filter(|account| meant(account.id)).filter(usable).map(|a| account(a.id)).collect();
        let known = models::facts(vendor, sent, &seat.said);
        let unfit = || {
            let refused = need.media.iter().find(|media| !capabilities::takes(vendor, sent, &known.can, media));
            match refused.map(|media| kinds::kind(media)) {
                _ if !row.enabled => Some(SkipReason::Disabled),
                _ if accounts.is_empty() => Some(SkipReason::NoKey),
                Some(AttachmentKind::Image) => Some(SkipReason::NoVision),
                Some(_) => Some(SkipReason::NoFiles),
                None => None,
            }
        };
        let (offer, names) = (quotes.offer(row.id, vendor), Names::before(&target.model, sent));
        let cost = forecast::cost(&offer, &names, need.input_tokens, 0, need.output_tokens);
        let (running, waiting) = registry.gates().counts(row.id);
        TargetFacts {
            unfit: if alone { None } else { unfit() },
            window: known.context.map(u64::from),
            cost_nano: cost.and_then(|nano| u64::try_from(nano).ok()),
            latency_ms: registry.health().latency_ms(row.id, &target.model, now),
            busy: running.saturating_add(waiting),
            limited_until: if alone { None } else { self.limited_until(seat, need, now) },
            admission: Admission::Allow,
            retries_left: registry.health().retries_left(row.id),
            prefill: vendor.prefills(sent),
            accounts,
        }
    }

    /// Until when the user's own limits leave no room for a request; `None` where there is some.
    fn limited_until(&self, seat: &Seat, need: &Need, now: i64) -> Option<i64> {
        let most = seat.overrides.max_tokens.or(seat.row.settings.parameters.max_tokens).unwrap_or(0);
        let tokens = need.input_tokens.saturating_add(u64::from(most));
        let full = self.registry.gates().full(seat.row.id, seat.row.settings.limits, tokens)?;
        let wait = full.rest.and_then(|rest| i64::try_from(rest.as_millis()).ok()).unwrap_or(LOOK_AGAIN_MS);
        Some(now.saturating_add(wait.max(1)))
    }
}

impl Plan {
    /// The route that names a target; `None` for the chat's own model.
    pub(crate) fn route_of(&self, target: usize) -> Option<i64> {
        self.route_id.filter(|_| !(self.own_first && target == 0))
    }

    /// What budgets see of a request to a target: it may take as much as its answer may be long.
    /// `None` where it has no such target.
    pub(crate) fn bid(&self, at: usize, need: &Need, quotes: &Quotes) -> Option<Bid> {
        let (seat, target) = (self.seats.get(at)?, self.route.targets.get(at)?);
        let most_nano = seat.most_nano(target, need, quotes);
        Some(Bid { provider_id: target.provider_id, route_id: self.route_of(at), most_nano })
    }

    /// What any of its targets can: true where one is known to, false where all are known not to.
    pub(crate) fn capabilities(&self) -> Capabilities {
        let of = |(seat, target): (&Seat, &Target)| {
            let sent = seat.row.settings.sent(&target.model);
            Some(models::facts(seat.vendor.as_deref()?, sent, &seat.said).can)
        };
        self.seats.iter().zip(&self.route.targets).filter_map(of).reduce(capabilities::either).unwrap_or_default()
    }
}

impl Seat {
    /// Most tokens that the answer may have: as the route says, the chat, the provider, or else as the model can.
    pub(crate) fn most_tokens(&self, target: &Target, of_chat: Option<u32>) -> Option<u32> {
        let settings = &self.row.settings;
        let can = || models::facts(self.vendor.as_deref()?, settings.sent(&target.model), &self.said).max_output;
        self.overrides.max_tokens.or(of_chat).or(settings.parameters.max_tokens).or_else(can)
    }

    /// Whether its answer is one that a route may have kept, as far as the temperature says.
    pub(crate) fn is_settled(&self, of_chat: Option<f64>) -> bool {
        let settings = self.row.settings.parameters.temperature;
        self.overrides.temperature.or(of_chat).or(settings) == Some(0.0)
    }

    /// Nano-USD that a request may take; `None` where no price is known.
    fn most_nano(&self, target: &Target, need: &Need, quotes: &Quotes) -> Option<i64> {
        let most = self.most_tokens(target, need.most_tokens).map(u64::from);
        let output = most.unwrap_or_else(|| need.unbounded_answer());
        let names = Names::before(&target.model, self.row.settings.sent(&target.model));
        let offer = quotes.offer(self.row.id, self.vendor.as_deref()?);
        forecast::cost(&offer, &names, need.input_tokens, 0, output)
    }

    /// Its provider or its only account is deleted, or its vendor is no longer known.
    fn is_gone(&self, target: &Target) -> bool {
        let has = |id| self.row.accounts.iter().any(|account| account.id == id);
        self.row.deleted || self.vendor.is_none() || target.account_id.is_some_and(|id| !has(id))
    }
}

/// Reads whom a chat means.
struct Planning<'a> {
    connection: &'a Connection,
    catalog: &'a Catalog,
}

impl Planning<'_> {
    fn plan(&self, asked: Asked, fallback: Option<i64>) -> Result<Plan, Error> {
        match asked {
            Asked::Route(id, model) => {
                let route = routes::get(self.connection, id)?;
                if route.deleted { Err(deleted()) } else { self.of_route(&route, model.as_deref()) }
            }
            Asked::Again(provider_id, model) => self.of_one(&plain(provider_id, &model), true),
            Asked::Model(provider_id, model) => {
                let first = plain(provider_id, &model);
                let then = match fallback.map(|id| routes::get(self.connection, id)) {
                    None | Some(Err(StoreError::NotFound)) => None,
                    Some(route) => Some(route?).filter(|route| !route.deleted),
                };
                match then {
                    Some(route) => self.falling_back(first, &route),
                    None => self.of_one(&first, false),
                }
            }
        }
    }

    fn of_one(&self, only: &RouteTargetRow, even_off: bool) -> Result<Plan, Error> {
        let seat = self.seat(only)?;
        if seat.row.deleted {
            return Err(StoreError::NotFound.into());
        }
        if seat.vendor.is_none() {
            return Err(Error::invalid("vendor", "unknown_vendor"));
        }
        if !seat.row.enabled && !even_off {
            let message = "the provider is switched off";
            return Err(ProviderError::because(Category::Forbidden, "provider_disabled", message).into());
        }
        Ok(Plan { route_id: None, own_first: true, route: Route::of_one(target(only)), seats: vec![seat] })
    }

    fn of_route(&self, route: &RouteRow, model: Option<&str>) -> Result<Plan, Error> {
        let all = match (route.built_in(), model) {
            (false, _) => route.targets.clone(),
            (true, Some(model)) => self.in_my_order(model)?,
            (true, None) => return Err(Error::invalid("model", "empty")),
        };
        let seats = all.iter().map(|target| self.seat(target)).collect::<Result<_, _>>()?;
        let targets = all.iter().map(target).collect();
        let rules = route.rules.clone();
        let decision = Route { strategy: route.strategy, targets, rules };
        Ok(Plan { route_id: Some(route.id), own_first: false, route: decision, seats })
    }

    /// A model of its own, then the targets of a route: in the user's order, for the chat's model comes first whatever
    /// the strategy. What is kept of a route's answers is kept of chats that are on it.
    fn falling_back(&self, first: RouteTargetRow, route: &RouteRow) -> Result<Plan, Error> {
        let mut plan = self.of_route(route, Some(&first.model))?;
        plan.route.strategy = RouteStrategy::Priority;
        plan.route.rules.cache.enabled = false;
        let others = |target: &Target| (target.provider_id, &target.model) != (first.provider_id, &first.model);
        let (targets, seats) = std::mem::take(&mut plan.route.targets)
            .into_iter()
            .zip(std::mem::take(&mut plan.seats))
            .filter(|(target, _)| others(target))
            .unzip();
        (plan.route.targets, plan.seats) = (targets, seats);
        plan.seats.insert(0, self.seat(&first)?);
        plan.route.targets.insert(0, target(&first));
        plan.own_first = true;
        Ok(plan)
    }

    /// Every enabled provider that serves a model, by priority.
    fn in_my_order(&self, model: &str) -> Result<Vec<RouteTargetRow>, StoreError> {
        let mut targets = Vec::new();
        for row in tables::list(self.connection)?.into_iter().filter(|row| row.enabled) {
            let Some(vendor) = self.vendor(&row) else { continue };
            if models::serves(self.connection, &row, &vendor, model)? {
                targets.push(plain(row.id, model));
            }
        }
        Ok(targets)
    }

    fn seat(&self, target: &RouteTargetRow) -> Result<Seat, StoreError> {
        let row = tables::get_even_removed(self.connection, target.provider_id)?;
        let overrides = target.overrides.clone();
        let Some(vendor) = self.vendor(&row) else {
            return Ok(Seat { row, vendor: None, said: ModelInfo::default(), overrides });
        };
        let sent = row.settings.sent(&target.model);
        let said = models::said(self.connection, row.id, &vendor, &target.model, sent)?;
        let vendor = Some(vendor.speaking(sent, said.wire));
        Ok(Seat { row, vendor, said, overrides })
    }

    fn vendor(&self, row: &ProviderRow) -> Option<Arc<Vendor>> {
        self.catalog.shared(&row.vendor).map(|vendor| vendor.at(&row.base_url))
    }
}

/// A model with whatever account, as the chat says.
fn plain(provider_id: i64, model: &str) -> RouteTargetRow {
    let overrides = RouteOverrides::default();
    RouteTargetRow { provider_id, account_id: None, model: model.to_owned(), weight: 1, overrides }
}

fn target(row: &RouteTargetRow) -> Target {
    Target { provider_id: row.provider_id, account_id: row.account_id, model: row.model.clone(), weight: row.weight }
}

fn deleted() -> Error {
    ProviderError::because(Category::Forbidden, "route_deleted", "the route is deleted").into()
}
