//! Local days of a filter, and the sums to read for them.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use rusqlite::Connection;

use super::ledger::LedgerError;
use crate::{
    error::Error,
    view::{CostFilter, CostGrain},
};

/// Up to so many days the series are by day.
const MOST_DAYS: i64 = 92;
/// A range is no longer than this.
const MOST_MONTHS: u32 = 1_200;

/// The days of a filter, each where it is given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

/// The first and the last day that anything is booked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

/// Days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
}

/// A sum to read, and the place of the bucket it is shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `YYYY-MM-DD` or `YYYY-MM`.
    pub bucket: String,
    /// Into [`Range::buckets`].
    pub shown: usize,
}

impl Asked {
    /// Reads the days of a filter.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for `from` or `to` where it is neither empty nor a day.
    pub fn of(filter: &CostFilter) -> Result<Self, Error> {
        let read = |field, text: &str| match text {
            "" => Ok(None),
            text => day(text).map(Some).ok_or(Error::invalid(field, "not_a_day")),
        };
        Ok(Self { from: read("from", &filter.from)?, to: read("to", &filter.to)? })
    }

    /// The range that is meant: without a first day from the beginning of the ledger, without a last one to its end,
    /// at least to today; the other way round where the days are swapped.
    pub fn resolve(self, known: Option<Known>, today: NaiveDate) -> Range {
        let from = self.from.unwrap_or_else(|| known.map_or(today, |known| known.first.min(today)));
        let to = self.to.unwrap_or_else(|| known.map_or(today, |known| known.last.max(today)));
        let (first, last) = (from.min(to), from.max(to));
        let earliest = last.checked_sub_months(Months::new(MOST_MONTHS)).unwrap_or(first);
        Range { first: first.max(earliest), last }
    }
}

impl Known {
    /// Asks the ledger; `None` while it is empty, or where a day in it is none.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Database`].
    pub fn read(connection: &Connection) -> Result<Option<Self>, LedgerError> {
        let one = |which: &str| -> Result<Option<NaiveDate>, LedgerError> {
            let sql = format!("SELECT {which}(booked_day) FROM ledger WHERE kind = 'entry'");
            let found: Option<String> = connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
            Ok(found.as_deref().and_then(day))
        };
        Ok(one("min")?.zip(one("max")?).map(|(first, last)| Self { first, last }))
    }
}

impl Range {
    /// How fine it is shown.
    pub fn grain(&self) -> CostGrain {
        let days = (self.last - self.first).num_days() + 1;
        if days <= MOST_DAYS { CostGrain::Day } else { CostGrain::Month }
    }

    /// Every day or month of it, in order.
    pub fn buckets(&self) -> Vec<String> {
        match self.grain() {
            CostGrain::Day => self.days().map(name).collect(),
            CostGrain::Month => self.months().map(|month| month_of(month.first)).collect(),
        }
    }

    /// The sums that make it up, in order: months where all of them lies inside, else days.
    pub fn sources(&self, known: Option<Known>) -> Vec<Source> {
        let Some(known) = known else { return Vec::new() };
        if self.grain() == CostGrain::Day {
            let source = |(shown, day)| Source { bucket: name(day), shown };
            return self.days().enumerate().map(source).collect();
        }
        // What lies before or behind all entries counts for nothing, so whole months can be read there too.
        let first = if self.first <= known.first { NaiveDate::MIN } else { self.first };
        let last = if self.last >= known.last { NaiveDate::MAX } else { self.last };
        let mut sources = Vec::new();
        for (shown, month) in self.months().enumerate() {
            if first <= month.first && month.last <= last {
                sources.push(Source { bucket: month_of(month.first), shown });
            } else {
                let inside = Self { first: first.max(month.first), last: last.min(month.last) };
                sources.extend(inside.days().map(|day| Source { bucket: name(day), shown }));
            }
        }
        sources
    }

    /// Its days, in order.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    fn months(&self) -> impl Iterator<Item = Self> + use<> {
        let (last, begin) = (self.last, Self::month(self.first));
        std::iter::successors(Some(begin), |month| Some(Self::month(month.last.checked_add_days(Days::new(1))?)))
            .take_while(move |month| month.first <= last)
    }

    /// The month that a day lies in.
    pub fn month(day: NaiveDate) -> Self {
        let first = day.with_day(1).unwrap_or(day);
        let next = first.checked_add_months(Months::new(1));
        Self { first, last: next.and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX) }
    }
}

/// Reads a local day, `YYYY-MM-DD`.
pub fn day(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// Writes one.
pub fn name(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str) -> Range {
        Range { first: day(first).unwrap(), last: day(last).unwrap() }
    }

    fn known(first: &str, last: &str) -> Option<Known> {
        Some(Known { first: day(first).unwrap(), last: day(last).unwrap() })
    }

    fn read(range: Range, known: Option<Known>) -> Vec<String> {
        range.sources(known).into_iter().map(|source| source.bucket).collect()
    }

    #[test]
    fn up_to_92_days_are_read_by_day() {
        let quarter = range("2026-08-01", "2026-10-31");
        assert_eq!((quarter.grain(), quarter.buckets().len()), (CostGrain::Day, 92));
        assert_eq!(read(quarter, known("2026-01-01", "2026-12-31")), quarter.buckets());
        assert_eq!(range("2026-08-01", "2026-11-01").grain(), CostGrain::Month);
    }

    #[test]
    fn longer_ones_are_months_inside_and_days_at_the_edges() {
        let sources = read(range("2026-03-30", "2026-08-02"), known("2020-01-01", "2027-01-01"));
        let wanted =
            ["2026-03-30", "2026-03-31", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08-01", "2026-08-02"];
        assert_eq!(sources, wanted);
        let shown = range("2026-03-30", "2026-08-02").sources(known("2020-01-01", "2027-01-01"));
        assert_eq!(shown.iter().map(|source| source.shown).collect::<Vec<_>>(), [0, 0, 1, 2, 3, 4, 5, 5]);
    }

    #[test]
    fn where_nothing_lies_beyond_months_are_enough() {
        let sources = read(range("2026-03-30", "2026-08-02"), known("2026-03-30", "2026-08-01"));
        assert_eq!(sources, ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"]);
    }

    #[test]
    fn days_are_put_right() {
        let asked =
            |from: &str, to: &str| Asked::of(&CostFilter { from: from.into(), to: to.into(), ..CostFilter::default() });
        let today = day("2026-11-22").unwrap();
        let resolved = |from, to, known| asked(from, to).unwrap().resolve(known, today);
        assert_eq!(resolved("2026-11-05", "2026-11-01", None), range("2026-11-01", "2026-11-05"));
        assert_eq!(resolved("", "", None), range("2026-11-22", "2026-11-22"));
        // The clock was once wrong: what was booked then is still there.
        assert_eq!(resolved("", "", known("2025-02-03", "2027-01-01")), range("2025-02-03", "2027-01-01"));
        assert_eq!(resolved("", "2026-11-01", known("2026-10-01", "2026-11-22")), range("2026-10-01", "2026-11-01"));
        assert_eq!(resolved("0001-01-01", "2026-11-30", None).first, day("1926-11-30").unwrap());
        for bad in ["2026-02-30", "2026-2-3", "+26-02-030", "yesterday", "2026-11"] {
            assert!(asked(bad, "").is_err() && asked("", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let range = Range { first: day("9999-01-01").unwrap(), last: day("9999-12-31").unwrap() };
        assert_eq!(range.buckets().len(), 12);
        assert_eq!(Range::month(NaiveDate::MAX).last, NaiveDate::MAX);
    }
}
