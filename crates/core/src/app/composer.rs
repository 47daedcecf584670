//! What stands in a composer before it is sent.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parlance_providers::{ModelInfo, catalog::Vendor};
use rusqlite::Connection;

use super::{App, parse_id, plan::Need};
use crate::{
    attachments::{self, Unreadable, table},
    capabilities,
    costs::{
        Names, Rate,
        budgets::{Bid, Consent, Standing},
        forecast::{self, Branch},
        guess,
    },
    error::Error,
    history::{StoreError, conversations},
    registry::{
        model_name,
        models::{self, Facts},
    },
    settings,
    view::{
        Capabilities, ChatSetup, ChatTarget, DryRunVerdict, EstimateInput, EstimateView, EstimateWarning, Target,
        TargetView,
    },
};

impl App {
    /// What a model takes. Of a route it is what the target takes that would be asked now, but what it can is what any
    /// of its targets can. Nobody is asked and no key is looked for.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, a provider error with the cause `route_deleted`, [`Error::Store`].
    pub async fn describe_target(&self, target: impl Into<ChatTarget>) -> Result<TargetView, Error> {
        let asked = self.asked(&target.into(), &USUAL).await?;
        let (vendor, model) = (&*asked.vendor, asked.sent);
        let Facts { context, max_output, can: own, .. } = models::facts(vendor, &model, &asked.said);
        let can = asked.any.unwrap_or(own);
        let quotes = self.inner.quotes();
        let prices = quotes.offer(asked.provider_id, vendor).list_price(&Names::before(&asked.model, &model));
        let nano = |rate: Option<Rate>| rate.map(|rate| rate.nano() as f64);
        Ok(TargetView {
            context,
            max_output,
            can,
            input_nano: nano(prices.input),
            cache_read_nano: nano(prices.cache_read),
            output_nano: nano(prices.output),
            parameters: capabilities::parameters(vendor, &model, &own),
            efforts: capabilities::efforts(vendor, &model, &own),
        })
    }

    /// What a message would take if it were sent now: a guess, but for what the vendor counted of the messages so far.
    /// Of a route it is what the target would take that would be asked.
    ///
    /// # Errors
    /// As [`App::describe_target`].
    pub async fn estimate(&self, input: EstimateInput) -> Result<EstimateView, Error> {
        let conversation = input.conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        let branch = match conversation {
            Some(id) => self.branch_tokens(id).await?,
            None => Branch::default(),
        };
        let EstimateInput { target, setup, text, attachments, .. } = &input;
        let Reckoned { view, over_window, usual_nano, bid, .. } =
            self.reckon(target, setup, text, attachments, branch).await?;
        let warnings = self.warnings(over_window, usual_nano, bid).await?;
        Ok(EstimateView { warnings, ..view })
    }

    /// What a message after a branch would take.
    ///
    /// # Errors
    /// As [`App::describe_target`].
    pub(super) async fn reckon(
        &self,
        target: &ChatTarget,
        setup: &ChatSetup,
        text: &str,
        files: &[String],
        branch: Branch,
    ) -> Result<Reckoned, Error> {
        let system = guess::message(setup.system_prompt.trim());
        let text = guess::message(text);
        let attachments = self.attachment_tokens(files).await?;
        // The vendor's count has the system prompt in it.
        let history = if branch.with_system { branch.tokens.saturating_sub(system) } else { branch.tokens };
        let whole = [system, history, text, attachments].into_iter().fold(0, u64::saturating_add);
        let media = self.media_types(files).await?;
        let need = Need {
            input_tokens: whole,
            output_tokens: branch.answer_tokens(),
            most_tokens: setup.max_tokens,
            temperature: setup.temperature,
            media,
        };
        let asked = self.asked(target, &need).await?;
        let same = |(provider, model, _): &&(i64, String, u64)| *provider == asked.provider_id && *model == asked.model;
        let cached = branch.cached.as_ref().filter(same).map_or(0, |(_, _, cached)| *cached).min(system + history);
        let Facts { context, max_output, .. } = models::facts(&asked.vendor, &asked.sent, &asked.said);
        let limit = asked.over.or(setup.max_tokens).or(asked.most);
        let answer = limit.map_or(branch.answer_tokens(), |limit| branch.answer_tokens().min(u64::from(limit)));
        let most = limit.or(max_output);
        let quotes = self.inner.quotes();
        let (offer, names) = (quotes.offer(asked.provider_id, &asked.vendor), Names::before(&asked.model, &asked.sent));
        let cost = |cached, answer| forecast::cost(&offer, &names, whole, cached, answer);
        let (usual_nano, most_nano) = (cost(cached, answer), most.and_then(|most| cost(cached, u64::from(most))));
        // Nobody knows what the cache will have when it is to be paid for.
        let held = cost(0, most.map_or(need.unbounded_answer(), u64::from));
        let bid = Bid { provider_id: asked.provider_id, route_id: asked.route_id, most_nano: held };
        let prices = offer.list_price(&names);
        let nano = |rate: Option<Rate>| rate.map(|rate| rate.nano() as f64);
        let (input_rate, output_rate) = (nano(prices.input), nano(prices.output));
        let small = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
        let view = EstimateView {
            system_tokens: small(system),
            history_tokens: small(history),
            cached_tokens: small(cached),
            text_tokens: small(text),
            attachment_tokens: small(attachments),
            answer_tokens: small(answer),
            context,
            cost_nano: usual_nano.map(|nano| nano as f64),
            prompt_nano: cost(cached, 0).map(|nano| nano as f64),
            most_nano: most_nano.map(|nano| nano as f64),
            most_answer_tokens: most,
            warnings: Vec::new(),
        };
        let over_window = context.is_some_and(|context| whole.saturating_add(answer) > u64::from(context));
        let Asked { vendor, sent, said, any, .. } = asked;
        Ok(Reckoned { view, over_window, usual_nano, bid, vendor, sent, said, any, input_rate, output_rate })
    }

    /// What a message would break, the worst first.
    async fn warnings(&self, over_window: bool, cost: Option<i64>, bid: Bid) -> Result<Vec<EstimateWarning>, Error> {
        let limit = self.inner.database.read(settings::message_limit).await?;
        let book = self.inner.book().await?;
        let may_pass = book.may_pass(bid, Consent::NotAsked);
        let id = |standing: &Standing| standing.budget.id.to_string();
        let over = |standing: &Standing| EstimateWarning::OverBudget { budget_id: id(standing), may_pass };
        let mut warnings: Vec<_> = book.in_the_way(bid).map(over).collect();
        warnings.extend(over_window.then_some(EstimateWarning::OverWindow));
        let too_dear = cost.zip(limit).is_some_and(|(cost, limit)| cost as f64 > limit);
        warnings.extend(too_dear.then_some(EstimateWarning::OverMessageLimit));
        let near = |standing: &Standing| {
            let share = standing.nears(cost?)?;
            let fits = book.in_the_way(bid).all(|other| other.budget.id != standing.budget.id);
            fits.then(|| EstimateWarning::NearBudget { budget_id: id(standing), share })
        };
        warnings.extend(book.of(bid).filter_map(near));
        Ok(warnings)
    }

    /// Whom a target means for a prompt, without a key.
    async fn asked(&self, target: &ChatTarget, need: &Need) -> Result<Asked, Error> {
        match target.as_model() {
            Some(target) => self.asked_model(&target).await,
            None => self.asked_route(target, need).await,
        }
    }

    async fn asked_model(&self, target: &Target) -> Result<Asked, Error> {
        let provider_id = parse_id("target", &target.provider_id)?;
        let model = model_name(&target.model)?;
        let name = model.clone();
        let row = self.provider_row(provider_id).await?;
        let vendor = self.inner.registry.vendor_at(&row.vendor, &row.base_url)?;
        let (sent, most) = (row.settings.sent(&name).to_owned(), row.settings.parameters.max_tokens);
        let (of, out) = (Arc::clone(&vendor), sent.clone());
        let read = move |connection: &Connection| models::said(connection, provider_id, &of, &name, &out);
        let said = self.inner.database.read(read).await?;
        let vendor = vendor.speaking(&sent, said.wire);
        Ok(Asked { provider_id, route_id: None, vendor, model, sent, said, over: None, most, any: None })
    }

    /// The target of a route that would be asked now; where nobody could be, the first that is known at all.
    async fn asked_route(&self, target: &ChatTarget, need: &Need) -> Result<Asked, Error> {
        let plan = self.inner.plan(target, None).await?;
        let (_, looks) = self.looks(&plan, need, self.inner.clock.now_ms()).await?;
        let chosen = looks.iter().find(|look| look.verdict == DryRunVerdict::Chosen).map(|look| look.target);
        let known = || plan.seats.iter().position(|seat| seat.vendor.is_some());
        let nobody = Error::invalid("target", "nobody");
        let at = chosen.or_else(known).ok_or(nobody)?;
        let any = plan.capabilities();
        let (seat, target) = (&plan.seats[at], &plan.route.targets[at]);
        let settings = &seat.row.settings;
        Ok(Asked {
            provider_id: seat.row.id,
            vendor: seat.vendor.clone().ok_or(Error::invalid("target", "nobody"))?,
            model: target.model.clone(),
            sent: settings.sent(&target.model).to_owned(),
            said: seat.said.clone(),
            route_id: plan.route_id,
            over: seat.overrides.max_tokens,
            most: settings.parameters.max_tokens,
            any: Some(any),
        })
    }

    /// The media types of files.
    async fn media_types(&self, ids: &[String]) -> Result<Vec<String>, Error> {
        let ids = ids.to_vec();
        let read = move |connection: &Connection| {
            ids.iter().map(|id| Ok(table::get(connection, id)?.media_type)).collect::<Result<_, StoreError>>()
        };
        Ok(self.inner.database.read(read).await?)
    }

    /// The tokens of a chat's branch: worked out once for each of its states, not for each key that is pressed.
    pub(super) async fn branch_tokens(&self, conversation_id: i64) -> Result<Branch, Error> {
        let known = locked(&self.inner.estimates.branch).clone();
        let read = move |connection: &Connection| {
            let leaf = conversations::first_lane(connection, conversation_id)?.active_leaf;
            let state = (conversation_id, conversations::get(connection, conversation_id)?.touched, leaf);
            match known {
                Some((at, branch)) if at == state => Ok((state, branch)),
                _ => Ok((state, forecast::branch(connection, conversation_id, leaf)?)),
            }
        };
        let (state, branch) = self.inner.database.read(read).await?;
        *locked(&self.inner.estimates.branch) = Some((state, branch.clone()));
        Ok(branch)
    }

    /// The tokens of files, each of which is looked at once.
    async fn attachment_tokens(&self, ids: &[String]) -> Result<u64, Error> {
        let mut sum: u64 = 0;
        for id in ids {
            if !attachments::is_id(id) {
                return Err(Error::invalid("attachments", "not_an_id"));
            }
            let known = locked(&self.inner.estimates.files).get(id).copied();
            let tokens = match known {
                Some(tokens) => tokens,
                None => self.count_file(id.clone()).await?,
            };
            sum = sum.saturating_add(tokens);
        }
        Ok(sum)
    }

    async fn count_file(&self, id: String) -> Result<u64, Error> {
        let sha256 = id.clone();
        let row = self.inner.database.read(move |connection| table::get(connection, &sha256)).await?;
        let store = self.inner.attachments.clone();
        let count = move || Ok(guess::medium(&row.media_type, &store.read(&row.sha256)?));
        let counted = tokio::task::spawn_blocking(count).await.unwrap_or(Err(Unreadable::Refused));
        let tokens = counted.map_err(|why| Error::invalid("attachments", why.code()))?;
        let mut files = locked(&self.inner.estimates.files);
        if files.len() >= MOST_COUNTED {
            files.clear();
        }
        files.insert(id, tokens);
        Ok(tokens)
    }
}

/// Files whose tokens are remembered.
const MOST_COUNTED: usize = 512;

/// A chat in one of its states: the chat, its last change, the end of its branch.
type State = (i64, i64, Option<i64>);

/// What was worked out for estimates, for the next key that is pressed.
#[derive(Default)]
pub(super) struct Estimates {
    /// The last chat's branch.
    branch: Mutex<Option<(State, Branch)>>,
    /// Files by their ids.
    files: Mutex<HashMap<String, u64>>,
}

/// What a message would take, and of whom it would be asked.
pub(super) struct Reckoned {
    /// As a person sees it, without what it would break.
    pub(super) view: EstimateView,
    pub(super) over_window: bool,
    usual_nano: Option<i64>,
    bid: Bid,
    pub(super) vendor: Arc<Vendor>,
    /// The model as the vendor is told.
    pub(super) sent: String,
    /// What the sources but the catalogue say of it.
    pub(super) said: ModelInfo,
    /// Of a route: what any of its targets can.
    pub(super) any: Option<Capabilities>,
    /// Nano-USD a million tokens cost.
    pub(super) input_rate: Option<f64>,
    pub(super) output_rate: Option<f64>,
}

/// Whom a target means, without a key.
struct Asked {
    provider_id: i64,
    route_id: Option<i64>,
    vendor: Arc<Vendor>,
    /// As it is asked for.
    model: String,
    /// As the vendor is told.
    sent: String,
    said: ModelInfo,
    /// Most tokens of an answer, whatever the chat says.
    over: Option<u32>,
    /// Most tokens of an answer where the chat says nothing.
    most: Option<u32>,
    /// Of a route: what any of its targets can.
    any: Option<Capabilities>,
}

/// A prompt as most are, for what is asked before there is one.
pub(super) const USUAL: Need =
    Need { input_tokens: 1_000, output_tokens: 500, most_tokens: None, temperature: None, media: Vec::new() };

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
