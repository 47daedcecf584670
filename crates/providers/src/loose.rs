//! JSON values read without insisting on their type: a field of a wrong type reads as absent, because each vendor
//! has its own idea of what may be null, a number or a text.

use std::{borrow::Cow, fmt, ops::RangeInclusive};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::json::{Json, Object};

/// JSON text as far as it can be read: what is no UTF-8, and each half of a surrogate pair that was escaped without the
/// other, becomes U+FFFD. Gateways that cut text by UTF-16 units write such halves, and no JSON parser takes them.
pub(crate) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    match mended(&text) {
        Some(mended) => Cow::Owned(mended),
        None => text,
    }
}

/// The text without halves of pairs; `None` where it has none.
fn mended(text: &str) -> Option<String> {
    const HIGH: RangeInclusive<u16> = 0xD800..=0xDBFF;
    const LOW: RangeInclusive<u16> = 0xDC00..=0xDFFF;
    let unit = |at: usize| text.get(at..at + 6)?.strip_prefix("\\u").and_then(|hex| u16::from_str_radix(hex, 16).ok());
    let mut halves = Vec::new();
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', text.as_bytes().get(from..)?) {
        let at = from + found;
        from = match unit(at) {
            Some(high) if HIGH.contains(&high) && unit(at + 6).is_some_and(|low| LOW.contains(&low)) => at + 12,
            Some(half) if HIGH.contains(&half) || LOW.contains(&half) => {
                halves.push(at);
                at + 6
            }
            // Also the second of two backslashes is taken.
            _ => at + 2,
        };
        if from >= text.len() {
            break;
        }
    }
    let first = *halves.first()?;
    let mut out = text[..first].to_owned();
    for (n, at) in halves.iter().enumerate() {
        out.push_str("\\ufffd");
        out.push_str(&text[at + 6..halves.get(n + 1).copied().unwrap_or(text.len())]);
    }
    Some(out)
}

/// A string; empty where the wire has null, nothing, or something else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Text<'_> {
    /// The text, unless it is empty.
    pub(crate) fn some(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }
}

/// A number that may be null, a float, a text, or nonsense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) Option<u64>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or nothing")
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(v)))
    }
    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_owned())))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::default())
    }
    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(v.to_string())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count or nothing")
    }
    fn visit_u64<E>(self, v: u64) -> Result<Count, E> {
        Ok(Count(Some(v)))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Count, E> {
        Ok(Count(Some(u64::try_from(v).unwrap_or(0))))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Count, E> {
        // The cast saturates, and NaN cannot stand in JSON.
        Ok(Count(Some(v.round() as u64)))
    }
    fn visit_str<E>(self, v: &str) -> Result<Count, E> {
        Ok(Count(v.trim().parse().ok()))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(None))
    }
    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Count(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count(None))
    }
}

/// An object whose fields keep their order and their text.
pub(crate) struct Fields<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl Fields<'_> {
    /// The text of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.0 == name).map(|(_, value)| value.get())
    }

    /// The object's text, with other values for some of its fields. `None` where a value is no JSON.
    pub(crate) fn with(&self, values: &[(&str, &str)]) -> Option<String> {
        let mut object = Object::new();
        for (name, value) in &self.0 {
            object.set(&name.0, Json::raw(value.get())?);
        }
        for (name, value) in values {
            object.set(name, Json::raw(value)?);
        }
        Some(Json::from(object).text())
    }
}

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
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
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

    #[test]
    fn halves_of_pairs_are_replaced_and_nothing_else_is_touched() {
        let table = [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDC4Bb""#, r#""\ufffdb""#),
            (r#""\ud83d\ud83d\udc4b""#, r#""\ufffd\ud83d\udc4b""#),
            (r#""\udc4b\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83dx\u00e9""#, r#""\ufffdx\u00e9""#),
        ];
        for (broken, whole) in table {
            assert_eq!(readable(broken.as_bytes()), whole, "{broken}");
            assert!(serde_json::from_str::<String>(whole).is_ok());
        }
        for whole in [r#""\ud83d\udc4b""#, r#""\\ud83d""#, r#""\u12"#, "\\", r"\\ü\ü", "\"ü\"", ""] {
            assert!(matches!(readable(whole.as_bytes()), Cow::Borrowed(text) if text == whole), "{whole}");
        }
        assert_eq!(readable(b"\xff\\udc00"), "\u{fffd}\\ufffd");
    }
}
