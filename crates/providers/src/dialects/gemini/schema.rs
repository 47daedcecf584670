//! From JSON Schema to the subset of OpenAPI 3.0 that older servers take for `parameters` and `responseSchema`.
//! References are written out; what the subset has no words for is left out, so the model may be freer than the schema.

use serde_json::{Map, Value, json};

/// Schemas are nested, and may refer to themselves: what is deeper says only that it is something.
const DEEPEST: usize = 32;

/// Keywords that mean the same in both.
const SAME: &[&str] = &[
    "title",
    "description",
    "format",
    "nullable",
    "enum",
    "default",
    "example",
    "required",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "propertyOrdering",
];

/// The schema in the words of OpenAPI.
pub(super) fn open_api(schema: &Value) -> Value {
    convert(schema, schema, DEEPEST)
}

fn convert(schema: &Value, root: &Value, depth: usize) -> Value {
    let Some(fields) = schema.as_object().filter(|_| depth > 0) else { return json!({}) };
    if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return target.map_or_else(|| json!({}), |target| convert(target, root, depth - 1));
    }
    let mut out = Map::new();
    for key in SAME {
        if let Some(value) = fields.get(*key) {
            out.insert((*key).to_owned(), value.clone());
        }
    }
    types(fields, &mut out);
    if let Some(only) = fields.get("const") {
        out.insert("enum".into(), json!([only]));
    }
    if let Some(items) = fields.get("items") {
        out.insert("items".into(), convert(items, root, depth - 1));
    }
    if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
        let converted = properties.iter().map(|(name, inner)| (name.clone(), convert(inner, root, depth - 1)));
        out.insert("properties".into(), Value::Object(converted.collect()));
    }
    if let Some(some) = ["anyOf", "oneOf"].iter().find_map(|key| fields.get(*key)?.as_array()) {
        let null = |inner: &&Value| inner.get("type").and_then(Value::as_str) == Some("null");
        if some.iter().any(|inner| null(&inner)) {
            out.insert("nullable".into(), true.into());
        }
        let rest: Vec<Value> =
            some.iter().filter(|inner| !null(inner)).map(|inner| convert(inner, root, depth - 1)).collect();
        out.insert("anyOf".into(), rest.into());
    }
    Value::Object(out)
}

/// `type` has one word, in capitals; `null` beside another is `nullable`.
fn types(fields: &Map<String, Value>, out: &mut Map<String, Value>) {
    let named: Vec<&str> = match fields.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    if named.len() > 1 && named.contains(&"null") {
        out.insert("nullable".into(), true.into());
    }
    if let Some(first) = named.iter().find(|name| named.len() == 1 || **name != "null") {
        out.insert("type".into(), first.to_ascii_uppercase().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_schema_becomes_open_api() {
        let schema = json!({
            "$schema": "x", "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": {
                "a": { "type": ["string", "null"], "const": "x" },
                "b": { "$ref": "#/$defs/B" },
                "c": { "oneOf": [{ "type": "integer", "minimum": 1 }, { "type": "null" }] },
                "d": { "type": "array", "items": { "type": "number" } },
                "e": { "$ref": "elsewhere" }
            },
            "$defs": { "B": { "type": "boolean", "description": "Yes or no" } }
        });
        assert_eq!(
            open_api(&schema),
            json!({
                "type": "OBJECT", "required": ["a"],
                "properties": {
                    "a": { "type": "STRING", "nullable": true, "enum": ["x"] },
                    "b": { "type": "BOOLEAN", "description": "Yes or no" },
                    "c": { "nullable": true, "anyOf": [{ "type": "INTEGER", "minimum": 1 }] },
                    "d": { "type": "ARRAY", "items": { "type": "NUMBER" } },
                    "e": {}
                }
            })
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({ "type": "object", "properties": { "next": { "$ref": "#" } } });
        assert!(open_api(&schema).to_string().len() < 4000);
        let circle = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "$ref": "#/$defs/A" } } });
        assert_eq!(open_api(&circle), json!({}));
    }
}
