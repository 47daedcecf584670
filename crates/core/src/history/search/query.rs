//! What a person typed, as words and filters. Anything that is no filter we know is searched as text.

use std::ops::Range;

/// Words, phrases and filters that count; more are ignored.
const MOST: usize = 32;

/// A search, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// What must or must not occur.
    pub words: Vec<Word>,
    /// What else must hold.
    pub filters: Vec<Filter>,
}

/// A word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As typed, without quotes.
    pub text: String,
    /// It stood in quotes.
    pub phrase: bool,
    /// It stood behind `-`.
    pub excluded: bool,
    /// It is being typed: nothing follows it.
    pub open: bool,
}

/// A filter and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What it asks.
    pub what: What,
    /// It stood behind `-`.
    pub negated: bool,
    /// Bytes of the query.
    pub at: Range<usize>,
}

/// What a filter asks.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// `from:you`.
    You,
    /// `from:model`.
    AnyModel,
    /// `model:` with the beginning of its name or of a part of it.
    Model(String),
    /// `provider:` with its name or vendor.
    Provider(String),
    /// `has:code`.
    Code,
    /// `has:image`.
    Image,
    /// `has:attachment`.
    Attachment,
    /// `before:` a day, itself not included.
    Before(String),
    /// `after:` a day, itself included.
    After(String),
    /// `is:failed`.
    Failed,
    /// `in:archive`.
    Archive,
    /// `in:trash`.
    Trash,
    /// `cost:>0.10` in nano-USD.
    Cost(Compare, i64),
}

/// How an amount compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// More than.
    Above,
    /// At least.
    From,
    /// Less than.
    Below,
    /// At most.
    To,
}

/// Reads a query; every text is one.
#[must_use]
pub fn parse(text: &str) -> Query {
    let mut query = Query::default();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| !c.is_whitespace()).map(|gap| at + gap) {
        let token = token(text, start);
        at = token.end;
        if query.words.len() + query.filters.len() >= MOST {
            break;
        }
        match token.key.and_then(|key| what(&key.to_ascii_lowercase(), token.value)) {
            Some(what) => query.filters.push(Filter { what, negated: token.negated, at: start..at }),
            None => query.words.push(Word {
                text: if token.key.is_some() { token.whole } else { token.value }.to_owned(),
                phrase: token.quoted && token.key.is_none(),
                excluded: token.negated,
                open: at == text.len() && !token.closed,
            }),
        }
    }
    query
}

struct Token<'a> {
    negated: bool,
    key: Option<&'a str>,
    value: &'a str,
    whole: &'a str,
    quoted: bool,
    closed: bool,
    end: usize,
}

/// `-`, then `key:`, then a word or something in quotes; all but the last may be missing.
fn token(text: &str, start: usize) -> Token<'_> {
    let rest = &text[start..];
    let negated = rest.starts_with('-') && rest[1..].chars().next().is_some_and(|c| !c.is_whitespace() && c != '-');
    let body_at = start + usize::from(negated);
    let body = &text[body_at..];
    let word_end = body.find(char::is_whitespace).unwrap_or(body.len());
    let key_end =
        body[..word_end].find(':').filter(|at| *at > 0 && body[..*at].bytes().all(|b| b.is_ascii_alphabetic()));
    let value_at = key_end.map_or(0, |at| at + 1);
    if let Some(quoted) = body[value_at..].strip_prefix('"') {
        let (inner, closed) = quoted.find('"').map_or((quoted, false), |end| (&quoted[..end], true));
        let end = body_at + value_at + 1 + inner.len() + usize::from(closed);
        let (key, whole) = (key_end.map(|at| &body[..at]), &text[body_at..end]);
        return Token { negated, key, value: inner, whole, quoted: true, closed, end };
    }
    let whole = &body[..word_end];
    let (key, value) = (key_end.map(|at| &body[..at]), &body[value_at..word_end]);
    Token { negated, key, value, whole, quoted: false, closed: false, end: body_at + word_end }
}

fn what(key: &str, value: &str) -> Option<What> {
    let folded = value.to_lowercase();
    match (key, folded.as_str()) {
        (_, "") => None,
        ("from", "you" | "me") => Some(What::You),
        ("from", "model") => Some(What::AnyModel),
        ("model", _) => Some(What::Model(value.to_owned())),
        ("provider", _) => Some(What::Provider(value.to_owned())),
        ("has", "code") => Some(What::Code),
        ("has", "image") => Some(What::Image),
        ("has", "attachment" | "file") => Some(What::Attachment),
        ("before", day) => is_day(day).then(|| What::Before(day.to_owned())),
        ("after", day) => is_day(day).then(|| What::After(day.to_owned())),
        ("is", "failed") => Some(What::Failed),
        ("in", "archive") => Some(What::Archive),
        ("in", "trash") => Some(What::Trash),
        ("cost", amount) => cost(amount),
        _ => None,
    }
}

/// `YYYY-MM-DD`, a day that the calendar has.
fn is_day(text: &str) -> bool {
    let digits = |at: Range<usize>| text.get(at).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let shaped = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let parts = (digits(0..4), digits(5..7), digits(8..10));
    let (Some(year), Some(month), Some(day)) = parts else { return false };
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let year = i32::try_from(number(year)).unwrap_or(0);
    shaped && year > 0 && chrono::NaiveDate::from_ymd_opt(year, number(month), number(day)).is_some()
}

fn cost(text: &str) -> Option<What> {
    let (compare, amount) = [(">=", Compare::From), ("<=", Compare::To), (">", Compare::Above), ("<", Compare::Below)]
        .iter()
        .find_map(|(sign, compare)| text.strip_prefix(sign).map(|rest| (*compare, rest)))?;
    let amount = amount.strip_prefix('$').unwrap_or(amount);
    Some(What::Cost(compare, nano(amount)?))
}

/// Decimal US dollars into nano-USD, without floats on the way; up to a million.
fn nano(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str, most| text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 6) || !digits(part, 9) || whole.is_empty() && part.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: i64 = format!("{part:0<9}").parse().ok()?;
    Some(whole * 1_000_000_000 + part)
}
