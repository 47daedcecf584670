//! The two framings of an answer: everything that [`Framed`] knows, and the JSON array that a server streams where
//! nobody asked for `alt=sse` or a proxy lost it. The array is read element by element, so that its text is seen, and
//! kept, before its end.

use memchr::memmem;

use super::decode::Answer;
use crate::{
    ChatEvent, ProviderError,
    dialect::StreamDecoder,
    failure::{self, Facts, empty, too_large},
    framing::{Assemble, Framed, MEDIA_LIMIT, MESSAGE_LIMIT},
    sse::SseEvent,
};

/// How much of the end of an event stream is kept, to find an error that came without its framing.
const TAIL: usize = 8 << 10;

/// The decoder of one answer.
pub(super) struct Wire {
    body: Body,
    media: bool,
    tail: Vec<u8>,
}

enum Body {
    /// Only white space so far.
    Blank,
    Framed(Framed<Answer>),
    Array(Array),
}

impl Wire {
    /// For an answer that may hold `media` or not, which decides the limits.
    pub(super) fn new(media: bool) -> Self {
        Self { body: Body::Blank, media, tail: Vec::new() }
    }

    /// Keeps the last bytes.
    fn remember(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }

    /// An error that the server wrote as bare JSON after its events: it knew no better once the stream had begun.
    fn bare_error(&self) -> Option<ProviderError> {
        let tail = &self.tail[self.tail.len().saturating_sub(TAIL)..];
        let last = |mark: &[u8]| memmem::rfind(tail, mark);
        let start = last(b"\n{").max(last(b"\n["))?;
        let bare = &tail[start..];
        let value: serde_json::Value = serde_json::from_slice(bare).ok()?;
        let object = value.get(0).unwrap_or(&value);
        object.get("error").filter(|error| error.is_object() || error.is_string())?;
        Some(failure::provider_error(None, &Facts::of_body(bare)))
    }
}

impl StreamDecoder for Wire {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        match &mut self.body {
            Body::Framed(framed) => {
                let pushed = framed.push(bytes, out);
                self.remember(bytes);
                pushed
            }
            Body::Array(array) => array.push(bytes, out),
            Body::Blank => {
                let Some(start) = bytes.iter().position(|b| !b.is_ascii_whitespace()) else { return Ok(()) };
                self.body = match bytes[start] {
                    b'[' => Body::Array(Array::new(if self.media { MEDIA_LIMIT } else { MESSAGE_LIMIT })),
                    _ => Body::Framed(Framed::new(Answer::default(), self.media)),
                };
                self.push(&bytes[start..], out)
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        match &mut self.body {
            Body::Framed(framed) => {
                let finished = framed.finish(out);
                finished.map_err(|error| self.bare_error().unwrap_or(error))
            }
            Body::Array(array) if array.answer.is_done() => Ok(()),
            Body::Array(array) => array.answer.end(true, out),
            Body::Blank => Err(empty()),
        }
    }

    fn is_done(&self) -> bool {
        match &self.body {
            Body::Framed(framed) => framed.is_done(),
            Body::Array(array) => array.answer.is_done(),
            Body::Blank => false,
        }
    }

    fn events_seen(&self) -> u64 {
        match &self.body {
            Body::Framed(framed) => framed.events_seen(),
            Body::Array(array) => array.answer.events_seen(),
            Body::Blank => 0,
        }
    }

    fn progress_seen(&self) -> u64 {
        match &self.body {
            Body::Framed(framed) => framed.progress_seen(),
            Body::Array(array) => array.answer.progress_seen(),
            Body::Blank => 0,
        }
    }
}

struct Array {
    elements: Elements,
    answer: Answer,
    limit: usize,
}

impl Array {
    fn new(limit: usize) -> Self {
        Self { elements: Elements::new(limit), answer: Answer::default(), limit }
    }

    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let Self { elements, answer, limit } = self;
        if answer.is_done() {
            return Ok(());
        }
        elements.push(bytes, &mut |element| {
            answer.event(SseEvent { name: b"", data: element, terminated: true }, out)?;
            if answer.content() > *limit { Err(too_large()) } else { Ok(()) }
        })?;
        if elements.closed && answer.has_reason() {
            answer.complete(out);
        }
        Ok(())
    }
}

/// Cuts a JSON array into its elements. Linear, and no more than one element is held.
pub(super) struct Elements {
    element: Vec<u8>,
    limit: usize,
    /// How many brackets of the element under way are open.
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    opened: bool,
    /// The array has ended.
    pub(super) closed: bool,
}

impl Elements {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            element: Vec::new(),
            limit,
            depth: 0,
            in_string: false,
            after_backslash: false,
            opened: false,
            closed: false,
        }
    }

    /// Takes more bytes and hands out every element they complete.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), ProviderError>,
    ) -> Result<(), ProviderError> {
        let mut start = 0;
        for (at, byte) in bytes.iter().copied().enumerate() {
            if self.closed {
                return Ok(());
            }
            match self.step(byte) {
                Step::Inside => {}
                Step::Between => start = at + 1,
                Step::Whole => {
                    self.hand_out(&bytes[start..=at], sink)?;
                    start = at + 1;
                }
                Step::ScalarEnds => {
                    self.hand_out(&bytes[start..at], sink)?;
                    start = at + 1;
                }
            }
        }
        if start < bytes.len() && !self.closed { self.keep(&bytes[start..]) } else { Ok(()) }
    }

    fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            match byte {
                _ if self.after_backslash => self.after_backslash = false,
                b'\\' => self.after_backslash = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return Step::Inside;
        }
        match byte {
            b'[' if !self.opened => {
                self.opened = true;
                return Step::Between;
            }
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Step::Whole;
                }
            }
            b']' => {
                self.closed = true;
                return Step::ScalarEnds;
            }
            b',' if self.depth == 0 => return Step::ScalarEnds,
            _ => {}
        }
        Step::Inside
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), ProviderError> {
        if self.element.len() + bytes.len() > self.limit {
            return Err(too_large());
        }
        self.element.extend_from_slice(bytes);
        Ok(())
    }

    fn hand_out(
        &mut self,
        tail: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), ProviderError>,
    ) -> Result<(), ProviderError> {
        let done = if self.element.is_empty() && tail.len() <= self.limit {
            sink(tail.trim_ascii())
        } else {
            self.keep(tail)?;
            sink(self.element.trim_ascii())
        };
        self.element.clear();
        done
    }
}

enum Step {
    /// The byte belongs to the element under way.
    Inside,
    /// The byte belongs to no element.
    Between,
    /// The byte ends an object or a list.
    Whole,
    /// The byte follows something that is neither, or nothing.
    ScalarEnds,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(body: &str, size: usize) -> (Vec<String>, bool) {
        let mut elements = Elements::new(64);
        let mut out = Vec::new();
        for piece in body.as_bytes().chunks(size) {
            let taken = elements.push(piece, &mut |e| {
                if !e.is_empty() {
                    out.push(String::from_utf8_lossy(e).into_owned());
                }
                Ok(())
            });
            assert!(taken.is_ok());
        }
        (out, elements.closed)
    }

    #[test]
    fn elements_come_apart_however_they_are_cut() {
        let body = r#"[{"a":"]}\"\\"}, {"b":[{},[1]]} ,3,"x,]"
        ,[]] {"late":1}"#;
        let want = [r#"{"a":"]}\"\\"}"#, r#"{"b":[{},[1]]}"#, "3", "\"x,]\"", "[]"];
        for size in 1..body.len() + 1 {
            let (got, closed) = split(body, size);
            assert!(closed);
            assert_eq!(got, want, "{size} bytes a piece");
        }
        assert_eq!(split("[{\"a\":1},{\"b\"", 3), (vec![r#"{"a":1}"#.to_owned()], false));
    }

    #[test]
    fn an_endless_element_is_refused_whatever_the_cut() {
        for size in [1, 7, 1000] {
            let mut elements = Elements::new(64);
            let body = format!("[\"{}\"]", "x".repeat(80));
            let taken = body.as_bytes().chunks(size).try_for_each(|piece| elements.push(piece, &mut |_| Ok(())));
            assert_eq!(taken.err().and_then(|e| e.cause), Some("too_large"), "{size}");
        }
    }
}
