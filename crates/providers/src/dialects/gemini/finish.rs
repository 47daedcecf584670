//! Why an answer ended.

use crate::{Category, FinishClass, ProviderError};

/// What a reason means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The answer is as it should be, or as far as it was let.
    Ended(FinishClass),
    /// There is no answer, or none that is worth anything.
    Failed(Category),
}

use FinishClass::{ContentFilter, Length, Stop};
use Outcome::{Ended, Failed};

const REASONS: &[(&str, Outcome)] = &[
    ("STOP", Ended(Stop)),
    ("MAX_TOKENS", Ended(Length)),
    ("SAFETY", Ended(ContentFilter)),
    ("BLOCKLIST", Ended(ContentFilter)),
    ("PROHIBITED_CONTENT", Ended(ContentFilter)),
    ("SPII", Ended(ContentFilter)),
    ("IMAGE_SAFETY", Ended(ContentFilter)),
    ("IMAGE_PROHIBITED_CONTENT", Ended(ContentFilter)),
    ("RECITATION", Ended(ContentFilter)),
    ("IMAGE_RECITATION", Ended(ContentFilter)),
    ("LANGUAGE", Ended(ContentFilter)),
    ("MODEL_ARMOR", Ended(ContentFilter)),
    // The model made a call that cannot be read; the same request may well work.
    ("MALFORMED_FUNCTION_CALL", Failed(Category::Internal)),
    ("MALFORMED_RESPONSE", Failed(Category::Internal)),
    ("UNEXPECTED_TOOL_CALL", Failed(Category::Internal)),
    ("TOO_MANY_TOOL_CALLS", Failed(Category::Internal)),
    ("NO_IMAGE", Failed(Category::Internal)),
    ("IMAGE_OTHER", Failed(Category::Internal)),
    // The request lacks what the vendor gave for it; the same request fails again.
    ("MISSING_THOUGHT_SIGNATURE", Failed(Category::BadRequest)),
];

/// Reads a reason.
pub(super) fn outcome(reason: &str) -> Outcome {
    let known = REASONS.iter().find(|(name, _)| *name == reason).map(|(_, outcome)| *outcome);
    known.unwrap_or(if is_smuggled(reason) { Failed(Category::Overloaded) } else { Ended(FinishClass::Other) })
}

/// Some proxies write an error of their own into the field.
fn is_smuggled(reason: &str) -> bool {
    reason.starts_with("Proxy error") || reason.contains("503 Service Unavailable")
}

/// The error for a reason that is one, in the vendor's words where it has some.
pub(super) fn failure(reason: &str, message: &str) -> Option<ProviderError> {
    let Failed(category) = outcome(reason) else { return None };
    if is_smuggled(reason) {
        return Some(ProviderError::because(category, "finish_reason", reason));
    }
    let ours = || format!("The vendor ended the answer with `{reason}`");
    let message = if message.is_empty() { ours() } else { message.to_owned() };
    let code = Some(reason.to_owned());
    Some(ProviderError { code, ..ProviderError::because(category, "finish_reason", message) })
}
