//! What a file is, found from its content: a name or a sender's word says nothing.

use crate::view::AttachmentKind;

/// Pictures of the kinds that models and the page take.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// The media type of a content. What can be read as text is text, also HTML and SVG, which are never shown as more.
pub fn media_type(content: &[u8]) -> &'static str {
    if let Some(picture) = picture(content) {
        return picture;
    }
    if content.starts_with(b"%PDF-") {
        return "application/pdf";
    }
    if std::str::from_utf8(content).is_ok_and(|text| !text.contains('\0')) {
        return "text/plain";
    }
    match infer::get(content).map(|found| found.mime_type()) {
        Some("audio/x-wav") => "audio/wav",
        Some("audio/x-flac") => "audio/flac",
        Some("audio/m4a") => "audio/mp4",
        // Only the four kinds above count as pictures, whatever else may look like one.
        Some(other) if !PICTURES.contains(&other) && other != "application/pdf" => other,
        _ => "application/octet-stream",
    }
}

/// The media type of a picture that may be shown; `None` for anything else.
pub fn picture(content: &[u8]) -> Option<&'static str> {
    match content {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Most pixels of a picture that is shown: unpacked they take four bytes each in the web view.
const MOST_PIXELS: u64 = 64_000_000;

/// Whether a picture, unpacked, stays within bounds. Only its head is looked at; one that tells no size does not.
pub fn can_be_shown(content: &[u8]) -> bool {
    size(content).is_some_and(|(width, height)| width.saturating_mul(height) <= MOST_PIXELS)
}

/// Width and height of a picture, as its head says.
pub fn size(content: &[u8]) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(content).ok()?;
    Some((size.width as u64, size.height as u64)).filter(|(width, height)| *width > 0 && *height > 0)
}

/// What a file of this type is to a model.
pub fn kind(media_type: &str) -> AttachmentKind {
    match media_type {
        picture if PICTURES.contains(&picture) => AttachmentKind::Image,
        "application/pdf" => AttachmentKind::Pdf,
        text if text.starts_with("text/") => AttachmentKind::Text,
        sound if sound.starts_with("audio/") => AttachmentKind::Audio,
        _ => AttachmentKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttachmentKind::{Audio, Image, Other, Pdf, Text};

    #[test]
    fn the_content_says_what_a_file_is() {
        let table: &[(&[u8], &str, AttachmentKind)] = &[
            (b"\x89PNG\r\n\x1a\n....", "image/png", Image),
            (b"\xff\xd8\xff\xe0", "image/jpeg", Image),
            (b"GIF89a..", "image/gif", Image),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", Image),
            (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav", Audio),
            (b"ID3\x03\0\0\0\0\0\0", "audio/mpeg", Audio),
            (b"fLaC\0\0\0\x22", "audio/flac", Audio),
            (b"OggS\0\x02\0\0", "audio/ogg", Audio),
            (b"%PDF-1.7\n", "application/pdf", Pdf),
            (b"plain words \xc3\xa4", "text/plain", Text),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "text/plain", Text),
            (b"<!doctype html><script>alert(1)</script>", "text/plain", Text),
            (b"#!/bin/sh\necho\n", "text/plain", Text),
            (b"words with a \0", "application/octet-stream", Other),
            (b"\xff\xfe\xfd", "application/octet-stream", Other),
            (b"BM\0\0\0\0\0\0", "image/bmp", Other),
            (b"PK\x03\x04\0\0", "application/zip", Other),
            (b"", "text/plain", Text),
        ];
        for (content, found, what) in table {
            assert_eq!(media_type(content), *found, "{content:?}");
            assert_eq!(kind(found), *what, "{found}");
        }
        assert_eq!(kind("image/svg+xml"), Other);
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_not_shown() {
        let png = |width: u32, height: u32| {
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
            png.extend(width.to_be_bytes());
            png.extend(height.to_be_bytes());
            png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
            png
        };
        assert_eq!(size(&png(640, 480)), Some((640, 480)));
        assert!(can_be_shown(&png(8000, 8000)));
        assert!(!can_be_shown(&png(8001, 8000)));
        assert!(!can_be_shown(&png(u32::MAX, u32::MAX)));
        assert!(!can_be_shown(&png(0, 5)));
        assert!(!can_be_shown(b"\x89PNG\r\n\x1a\n"));
    }
}
