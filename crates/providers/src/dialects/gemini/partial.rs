//! Arguments that stream as leaves with their paths (`$.recipe.steps[0]`), put together to one JSON value.

use serde_json::{Map, Number, Value};

use super::wire::PartialArg;

/// The deepest path that is followed.
const DEEPEST: usize = 64;

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// Writes a leaf. A text at a path that has one already goes on with it. A path that makes no sense is left out.
/// Returns how many values came into being: a short path can make many.
pub(super) fn set(tree: &mut Value, leaf: &PartialArg<'_>) -> usize {
    let mut made = 0;
    if let Some(node) = node(tree, &leaf.json_path.0, &mut made) {
        write(node, leaf);
    }
    made
}

fn node<'t>(tree: &'t mut Value, path: &str, made: &mut usize) -> Option<&'t mut Value> {
    let mut rest = path.strip_prefix('$')?;
    let mut node = tree;
    for _ in 0..DEEPEST {
        if rest.is_empty() {
            return Some(node);
        }
        let (step, more) = step(rest)?;
        rest = more;
        node = match step {
            Step::Key(key) => {
                if node.is_null() {
                    *node = Value::Object(Map::new());
                    *made += 1;
                }
                let fields = node.as_object_mut()?;
                *made += usize::from(!fields.contains_key(key));
                fields.entry(key).or_insert(Value::Null)
            }
            Step::Index(index) => {
                if node.is_null() {
                    *node = Value::Array(Vec::new());
                }
                let items = node.as_array_mut()?;
                // Items come in order: a hole would let one number claim any amount of memory.
                if index == items.len() {
                    items.push(Value::Null);
                    *made += 1;
                }
                items.get_mut(index)?
            }
        };
    }
    None
}

fn step(rest: &str) -> Option<(Step<'_>, &str)> {
    if let Some(name) = rest.strip_prefix('.') {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        return Some((Step::Key(&name[..end]), &name[end..]));
    }
    let inner = rest.strip_prefix('[')?;
    for quote in ["'", "\""] {
        if let Some(name) = inner.strip_prefix(quote) {
            let (key, more) = name.split_once(&format!("{quote}]"))?;
            return Some((Step::Key(key), more));
        }
    }
    let (index, more) = inner.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), more))
}

fn write(node: &mut Value, leaf: &PartialArg<'_>) {
    if let Some(text) = &leaf.string_value {
        match node {
            Value::String(all) => all.push_str(&text.0),
            _ => *node = Value::String(text.0.clone().into_owned()),
        }
    } else if let Some(number) = leaf.number_value {
        *node = serde_json::from_str::<Number>(number.get()).map_or(Value::Null, Value::Number);
    } else if let Some(truth) = leaf.bool_value {
        *node = Value::Bool(truth);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn built(leaves: &[Value]) -> Value {
        let mut tree = json!({});
        for leaf in leaves {
            let text = leaf.to_string();
            if let Ok(leaf) = serde_json::from_str(&text) {
                set(&mut tree, &leaf);
            }
        }
        tree
    }

    #[test]
    fn leaves_become_a_value() {
        let tree = built(&[
            json!({ "jsonPath": "$.a.list[0].x", "stringValue": "one", "willContinue": true }),
            json!({ "jsonPath": "$.a.list[0].x", "stringValue": " two" }),
            json!({ "jsonPath": "$.a.list[1]", "numberValue": 1.5 }),
            json!({ "jsonPath": "$['odd.key']", "boolValue": true }),
            json!({ "jsonPath": "$[\"q\"].none", "nullValue": "NULL_VALUE" }),
        ]);
        assert_eq!(tree, json!({ "a": { "list": [{ "x": "one two" }, 1.5] }, "odd.key": true, "q": { "none": null } }));
    }

    #[test]
    fn paths_without_sense_are_left_out() {
        let odd = ["", "a", "$a", "$[", "$[x]", "$[9]", "$.a[4000000000]", "$['a", "$.s.deeper"];
        for path in odd {
            let tree = built(&[
                json!({ "jsonPath": "$.s", "stringValue": "kept" }),
                json!({ "jsonPath": path, "boolValue": true }),
            ]);
            assert_eq!(tree["s"], "kept", "{path}");
        }
        let deep = format!("${}", ".x".repeat(100_000));
        assert!(built(&[json!({ "jsonPath": deep, "boolValue": true })]).to_string().len() < 1000);
    }
}
