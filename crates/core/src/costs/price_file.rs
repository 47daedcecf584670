//! The published price data: fetched, looked over, kept.
//!
//! It is other people's work and decides what a person is told that things cost, so data that breaks off, that is absurd
//! or older than what is there is refused. The last good copy is one file: a line about the document, and the document.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use parlance_providers::{CancellationToken, Category, ProviderError, transport};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    catalogue::{self, PriceData},
    rate::Rate,
};
use crate::history::files;

/// Where the data is published.
pub const ADDRESS: &str = genai_prices::REMOTE_DATA_URL;
/// The last good copy's name in the data folder.
pub const FILE: &str = "prices.jsonl";
/// What a copy is renamed to that cannot be used any more.
pub const BROKEN: &str = "prices-broken.jsonl";
/// The most that is taken, in bytes, unpacked: twenty times what it is today.
pub const LARGEST: usize = 16 << 20;
/// How long the whole may take.
const WITHIN: Duration = Duration::from_secs(60);
/// A price of a model that both know may not become, or have been, so many times the other.
const MOST_CHANGE: u64 = 100;
/// No price may be so many times the median of its kind.
const MOST_OVER_MEDIAN: f64 = 1_000.0;

/// Why data is refused, as a stable word.
pub mod trouble {
    /// Nobody answered, or not with data.
    pub const NETWORK: &str = "network";
    /// Larger than any price data.
    pub const TOO_LARGE: &str = "too_large";
    /// It breaks off.
    pub const TRUNCATED: &str = "truncated";
    /// Something else than price data.
    pub const NOT_JSON: &str = "not_json";
    /// Prices that cannot be.
    pub const ABSURD: &str = "absurd";
    /// Of an earlier day than what is there.
    pub const OLDER: &str = "older";
    /// The copy that was kept cannot be used any more.
    pub const KEPT_BROKEN: &str = "kept_broken";
    /// The copy could not be written.
    pub const NOT_KEPT: &str = "not_kept";
}

/// Fetches the document. No key and nothing of a person goes along.
///
/// # Errors
/// `network` or `too_large`.
pub async fn fetch(address: &str, cancel: &CancellationToken) -> Result<Vec<u8>, &'static str> {
    let word = |error: ProviderError| match (error.category, error.cause) {
        (Category::BrokenStream, Some("too_large")) => trouble::TOO_LARGE,
        _ => trouble::NETWORK,
    };
    transport::get_document(address, LARGEST, WITHIN, cancel).await.map_err(word)
}

/// Reads a document that was fetched at `now` (UTC milliseconds) and looks it over beside the data in use.
///
/// # Errors
/// Why it is refused.
pub fn check(document: &[u8], in_use: &PriceData, now: i64) -> Result<PriceData, &'static str> {
    let value: Value = serde_json::from_slice(document).map_err(|error| {
        let breaks_off = error.is_eof() && document.trim_ascii_start().starts_with(b"[");
        if breaks_off { trouble::TRUNCATED } else { trouble::NOT_JSON }
    })?;
    if !value.is_array() {
        return Err(trouble::NOT_JSON);
    }
    if has_absurd_price(&value) {
        return Err(trouble::ABSURD);
    }
    let date = newest(&value, &catalogue::utc_day(now));
    let data = PriceData::read(document, date, now).map_err(|_| trouble::NOT_JSON)?;
    if data.models() * 2 < in_use.models() {
        return Err(trouble::ABSURD);
    }
    if data.date() < in_use.date() {
        return Err(trouble::OLDER);
    }
    if has_leap(&data, in_use, now) { Err(trouble::ABSURD) } else { Ok(data) }
}

/// What the document says of all models' prices: each object under `prices`.
fn price_sets(value: &Value) -> impl Iterator<Item = &serde_json::Map<String, Value>> {
    let models = value.as_array().into_iter().flatten().filter_map(|provider| provider.get("models")?.as_array());
    let prices = models.flatten().filter_map(|model| model.get("prices"));
    prices.flat_map(|prices| match prices {
        Value::Array(dated) => dated.iter().filter_map(|one| one.get("prices")?.as_object()).collect(),
        Value::Object(only) => vec![only],
        _ => Vec::new(),
    })
}

/// A negative price, or one far beyond all others of its kind.
fn has_absurd_price(value: &Value) -> bool {
    let mut kinds: std::collections::HashMap<&str, Vec<f64>> = std::collections::HashMap::new();
    for set in price_sets(value) {
        for (kind, price) in set {
            let mut found = Vec::new();
            numbers(price, &mut found);
            kinds.entry(kind).or_default().extend(found);
        }
    }
    kinds.into_values().any(|mut prices| {
        if prices.iter().any(|price| *price < 0.0) {
            return true;
        }
        prices.retain(|price| *price > 0.0);
        prices.sort_by(f64::total_cmp);
        let median = prices.get(prices.len() / 2).copied().unwrap_or_default();
        prices.last().is_some_and(|most| *most > median * MOST_OVER_MEDIAN)
    })
}

/// The prices in a price: itself, or its base and its tiers'. Where a tier starts is none.
fn numbers(price: &Value, found: &mut Vec<f64>) {
    match price {
        Value::Number(number) => found.extend(number.as_f64()),
        Value::Object(parts) => {
            parts.iter().filter(|(name, _)| *name != "start").for_each(|(_, part)| numbers(part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| numbers(part, found)),
        _ => {}
    }
}

/// The day from which on the newest of its prices holds that hold today: the only date that the data knows.
fn newest(value: &Value, today: &str) -> String {
    let models = value.as_array().into_iter().flatten().filter_map(|provider| provider.get("models")?.as_array());
    let dated = models.flatten().flat_map(|model| ["prices", "price_variants"].map(|list| model.get(list)));
    let dated = dated.flatten().filter_map(Value::as_array).flatten();
    let starts = dated.filter_map(|one| one.pointer("/constraint/start_date")?.as_str());
    starts.filter(|day| catalogue::is_day(day) && *day <= today).max().unwrap_or_default().to_owned()
}

/// Whether a model that both know costs a hundred times what it did, or a hundredth.
fn has_leap(new: &PriceData, old: &PriceData, now: i64) -> bool {
    let leaps = |a: Option<Rate>, b: Option<Rate>| match (a.map(Rate::nano), b.map(Rate::nano)) {
        // To and from nothing is no leap: models become free, and cease to be.
        (Some(a), Some(b)) if a > 0 && b > 0 => a.max(b) / a.min(b) >= MOST_CHANGE,
        _ => false,
    };
    old.calculator().providers().any(|provider| {
        provider.models().any(|model| {
            let of = |data: &PriceData| data.list_price(provider.id(), model.id(), now);
            let (Some(before), Some(after)) = (of(old), of(new)) else { return false };
            leaps(before.input, after.input) || leaps(before.output, after.output)
        })
    })
}

/// The line before the document.
#[derive(Deserialize, Serialize)]
struct About {
    /// UTC milliseconds.
    fetched_at: i64,
    date: String,
    sha256: String,
}

/// Keeps a document that was found good, in place of the one before: after a crash it is the one or the other.
///
/// # Errors
/// Those of the file system.
pub fn keep(path: &Path, document: &[u8], data: &PriceData) -> io::Result<()> {
    let about = About {
        fetched_at: data.fetched_at().unwrap_or_default(),
        date: data.date().to_owned(),
        sha256: digest(document),
    };
    let line = serde_json::to_vec(&about)?;
    files::replace(path, &[&line, b"\n".as_slice(), document].concat())
}

/// What a look for the kept copy finds.
pub enum Found {
    /// None.
    Nothing,
    /// It is whole, and no older than what came with the app.
    Good(PriceData),
    /// What came with the app is newer: the app was updated since.
    Older,
    /// It is not what was kept.
    Broken,
}

/// Reads the kept copy and proves that it is what was kept.
pub fn look(path: &Path) -> Found {
    let mut content = Vec::new();
    let most = LARGEST as u64 + 4_096;
    match File::open(path).and_then(|file| file.take(most).read_to_end(&mut content)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(_) => return Found::Broken,
        Ok(_) => {}
    }
    let parts = content.iter().position(|byte| *byte == b'\n').map(|end| content.split_at(end));
    let about = |line: &[u8]| serde_json::from_slice::<About>(line).ok();
    let Some((line, document)) = parts else { return Found::Broken };
    let (Some(about), document) = (about(line), &document[1..]) else { return Found::Broken };
    if about.sha256 != digest(document) {
        return Found::Broken;
    }
    if about.date.as_str() < catalogue::BUNDLED_DATE {
        return Found::Older;
    }
    PriceData::read(document, about.date, about.fetched_at).map_or(Found::Broken, Found::Good)
}

/// Puts a copy aside that cannot be used, for whoever wants to look at it.
///
/// # Errors
/// Those of the file system.
pub fn set_aside(path: &Path) -> io::Result<()> {
    std::fs::rename(path, path.with_file_name(BROKEN))
}

fn digest(document: &[u8]) -> String {
    Sha256::digest(document).iter().map(|byte| format!("{byte:02x}")).collect()
}
