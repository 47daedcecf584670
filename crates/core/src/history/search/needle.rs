//! One thing that is looked for: how the index is asked for it, and where it stands in a text.

use std::ops::Range;

use super::{
    query::Word,
    terms::{self, Kind, Term},
};

/// A word, an identifier or a phrase, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    /// Terms that follow each other.
    body: Vec<String>,
    /// The identifier it is as a whole.
    whole: Option<String>,
    /// As an identifier it may stand in parts, too: `tail-latency` finds `tail latency`.
    loose: bool,
    /// The last term is a beginning.
    prefix: bool,
}

impl Needle {
    /// What to look for; `None` for what holds no letter or digit. While `typing`, the last word is a beginning.
    #[must_use]
    pub fn of(word: &Word, typing: bool) -> Option<Self> {
        let all = terms::terms(&word.text);
        let body: Vec<&Term> = all.iter().filter(|term| term.kind == Kind::Body).collect();
        let (first, last) = (body.first()?, body.last()?);
        let whole = all.iter().find(|term| {
            matches!(term.kind, Kind::Whole { .. }) && term.at.start == first.at.start && term.at.end == last.at.end
        });
        let whole = whole.filter(|_| !word.phrase);
        let one_dense = terms::is_one_dense(&last.text);
        let dense = all.iter().any(|term| term.kind == Kind::Tail && term.at.end == last.at.end);
        let open = typing && word.open && !word.phrase && !word.excluded;
        let length = whole.unwrap_or(last).text.chars().nth(1);
        Some(Self {
            loose: matches!(whole.map(|term| term.kind), Some(Kind::Whole { loose: true })),
            whole: whole.map(|term| term.text.clone()),
            body: body.iter().map(|term| term.text.clone()).collect(),
            // Pairs begin with each character but the last, which stands alone.
            prefix: one_dense || open && !dense && length.is_some(),
        })
    }

    /// As an expression of the index.
    #[must_use]
    pub fn expression(&self) -> String {
        let star = if self.prefix { " *" } else { "" };
        // Terms hold letters, digits and marks only, so nothing in them can end the quotes.
        let runs: Vec<String> = self.runs().iter().map(|run| format!("\"{run}\"{star}")).collect();
        match runs.as_slice() {
            [one] => one.clone(),
            either => format!("({})", either.join(" OR ")),
        }
    }

    /// The runs of terms, parted by spaces, of which one has to stand in a message.
    #[must_use]
    pub fn runs(&self) -> Vec<String> {
        let parts = || self.body.join(" ");
        match &self.whole {
            None => vec![parts()],
            Some(whole) if self.loose => vec![whole.clone(), parts()],
            Some(whole) => vec![whole.clone()],
        }
    }

    /// The last term of a run is a beginning.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        self.prefix
    }

    /// Where it stands, as bytes, among the terms of a text.
    #[must_use]
    pub fn places(&self, all: &[Term]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        if let Some(whole) = &self.whole {
            // A plain word may be what this identifier is when joined, so every kind of term counts.
            places.extend(all.iter().filter(|term| self.fits(whole, &term.text, true)).map(|term| term.at.clone()));
        }
        if self.whole.is_none() || self.loose {
            let body: Vec<&Term> = all.iter().filter(|term| term.kind == Kind::Body).collect();
            places.extend(body.windows(self.body.len()).filter_map(|window| self.phrase_at(window)));
        }
        if let ([only], None) = (self.body.as_slice(), &self.whole) {
            let joined = all.iter().filter(|term| term.kind != Kind::Body);
            places.extend(joined.filter(|term| self.fits(only, &term.text, true)).map(|term| term.at.clone()));
        }
        places
    }

    fn phrase_at(&self, window: &[&Term]) -> Option<Range<usize>> {
        let end = self.body.len().checked_sub(1)?;
        let fit =
            self.body.iter().zip(window).enumerate().all(|(at, (mine, term))| self.fits(mine, &term.text, at == end));
        let (first, last) = (window.first()?, window.last()?);
        let one_dense = self.body.last().is_some_and(|term| *term != last.text && terms::is_one_dense(term));
        fit.then_some(first.at.start..if one_dense { last.head } else { last.at.end })
    }

    fn fits(&self, mine: &str, other: &str, last: bool) -> bool {
        if self.prefix && last { other.starts_with(mine) } else { mine == other }
    }
}
