//! `reasoning_details` (OpenRouter and others): fragments of readable reasoning, signatures and encrypted blocks that
//! must go back on the next turn. Fragments of one text are joined; everything else stays byte for byte.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::wire::Text;
use crate::{ChatEvent, OpaqueData};

/// The kind of the opaque data this dialect makes.
pub(super) const KIND: &str = "reasoning_details";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    summary: Text<'a>,
    #[serde(borrow)]
    index: Text<'a>,
}

/// The item under way, as its first fragment had it, and what came after.
#[derive(Debug)]
struct Open {
    block: u32,
    kind: String,
    index: String,
    first: String,
    more: Option<More>,
}

#[derive(Debug)]
struct More {
    text: String,
    fields: Map<String, Value>,
}

/// The details of one answer.
#[derive(Debug, Default)]
pub(super) struct Details {
    open: Option<Open>,
}

/// The readable text of an element of the list.
pub(super) fn readable(raw: &RawValue) -> Option<String> {
    let items: Vec<Detail<'_>> = serde_json::from_str(raw.get()).ok()?;
    let text: String = items.iter().map(Detail::words).collect();
    (!text.is_empty()).then_some(text)
}

impl Details {
    /// Takes the list of one chunk. Finished items come out. Returns the bytes kept.
    pub(super) fn push(&mut self, raw: &RawValue, block: u32, out: &mut Vec<ChatEvent>) -> usize {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else { return 0 };
        for item in items {
            let Ok(detail) = serde_json::from_str::<Detail<'_>>(item.get()) else { continue };
            if !self.continues(&detail, item.get()) {
                self.end(out);
                self.open = Some(Open {
                    block,
                    kind: detail.kind.0.into_owned(),
                    index: detail.index.0.into_owned(),
                    first: item.get().to_owned(),
                    more: None,
                });
            }
        }
        raw.get().len()
    }

    /// Hands out the item under way.
    pub(super) fn end(&mut self, out: &mut Vec<ChatEvent>) {
        let Some(open) = self.open.take() else { return };
        let block = open.block;
        out.push(ChatEvent::Opaque { block, data: OpaqueData { kind: KIND.to_owned(), json: open.json() } });
    }

    /// Joins a fragment to the item under way, where it belongs to it.
    fn continues(&mut self, detail: &Detail<'_>, raw: &str) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        let joinable = matches!(&*detail.kind.0, "reasoning.text" | "reasoning.summary");
        if !joinable || open.kind != detail.kind.0 || open.index != detail.index.0 {
            return false;
        }
        let Ok(fields) = serde_json::from_str::<Map<String, Value>>(raw) else { return false };
        let more = open.more.get_or_insert_with(|| More { text: String::new(), fields: Map::new() });
        more.text.push_str(detail.words());
        more.fields.extend(fields.into_iter().filter(|(_, v)| !v.is_null()));
        true
    }
}

impl Detail<'_> {
    fn words(&self) -> &str {
        if self.text.0.is_empty() { &self.summary.0 } else { &self.text.0 }
    }
}

impl Open {
    fn json(self) -> String {
        let Some(more) = self.more else { return self.first };
        let key = if self.kind == "reasoning.summary" { "summary" } else { "text" };
        let mut item: Map<String, Value> = serde_json::from_str(&self.first).unwrap_or_default();
        let mut text = item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        text.push_str(&more.text);
        item.extend(more.fields);
        item.insert(key.to_owned(), Value::String(text));
        Value::Object(item).to_string()
    }
}
