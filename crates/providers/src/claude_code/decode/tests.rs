use proptest::prelude::*;

use super::*;
use crate::dialect::StreamDecoder;
use crate::framing::Lines;
use crate::{Category, FinishClass, fold};

const NOW: i64 = 1_780_000_000;

type Told = (Vec<ChatEvent>, Option<ProviderError>);

/// What the program says, cut into pieces of this length.
fn told(said: &[u8], length: usize) -> Told {
    let mut decoder = Lines::new(Answer::new(Arc::default(), NOW), true);
    let mut out = Vec::new();
    let pieces = said.chunks(length.max(1)).try_for_each(|piece| decoder.push(piece, &mut out));
    let end = pieces.and_then(|()| if decoder.is_done() { Ok(()) } else { decoder.finish(&mut out) });
    (out, end.err())
}

fn lines(lines: &[&str]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\r\n"].concat()).collect()
}

const TALK: [&str; 8] = [
    r#"{"type":"system","subtype":"init","model":"claude-sonnet-5","apiKeySource":"none"}"#,
    r#"{"type":"stream_event","event":{"type":"message_start","message":{"id":"m1","model":"claude-sonnet-5","usage":{"input_tokens":3,"output_tokens":1}}}}"#,
    r#"{"type":"stream_event","event":{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}}"#,
    r#"{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}}"#,
    r#"{"type":"stream_event","event":{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Héllo"}}}"#,
    r#"{"type":"assistant","message":{"id":"m1","model":"claude-sonnet-5","content":[{"type":"text","text":"Héllo"}],"usage":{"output_tokens":1}}}"#,
    r#"{"type":"stream_event","event":{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":5}}}"#,
    r#"{"type":"result","subtype":"success","is_error":false,"result":"H","total_cost_usd":0.1,"usage":{"input_tokens":3,"output_tokens":5}}"#,
];

#[test]
fn an_answer_is_its_pieces_and_nothing_twice() {
    let (events, error) = told(&lines(&TALK), usize::MAX);
    assert_eq!(error, None);
    let answer = fold::fold(events);
    let text = |part: &crate::Part| match part {
        crate::Part::Text { text, .. } | crate::Part::Reasoning { text, .. } => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(answer.parts.iter().map(text).collect::<Vec<_>>(), ["hm", "Héllo"]);
    assert_eq!(answer.finish, Some((FinishClass::Length, Some("max_tokens".into()))));
    assert_eq!(answer.usage.unwrap().output_total, Some(5));
    assert_eq!(answer.reported_cost, Some((0, "subscription".into())));
}

#[test]
fn a_failure_that_the_program_got_over_is_none_and_one_that_it_did_not_is() {
    let overloaded = r#"{"type":"stream_event","event":{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}}"#;
    let over_it = [&[TALK[0], overloaded], &TALK[1..]].concat();
    assert_eq!(told(&lines(&over_it), usize::MAX).1, None);
    let gone = told(&lines(&[TALK[0], overloaded]), usize::MAX).1.unwrap();
    assert_eq!(gone.category, Category::Overloaded);
    let cut = told(&lines(&TALK[..5]), usize::MAX).1.unwrap();
    assert_eq!((cut.category, cut.cause), (Category::BrokenStream, Some("cut_off")));
    let rejected = r#"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1780000090}}"#;
    let failed = r#"{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["no more"]}"#;
    let error = told(&lines(&[rejected, failed]), usize::MAX).1.unwrap();
    let wait = Some(Duration::from_secs(90));
    assert_eq!((error.category, error.retry_after, error.message.as_str()), (Category::RateLimited, wait, "no more"));
}

proptest! {
    #[test]
    fn lines_of_a_program_may_be_cut_anywhere(length in 1_usize..80, cut in 0_usize..2000) {
        let all = lines(&TALK);
        let said = &all[..all.len() - cut.min(all.len())];
        let (whole, pieces) = (told(said, usize::MAX), told(said, length));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn noise_of_a_program_breaks_nothing(noise in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..8) {
        let mut said = lines(&TALK[..at]);
        said.extend(&noise);
        said.push(b'\n');
        said.extend(lines(&TALK[at..]));
        let (events, _) = told(&said, 61);
        prop_assert!(events.len() < 40);
    }
}
