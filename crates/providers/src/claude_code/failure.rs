//! What goes wrong with the program, in our words: what is missing, what it said instead of an answer, how it died.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::process::Death;
use crate::failure::{Facts, provider_error};
use crate::loose::Text;
use crate::{Category, ProviderError};

/// The oldest version that is spoken to.
pub(super) const OLDEST: (u32, u32) = (2, 0);
/// Where the program comes from.
const INSTALL: &str = "install it from https://claude.com/claude-code";
/// The longest part of a complaint that is told, in characters.
const LONGEST: usize = 600;

/// What was said instead of an answer.
#[derive(Default)]
pub(super) struct Said {
    /// A sentence, or JSON of the API's.
    pub(super) words: String,
    /// The program's own word for it.
    pub(super) code: String,
    pub(super) status: Option<u64>,
}

/// The text of a JSON string; the JSON itself where it is another value.
pub(super) fn words(raw: Option<&RawValue>) -> String {
    let raw = raw.map(RawValue::get).filter(|raw| *raw != "null").unwrap_or_default();
    serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block<'a> {
    #[serde(borrow)]
    text: Text<'a>,
}

/// The text of blocks.
pub(super) fn text_of(blocks: &[&RawValue]) -> String {
    let blocks = blocks.iter().filter_map(|raw| serde_json::from_str::<Block<'_>>(raw.get()).ok());
    blocks.map(|block| block.text.0.into_owned()).collect()
}

/// What a failed result says; `None` where it says nothing.
pub(super) fn of_result(result: &str, errors: Option<&RawValue>, status: Option<u64>, subtype: &str) -> Option<Said> {
    let errors = errors.and_then(|raw| serde_json::from_str::<Vec<String>>(raw.get()).ok()).unwrap_or_default();
    let words = if result.is_empty() { errors.join("; ") } else { result.to_owned() };
    let code = subtype.strip_prefix("error").map(|_| subtype.to_owned()).unwrap_or_default();
    (!words.is_empty() || status.is_some() || !code.is_empty()).then_some(Said { words, code, status })
}

/// A failure as it was told.
pub(super) fn read(said: &Said) -> ProviderError {
    let (status, words) = match said.words.strip_prefix("API Error:").map(str::trim_start) {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (status, rest) = rest.split_at(digits);
            (status.parse().ok(), rest.trim_start_matches([' ', ':', '-']))
        }
        None => (None, said.words.as_str()),
    };
    let status = said.status.and_then(|status| u16::try_from(status).ok()).or(status);
    let mut facts = Facts::of_body(words.trim().as_bytes());
    if facts.codes.is_empty() && !said.code.is_empty() {
        facts.codes.push(said.code.clone());
    }
    let error = provider_error(status, &facts);
    let lower = words.to_ascii_lowercase();
    let signed_out = said.code == "authentication_failed" || lower.contains("/login") || error.status == Some(401);
    match said.code.as_str() {
        _ if signed_out => {
            let message = format!("{}: sign in with the program `claude` itself, then try again", error.message);
            ProviderError { category: Category::RejectedKey, cause: Some("not_signed_in"), message, ..error }
        }
        "rate_limit" => ProviderError { category: Category::RateLimited, ..error },
        "billing_error" => ProviderError { category: Category::NoCredit, ..error },
        "server_error" if error.status.is_none() => ProviderError { category: Category::Internal, ..error },
        _ if lower.contains("usage limit") => ProviderError { category: Category::RateLimited, ..error },
        _ => error,
    }
}

/// Of two tellings of one failure the one that says more of its kind, with what only the other one has.
pub(super) fn better(own: Option<ProviderError>, result: ProviderError) -> ProviderError {
    match own {
        Some(own) if own.category != Category::Internal && own.category != Category::BadRequest => {
            ProviderError { status: result.status.or(own.status), ..own }
        }
        _ => result,
    }
}

/// A subscription that is used up says when it is not.
pub(super) fn resting(error: ProviderError, rest: Option<Duration>) -> ProviderError {
    let Some(rest) = rest else { return error };
    let retry_after = Some(rest).filter(|rest| !rest.is_zero()).or(error.retry_after);
    ProviderError { category: Category::RateLimited, retry_after, ..error }
}

/// How the program ended in the middle of everything.
pub(super) fn of_death(death: &Death, answered: bool) -> ProviderError {
    let category = if answered { Category::BrokenStream } else { Category::Internal };
    let complaint = told(&death.complaint);
    let complaint = if complaint.is_empty() { complaint } else { format!(": {complaint}") };
    let ended = if death.success { "ended without a result" } else { "broke off" };
    let message = format!("the program claude {ended} ({}){complaint}", death.status);
    ProviderError::because(category, "program_ended", message)
}

/// The end of a complaint as one line, without what looks like a key.
fn told(complaint: &str) -> String {
    let words = complaint.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let hidden = words.map(|word| if word.contains("sk-ant-") { "[hidden]" } else { word });
    let line = hidden.collect::<Vec<_>>().join(" ");
    let surplus = line.chars().count().saturating_sub(LONGEST);
    line.chars().skip(surplus).collect()
}

/// There is no program.
pub(super) fn missing(named: Option<&Path>) -> ProviderError {
    let message = match named {
        Some(path) => format!("there is no program at {}: correct the path in Providers, or {INSTALL}", path.display()),
        None => format!("the program claude is not on this computer: {INSTALL}, or give its path in Providers"),
    };
    ProviderError::because(Category::BadRequest, "program_missing", message)
}

/// A program that only a shell could run.
#[cfg_attr(not(any(windows, test)), allow(dead_code))]
pub(super) fn shim(path: &Path) -> ProviderError {
    let message = format!("{} is a script for a shell, which is not used: name the claude.exe itself", path.display());
    ProviderError::because(Category::BadRequest, "program_unusable", message)
}

/// It says its version, and that is none to work with.
pub(super) fn too_old(version: &str) -> ProviderError {
    let (major, minor) = OLDEST;
    let message = format!("claude {version} is too old, {major}.{minor}.0 is needed: run `claude update`");
    ProviderError::because(Category::BadRequest, "program_too_old", message)
}

/// It does not say its version.
pub(super) fn strange(path: &Path, death: Option<&Death>) -> ProviderError {
    let said = death.map(|death| format!(" ({}) {}", death.status, told(&death.complaint))).unwrap_or_default();
    let message = format!("{} does not answer as Claude Code does{said}: {INSTALL}", path.display());
    ProviderError::because(Category::BadRequest, "program_unusable", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str, code: &str, status: Option<u64>) -> ProviderError {
        read(&Said { words: words.into(), code: code.into(), status })
    }

    #[test]
    fn what_is_said_instead_of_an_answer_has_its_kind() {
        use Category::*;
        let overloaded =
            r#"API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        for (words, code, status, category, told) in [
            (overloaded, "", None, Overloaded, Some(529)),
            ("API Error: 500 Internal server error", "server_error", None, Internal, Some(500)),
            ("Prompt is too long", "invalid_request", None, ContextTooLong, None),
            ("Invalid API key · Please run /login", "authentication_failed", None, RejectedKey, None),
            ("Claude AI usage limit reached|1790000000", "", None, RateLimited, None),
            ("You have hit your limit", "rate_limit", Some(429), RateLimited, Some(429)),
            ("Credit balance is too low", "billing_error", None, NoCredit, None),
            ("odd", "error_during_execution", None, Internal, None),
        ] {
            let error = said(words, code, status);
            assert_eq!((error.category, error.status), (category, told), "{words}: {error}");
        }
        assert_eq!(said("Please run /login", "", None).cause, Some("not_signed_in"));
        let rest = resting(said("no", "rate_limit", None), Some(Duration::from_secs(90)));
        assert_eq!((rest.category, rest.retry_after), (RateLimited, Some(Duration::from_secs(90))));
    }

    #[test]
    fn a_death_names_its_status_and_the_end_of_the_complaint_without_keys() {
        let complaint = format!("{} key sk-ant-api03-canary is\u{7} bad\n", "x ".repeat(900));
        let death = Death { status: "exit status: 3".into(), success: false, complaint };
        let error = of_death(&death, false);
        assert!(error.message.starts_with("the program claude broke off (exit status: 3): "), "{error}");
        assert!(error.message.ends_with("key [hidden] is bad") && error.message.len() < 700, "{error}");
        assert_eq!(of_death(&death, true).category, Category::BrokenStream);
    }
}
