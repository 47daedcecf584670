//! The sums over the ledger's entries, made here, and the dashboard's.

use std::collections::{BTreeMap, BTreeSet};

use parlance_core::view::{
    CostDashboard, CostFilter, CostGroup, CostOutcome, CostSource, CostTotals, DashboardInput, Purpose, RequestsInput,
};

use crate::books::Booked;
use crate::driver::Driver;

/// What is summed up, by name. Unknown amounts are in no sum.
type Sums = BTreeMap<&'static str, i64>;

fn summed<'a>(rows: impl Iterator<Item = &'a Booked>) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        let mut add = |name, value: i64| *sums.entry(name).or_default() += value;
        let (nano, is) = (row.nano.unwrap_or(0), |source: &str| i64::from(row.source == source));
        let tokens = |count: Option<u64>| i64::try_from(count.unwrap_or(0)).unwrap();
        add("entries", 1);
        add("complete", i64::from(row.outcome == "complete"));
        add("failed", i64::from(matches!(row.outcome.as_str(), "interrupted" | "failed")));
        add("nano", nano);
        add("nano estimated", nano * is("estimated"));
        add("nano reported", nano * is("reported"));
        add("reported", is("reported"));
        add("priced", is("priced"));
        add("estimated", is("estimated"));
        add("free", is("free"));
        add("unknown", is("unknown"));
        add("input", tokens(row.input));
        add("from the cache", tokens(row.cache_read));
        add("output", tokens(row.output));
        add("reasoning", tokens(row.reasoning));
        add("nano of kept answers", row.saved_nano.unwrap_or(0));
    }
    sums
}

fn told(totals: &CostTotals) -> Sums {
    let all = [
        ("entries", totals.entries),
        ("complete", totals.complete),
        ("failed", totals.failed),
        ("nano", totals.total_nano),
        ("nano estimated", totals.estimated_nano),
        ("nano reported", totals.reported_nano),
        ("reported", totals.reported),
        ("priced", totals.priced),
        ("estimated", totals.estimated),
        ("free", totals.free),
        ("unknown", totals.unknown),
        ("input", totals.input),
        ("from the cache", totals.cache_read),
        ("output", totals.output),
        ("reasoning", totals.reasoning),
        ("nano of kept answers", totals.answer_saved_nano),
    ];
    all.into_iter().map(|(name, value)| (name, value as i64)).collect()
}

/// Everything, and what each filter lets through, is what the entries come to.
pub(crate) async fn compare(driver: &Driver, rows: &[Booked]) {
    let month = CostFilter { from: "2026-11-01".to_owned(), to: "2026-11-30".to_owned(), ..CostFilter::default() };
    let groups = [CostGroup::Provider, CostGroup::Model, CostGroup::Purpose, CostGroup::Route, CostGroup::Account];
    let mut asked = 0;
    for group in groups {
        let shown = dashboard(driver, month.clone(), group).await;
        assert_eq!(told(&shown.totals), summed(rows.iter()), "{group:?}");
        parts(&shown, rows, group);
        asked += 1;
    }
    for name in rows.iter().map(|row| &row.provider).collect::<BTreeSet<_>>() {
        let filter = CostFilter { providers: vec![driver.provider(name).to_owned()], ..month.clone() };
        asked += one(driver, filter, rows, |row| row.provider == **name).await;
    }
    for model in rows.iter().map(|row| &row.model).collect::<BTreeSet<_>>() {
        let filter = CostFilter { models: vec![model.clone()], ..month.clone() };
        asked += one(driver, filter, rows, |row| row.model == **model).await;
    }
    for (purpose, name) in [(Purpose::Chat, "chat"), (Purpose::Embedding, "embedding")] {
        let filter = CostFilter { purposes: vec![purpose], ..month.clone() };
        asked += one(driver, filter, rows, |row| row.purpose == name).await;
    }
    let outcomes = [
        (CostOutcome::Complete, "complete"),
        (CostOutcome::Interrupted, "interrupted"),
        (CostOutcome::Failed, "failed"),
        (CostOutcome::Cancelled, "cancelled"),
    ];
    for (outcome, name) in outcomes {
        let filter = CostFilter { outcomes: vec![outcome], ..month.clone() };
        asked += one(driver, filter, rows, |row| row.outcome == name).await;
    }
    let sources = [
        (CostSource::Reported, "reported"),
        (CostSource::Priced, "priced"),
        (CostSource::Estimated, "estimated"),
        (CostSource::Free, "free"),
        (CostSource::Unknown, "unknown"),
    ];
    for (source, name) in sources {
        let filter = CostFilter { sources: vec![source], ..month.clone() };
        asked += one(driver, filter, rows, |row| row.source == name).await;
    }
    for day in rows.iter().map(|row| &row.day).collect::<BTreeSet<_>>() {
        let filter = CostFilter { from: day.clone(), to: day.clone(), ..CostFilter::default() };
        asked += one(driver, filter, rows, |row| row.day == **day).await;
    }
    println!("the dashboard's sums equal the entries' in {asked} questions: {:?}", summed(rows.iter()));
}

async fn dashboard(driver: &Driver, filter: CostFilter, group: CostGroup) -> CostDashboard {
    driver.app.dashboard(DashboardInput { filter, group }).await.unwrap()
}

async fn one(driver: &Driver, filter: CostFilter, rows: &[Booked], lets: impl Fn(&&Booked) -> bool) -> usize {
    let shown = dashboard(driver, filter.clone(), CostGroup::Provider).await;
    let own: Vec<&Booked> = rows.iter().filter(lets).collect();
    assert_eq!(told(&shown.totals), summed(own.iter().copied()), "{filter:?}");
    let page = driver.app.requests(RequestsInput { filter, after: None, limit: 500 }).await.unwrap();
    assert_eq!((page.total as usize, page.rows.len()), (own.len(), own.len().min(500)));
    1
}

/// The series and the lines of the table come to the whole, and so does each day.
fn parts(shown: &CostDashboard, rows: &[Booked], group: CostGroup) {
    let whole = summed(rows.iter());
    let nano = |totals: &CostTotals| totals.total_nano as i64;
    assert_eq!(shown.series.iter().map(|one| nano(&one.totals)).sum::<i64>(), whole["nano"], "{group:?}");
    let models = shown.lines.iter().filter(|line| line.model.is_some());
    assert_eq!(models.map(|line| nano(&line.totals)).sum::<i64>(), whole["nano"], "the models of the table");
    let providers = shown.lines.iter().filter(|line| line.model.is_none());
    assert_eq!(providers.map(|line| line.totals.entries as i64).sum::<i64>(), whole["entries"], "its providers");
    for (at, bucket) in shown.buckets.iter().enumerate() {
        let points = shown.series.iter().flat_map(|one| &one.points).filter(|point| point.bucket as usize == at);
        let day = summed(rows.iter().filter(|row| row.day == *bucket));
        let sum = points.map(|point| point.total_nano as i64).sum::<i64>();
        assert_eq!(sum, day.get("nano").copied().unwrap_or(0), "{group:?} on {bucket}");
    }
}
