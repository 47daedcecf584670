//! Own fixtures of each dialect, in a folder of its name, each with the events it must give.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

#[path = "../../../../tests/support/src/frames.rs"]
pub mod frames;
pub mod rules;
pub mod sent;
pub mod served;

use std::{fs, path::PathBuf};

use parlance_providers::{
    ChatEvent, ChatRequest, ChatResponse, Message, Part, ProviderError, Role,
    catalog::{Catalog, DialectId, Vendor},
    chat::MediaSource,
    dialect::StreamDecoder,
    dialects::dialect,
};

/// The dialects that have a wire.
pub const WIRES: [DialectId; 7] = [
    DialectId::OpenaiChat,
    DialectId::OpenaiResponses,
    DialectId::Anthropic,
    DialectId::Gemini,
    DialectId::Ollama,
    DialectId::Cohere,
    DialectId::Bedrock,
];

/// The vendor of a dialect that has no quirks of its own.
pub fn vendor(id: DialectId) -> Vendor {
    let name = id.as_str().trim_end_matches("-chat");
    Catalog::bundled().get(&format!("{name}-compatible")).unwrap().clone()
}

/// A fresh decoder.
pub fn decoder(vendor: &Vendor) -> Box<dyn StreamDecoder> {
    dialect(vendor.dialect).unwrap().decoder(vendor)
}

/// Everything that comes out of a body in pieces.
pub fn run<'a>(vendor: &Vendor, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<ChatEvent>, Option<ProviderError>) {
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

/// The streams of a dialect by name, sorted.
pub fn fixtures(id: DialectId) -> Vec<(String, Vec<u8>)> {
    let folder = folder(id);
    let mut found: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "sse" || e == "ndjson" || e == "frames"))
        .map(|p| (p.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&p).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 15, "fixtures are missing from {}", folder.display());
    found
}

/// Where they are.
pub fn folder(id: DialectId) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(id.as_str())
}

/// One line an event, short enough to read.
pub fn line(event: &ChatEvent) -> String {
    match event {
        ChatEvent::Started { id, model } => format!("started {} {}", word(id), word(model)),
        ChatEvent::TextDelta { block, text } => format!("text {block} {text:?}"),
        ChatEvent::ReasoningDelta { block, text } => format!("reasoning {block} {text:?}"),
        ChatEvent::RefusalDelta { block, text } => format!("refusal {block} {text:?}"),
        ChatEvent::ToolCallStart { block, id, name } => format!("call {block} {id} {name}"),
        ChatEvent::ToolCallDelta { block, arguments } => format!("arguments {block} {arguments}"),
        ChatEvent::ToolCallEnd { block } => format!("end {block}"),
        ChatEvent::Citation { url, title, text } => format!("citation {} {} {}", word(url), word(title), word(text)),
        ChatEvent::Media { block, media_type, source: MediaSource::Inline(data) } => {
            format!("media {block} {} {data:02x?}", word(media_type))
        }
        ChatEvent::Media { block, media_type, source: MediaSource::Url(url) } => {
            format!("media {block} {} {url}", word(media_type))
        }
        ChatEvent::ServerTool { block, name, json } => format!("server tool {block} {name} {json}"),
        ChatEvent::Warning { code, message } => format!("warning {code}: {message}"),
        ChatEvent::Opaque { block, data } => format!("opaque {block} {} {}", data.kind, data.json),
        ChatEvent::Usage(u) => {
            let counts = [u.input_total, u.cache_read, u.cache_write, u.output_total, u.reasoning];
            let counts: Vec<_> = counts.iter().map(|c| c.map_or("-".to_owned(), |c| c.to_string())).collect();
            let more = [("written for an hour", u.cache_write_1h), ("searches", u.searches)];
            let more: String = more.iter().filter_map(|(name, n)| Some(format!(" {name} {}", (*n)?))).collect();
            format!(
                "usage in {} read {} write {} out {} reasoning {}{more}",
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

/// What a run gave, one line an event and one for the error.
pub fn script((events, error): &(Vec<ChatEvent>, Option<ProviderError>)) -> String {
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

/// The body of the turn after an answer, every call of it answered.
pub fn next_turn(vendor: &str, wire: DialectId, model: &str, answer: ChatResponse) -> String {
    let results = answer.parts.iter().filter_map(|part| match part {
        Part::ToolCall { id, name, .. } => {
            Some(Part::ToolResult { call_id: id.clone(), name: name.clone(), content: "42".into(), is_error: false })
        }
        _ => None,
    });
    let results: Vec<Part> = results.chain([Part::text("Go on.")]).collect();
    let request = ChatRequest::new(
        model,
        vec![
            Message::text(Role::User, "Hi"),
            Message { role: Role::Assistant, parts: answer.parts },
            Message { role: Role::User, parts: results },
        ],
    );
    let vendor = Catalog::bundled().get(vendor).unwrap();
    dialect(wire).unwrap().chat(vendor, &request, true).unwrap().body.unwrap()
}
