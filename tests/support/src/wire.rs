//! The bytes of HTTP/1.1 answers.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A status line and header fields, with the blank line after them.
pub fn head(status: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// The head of an event stream that ends with the connection.
pub fn sse_head() -> Vec<u8> {
    head("200 OK", &[("content-type", "text/event-stream"), ("connection", "close")])
}

/// The head of an event stream in chunks.
pub fn sse_head_chunked() -> Vec<u8> {
    head("200 OK", &[("content-type", "text/event-stream"), ("transfer-encoding", "chunked")])
}

/// The head of an event stream of a stated length.
pub fn sse_head_sized(length: usize) -> Vec<u8> {
    head("200 OK", &[("content-type", "text/event-stream"), ("content-length", &length.to_string())])
}

/// One chunk.
pub fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// The chunk that ends a chunked body.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A whole answer with its length.
pub fn answer(status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    [head(status, &[("content-type", content_type), ("content-length", &length)]).as_slice(), body].concat()
}

/// One server-sent event of one line of data.
pub fn event(data: &str) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// The value of a header that carries a user and a password.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
