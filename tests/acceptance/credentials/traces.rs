//! Looking for a secret, and for any twelve characters of it, in the spellings that machines give them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

const WINDOW: usize = 12;

/// What must not be found.
#[derive(Default)]
pub(crate) struct Traces(HashSet<[u8; WINDOW]>);

impl Traces {
    /// Plain, as JSON and as an address spell it, and in base64 wherever it begins in a group of three.
    pub(crate) fn of(secrets: &[&str]) -> Self {
        let mut traces = Self::default();
        for secret in secrets {
            let escaped = |hex: fn(u8) -> String| -> String {
                let spell =
                    |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { hex(byte) };
                secret.bytes().map(spell).collect()
            };
            traces.add(secret);
            traces.add(&secret.replace('/', "\\/"));
            traces.add(&secret.replace('\n', "\\n"));
            traces.add(&escaped(|byte| format!("%{byte:02X}")));
            traces.add(&escaped(|byte| format!("%{byte:02x}")));
            for lead in ["", "a", "ab"] {
                let text = format!("{lead}{secret}");
                for coded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                    // The ends are shared with what stands beside it.
                    traces.add(&coded[4..coded.len() - 4]);
                }
            }
        }
        traces
    }

    fn add(&mut self, spelled: &str) {
        let before = self.0.len();
        self.0.extend(spelled.as_bytes().windows(WINDOW).map(|window| <[u8; WINDOW]>::try_from(window).unwrap()));
        assert!(self.0.len() > before || spelled.len() >= WINDOW, "too short to be looked for");
    }

    /// Where one stands, with what stands around it.
    pub(crate) fn found(&self, bytes: &[u8]) -> Option<String> {
        let at = bytes.windows(WINDOW).position(|window| self.0.contains(window))?;
        let around = &bytes[at.saturating_sub(60)..bytes.len().min(at + 60)];
        Some(String::from_utf8_lossy(around).into_owned())
    }

    /// Every file below a folder: how many were read.
    pub(crate) fn none_below(&self, folder: &Path) -> usize {
        let mut read = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            read += if path.is_dir() {
                self.none_below(&path)
            } else {
                assert_eq!(self.found(&fs::read(&path).unwrap()), None, "{path:?}");
                1
            };
            assert_eq!(self.found(path.to_string_lossy().as_bytes()), None, "{path:?}");
        }
        read
    }
}
