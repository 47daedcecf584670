//! Random ledgers, as rows of the test's own and in a store.

use std::sync::{LazyLock, Mutex};

use parlance_core::{
    costs::{
        Again, Amounts, LedgerEntry, TokensSource,
        dashboard::{self, Question},
        ledger::{Booking, LateFigure, insert_adjustment, insert_entry},
        range::{self, Asked},
        wanted::Wanted,
    },
    history::migrate::MIGRATIONS,
    view::{CostDashboard, CostFilter, CostGroup, CostOutcome, CostSource, Purpose, WasteKind},
};
use parlance_providers::Usage;
use proptest::{prelude::*, sample::select};
use rusqlite::{Connection, backup::Backup};

pub const TODAY: &str = "2026-11-22";

/// Ends of months and years, a leap day, the running month with days to come.
const DAYS: &[&str] = &[
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2025-11-30",
    "2025-12-31",
    "2026-01-01",
    "2026-01-31",
    "2026-02-01",
    "2026-08-21",
    "2026-08-22",
    "2026-10-25",
    "2026-10-31",
    "2026-11-01",
    "2026-11-02",
    "2026-11-15",
    "2026-11-20",
    "2026-11-21",
    "2026-11-22",
    "2026-11-23",
    "2026-12-01",
];
pub const MODELS: &[&str] = &["alpha", "beta", "gamma", "delta"];
pub const PURPOSES: &[Purpose] = &[
    Purpose::Chat,
    Purpose::Compare,
    Purpose::Merge,
    Purpose::Judge,
    Purpose::PromptSet,
    Purpose::Gateway,
    Purpose::Title,
    Purpose::Embedding,
    Purpose::Index,
    Purpose::Check,
];
pub const OUTCOMES: &[CostOutcome] =
    &[CostOutcome::Complete, CostOutcome::Interrupted, CostOutcome::Failed, CostOutcome::Cancelled];
pub const SOURCES: &[CostSource] =
    &[CostSource::Reported, CostSource::Priced, CostSource::Estimated, CostSource::Free, CostSource::Unknown];
pub const WASTE: &[WasteKind] =
    &[WasteKind::CutOff, WasteKind::Failed, WasteKind::Stopped, WasteKind::AskedAgain, WasteKind::TriedAgain];
const REASONS: &[(&str, Again)] = &[("first", Again::First), ("retry", Again::Asked), ("tried", Again::Tried)];

/// An entry with its adjustments, as the test knows it.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    pub day: &'static str,
    pub provider: i64,
    pub account: i64,
    pub route: i64,
    pub model: &'static str,
    pub purpose: Purpose,
    pub outcome: CostOutcome,
    pub source: CostSource,
    pub again: (&'static str, Again),
    pub total: Option<i64>,
    pub input: Option<u64>,
    pub cache_read: Option<u64>,
    pub output: Option<u64>,
    pub reasoning: Option<u64>,
    pub cache_saved: Option<i64>,
    pub saved: Option<i64>,
    pub first_token: Option<i64>,
}

/// Something that happens to a ledger.
#[derive(Clone, Debug)]
pub enum Step {
    Book(Box<Row>),
    Adjust(prop::sample::Index, CostSource, i64),
}

fn row() -> impl Strategy<Value = Row> {
    let whom = (select(DAYS), 1_i64..4, 0_i64..4, 0_i64..3, select(MODELS));
    let how = (select(PURPOSES), select(OUTCOMES), select(SOURCES), select(REASONS));
    let tokens = (
        prop::option::of(0_u64..300_000),
        prop::option::of(0_u64..9_000),
        prop::option::of(0_u64..9_000),
        prop::option::of(0_u64..500),
    );
    let rest = (
        0_i64..5_000_000_000,
        prop::option::of(-9_000_i64..9_000),
        prop::option::of(0_i64..9_000),
        prop::option::of(0_i64..40_000),
    );
    (whom, how, tokens, rest).prop_map(|(whom, how, tokens, rest)| Row {
        id: 0,
        day: whom.0,
        provider: whom.1,
        account: whom.2,
        route: whom.3,
        model: whom.4,
        purpose: how.0,
        outcome: how.1,
        source: how.2,
        again: how.3,
        total: match how.2 {
            CostSource::Unknown => None,
            CostSource::Free => Some(0),
            _ => Some(rest.0),
        },
        input: tokens.0,
        cache_read: tokens.1,
        output: tokens.2,
        reasoning: tokens.3,
        cache_saved: rest.1,
        saved: rest.2,
        first_token: rest.3,
    })
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let late = select(&SOURCES[..3]);
    let adjust = (any::<prop::sample::Index>(), late, 0_i64..5_000_000_000);
    let step = prop_oneof![
        5 => row().prop_map(|row| Step::Book(Box::new(row))),
        2 => adjust.prop_map(|(index, source, nano)| Step::Adjust(index, source, nano)),
    ];
    prop::collection::vec(step, 0..70)
}

fn subset<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 1 => prop::sample::subsequence(all, 1..=2)]
}

pub fn filters() -> impl Strategy<Value = CostFilter> {
    let ids = |ids: &[&str]| subset(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
    let day = || prop_oneof![1 => Just(""), 3 => select(DAYS)];
    let whom = (day(), day(), ids(&["1", "2", "3"]), ids(&["", "1", "2", "3"]), ids(&["", "1", "2"]), ids(MODELS));
    let how = (subset(PURPOSES.to_vec()), subset(OUTCOMES.to_vec()), subset(SOURCES.to_vec()), subset(WASTE.to_vec()));
    (whom, how).prop_map(|(whom, how)| CostFilter {
        from: whom.0.into(),
        to: whom.1.into(),
        providers: whom.2,
        accounts: whom.3,
        routes: whom.4,
        models: whom.5,
        purposes: how.0,
        outcomes: how.1,
        sources: how.2,
        waste: how.3,
    })
}

pub fn groups() -> impl Strategy<Value = CostGroup> {
    use CostGroup::{Account, Model, Provider, Purpose, Route};
    select(&[Provider, Model, Purpose, Route, Account][..])
}

/// A store with three providers, three accounts, two routes beside the built-in one, and a run for each way to ask.
pub fn store() -> Connection {
    static MADE: LazyLock<Mutex<Connection>> = LazyLock::new(|| {
        let connection = Connection::open_in_memory().unwrap();
        for step in MIGRATIONS {
            connection.execute_batch(&step.sql).unwrap();
        }
        fill_people(&connection);
        Mutex::new(connection)
    });
    let mut copy = Connection::open_in_memory().unwrap();
    let made = MADE.lock().unwrap();
    Backup::new(&made, &mut copy).unwrap().step(-1).unwrap();
    copy
}

pub fn fill_people(connection: &Connection) {
    connection
        .execute_batch(
            "INSERT INTO provider (slug, vendor, name, base_url, created_at, updated_at) VALUES
                 ('a', 'openai', 'A', 'x', 0, 0), ('b', 'anthropic', 'B', 'x', 0, 0), ('c', 'openai', 'C', 'x', 0, 0);
             INSERT INTO account (provider_id, label, created_at, updated_at) VALUES
                 (1, 'Work', 0, 0), (2, '', 0, 0), (3, 'Home', 0, 0);
             INSERT INTO route (slug, name, strategy, created_at, updated_at) VALUES ('r', 'Everyday', 'priority', 0, 0);
             INSERT INTO run (purpose, trigger, started_at) VALUES ('chat', 'send', 0), ('chat', 'retry', 0);",
        )
        .unwrap();
}

/// Does the steps in a store; gives the rows as they stand.
pub fn book(connection: &mut Connection, steps: &[Step]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for step in steps {
        let tx = connection.transaction().unwrap();
        match step {
            Step::Book(row) => {
                let id = insert(&tx, row, rows.len());
                rows.push(Row { id, ..(**row).clone() });
            }
            Step::Adjust(index, source, nano) if !rows.is_empty() => {
                let row = index.get(&rows).id;
                let late =
                    LateFigure { total_nano: *nano, source: *source, reported_raw: None, rates: None, booked_at: 9 };
                insert_adjustment(&tx, row, &late).unwrap();
                let row = rows.iter_mut().find(|known| known.id == row).unwrap();
                (row.source, row.total) = (*source, Some(*nano));
            }
            Step::Adjust(..) => {}
        }
        tx.commit().unwrap();
    }
    rows
}

fn insert(tx: &rusqlite::Transaction<'_>, row: &Row, ordinal: usize) -> i64 {
    let (run, reason) = match row.again.1 {
        Again::First => (1, "first"),
        Again::Asked => (2, "first"),
        Again::Tried => (2, "next_target"),
    };
    tx.execute(
        "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms, outcome, reason)
         VALUES (?1, ?2, ?3, 'v', ?4, 0, ?5, ?6, ?7)",
        rusqlite::params![run, ordinal as i64, row.provider, row.model, row.first_token, row.outcome.as_str(), reason],
    )
    .unwrap();
    let some = |id: i64| (id != 0).then_some(id);
    let booking = Booking {
        attempt_id: tx.last_insert_rowid(),
        conversation_id: None,
        purpose: row.purpose.as_str(),
        provider_id: row.provider,
        account_id: some(row.account),
        route_id: some(row.route),
        vendor: "v",
        model: row.model,
        outcome: row.outcome.as_str(),
        booked_at: 5,
        booked_day: row.day,
    };
    let entry = LedgerEntry {
        usage: Usage {
            input_total: row.input,
            cache_read: row.cache_read,
            output_total: row.output,
            reasoning: row.reasoning,
            ..Usage::default()
        },
        tokens_source: TokensSource::Reported,
        source: row.source,
        amounts: Amounts { total: row.total, ..Amounts::default() },
        reported_raw: None,
        rates: None,
        saved_nano: row.saved,
        cache_saved_nano: row.cache_saved,
    };
    insert_entry(tx, &booking, &entry).unwrap()
}

/// The dashboard as it is on a day.
pub fn on(connection: &Connection, filter: &CostFilter, group: CostGroup, today: &str) -> CostDashboard {
    let question = Question {
        asked: Asked::of(filter).unwrap(),
        wanted: Wanted::of(filter).unwrap(),
        filter: filter.clone(),
        group,
        today: range::day(today).unwrap(),
    };
    dashboard::read(connection, &question).unwrap()
}

/// The rows of these days that a filter lets through.
pub fn meant<'a>(rows: &'a [Row], filter: &CostFilter, from: &str, to: &str) -> Vec<&'a Row> {
    fn among<T: PartialEq>(values: &[T], value: &T) -> bool {
        values.is_empty() || values.contains(value)
    }
    let id = |id: i64| if id == 0 { String::new() } else { id.to_string() };
    let takes = |row: &&Row| {
        (from..=to).contains(&row.day)
            && among(&filter.providers, &id(row.provider))
            && among(&filter.accounts, &id(row.account))
            && among(&filter.routes, &id(row.route))
            && among(&filter.models, &row.model.to_owned())
            && among(&filter.purposes, &row.purpose)
            && among(&filter.outcomes, &row.outcome)
            && among(&filter.sources, &row.source)
            && (filter.waste.is_empty() || wasted(row).is_some_and(|kind| filter.waste.contains(&kind)))
    };
    rows.iter().filter(takes).collect()
}

/// What it was wasted on.
pub fn wasted(row: &Row) -> Option<WasteKind> {
    match (row.outcome, row.again.1) {
        (CostOutcome::Complete, Again::First) => None,
        (CostOutcome::Complete, Again::Asked) => Some(WasteKind::AskedAgain),
        (CostOutcome::Complete, Again::Tried) => Some(WasteKind::TriedAgain),
        (CostOutcome::Interrupted, _) => Some(WasteKind::CutOff),
        (CostOutcome::Failed, _) => Some(WasteKind::Failed),
        (CostOutcome::Cancelled, _) => Some(WasteKind::Stopped),
    }
}

/// By which key of the dashboard a row is shown.
pub fn group_id(row: &Row, group: CostGroup) -> String {
    let id = |id: i64| if id == 0 { String::new() } else { id.to_string() };
    match group {
        CostGroup::Provider => id(row.provider),
        CostGroup::Model => row.model.to_owned(),
        CostGroup::Purpose => row.purpose.as_str().to_owned(),
        CostGroup::Route => id(row.route),
        CostGroup::Account => id(row.account),
    }
}
