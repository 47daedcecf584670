//! Files that persons and models bring, kept by their content.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::App;
use crate::{
    attachments::{self, LARGEST, Unreadable, kinds, table},
    error::Error,
    history::StoreError,
    view::{AttachmentKind, AttachmentView, FileData},
};

/// The longest base64 that a file within its limit can have.
const LONGEST_BASE64: usize = LARGEST.div_ceil(3) * 4;
/// What is shown of a text file, in bytes; its beginning says what it is.
const SHOWN_TEXT: usize = 1024 * 1024;

impl App {
    /// Keeps a file and says what it is. What was kept before is kept once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `base64` with `empty`, `too_large` (over 32 MiB) or `not_base64`;
    /// [`Error::Store`] where it cannot be written.
    pub async fn add_attachment(&self, name: &str, base64: String) -> Result<AttachmentView, Error> {
        if base64.len() > LONGEST_BASE64 {
            return Err(Error::invalid("base64", "too_large"));
        }
        let name = attachments::clean_name(name);
        let inner = &self.inner;
        let _held = inner.attachments.hold().await;
        let files = inner.attachments.clone();
        let keep = move || {
            let content = STANDARD.decode(base64).map_err(|_| Error::invalid("base64", "not_base64"))?;
            match content.len() {
                0 => Err(Error::invalid("base64", "empty")),
                length if length > LARGEST => Err(Error::invalid("base64", "too_large")),
                _ => files.keep(&content).map_err(|error| StoreError::from(error).into()),
            }
        };
        let kept = tokio::task::spawn_blocking(keep).await.map_err(|_| StoreError::Panicked)??;
        let now = inner.clock.now_ms();
        let row = inner.database.write(move |tx| table::register(tx, &kept, &name, now)).await?;
        Ok(table::view(&row))
    }

    /// The content of a kept file that may be shown: a picture, or the beginning of a text. It is proven to be what
    /// was kept.
    ///
    /// # Errors
    /// `not_found`; [`Error::Invalid`] for the field `id` with `not_an_id`, `not_shown` (another kind of file),
    /// `too_large` (a picture whose pixels would fill the memory), `missing`, `damaged` or `unreadable`.
    pub async fn read_attachment(&self, id: &str) -> Result<FileData, Error> {
        if !attachments::is_id(id) {
            return Err(Error::invalid("id", "not_an_id"));
        }
        let sha256 = id.to_owned();
        let row = self.inner.database.read(move |connection| table::get(connection, &sha256)).await?;
        let kind = kinds::kind(&row.media_type);
        if !matches!(kind, AttachmentKind::Image | AttachmentKind::Text) {
            return Err(Error::invalid("id", "not_shown"));
        }
        let files = self.inner.attachments.clone();
        let read = move || {
            let content = files.read(&row.sha256)?;
            Ok(match kind {
                AttachmentKind::Image => kinds::can_be_shown(&content).then(|| encoded(&row.media_type, &content)),
                _ => Some(encoded("text/plain", beginning(&content))),
            })
        };
        let content = tokio::task::spawn_blocking(read).await.unwrap_or(Err(Unreadable::Refused));
        content.map_err(|why| Error::invalid("id", why.code()))?.ok_or(Error::invalid("id", "too_large"))
    }
}

fn encoded(media_type: &str, content: &[u8]) -> FileData {
    FileData { media_type: media_type.to_owned(), base64: STANDARD.encode(content) }
}

/// The beginning of a text, not cut within a character.
fn beginning(content: &[u8]) -> &[u8] {
    let is_inside = |at: usize| content.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let mut end = content.len().min(SHOWN_TEXT);
    while end > 0 && is_inside(end) {
        end -= 1;
    }
    &content[..end]
}
