//! The shapes of the wire, borrowed from the bytes. A field of a wrong type reads as absent.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

use crate::loose::{Count, Text};

/// One event of a stream.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) index: Count,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) delta: Single<Delta<'a>>,
}

/// What an event adds, or how the message ends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) message: Single<DeltaMessage<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// What is added to the message: of each kind one, where a whole message has lists.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DeltaMessage<'a> {
    #[serde(borrow)]
    pub(super) content: Single<Content<'a>>,
    #[serde(borrow)]
    pub(super) tool_plan: Text<'a>,
    #[serde(borrow)]
    pub(super) tool_calls: Single<ToolCall<'a>>,
    #[serde(borrow)]
    pub(super) citations: Option<&'a RawValue>,
}

/// A whole answer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Whole<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) usage: Option<&'a RawValue>,
}

/// The message of a whole answer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_plan: Text<'a>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) citations: Option<&'a RawValue>,
}

/// A piece of content: text, or thinking.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) text: Text<'a>,
    #[serde(borrow)]
    pub(super) thinking: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) function: Single<Function<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    /// JSON text in a string by the book; some stand-ins send the object itself.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// The text of arguments, or of a piece of them.
pub(super) fn arguments<'a>(raw: Option<&'a RawValue>) -> Cow<'a, str> {
    match raw.map(RawValue::get) {
        Some(text) if text.starts_with('"') => serde_json::from_str::<Text<'a>>(text).unwrap_or_default().0,
        Some(text) if text != "null" => Cow::Borrowed(text),
        _ => Cow::Borrowed(""),
    }
}

/// The items of a list; what is none has none, and an item of another shape is left out.
pub(super) fn items<'a, T: Deserialize<'a> + Default>(raw: Option<&'a RawValue>) -> Vec<T> {
    let list = raw.and_then(|raw| serde_json::from_str::<Vec<Single<T>>>(raw.get()).ok());
    list.into_iter().flatten().map(|Single(item)| item).collect()
}

/// A raw value that says something: not null, not empty.
pub(super) fn filled(raw: Option<&RawValue>) -> Option<&str> {
    raw.map(RawValue::get).filter(|text| !matches!(*text, "null" | "\"\"" | "{}" | "[]"))
}

/// An object; everything else, the empty lists at the beginning of a stream too, reads as one without fields.
#[derive(Default)]
pub(super) struct Single<T>(pub(super) T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Single<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SingleVisitor(PhantomData))
    }
}

struct SingleVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for SingleVisitor<T> {
    type Value = Single<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or nothing")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Single)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Single::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Single::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Single::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Single::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Single::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Single::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Single::default())
    }
}
