//! Text into terms: folded words, the parts and the whole of identifiers, pairs of characters where a script has no
//! spaces. Pure, linear, and the same for what is indexed, what is asked and what is highlighted.

use std::ops::{ControlFlow, Range};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation as _;

/// Changes with every change of what [`walk`] yields: the index is then made anew.
pub const VERSION: u32 = 1;
/// The longest term, in characters; of a longer word its beginning counts.
pub const LONGEST: usize = 64;
/// Terms of a message that are indexed; of a longer one (some 300 KB of English) only the beginning is found.
pub const MOST: usize = 50_000;
/// Parts an identifier is taken apart into; a chain of more is just words.
const MOST_PARTS: usize = 12;
/// Changes between letters and digits in a word; a word with more is a hash or a blob, and stays in one piece.
const MOST_DIGIT_EDGES: usize = 3;

/// What a term is to its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word, a part of an identifier, or two characters of an unspaced script; in the order of the text.
    Body,
    /// A whole identifier of several parts, joined. `loose` where only hyphens or apostrophes part it, as in prose.
    Whole {
        /// See above.
        loose: bool,
    },
    /// The last character of a run in an unspaced script: no pair begins with it.
    Tail,
}

/// A term and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Folded; letters, digits and marks only.
    pub text: String,
    /// Bytes of the original.
    pub at: Range<usize>,
    /// End of the first character of a pair, else `at.end`.
    pub head: usize,
    /// What it is.
    pub kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Dense,
    Gap,
}

/// Scripts written without spaces between words.
fn is_dense(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF // Thai, Lao
        | 0x0F00..=0x109F // Tibetan, Myanmar
        | 0x1100..=0x11FF // Hangul, in pieces
        | 0x1780..=0x17FF // Khmer
        | 0x2E80..=0x312F // Han radicals, kana, bopomofo
        | 0x3130..=0x318F | 0x31A0..=0x31FF
        | 0x3200..=0x4DBF | 0x4E00..=0x9FFF
        | 0xA960..=0xA97F | 0xAC00..=0xD7FF // Hangul
        | 0xF900..=0xFAFF | 0xFF66..=0xFFDC
        | 0x1B000..=0x1B16F | 0x20000..=0x3FFFF)
}

/// What stands inside words without being part of them: joiners that are not seen, and soft hyphens.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200C}' | '\u{200D}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}')
}

fn class(c: char, before: Class) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Gap };
    }
    if is_combining_mark(c) || is_unseen(c) {
        return before;
    }
    match (c.is_alphanumeric(), is_dense(c)) {
        (true, true) => Class::Dense,
        (true, false) => Class::Word,
        (false, _) => Class::Gap,
    }
}

/// `_` joins identifiers; hyphens and apostrophes join words of prose too.
fn joiner(c: char) -> Option<bool> {
    match c {
        '_' => Some(false),
        '-' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}' => Some(true),
        _ => None,
    }
}

/// Case, accents, width and compatibility forms do not count.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(LONGEST)
            .map(|c| c.to_ascii_lowercase())
            .collect();
    }
    let lower: String = text.nfkd().flat_map(char::to_lowercase).collect();
    let mut plain = String::with_capacity(lower.len());
    for c in lower.nfkd() {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ς' => plain.push('σ'),
            'ı' => plain.push('i'),
            c if is_accent(c) => {}
            c if c.is_alphanumeric() || is_combining_mark(c) => plain.push(c),
            _ => {}
        }
    }
    plain.nfc().take(LONGEST).collect()
}

/// Marks that a reader may leave out when typing: not the vowels of Indic scripts, not the voicing of kana.
fn is_accent(c: char) -> bool {
    matches!(c as u32,
        0x0300..=0x036F | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670
        | 0x06D6..=0x06ED | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

/// Every term of a text in its order, until `take` breaks off.
pub fn walk(text: &str, take: &mut impl FnMut(Term) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut at = 0;
    while let Some((start, kind)) = next_run(text, at) {
        let end = run_end(text, start, kind);
        at = if kind == Class::Dense {
            dense(text, start..end, take)?;
            end
        } else {
            identifier(text, start..end, take)?
        };
    }
    ControlFlow::Continue(())
}

fn next_run(text: &str, from: usize) -> Option<(usize, Class)> {
    text[from..].char_indices().find_map(|(at, c)| {
        let kind = class(c, Class::Gap);
        (kind != Class::Gap).then_some((from + at, kind))
    })
}

fn run_end(text: &str, start: usize, kind: Class) -> usize {
    let end = text[start..].char_indices().find(|(_, c)| class(*c, kind) != kind);
    end.map_or(text.len(), |(at, _)| start + at)
}

/// Words joined by `_`, `-` or `'`. Returns where it ends.
fn identifier(
    text: &str,
    first: Range<usize>,
    take: &mut impl FnMut(Term) -> ControlFlow<()>,
) -> ControlFlow<(), usize> {
    let mut parts = Vec::new();
    let (mut end, mut loose) = (first.end, true);
    split_word(text, first.clone(), &mut parts, &mut loose);
    while let Some(c) = text[end..].chars().next()
        && let Some(prose) = joiner(c)
        && let Some(next) = text[end + c.len_utf8()..].chars().next()
        && class(next, Class::Gap) == Class::Word
    {
        loose &= prose;
        let start = end + c.len_utf8();
        end = run_end(text, start, Class::Word);
        split_word(text, start..end, &mut parts, &mut loose);
        if parts.len() > MOST_PARTS {
            break;
        }
    }
    let whole = (2..=MOST_PARTS).contains(&parts.len());
    let mut joined = String::new();
    for part in parts {
        let folded = fold(&text[part.clone()]);
        if folded.is_empty() {
            continue;
        }
        if whole {
            joined.push_str(&folded);
        }
        emit(take, folded, part, Kind::Body)?;
    }
    if whole && !joined.is_empty() {
        let joined = joined.chars().take(LONGEST).collect();
        emit(take, joined, first.start..end, Kind::Whole { loose })?;
    }
    ControlFlow::Continue(end)
}

/// `getUserById2` into `get`, `User`, `By`, `Id`, `2`; `HTTPServer` into `HTTP`, `Server`.
fn split_word(text: &str, word: Range<usize>, parts: &mut Vec<Range<usize>>, loose: &mut bool) {
    let (mut edges, mut digit_edges) = (Vec::new(), 0);
    let mut before: Option<char> = None;
    let mut chars =
        text[word.clone()].char_indices().filter(|(_, c)| !is_combining_mark(*c) && !is_unseen(*c)).peekable();
    let mut length = 0;
    while let Some((at, c)) = chars.next() {
        length += 1;
        if length > LONGEST {
            break;
        }
        if let Some(last) = before {
            let digit_edge = last.is_numeric() != c.is_numeric();
            let camel = c.is_uppercase()
                && (last.is_lowercase()
                    || last.is_uppercase() && chars.peek().is_some_and(|(_, next)| next.is_lowercase()));
            digit_edges += usize::from(digit_edge);
            if digit_edge || camel {
                edges.push(word.start + at);
            }
        }
        before = Some(c);
    }
    if length > LONGEST || digit_edges > MOST_DIGIT_EDGES || edges.len() >= MOST_PARTS {
        edges.clear();
    }
    *loose &= edges.is_empty();
    let mut start = word.start;
    for edge in edges {
        parts.push(start..edge);
        start = edge;
    }
    parts.push(start..word.end);
}

/// A run without spaces: every two neighbours, so that any piece of two or more is found.
fn dense(text: &str, run: Range<usize>, take: &mut impl FnMut(Term) -> ControlFlow<()>) -> ControlFlow<()> {
    let units = text[run.clone()].grapheme_indices(true).filter_map(|(at, unit)| {
        let folded = fold(unit);
        (!folded.is_empty()).then(|| (run.start + at..run.start + at + unit.len(), folded))
    });
    let mut before: Option<(Range<usize>, String)> = None;
    let mut pairs = 0;
    for (at, folded) in units {
        if let Some((last_at, last)) = before.take() {
            let text = last + &folded;
            pairs += 1;
            take(Term { text, at: last_at.start..at.end, head: last_at.end, kind: Kind::Body })?;
        }
        before = Some((at, folded));
    }
    match before {
        Some((at, folded)) if pairs == 0 => emit(take, folded, at, Kind::Body),
        Some((at, folded)) => emit(take, folded, at, Kind::Tail),
        None => ControlFlow::Continue(()),
    }
}

fn emit(take: &mut impl FnMut(Term) -> ControlFlow<()>, text: String, at: Range<usize>, kind: Kind) -> ControlFlow<()> {
    let head = at.end;
    take(Term { text, at, head, kind })
}

/// All terms of a short text.
#[must_use]
pub fn terms(text: &str) -> Vec<Term> {
    let mut all = Vec::new();
    let _ = walk(text, &mut |term| {
        all.push(term);
        if all.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    all
}

/// Whether a term is a single character of an unspaced script.
#[must_use]
pub fn is_one_dense(term: &str) -> bool {
    term.chars().next().is_some_and(is_dense) && term.graphemes(true).count() == 1
}

/// The columns `body` and `whole` of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Terms in order.
    pub body: String,
    /// Joined identifiers and last characters.
    pub whole: String,
    count: usize,
}

impl Columns {
    /// Adds a piece of text, up to [`MOST`] terms in all.
    pub fn add(&mut self, text: &str) {
        let _ = walk(text, &mut |term| {
            if self.count >= MOST {
                return ControlFlow::Break(());
            }
            self.count += 1;
            let column = if term.kind == Kind::Body { &mut self.body } else { &mut self.whole };
            if !column.is_empty() {
                column.push(' ');
            }
            column.push_str(&term.text);
            ControlFlow::Continue(())
        });
    }

    /// The columns of one text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut columns = Self::default();
        columns.add(text);
        columns
    }
}
