//! Citations: lists that come again with every chunk (Perplexity), and annotations (OpenAI, OpenRouter).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::Text;
use crate::ChatEvent;

/// More sources than anybody reads; what comes after them is dropped.
const MOST: usize = 500;

/// One source, as far as it is known.
#[derive(Debug, Default, PartialEq)]
struct Source {
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
}

/// The sources of one answer.
#[derive(Debug, Default)]
pub(super) struct Sources {
    citations: String,
    results: String,
    annotated: Vec<Source>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchResult<'a> {
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    snippet: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotation<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    url_citation: Option<UrlCitation<'a>>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UrlCitation<'a> {
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    content: Text<'a>,
}

impl Sources {
    /// Takes the lists of one chunk. The last ones count.
    pub(super) fn lists(&mut self, citations: Option<&RawValue>, results: Option<&RawValue>) {
        for (kept, new) in [(&mut self.citations, citations), (&mut self.results, results)] {
            if let Some(new) = new.map(RawValue::get)
                && new.len() > 2
                && kept != new
            {
                kept.clear();
                kept.push_str(new);
            }
        }
    }

    /// Takes the annotations of one delta.
    pub(super) fn annotations(&mut self, raw: &RawValue) {
        let Ok(annotations) = serde_json::from_str::<Vec<Annotation<'_>>>(raw.get()) else { return };
        for annotation in annotations {
            let source = match annotation.url_citation {
                Some(citation) => source(&citation.url, &citation.title, &citation.content),
                None if annotation.kind.0 == "url_citation" => {
                    source(&annotation.url, &annotation.title, &Text::default())
                }
                None => continue,
            };
            if self.annotated.len() < MOST && !self.annotated.contains(&source) {
                self.annotated.push(source);
            }
        }
    }

    /// Hands out every source once: those the text points to by number first, in their order.
    pub(super) fn end(&mut self, out: &mut Vec<ChatEvent>) {
        let results: Vec<SearchResult<'_>> = serde_json::from_str(&self.results).unwrap_or_default();
        let citations: Vec<Text<'_>> = serde_json::from_str(&self.citations).unwrap_or_default();
        let mut all: Vec<Source> = Vec::new();
        let results = &results[..results.len().min(MOST)];
        for url in citations.iter().filter_map(Text::some).take(MOST) {
            let known = results.iter().find(|r| r.url.0 == url);
            all.push(known.map_or_else(
                || Source { url: Some(url.to_owned()), ..Source::default() },
                |r| source(&r.url, &r.title, &r.snippet),
            ));
        }
        for result in results {
            if !all.iter().any(|s| s.url.as_deref() == result.url.some()) {
                all.push(source(&result.url, &result.title, &result.snippet));
            }
        }
        all.append(&mut self.annotated);
        let known = |s: &Source| s.url.is_some() || s.title.is_some() || s.text.is_some();
        out.extend(all.into_iter().filter(known).map(|s| ChatEvent::Citation {
            url: s.url,
            title: s.title,
            text: s.text,
        }));
    }
}

fn source(url: &Text<'_>, title: &Text<'_>, text: &Text<'_>) -> Source {
    let own = |t: &Text<'_>| t.some().map(str::to_owned);
    Source { url: own(url), title: own(title), text: own(text) }
}
