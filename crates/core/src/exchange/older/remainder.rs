//! What is left of an object of a file: each field is taken once, and what nobody took is named.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    exchange::{note, said},
    view::{ImportCode, ImportNote},
};

/// An object that is being read.
pub(in crate::exchange) struct Remainder<'a> {
    at: String,
    left: Map<String, Value>,
    notes: &'a mut Vec<ImportNote>,
}

impl<'a> Remainder<'a> {
    /// The object at a place; anything else is named as what cannot be used.
    pub(super) fn of(at: String, value: Value, notes: &'a mut Vec<ImportNote>) -> Option<Self> {
        match value {
            Value::Object(left) => Some(Self { at, left, notes }),
            Value::Null => None,
            _ => {
                notes.push(note(at, ImportCode::BadValue, Some("{}")));
                None
            }
        }
    }

    pub(super) fn notes(&mut self) -> &mut Vec<ImportNote> {
        self.notes
    }

    pub(super) fn path(&self, name: &str) -> String {
        join(&self.at, name)
    }

    /// Takes the first of these fields that there is.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<(String, Value)> {
        let name = names.iter().find(|name| self.left.contains_key(**name))?;
        let value = self.left.remove(*name)?;
        (!value.is_null()).then(|| (self.path(name), value))
    }

    fn fitting<T>(&mut self, names: &[&str], expected: &str, read: impl Fn(Value) -> Option<T>) -> Option<T> {
        let (path, value) = self.take(names)?;
        let read = read(value);
        if read.is_none() {
            self.notes.push(note(path, ImportCode::BadValue, Some(expected)));
        }
        read
    }

    pub(super) fn text(&mut self, names: &[&str]) -> Option<String> {
        self.fitting(names, "text", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
        .filter(|text| !text.trim().is_empty())
    }

    pub(super) fn secret(&mut self, names: &[&str]) -> Option<Zeroizing<String>> {
        self.text(names).map(Zeroizing::new)
    }

    pub(super) fn flag(&mut self, names: &[&str]) -> Option<bool> {
        self.fitting(names, "true, false", |value| value.as_bool())
    }

    pub(super) fn whole(&mut self, names: &[&str]) -> Option<i64> {
        self.fitting(names, "number", |value| value.as_i64())
    }

    /// A number of things, of which 0 is commonly none.
    pub(super) fn count(&mut self, names: &[&str]) -> Option<u32> {
        self.fitting(names, "number", |value| u32::try_from(value.as_u64()?).ok()).filter(|count| *count > 0)
    }

    pub(super) fn number(&mut self, names: &[&str]) -> Option<f64> {
        self.fitting(names, "number", |value| value.as_f64().filter(|number| number.is_finite()))
    }

    /// A time in seconds: a number, or one with its unit in a text, as `30s` or `2m`.
    pub(super) fn seconds(&mut self, names: &[&str]) -> Option<u32> {
        self.fitting(names, "seconds", |value| match value {
            Value::String(text) => seconds(&text),
            number => whole_seconds(number.as_f64()?),
        })
    }

    /// The entries of a list.
    pub(super) fn list(&mut self, names: &[&str]) -> Vec<(String, Value)> {
        let Some((path, value)) = self.take(names) else { return Vec::new() };
        let Value::Array(entries) = value else {
            self.notes.push(note(path, ImportCode::BadValue, Some("[]")));
            return Vec::new();
        };
        entries.into_iter().enumerate().map(|(at, entry)| (format!("{path}[{at}]"), entry)).collect()
    }

    /// A table of texts.
    pub(super) fn texts(&mut self, names: &[&str]) -> Vec<(String, String)> {
        let Some((path, value)) = self.take(names) else { return Vec::new() };
        let Some(table) = Remainder::of(path, value, self.notes) else { return Vec::new() };
        let Remainder { at, left, notes } = table;
        let mut texts = Vec::new();
        for (name, value) in left {
            match value {
                Value::String(text) => texts.push((name, text)),
                Value::Null => {}
                _ => notes.push(note(join(&at, &name), ImportCode::BadValue, Some("text"))),
            }
        }
        texts
    }

    /// Another object inside this one.
    pub(super) fn inner(&mut self, names: &[&str]) -> Option<Remainder<'_>> {
        let (path, value) = self.take(names)?;
        Remainder::of(path, value, self.notes)
    }

    /// Names something that has no place.
    pub(super) fn leave_out(&mut self, names: &[&str]) {
        if let Some((path, _)) = self.take(names) {
            self.notes.push(note(path, ImportCode::LeftOut, None));
        }
    }

    /// Names all that nobody took.
    pub(super) fn finish(self) {
        for (name, value) in self.left {
            if !value.is_null() {
                self.notes.push(note(join(&self.at, &name), ImportCode::LeftOut, None));
            }
        }
    }
}

/// A field of an object. What cannot be repeated of its name is left out, and what holds it is named instead.
fn join(at: &str, name: &str) -> String {
    match (at.is_empty(), said(name)) {
        (true, name) => name.unwrap_or("…").to_owned(),
        (false, Some(name)) => format!("{at}.{name}"),
        (false, None) => at.to_owned(),
    }
}

fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let number: f64 = number.trim().parse().ok()?;
    let factor = match unit {
        "ms" => 0.001,
        "" | "s" | "sec" | "seconds" => 1.0,
        "m" | "min" | "minutes" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    whole_seconds(number * factor)
}

fn whole_seconds(number: f64) -> Option<u32> {
    let whole = number.ceil();
    (1.0..=3_600.0).contains(&whole).then_some(whole as u32)
}
