//! `reasoning_details` (OpenRouter and others): fragments of readable reasoning, signatures and encrypted blocks that
//! must go back on the next turn. Fragments of one text are joined; every other
//! field and item stays byte for byte.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::wire::Text;
use crate::{
    ChatEvent, OpaqueData,
    json::{Json, Object},
};

/// The kind of the opaque data this dialect makes.
pub(super) const KIND: &str = "reasoning_details";
/// The kind of Copilot's, which goes back as one JSON string.
pub(super) const OPAQUE: &str = "reasoning_opaque";

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

/// What later fragments add: text to the end of the text, everything else in place of what was there.
#[derive(Debug, Default)]
struct More {
    text: String,
    fields: Vec<(String, Box<RawValue>)>,
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
    /// Takes the list of one chunk. Finished items come out; a text whose end does not come never does, because its
    /// signature would be missing. Returns the bytes kept.
    pub(super) fn push(&mut self, raw: &RawValue, block: u32, out: &mut Vec<ChatEvent>) -> usize {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else { return 0 };
        for item in items {
            let Ok(detail) = serde_json::from_str::<Detail<'_>>(item.get()) else { continue };
            if !self.continues(&detail, item.get()) {
                self.end(out);
                if !detail.is_text() {
                    out.push(event(block, item.get().to_owned()));
                    continue;
                }
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
        out.push(event(open.block, open.json()));
    }

    /// Joins a fragment to the item under way, where it belongs to it.
    fn continues(&mut self, detail: &Detail<'_>, raw: &str) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        if !detail.is_text() || open.kind != detail.kind.0 || open.index != detail.index.0 {
            return false;
        }
        let Ok(Fields(fields)) = serde_json::from_str::<Fields<'_>>(raw) else { return false };
        let more = open.more.get_or_insert_default();
        more.text.push_str(detail.words());
        for (name, value) in fields {
            // What every fragment repeats is there already.
            if !matches!(&*name, "type" | "index" | "format" | "text" | "summary") && value.get() != "null" {
                more.fields.retain(|(known, _)| *known != name);
                more.fields.push((name.into_owned(), value.to_owned()));
            }
        }
        true
    }
}

fn event(block: u32, json: String) -> ChatEvent {
    ChatEvent::Opaque { block, data: OpaqueData { kind: KIND.to_owned(), json } }
}

impl Detail<'_> {
    /// True for readable text, which comes in fragments. Everything else comes whole.
    fn is_text(&self) -> bool {
        matches!(&*self.kind.0, "reasoning.text" | "reasoning.summary")
    }

    fn words(&self) -> &str {
        if self.text.0.is_empty() { &self.summary.0 } else { &self.text.0 }
    }
}

impl Open {
    /// One item. What is not readable text keeps its bytes: a signature must go back as it came.
    fn json(self) -> String {
        let Some(more) = self.more else { return self.first };
        let key = if self.kind == "reasoning.summary" { "summary" } else { "text" };
        let Ok(Fields(fields)) = serde_json::from_str::<Fields<'_>>(&self.first) else { return self.first };
        let mut item = Object::new();
        let mut text = String::new();
        for (name, value) in fields {
            if name == key {
                text = serde_json::from_str(value.get()).unwrap_or_default();
            }
            item.set(&name, Json::Raw(value.to_owned()));
        }
        text.push_str(&more.text);
        item.set(key, text);
        for (name, value) in more.fields {
            item.set(&name, Json::Raw(value));
        }
        Json::from(item).text()
    }
}

/// The fields of an object in their order, each with its text as it is.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(Text(name)) = map.next_key()? {
                    fields.push((name, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(fragments: &[&str]) -> Vec<String> {
        let mut details = Details::default();
        let mut out = Vec::new();
        for fragment in fragments {
            let raw = RawValue::from_string((*fragment).to_owned()).unwrap();
            details.push(&raw, 0, &mut out);
        }
        details.end(&mut out);
        out.into_iter()
            .map(|e| if let ChatEvent::Opaque { data, .. } = e { data.json } else { String::new() })
            .collect()
    }

    #[test]
    fn fragments_of_a_text_are_one_and_its_signature_keeps_its_bytes() {
        let got = joined(&[
            r#"[{"type":"reasoning.text","text":"a\n","format":"anthropic-claude-v1","index":0,"signature":null}]"#,
            r#"[{"type":"reasoning.text","text":"b","format":"anthropic-claude-v1","index":0}]"#,
            r#"[{"type":"reasoning.text","signature":"x\/\u0041==","id":null,"index":0},{"type":"reasoning.encrypted", "data":"\/\u003d", "index":1}]"#,
        ]);
        let text = r#"{"type":"reasoning.text","text":"a\nb","format":"anthropic-claude-v1","index":0,"signature":"x\/\u0041=="}"#;
        assert_eq!(got, [text, r#"{"type":"reasoning.encrypted", "data":"\/\u003d", "index":1}"#]);
    }

    #[test]
    fn another_index_or_kind_is_another_item() {
        let items = [
            r#"[{"type":"reasoning.summary","summary":"a","index":0}]"#,
            r#"[{"type":"reasoning.summary","summary":"b","index":1}]"#,
            r#"[{"type":"reasoning.text","text":"c","index":1}]"#,
        ];
        assert_eq!(joined(&items), items.map(|i| i[1..i.len() - 1].to_owned()));
    }
}
