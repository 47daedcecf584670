//! Orders what was found by how well it matches: BM25, counted in the words of the hits alone.
//!
//! The index could do it, but only by walking through every message with a phrase or a beginning three times more: once
//! to see whether it is rare, once for how rare, once for the hits. Those walks are what a search spends its time on.

use memchr::memmem::Finder;
use rusqlite::{Connection, types::Value};

use super::{
    find::{Hit, Watched, rows},
    needle::Needle,
};
use crate::history::error::StoreError;

/// A word in more messages than this says little about any one of them.
const MOST_RANKED: usize = 2_000;
/// Beginnings up to this long have their own lists in the index; of longer ones the lists of all words are merged.
const INDEXED_BEGINNING: usize = 3;
/// How soon a word said again counts less.
const SATURATION: f64 = 1.2;
/// How much a longer text counts less.
const BY_LENGTH: f64 = 0.75;

/// A needle as it is counted in a text.
struct Counted {
    runs: Vec<Finder<'static>>,
    beginning: bool,
    weight: f64,
}

/// Orders hits, which must be all there are, by the needles that are rare enough. False where none is, or the time is
/// over: they stay newest first.
pub(super) fn rank(
    connection: &Connection,
    needles: &[Needle],
    hits: &mut [Hit],
    watched: &Watched<'_>,
) -> Result<bool, StoreError> {
    let messages: i64 =
        connection.prepare_cached("SELECT coalesce(max(id), 0) FROM search_doc")?.query_row([], |row| row.get(0))?;
    let mut counted = Vec::new();
    for needle in needles {
        let runs = needle.runs();
        // A phrase or a long beginning is as rare as the result: what it is made of may be in every message.
        let with = if is_costly(&runs, needle.is_beginning()) {
            hits.len()
        } else {
            messages_with(connection, needle, watched)?
        };
        if with <= MOST_RANKED {
            let runs = runs.iter().map(|run| Finder::new(run).into_owned()).collect();
            counted.push(Counted { runs, beginning: needle.is_beginning(), weight: rarity(with, messages) });
        }
    }
    if counted.is_empty() {
        return Ok(false);
    }
    let Some(scores) = scores(connection, &counted, hits, watched)? else { return Ok(false) };
    let mut scored: Vec<(f64, Hit)> = scores.into_iter().zip(hits.iter().copied()).collect();
    scored.sort_by(|(a, hit), (b, other)| b.total_cmp(a).then(other.id.cmp(&hit.id)));
    for (place, (_, hit)) in hits.iter_mut().zip(scored) {
        *place = hit;
    }
    Ok(true)
}

/// Whether counting its messages takes a walk through longer lists than that of the result.
fn is_costly(runs: &[String], beginning: bool) -> bool {
    runs.iter().any(|run| run.contains(' ') || beginning && run.chars().count() > INDEXED_BEGINNING)
}

/// Messages with a needle, counted up to one more than [`MOST_RANKED`].
fn messages_with(connection: &Connection, needle: &Needle, watched: &Watched<'_>) -> Result<usize, StoreError> {
    let mut seen = 0;
    let sql = "SELECT rowid FROM search_index WHERE search_index MATCH ?";
    rows(connection, sql, &[Value::Text(needle.expression())], watched, |_| {
        seen += 1;
        Ok(seen <= MOST_RANKED)
    })?;
    Ok(seen)
}

/// What finding a needle in a message says about it, given the messages that hold it.
fn rarity(with: usize, messages: i64) -> f64 {
    let (with, all) = (with as f64, messages as f64);
    ((all - with).max(0.0) + 0.5).mul_add(1.0 / (with + 0.5), 1.0).ln()
}

/// The score of each hit; `None` where the time was over.
fn scores(
    connection: &Connection,
    counted: &[Counted],
    hits: &[Hit],
    watched: &Watched<'_>,
) -> Result<Option<Vec<f64>>, StoreError> {
    let mut counts = Vec::with_capacity(hits.len() * counted.len());
    let mut lengths = Vec::with_capacity(hits.len());
    for hit in hits {
        let (mut length, mut times) = (0, vec![0; counted.len()]);
        let sql = "SELECT body, whole FROM search_index WHERE rowid = ?";
        let read = rows(connection, sql, &[Value::Integer(hit.id)], watched, |row| {
            for column in 0..2 {
                let text = row.get_ref(column)?.as_bytes_or_null().map_err(rusqlite::Error::from)?.unwrap_or_default();
                length += text.len();
                times.iter_mut().zip(counted).for_each(|(times, needle)| *times += needle.times_in(text));
            }
            Ok(true)
        })?;
        if !read {
            return Ok(None);
        }
        lengths.push(length as f64);
        counts.append(&mut times);
    }
    let average = (lengths.iter().sum::<f64>() / lengths.len() as f64).max(1.0);
    let score = |(times, length): (&[usize], &f64)| {
        let dampened = SATURATION * (1.0 - BY_LENGTH + BY_LENGTH * length / average);
        let part = |(times, needle): (&usize, &Counted)| {
            let times = *times as f64;
            needle.weight * times * (SATURATION + 1.0) / (times + dampened)
        };
        times.iter().zip(counted).map(part).sum()
    };
    Ok(Some(counts.chunks(counted.len()).zip(&lengths).map(score).collect()))
}

impl Counted {
    /// How often it stands in terms that are parted by spaces.
    fn times_in(&self, text: &[u8]) -> usize {
        self.runs.iter().map(|run| times(run, self.beginning, text)).sum()
    }
}

fn times(run: &Finder<'_>, beginning: bool, text: &[u8]) -> usize {
    let ends = |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|byte| *byte == b' ');
    let (mut from, mut times) = (0, 0);
    while let Some(at) = text.get(from..).and_then(|rest| run.find(rest)).map(|at| from + at) {
        let end = at + run.needle().len();
        let whole = ends(at.checked_sub(1)) && (beginning || ends(Some(end)));
        times += usize::from(whole);
        // What is part of another word may overlap with the word itself.
        from = if whole { end } else { at + 1 };
    }
    times
}
