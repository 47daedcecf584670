//! What an exchange looks like in its file. The same form as recordings of real vendors have, so that the same
//! programs read it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::exchange::{Draft, Outcome};
use super::{MOST_OF_ONE, Mask};

/// Longer texts of base64 in a request are cut, in characters.
const LONGEST_CODED: usize = 4096;
/// How much stays of them.
const STAYS: usize = 100;
/// Headers of answers that are kept. The rest may say who asks.
const HEADERS: [&str; 22] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "date",
    "server",
    "via",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "x-request-id",
    "request-id",
    "apim-request-id",
    "x-litellm-call-id",
    "x-amzn-requestid",
    "x-amzn-errortype",
    "x-generation-id",
    "cf-ray",
    "openai-processing-ms",
    "openai-version",
    "x-groq-region",
    "proxy-status",
    "x-squid-error",
];
/// Of these only how much is left.
const FAMILIES: [&str; 3] = ["x-ratelimit-", "ratelimit-", "anthropic-ratelimit-"];

/// The kind of an exchange, as it is filed: a refusal is one whatever was asked for.
pub(super) fn kind(draft: &Draft) -> &'static str {
    match &draft.head {
        Some(head) if head.status >= 400 => "error",
        _ => draft.about.kind,
    }
}

/// The text of its file.
pub(super) fn text(draft: &Draft, name: &str) -> Vec<u8> {
    let mask = &draft.about.mask;
    let mut file = Map::from_iter([
        ("name".to_owned(), json!(name)),
        ("provider".to_owned(), json!(draft.about.provider)),
        ("wire".to_owned(), json!(draft.about.wire)),
        ("kind".to_owned(), json!(kind(draft))),
        ("model".to_owned(), json!(draft.about.model)),
        ("fidelity".to_owned(), json!("as-recorded")),
        ("features".to_owned(), json!([])),
        ("request".to_owned(), request(draft)),
        ("response".to_owned(), response(draft)),
    ]);
    let outcome = match &draft.outcome {
        Outcome::Cancelled => "cancelled",
        Outcome::Complete => "complete",
        Outcome::Failed(error) => {
            let failure = json!({ "category": error.category, "cause": error.cause, "message": error.message });
            file.insert("failure".to_owned(), failure);
            "failed"
        }
    };
    file.insert("outcome".to_owned(), json!(outcome));
    // Nothing in it refuses to be written.
    let mut text = serde_json::to_vec_pretty(&Value::Object(file)).unwrap_or_default();
    mask.over(&mut text);
    text
}

fn request(draft: &Draft) -> Value {
    let sent = &draft.sent;
    let headers = sent.headers.iter().map(|(name, value)| (name.clone(), json!(value)));
    let (body, cut) = body(sent.body.as_deref(), &draft.about.mask);
    let mut request = json!({
        "method": sent.method,
        "host": sent.host,
        "path": path(&sent.path),
        "auth": sent.auth,
        "headers": Map::from_iter(headers),
        "body": body,
    });
    if !cut.is_empty() {
        request["body_cut"] = json!(cut);
    }
    request
}

/// A path whose query has names and no values.
fn path(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let names = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=[hidden]"),
        None => pair.to_owned(),
    });
    format!("{path}?{}", names.collect::<Vec<_>>().join("&"))
}

/// The body of a request and the lengths of what was cut in it.
fn body(sent: Option<&[u8]>, mask: &Mask) -> (Value, Vec<usize>) {
    let Some(sent) = sent else { return (Value::Null, Vec::new()) };
    let mut cut = Vec::new();
    let Ok(mut body) = serde_json::from_slice::<Value>(sent) else {
        return (Value::Null, vec![sent.len()]);
    };
    shorten(&mut body, &mut cut);
    let mut text = body.to_string().into_bytes();
    if text.len() > MOST_OF_ONE {
        return (Value::Null, vec![sent.len()]);
    }
    mask.over(&mut text);
    (serde_json::from_slice(&text).unwrap_or_default(), cut)
}

/// Cuts pictures and the like. The reader of JSON has a limit of depth, so this has.
fn shorten(value: &mut Value, cut: &mut Vec<usize>) {
    match value {
        Value::String(text) if text.len() > LONGEST_CODED && is_coded(text) => {
            let length = text.len();
            text.truncate(STAYS);
            text.push_str(&format!("...({length} characters, cut)"));
            cut.push(length);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, cut)),
        Value::Object(members) => members.values_mut().for_each(|member| shorten(member, cut)),
        _ => {}
    }
}

/// True for base64, with or without the head of a `data:` address.
fn is_coded(text: &str) -> bool {
    let data = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let coded = data.map_or(text, |(_, coded)| coded);
    text.is_char_boundary(STAYS)
        && coded.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'='))
}

fn response(draft: &Draft) -> Value {
    let Some(head) = &draft.head else { return Value::Null };
    let kept = |name: &str| HEADERS.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family));
    let headers = head.headers.iter().filter(|(name, _)| kept(name));
    let headers = headers.map(|(name, value)| (name.clone(), json!(draft.about.mask.text(value))));
    let mut answer = draft.answer.clone();
    draft.about.mask.over(&mut answer);
    let mut pieces = draft.pieces.clone();
    if draft.beyond > 0 {
        whole_characters(&mut answer, &mut pieces);
    }
    let mut response = json!({ "status": head.status, "headers": Map::from_iter(headers) });
    match String::from_utf8(answer) {
        Ok(text) => response["body"] = text.into(),
        Err(other) => response["body_base64"] = STANDARD.encode(other.as_bytes()).into(),
    }
    if !pieces.is_empty() {
        response["chunk_sizes"] = json!(pieces);
    }
    if draft.beyond > 0 {
        response["body_cut"] = json!(draft.beyond);
    }
    response
}

/// Takes a character that the limit cut in two off the end.
fn whole_characters(answer: &mut Vec<u8>, pieces: &mut [usize]) {
    if let Err(error) = std::str::from_utf8(answer)
        && error.error_len().is_none()
    {
        let half = answer.len() - error.valid_up_to();
        answer.truncate(error.valid_up_to());
        if let Some(last) = pieces.last_mut() {
            *last = last.saturating_sub(half);
        }
    }
}
