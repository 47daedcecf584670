//! Headers of a file: which may be sent, and which hold a secret.

use super::{Charset, Key, PlannedSecret, Settling, Text};
use crate::{
    exchange::said,
    view::{HeaderSetting, ImportCode, SecretSlot, VendorView},
};

/// Set by whoever sends the request.
const RESERVED: [&str; 12] = [
    "authorization",
    "host",
    "origin",
    "referer",
    "cookie",
    "connection",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "te",
    "upgrade",
    "accept-encoding",
];
/// What the name of a header with a secret holds.
const SECRETIVE: [&str; 6] = ["key", "token", "secret", "auth", "password", "credential"];
const LONGEST: usize = 4_096;

impl Settling<'_> {
    pub(super) fn headers(&mut self, vendor: &VendorView, base_url: &str) -> (Vec<HeaderSetting>, Vec<PlannedSecret>) {
        let draft = self.draft;
        let (mut headers, mut secrets): (Vec<HeaderSetting>, Vec<PlannedSecret>) = (Vec::new(), Vec::new());
        for (name, text) in &draft.headers {
            let path = format!("headers.{}", said(name).unwrap_or("…"));
            let lower = name.trim().to_ascii_lowercase();
            let twice = headers.iter().any(|known| known.name.eq_ignore_ascii_case(&lower));
            if !is_token(&lower) || is_reserved(&lower, vendor) || twice {
                self.note(&path, ImportCode::LeftOut, None);
                continue;
            }
            let value = match self.header(&path, &lower, text) {
                Header::Unusable => continue,
                Header::Plain(value) => Some(value),
                Header::Secret(key) => {
                    let slot = SecretSlot::Header { name: lower.clone() };
                    secrets.push(PlannedSecret { slot, address: base_url.to_owned(), key });
                    None
                }
            };
            headers.push(HeaderSetting { name: name.trim().to_owned(), value });
        }
        (headers, secrets)
    }

    fn header(&mut self, path: &str, name: &str, text: &str) -> Header {
        match Text::of(text, self.around.variable) {
            Ok(Text::Plain(value)) if !SECRETIVE.iter().any(|part| name.contains(part)) && !value.trim().is_empty() => {
                if value.len() > LONGEST || value.chars().any(char::is_control) {
                    self.bad(path, "ASCII");
                    return Header::Unusable;
                }
                Header::Plain(value.trim().to_owned())
            }
            // An empty value is one that the file does not tell: it is given by hand.
            _ => {
                let at = self.draft.path(path);
                Header::Secret(self.key(&at, text, Charset::Line))
            }
        }
    }
}

enum Header {
    Plain(String),
    Secret(Key),
    Unusable,
}

fn is_token(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.len() <= 100 && name.bytes().all(fits)
}

/// Also the header that carries the key on the vendor's wire.
fn is_reserved(name: &str, vendor: &VendorView) -> bool {
    let of_the_key = match vendor.dialect.as_str() {
        "anthropic" => "x-api-key",
        "gemini" => "x-goog-api-key",
        _ => "authorization",
    };
    name == of_the_key || RESERVED.contains(&name)
}
