//! Links and pictures at addresses.

use std::io;

use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::fetch::{self, Reach};

use super::App;
use crate::{
    attachments::kinds,
    error::Error,
    outside::links,
    view::{FileData, LinkView},
};

impl App {
    /// What a link really is; nothing is opened or asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `address`, as [`links::inspect`] says.
    pub async fn inspect_link(&self, address: &str) -> Result<LinkView, Error> {
        links::inspect(address)
    }

    /// Opens a link with what the system opens such links with: `open` gets the address as it was shown, and no other.
    ///
    /// # Errors
    /// As [`Self::inspect_link`], and then nothing was opened; `not_opened` where the system has nothing to open it with.
    pub async fn open_link<F>(&self, address: &str, open: F) -> Result<(), Error>
    where
        F: FnOnce(&str) -> io::Result<()> + Send + 'static,
    {
        let link = links::inspect(address)?;
        let opened = tokio::task::spawn_blocking(move || open(&link.address)).await;
        match opened {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(kind = ?error.kind(), "a link was not opened");
                Err(Error::invalid("address", "not_opened"))
            }
            Err(_) => Err(Error::invalid("address", "not_opened")),
        }
    }

    /// Fetches a picture that a person asked to see. Who serves it learns this computer's address and nothing else.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `address`: as [`Self::inspect_link`]; `not_public`, `not_found`, `not_reached`,
    /// `timed_out`, `too_large`, `too_many_redirects`, `refused_by_server`, `encoded`; `not_a_picture`.
    pub async fn fetch_image(&self, address: &str) -> Result<FileData, Error> {
        let link = links::inspect(address)?;
        let failed = |error: fetch::FetchError| Error::invalid("address", error.code());
        let content = fetch::get(&link.address, &Reach::public()).await.map_err(failed)?;
        picture(&content)
    }
}

/// A picture that the page may show, or why this is none.
fn picture(content: &[u8]) -> Result<FileData, Error> {
    let media_type = kinds::picture(content).ok_or(Error::invalid("address", "not_a_picture"))?;
    if !kinds::can_be_shown(content) {
        return Err(Error::invalid("address", "too_large"));
    }
    Ok(FileData { media_type: media_type.to_owned(), base64: STANDARD.encode(content) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_picture_is_shown_as_one() {
        let gif = b"GIF89a\x02\0\x02\0\0\0\0;";
        assert_eq!(picture(gif).unwrap().media_type, "image/gif");
        for other in [b"<svg/>".as_slice(), b"<html>", b"%PDF-1.7", b"", b"BM\0\0\0\0"] {
            assert!(matches!(picture(other), Err(Error::Invalid { reason: "not_a_picture", .. })));
        }
        let endless = b"GIF89a\xff\xff\xff\xff\0\0\0;";
        assert!(matches!(picture(endless), Err(Error::Invalid { reason: "too_large", .. })));
    }
}
