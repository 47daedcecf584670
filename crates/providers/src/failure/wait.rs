//! How long a vendor asks us to wait. "Now" is the answer's own `date` header: a dialect has no clock.

use std::time::Duration;

use chrono::DateTime;

use super::facts::Facts;
use crate::dialect::ResponseHead;

/// Nobody means more than a year; what is longer is cut to it.
const LONGEST: f64 = 365.0 * 86_400.0;

/// The hint of a response, the strongest one first.
pub(crate) fn retry_after(head: &ResponseHead, facts: &Facts) -> Option<Duration> {
    let millis = head.header("retry-after-ms").and_then(number).map(|ms| ms / 1000.0);
    millis
        .and_then(seconds)
        .or_else(|| head.header("retry-after").and_then(|text| header(text, head.header("date"))))
        .or_else(|| in_words(facts))
}

/// The hint inside a body: Google's `retryDelay`, or a sentence.
pub(crate) fn in_words(facts: &Facts) -> Option<Duration> {
    if let Some(delay) = &facts.retry_delay {
        return duration(delay);
    }
    let words = facts.message.as_deref()?.to_ascii_lowercase();
    let after = ["try again in ", "retry after ", "retry in "]
        .iter()
        .find_map(|cue| words.find(cue).map(|at| &words[at + cue.len()..]))?;
    duration(after)
}

/// `Retry-After`: seconds, also with a fraction, or an HTTP date.
fn header(text: &str, now: Option<&str>) -> Option<Duration> {
    if let Some(plain) = number(text) {
        return seconds(plain);
    }
    let at = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    let now = DateTime::parse_from_rfc2822(now?.trim()).ok()?;
    seconds((at - now).num_seconds().max(0) as f64)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn seconds(seconds: f64) -> Option<Duration> {
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(LONGEST)))
}

/// `1m2.5s`, `28ms`, `26 seconds`, `37s`, `2 minutes`: numbers with units, up to the first word that is neither.
fn duration(text: &str) -> Option<Duration> {
    let mut total = None;
    let mut rest = text.trim_start();
    while rest.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value: f64 = rest[..digits].trim_end_matches('.').parse().ok()?;
        let tail = rest[digits..].trim_start();
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let factor = match &tail[..letters] {
            "ms" | "milliseconds" | "millisecond" => 0.001,
            "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => break,
        };
        total = Some(total.unwrap_or(0.0) + value * factor);
        rest = tail[letters..].trim_start();
    }
    total.and_then(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &[(&str, &str)]) -> ResponseHead {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        ResponseHead { status: 429, headers }
    }

    fn millis(headers: &[(&str, &str)], message: &str) -> Option<u128> {
        let facts = Facts { message: Some(message.to_owned()), ..Facts::default() };
        retry_after(&head(headers), &facts).map(|d| d.as_millis())
    }

    #[test]
    fn every_form_of_the_hint() {
        assert_eq!(millis(&[("retry-after", "7")], ""), Some(7000));
        assert_eq!(millis(&[("retry-after", "0.5")], ""), Some(500));
        assert_eq!(millis(&[("retry-after-ms", "1250"), ("retry-after", "9")], ""), Some(1250));
        let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(millis(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"), now], ""), Some(30_000));
        assert_eq!(millis(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), now], ""), Some(0));
        assert_eq!(millis(&[], "Please try again in 1m2.5s."), Some(62_500));
        assert_eq!(millis(&[], "try again in 28ms"), Some(28));
        assert_eq!(millis(&[], "Please retry after 26 seconds."), Some(26_000));
        assert_eq!(millis(&[], "Please try again in 7.66s. Visit the page"), Some(7660));
        assert_eq!(millis(&[], "try again in 1h2m"), Some(3_720_000));
        let facts = Facts { retry_delay: Some("37s".into()), ..Facts::default() };
        assert_eq!(retry_after(&head(&[]), &facts), Some(Duration::from_secs(37)));
    }

    #[test]
    fn nonsense_is_no_hint_and_huge_is_cut() {
        for value in ["-3", "NaN", "soon", "", "Sun, 06 Nov 1994 08:50:07 GMT"] {
            assert_eq!(millis(&[("retry-after", value)], ""), None, "{value}");
        }
        assert_eq!(millis(&[("retry-after", "1e300")], ""), Some(365 * 86_400_000));
        assert_eq!(millis(&[("retry-after", "inf")], ""), Some(365 * 86_400_000));
        assert_eq!(millis(&[], "try again in a moment"), None);
    }
}
