//! Media that a model made: they come as base64 in the text of their part, and go into files when the reply settles.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Attachments, Kept};
use crate::{history::rows::PartRow, view::PartKind};

impl Attachments {
    /// Keeps the medium of a part as a file; `None` where the part has none, or the file could not be written: then it
    /// stays as text in its part, and nothing is lost.
    pub(crate) fn keep_medium(&self, part: &PartRow) -> Option<Kept> {
        if part.kind != PartKind::Media || part.text.is_empty() {
            return None;
        }
        let content = STANDARD.decode(&part.text).ok().filter(|content| !content.is_empty())?;
        match self.keep(&content) {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::warn!(%error, "a medium of a reply was not kept as a file and stays in its message");
                None
            }
        }
    }
}
