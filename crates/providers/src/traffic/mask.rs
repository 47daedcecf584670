//! Masks what is secret with as many bytes of something else, so that lengths, cuts and framing stay as they were.

use std::ops::Range;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::Secret;

/// What stands instead of each byte. It is good inside a JSON string, in base64 and in an address.
const INSTEAD: u8 = b'x';
/// At the end of what came, the beginning of a secret of this length is masked, too.
const SHORTEST_BEGINNING: usize = 4;
/// Fewer characters of base64 occur by chance.
const SHORTEST_CODED: usize = 10;
/// JSON members whose text names who pays.
const MEMBERS: [&str; 8] = [
    "\"organization\"",
    "\"organization_id\"",
    "\"organisation\"",
    "\"org_id\"",
    "\"project_id\"",
    "\"account_id\"",
    "\"user_id\"",
    "\"email\"",
];
/// JSON members in which an answer comes piece by piece.
const PIECES: [&str; 8] = [
    "\"content\"",
    "\"text\"",
    "\"thinking\"",
    "\"reasoning\"",
    "\"reasoning_content\"",
    "\"partial_json\"",
    "\"arguments\"",
    "\"delta\"",
];
/// Beginnings of vendors' own ids of who pays.
const IDS: [&str; 2] = ["org-", "proj_"];

pub(crate) type Spellings = Vec<Zeroizing<Vec<u8>>>;
/// Tells secrets that come to be while an exchange goes on.
type Later = Arc<dyn Fn() -> Vec<Secret> + Send + Sync>;

/// The secrets of one endpoint in every spelling that is looked for.
#[derive(Default)]
pub(crate) struct Mask {
    spellings: Spellings,
    later: Option<Later>,
}

impl Mask {
    /// For these secrets.
    pub(crate) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self { spellings: spellings(secrets), later: None }
    }

    /// For these, too, as they are whenever something is masked.
    pub(crate) fn and_later(self, later: Later) -> Self {
        Self { later: Some(later), ..self }
    }

    /// Masks every secret, and what names who pays. Escapes of JSON and of addresses hide nothing.
    pub(crate) fn over(&self, bytes: &mut [u8]) {
        let later = self.later.as_ref().map(|later| later()).unwrap_or_default();
        let later = spellings(later.iter().map(Secret::expose));
        for secret in self.spellings.iter().chain(&later) {
            cover(bytes, secret);
        }
        cover_joined(bytes, &self.spellings);
        cover_joined(bytes, &later);
        for member in MEMBERS {
            for range in texts(bytes, member) {
                bytes.get_mut(range).unwrap_or_default().fill(INSTEAD);
            }
        }
        for id in IDS {
            cover_id(bytes, id.as_bytes());
        }
    }

    /// The same for text.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.over(&mut bytes);
        // A whole secret is whole characters, and so is what stands instead.
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Secrets as they are, and as base64 spells them wherever they stand in it.
pub(crate) fn spellings<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Spellings {
    let mut spellings: Spellings = Vec::new();
    for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
        let coded = (0..3).flat_map(|offset| coded(secret.as_bytes(), offset));
        spellings.push(Zeroizing::new(secret.as_bytes().to_vec()));
        spellings.extend(coded.filter(|coded| coded.len() >= SHORTEST_CODED));
    }
    spellings.sort_unstable_by(|a, b| a.as_slice().cmp(b.as_slice()));
    spellings.dedup();
    spellings
}

/// What base64 makes of a secret that begins `offset` bytes after a group of three, as far as it is the secret's alone.
fn coded(secret: &[u8], offset: usize) -> [Zeroizing<Vec<u8>>; 2] {
    let mut padded = Zeroizing::new(vec![0; offset]);
    padded.extend_from_slice(secret);
    let (from, to) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    let own = |text: String| Zeroizing::new(Zeroizing::new(text).as_bytes().get(from..to).unwrap_or_default().to_vec());
    [own(STANDARD_NO_PAD.encode(&*padded)), own(URL_SAFE_NO_PAD.encode(&*padded))]
}

fn cover(bytes: &mut [u8], secret: &[u8]) {
    for range in found(bytes, secret, SHORTEST_BEGINNING) {
        bytes.get_mut(range).unwrap_or_default().fill(INSTEAD);
    }
}

/// Where a secret stands, as it is or in escapes of JSON and of addresses. At the end its beginning counts, too, from
/// `shortest` bytes on.
pub(crate) fn found(bytes: &[u8], secret: &[u8], shortest: usize) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    let Some(&first) = secret.first() else { return found };
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr3(first, b'\\', b'%', rest)) {
        at += next;
        match bytes.get(at..).and_then(|rest| length_at(rest, secret, shortest)) {
            Some(length) => {
                found.push(at..at + length);
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// How many bytes a secret takes at the beginning of `rest`; `None` where it is not there.
fn length_at(rest: &[u8], secret: &[u8], shortest: usize) -> Option<usize> {
    let mut length = 0;
    for (matched, &wanted) in secret.iter().enumerate() {
        let left = rest.get(length..).unwrap_or_default();
        if left.is_empty() {
            return (matched >= shortest).then_some(length);
        }
        length += spelled(left, wanted)?;
    }
    Some(length)
}

/// How many bytes one byte of a secret takes at the beginning of `left`: itself, or an escape of it.
fn spelled(left: &[u8], wanted: u8) -> Option<usize> {
    let hex = |digits: Option<&[u8]>| u8::from_str_radix(std::str::from_utf8(digits?).ok()?, 16).ok();
    match left {
        [b'\\', b'u', b'0', b'0', ..] if hex(left.get(4..6)) == Some(wanted) => Some(6),
        [b'\\', byte, ..] if *byte == wanted => Some(2),
        [b'%', ..] if hex(left.get(1..3)) == Some(wanted) => Some(3),
        [byte, ..] if *byte == wanted => Some(1),
        _ => None,
    }
}

/// Where the texts of a JSON member are, by its name in quotes.
fn texts(bytes: &[u8], name: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memmem::find(rest, name.as_bytes())) {
        at += next + name.len();
        let mut rest = bytes.iter().enumerate().skip(at).filter(|(_, byte)| !byte.is_ascii_whitespace());
        let opened = rest.next().is_some_and(|(_, byte)| *byte == b':');
        let Some((quote, b'"')) = rest.next().filter(|_| opened) else { continue };
        let (from, mut escaped) = (quote + 1, false);
        let inside = bytes.iter().skip(from).take_while(|byte| {
            let ends = !escaped && **byte == b'"';
            escaped = !escaped && **byte == b'\\';
            !ends
        });
        let to = from + inside.count();
        found.push(from..to);
        at = to;
    }
    found
}

/// Masks a secret that came in pieces, each in an event of its own.
fn cover_joined(bytes: &mut [u8], secrets: &[Zeroizing<Vec<u8>>]) {
    if secrets.is_empty() {
        return;
    }
    for name in PIECES {
        let ranges = texts(bytes, name);
        let mut joined: Vec<u8> =
            ranges.iter().filter_map(|range| bytes.get(range.clone())).flatten().copied().collect();
        for secret in secrets {
            cover(&mut joined, secret);
        }
        // As many bytes as before, so each goes back to where it was.
        let mut masked = joined.into_iter();
        for range in ranges {
            for (byte, masked) in bytes.get_mut(range).unwrap_or_default().iter_mut().zip(masked.by_ref()) {
                *byte = masked;
            }
        }
    }
}

/// Masks ids that begin like this and go on for eight characters or more.
fn cover_id(bytes: &mut [u8], begins: &[u8]) {
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memmem::find(rest, begins)) {
        let before = (at + found).checked_sub(1).and_then(|before| bytes.get(before)).copied();
        at += found + begins.len();
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-';
        let length = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| part(byte)).count();
        if length >= 8 && !before.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            bytes.iter_mut().skip(at).take(length).for_each(|byte| *byte = INSTEAD);
        }
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "sk-canary/0123+45\"6789";

    fn masked(text: &str) -> String {
        Mask::of([KEY]).text(text)
    }

    #[test]
    fn every_spelling_is_found() {
        let json = serde_json::to_string(KEY).unwrap();
        let unicode: String = KEY.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
        let percent: String = KEY.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mixed = KEY.replace('/', "\\/").replace('k', "\\u006b").replace('"', "\\\"");
        for spelling in [KEY, json.trim_matches('"'), &unicode, &percent, &mixed] {
            let text = format!("before {spelling} after {spelling}");
            let hidden = masked(&text);
            assert_eq!(hidden.len(), text.len());
            let instead = "x".repeat(spelling.len());
            assert_eq!(hidden, format!("before {instead} after {instead}"));
        }
    }

    #[test]
    fn who_pays_is_not_told() {
        let text = r#"{"organization" : "acme \"labs\"", "id": "org-abcdEFGH1234", "x": "my-org-chart", "email":5}"#;
        let expected =
            r#"{"organization" : "xxxxxxxxxxxxx", "id": "org-xxxxxxxxxxxx", "x": "my-org-chart", "email":5}"#;
        assert_eq!(masked(text), expected);
        assert_eq!(masked(r#"{"organization""#), r#"{"organization""#);
    }

    #[test]
    fn a_secret_that_comes_in_pieces_is_found() {
        let pieces = ["it is sk-ca", "nary/01", "", "23+45\\\"67", "89, you know"];
        let events = |pieces: &[&str]| -> String {
            pieces.iter().map(|piece| format!("data: {{\"delta\":{{\"content\" : \"{piece}\"}}}}\n\n")).collect()
        };
        let expected = ["it is xxxxx", "xxxxxxx", "", "xxxxxxxxx", "xx, you know"];
        assert_eq!(masked(&events(&pieces)), events(&expected));
    }

    #[test]
    fn the_beginning_of_a_secret_at_the_end_is_masked() {
        assert_eq!(masked("it is sk-canary/0"), "it is xxxxxxxxxxx");
        assert_eq!(masked("it is sk-"), "it is sk-");
        assert_eq!(masked("sk-canary is no key"), "sk-canary is no key");
    }

    proptest! {
        #[test]
        fn base64_hides_nothing(before in prop::collection::vec(any::<u8>(), 0..40), after in prop::collection::vec(any::<u8>(), 0..40)) {
            let whole = [before.as_slice(), KEY.as_bytes(), &after].concat();
            for engine in [STANDARD, URL_SAFE] {
                let text = engine.encode(&whole);
                let hidden = masked(&text);
                prop_assert_eq!(hidden.len(), text.len());
                let back = engine.decode(&hidden).unwrap();
                // All but the bits that it shares with its neighbours.
                let inner = &KEY.as_bytes()[1..KEY.len() - 1];
                prop_assert!(memchr::memmem::find(&back, inner).is_none());
            }
        }

        #[test]
        fn nothing_else_changes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut hidden = bytes.clone();
            Mask::of(["a secret that is not there"]).over(&mut hidden);
            prop_assert_eq!(hidden, bytes);
        }
    }
}
