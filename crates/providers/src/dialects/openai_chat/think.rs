//! Reasoning between `<think>` and `</think>` at the very beginning of the text, cut anywhere.

const OPENING: &str = "<think>";
const CLOSING: &str = "</think>";
/// So much white space may come before the opening tag, in bytes.
const LEAD: usize = 64;

#[derive(Debug, Default)]
enum State {
    /// Nothing but white space and a piece of the opening tag so far.
    #[default]
    Before,
    Inside,
    /// Between the closing tag and the first word of the text.
    Gap,
    After,
}

/// Splits text from reasoning.
#[derive(Debug, Default)]
pub(super) struct Think {
    state: State,
    /// What may still turn out to be a piece of a tag.
    held: String,
}

impl Think {
    /// Takes more text; `sink` gets the pieces, true for reasoning.
    pub(super) fn push(&mut self, text: &str, sink: &mut impl FnMut(bool, &str)) {
        if matches!(self.state, State::After) {
            return sink(false, text);
        }
        self.held.push_str(text);
        let held = std::mem::take(&mut self.held);
        self.held = self.split(&held, sink).to_owned();
    }

    /// Hands out what is held back.
    pub(super) fn end(&mut self, sink: &mut impl FnMut(bool, &str)) {
        let held = std::mem::take(&mut self.held);
        sink(matches!(self.state, State::Inside), &held);
    }

    /// Returns what cannot be decided yet.
    fn split<'a>(&mut self, held: &'a str, sink: &mut impl FnMut(bool, &str)) -> &'a str {
        let mut rest = held;
        loop {
            match self.state {
                State::Before => {
                    let bare = rest.trim_start();
                    if let Some(inside) = bare.strip_prefix(OPENING) {
                        self.state = State::Inside;
                        rest = inside.trim_start_matches('\n');
                    } else if OPENING.starts_with(bare) && rest.len() <= LEAD {
                        return rest;
                    } else {
                        self.state = State::After;
                    }
                }
                State::Inside => {
                    if let Some(at) = rest.find(CLOSING) {
                        sink(true, &rest[..at]);
                        self.state = State::Gap;
                        rest = &rest[at + CLOSING.len()..];
                    } else {
                        let keep = tail_of_tag(rest);
                        sink(true, &rest[..rest.len() - keep]);
                        return &rest[rest.len() - keep..];
                    }
                }
                State::Gap => {
                    rest = rest.trim_start();
                    if rest.is_empty() {
                        return rest;
                    }
                    self.state = State::After;
                }
                State::After => {
                    sink(false, rest);
                    return "";
                }
            }
        }
    }
}

/// How many bytes at the end may begin the closing tag.
fn tail_of_tag(text: &str) -> usize {
    (1..CLOSING.len()).rev().find(|n| text.ends_with(&CLOSING[..*n])).unwrap_or(0)
}
