//! A secret in memory.

use zeroize::Zeroizing;

/// A key or token. It refuses `Debug`, `Serialize` and `Clone`, and its memory is wiped when dropped.
///
/// HTTP and TLS buffers below us may keep copies for a while; nothing more is promised.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret as a person pasted it: surrounding white space and quotes go.
    pub fn from_pasted(text: &str) -> Self {
        let text = text.trim();
        let bare = text
            .strip_prefix('"')
            .and_then(|t| t.strip_suffix('"'))
            .or_else(|| text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')))
            .unwrap_or(text);
        Self(Zeroizing::new(bare.trim().to_owned()))
    }

    /// Takes a secret as a store kept it, or a passphrase: every character counts.
    pub fn verbatim(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The bare text, for the one place that puts it on the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True where nothing is left after trimming.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last four characters of a key of at least 16; shorter keys show nothing.
    pub fn ends_with(&self) -> Option<String> {
        let count = self.0.chars().count();
        (count >= 16).then(|| self.0.chars().skip(count - 4).collect())
    }

    /// A second owner of the same secret, made on purpose: `Clone` would allow it by accident.
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}
