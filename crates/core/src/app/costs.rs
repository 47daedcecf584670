//! Costs: what was spent on whom, and what it would have been elsewhere.

use std::io::BufWriter;

use chrono::NaiveDate;
use rusqlite::Connection;

use super::{
    App,
    plan::{Need, Plan},
};
use crate::{
    costs::{
        Names,
        dashboard::{self, Question},
        export::{Csv, Json, Sheet},
        ledger::LedgerError,
        people::People,
        range::{self, Asked, Known, Range},
        requests::{self, Log, Place},
        wanted::Wanted,
        what_if::{self, Requests},
    },
    error::Error,
    history::{StoreError, files},
    registry::routes::{self, RouteRow},
    view::{
        CostDashboard, CostFilter, CostFormat, CostKey, DashboardInput, ExportView, RequestPage, RequestsInput,
        WhatIfView,
    },
};

/// Rows of a page of the log, at most.
const MOST_ROWS: u32 = 500;
/// Rows that an export reads at once.
const A_BATCH: usize = 2_000;

impl App {
    /// Everything the dashboard shows of the entries that a filter lets through.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `from`, `to` and for ids that are none; [`Error::Store`], also where a sum does not fit.
    pub async fn dashboard(&self, input: DashboardInput) -> Result<CostDashboard, Error> {
        let today = self.today();
        let question = Question {
            asked: Asked::of(&input.filter)?,
            wanted: Wanted::of(&input.filter)?,
            filter: input.filter,
            group: input.group,
            today,
        };
        let read = move |connection: &Connection| Ok(dashboard::read(connection, &question)?);
        let dashboard = self.inner.database.read(read).await?;
        Ok(CostDashboard {
            budget: self.inner.overall_budget().await?,
            prices_of: self.inner.prices.data().date().to_owned(),
            ..dashboard
        })
    }

    /// A page of the request log, newest first.
    ///
    /// # Errors
    /// As [`App::dashboard`]; [`Error::Invalid`] for `after` where it is no place in the log.
    pub async fn requests(&self, input: RequestsInput) -> Result<RequestPage, Error> {
        let after = input.after.as_deref().map(Place::of).transpose()?;
        let (asked, wanted) = (Asked::of(&input.filter)?, Wanted::of(&input.filter)?);
        let limit = input.limit.clamp(1, MOST_ROWS) as usize;
        let today = self.today();
        let read = move |connection: &Connection| {
            let known = Known::read(connection)?;
            let log = Log::open(connection, asked.resolve(known, today), known, &wanted)?;
            let places = log.page(after.as_ref(), limit)?;
            let rows = places.iter().map(|place| requests::request(connection, place));
            Ok(RequestPage {
                rows: rows.collect::<Result<_, LedgerError>>()?,
                next: places.last().filter(|_| places.len() == limit).map(Place::to_string),
                total: log.total() as f64,
            })
        };
        Ok(self.inner.database.read(read).await?)
    }

    /// Writes the requests that a filter lets through into the host's folder for such files, newest first.
    ///
    /// # Errors
    /// As [`App::dashboard`]; [`Error::Store`] where the file cannot be written: then there is none.
    pub async fn export_costs(&self, filter: CostFilter, format: CostFormat) -> Result<ExportView, Error> {
        let (asked, wanted) = (Asked::of(&filter)?, Wanted::of(&filter)?);
        let (today, folder) = (self.today(), self.inner.outside.exports.clone());
        let write = move |connection: &Connection| {
            let known = Known::read(connection)?;
            let range = asked.resolve(known, today);
            let filter = CostFilter { from: range::name(range.first), to: range::name(range.last), ..filter };
            let ending = match format {
                CostFormat::Csv => "csv",
                CostFormat::Json => "json",
            };
            let stem = format!("parlance-costs-{}-{}", filter.from, filter.to);
            let (path, file) = files::new_numbered(&folder, &stem, ending)?;
            let mut file = BufWriter::new(file);
            let written = match format {
                CostFormat::Csv => fill(&mut Csv(&mut file), connection, &filter, range, known, &wanted),
                CostFormat::Json => fill(&mut Json::new(&mut file), connection, &filter, range, known, &wanted),
            };
            let written = written.and_then(|count| {
                file.into_inner().map_err(|error| error.into_error())?.sync_all()?;
                Ok(count)
            });
            if written.is_err() {
                files::remove_if_there(&path)?;
            }
            Ok(ExportView { path: path.display().to_string(), count: written?, keys_missing: 0 })
        };
        Ok(self.inner.database.read(write).await?)
    }

    /// What the answers in chats and comparisons that a filter lets through would have cost on the cheapest target of
    /// each route that could have given all of them. The built-in route has no targets of its own and is not among them,
    /// nor is a route none of whose targets is known to take the longest of them at a known price.
    ///
    /// # Errors
    /// As [`App::dashboard`].
    pub async fn what_if(&self, filter: CostFilter) -> Result<Vec<WhatIfView>, Error> {
        let (asked, wanted) = (Asked::of(&filter)?, Wanted::of(&filter)?);
        let today = self.today();
        let read = move |connection: &Connection| {
            let range = asked.resolve(Known::read(connection)?, today);
            let requests = what_if::read(connection, range, &wanted)?;
            Ok((requests, routes::list(connection)?, People::read(connection)?))
        };
        let (requests, routes, people) = self.inner.database.read(read).await?;
        let (entries, actual) = requests.actual().map_err(StoreError::from)?;
        let mut views = Vec::new();
        for route in routes.into_iter().filter(|route| entries > 0 && !route.built_in()) {
            let RouteRow { id, name, .. } = route.clone();
            let plan = self.inner.plan_of(route, None).await?;
            if let Some((provider, model, nano)) = self.cheapest(&plan, &requests, &people) {
                views.push(WhatIfView {
                    route_id: id.to_string(),
                    route_name: name,
                    provider,
                    model,
                    total_nano: nano as f64,
                    actual_nano: actual as f64,
                    entries: entries as f64,
                    left_out: requests.uncounted as f64,
                });
            }
        }
        Ok(views)
    }

    fn cheapest(&self, plan: &Plan, requests: &Requests, people: &People) -> Option<(CostKey, String, i64)> {
        let quotes = self.inner.quotes();
        let snapshot = self.inner.survey(plan, &Need::default(), 0, quotes.at_ms(), None);
        let able = plan.seats.iter().zip(&plan.route.targets).zip(&snapshot.targets).filter(|(_, facts)| {
            facts.unfit.is_none() && facts.window.is_some_and(|window| window >= requests.longest())
        });
        let priced = able.filter_map(|((seat, target), _)| {
            let names = Names::before(&target.model, seat.row.settings.sent(&target.model));
            let nano = requests.at(&quotes.offer(seat.row.id, seat.vendor.as_deref()?), &names)?;
            Some((people.provider(seat.row.id), target.model.clone(), nano))
        });
        priced.min_by_key(|(_, _, nano)| *nano)
    }

    fn today(&self) -> NaiveDate {
        let now = self.inner.clock.now_ms();
        // A clock that names a day that is none is a clock of a test.
        range::day(&self.inner.clock.local_day(now)).unwrap_or_default()
    }
}

fn fill(
    sheet: &mut dyn Sheet,
    connection: &Connection,
    filter: &CostFilter,
    range: Range,
    known: Option<Known>,
    wanted: &Wanted,
) -> Result<u32, StoreError> {
    sheet.begin(filter, &dashboard::totals(connection, range, known, wanted)?.totals())?;
    let log = Log::open(connection, range, known, wanted)?;
    let (mut after, mut count) = (None, 0_u32);
    loop {
        let places = log.page(after.as_ref(), A_BATCH)?;
        for place in &places {
            sheet.row(&requests::request(connection, place)?)?;
            count = count.saturating_add(1);
        }
        match places.into_iter().last() {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    sheet.end()?;
    Ok(count)
}
