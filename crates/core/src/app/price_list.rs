//! The price list: every model of the price data and every price that a person gave, with what a typical chat costs.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use parlance_providers::{
    Usage,
    catalog::{Catalog, VendorCategory},
};
use rusqlite::{Connection, params};

use super::App;
use crate::{
    costs::{
        PriceBook, RateCard,
        catalogue::PriceData,
        own_prices::{self, OwnPrices},
        price,
        price_table::{Line, Table},
    },
    error::Error,
    history::StoreError,
    registry::tables::{self, ProviderRow},
    view::{PriceList, PriceOrder, PriceRow, PricesInput, TypicalChat},
};

/// Rows of a page.
const MOST_ROWS: usize = 500;
/// Days whose chats are looked at for a typical one.
const LOOK_BACK_MS: i64 = 90 * 24 * 3_600_000;
/// Fewer say nothing of what is typical.
const LEAST_CHATS: usize = 20;
/// What a chat is reckoned with until then.
const USUAL: TypicalChat = TypicalChat { input: 1_500, output: 500, own: false };

/// What was worked out for the list, for the next letter that is typed.
#[derive(Debug, Default)]
pub(super) struct Lists {
    table: Mutex<Option<(Arc<PriceData>, Arc<Table>)>>,
    typical: Mutex<Option<(String, TypicalChat)>>,
}

impl Lists {
    /// The table of the data in use at this moment. Making it takes a while, so not on an async thread.
    fn table(&self, book: &PriceBook, now_ms: i64) -> (Arc<PriceData>, Arc<Table>) {
        let data = book.data();
        let mut known = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &data)).map(|(_, table)| table);
        let table = Table::of(&data, now_ms, before);
        *known = Some((Arc::clone(&data), Arc::clone(&table)));
        (data, table)
    }
}

impl App {
    /// A page of the price list.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_prices(&self, input: PricesInput) -> Result<PriceList, Error> {
        let inner = &self.inner;
        let now = inner.clock.now_ms();
        let (source, typical) = (inner.price_source().await?, self.typical_chat(now).await?);
        let providers = inner.database.read(tables::list).await?;
        let (app, today) = (Arc::clone(inner), inner.clock.local_day(now));
        let listing = tokio::task::spawn_blocking(move || {
            let (data, table) = app.lists.table(&app.prices, now);
            let (own, catalog) = (app.prices.own(), app.registry.catalog());
            let sheet = Sheet { data, own, providers, catalog: &catalog, typical, today, now };
            sheet.page(&table, &input)
        });
        let (rows, total) = listing.await.map_err(|_| StoreError::Panicked)?;
        Ok(PriceList { source, typical, rows, total })
    }

    /// The median of the person's own chats of the last ninety days; worked out once a day.
    async fn typical_chat(&self, now: i64) -> Result<TypicalChat, Error> {
        let inner = &self.inner;
        let (today, from) = (inner.clock.local_day(now), inner.clock.local_day(now.saturating_sub(LOOK_BACK_MS)));
        let known = inner.lists.typical.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((day, typical)) = known
            && day == today
        {
            return Ok(typical);
        }
        let typical = inner.database.read(move |connection| median_chat(connection, &from)).await?.unwrap_or(USUAL);
        *inner.lists.typical.lock().unwrap_or_else(PoisonError::into_inner) = Some((today, typical));
        Ok(typical)
    }
}

/// The median chat since a local day; `None` where there are too few.
fn median_chat(connection: &Connection, from: &str) -> Result<Option<TypicalChat>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT SUM(input_total), SUM(output_total) FROM ledger
          WHERE booked_day >= ?1 AND kind = 'entry' AND purpose = 'chat' AND conversation_id IS NOT NULL
            AND outcome = 'complete' AND input_total IS NOT NULL AND output_total IS NOT NULL
          GROUP BY conversation_id",
    )?;
    let rows = statement.query_map(params![from], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let (mut inputs, mut outputs): (Vec<i64>, Vec<i64>) = rows.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    if inputs.len() < LEAST_CHATS {
        return Ok(None);
    }
    let median = |of: &mut Vec<i64>| {
        of.sort_unstable();
        u32::try_from(of[of.len() / 2]).unwrap_or(u32::MAX)
    };
    Ok(Some(TypicalChat { input: median(&mut inputs), output: median(&mut outputs), own: true }))
}

/// What the rows are made from.
struct Sheet<'a> {
    data: Arc<PriceData>,
    own: Arc<OwnPrices>,
    providers: Vec<ProviderRow>,
    catalog: &'a Catalog,
    typical: TypicalChat,
    today: String,
    now: i64,
}

/// A row before it is known to be on the page.
struct Draft<'a> {
    /// The provider that is set up, if one is.
    provider: Option<&'a ProviderRow>,
    provider_name: &'a str,
    model: &'a str,
    /// Its line of the price data, if it has one.
    line: Option<&'a Line>,
    /// The prices that hold.
    card: Option<&'a RateCard>,
    has_own: bool,
    typical_nano: Option<i64>,
}

impl Sheet<'_> {
    /// The rows of a page, and how many match.
    fn page(&self, table: &Table, input: &PricesInput) -> (Vec<PriceRow>, u32) {
        let words: Vec<String> = input.text.split_whitespace().map(str::to_lowercase).collect();
        let mut drafts = self.drafts(table);
        drafts.retain(|draft| {
            (!input.mine || draft.provider.is_some()) && (!input.own || draft.has_own) && draft.holds(&words)
        });
        if input.order == PriceOrder::TypicalCost {
            drafts.iter_mut().for_each(|draft| draft.typical_nano = self.typical_nano(draft));
        }
        drafts.sort_by(|a, b| ordered(input.order, a, b));
        let total = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
        let page = drafts.iter().skip(input.offset as usize).take((input.limit as usize).min(MOST_ROWS));
        (page.map(|draft| self.row(draft)).collect(), total)
    }

    /// A row for each model of the price data, for each provider that is set up and has its prices there, and for each
    /// model that only the person gave a price.
    fn drafts<'a>(&'a self, table: &'a Table) -> Vec<Draft<'a>> {
        let mut sellers: HashMap<&str, Vec<&ProviderRow>> = HashMap::new();
        for row in &self.providers {
            if let Some(prices) = self.catalog.get(&row.vendor).and_then(|vendor| vendor.prices.as_deref()) {
                sellers.entry(prices).or_default().push(row);
            }
        }
        let mut drafts = Vec::with_capacity(table.lines.len());
        let mut seen = HashSet::new();
        for line in &table.lines {
            let Some(rows) = sellers.get(line.prices.as_str()) else {
                drafts.push(self.draft(None, &line.provider_name, &line.model, Some(line)));
                continue;
            };
            for row in rows {
                seen.insert((row.id, line.model.as_str()));
                drafts.push(self.draft(Some(row), &row.name, &line.model, Some(line)));
            }
        }
        for (provider_id, model) in self.own.models().filter(|key| !seen.contains(key)) {
            if let Some(row) = self.providers.iter().find(|row| row.id == provider_id) {
                drafts.push(self.draft(Some(row), &row.name, model, None));
            }
        }
        drafts
    }

    fn draft<'a>(
        &'a self,
        provider: Option<&'a ProviderRow>,
        provider_name: &'a str,
        model: &'a str,
        line: Option<&'a Line>,
    ) -> Draft<'a> {
        let own = provider.and_then(|row| self.own.of(row.id, model, &self.today));
        let has_own = provider.is_some_and(|row| !self.own.history(row.id, model).is_empty());
        let card = own.or(line.map(|line| &line.card));
        Draft { provider, provider_name, model, line, card, has_own, typical_nano: None }
    }

    fn typical_nano(&self, draft: &Draft<'_>) -> Option<i64> {
        let (input, output) = (u64::from(self.typical.input), u64::from(self.typical.output));
        let usage = Usage { input_total: Some(input), output_total: Some(output), ..Usage::default() };
        let of = |card: &RateCard| price(usage, card).ok()?.total;
        let is_public = |line: &&Line| draft.card.is_some_and(|card| std::ptr::eq(card, &line.card));
        match draft.line.filter(is_public).filter(|line| line.has_tiers) {
            Some(line) => of(&self.data.card(&line.prices, &line.model, input, self.now)?),
            None => of(draft.card?),
        }
    }

    fn row(&self, draft: &Draft<'_>) -> PriceRow {
        let typical = draft.typical_nano.or_else(|| self.typical_nano(draft));
        let own = draft.provider.map(|row| self.own.history(row.id, draft.model)).unwrap_or_default();
        PriceRow {
            provider_id: draft.provider.map(|row| row.id.to_string()),
            provider_name: draft.provider_name.to_owned(),
            vendor: self.vendor(draft),
            model: draft.model.to_owned(),
            name: draft.line.and_then(|line| line.name.clone()),
            rates: draft.card.map(own_prices::rates).unwrap_or_default(),
            varies: draft.line.is_some_and(|line| {
                (line.has_tiers || line.has_hours) && draft.card.is_some_and(|card| *card == line.card)
            }),
            typical_nano: typical.map(|nano| nano as f64),
            own: own.iter().map(own_prices::OwnPrice::to_view).collect(),
        }
    }

    /// The vendor of ours: that of the provider, else the one of this name, else the first that has its prices there.
    fn vendor(&self, draft: &Draft<'_>) -> Option<String> {
        if let Some(row) = draft.provider {
            return Some(row.vendor.clone());
        }
        let prices = draft.line.map(|line| line.prices.as_str())?;
        let sells = |vendor: &&parlance_providers::catalog::Vendor| {
            vendor.prices.as_deref() == Some(prices) && vendor.category != VendorCategory::Local
        };
        let named = self.catalog.get(prices).filter(|vendor| sells(vendor));
        named.or_else(|| self.catalog.iter().find(sells)).map(|vendor| vendor.id.clone())
    }
}

impl Draft<'_> {
    /// Whether all the words are in its names.
    fn holds(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let name = self.line.and_then(|line| line.name.as_deref()).unwrap_or_default();
        let names = [self.provider_name, self.model, name].map(str::to_lowercase);
        words.iter().all(|word| names.iter().any(|name| name.contains(word.as_str())))
    }
}

fn ordered(order: PriceOrder, a: &Draft<'_>, b: &Draft<'_>) -> Ordering {
    // What is not known comes last.
    let rising = |a: Option<i64>, b: Option<i64>| a.is_none().cmp(&b.is_none()).then(a.cmp(&b));
    let rate = |draft: &Draft<'_>, of: fn(&RateCard) -> Option<crate::costs::Rate>| {
        draft.card.and_then(of).and_then(|rate| i64::try_from(rate.nano()).ok())
    };
    let first = match order {
        PriceOrder::Name => Ordering::Equal,
        PriceOrder::TypicalCost => rising(a.typical_nano, b.typical_nano),
        PriceOrder::Input => rising(rate(a, |card| card.input), rate(b, |card| card.input)),
        PriceOrder::Output => rising(rate(a, |card| card.output), rate(b, |card| card.output)),
    };
    let mine = a.provider.is_none().cmp(&b.provider.is_none());
    let by_name = || caseless(a.provider_name, b.provider_name).then_with(|| caseless(a.model, b.model));
    first.then(mine).then_with(by_name).then_with(|| a.provider.map(|row| row.id).cmp(&b.provider.map(|row| row.id)))
}

fn caseless(a: &str, b: &str) -> Ordering {
    a.bytes().map(|b| b.to_ascii_lowercase()).cmp(b.bytes().map(|b| b.to_ascii_lowercase())).then_with(|| a.cmp(b))
}
