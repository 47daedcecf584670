//! JSON that is written: objects keep their order, and a vendor's own text goes out as the bytes it came in.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, value::RawValue};

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

    /// Sets each field of a map.
    pub fn extend(&mut self, fields: &Map<String, Value>) {
        for (name, value) in fields {
            self.set(name, value.clone());
        }
    }

    /// True where it has no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
    use super::*;

    #[test]
    fn a_vendors_text_goes_out_as_it_came_in() {
        let kept = r#"{ "b" : 1.50, "a" : "\u00e9\/" }"#;
        let mut body = Object::new().with("model", "m").with("kept", Json::raw(kept).unwrap()).with("n", 1);
        body.extend(&Map::from_iter([("model".to_owned(), "other".into()), ("z".to_owned(), true.into())]));
        let text = Json::from(body).text();
        assert_eq!(text, format!(r#"{{"model":"other","kept":{kept},"n":1,"z":true}}"#));
        assert!(Json::raw("{").is_none());
    }
}
