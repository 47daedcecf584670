//! Files that persons and models bring, kept by their content.

use super::App;
use crate::{
    error::Error,
    view::{AttachmentView, FileData},
};

impl App {
    /// Keeps a file and says what it is.
    ///
    /// # Errors
    /// As its description says.
    pub async fn add_attachment(&self, name: &str, base64: &str) -> Result<AttachmentView, Error> {
        let _ = (name, base64);
        Err(Error::invalid("command", "not_built"))
    }

    /// The content of a kept file that may be shown: a picture, or text.
    ///
    /// # Errors
    /// As its description says.
    pub async fn read_attachment(&self, id: &str) -> Result<FileData, Error> {
        let _ = id;
        Err(Error::invalid("command", "not_built"))
    }
}
