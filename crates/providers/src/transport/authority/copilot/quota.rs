//! What is left of a Copilot plan.

use chrono::{DateTime, NaiveDate};
use serde_json::Value;

use crate::Quota;

/// Reads an account's figures; `None` where there are none.
pub(super) fn read(body: &[u8]) -> Option<Quota> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let snapshot = answer.pointer("/quota_snapshots/premium_interactions")?;
    let unlimited = snapshot.get("unlimited").and_then(Value::as_bool) == Some(true);
    let number = |names: &[&str]| names.iter().find_map(|name| figure(snapshot.get(name)?));
    let remaining = number(&["quota_remaining", "remaining"]);
    if !unlimited && remaining.is_none() {
        return None;
    }
    let date = |name: &str| answer.get(name).and_then(Value::as_str).and_then(milliseconds);
    Some(Quota {
        remaining: remaining.filter(|_| !unlimited),
        entitlement: number(&["entitlement"]).filter(|_| !unlimited),
        unlimited,
        resets_at: date("quota_reset_date_utc").or_else(|| date("quota_reset_date")),
    })
}

/// A number in its own digits, without a fraction that is none.
fn figure(value: &Value) -> Option<String> {
    let Value::Number(number) = value else { return None };
    let text = number.to_string();
    let fits = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    fits.then(|| text.strip_suffix(".0").map(str::to_owned).unwrap_or(text))
}

fn milliseconds(text: &str) -> Option<i64> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(snapshot: &str) -> Option<Quota> {
        let body = format!(
            r#"{{"quota_reset_date":"2026-09-01","quota_snapshots":{{"chat":{{"unlimited":true}},"premium_interactions":{snapshot}}}}}"#
        );
        read(body.as_bytes())
    }

    #[test]
    fn a_plan_has_so_much_left_or_no_limit_and_begins_anew() {
        let told = of(r#"{"entitlement":7000,"remaining":4061,"quota_remaining":4061.0,"unlimited":false}"#).unwrap();
        assert_eq!((told.remaining.as_deref(), told.entitlement.as_deref()), (Some("4061"), Some("7000")));
        assert_eq!((told.unlimited, told.resets_at), (false, Some(1_788_220_800_000)));
        let over = of(r#"{"entitlement":300,"remaining":-12}"#).unwrap();
        assert_eq!(over.remaining.as_deref(), Some("-12"));
        assert_eq!(of(r#"{"quota_remaining":262.5}"#).unwrap().remaining.as_deref(), Some("262.5"));
        let free = of(r#"{"entitlement":-1,"remaining":0,"unlimited":true}"#).unwrap();
        assert_eq!((free.unlimited, free.remaining, free.entitlement), (true, None, None));
        for odd in ["{}", "null", "7", r#"{"remaining":"many"}"#, r#"{"remaining":1e300}"#] {
            assert_eq!(of(odd), None, "{odd}");
        }
        assert_eq!(read(b"<html>"), None);
    }
}
