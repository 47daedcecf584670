//! Citations: which words of the answer stand on which document, or on which result of a tool.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::{Single, items};
use crate::{ChatEvent, loose::Text};

/// More sources than anybody reads; what comes after them is dropped.
const MOST: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Citation<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    sources: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Source<'a> {
    #[serde(borrow)]
    document: Single<Place<'a>>,
    /// The result as an object: the tool's own, where it was one.
    #[serde(borrow)]
    tool_output: Single<Place<'a>>,
}

/// What documents are usually said to be, by those who send them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Place<'a> {
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
}

/// The sources of one answer, each told once.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<ChatEvent>);

impl Sources {
    /// Takes one citation: the words of the answer with the first source, further sources by themselves.
    pub(super) fn push(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(Single(citation)) = serde_json::from_str::<Single<Citation<'_>>>(raw.get()) else { return };
        let own = |text: &Text<'_>| text.some().map(str::to_owned);
        let sources = items::<Source<'_>>(citation.sources);
        let mut places = sources.iter().map(|source| {
            let (document, result) = (&source.document.0, &source.tool_output.0);
            let url = own(&document.url).or_else(|| own(&result.url));
            (url, own(&document.title).or_else(|| own(&result.title)))
        });
        let (url, title) = places.next().unwrap_or_default();
        self.tell(url, title, own(&citation.text), out);
        places.for_each(|(url, title)| self.tell(url, title, None, out));
    }

    fn tell(&mut self, url: Option<String>, title: Option<String>, text: Option<String>, out: &mut Vec<ChatEvent>) {
        let says_something = url.is_some() || title.is_some() || text.is_some();
        let event = ChatEvent::Citation { url, title, text };
        if says_something && self.0.len() < MOST && !self.0.contains(&event) {
            self.0.push(event.clone());
            out.push(event);
        }
    }
}
