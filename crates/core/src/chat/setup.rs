//! What is asked of a model beside the messages: between the page, the rules and a lane.

use parlance_providers::Parameters;

use crate::{error::Error, history::rows::LaneRow, view::ChatSetup};

/// The longest system prompt, in bytes.
const LONGEST_SYSTEM: usize = 1024 * 1024;
/// Texts that end an answer, as most vendors allow.
const MOST_STOPS: usize = 4;
/// The longest of them, in bytes.
const LONGEST_STOP: usize = 200;

/// A setup as a lane keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSetup {
    /// JSON of [`Parameters`].
    pub parameters: String,
    /// The system prompt; absent where it is empty.
    pub system: Option<String>,
}

/// A setup that a lane may keep.
///
/// # Errors
/// [`Error::Invalid`] naming the field that no vendor takes.
pub fn check(setup: ChatSetup) -> Result<StoredSetup, Error> {
    let within = |value: Option<f64>, most: f64| value.is_none_or(|value| (0.0..=most).contains(&value));
    if !within(setup.temperature, 2.0) {
        return Err(Error::invalid("temperature", "out_of_range"));
    }
    if !within(setup.top_p, 1.0) {
        return Err(Error::invalid("topP", "out_of_range"));
    }
    if setup.max_tokens == Some(0) {
        return Err(Error::invalid("maxTokens", "out_of_range"));
    }
    if setup.stop.len() > MOST_STOPS {
        return Err(Error::invalid("stop", "too_many"));
    }
    if setup.stop.iter().any(|stop| stop.len() > LONGEST_STOP) {
        return Err(Error::invalid("stop", "too_long"));
    }
    if setup.stop.iter().any(String::is_empty) {
        return Err(Error::invalid("stop", "empty"));
    }
    if setup.system_prompt.len() > LONGEST_SYSTEM {
        return Err(Error::invalid("systemPrompt", "too_long"));
    }
    let ChatSetup { system_prompt, temperature, top_p, max_tokens, stop, seed, reasoning_effort } = setup;
    let parameters = Parameters { temperature, top_p, max_tokens, stop, seed, reasoning_effort };
    let parameters = serde_json::to_string(&parameters).map_err(|_| Error::invalid("setup", "wrong_type"))?;
    Ok(StoredSetup { parameters, system: (!system_prompt.is_empty()).then_some(system_prompt) })
}

/// Most tokens of an answer and the temperature, of parameters as a lane keeps them.
pub fn bounds(parameters: &str) -> (Option<u32>, Option<f64>) {
    let Parameters { max_tokens, temperature, .. } = serde_json::from_str(parameters).unwrap_or_default();
    (max_tokens, temperature)
}

/// The setup of a lane.
pub fn of_lane(lane: &LaneRow) -> ChatSetup {
    let parameters: Parameters = serde_json::from_str(&lane.parameters).unwrap_or_default();
    let Parameters { temperature, top_p, max_tokens, stop, seed, reasoning_effort } = parameters;
    let system_prompt = lane.system_prompt.clone().unwrap_or_default();
    ChatSetup { system_prompt, temperature, top_p, max_tokens, stop, seed, reasoning_effort }
}
