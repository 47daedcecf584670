//! Citations: the web pages and documents an answer rests on (`groundingMetadata`), and texts it repeats
//! (`citationMetadata`). Both may come with several chunks; each source is handed out once.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::List;
use crate::{ChatEvent, loose::Text};

/// More sources than anybody reads; what comes after them is dropped.
const MOST: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Grounding<'a> {
    #[serde(borrow)]
    grounding_chunks: List<GroundingChunk<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct GroundingChunk<'a> {
    #[serde(borrow)]
    web: Option<Source<'a>>,
    #[serde(borrow)]
    retrieved_context: Option<Source<'a>>,
    #[serde(borrow)]
    maps: Option<Source<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Citations<'a> {
    #[serde(borrow, alias = "citationSources")]
    citations: List<Source<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Source<'a> {
    #[serde(borrow)]
    uri: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    text: Text<'a>,
}

/// The sources of one answer.
#[derive(Debug, Default)]
pub(super) struct Sources {
    seen: HashSet<String>,
}

impl Sources {
    /// Takes a `groundingMetadata`.
    pub(super) fn grounding(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(grounding) = serde_json::from_str::<Grounding<'_>>(raw.get()) else { return };
        for chunk in grounding.grounding_chunks.0 {
            if let Some(source) = chunk.web.or(chunk.retrieved_context).or(chunk.maps) {
                self.hand_out(&source, out);
            }
        }
    }

    /// Takes a `citationMetadata`.
    pub(super) fn citations(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(citations) = serde_json::from_str::<Citations<'_>>(raw.get()) else { return };
        citations.citations.0.iter().for_each(|source| self.hand_out(source, out));
    }

    fn hand_out(&mut self, source: &Source<'_>, out: &mut Vec<ChatEvent>) {
        let Some(name) = source.uri.some().or(source.title.some()).or(source.text.some()) else { return };
        if self.seen.len() == MOST || !self.seen.insert(name.to_owned()) {
            return;
        }
        let own = |text: &Text<'_>| text.some().map(str::to_owned);
        out.push(ChatEvent::Citation { url: own(&source.uri), title: own(&source.title), text: own(&source.text) });
    }
}
