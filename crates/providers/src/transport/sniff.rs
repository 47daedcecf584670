//! Tells the API from a login page: neither an event stream nor JSON begins with `<`.

/// What the first bytes of an answer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Nothing but white space so far.
    Blank,
    /// HTML or XML.
    Markup,
    /// Anything else.
    Data,
}

/// Looks at the beginning of a body, however it is cut.
#[derive(Debug)]
pub(super) struct Sniffer(Opening);

impl Default for Sniffer {
    fn default() -> Self {
        Self(Opening::Blank)
    }
}

impl Sniffer {
    /// Takes the next bytes of the body and says what it is so far.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Opening {
        if self.0 == Opening::Blank {
            // The three bytes of a byte order mark count as white space.
            let first = bytes.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF));
            self.0 = match first {
                None => Opening::Blank,
                Some(b'<') => Opening::Markup,
                Some(_) => Opening::Data,
            };
        }
        self.0
    }

    /// True where only white space has come.
    pub(super) fn is_blank(&self) -> bool {
        self.0 == Opening::Blank
    }
}

/// True where a content type says HTML.
pub(super) fn says_html(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
}

/// True where a web server says that its port is for TLS, in the words of the usual ones.
pub(super) fn wants_tls(body: &[u8]) -> bool {
    let begins = body.get(..4096).unwrap_or(body);
    let says = |words: &str| memchr::memmem::find(begins, words.as_bytes()).is_some();
    ["to an HTTPS server", "sent to HTTPS port", "SSL-enabled server port"].into_iter().any(says)
}
