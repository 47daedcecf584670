//! Sums of cells, as they are shown.

use super::{
    first_token::FirstTokens,
    ledger::LedgerError,
    rollup::{Cell, Sums, bounded},
};
use crate::view::{CostOutcome, CostPoint, CostSource, CostTotals};

/// How many and how much of one source.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    entries: i64,
    nano: i64,
}

/// Everything that [`CostTotals`] tells, put together cell by cell.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    sums: Sums,
    /// In the order of [`CostSource::NAMES`].
    sources: [Share; 5],
    complete: i64,
    failed: i64,
    first_tokens: FirstTokens,
}

impl Tally {
    /// Of all these.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Overflow`].
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Result<Self, LedgerError> {
        let mut tally = Self::default();
        cells.into_iter().try_for_each(|cell| tally.add(cell))?;
        Ok(tally)
    }

    /// Adds a cell.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Overflow`].
    pub fn add(&mut self, cell: &Cell) -> Result<(), LedgerError> {
        self.sums = self.sums.plus(cell.sums)?;
        let share = &mut self.sources[cell.key.source as usize];
        share.entries += cell.sums.entries;
        // Parts of sums that fit may still not fit themselves: an adjustment can be below zero.
        share.nano = bounded(share.nano + cell.sums.total_nano)?;
        match cell.key.outcome {
            CostOutcome::Complete => self.complete += cell.sums.entries,
            CostOutcome::Interrupted | CostOutcome::Failed => self.failed += cell.sums.entries,
            CostOutcome::Cancelled => {}
        }
        self.first_tokens.add(&cell.first_tokens);
        Ok(())
    }

    /// Adds another tally.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Overflow`].
    pub fn merge(&mut self, other: &Self) -> Result<(), LedgerError> {
        self.sums = self.sums.plus(other.sums)?;
        for (share, more) in self.sources.iter_mut().zip(other.sources) {
            share.entries += more.entries;
            share.nano = bounded(share.nano + more.nano)?;
        }
        self.complete += other.complete;
        self.failed += other.failed;
        self.first_tokens.add(&other.first_tokens);
        Ok(())
    }

    /// By what groups are ordered: money, then tokens, then requests.
    pub fn weight(&self) -> (i64, i64, i64) {
        (self.sums.total_nano, self.sums.input + self.sums.output, self.sums.entries)
    }

    /// Nano-USD of all that is known.
    pub fn total_nano(&self) -> i64 {
        self.sums.total_nano
    }

    /// Requests.
    pub fn entries(&self) -> i64 {
        self.sums.entries
    }

    fn share(&self, source: CostSource) -> Share {
        self.sources[source as usize]
    }

    /// Nano-USD that are not the vendor's own figures.
    pub fn guessed_nano(&self) -> i64 {
        self.sums.total_nano - self.share(CostSource::Reported).nano - self.share(CostSource::Free).nano
    }

    /// For the screen.
    pub fn totals(&self) -> CostTotals {
        let count = |source| self.share(source).entries as f64;
        let nano = |source| self.share(source).nano as f64;
        CostTotals {
            entries: self.sums.entries as f64,
            complete: self.complete as f64,
            failed: self.failed as f64,
            total_nano: self.sums.total_nano as f64,
            estimated_nano: nano(CostSource::Estimated),
            reported_nano: nano(CostSource::Reported),
            reported: count(CostSource::Reported),
            priced: count(CostSource::Priced),
            estimated: count(CostSource::Estimated),
            free: count(CostSource::Free),
            unknown: count(CostSource::Unknown),
            input: self.sums.input as f64,
            cache_read: self.sums.cache_read as f64,
            cache_write: self.sums.cache_write as f64,
            output: self.sums.output as f64,
            reasoning: self.sums.reasoning as f64,
            cache_saved_nano: self.sums.cache_saved_nano as f64,
            answer_saved_nano: self.sums.answer_saved_nano as f64,
            first_token_ms: self.first_tokens.median(),
        }
    }

    /// For a place of a chart.
    pub fn point(&self, bucket: usize) -> CostPoint {
        CostPoint {
            bucket: u32::try_from(bucket).unwrap_or(u32::MAX),
            total_nano: self.sums.total_nano as f64,
            guessed_nano: self.guessed_nano() as f64,
            input: self.sums.input as f64,
            output: self.sums.output as f64,
            entries: self.sums.entries as f64,
        }
    }
}
