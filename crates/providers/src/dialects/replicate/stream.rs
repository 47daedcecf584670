//! The stream of a prediction: plain text, piece by piece.

use serde_json::Value;

use super::run::Run;
use crate::{
    Category, ChatEvent, FinishClass, ProviderError,
    failure::{self, Facts, cut_off, empty, unreadable},
    framing::Assemble,
    sse::SseEvent,
};

/// One answer.
#[derive(Default)]
pub(super) struct Answer {
    done: bool,
    events: u64,
    progress: u64,
    content: usize,
}

impl Answer {
    fn complete(&mut self, out: &mut Vec<ChatEvent>) {
        self.done = true;
        out.push(ChatEvent::Finished { class: FinishClass::Stop, reason: Some("done".to_owned()) });
    }
}

impl Assemble for Answer {
    /// The data of an output is text as it stands: white space and line ends are the model's.
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if !event.terminated {
            return Ok(());
        }
        match event.name {
            b"output" if !event.data.is_empty() => {
                self.progress += 1;
                self.content += event.data.len();
                let text = String::from_utf8_lossy(event.data).into_owned();
                out.push(ChatEvent::TextDelta { block: 0, text });
            }
            b"output" | b"logs" => {}
            b"error" => {
                let error = failure::provider_error(None, &Facts::of_body(event.data));
                return Err(ProviderError { cause: Some("run_failed"), ..error });
            }
            b"done" => {
                let said = serde_json::from_slice::<Value>(event.data).unwrap_or_default();
                let reason = said.get("reason").and_then(Value::as_str).filter(|reason| !reason.is_empty());
                if let Some(reason) = reason {
                    let message =
                        format!("the prediction ended early: {}", reason.chars().take(200).collect::<String>());
                    return Err(ProviderError::because(Category::Internal, "run_failed", message));
                }
                self.complete(out);
            }
            _ => return Ok(()),
        }
        self.events += 1;
        Ok(())
    }

    /// A prediction instead of a stream.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        self.events += 1;
        out.extend(Run::read(bytes)?.answer()?);
        self.done = true;
        Ok(())
    }

    fn end(&mut self, strange: bool, _: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        Err(match (self.events, strange) {
            (0, true) => unreadable(),
            (0, false) => empty(),
            _ => cut_off(),
        })
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn events_seen(&self) -> u64 {
        self.events
    }

    fn progress_seen(&self) -> u64 {
        self.progress
    }

    fn content(&self) -> usize {
        self.content
    }
}
