//! What a person does with single messages.

use super::App;
use crate::{
    error::Error,
    view::{ConversationView, MessageView},
};

impl App {
    /// Messages by their ids, at most 200, in the order asked for.
    ///
    /// # Errors
    /// As its description says.
    pub async fn get_messages(&self, ids: Vec<String>) -> Result<Vec<MessageView>, Error> {
        let _ = ids;
        Err(Error::invalid("command", "not_built"))
    }

    /// Changes the text of a user message in its place, without asking anybody.
    ///
    /// # Errors
    /// As its description says.
    pub async fn edit_message(&self, id: &str, text: &str) -> Result<MessageView, Error> {
        let _ = (id, text);
        Err(Error::invalid("command", "not_built"))
    }

    /// Takes messages out of their chat, or puts them back.
    ///
    /// # Errors
    /// As its description says.
    pub async fn delete_messages(&self, ids: Vec<String>, deleted: bool) -> Result<ConversationView, Error> {
        let _ = (ids, deleted);
        Err(Error::invalid("command", "not_built"))
    }

    /// Begins a chat of its own with the messages up to this one.
    ///
    /// # Errors
    /// As its description says.
    pub async fn branch_off(&self, message_id: &str) -> Result<ConversationView, Error> {
        let _ = message_id;
        Err(Error::invalid("command", "not_built"))
    }
}
