//! The dashboard: one pass over the sums of a range, put together in every way it is shown.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use chrono::NaiveDate;
use rusqlite::Connection;

use super::{
    ledger::LedgerError,
    people::People,
    projection,
    range::{self, Asked, Known, Range},
    rollup::{self, Cell, Key},
    tally::Tally,
    wanted::{Wanted, wasted},
};
use crate::view::{
    CostDashboard, CostFacets, CostFilter, CostGroup, CostKey, CostLine, CostSeries, CostWaste, Purpose, WasteKind,
};

/// Groups with a series of their own.
const MOST_SERIES: usize = 8;

/// What to read.
#[derive(Clone, Debug)]
pub struct Question {
    /// As it was asked.
    pub filter: CostFilter,
    /// Its days.
    pub asked: Asked,
    /// Its other kinds.
    pub wanted: Wanted,
    /// How the series are put together.
    pub group: CostGroup,
    /// The local day now.
    pub today: NaiveDate,
}

/// Reads the dashboard. Its budget and the day of the prices are not known here: they are left empty.
///
/// # Errors
///
/// [`LedgerError::Overflow`] where a sum is beyond 2^53; [`LedgerError::Database`].
pub fn read(connection: &Connection, question: &Question) -> Result<CostDashboard, LedgerError> {
    let known = Known::read(connection)?;
    let range = question.asked.resolve(known, question.today);
    let sources = range.sources(known);
    let names: Vec<String> = sources.iter().map(|source| source.bucket.clone()).collect();
    let mut all = rollup::cells(connection, &names)?;
    for cell in &mut all {
        // From the sum that was read to the bucket that it is shown in.
        cell.bucket = sources[cell.bucket].shown;
    }
    let people = People::read(connection)?;
    let wanted: Vec<&Cell> = all.iter().filter(|cell| question.wanted.takes(&cell.key)).collect();
    let totals = Tally::of(wanted.iter().copied())?;
    let today = rollup::cells(connection, &[range::name(question.today)])?;
    let today_totals = Tally::of(today.iter().filter(|cell| question.wanted.takes(&cell.key)))?;
    let spent = projection::Spent { total: totals.total_nano(), today: today_totals.total_nano() };
    Ok(CostDashboard {
        filter: CostFilter { from: range::name(range.first), to: range::name(range.last), ..question.filter.clone() },
        today: range::name(question.today),
        since: known.map(|known| range::name(known.first)),
        grain: range.grain(),
        buckets: range.buckets(),
        totals: totals.totals(),
        today_totals: today_totals.totals(),
        projection: projection::read(connection, &question.wanted, range, question.today, known, spent)?,
        series: series(&wanted, question.group, &people)?,
        lines: lines(&wanted, &people)?,
        waste: waste(&wanted)?,
        facets: facets(&all, &people),
        budget: None,
        prices_of: String::new(),
    })
}

/// By what a cell belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Group<'a> {
    Provider(i64),
    Model(&'a str),
    Purpose(Purpose),
    Route(i64),
    Account(i64),
}

impl<'a> Group<'a> {
    fn of(key: &'a Key, group: CostGroup) -> Self {
        match group {
            CostGroup::Provider => Self::Provider(key.provider_id),
            CostGroup::Model => Self::Model(&key.model),
            CostGroup::Purpose => Self::Purpose(key.purpose),
            CostGroup::Route => Self::Route(key.route_id),
            CostGroup::Account => Self::Account(key.account_id),
        }
    }

    fn key(self, people: &People, cells: &[&Cell]) -> CostKey {
        match self {
            Self::Provider(id) => people.provider(id),
            Self::Route(id) => people.route(id),
            Self::Account(id) => people.account(id),
            Self::Purpose(purpose) => CostKey { id: purpose.as_str().to_owned(), name: String::new(), vendor: None },
            Self::Model(model) => {
                let of = cells.iter().filter(|cell| *cell.key.model == *model);
                people.model(model, of.map(|cell| cell.key.provider_id))
            }
        }
    }
}

/// A group over time.
#[derive(Default)]
struct Line {
    all: Tally,
    by_bucket: BTreeMap<usize, Tally>,
}

impl Line {
    fn merge(&mut self, other: &Self) -> Result<(), LedgerError> {
        self.all.merge(&other.all)?;
        for (bucket, tally) in &other.by_bucket {
            self.by_bucket.entry(*bucket).or_default().merge(tally)?;
        }
        Ok(())
    }

    fn series(&self, key: Option<CostKey>) -> CostSeries {
        let points = self.by_bucket.iter().map(|(bucket, tally)| tally.point(*bucket)).collect();
        CostSeries { key, totals: self.all.totals(), points }
    }
}

/// The largest groups, and the rest put together.
fn series(cells: &[&Cell], group: CostGroup, people: &People) -> Result<Vec<CostSeries>, LedgerError> {
    let mut lines: HashMap<Group<'_>, Line> = HashMap::new();
    for cell in cells {
        let line = lines.entry(Group::of(&cell.key, group)).or_default();
        line.by_bucket.entry(cell.bucket).or_default().add(cell)?;
    }
    for line in lines.values_mut() {
        for tally in line.by_bucket.values() {
            line.all.merge(tally)?;
        }
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    lines.sort_by_key(|(group, line)| (Reverse(line.all.weight()), *group));
    let few = lines.len().min(MOST_SERIES);
    let mut shown: Vec<_> =
        lines[..few].iter().map(|(group, line)| line.series(Some(group.key(people, cells)))).collect();
    if lines.len() > few {
        let mut rest = Line::default();
        lines[few..].iter().try_for_each(|(_, line)| rest.merge(line))?;
        shown.push(rest.series(None));
    }
    Ok(shown)
}

/// Each provider with its models below it, largest first.
fn lines(cells: &[&Cell], people: &People) -> Result<Vec<CostLine>, LedgerError> {
    let mut models: HashMap<(i64, &str), Tally> = HashMap::new();
    for cell in cells {
        models.entry((cell.key.provider_id, &cell.key.model)).or_default().add(cell)?;
    }
    let mut providers: HashMap<i64, (Tally, Vec<_>)> = HashMap::new();
    for ((provider, model), tally) in models {
        let (all, below) = providers.entry(provider).or_default();
        all.merge(&tally)?;
        below.push((model, tally));
    }
    let mut providers: Vec<_> = providers.into_iter().collect();
    providers.sort_by_key(|(id, (all, _))| (Reverse(all.weight()), *id));
    let mut lines = Vec::new();
    for (id, (all, mut below)) in providers {
        below.sort_by_key(|(model, tally)| (Reverse(tally.weight()), *model));
        let line = |model: Option<&str>, tally: &Tally| CostLine {
            provider: people.provider(id),
            model: model.map(str::to_owned),
            totals: tally.totals(),
        };
        lines.push(line(None, &all));
        lines.extend(below.iter().map(|(model, tally)| line(Some(model), tally)));
    }
    Ok(lines)
}

fn waste(cells: &[&Cell]) -> Result<Vec<CostWaste>, LedgerError> {
    const KINDS: [WasteKind; 5] =
        [WasteKind::CutOff, WasteKind::Failed, WasteKind::Stopped, WasteKind::AskedAgain, WasteKind::TriedAgain];
    let mut waste = Vec::new();
    for kind in KINDS {
        let tally = Tally::of(cells.iter().copied().filter(|cell| wasted(&cell.key) == Some(kind)))?;
        if tally.entries() > 0 {
            waste.push(CostWaste {
                kind,
                entries: tally.entries() as f64,
                total_nano: tally.total_nano() as f64,
                guessed_nano: tally.guessed_nano() as f64,
            });
        }
    }
    Ok(waste)
}

/// What can be filtered by, in the order of names.
fn facets(cells: &[Cell], people: &People) -> CostFacets {
    let mut models: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let (mut providers, mut accounts, mut routes, mut purposes) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    // Most cells name what another has named.
    let named: HashSet<_> = cells.iter().map(|Cell { key, .. }| key).map(named).collect();
    for (provider, account, route, model, purpose) in named {
        models.entry(model).or_default().insert(provider);
        providers.insert(provider);
        accounts.insert(account);
        routes.insert(route);
        purposes.insert(purpose);
    }
    let by_name = |mut keys: Vec<CostKey>| {
        keys.sort_by_cached_key(|key| (key.id.is_empty(), key.name.to_lowercase(), key.id.clone()));
        keys
    };
    CostFacets {
        providers: by_name(providers.into_iter().map(|id| people.provider(id)).collect()),
        models: models.into_iter().map(|(model, of)| people.model(model, of)).collect(),
        accounts: by_name(accounts.into_iter().map(|id| people.account(id)).collect()),
        routes: by_name(routes.into_iter().map(|id| people.route(id)).collect()),
        purposes: purposes.into_iter().collect(),
    }
}

fn named(key: &Key) -> (i64, i64, i64, &str, Purpose) {
    (key.provider_id, key.account_id, key.route_id, &key.model, key.purpose)
}

/// The sum of a range, in no group.
///
/// # Errors
///
/// As [`read`].
pub fn totals(
    connection: &Connection,
    range: Range,
    known: Option<Known>,
    wanted: &Wanted,
) -> Result<Tally, LedgerError> {
    let names: Vec<String> = range.sources(known).into_iter().map(|source| source.bucket).collect();
    Tally::of(rollup::cells(connection, &names)?.iter().filter(|cell| wanted.takes(&cell.key)))
}
