//! Failures as vendors tell them, read into our categories. Shared by the dialects: gateways mix the words of all.

mod classify;
mod facts;
mod wait;

pub(crate) use classify::{provider_error, request_id, response_error};
pub(crate) use facts::Facts;
pub(crate) use wait::retry_after;

use serde_json::value::RawValue;

use crate::{Category, ProviderError, dialect::ResponseHead};

/// An error inside a whole answer, with what the head of the answer says.
pub(crate) fn with_head(error: ProviderError, head: &ResponseHead) -> ProviderError {
    ProviderError {
        status: error.status.or(Some(head.status)),
        request_id: request_id(head).or(error.request_id),
        retry_after: retry_after(head, &Facts::default()).or(error.retry_after),
        ..error
    }
}

/// A JSON document that is not the answer asked for: the error it tells, or nothing the API describes.
pub(crate) fn instead(body: &[u8]) -> ProviderError {
    let text = String::from_utf8_lossy(body);
    let facts = match serde_json::from_str::<&RawValue>(text.trim()) {
        Ok(_) => Facts::of_body(text.as_bytes()),
        Err(_) => Facts::default(),
    };
    if facts.has_words() { provider_error(None, &facts) } else { unreadable() }
}

/// Nothing came.
pub(crate) fn empty() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "empty", "The vendor answered with nothing")
}

/// Something came that the dialect does not know.
pub(crate) fn unreadable() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "unreadable", "The answer is not what the API describes")
}

/// More came than is kept.
pub(crate) fn too_large() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "too_large", "The answer is larger than allowed")
}

/// A login page, a captive portal or a wrong address.
pub(crate) fn got_html() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "got_html", "This is not the API: a web page came back")
}

/// The end came before the terminal event.
pub(crate) fn cut_off() -> ProviderError {
    let message = "The answer broke off before the vendor said it was complete";
    ProviderError::because(Category::BrokenStream, "cut_off", message)
}
