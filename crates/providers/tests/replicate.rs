//! The wire of Replicate: its streams, its answers, its failures.
#![allow(clippy::unwrap_used)]

use parlance_providers::catalog::{Catalog, DialectId, Vendor};
use parlance_providers::dialect::{Dialect, ResponseHead};
use parlance_providers::dialects::dialect;
use parlance_providers::{Category, ChatEvent, FinishClass, Part, ProviderError, fold};
use proptest::prelude::*;

fn wire() -> (&'static dyn Dialect, &'static Vendor) {
    (dialect(DialectId::Replicate).unwrap(), Catalog::bundled().get("replicate").unwrap())
}

fn told(body: &[u8], length: usize) -> (String, Option<FinishClass>, Option<ProviderError>) {
    let (wire, vendor) = wire();
    let mut decoder = wire.decoder(vendor);
    let mut out = Vec::new();
    let pieces = body.chunks(length).try_for_each(|piece| decoder.push(piece, &mut out));
    let end = pieces.and_then(|()| decoder.finish(&mut out));
    let text = out.iter().filter_map(|event| match event {
        ChatEvent::TextDelta { text, .. } => Some(text.as_str()),
        _ => None,
    });
    (text.collect(), fold::fold(out.clone()).finish.map(|(class, _)| class), end.err())
}

/// What the server writes for a piece of text.
fn output(text: &str) -> String {
    let lines: String = text.split('\n').map(|line| format!("data: {line}\n")).collect();
    format!("event: output\nid: 1:0\n{lines}\n")
}

#[test]
fn an_end_with_a_reason_is_a_failure_and_one_that_is_not_told_was_cut_off() {
    for (end, cause) in [
        ("event: done\ndata: {\"reason\":\"canceled\"}\n\n", "run_failed"),
        ("event: done\ndata: {\"reason\":\"error\"}\n\n", "run_failed"),
        ("event: error\ndata: {\"detail\":\"An error occurred\"}\n\n", "run_failed"),
        ("event: error\ndata: it broke\n\n", "run_failed"),
        ("", "cut_off"),
        ("event: done\ndata: {}\n", "cut_off"),
    ] {
        let (text, finish, error) = told(format!("{}{end}", output("Hel")).as_bytes(), 1000);
        assert_eq!((text.as_str(), finish, error.unwrap().cause), ("Hel", None, Some(cause)), "{end}");
    }
}

#[test]
fn a_whole_prediction_is_an_answer() {
    let (wire, vendor) = wire();
    let head = ResponseHead { status: 200, ..ResponseHead::default() };
    let body = r#"{"id":"p1","status":"succeeded","model":"a/b","output":["Once"," upon"],"error":null,
        "metrics":{"predict_time":2.5,"input_token_count":3}}"#;
    let answer = wire.response(vendor, &head, body.as_bytes()).unwrap();
    assert_eq!((answer.parts, answer.usage.unwrap().input_total), (vec![Part::text("Once upon")], Some(3)));
    let failed = r#"{"id":"p1","status":"failed","output":null,"error":"prompt is too long"}"#;
    assert_eq!(wire.response(vendor, &head, failed.as_bytes()).unwrap_err().category, Category::ContextTooLong);
    let climbs = r#"{"id":"../x","status":"succeeded"}"#;
    assert!(wire.response(vendor, &head, climbs.as_bytes()).is_err(), "it would stand in a path");
    for odd in ["{}", "[]", "null"] {
        assert_eq!(wire.response(vendor, &head, odd.as_bytes()).unwrap_err().cause, Some("unreadable"), "{odd}");
    }
}

proptest! {
    #[test]
    fn the_text_of_a_prediction_comes_as_it_was(pieces in prop::collection::vec("[a-z é{}\":\n]{0,12}", 0..8), length in 1_usize..40) {
        let mut body: String = pieces.iter().map(|piece| output(piece)).collect();
        body.push_str("event: done\ndata: {}\n\n");
        let (text, finish, error) = told(body.as_bytes(), length);
        prop_assert_eq!(error, None);
        prop_assert_eq!(finish, Some(FinishClass::Stop));
        prop_assert_eq!(text, pieces.concat());
    }

    #[test]
    fn noise_of_a_prediction_breaks_nothing(noise in prop::collection::vec(any::<u8>(), 0..300), length in 1_usize..40) {
        let (_, finish, error) = told(&noise, length);
        prop_assert!(finish.is_some() != error.is_some());
    }
}
