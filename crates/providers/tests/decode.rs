//! What only the dialect OpenAI chat has.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::common::{self, run};
use parlance_providers::{
    Category, ChatEvent,
    catalog::{DialectId, Quirk, Vendor},
    dialect::StreamDecoder,
};

fn vendor() -> Vendor {
    common::vendor(DialectId::OpenaiChat)
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    common::fixtures(DialectId::OpenaiChat)
}

fn decoder(vendor: &Vendor) -> Box<dyn StreamDecoder> {
    common::decoder(vendor)
}

#[test]
fn a_stream_that_ends_early_is_never_a_finished_one() {
    for (name, body) in fixtures() {
        let Some(reason) = body.windows(17).position(|w| w.starts_with(b"\"finish_reason\":\"")) else { continue };
        for at in 0..reason {
            let (events, error) = run(&vendor(), [&body[..at]]);
            let error = error.unwrap_or_else(|| panic!("{name} cut at {at} ended well"));
            assert!(matches!(error.category, Category::BrokenStream), "{name} cut at {at}: {error:?}");
            assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. })));
        }
    }
}

#[test]
fn clocks_see_events_and_progress_but_no_pings() {
    let mut decoder = decoder(&vendor());
    let mut out = Vec::new();
    decoder.push(b": ping\n\ndata:\n\ndata: {\"type\":\"keepalive\"}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (0, 0));
    decoder.push(b"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (1, 0));
    decoder.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (2, 1));
}

#[test]
fn an_endless_line_and_an_endless_answer_are_stopped() {
    let mut out = Vec::new();
    let mut long_line = decoder(&vendor());
    long_line.push(b"data: ", &mut out).unwrap();
    let piece = vec![b'x'; 1 << 16];
    let stopped = (0..1000).find_map(|n| long_line.push(&piece, &mut out).err().map(|e| (n, e)));
    let (pieces, error) = stopped.expect("an endless line is stopped");
    assert_eq!((pieces, error.cause), (15, Some("too_large")));

    let mut long_answer = decoder(&vendor());
    let text = "y".repeat(1 << 19);
    let chunk = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let stopped = (0..1000).find_map(|n| {
        out.clear();
        long_answer.push(chunk.as_bytes(), &mut out).err().map(|e| (n, e))
    });
    assert_eq!(stopped.map(|(n, e)| (n, e.cause)), Some((64, Some("too_large"))));

    let mut many_calls = decoder(&vendor());
    let stopped = (0..100_000).find_map(|n| {
        out.clear();
        let chunk = format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"id\":\"{n}\"}}]}}}}]}}\n\n");
        many_calls.push(chunk.as_bytes(), &mut out).err().map(|e| (n, e.cause))
    });
    assert!(stopped.is_some_and(|(n, cause)| n < 1100 && cause == Some("too_large")), "{stopped:?}");
}

#[test]
fn an_endless_document_is_stopped() {
    let mut document = decoder(&vendor());
    let mut out = Vec::new();
    document.push(b"{\"choices\":[", &mut out).unwrap();
    let piece = vec![b' '; 1 << 20];
    let stopped = (0..1000).find_map(|n| document.push(&piece, &mut out).err().map(|e| (n, e.cause)));
    assert_eq!(stopped, Some((31, Some("too_large"))));
}

#[test]
fn a_chunk_of_odd_types_is_still_read() {
    let odd = [
        r#"{"choices":[{"index":0,"index":0,"delta":{"content":"x","content":"x"}}]}"#,
        r#"{"choices":[{"index":"0","delta":{"content":"x","tool_calls":null,"role":7}}],"usage":[]}"#,
        r#"{"id":7,"model":null,"choices":[{"index":null,"delta":{"content":"x","refusal":{},"reasoning":[]}}]}"#,
    ];
    for chunk in odd {
        let body = format!("data: {chunk}\n\ndata: {{\"choices\":[{{\"finish_reason\":\"stop\"}}]}}\n\n");
        let (events, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error, None, "{chunk}");
        assert!(events.contains(&ChatEvent::TextDelta { block: 0, text: "x".into() }), "{chunk}");
    }
    let (_, error) = run(&vendor(), [b"data: {\"error\":\"No\",\"choices\":{}}\n\n".as_slice()]);
    assert_eq!(error.map(|e| e.message), Some("No".to_owned()));
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let deep = "[".repeat(200_000);
    for body in [format!("data: {{\"choices\":{deep}\n\n"), format!("data: {{\"other\":{deep}\n\n"), deep] {
        let (_, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error.map(|e| e.category), Some(Category::BrokenStream));
    }
}

#[test]
fn what_is_read_is_nested_128_deep_at_most() {
    let thinking = |depth: usize| {
        let (open, close) = ("{\"type\":\"thinking\",\"thinking\":[".repeat(depth), "]}".repeat(depth));
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":[{open}{close}]}},\"finish_reason\":\"stop\"}}]}}\n\n")
    };
    assert_eq!(run(&vendor(), [thinking(60).as_bytes()]).1, None);
    for depth in [62, 20_000] {
        let (_, error) = run(&vendor(), [thinking(depth).as_bytes()]);
        assert_eq!(error.and_then(|e| e.cause), Some("unreadable"), "{depth}");
    }
    // What is not read may be as deep as it likes.
    let other = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!("data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}],\"x\":{other}}}\n\n");
    assert_eq!(run(&vendor(), [body.as_bytes()]).1, None);
}

#[test]
fn think_tags_are_reasoning_only_where_the_vendor_says_so() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"<think>a < b</th\"}}]}\n\n\
                data: {\"choices\":[{\"delta\":{\"content\":\"ink>\\n\\nYes <think>\"}}]}\n\n\
                data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let texts = |vendor: &Vendor| {
        let (events, error) = run(vendor, [body.as_bytes()]);
        assert_eq!(error, None);
        let mut all = (String::new(), String::new());
        for event in events {
            match event {
                ChatEvent::TextDelta { text, .. } => all.0 += &text,
                ChatEvent::ReasoningDelta { text, .. } => all.1 += &text,
                _ => {}
            }
        }
        all
    };
    assert_eq!(texts(&vendor()).1, "");
    let mut raw = vendor();
    raw.quirks.push(Quirk::ThinkTags);
    assert_eq!(texts(&raw), ("Yes <think>".to_owned(), "a < b".to_owned()));
}

#[test]
fn a_vendor_may_count_reasoning_outside_without_a_total() {
    let body = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"completion_tokens\":9,\
                \"completion_tokens_details\":{\"reasoning_tokens\":4}}}\n\n";
    let output = |vendor: &Vendor| {
        let (events, _) = run(vendor, [body.as_bytes()]);
        events.into_iter().find_map(|e| if let ChatEvent::Usage(u) = e { u.output_total } else { None })
    };
    assert_eq!(output(&vendor()), Some(9));
    let mut outside = vendor();
    outside.quirks.push(Quirk::ReasoningOutsideCompletion);
    assert_eq!(output(&outside), Some(13));
}

#[test]
fn a_count_that_no_longer_fits_its_total_is_forgotten() {
    let usages = [
        r#"{"prompt_tokens":9,"completion_tokens":30,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":20}}"#,
        r#"{"prompt_tokens":5,"completion_tokens":9}"#,
    ];
    let pieces = usages.map(|usage| format!("data: {{\"choices\":[],\"usage\":{usage}}}\n\n")).concat();
    let body = pieces + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let (events, error) = run(&vendor(), [body.as_bytes()]);
    assert_eq!(error, None);
    let last = events.iter().rev().find_map(|e| if let ChatEvent::Usage(usage) = e { Some(usage) } else { None });
    let last = last.expect("counts");
    assert_eq!((last.input_total, last.cache_read, last.output_total, last.reasoning), (Some(5), None, Some(9), None));
}
