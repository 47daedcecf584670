//! Requests as a file: CSV after RFC 4180, or JSON. Both are written row by row.

use std::io::{self, Write};

use chrono::DateTime;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::view::{CostFilter, CostTotals, RequestView};

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
enum Field {
    /// Nothing is known.
    None,
    Text(String),
    Number(i64),
    /// Nano-USD, written as USD.
    Money(i64),
    Flag(bool),
}

/// A column: its name, and what a row has in it.
type Column = (&'static str, fn(&RequestView) -> Field);

/// What a row holds, in its order.
const FIELDS: &[Column] = &[
    ("timeUtc", |row| Field::Text(time(row.at))),
    ("localDay", |row| Field::Text(row.day.clone())),
    ("provider", |row| Field::Text(row.provider_name.clone())),
    ("vendor", |row| Field::Text(row.vendor.clone())),
    ("account", |row| text(row.account_name.as_ref())),
    ("route", |row| text(row.route_name.as_ref().filter(|name| !name.is_empty()))),
    ("model", |row| Field::Text(row.model.clone())),
    ("purpose", |row| word(&row.purpose)),
    ("outcome", |row| word(&row.outcome)),
    ("reason", |row| word(&row.reason)),
    ("cached", |row| Field::Flag(row.cached)),
    ("error", |row| row.error.as_ref().map_or(Field::None, |error| Field::Text(error.category.as_str().to_owned()))),
    ("errorStatus", |row| number(row.error.as_ref().and_then(|error| error.status))),
    ("errorCode", |row| text(row.error.as_ref().and_then(|error| error.code.as_ref()))),
    ("firstTokenMs", |row| number(row.first_token_ms)),
    ("durationMs", |row| number(row.duration_ms)),
    ("inputTokens", |row| number(row.cost.input_total)),
    ("cacheReadTokens", |row| number(row.cost.cache_read)),
    ("cacheWriteTokens", |row| number(row.cost.cache_write)),
    ("outputTokens", |row| number(row.cost.output_total)),
    ("reasoningTokens", |row| number(row.cost.reasoning)),
    ("tokensEstimated", |row| Field::Flag(row.cost.tokens_estimated)),
    ("costSource", |row| word(&row.cost.source)),
    ("costUsd", |row| money(row.cost.total_nano)),
    ("savedByKeptAnswerUsd", |row| money(row.cost.saved_nano)),
    ("chatId", |row| text(row.conversation_id.as_ref())),
    ("messageId", |row| text(row.message_id.as_ref())),
    ("requestId", |row| Field::Text(row.id.clone())),
];

fn text(text: Option<&String>) -> Field {
    text.map_or(Field::None, |text| Field::Text(text.clone()))
}

fn number(number: Option<u32>) -> Field {
    number.map_or(Field::None, |number| Field::Number(i64::from(number)))
}

fn money(nano: Option<f64>) -> Field {
    nano.map_or(Field::None, |nano| Field::Money(nano as i64))
}

/// An enum as the boundary names it.
fn word(value: &impl Serialize) -> Field {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Field::Text(word),
        _ => Field::None,
    }
}

fn time(at_ms: f64) -> String {
    let at = DateTime::from_timestamp_millis(at_ms as i64).unwrap_or_default();
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Nano-USD as USD, exactly: `0.0156`, never in powers of ten.
fn usd(nano: i64) -> String {
    let sign = if nano < 0 { "-" } else { "" };
    let (whole, part) = (nano.unsigned_abs() / 1_000_000_000, nano.unsigned_abs() % 1_000_000_000);
    let exact = format!("{sign}{whole}.{part:09}");
    exact.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            // A string, so that no reader rounds it.
            Self::Money(nano) => serializer.serialize_str(&usd(*nano)),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}

struct JsonRow<'a>(&'a RequestView);

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FIELDS.len()))?;
        for (name, field) in FIELDS {
            map.serialize_entry(name, &field(self.0))?;
        }
        map.end()
    }
}

/// A file that requests are written into, one after the other.
pub trait Sheet {
    /// What stands before the first row.
    ///
    /// # Errors
    ///
    /// Those of the file.
    fn begin(&mut self, filter: &CostFilter, totals: &CostTotals) -> io::Result<()>;

    /// A row.
    ///
    /// # Errors
    ///
    /// Those of the file.
    fn row(&mut self, row: &RequestView) -> io::Result<()>;

    /// What stands behind the last row.
    ///
    /// # Errors
    ///
    /// Those of the file.
    fn end(&mut self) -> io::Result<()>;
}

/// Comma-separated values, a header first.
pub struct Csv<W>(pub W);

impl<W: Write> Sheet for Csv<W> {
    fn begin(&mut self, _: &CostFilter, _: &CostTotals) -> io::Result<()> {
        let names: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        write!(self.0, "{}\r\n", names.join(","))
    }

    fn row(&mut self, row: &RequestView) -> io::Result<()> {
        for (place, (_, field)) in FIELDS.iter().enumerate() {
            if place > 0 {
                self.0.write_all(b",")?;
            }
            match field(row) {
                Field::None => Ok(()),
                Field::Text(text) => self.0.write_all(cell(&text).as_bytes()),
                Field::Number(number) => write!(self.0, "{number}"),
                Field::Money(nano) => self.0.write_all(usd(nano).as_bytes()),
                Field::Flag(flag) => write!(self.0, "{flag}"),
            }?;
        }
        self.0.write_all(b"\r\n")
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text as a cell. A vendor chooses its own words: one that a spreadsheet would take for a formula gets an apostrophe.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guarded = if formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

/// One JSON object: the filter, the sums, the requests.
pub struct Json<W> {
    /// Where it goes.
    file: W,
    any: bool,
}

impl<W: Write> Json<W> {
    /// An empty one.
    pub fn new(file: W) -> Self {
        Self { file, any: false }
    }
}

impl<W: Write> Sheet for Json<W> {
    fn begin(&mut self, filter: &CostFilter, totals: &CostTotals) -> io::Result<()> {
        self.file.write_all(b"{\"filter\":")?;
        serde_json::to_writer(&mut self.file, filter)?;
        self.file.write_all(b",\n\"totals\":")?;
        serde_json::to_writer(&mut self.file, totals)?;
        self.file.write_all(b",\n\"requests\":[")
    }

    fn row(&mut self, row: &RequestView) -> io::Result<()> {
        self.file.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(serde_json::to_writer(&mut self.file, &JsonRow(row))?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.file.write_all(b"\n]}\n")?;
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_exactly() {
        let written: Vec<String> =
            [0, 1, 15_600_000, 1_000_000_000, 18_550_000_000, -1, -2_500_000_000].map(usd).into_iter().collect();
        assert_eq!(written, ["0", "0.000000001", "0.0156", "1", "18.55", "-0.000000001", "-2.5"]);
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let pairs = [
            ("gpt-5.6", "gpt-5.6"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+2", "'=1+2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1", "'-1"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("", ""),
        ];
        for (text, wanted) in pairs {
            assert_eq!(cell(text), wanted);
        }
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(1_767_310_200_007.0), "2026-01-01T23:30:00.007Z");
    }
}
