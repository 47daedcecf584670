//! Pictures and documents of the person.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Category, ProviderError, catalog::Vendor};

/// The documents of the wire: its word, the types and the endings of names that mean it.
const DOCUMENTS: [(&str, &str, &str); 5] = [
    ("pdf", "application/pdf", ".pdf"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    ("doc", "application/msword", ".doc"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ("xls", "application/vnd.ms-excel", ".xls"),
];
/// The longest name, in characters, with room for a number behind it.
const LONGEST: usize = 190;

/// The documents of one request: no two may have the same name.
#[derive(Default)]
pub(super) struct Documents(HashSet<String>);

impl Documents {
    /// A file as a block, and whether it is a document, which needs a text beside it.
    pub(super) fn block(
        &mut self,
        vendor: &Vendor,
        name: &str,
        media_type: &str,
        data: &[u8],
    ) -> Result<(Value, bool), ProviderError> {
        let lower = name.to_ascii_lowercase();
        let format = DOCUMENTS.iter().find(|(_, kind, end)| *kind == media_type || lower.ends_with(end));
        if let Some((format, ..)) = format {
            let document = json!({
                "format": format,
                "name": self.name(name),
                "source": { "bytes": STANDARD.encode(data) },
            });
            return Ok((json!({ "document": document }), true));
        }
        match std::str::from_utf8(data) {
            // Written out every model reads it; documents only some take.
            Ok(text) if !text.contains('\0') => Ok((json!({ "text": format!("{name}:\n\n{text}") }), false)),
            _ => Err(unsupported(vendor, "files", media_type)),
        }
    }

    /// A name that the wire takes and no other document of the request has: letters, digits, single blanks, hyphens
    /// and brackets.
    fn name(&mut self, name: &str) -> String {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let legal = |c: char| if c.is_ascii_alphanumeric() || "-()[]".contains(c) { c } else { ' ' };
        let spaced: String = stem.chars().map(legal).collect();
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let whole: String = words.join(" ").chars().take(LONGEST).collect();
        let base = if whole.trim().is_empty() { "document" } else { whole.trim() };
        let numbered = (2..).map(|n| format!("{base} ({n})"));
        let free = std::iter::once(base.to_owned()).chain(numbered).find(|name| !self.0.contains(name));
        let free = free.unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// A picture as a block.
pub(super) fn image(vendor: &Vendor, media_type: &str, data: &[u8]) -> Result<Value, ProviderError> {
    let format = match media_type {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => return Err(unsupported(vendor, "images", media_type)),
    };
    Ok(json!({ "image": { "format": format, "source": { "bytes": STANDARD.encode(data) } } }))
}

fn unsupported(vendor: &Vendor, what: &str, media_type: &str) -> ProviderError {
    let message = format!("{} takes no {what} of the type {media_type}", vendor.name);
    ProviderError::because(Category::BadRequest, "file_unsupported", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_names_that_the_wire_takes_and_no_two_the_same() {
        let mut documents = Documents::default();
        for (name, want) in [
            ("spec.pdf", "spec"),
            ("spec.docx", "spec (2)"),
            ("a_b  c.v2 (final).pdf", "a b c v2 (final)"),
            ("../größe;drop.pdf", "gr e drop"),
            ("文档.pdf", "document"),
            (".pdf", "document (2)"),
        ] {
            assert_eq!(documents.name(name), want, "{name}");
        }
        let long = documents.name(&"x".repeat(500));
        assert!(long.len() <= 200, "{long}");
    }
}
