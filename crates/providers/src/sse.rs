//! Server-sent events, after the WHATWG HTML standard's "event stream interpretation", bounded and safe to cut anywhere.
//!
//! Two deliberate deviations: an event the body ends in is handed out (marked as unterminated) instead of being
//! dropped, because some servers omit the last blank line; and a line `error: {…}`, which old llama.cpp servers
//! write instead of a data line, is handed out as an event named `error`.

use memchr::memchr2;

/// How much one line and one event may hold, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseLimits {
    /// Longest line, its end not counted.
    pub line: usize,
    /// Most data of one event.
    pub event: usize,
}

impl Default for SseLimits {
    fn default() -> Self {
        Self { line: 1 << 20, event: 4 << 20 }
    }
}

/// A stream that goes past its limits. Nothing can be read from it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// One line is longer than allowed.
    #[error("a line of the stream is longer than {0} bytes")]
    LineTooLong(usize),
    /// One event holds more data than allowed.
    #[error("an event of the stream is larger than {0} bytes")]
    EventTooLarge(usize),
}

/// One event, borrowed from the bytes it came in wherever it did not cross a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event:` field, empty where there is none.
    pub name: &'a [u8],
    /// The data lines, joined by LF. Not yet checked to be UTF-8.
    pub data: &'a [u8],
    /// False where the body ended before the blank line.
    pub terminated: bool,
}

/// The decoder. Its memory is bounded by the limits, its time by the bytes.
#[derive(Debug)]
pub struct SseDecoder {
    limits: SseLimits,
    /// The line that the last cut went through.
    partial: Vec<u8>,
    /// Data lines of the event under way, as far as they could not stay borrowed.
    data: Vec<u8>,
    has_data: bool,
    name: Vec<u8>,
    /// The last cut came after a CR: a LF that follows belongs to it.
    after_cr: bool,
    first_line: bool,
    strange: u64,
}

impl SseDecoder {
    /// A decoder for one body.
    pub fn new(limits: SseLimits) -> Self {
        Self {
            limits,
            partial: Vec::new(),
            data: Vec::new(),
            has_data: false,
            name: Vec::new(),
            after_cr: false,
            first_line: true,
            strange: 0,
        }
    }

    /// How many lines were no field of an event stream: more than none, and no event, means it is not one.
    pub fn strange_lines(&self) -> u64 {
        self.strange
    }

    /// Takes more bytes and hands out every event they complete.
    ///
    /// # Errors
    /// Those of `sink`, and [`SseError`] where a limit is passed; both end the reading.
    pub fn push<E, F>(&mut self, bytes: &[u8], sink: &mut F) -> Result<(), E>
    where
        E: From<SseError>,
        F: FnMut(SseEvent<'_>) -> Result<(), E>,
    {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        let mut borrowed = None;
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let (line, tail) = (&rest[..end], &rest[end..]);
            rest = match tail {
                [b'\r', b'\n', more @ ..] => more,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, more @ ..] => more,
                [] => tail,
            };
            if self.partial.is_empty() {
                self.line(line, &mut borrowed, sink)?;
            } else {
                self.extend_partial(line)?;
                let whole = std::mem::take(&mut self.partial);
                self.split_line(&whole, &mut borrowed, sink)?;
                self.partial = whole;
                self.partial.clear();
            }
        }
        if let Some(value) = borrowed {
            self.keep(value)?;
        }
        if !rest.is_empty() {
            self.extend_partial(rest)?;
        }
        Ok(())
    }

    /// The body ended: hands out what is left of an unfinished event.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish<E, F>(&mut self, sink: &mut F) -> Result<(), E>
    where
        E: From<SseError>,
        F: FnMut(SseEvent<'_>) -> Result<(), E>,
    {
        if !self.partial.is_empty() {
            let whole = std::mem::take(&mut self.partial);
            self.split_line(&whole, &mut None, sink)?;
        }
        if self.has_data {
            self.has_data = false;
            let data = std::mem::take(&mut self.data);
            let name = std::mem::take(&mut self.name);
            sink(SseEvent { name: &name, data: &data, terminated: false })?;
        }
        Ok(())
    }

    fn extend_partial(&mut self, bytes: &[u8]) -> Result<(), SseError> {
        if self.partial.len() + bytes.len() > self.limits.line {
            return Err(SseError::LineTooLong(self.limits.line));
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// A line that had to be put together from pieces: its value cannot stay borrowed.
    fn split_line<E, F>(&mut self, line: &[u8], borrowed: &mut Option<&[u8]>, sink: &mut F) -> Result<(), E>
    where
        E: From<SseError>,
        F: FnMut(SseEvent<'_>) -> Result<(), E>,
    {
        if let Some(value) = borrowed.take() {
            self.keep(value)?;
        }
        let mut own = None;
        self.line(line, &mut own, sink)?;
        if let Some(value) = own {
            self.keep(value)?;
        }
        Ok(())
    }

    fn line<'a, E, F>(&mut self, line: &'a [u8], borrowed: &mut Option<&'a [u8]>, sink: &mut F) -> Result<(), E>
    where
        E: From<SseError>,
        F: FnMut(SseEvent<'_>) -> Result<(), E>,
    {
        if line.len() > self.limits.line {
            return Err(SseError::LineTooLong(self.limits.line).into());
        }
        let mut line = line;
        if self.first_line {
            self.first_line = false;
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            return Ok(self.data_line(value, borrowed)?);
        }
        if line.is_empty() {
            return self.dispatch(borrowed.take(), sink);
        }
        self.rare_line(line, borrowed, sink)
    }

    fn data_line<'a>(&mut self, value: &'a [u8], borrowed: &mut Option<&'a [u8]>) -> Result<(), SseError> {
        if let Some(first) = borrowed.take() {
            self.keep(first)?;
        }
        if self.has_data {
            return self.keep(value);
        }
        if value.len() > self.limits.event {
            return Err(SseError::EventTooLarge(self.limits.event));
        }
        *borrowed = Some(value);
        Ok(())
    }

    #[cold]
    fn rare_line<'a, E, F>(&mut self, line: &'a [u8], borrowed: &mut Option<&'a [u8]>, sink: &mut F) -> Result<(), E>
    where
        E: From<SseError>,
        F: FnMut(SseEvent<'_>) -> Result<(), E>,
    {
        let (field, value) = match memchr::memchr(b':', line) {
            Some(0) => return Ok(()),
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (line, &line[line.len()..]),
        };
        match field {
            b"data" => Ok(self.data_line(value, borrowed)?),
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
                Ok(())
            }
            b"error" if value.first() == Some(&b'{') => {
                sink(SseEvent { name: b"error", data: value, terminated: true })
            }
            b"id" | b"retry" => Ok(()),
            _ => {
                self.strange += 1;
                Ok(())
            }
        }
    }

    /// Appends a data line to the event under way.
    fn keep(&mut self, value: &[u8]) -> Result<(), SseError> {
        let join = usize::from(self.has_data);
        if self.data.len() + join + value.len() > self.limits.event {
            return Err(SseError::EventTooLarge(self.limits.event));
        }
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        self.has_data = true;
        Ok(())
    }

    fn dispatch<E, F>(&mut self, borrowed: Option<&[u8]>, sink: &mut F) -> Result<(), E>
    where
        E: From<SseError>,
        F: FnMut(SseEvent<'_>) -> Result<(), E>,
    {
        let done = match borrowed {
            Some(data) => sink(SseEvent { name: &self.name, data, terminated: true }),
            None if self.has_data => sink(SseEvent { name: &self.name, data: &self.data, terminated: true }),
            None => Ok(()),
        };
        self.has_data = false;
        self.data.clear();
        self.name.clear();
        done
    }
}
