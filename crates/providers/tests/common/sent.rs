//! Compares what an encoder writes with what a real client was recorded to send.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::PathBuf};

use parlance_providers::dialect::WireRequest;
use serde_json::Value;

/// A recorded request, and what we send for the same purpose.
pub struct Sent {
    /// The recording's file, without its ending.
    pub recording: &'static str,
    /// What we send.
    pub ours: WireRequest,
    /// Places (JSON pointers) that may differ, each with the reason.
    pub ignored: &'static [(&'static str, &'static str)],
}

/// The folder of one wire's recordings; says so where there is none at hand.
pub fn recordings(wire: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PARLANCE_RECORDINGS").map(|f| PathBuf::from(f).join(wire));
    if folder.is_none() {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
    }
    folder
}

/// Asserts that every request is the recorded one but for the places on its list, and that each of these differs.
pub fn compare(wire: &str, requests: impl FnOnce() -> Vec<Sent>) {
    let Some(folder) = recordings(wire) else { return };
    let requests = requests();
    assert!(requests.len() >= 5, "too few requests are compared");
    for Sent { recording, ours, ignored } in requests {
        let text = fs::read(folder.join(format!("{recording}.json"))).unwrap();
        let file: Value = serde_json::from_slice(&text).unwrap();
        let mut theirs = plain(file["request"]["body"].clone());
        let mut ours = plain(serde_json::from_str(&ours.body.unwrap()).unwrap());
        assert!(theirs.is_object(), "{recording} keeps no request");
        for (place, reason) in ignored {
            let (a, b) = (take(&mut ours, place), take(&mut theirs, place));
            assert!(a != b, "{recording}: {place} need not be ignored ({reason})");
        }
        assert_eq!(ours, theirs, "{recording}: ours is on the left");
    }
}

/// Takes out what is at a place.
fn take(body: &mut Value, place: &str) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/').unwrap();
    match body.pointer_mut(parent)? {
        Value::Object(map) => map.remove(name),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?).map(Value::take),
        _ => None,
    }
}

/// The same value with every whole number written as one: 1.0 and 1 mean the same.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(n) => match n.as_f64() {
            Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => Value::from(whole as i64),
            _ => Value::Number(n),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}
