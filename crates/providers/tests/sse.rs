//! The event stream decoder by itself.
#![allow(clippy::unwrap_used)]

use parlance_providers::sse::{SseDecoder, SseError, SseEvent, SseLimits};
use proptest::prelude::*;

type Seen = (Vec<(String, Vec<u8>, bool)>, Option<SseError>);

fn decode<'a>(limits: SseLimits, pieces: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    let mut seen = Vec::new();
    let mut sink = |event: SseEvent<'_>| {
        let name = String::from_utf8_lossy(event.name).into_owned();
        seen.push((name, event.data.to_vec(), event.terminated));
        Ok::<(), SseError>(())
    };
    let mut decoder = SseDecoder::new(limits);
    let mut end = Ok(());
    for piece in pieces {
        end = end.and_then(|()| decoder.push(piece, &mut sink));
    }
    end = end.and_then(|()| decoder.finish(&mut sink));
    (seen, end.err())
}

fn data(body: &str) -> Vec<String> {
    let (events, error) = decode(SseLimits::default(), [body.as_bytes()]);
    assert_eq!(error, None);
    events.into_iter().map(|(_, data, _)| String::from_utf8(data).unwrap()).collect()
}

#[test]
fn lines_end_in_lf_crlf_or_cr() {
    for end in ["\n", "\r\n", "\r"] {
        let body = format!("data: a{end}data:b{end}{end}: note{end}data:  c{end}{end}");
        assert_eq!(data(&body), ["a\nb", " c"], "{end:?}");
    }
}

#[test]
fn fields_follow_the_standard() {
    assert_eq!(data("\u{feff}data: bom\n\n"), ["bom"]);
    assert_eq!(data("data\n\n"), [""]);
    assert_eq!(data("data:\ndata:\n\n"), ["\n"]);
    assert_eq!(data("event: only a name\n\nid: 1\nretry: 5\n\n"), Vec::<String>::new());
    assert_eq!(data(" data: x\ndatum: y\n\n"), Vec::<String>::new());
    let (events, _) = decode(SseLimits::default(), [b"event: one\ndata: 1\n\ndata: 2\n\n".as_slice()]);
    assert_eq!(events[0].0, "one");
    assert_eq!(events[1].0, "");
}

#[test]
fn an_event_without_its_blank_line_comes_out_marked() {
    for body in ["data: x\n\ndata: {}", "data: x\n\ndata: {}\n"] {
        let (events, _) = decode(SseLimits::default(), [body.as_bytes()]);
        assert_eq!(events[0], (String::new(), b"x".to_vec(), true));
        assert_eq!(events[1], (String::new(), b"{}".to_vec(), false));
    }
}

#[test]
fn limits_hold_to_the_byte() {
    let limits = SseLimits { line: 10, event: 12 };
    assert_eq!(decode(limits, [b"data: 1234\n\n".as_slice()]).1, None);
    assert_eq!(decode(limits, [b"data: 12345\n\n".as_slice()]).1, Some(SseError::LineTooLong(10)));
    assert_eq!(decode(limits, [b"data:12345\ndata:123456\n\n".as_slice()]).1, Some(SseError::LineTooLong(10)));
    assert_eq!(decode(limits, [b"data:1234\ndata:1234\n\n".as_slice()]).1, None);
    let three = b"data:1234\ndata:1234\ndata:123\n\n".as_slice();
    assert_eq!(decode(limits, [three]).1, Some(SseError::EventTooLarge(12)));
    assert_eq!(decode(limits, [b": a comment too long".as_slice()]).1, Some(SseError::LineTooLong(10)));
}

#[test]
fn events_before_a_limit_still_come_out() {
    let limits = SseLimits { line: 10, event: 12 };
    let (events, error) = decode(limits, [b"data: ok\n\ndata: much too long\n\n".as_slice()]);
    assert_eq!(events.len(), 1);
    assert_eq!(error, Some(SseError::LineTooLong(10)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// Streams made of the pieces that matter, cut at random places, against the same stream in one piece.
    #[test]
    fn every_cut_gives_the_same(
        body in prop::collection::vec(
            prop::sample::select(vec![
                "data", ":", " ", "\n", "\r", "\r\n", "\n\n", "data: ", "event: ", "x", "{\"a\":1}", "\u{feff}",
                "\u{1f30d}", "é", "error: {}", "id", "[DONE]", "0123456789",
            ]),
            0..60,
        ),
        cuts in prop::collection::vec(1usize..9, 1..40),
        small in any::<bool>(),
    ) {
        let body = body.concat().into_bytes();
        let limits = if small { SseLimits { line: 24, event: 20 } } else { SseLimits::default() };
        let whole = decode(limits, [body.as_slice()]);
        let mut pieces = Vec::new();
        let mut rest = body.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        prop_assert_eq!(decode(limits, pieces), whole.clone());
        prop_assert_eq!(decode(limits, body.chunks(1)), whole);
    }
}
