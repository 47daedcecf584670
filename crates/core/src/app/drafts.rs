//! What stands in a composer before it is sent, and what is asked of the model beside the messages.

use super::{App, parse_id};
use crate::{
    chat::setup,
    error::Error,
    history::{conversations, drafts, parts, rows::AttachmentRow},
    view::{AttachmentView, ChatSetup, Draft},
};

/// The largest draft, in bytes of all its texts.
const LARGEST_DRAFT: usize = 1024 * 1024;
/// Messages typed ahead.
const MOST_QUEUED: usize = 100;
/// Files of one message.
const MOST_FILES: usize = 32;
/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 1_000;

impl App {
    /// Keeps what stands in a composer; without a chat, in that of a new one.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is too large or names what cannot be a file; `not_found`.
    pub async fn save_draft(&self, conversation_id: Option<String>, draft: Draft) -> Result<(), Error> {
        let conversation = conversation_id.as_deref().map(|id| parse_id("conversationId", id)).transpose()?;
        check_draft(&draft)?;
        let now = self.inner.clock.now_ms();
        Ok(self.inner.database.write(move |tx| drafts::save(tx, conversation, &draft, now)).await?)
    }

    /// Keeps what is asked of the model beside the messages, from the next message on.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that no vendor takes; `not_found`.
    pub async fn set_up_chat(&self, conversation_id: &str, setup: ChatSetup) -> Result<(), Error> {
        let conversation = parse_id("conversationId", conversation_id)?;
        let stored = setup::check(setup)?;
        let keep = move |tx: &rusqlite::Transaction<'_>| {
            let lane = conversations::first_lane(tx, conversation)?;
            conversations::set_up(tx, lane.id, &stored.parameters, stored.system.as_deref())
        };
        Ok(self.inner.database.write(keep).await?)
    }

    /// The kept files that a message brings, in its order.
    pub(super) async fn files(&self, ids: Vec<String>) -> Result<Vec<AttachmentRow>, Error> {
        check_files(&ids)?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let find = move |connection: &rusqlite::Connection| {
            ids.iter().map(|id| parts::attachment(connection, id)).collect::<Result<Option<Vec<_>>, _>>()
        };
        self.inner.database.read(find).await?.ok_or(Error::invalid("attachments", "unknown"))
    }
}

fn check_files<T: AsRef<str>>(ids: &[T]) -> Result<(), Error> {
    if ids.len() > MOST_FILES {
        return Err(Error::invalid("attachments", "too_many"));
    }
    let is_hash = |id: &str| id.len() == 64 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if ids.iter().all(|id| is_hash(id.as_ref())) { Ok(()) } else { Err(Error::invalid("attachments", "not_an_id")) }
}

pub(super) fn check_draft(draft: &Draft) -> Result<(), Error> {
    if draft.queued.len() > MOST_QUEUED {
        return Err(Error::invalid("queued", "too_many"));
    }
    let files = std::iter::once(&draft.attachments).chain(draft.queued.iter().map(|queued| &queued.attachments));
    for files in files {
        check_files(&files.iter().map(|file| &file.id).collect::<Vec<_>>())?;
        files.iter().try_for_each(check_name)?;
    }
    let texts = std::iter::once(&draft.text).chain(draft.queued.iter().map(|queued| &queued.text));
    if texts.map(String::len).sum::<usize>() > LARGEST_DRAFT {
        return Err(Error::invalid("draft", "too_long"));
    }
    Ok(())
}

fn check_name(file: &AttachmentView) -> Result<(), Error> {
    let too_long = file.name.len() > LONGEST_NAME || file.media_type.len() > LONGEST_NAME;
    if too_long { Err(Error::invalid("attachments", "too_long")) } else { Ok(()) }
}
