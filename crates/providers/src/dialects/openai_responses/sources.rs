//! Citations: pages, files, and files of a container.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{ChatEvent, loose::Text};

/// More sources than anybody reads; what comes after them is dropped.
const MOST: usize = 500;

/// Every kind of annotation in one shape; each has some of the fields.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotation<'a> {
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    filename: Text<'a>,
    #[serde(borrow)]
    file_id: Text<'a>,
}

/// The sources of one answer, each told once.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<ChatEvent>);

impl Sources {
    /// Takes one annotation.
    pub(super) fn push(&mut self, raw: &str, out: &mut Vec<ChatEvent>) {
        let Ok(annotation) = serde_json::from_str::<Annotation<'_>>(raw) else { return };
        let names = [&annotation.title, &annotation.filename, &annotation.file_id];
        let event = ChatEvent::Citation {
            url: annotation.url.some().map(str::to_owned),
            title: names.iter().find_map(|name| name.some()).map(str::to_owned),
            text: None,
        };
        let says_something = !matches!(&event, ChatEvent::Citation { url: None, title: None, .. });
        if says_something && self.0.len() < MOST && !self.0.contains(&event) {
            self.0.push(event.clone());
            out.push(event);
        }
    }

    /// Takes a list of them.
    pub(super) fn all(&mut self, raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        let list = raw.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        for annotation in list.into_iter().flatten() {
            self.push(annotation.get(), out);
        }
    }
}
