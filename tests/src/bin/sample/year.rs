//! A year of requests by one person, the same on every run but for the day it ends on: today, so far as it is over.

use chrono::{Datelike as _, NaiveDate, Weekday};
use parlance_core::{
    clock::{Clock, SystemClock},
    costs::rollup,
    history::StoreError,
};
use rusqlite::{Transaction, params};

use super::{DAY_MS, HOUR_MS, PROVIDERS};

const DAYS: i64 = 365;
/// Groq has been there for half a year only.
const NEW_PROVIDER: (i64, i64) = (4, 180);

/// A model as it is used: its provider, its prices in USD per million tokens, its share, and its usual first token.
struct Model {
    provider: i64,
    name: &'static str,
    input: i64,
    cached: i64,
    written: i64,
    output: i64,
    share: u64,
    first_ms: u64,
}

#[rustfmt::skip]
const MODELS: &[Model] = &[
    Model { provider: 1, name: "claude-sonnet-5", input: 3_000, cached: 300, written: 3_750, output: 15_000, share: 24, first_ms: 810 },
    Model { provider: 1, name: "claude-opus-5", input: 5_000, cached: 500, written: 6_250, output: 25_000, share: 5, first_ms: 1_340 },
    Model { provider: 1, name: "claude-haiku-5-5", input: 1_000, cached: 100, written: 1_250, output: 5_000, share: 9, first_ms: 420 },
    Model { provider: 2, name: "gpt-5.6", input: 1_750, cached: 175, written: 1_750, output: 14_000, share: 16, first_ms: 1_120 },
    Model { provider: 2, name: "gpt-5.4-mini", input: 250, cached: 25, written: 250, output: 2_000, share: 8, first_ms: 610 },
    Model { provider: 5, name: "gemini-3.5-flash", input: 500, cached: 50, written: 500, output: 3_000, share: 13, first_ms: 480 },
    Model { provider: 3, name: "anthropic/claude-sonnet-5", input: 3_000, cached: 300, written: 3_750, output: 15_000, share: 6, first_ms: 920 },
    Model { provider: 3, name: "deepseek/deepseek-v4-pro", input: 280, cached: 28, written: 280, output: 420, share: 4, first_ms: 1_480 },
    Model { provider: 3, name: "mistralai/mistral-large-4", input: 500, cached: 500, written: 500, output: 1_500, share: 3, first_ms: 560 },
    Model { provider: 4, name: "llama-3.3-70b-versatile", input: 590, cached: 590, written: 590, output: 790, share: 6, first_ms: 210 },
    Model { provider: 5, name: "gemini-experimental-1120", input: 0, cached: 0, written: 0, output: 0, share: 1, first_ms: 700 },
    Model { provider: 6, name: "qwen3:14b", input: 0, cached: 0, written: 0, output: 0, share: 5, first_ms: 340 },
];
impl Model {
    /// Its prices, as an entry keeps them: nano-USD a million tokens.
    fn rates(&self, vendor: &str, day: &str) -> serde_json::Value {
        const MILLION: i64 = 1_000_000;
        serde_json::json!({
            "input": self.input * MILLION,
            "cache_read": self.cached * MILLION,
            "cache_write": self.written * MILLION,
            "output": self.output * MILLION,
            "source": format!("genai-prices: {vendor}/{}", self.name),
            "date": day,
        })
    }
}

/// Nobody knows its price.
const UNPRICED: &str = "gemini-experimental-1120";
const TITLES: usize = 4;

/// Numbers that only look like chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn around(&mut self, usual: u64) -> u64 {
        usual * (50 + self.below(50) + self.below(80)) / 100
    }
}

/// Books the year.
pub(crate) fn fill(tx: &Transaction<'_>, now: i64) -> Result<(), StoreError> {
    let clock = SystemClock;
    // Half an hour ago the chats begin that are looked at.
    let until = now - HOUR_MS / 2;
    let today = now - now.rem_euclid(DAY_MS);
    let mut dice = Dice(20);
    for ago in (0..=DAYS).rev() {
        let midnight = today - ago * DAY_MS;
        let day = clock.local_day(midnight + DAY_MS / 2);
        let Some(date) = NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok() else { continue };
        let mut moments: Vec<i64> =
            (0..requests_on(date, ago, &mut dice)).map(|_| moment(midnight, &mut dice)).collect();
        moments.sort_unstable();
        for at in moments.into_iter().filter(|at| *at < until) {
            message(tx, at, &clock.local_day(at), ago, &mut dice)?;
        }
    }
    tx.execute(
        "INSERT INTO budget (scope, period, limit_nano, warn_at, at_limit, created_at, updated_at)
         VALUES ('all', 'month', 80000000000, '[80]', 'warn', ?1, ?1)",
        [now],
    )?;
    Ok(())
}

/// More from month to month, little at weekends, next to nothing in the holidays.
fn requests_on(date: NaiveDate, ago: i64, dice: &mut Dice) -> u64 {
    let grown = 14 + (DAYS - ago).unsigned_abs() / 22;
    let usual = match date.weekday() {
        Weekday::Sat => grown / 4,
        Weekday::Sun => grown / 3,
        Weekday::Mon => grown * 6 / 5,
        Weekday::Fri => grown * 4 / 5,
        _ => grown,
    };
    let holidays = (date.month() == 12 && date.day() > 22) || (date.month() == 8 && (8..23).contains(&date.day()));
    dice.around(if holidays { usual / 6 } else { usual })
}

/// Mostly between eight and seven.
fn moment(midnight: i64, dice: &mut Dice) -> i64 {
    let hour = if dice.one_in(9) { 19 + dice.below(4) } else { 8 + (dice.below(11) + dice.below(12)) / 2 };
    midnight + hour as i64 * HOUR_MS + dice.below(3_600_000) as i64
}

/// A message: the attempts of its answer, now and then a title or a vector beside it.
fn message(tx: &Transaction<'_>, at: i64, day: &str, ago: i64, dice: &mut Dice) -> Result<(), StoreError> {
    let mut model = &MODELS[pick(dice)];
    if model.provider == NEW_PROVIDER.0 && ago > NEW_PROVIDER.1 {
        model = &MODELS[0];
    }
    let compare = dice.one_in(14);
    let asked_again = dice.one_in(30);
    let on_route = dice.one_in(5);
    let run = run(tx, if compare { "compare" } else { "chat" }, asked_again, on_route, at)?;
    let mut call = Call { run, ordinal: 0, at, day, route: on_route.then_some(1), model, reason: "first" };
    if dice.one_in(36) {
        call.fail(tx, dice)?;
        (call.ordinal, call.at, call.reason) = (1, at + 3_000, "retry");
        if on_route {
            (call.model, call.reason) = (&MODELS[6], "next_target");
        }
    }
    if on_route && dice.one_in(12) {
        call.told_again(tx, dice)?;
    } else {
        call.answer(tx, if compare { "compare" } else { "chat" }, dice)?;
    }
    if dice.one_in(6) {
        let run = self::run(tx, "title", false, false, at + 9_000)?;
        let title =
            Call { run, ordinal: 0, at: at + 9_000, route: None, model: &MODELS[TITLES], reason: "first", ..call };
        title.small(tx, "title", dice)?;
    }
    Ok(())
}

fn pick(dice: &mut Dice) -> usize {
    let mut left = dice.below(MODELS.iter().map(|model| model.share).sum());
    MODELS
        .iter()
        .position(|model| {
            left.checked_sub(model.share).is_none_or(|less| {
                left = less;
                false
            })
        })
        .unwrap_or(0)
}

fn run(tx: &Transaction<'_>, purpose: &str, again: bool, on_route: bool, at: i64) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO run (purpose, trigger, route_id, started_at, ended_at, outcome)
         VALUES (?1, ?2, ?3, ?4, ?4 + 9000, 'complete')",
    )?
    .execute(params![purpose, if again { "retry" } else { "send" }, on_route.then_some(1), at])?;
    Ok(tx.last_insert_rowid())
}

/// A request about to be made.
struct Call<'a> {
    run: i64,
    ordinal: i64,
    at: i64,
    day: &'a str,
    route: Option<i64>,
    model: &'a Model,
    reason: &'a str,
}

/// What came of it.
#[derive(Default)]
struct Ended {
    outcome: &'static str,
    first_ms: Option<u64>,
    lasts_ms: u64,
    input: u64,
    read: Option<u64>,
    written: Option<u64>,
    output: u64,
    guessed: bool,
    cached: bool,
    saved: Option<i64>,
    error: Option<(&'static str, Option<i64>, &'static str)>,
}

impl Call<'_> {
    fn answer(&self, tx: &Transaction<'_>, purpose: &str, dice: &mut Dice) -> Result<(), StoreError> {
        // Chats grow, and with them what is sent again.
        let input = dice.around(7_000) * (1 + dice.below(5)) + if dice.one_in(25) { dice.around(110_000) } else { 0 };
        let caches = self.model.cached < self.model.input;
        let share = dice.below(85);
        let read = (caches && dice.below(3) > 0).then(|| input * share / 100);
        let output = dice.around(1_200);
        let whole = Ended {
            outcome: "complete",
            first_ms: Some(dice.around(self.model.first_ms)),
            lasts_ms: 900 + output * 14,
            input,
            read,
            written: (read.is_some() && self.model.written > self.model.input).then(|| input * (99 - share) / 300),
            output,
            ..Ended::default()
        };
        let cut_off = ("broken_stream", None, "connection reset by peer");
        let ended = match dice.below(110) {
            0..2 => Ended {
                outcome: "interrupted",
                guessed: true,
                read: None,
                written: None,
                error: Some(cut_off),
                ..whole
            },
            2..5 => {
                Ended { outcome: "cancelled", guessed: true, read: None, written: None, output: output / 3, ..whole }
            }
            _ => whole,
        };
        self.book(tx, purpose, &ended)
    }

    fn fail(&self, tx: &Transaction<'_>, dice: &mut Dice) -> Result<(), StoreError> {
        let error = match dice.below(4) {
            0 | 1 => ("overloaded", Some(529), "Overloaded"),
            2 => ("rate_limited", Some(429), "Rate limit reached for requests"),
            _ => ("network", None, "the connection was refused"),
        };
        let ended = Ended {
            outcome: "failed",
            lasts_ms: dice.around(1_800),
            guessed: true,
            error: Some(error),
            ..Ended::default()
        };
        self.book(tx, "chat", &ended)
    }

    fn told_again(&self, tx: &Transaction<'_>, dice: &mut Dice) -> Result<(), StoreError> {
        let saved = Some(dice.around(8_000_000) as i64);
        let ended =
            Ended { outcome: "complete", first_ms: Some(2), lasts_ms: 9, cached: true, saved, ..Ended::default() };
        self.book(tx, "chat", &ended)
    }

    fn small(&self, tx: &Transaction<'_>, purpose: &str, dice: &mut Dice) -> Result<(), StoreError> {
        let first_ms = Some(dice.around(self.model.first_ms));
        let (input, output) = (dice.around(380), 6 + dice.below(5));
        self.book(
            tx,
            purpose,
            &Ended { outcome: "complete", first_ms, lasts_ms: 900, input, output, ..Ended::default() },
        )
    }

    fn book(&self, tx: &Transaction<'_>, purpose: &str, ended: &Ended) -> Result<(), StoreError> {
        let vendor = PROVIDERS[usize::try_from(self.model.provider - 1).unwrap_or_default()].0;
        let whole = ended.outcome == "complete";
        let (category, status, words) = ended.error.map_or((None, None, None), |(c, s, w)| (Some(c), s, Some(w)));
        tx.prepare_cached(
            "INSERT INTO attempt (run_id, ordinal, provider_id, account_id, vendor, model, started_at, first_token_ms,
                                  duration_ms, outcome, finish_class, finish_reason, error_category, error_status,
                                  error_message, reason, cached)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            self.run,
            self.ordinal,
            self.model.provider,
            vendor,
            self.model.name,
            self.at,
            ended.first_ms.map(signed),
            signed(ended.lasts_ms),
            ended.outcome,
            whole.then_some("stop"),
            category,
            status,
            words,
            self.reason,
            ended.cached,
        ])?;
        let attempt = tx.last_insert_rowid();
        let (source, total) = self.cost(vendor, ended);
        let rates = matches!(source, "priced" | "estimated").then(|| self.model.rates(vendor, self.day).to_string());
        tx.prepare_cached(
            "INSERT INTO ledger (attempt_id, purpose, provider_id, account_id, route_id, vendor, model, outcome, booked_at,
                                 booked_day, input_total, cache_read, cache_write, output_total, tokens_source, source,
                                 total_nano, rates, saved_nano, first_token_ms, duration_ms, cached, again, cache_saved_nano)
             SELECT attempt.id, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                 first_token_ms, duration_ms, cached,
                 CASE WHEN reason <> 'first' THEN 'tried' WHEN run.trigger = 'retry' THEN 'asked' ELSE 'first' END, ?19
             FROM attempt JOIN run ON run.id = run_id WHERE attempt.id = ?1",
        )?
        .execute(params![
            attempt, purpose, self.model.provider, self.route, vendor, self.model.name, ended.outcome,
            self.at + signed(ended.lasts_ms), self.day, signed(ended.input), ended.read.map(signed), ended.written.map(signed),
            signed(ended.output), if ended.guessed { "estimated" } else { "reported" }, source, total, rates, ended.saved,
            self.cache_saved(ended),
        ])?;
        Ok(())
    }

    /// Where the amount comes from, and the amount: prices are nano-USD a token.
    fn cost(&self, vendor: &str, ended: &Ended) -> (&'static str, Option<i64>) {
        let (read, written) = (signed(ended.read.unwrap_or(0)), signed(ended.written.unwrap_or(0)));
        let fresh = signed(ended.input) - read - written;
        let model = self.model;
        let total =
            fresh * model.input + read * model.cached + written * model.written + signed(ended.output) * model.output;
        match vendor {
            _ if ended.cached => ("free", Some(0)),
            "ollama" => ("free", Some(0)),
            _ if model.name == UNPRICED => ("unknown", None),
            "openrouter" if ended.outcome == "complete" => ("reported", Some(total)),
            _ if ended.guessed => ("estimated", Some(total)),
            _ => ("priced", Some(total)),
        }
    }

    fn cache_saved(&self, ended: &Ended) -> Option<i64> {
        let read = signed(ended.read?) * (self.model.input - self.model.cached);
        Some(read - signed(ended.written.unwrap_or(0)) * (self.model.written - self.model.input))
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What was written is summed up.
pub(crate) fn sum_up(tx: &Transaction<'_>) -> Result<(), StoreError> {
    Ok(rollup::rebuild_all(tx)?)
}
