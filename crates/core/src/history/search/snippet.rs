//! The piece of a text that shows why it was found, cut out of the real text.

use std::ops::{ControlFlow, Range};

use super::{
    needle::Needle,
    terms::{self, Term},
};

/// Characters of a snippet.
const WIDTH: usize = 200;
/// Of these, before the first place.
const LEAD: usize = 60;
/// Terms read on after everything was found once: a better place may follow.
const FURTHER: usize = 120;

/// Text that was looked for, or stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// As it is written.
    pub text: String,
    /// It was looked for.
    pub hit: bool,
}

/// A snippet of a text. Reads at most `most` terms of it.
#[must_use]
pub fn snippet(text: &str, needles: &[Needle], most: usize) -> Vec<Piece> {
    let places = places(text, needles, most);
    let window = window(text, &places);
    let mut marks: Vec<Range<usize>> = places.into_iter().map(|(_, at)| at).collect();
    marks.sort_by_key(|at| (at.start, at.end));
    pieces(text, window, &marks)
}

/// A whole short text, with its places.
#[must_use]
pub fn marked(text: &str, needles: &[Needle]) -> Vec<Piece> {
    let mut marks: Vec<_> = places(text, needles, terms::MOST).into_iter().map(|(_, at)| at).collect();
    marks.sort_by_key(|at| (at.start, at.end));
    pieces(text, 0..text.len(), &marks)
}

/// Which needle stands where.
fn places(text: &str, needles: &[Needle], most: usize) -> Vec<(usize, Range<usize>)> {
    if needles.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<Term> = Vec::new();
    let mut check_at = FURTHER;
    let _ = terms::walk(text, &mut |term| {
        all.push(term);
        if all.len() >= most {
            return ControlFlow::Break(());
        }
        if all.len() < check_at {
            return ControlFlow::Continue(());
        }
        // Looked at anew each time the text read has doubled, so the whole stays linear.
        check_at *= 2;
        let enough = all.get(..all.len().saturating_sub(FURTHER / 2)).unwrap_or_default();
        if needles.iter().all(|needle| !needle.places(enough).is_empty()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    needles
        .iter()
        .enumerate()
        .flat_map(|(nth, needle)| needle.places(&all).into_iter().map(move |at| (nth, at)))
        .collect()
}

/// The bytes to show: where the most different needles stand close together, else the beginning.
fn window(text: &str, places: &[(usize, Range<usize>)]) -> Range<usize> {
    let mut sorted: Vec<&(usize, Range<usize>)> = places.iter().collect();
    sorted.sort_by_key(|(_, at)| at.start);
    let mut best: Option<(usize, usize)> = None;
    for (first, (_, at)) in sorted.iter().enumerate() {
        let mut seen: Vec<usize> = Vec::new();
        for (nth, other) in sorted.iter().skip(first).take(64) {
            if other.end.saturating_sub(at.start) > WIDTH - LEAD {
                break;
            }
            if !seen.contains(nth) {
                seen.push(*nth);
            }
        }
        if best.is_none_or(|(most, _)| seen.len() > most) {
            best = Some((seen.len(), at.start));
        }
    }
    let start = best.map_or(0, |(_, at)| word_start(text, back(text, at, LEAD)));
    let end = text[start..].char_indices().nth(WIDTH).map_or(text.len(), |(at, _)| word_end(text, start, start + at));
    start..end
}

/// The byte up to `chars` characters before `at`, not beyond a line's empty neighbour.
fn back(text: &str, at: usize, chars: usize) -> usize {
    let from = text[..at].char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at);
    text[from..at].rfind("\n\n").map_or(from, |gap| from + gap + 2)
}

/// Forward to the beginning of a word, where one is near.
fn word_start(text: &str, at: usize) -> usize {
    if at == 0 || text[..at].ends_with(char::is_whitespace) {
        return at;
    }
    let gap = text[at..].char_indices().take(20).find(|(_, c)| c.is_whitespace());
    gap.map_or(at, |(gap, c)| at + gap + c.len_utf8())
}

/// Back to the end of a word, where one is near.
fn word_end(text: &str, start: usize, at: usize) -> usize {
    let near = text[start..at].char_indices().rev().take(20).find(|(_, c)| c.is_whitespace());
    near.map_or(at, |(gap, _)| start + gap)
}

/// Cuts a window at its marks. White space becomes one space; the signs of Markdown that only dress text are left out.
fn pieces(text: &str, window: Range<usize>, marks: &[Range<usize>]) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    let mut push = |c: char, hit: bool| match all.last_mut() {
        Some(last) if last.hit == hit => last.text.push(c),
        _ => all.push(Piece { text: c.to_string(), hit }),
    };
    if window.start > 0 {
        push('…', false);
    }
    let mut marks = marks.iter().peekable();
    let (mut gap, mut line_start, mut begun) = (None, true, false);
    // A mark may reach over marks that begin within it.
    let mut hit_until = 0;
    let mut rule_until = 0;
    for (at, c) in text[window.clone()].char_indices().map(|(at, c)| (window.start + at, c)) {
        while let Some(mark) = marks.peek().filter(|mark| mark.start <= at) {
            hit_until = hit_until.max(mark.end);
            marks.next();
        }
        let hit = at < hit_until;
        if at == 0 || text[..at].ends_with('\n') {
            rule_until = at + table_rule(&text[at..]);
        }
        if !hit && (at < rule_until || dresses(text, at, c, line_start)) {
            continue;
        }
        line_start = c == '\n' || line_start && matches!(c, '#' | ' ');
        if c.is_whitespace() || c.is_control() {
            gap = Some(gap.unwrap_or(hit) && hit);
            continue;
        }
        if let Some(within) = gap.take().filter(|_| begun) {
            push(' ', within && hit);
        }
        push(c, hit);
        begun = true;
    }
    if window.end < text.len() && !text[window.end..].trim().is_empty() {
        push('…', false);
    }
    all
}

/// The length of a line that only parts the head of a table from its rows, else nothing.
fn table_rule(line: &str) -> usize {
    let rule = line.split('\n').next().unwrap_or_default();
    let dashes = rule.contains('-') && rule.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '\r'));
    if dashes { rule.len() } else { 0 }
}

fn dresses(text: &str, at: usize, c: char, line_start: bool) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + c.len_utf8()..].chars().next();
    let beside_a_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '`' => true,
        '*' if before == Some('*') || after == Some('*') => true,
        // A list's mark, or emphasis: it touches a word on one side only.
        '*' => line_start && after == Some(' ') || beside_a_word(before) != beside_a_word(after),
        '-' | '+' => line_start && after == Some(' '),
        '$' => before == Some('$') || after == Some('$'),
        '|' => line_start || matches!(after, None | Some('\n' | '\r')),
        '#' | '>' => line_start,
        _ => false,
    }
}
