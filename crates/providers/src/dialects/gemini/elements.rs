//! The elements of a JSON array that arrives in pieces.

use crate::{ProviderError, failure::too_large};

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
