//! What must hold whatever bytes a vendor sends. The fuzz targets ask it of bytes that libFuzzer makes up, and the
//! test `invariants` of parlance-providers of every fixture.
//!
//! Each input begins with a few bytes that say how the rest is taken; the rest is what the vendor sent.

mod events;

use std::sync::OnceLock;

use parlance_providers::{
    ChatRequest, ChatResponse, EmbedRequest, Message, Part, ProviderError, Role, Secret,
    catalog::{Catalog, DialectId, KeyForm, Vendor},
    claude_code, credential,
    dialect::{Dialect, ResponseHead, StreamDecoder},
    dialects::dialect,
    fold,
    sse::{SseDecoder, SseError, SseEvent, SseLimits},
};
use serde_json::value::RawValue;

use events::Checked;

/// How many bytes of an input of [`answer`] say how it is taken: the kind of answer, the vendor, four cuts.
pub const HEADER: usize = 6;

/// The dialects that have a wire.
pub fn wires() -> &'static [DialectId] {
    static WIRES: OnceLock<Vec<DialectId>> = OnceLock::new();
    WIRES.get_or_init(|| {
        let all = [
            DialectId::OpenaiChat,
            DialectId::OpenaiResponses,
            DialectId::Anthropic,
            DialectId::Gemini,
            DialectId::Ollama,
            DialectId::Cohere,
            DialectId::Bedrock,
        ];
        all.into_iter().filter(|id| dialect(*id).is_some()).collect()
    })
}

/// The vendors of a dialect: their quirks change how answers are read.
pub fn vendors(id: DialectId) -> Vec<&'static Vendor> {
    let speaks = |v: &&Vendor| v.dialect == id || v.rules.iter().any(|rule| rule.dialect == Some(id));
    Catalog::bundled().iter().filter(speaks).collect()
}

/// An answer of one dialect, whole or as a stream in pieces.
pub fn answer(id: DialectId, data: &[u8]) {
    let Some((&[kind, vendor, ref cuts @ ..], body)) = data.split_first_chunk::<HEADER>() else { return };
    let wire = dialect(id).expect("a target's dialect has a wire");
    let vendors = vendors(id);
    let vendor = vendors[usize::from(vendor) % vendors.len()];
    if kind % 4 == 3 {
        whole(wire, vendor, body);
    } else {
        stream(wire, vendor, body, cuts);
    }
}

/// A stream in one piece and in many: the same events, and events that make sense.
pub fn stream(wire: &dyn Dialect, vendor: &Vendor, body: &[u8], cuts: &[u8]) {
    let once = once_and_cut(|| wire.decoder(vendor), body, cuts);
    next_turn(wire, vendor, fold::fold(once.events));
}

/// What the program Claude Code writes, behind a header like that of [`answer`], of which only the cuts count.
pub fn program(data: &[u8]) {
    let Some((&[_, _, ref cuts @ ..], body)) = data.split_first_chunk::<HEADER>() else { return };
    once_and_cut(|| claude_code::decoder(1_780_000_000), body, cuts);
}

fn once_and_cut(decoder: impl Fn() -> Box<dyn StreamDecoder>, body: &[u8], cuts: &[u8]) -> Checked {
    let once = run(decoder(), [body]);
    once.check(body.len());
    let cut = run(decoder(), pieces(body, cuts));
    assert_eq!(cut.events, once.events, "cuts changed the events");
    assert_eq!(cut.error, once.error, "cuts changed the error");
    once
}

/// What a person enters for an account; the first byte says for which kind. What is read is read again from what is
/// made of it, and a refusal repeats nothing of it.
pub fn entered(data: &[u8]) {
    let Some((form, text)) = data.split_first() else { return };
    let form = [KeyForm::Token, KeyForm::Aws, KeyForm::Google, KeyForm::SignIn][usize::from(*form) % 4];
    let text = String::from_utf8_lossy(text);
    match credential::read(form, &text) {
        Ok(read) => {
            let Some(identity) = &read.identity else { return };
            assert_eq!(read.secret.is_none(), identity.stands_alone(), "a secret where there is none");
            let whole = credential::whole(identity, read.secret.as_ref()).expect("what was read can be written");
            let again = credential::read(form, &whole).expect("what was written can be read");
            assert_eq!(again.identity.as_ref(), Some(identity), "another identity");
            let exposed = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
            assert!(exposed(&again.secret) == exposed(&read.secret), "another secret");
        }
        Err(error) => {
            sensible(&error);
            let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 20);
            assert!(!words.into_iter().any(|word| error.message.contains(word)), "a refusal repeats what was entered");
        }
    }
}

/// A whole answer: it ended for a reason, or there is an error.
pub fn whole(wire: &dyn Dialect, vendor: &Vendor, body: &[u8]) {
    match wire.response(vendor, &head(200), body) {
        Ok(response) => {
            assert!(response.finish.is_some(), "a whole answer without an end");
            next_turn(wire, vendor, response);
        }
        Err(error) => sensible(&error),
    }
}

/// Bytes through the decoder as the transport sends them: to the first error or the end.
fn run<'a>(mut decoder: Box<dyn StreamDecoder>, pieces: impl IntoIterator<Item = &'a [u8]>) -> Checked {
    let mut events = Vec::new();
    let (mut seen, mut progress) = (0, 0);
    for piece in pieces {
        let pushed = decoder.push(piece, &mut events);
        assert!(decoder.events_seen() >= seen && decoder.progress_seen() >= progress, "a clock went back");
        (seen, progress) = (decoder.events_seen(), decoder.progress_seen());
        if let Err(error) = pushed {
            return Checked { events, error: Some(error) };
        }
    }
    let end = decoder.finish(&mut events);
    assert_eq!(decoder.is_done(), end.is_ok(), "an answer is done, or there is an error");
    if end.is_ok() {
        let count = events.len();
        let _late = decoder.push(b"data: {}\n\n{}\n", &mut events);
        let _again = decoder.finish(&mut events);
        assert_eq!(events.len(), count, "events after the end");
    }
    Checked { events, error: end.err() }
}

/// The body in pieces of one byte to 256, as the cuts say in turn.
fn pieces<'a>(body: &'a [u8], cuts: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = cuts.iter().cycle();
    let mut rest = body;
    std::iter::from_fn(move || {
        let length = usize::from(*lengths.next()?) + 1;
        let (piece, tail) = rest.split_at(length.min(rest.len()));
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

/// What an answer becomes on the next turn is JSON again, with every call answered.
fn next_turn(wire: &dyn Dialect, vendor: &Vendor, response: ChatResponse) {
    let results = response.parts.iter().filter_map(|part| match part {
        Part::ToolCall { id, name, .. } => Some(Part::ToolResult {
            call_id: id.clone(),
            name: name.clone(),
            content: "done".to_owned(),
            is_error: false,
        }),
        _ => None,
    });
    let mut answers: Vec<Part> = results.collect();
    answers.push(Part::text("go on"));
    let messages = vec![
        Message::text(Role::User, "hello"),
        Message { role: Role::Assistant, parts: response.parts },
        Message { role: Role::User, parts: answers },
    ];
    if let Ok(request) = wire.chat(vendor, &ChatRequest::new("m", messages), true) {
        let body = request.body.expect("a chat request has a body");
        serde_json::from_str::<&RawValue>(&body).expect("a request is JSON");
    }
}

/// Everything that is read whole: answers, errors, model lists, embeddings. The first two bytes say what and whose.
pub fn readers(data: &[u8]) {
    let Some((&[kind, who], body)) = data.split_first_chunk::<2>() else { return };
    let id = wires()[usize::from(who) % wires().len()];
    let wire = dialect(id).expect("a wire");
    let vendors = vendors(id);
    let vendor = vendors[usize::from(who) / wires().len() % vendors.len()];
    match kind % 4 {
        0 => {
            let status = [200, 400, 401, 402, 403, 404, 413, 429, 500, 503, 529][usize::from(kind) / 4 % 11];
            let error = wire.error(vendor, &head(status), body);
            assert!(error.status == Some(status), "the status of the answer is kept");
            sensible(&error);
        }
        1 => models(wire, vendor, body),
        2 => embeddings(wire, vendor, body),
        _ => whole(wire, vendor, body),
    }
}

fn models(wire: &dyn Dialect, vendor: &Vendor, body: &[u8]) {
    match wire.model_list(vendor, &head(200), body) {
        Ok((models, next)) => {
            assert!(models.iter().all(|model| !model.id.is_empty()), "a model without a name");
            let Some(page) = next else { return };
            let first = wire.models(vendor, None).expect("a list that was read was asked for").path;
            let Some(request) = wire.models(vendor, Some(&page)) else { return };
            // A vendor may have two lists, one after the other; then its second begins with an empty token.
            let second = wire.models(vendor, Some("")).map(|request| request.path);
            let path = |text: &str| text.split('?').next().unwrap_or_default().to_owned();
            let known = [Some(first), second].into_iter().flatten().any(|known| path(&known) == path(&request.path));
            assert!(known, "a page's token led elsewhere");
            assert!(request.path.bytes().all(|b| b.is_ascii_graphic() && b != b'#'), "a token left its field");
        }
        Err(error) => sensible(&error),
    }
}

fn embeddings(wire: &dyn Dialect, vendor: &Vendor, body: &[u8]) {
    let request = EmbedRequest { model: "m".to_owned(), inputs: vec!["a".to_owned()], dimensions: None, purpose: None };
    if wire.embed(vendor, &request).is_err() {
        return;
    }
    if let Err(error) = wire.embeddings(vendor, &head(200), body) {
        sensible(&error);
    }
}

/// The decoder of event streams alone: cuts change nothing, and nothing is longer than its limit.
pub fn sse(data: &[u8]) {
    let Some((&[line, event, a, b], body)) = data.split_first_chunk::<4>() else { return };
    let limits = SseLimits { line: 1 + usize::from(line), event: 1 + usize::from(event) };
    let once = read(limits, [body]);
    for (_, data, _) in &once.0 {
        assert!(data.len() <= limits.event.max(limits.line), "an event of {} bytes", data.len());
    }
    let total: usize = once.0.iter().map(|(name, data, _)| name.len() + data.len()).sum();
    assert!(total <= body.len(), "more came out than went in");
    assert!(once.0.iter().rev().skip(1).all(|(.., terminated)| *terminated), "an open event before the last");
    assert_eq!(read(limits, pieces(body, &[a, b])), once, "cuts changed the events");
}

type Read = (Vec<(Vec<u8>, Vec<u8>, bool)>, Option<SseError>);

fn read<'a>(limits: SseLimits, pieces: impl IntoIterator<Item = &'a [u8]>) -> Read {
    let mut decoder = SseDecoder::new(limits);
    let mut events = Vec::new();
    let mut sink = |event: SseEvent<'_>| -> Result<(), SseError> {
        events.push((event.name.to_vec(), event.data.to_vec(), event.terminated));
        Ok(())
    };
    let pushed = pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut sink));
    let end = pushed.and_then(|()| decoder.finish(&mut sink));
    (events, end.err())
}

fn head(status: u16) -> ResponseHead {
    ResponseHead { status, headers: Vec::new() }
}

/// An error says something, in few words, and asks for no wait beyond reason.
fn sensible(error: &ProviderError) {
    const A_YEAR_S: u64 = 365 * 86_400;
    assert!(!error.message.trim().is_empty(), "an error without words: {error:?}");
    assert!(error.message.chars().count() <= 1200, "an error of many words");
    assert!(error.retry_after.is_none_or(|wait| wait.as_secs() <= A_YEAR_S));
}
