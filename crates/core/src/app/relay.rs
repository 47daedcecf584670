//! Prompts that a person carries to a web chat, and the answers they bring back.

use super::App;
use crate::{error::Error, view::RelayView};

impl App {
    /// The prompts that wait, the oldest first.
    ///
    /// # Errors
    /// What kept the store from being read.
    pub async fn relays(&self) -> Result<Vec<RelayView>, Error> {
        Ok(Vec::new())
    }

    /// Takes the answer to a prompt: it becomes the text of the message that waits.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `empty`, `too_long`, or `same` where it is the prompt itself; `not_found` where nothing
    /// waits any more.
    pub async fn answer_relay(&self, _message_id: &str, _text: &str) -> Result<(), Error> {
        Err(Error::invalid("messageId", "not_found"))
    }
}
