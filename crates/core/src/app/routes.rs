//! What a person does with routes.

use rusqlite::{Connection, Transaction};

use super::{
    App,
    composer::USUAL,
    parse_id,
    plan::{Money, Need, Plan, Seat},
};
use crate::{
    costs::{Names, Quotes, Rate, budgets::Consent, guess},
    error::Error,
    fallback::{
        health::Key,
        next::{Look, plan_of},
        snapshot::Snapshot,
    },
    history::{
        circuits, conversations, response_cache,
        switches::{self, EndRow, SwitchRow},
    },
    registry::{
        models::{self, Facts},
        routes::{self, MOST_TARGETS, RouteFields, RouteRow, RouteTargetRow, check},
        tables,
    },
    view::{
        Capabilities, ConversationView, DryRunInput, DryRunLine, DryRunView, RouteInput, RouteTargetInput,
        RouteTargetView, RouteView, SwitchEnd, SwitchPage, SwitchView, Target, TargetStanding,
    },
};

/// Chance has no part in what is shown: a route that draws lots is drawn alike until something changes.
const SEED: u64 = 0;
/// Pictures are guessed as one of this size, in bytes.
const USUAL_PICTURE: u64 = 500_000;
/// More pictures than any vendor takes.
const MOST_PICTURES: u32 = 1_000;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

impl App {
    /// The routes, the built-in one first, with how their targets stand. Nobody is asked and no key is looked for.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_routes(&self) -> Result<Vec<RouteView>, Error> {
        let rows = self.inner.database.read(routes::list).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.route_view(row).await?);
        }
        Ok(views)
    }

    /// Adds or changes a route. Of the built-in one only its strategy and its rules can be set.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, [`Error::InvalidPart`] naming the field of a target and its place;
    /// `not_found`.
    pub async fn save_route(&self, input: RouteInput) -> Result<RouteView, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?;
        let fields = fields(input)?;
        let now = self.inner.clock.now_ms();
        // In one transaction: what the targets were checked against is what they are stored beside.
        let save = move |tx: &Transaction<'_>| {
            let before = id.map(|id| routes::standing(tx, id)).transpose()?;
            let fields = match check(fields, before.as_ref(), &tables::list(tx)?) {
                Ok(fields) => fields,
                Err(refused) => return Ok(Err(refused)),
            };
            let id = match before {
                Some(before) => routes::update(tx, before.id, &fields, now).map(|()| before.id),
                None => routes::insert(tx, &fields, None, now),
            }?;
            if !fields.rules.cache.enabled {
                response_cache::purge(tx, id)?;
            }
            routes::get(tx, id).map(Ok)
        };
        let row = self.inner.database.write(save).await??;
        self.inner.purse.changed();
        self.route_view(row).await
    }

    /// Deletes a route. Chats on it say so when they are sent to; answers and money that name it stay.
    ///
    /// # Errors
    /// `not_found`, also for the built-in route; [`Error::Store`].
    pub async fn remove_route(&self, id: &str) -> Result<(), Error> {
        let (id, now) = (parse_id("id", id)?, self.inner.clock.now_ms());
        self.inner.database.write(move |tx| routes::set_deleted(tx, id, true, now)).await?;
        self.inner.purse.changed();
        Ok(())
    }

    /// Takes the deletion of a route back.
    ///
    /// # Errors
    /// As [`App::remove_route`].
    pub async fn restore_route(&self, id: &str) -> Result<RouteView, Error> {
        let (id, now) = (parse_id("id", id)?, self.inner.clock.now_ms());
        let restore = move |tx: &Transaction<'_>| {
            routes::set_deleted(tx, id, false, now)?;
            routes::get(tx, id)
        };
        let row = self.inner.database.write(restore).await?;
        self.inner.purse.changed();
        self.route_view(row).await
    }

    /// What a route would do now with a prompt, saved or not. Nobody is asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none or the built-in route is asked for no model; `not_found`.
    pub async fn dry_run_route(&self, input: DryRunInput) -> Result<DryRunView, Error> {
        let now = self.inner.clock.now_ms();
        let images = input.images.min(MOST_PICTURES);
        let picture = guess::medium_by_size("image/png", USUAL_PICTURE).saturating_mul(u64::from(images));
        let guessed = || guess::message(&input.prompt).saturating_add(picture);
        let need = Need {
            input_tokens: input.input_tokens.map_or_else(guessed, u64::from),
            output_tokens: u64::from(input.output_tokens),
            most_tokens: None,
            temperature: None,
            media: if images == 0 { Vec::new() } else { vec!["image/png".to_owned()] },
        };
        let plan = self.inner.plan_of(self.draft(input.route).await?, input.model).await?;
        let (snapshot, looks) = self.looks(&plan, &need, now).await?;
        let line = |look: &Look| self.dry_run_line(&plan, &snapshot, look);
        let lines: Vec<DryRunLine> = looks.iter().map(line).collect();
        let nobody_ready = lines.iter().all(|line| line.skip.is_some());
        let backs = lines.iter().filter_map(|line| line.until).filter(|_| nobody_ready);
        Ok(DryRunView { at: now as f64, first_back: backs.min_by(f64::total_cmp), lines })
    }

    /// Times that a route moved on, the newest first, 50 at once.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none; [`Error::Store`].
    pub async fn route_switches(&self, route_id: &str, before: Option<&str>) -> Result<SwitchPage, Error> {
        let id = parse_id("routeId", route_id)?;
        let before = before.map(|before| parse_id("before", before)).transpose()?;
        let since = self.inner.clock.now_ms().saturating_sub(WEEK_MS);
        let read = move |connection: &Connection| {
            Ok((switches::page(connection, id, before)?, switches::since(connection, id, since)?))
        };
        let (page, (week, answers)) = self.inner.database.read(read).await?;
        Ok(SwitchPage {
            next: page.next.map(|id| id.to_string()),
            switches: page.rows.into_iter().map(|row| self.switch_view(row)).collect(),
            week,
            answers,
        })
    }

    /// The route that is asked where a chat's model fails, or none.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none; `not_found`, also for a deleted route.
    pub async fn set_chat_fallback(
        &self,
        conversation_id: &str,
        route_id: Option<&str>,
    ) -> Result<ConversationView, Error> {
        let conversation = parse_id("conversationId", conversation_id)?;
        let route = route_id.map(|id| parse_id("routeId", id)).transpose()?;
        let set = move |tx: &Transaction<'_>| {
            let lane = conversations::first_lane(tx, conversation)?;
            if let Some(route) = route {
                routes::standing(tx, route)?;
            }
            conversations::set_lane_fallback(tx, lane.id, route)
        };
        self.inner.database.write(set).await?;
        self.conversation(conversation).await
    }

    /// A person lets a target that rests be tried again. One that does not rest is no error.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the id is none; `not_found`, [`Error::Store`].
    pub async fn close_circuit(&self, account_id: &str, model: &str) -> Result<(), Error> {
        let account_id = parse_id("accountId", account_id)?;
        let account = self.inner.database.read(move |c| crate::registry::accounts::get(c, account_id)).await?;
        let key = Key { provider_id: account.provider_id, account_id, model: model.to_owned() };
        self.inner.registry.health().close(&key);
        let forget = move |tx: &Transaction<'_>| circuits::remove(tx, &key);
        Ok(self.inner.database.write(forget).await?)
    }

    /// A route as it stands on the screen.
    async fn draft(&self, input: RouteInput) -> Result<RouteRow, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?;
        let stored = match id {
            Some(id) => Some(self.inner.database.read(move |connection| routes::standing(connection, id)).await?),
            None => None,
        };
        let RouteFields { name, strategy, rules, targets } = fields(input)?;
        if targets.len() > MOST_TARGETS {
            return Err(Error::invalid("targets", "too_many"));
        }
        let (id, slug) = stored.map_or((0, String::new()), |row| (row.id, row.slug));
        Ok(RouteRow { id, slug, name, strategy, rules, targets, deleted: false })
    }

    /// What would become of a plan's targets, in the order they are looked at.
    pub(super) async fn looks(&self, plan: &Plan, need: &Need, now: i64) -> Result<(Snapshot, Vec<Look>), Error> {
        let turn = plan.route_id.map_or(0, |id| self.inner.registry.health().turn(id));
        let book = self.inner.book().await?;
        let money = Some(Money { book: &book, consent: Consent::NotAsked });
        let snapshot = self.inner.survey(plan, need, turn, now, money);
        let looks = plan_of(&plan.route, &snapshot, SEED, now);
        Ok((snapshot, looks))
    }

    async fn route_view(&self, row: RouteRow) -> Result<RouteView, Error> {
        let (built_in, overrides) = (row.built_in(), row.targets.clone());
        let (id, slug) = (row.id.to_string(), row.slug.clone());
        let (name, strategy, rules) = (row.name.clone(), row.strategy, row.rules.clone());
        let mut targets = Vec::with_capacity(overrides.len());
        if !built_in {
            let (now, quotes) = (self.inner.clock.now_ms(), self.inner.quotes());
            let plan = self.inner.plan_of(row, None).await?;
            let (_, looks) = self.looks(&plan, &USUAL, now).await?;
            for (at, (seat, target)) in plan.seats.iter().zip(overrides).enumerate() {
                let look = looks.iter().find(|look| look.target == at);
                targets.push(target_view(seat, target, look, &quotes));
            }
        }
        Ok(RouteView { id, slug, name, built_in, strategy, targets, rules })
    }

    fn dry_run_line(&self, plan: &Plan, snapshot: &Snapshot, look: &Look) -> DryRunLine {
        let (seat, target) = (&plan.seats[look.target], &plan.route.targets[look.target]);
        let facts = &snapshot.targets[look.target];
        let (mark, category) = self.inner.registry.mark_of(&seat.row.vendor);
        let label = |id: i64| seat.row.accounts.iter().find(|account| account.id == id).map(|a| a.label.clone());
        let TargetStanding { skip, until, because } = standing_of(look);
        DryRunLine {
            index: u32::try_from(look.target).unwrap_or(u32::MAX),
            target: Target { provider_id: target.provider_id.to_string(), model: target.model.clone() },
            provider_name: seat.row.name.clone(),
            mark,
            category,
            verdict: look.verdict,
            skip,
            until,
            because,
            account: look.account_id.and_then(label).filter(|label| !label.is_empty()),
            cost_nano: facts.cost_nano.map(|nano| nano as f64),
            first_token_ms: facts.latency_ms,
        }
    }

    fn switch_view(&self, row: SwitchRow) -> SwitchView {
        let end = |end: EndRow| {
            let (mark, category) = self.inner.registry.mark_of(&end.vendor);
            SwitchEnd {
                provider_id: end.provider_id.to_string(),
                provider_name: end.name,
                mark,
                category,
                model: end.model,
            }
        };
        SwitchView {
            at: row.at as f64,
            conversation_id: row.conversation_id.map(|id| id.to_string()),
            message_id: row.message_id.map(|id| id.to_string()),
            trashed: row.trashed,
            from: end(row.from),
            to: end(row.to),
            failure: row.failure,
            skip: row.skip,
            tries: row.tries,
            lost_ms: u32::try_from(row.lost_ms).unwrap_or(u32::MAX),
        }
    }
}

/// What a page says of a route, with its ids read.
fn fields(input: RouteInput) -> Result<RouteFields, Error> {
    let RouteInput { name, strategy, targets, rules, id: _ } = input;
    let one = |(place, target): (usize, RouteTargetInput)| {
        let read = |field, id: &str| {
            parse_id(field, id).map_err(|_| Error::invalid_part(field, &place.to_string(), "not_an_id"))
        };
        Ok(RouteTargetRow {
            provider_id: read("provider", &target.target.provider_id)?,
            account_id: target.account_id.as_deref().map(|id| read("account", id)).transpose()?,
            model: target.target.model,
            weight: target.weight,
            overrides: target.overrides,
        })
    };
    let targets = targets.into_iter().enumerate().map(one).collect::<Result<_, Error>>()?;
    Ok(RouteFields { name, strategy, rules, targets })
}

fn standing_of(look: &Look) -> TargetStanding {
    let skip = look.skip.as_ref();
    TargetStanding {
        skip: skip.map(|skip| skip.reason),
        until: skip.and_then(|skip| skip.until).map(|until| until as f64),
        because: skip.and_then(|skip| skip.because.clone()),
    }
}

fn target_view(seat: &Seat, target: RouteTargetRow, look: Option<&Look>, quotes: &Quotes) -> RouteTargetView {
    let sent = seat.row.settings.sent(&target.model);
    let vendor = seat.vendor.as_deref();
    let known = vendor.map(|vendor| models::facts(vendor, sent, &seat.said));
    let list_price = |vendor| quotes.offer(seat.row.id, vendor).list_price(&Names::before(&target.model, sent));
    let prices = vendor.map(list_price).unwrap_or_default();
    let nano = |rate: Option<Rate>| rate.map(|rate| rate.nano() as f64);
    let (context, can) = known.map_or((None, Capabilities::default()), |Facts { context, can, .. }| (context, can));
    RouteTargetView {
        target: Target { provider_id: target.provider_id.to_string(), model: target.model },
        account_id: target.account_id.map(|id| id.to_string()),
        weight: target.weight,
        overrides: target.overrides,
        standing: look.map_or(TargetStanding { skip: None, until: None, because: None }, standing_of),
        input_nano: nano(prices.input),
        output_nano: nano(prices.output),
        context,
        can,
    }
}
