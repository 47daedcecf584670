//! Thought signatures: the vendor's proof of what the model thought. Each belongs to one part of the wire and goes
//! back on that part.
//!
//! Text comes in many parts that are one text to a reader, so a block of text stays one block, and the kind of the
//! opaque data tells which stretch of it was the signed part.

use crate::OpaqueData;

/// On a part that is a block of its own: a call or an image.
pub(super) const WHOLE: &str = "thoughtSignature";
/// On a part of a text or thought: `thoughtSignature:START-END`, in bytes of the block's text.
const STRETCH: &str = "thoughtSignature:";
/// On an empty text part that stands alone.
pub(super) const EMPTY_TEXT: &str = "thoughtSignature:text";
/// On an empty thought that stands alone.
pub(super) const EMPTY_THOUGHT: &str = "thoughtSignature:thought";
/// A part that goes back whole, signature included: what the vendor's own tools did.
pub(super) const PART: &str = "part";

/// The kind for the signed stretch of a text.
pub(super) fn stretch(start: usize, end: usize) -> String {
    format!("{STRETCH}{start}-{end}")
}

/// A stretch of a text and the signature on it, where there is one.
#[derive(Debug, PartialEq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) signature: Option<&'a str>,
}

/// A block's text as the parts it came in, unsigned neighbours as one. A signature whose stretch does not fit the text
/// (any more) goes on an empty part in its place.
pub(super) fn pieces<'a>(text: &'a str, opaque: &'a [OpaqueData]) -> Vec<Piece<'a>> {
    let mut out = Vec::new();
    let mut at = 0;
    for data in opaque.iter().filter(|data| data.kind.starts_with(STRETCH)) {
        let signature = Some(data.json.as_str());
        let fits = span(&data.kind)
            .filter(|(start, _)| *start >= at)
            .and_then(|(start, end)| Some((start, end, text.get(at..start)?, text.get(start..end)?)));
        match fits {
            Some((start, end, before, signed)) => {
                if start > at {
                    out.push(Piece { text: before, signature: None });
                }
                out.push(Piece { text: signed, signature });
                at = end;
            }
            None => out.push(Piece { text: "", signature }),
        }
    }
    if at < text.len() {
        out.push(Piece { text: &text[at..], signature: None });
    }
    out
}

fn span(kind: &str) -> Option<(usize, usize)> {
    let (start, end) = kind.strip_prefix(STRETCH)?.split_once('-')?;
    Some((start.parse().ok()?, end.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signed(kind: &str) -> OpaqueData {
        OpaqueData { kind: kind.to_owned(), json: format!("\"{kind}\"") }
    }

    #[test]
    fn signed_stretches_come_apart_again() {
        let opaque = [signed(&stretch(2, 4)), signed("other"), signed(&stretch(4, 4)), signed(&stretch(6, 7))];
        let read: Vec<_> = pieces("abcdefgh", &opaque).into_iter().map(|p| (p.text, p.signature.is_some())).collect();
        assert_eq!(read, [("ab", false), ("cd", true), ("", true), ("ef", false), ("g", true), ("h", false)]);
        assert_eq!(pieces("x", &[]), [Piece { text: "x", signature: None }]);
        assert_eq!(pieces("", &[]), []);
    }

    proptest! {
        #[test]
        fn no_stretch_loses_text_or_a_signature(
            text in ".{0,12}",
            spans in prop::collection::vec((0usize..30, 0usize..30), 0..6),
        ) {
            let opaque: Vec<_> = spans.iter().map(|(start, end)| signed(&stretch(*start, *end))).collect();
            let read = pieces(&text, &opaque);
            let whole: String = read.iter().map(|p| p.text).collect();
            prop_assert_eq!(&whole, &text);
            prop_assert_eq!(read.iter().filter(|p| p.signature.is_some()).count(), opaque.len());
        }
    }
}
