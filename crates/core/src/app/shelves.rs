//! The chat list and its shelves.

use super::App;
use crate::{
    error::Error,
    view::{ConversationPage, ConversationSummary, Shelf, ShelfChange},
};

impl App {
    /// A page of a shelf, newest first.
    ///
    /// # Errors
    /// As its description says.
    pub async fn list_shelf(&self, shelf: Shelf, before: Option<f64>) -> Result<ConversationPage, Error> {
        let _ = (shelf, before);
        Err(Error::invalid("command", "not_built"))
    }

    /// Does one thing with several chats, all or none; what is left of them comes back.
    ///
    /// # Errors
    /// As its description says.
    pub async fn shelve(&self, ids: Vec<String>, change: ShelfChange) -> Result<Vec<ConversationSummary>, Error> {
        let _ = (ids, change);
        Err(Error::invalid("command", "not_built"))
    }
}
