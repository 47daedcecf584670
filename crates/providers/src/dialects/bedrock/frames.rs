//! The binary frames of a stream: bounded, safe to cut anywhere, each with two checksums.

use aws_smithy_eventstream::frame::read_message_from;

use super::decode::Answer;
use crate::{
    Category, ChatEvent, ProviderError,
    dialect::StreamDecoder,
    failure::{cut_off, empty, got_html, too_large},
    framing::MESSAGE_LIMIT,
};

/// Two lengths and the checksum of both.
const PRELUDE: usize = 12;
/// The smallest frame: a prelude and a checksum.
const LEAST: usize = 16;
/// The most the wire allows of headers and of what they stand before, in bytes.
const HEADERS: usize = 128 << 10;
const MOST: usize = (24 << 20) + HEADERS + LEAST;

/// What the first bytes say the body is.
#[derive(Default)]
enum Body {
    /// Only white space so far.
    #[default]
    Unknown,
    Frames,
    /// A server that answers a request for a stream with one document, or a whole answer.
    Document(Vec<u8>),
}

/// The decoder of one answer.
#[derive(Default)]
pub(super) struct Frames {
    body: Body,
    /// The frame that the last cut went through.
    partial: Vec<u8>,
    answer: Answer,
}

impl Frames {
    /// A length is below 32 MiB, so a frame begins with 0 or 1; nothing else does.
    fn sniff(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let blank = bytes.iter().take_while(|b| b.is_ascii_whitespace() || matches!(b, 0xEF | 0xBB | 0xBF)).count();
        let Some(first) = bytes.get(blank) else { return Ok(()) };
        match first {
            b'{' | b'[' => self.body = Body::Document(Vec::new()),
            b'<' => return Err(got_html()),
            _ => self.body = Body::Frames,
        }
        self.push(&bytes[blank..], out)
    }

    fn frames(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let mut rest = bytes;
        while !self.partial.is_empty() {
            let wanted = if self.partial.len() < PRELUDE { PRELUDE } else { length(&self.partial)? };
            let (piece, tail) = rest.split_at((wanted - self.partial.len()).min(rest.len()));
            self.partial.extend_from_slice(piece);
            rest = tail;
            if self.partial.len() < wanted {
                return Ok(());
            }
            if wanted > PRELUDE {
                let mut whole = std::mem::take(&mut self.partial);
                self.frame(&whole, out)?;
                whole.clear();
                self.partial = whole;
            }
        }
        while rest.len() >= PRELUDE && !self.answer.is_done() {
            let length = length(rest)?;
            if rest.len() < length {
                break;
            }
            let (whole, tail) = rest.split_at(length);
            self.frame(whole, out)?;
            rest = tail;
        }
        if !self.answer.is_done() {
            self.partial.extend_from_slice(rest);
        }
        Ok(())
    }

    fn frame(&mut self, mut bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.is_done() {
            return Ok(());
        }
        let message = read_message_from(&mut bytes).map_err(|error| {
            // Only its words tell which it is.
            let (cause, words) = match error.to_string().contains("checksum") {
                true => ("bad_checksum", "A piece of the answer was damaged on its way"),
                false => ("bad_frame", "The answer is not in the frames that the API describes"),
            };
            ProviderError::because(Category::BrokenStream, cause, words)
        })?;
        self.answer.message(&message, out)?;
        if self.answer.content() > MESSAGE_LIMIT { Err(too_large()) } else { Ok(()) }
    }
}

/// How long the frame is that begins here. A damaged length is told before anything is waited for.
fn length(bytes: &[u8]) -> Result<usize, ProviderError> {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
        u32::from_be_bytes(four.unwrap_or_default())
    };
    if crc32fast::hash(bytes.get(..8).unwrap_or_default()) != number(8) {
        let message = "A piece of the answer was damaged on its way, or it is not in the frames of the API";
        return Err(ProviderError::because(Category::BrokenStream, "bad_checksum", message));
    }
    let (total, headers) = (number(0) as usize, number(4) as usize);
    if total > MOST || headers > HEADERS {
        return Err(too_large());
    }
    if total < LEAST || headers > total - LEAST {
        let message = "The answer is not in the frames that the API describes";
        return Err(ProviderError::because(Category::BrokenStream, "bad_frame", message));
    }
    Ok(total)
}

impl StreamDecoder for Frames {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.is_done() || bytes.is_empty() {
            return Ok(());
        }
        match &mut self.body {
            Body::Unknown => self.sniff(bytes, out),
            Body::Frames => self.frames(bytes, out),
            Body::Document(document) => {
                if document.len() + bytes.len() > MESSAGE_LIMIT {
                    return Err(too_large());
                }
                document.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.is_done() {
            return Ok(());
        }
        match std::mem::replace(&mut self.body, Body::Frames) {
            Body::Unknown => Err(empty()),
            Body::Document(document) => self.answer.document(&document, out),
            Body::Frames if !self.partial.is_empty() => Err(cut_off()),
            Body::Frames => self.answer.end(out),
        }
    }

    fn is_done(&self) -> bool {
        self.answer.is_done()
    }

    fn events_seen(&self) -> u64 {
        self.answer.events
    }

    fn progress_seen(&self) -> u64 {
        self.answer.progress()
    }
}
