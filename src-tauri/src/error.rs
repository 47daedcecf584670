//! Errors as they cross to the page: a code to match on, data for a sentence, never the sentence.

pub(crate) use parlance_core::view::CommandError;

/// An argument that is missing or not of its type.
pub(crate) fn wrong_type(field: &str) -> CommandError {
    let plain = CommandError::of("invalid", "missing, or not of the declared type");
    CommandError { field: Some(field.to_owned()), cause: Some("wrong_type".to_owned()), ..plain }
}

/// A fault of ours that no input should bring about.
pub(crate) fn internal(message: &str) -> CommandError {
    CommandError::of("internal", message)
}
