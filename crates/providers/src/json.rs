//! JSON that is written: objects keep their order, and a vendor's own text goes out as the bytes it came in.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, json, value::RawValue};

/// How deep objects are merged into one another.
const MERGE_DEPTH: usize = 64;

/// A JSON value to be written.
#[derive(Clone, Debug)]
pub enum Json {
    /// Any value without opaque data in it.
    Value(Value),
    /// JSON text that must not change by a byte, e.g. opaque data of the vendor.
    Raw(Box<RawValue>),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Object),
}

impl Json {
    /// JSON text as it is; `None` where it is no JSON.
    pub fn raw(text: &str) -> Option<Self> {
        RawValue::from_string(text.to_owned()).ok().map(Self::Raw)
    }

    /// The arguments of a tool call as they are, where they are an object. Broken ones are wrapped the way Anthropic's
    /// guide to fine-grained tool streaming says.
    pub(crate) fn arguments(text: &str) -> Self {
        let object = Some(text.trim()).filter(|text| text.starts_with('{')).and_then(Self::raw);
        object.unwrap_or_else(|| match text.trim() {
            "" => json!({}).into(),
            _ => json!({ "INVALID_JSON": text }).into(),
        })
    }

    /// The text that goes over the wire.
    pub fn text(&self) -> String {
        // Writing to a string cannot fail: keys are strings, and there is no I/O.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Raw(raw) => raw.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl<T: Into<Value>> From<T> for Json {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl FromIterator<Json> for Json {
    fn from_iter<I: IntoIterator<Item = Json>>(items: I) -> Self {
        Self::List(items.into_iter().collect())
    }
}

/// A JSON object that keeps the order of its fields.
#[derive(Clone, Debug, Default)]
pub struct Object(Vec<(String, Json)>);

impl Object {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a field.
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.set(name, value);
        self
    }

    /// With a field, where there is a value for it.
    pub fn with_some(mut self, name: &str, value: Option<impl Into<Json>>) -> Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    /// Sets a field; one that is there keeps its place.
    pub fn set(&mut self, name: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// A field.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Merges fields in, as RFC 7396 does, but that `null` is a value like any other: an object is merged into an
    /// object field by field, everything else replaces what is there, opaque data and lists as a whole. What is there
    /// keeps its place, the rest comes behind. Objects deeper than 64 levels replace as a whole, too. The fields named
    /// in `kept` are left as they are, and not added where there are none.
    pub fn merge(&mut self, fields: &Map<String, Value>, kept: &[&str]) {
        for (name, value) in fields.iter().filter(|(name, _)| !kept.contains(&name.as_str())) {
            self.merge_field(name, value, MERGE_DEPTH);
        }
    }

    fn merge_field(&mut self, name: &str, value: &Value, depth: usize) {
        let Some((_, old)) = self.0.iter_mut().find(|(known, _)| known == name) else {
            self.0.push((name.to_owned(), value.clone().into()));
            return;
        };
        match (old, value) {
            (Json::Object(old), Value::Object(new)) if depth > 0 => {
                new.iter().for_each(|(name, value)| old.merge_field(name, value, depth - 1));
            }
            (Json::Value(old), new) => merge_value(old, new, depth),
            (old, new) => *old = new.clone().into(),
        }
    }

    /// True where it has no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn merge_value(old: &mut Value, new: &Value, depth: usize) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) if depth > 0 => {
            for (name, value) in new {
                match old.get_mut(name) {
                    Some(there) => merge_value(there, value, depth - 1),
                    None => _ = old.insert(name.clone(), value.clone()),
                }
            }
        }
        (old, new) => *old = new.clone(),
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_vendors_text_goes_out_as_it_came_in() {
        let kept = r#"{ "b" : 1.50, "a" : "\u00e9\/" }"#;
        let mut body = Object::new().with("model", "m").with("kept", Json::raw(kept).unwrap()).with("n", 1);
        body.merge(&Map::from_iter([("n".to_owned(), "other".into()), ("z".to_owned(), true.into())]), &[]);
        let text = Json::from(body).text();
        assert_eq!(text, format!(r#"{{"model":"m","kept":{kept},"n":"other","z":true}}"#));
        assert!(Json::raw("{").is_none());
    }

    fn merged(body: Object, extra: Value, kept: &[&str]) -> String {
        let (mut body, Value::Object(extra)) = (body, extra) else { panic!("no object") };
        body.merge(&extra, kept);
        Json::from(body).text()
    }

    #[test]
    fn objects_are_merged_and_everything_else_replaces() {
        let body = || {
            let inner = Object::new().with("b", json!({ "c": 1, "d": { "e": [1, 2] } })).with("f", Json::List(vec![]));
            Object::new().with("model", "m").with("a", inner).with("raw", Json::raw(r#"{"x":1}"#).unwrap())
        };
        for (extra, want) in [
            (json!({}), r#"{"model":"m","a":{"b":{"c":1,"d":{"e":[1,2]}},"f":[]},"raw":{"x":1}}"#),
            (
                json!({ "a": { "b": { "d": { "e": [3], "k Ä\"": 0 } } } }),
                r#"{"model":"m","a":{"b":{"c":1,"d":{"e":[3],"k Ä\"":0}},"f":[]},"raw":{"x":1}}"#,
            ),
            (json!({ "a": { "b": null } }), r#"{"model":"m","a":{"b":null,"f":[]},"raw":{"x":1}}"#),
            (json!({ "a": 1, "z": null }), r#"{"model":"m","a":1,"raw":{"x":1},"z":null}"#),
            (
                json!({ "a": { "f": { "g": 1 } }, "raw": { "y": 2 } }),
                r#"{"model":"m","a":{"b":{"c":1,"d":{"e":[1,2]}},"f":{"g":1}},"raw":{"y":2}}"#,
            ),
            (
                json!({ "model": "other", "stream": true }),
                r#"{"model":"m","a":{"b":{"c":1,"d":{"e":[1,2]}},"f":[]},"raw":{"x":1}}"#,
            ),
        ] {
            assert_eq!(merged(body(), extra.clone(), &["model", "stream"]), want, "{extra}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nest = |depth: usize, leaf: Value| (0..depth).fold(leaf, |inner, _| json!({ "a": inner }));
        for (depth, both) in [(MERGE_DEPTH - 1, true), (MERGE_DEPTH, false)] {
            let body = Object::new().with("top", nest(depth, json!({ "old": 1 })));
            let text = merged(body, json!({ "top": nest(depth, json!({ "new": 1 })) }), &[]);
            assert_eq!((text.contains("old"), text.contains("new")), (both, true), "{depth}");
        }
    }
}
