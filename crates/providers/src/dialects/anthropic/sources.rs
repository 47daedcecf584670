//! Citations: places in documents, web pages, search results.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{ChatEvent, loose::Text};

/// More sources than anybody reads; what comes after them is dropped.
const MOST: usize = 500;

/// Every location type in one shape; each has some of the fields.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    #[serde(borrow)]
    cited_text: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    document_title: Text<'a>,
    #[serde(borrow)]
    encrypted_index: Option<&'a RawValue>,
}

/// The sources of one answer, each told once.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<ChatEvent>);

impl Sources {
    /// Takes one citation. True where the wire wants it back on the next turn.
    ///
    /// Only those with an `encrypted_index` are: the vendor decrypts it there. Places in documents are not, because
    /// the vendor's answers hold a `file_id` in them that its requests refuse.
    pub(super) fn push(&mut self, raw: &str, out: &mut Vec<ChatEvent>) -> bool {
        let Ok(location) = serde_json::from_str::<Location<'_>>(raw) else { return false };
        let own = |text: &Text<'_>| text.some().map(str::to_owned);
        let event = ChatEvent::Citation {
            url: own(&location.url).or_else(|| own(&location.source)),
            title: own(&location.title).or_else(|| own(&location.document_title)),
            text: own(&location.cited_text),
        };
        let says_something = !matches!(&event, ChatEvent::Citation { url: None, title: None, text: None });
        if says_something && self.0.len() < MOST && !self.0.contains(&event) {
            self.0.push(event.clone());
            out.push(event);
        }
        location.encrypted_index.is_some()
    }
}
