//! Free questions to the program: its version, its models, who is signed in.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::time::timeout;

use super::failure;
use super::process::{self, Fate, Launch};
use crate::{Category, ModelInfo, ProviderError};

/// Asks for what there is to know before any message.
pub(super) const INITIALIZE: &[u8] =
    b"{\"type\":\"control_request\",\"request_id\":\"hello\",\"request\":{\"subtype\":\"initialize\",\"hooks\":null}}\n";
/// The most that an answer to a free question may have, in bytes.
const LIMIT: usize = 4 << 20;
/// More models than it has.
const MOST_MODELS: usize = 100;

/// What the program says of itself.
pub(super) struct Session {
    pub(super) models: Vec<ModelInfo>,
    /// It says that nobody is signed in; where it says nothing of it, somebody may be.
    pub(super) signed_out: bool,
}

/// The program's version, one that does.
///
/// # Errors
/// `bad_request` with the causes `program_too_old` and `program_unusable`; `timeout`.
pub(super) async fn version(launch: Launch, patience: Duration) -> Result<String, ProviderError> {
    let program = launch.program.clone();
    let fate = Arc::<Fate>::default();
    let mut output = process::start(launch, &fate)?;
    fate.done();
    let reading = async {
        let mut said = Vec::new();
        while let Some(Ok(bytes)) = output.next().await {
            said.extend_from_slice(&bytes);
            if said.len() > LIMIT {
                break;
            }
        }
        said
    };
    let said = timeout(patience, reading).await.map_err(|_| silent())?;
    let text = String::from_utf8_lossy(&said);
    let number = text.split_whitespace().find_map(numbers);
    match number.filter(|_| fate.death().is_none_or(|death| death.success)) {
        Some((version, known)) if known < failure::OLDEST => Err(failure::too_old(version)),
        Some((version, _)) => Ok(version.to_owned()),
        None => Err(failure::strange(&program, fate.death())),
    }
}

/// A version: `2.1.200`.
fn numbers(word: &str) -> Option<(&str, (u32, u32))> {
    let mut parts = word.split('.');
    let mut next = || parts.next().filter(|part| part.len() < 10 && part.bytes().all(|b| b.is_ascii_digit()));
    let (major, minor) = (next()?.parse().ok()?, next()?.parse().ok()?);
    Some((word, (major, minor)))
}

/// Asks for the models and who is signed in.
///
/// # Errors
/// What the program says instead, how it ended, `timeout`.
pub(super) async fn session(launch: Launch, patience: Duration) -> Result<Session, ProviderError> {
    let program = launch.program.clone();
    let fate = Arc::<Fate>::default();
    let mut output = process::start(launch, &fate)?;
    fate.done();
    let reading = async {
        let mut said = Vec::new();
        let mut read = 0;
        while let Some(Ok(bytes)) = output.next().await {
            said.extend_from_slice(&bytes);
            while let Some(end) = said.get(read..).and_then(|rest| memchr::memchr(b'\n', rest)) {
                if let Some(answer) = said.get(read..read + end).and_then(answer) {
                    return Some(answer);
                }
                read += end + 1;
            }
            if said.len() > LIMIT {
                break;
            }
        }
        None
    };
    match timeout(patience, reading).await.map_err(|_| silent())? {
        Some(answer) => answer,
        None => Err(match fate.death() {
            Some(death) if !death.complaint.is_empty() => failure::of_death(death, false),
            death => failure::strange(&program, death),
        }),
    }
}

fn silent() -> ProviderError {
    ProviderError::because(Category::Timeout, "answer_timeout", "the program claude did not answer in time")
}

/// The answer to our question; `None` where the line is something else.
fn answer(line: &[u8]) -> Option<Result<Session, ProviderError>> {
    let line: Value = serde_json::from_slice(line).ok().filter(|line: &Value| line["type"] == "control_response")?;
    let response = &line["response"];
    if response["subtype"] == "error" {
        let words = response["error"].as_str().unwrap_or("the program gave no reason").to_owned();
        return Some(Err(failure::read(&failure::Said { words, ..failure::Said::default() })));
    }
    let answer = &response["response"];
    let text = |value: &Value| value.as_str().map(str::to_owned).filter(|text| !text.is_empty());
    let model = |model: &Value| {
        let id = text(&model["value"])?;
        Some(ModelInfo { id, name: text(&model["displayName"]), ..ModelInfo::default() })
    };
    let models = answer["models"].as_array().map(Vec::as_slice).unwrap_or_default();
    let account = &answer["account"];
    let none = |name: &str| matches!(account[name].as_str(), None | Some("none" | ""));
    let signed_out = account["tokenSource"] == "none" && none("apiKeySource") && none("email");
    Some(Ok(Session { models: models.iter().filter_map(model).take(MOST_MODELS).collect(), signed_out }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_word_of_numbers() {
        assert_eq!(numbers("2.1.200"), Some(("2.1.200", (2, 1))));
        assert_eq!(numbers("1.0.128-beta"), Some(("1.0.128-beta", (1, 0))));
        for word in ["claude", "2", "v2.0", "99999999999.1", "(Claude", ""] {
            assert_eq!(numbers(word), None, "{word}");
        }
    }

    #[test]
    fn nobody_is_signed_in_only_where_it_says_so() {
        let told = |account: &str| {
            let line = format!(r#"{{"type":"control_response","response":{{"response":{{"account":{account}}}}}}}"#);
            answer(line.as_bytes()).unwrap().unwrap().signed_out
        };
        assert!(told(r#"{"tokenSource":"none"}"#) && told(r#"{"tokenSource":"none","apiKeySource":"none"}"#));
        for signed_in in ["null", "{}", r#"{"email":"a@b.example","tokenSource":"none"}"#, r#"{"tokenSource":"x"}"#] {
            assert!(!told(signed_in), "{signed_in}");
        }
    }
}
