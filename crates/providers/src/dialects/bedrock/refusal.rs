//! What the vendor's errors mean, whichever way they come: as an answer, or as an exception inside a good one.

use serde::Deserialize;

use crate::{
    Category, ProviderError,
    dialect::ResponseHead,
    failure::{self, Facts, provider_error},
    loose::Text,
};

/// What each type of error means, in lower case and without `exception` at its end.
const TYPES: [(&str, Category); 24] = [
    ("accessdenied", Category::Forbidden),
    ("optinrequired", Category::Forbidden),
    ("unrecognizedclient", Category::RejectedKey),
    ("invalidsignature", Category::RejectedKey),
    ("signaturedoesnotmatch", Category::RejectedKey),
    ("incompletesignature", Category::RejectedKey),
    ("missingauthenticationtoken", Category::RejectedKey),
    ("invalidclienttokenid", Category::RejectedKey),
    ("expiredtoken", Category::RejectedKey),
    ("requestexpired", Category::RejectedKey),
    ("requesttimetooskewed", Category::RejectedKey),
    ("notauthorized", Category::Forbidden),
    ("resourcenotfound", Category::UnknownModel),
    // A quota of the account, which no waiting changes.
    ("servicequotaexceeded", Category::NoCredit),
    ("throttling", Category::RateLimited),
    ("toomanyrequests", Category::RateLimited),
    // The vendor's own clock says as little about what to do as any other failure of its side.
    ("modeltimeout", Category::Internal),
    ("modelerror", Category::Internal),
    ("modelstreamerror", Category::Internal),
    ("modelnotready", Category::Overloaded),
    ("internalserver", Category::Internal),
    ("internalfailure", Category::Internal),
    ("serviceunavailable", Category::Overloaded),
    ("validation", Category::BadRequest),
];
/// Words about a model that there is not, or not this way.
const NO_MODEL: [&str; 4] = [
    "model identifier is invalid",
    "on-demand throughput isn",
    "end of its life",
    "model isn't supported in this region",
];
/// Words about a key, in a refusal that looks like one of rights.
const NO_KEY: [&str; 3] = ["api key is valid", "api key has expired", "bearer token has expired"];

/// The fields of an error's body, which is not sure of its own spelling.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    message: Text<'a>,
    #[serde(borrow, rename = "Message")]
    other_message: Text<'a>,
    #[serde(borrow, rename = "__type")]
    kind: Text<'a>,
    #[serde(borrow, rename = "originalMessage")]
    original: Text<'a>,
}

/// Reads a refusal.
pub(super) fn of_answer(head: &ResponseHead, body: &[u8]) -> ProviderError {
    let said: Said<'_> = serde_json::from_slice(body).unwrap_or_default();
    let kind = head.header("x-amzn-errortype").or(said.kind.some()).map(bare).unwrap_or_default();
    let words = said.message.some().or(said.other_message.some());
    let error = match words {
        Some(words) => of_words(Some(head.status), kind, words),
        None => judged(Some(head.status), kind, &Facts::of_body(body)),
    };
    let error = ProviderError { code: error.code.or_else(|| named(kind)), ..error };
    failure::with_head(error, head)
}

/// Reads an exception in the middle of an answer.
pub(super) fn of_exception(kind: &str, payload: &[u8]) -> ProviderError {
    let said: Said<'_> = serde_json::from_slice(payload).unwrap_or_default();
    let words = said.message.some().or(said.other_message.some());
    // The model's own words stand behind those of the vendor.
    match (words, said.original.some()) {
        (Some(words), Some(original)) if !words.contains(original) => {
            of_words(None, kind, &format!("{words} ({original})"))
        }
        (words, original) => of_words(None, kind, words.or(original).unwrap_or_default()),
    }
}

/// What came instead of an answer.
pub(super) fn instead(body: &[u8]) -> ProviderError {
    let said: Said<'_> = serde_json::from_slice(body).unwrap_or_default();
    match (said.kind.some().map(bare), said.message.some().or(said.other_message.some())) {
        (Some(kind), words) => of_words(None, kind, words.unwrap_or_default()),
        (None, Some(words)) => of_words(None, "", words),
        (None, None) => failure::instead(body),
    }
}

/// Reads a type and a sentence.
pub(super) fn of_words(status: Option<u16>, kind: &str, words: &str) -> ProviderError {
    let body = serde_json::json!({ "message": words }).to_string();
    judged(status, kind, &Facts::of_body(body.as_bytes()))
}

fn judged(status: Option<u16>, kind: &str, facts: &Facts) -> ProviderError {
    let read = provider_error(status, facts);
    let words = facts.message.as_deref().unwrap_or_default().to_lowercase();
    let says = |list: &[&str]| list.iter().any(|known| words.contains(known));
    // A server that stands in for the vendor may name the type in the body, as others do.
    let of_type = by_type(kind).or_else(|| facts.codes.iter().find_map(|code| by_type(code)));
    let category = match of_type {
        _ if read.category == Category::ContextTooLong => Category::ContextTooLong,
        Some(Category::BadRequest | Category::UnknownModel) | None if says(&NO_MODEL) => Category::UnknownModel,
        Some(Category::Forbidden) | None if says(&NO_KEY) => Category::RejectedKey,
        Some(Category::RateLimited) if words.contains("per day") => Category::NoCredit,
        Some(category) => category,
        None if status == Some(404) && !(kind.is_empty() && facts.codes.is_empty()) => Category::UnknownModel,
        None if status == Some(424) => Category::Internal,
        None => read.category,
    };
    let kind = bare(kind);
    let message = match facts.message {
        None if status.is_none() && !kind.is_empty() => format!("The vendor reports `{}`", short(kind)),
        _ => read.message,
    };
    // The page that another server gave instead stays a page.
    ProviderError {
        category: if facts.html { read.category } else { category },
        code: named(kind).or(read.code),
        message,
        ..read
    }
}

fn by_type(kind: &str) -> Option<Category> {
    let kind = bare(kind).to_ascii_lowercase();
    let kind = kind.strip_suffix("exception").unwrap_or(&kind);
    TYPES.iter().find(|(known, _)| *known == kind).map(|(_, category)| *category)
}

/// `com.amazon.coral.service#ThrottlingException:http://…` is `ThrottlingException`.
fn bare(kind: &str) -> &str {
    let kind = kind.rsplit('#').next().unwrap_or_default();
    kind.split(':').next().unwrap_or_default().trim()
}

fn named(kind: &str) -> Option<String> {
    Some(short(kind)).filter(|kind| !kind.is_empty())
}

/// A type has a name; what is longer is none.
fn short(kind: &str) -> String {
    kind.chars().filter(|c| c.is_ascii_alphanumeric()).take(64).collect()
}
