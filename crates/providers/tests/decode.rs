//! Own fixtures of the dialect OpenAI chat, each with the events it must give, however its bytes are cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::{fs, path::PathBuf};

use parlance_providers::{
    Category, ChatEvent, ProviderError,
    catalog::{Catalog, DialectId, Quirk, Vendor},
    chat::MediaSource,
    dialect::StreamDecoder,
    dialects::dialect,
};
use proptest::prelude::*;

fn vendor() -> Vendor {
    Catalog::bundled().get("openai-compatible").unwrap().clone()
}

fn decoder(vendor: &Vendor) -> Box<dyn StreamDecoder> {
    dialect(DialectId::OpenaiChat).unwrap().decoder(vendor)
}

fn run<'a>(vendor: &Vendor, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<ChatEvent>, Option<ProviderError>) {
    let mut decoder = decoder(vendor);
    let mut events = Vec::new();
    for piece in pieces {
        if let Err(error) = decoder.push(piece, &mut events) {
            return (events, Some(error));
        }
    }
    let end = decoder.finish(&mut events);
    assert_eq!(decoder.is_done(), end.is_ok());
    (events, end.err())
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = folder();
    let mut found: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "sse"))
        .map(|p| (p.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&p).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 25, "fixtures are missing from {}", folder.display());
    found
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/openai-chat")
}

/// One line an event, short enough to read.
fn line(event: &ChatEvent) -> String {
    match event {
        ChatEvent::Started { id, model } => format!("started {} {}", word(id), word(model)),
        ChatEvent::TextDelta { block, text } => format!("text {block} {text:?}"),
        ChatEvent::ReasoningDelta { block, text } => format!("reasoning {block} {text:?}"),
        ChatEvent::RefusalDelta { block, text } => format!("refusal {block} {text:?}"),
        ChatEvent::ToolCallStart { block, id, name } => format!("call {block} {id} {name}"),
        ChatEvent::ToolCallDelta { block, arguments } => format!("arguments {block} {arguments}"),
        ChatEvent::ToolCallEnd { block } => format!("end {block}"),
        ChatEvent::Citation { url, title, text } => format!("citation {} {} {}", word(url), word(title), word(text)),
        ChatEvent::Media { media_type, source: MediaSource::Inline(data) } => {
            format!("media {} {data:02x?}", word(media_type))
        }
        ChatEvent::Media { media_type, source: MediaSource::Url(url) } => format!("media {} {url}", word(media_type)),
        ChatEvent::ServerTool { name, json } => format!("server tool {name} {json}"),
        ChatEvent::Warning { code, message } => format!("warning {code}: {message}"),
        ChatEvent::Opaque { block, data } => format!("opaque {block} {} {}", data.kind, data.json),
        ChatEvent::Usage(u) => {
            let counts = [u.input_total, u.cache_read, u.cache_write, u.output_total, u.reasoning];
            let counts: Vec<_> = counts.iter().map(|c| c.map_or("-".to_owned(), |c| c.to_string())).collect();
            format!(
                "usage in {} read {} write {} out {} reasoning {}",
                counts[0], counts[1], counts[2], counts[3], counts[4]
            )
        }
        ChatEvent::ReportedCost { nano_usd, raw } => format!("cost {nano_usd} ({raw})"),
        ChatEvent::Finished { class, reason } => format!("finished {} {}", class.as_str(), word(reason)),
    }
}

fn word(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("-")
}

fn script((events, error): &(Vec<ChatEvent>, Option<ProviderError>)) -> String {
    let mut lines: Vec<String> = events.iter().map(line).collect();
    if let Some(e) = error {
        lines.push(format!(
            "error {} {} {}: {}",
            e.category.as_str(),
            word(&e.code),
            e.cause.unwrap_or("-"),
            e.message
        ));
    }
    lines.join("\n") + "\n"
}

#[test]
fn every_fixture_gives_its_events() {
    let mut wrong = 0;
    for (name, body) in fixtures() {
        let got = script(&run(&vendor(), [body.as_slice()]));
        let path = folder().join(format!("{name}.events"));
        let want = fs::read_to_string(&path).unwrap_or_default();
        if got != want {
            wrong += 1;
            eprintln!("{name}: got\n{got}\nwanted\n{want}");
        }
    }
    assert_eq!(wrong, 0, "fixtures with other events than written down");
}

#[test]
fn no_cut_changes_the_events() {
    for (name, body) in fixtures() {
        let whole = run(&vendor(), [body.as_slice()]);
        assert_eq!(run(&vendor(), body.chunks(1)), whole, "{name}, byte by byte");
        for at in 0..body.len() {
            let (head, tail) = body.split_at(at);
            assert_eq!(run(&vendor(), [head, tail]), whole, "{name}, cut at {at}");
        }
    }
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_never_panics_and_cuts_never_matter(
        which in any::<prop::sample::Index>(),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cuts in prop::collection::vec(1usize..40, 1..60),
    ) {
        let all = fixtures();
        let mut body = which.get(&all).1.clone();
        for (at, byte) in &noise {
            let at = at.index(body.len());
            body[at] = *byte;
        }
        let whole = run(&vendor(), [body.as_slice()]);
        let mut rest = body.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        prop_assert_eq!(run(&vendor(), pieces), whole);
    }

    #[test]
    fn random_bytes_end_in_an_error(body in prop::collection::vec(any::<u8>(), 0..2000)) {
        let (_, error) = run(&vendor(), [body.as_slice()]);
        prop_assert!(error.is_some());
    }
}
