//! The binary frames of AWS's event streams, written from their description and not with the library that reads them.
#![allow(unreachable_pub, dead_code, reason = "part of several test binaries")]

/// A frame: two lengths and their checksum, headers of text, what they stand before, and a checksum of it all.
pub fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name.as_bytes());
        // The type of a value: text.
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = Vec::new();
    frame.extend_from_slice(&number(head.len() + payload.len() + 16));
    frame.extend_from_slice(&number(head.len()));
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc32fast::hash(&frame).to_be_bytes());
    frame
}

/// An event with its JSON text.
pub fn event(name: &str, json: &str) -> Vec<u8> {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    frame(&headers, json.as_bytes())
}

/// An exception in the middle of a good answer.
pub fn exception(name: &str, message: &str) -> Vec<u8> {
    let headers = [(":exception-type", name), (":content-type", "application/json"), (":message-type", "exception")];
    frame(&headers, serde_json::json!({ "message": message }).to_string().as_bytes())
}

/// More text of the first block; `text` is JSON without its quotes.
pub fn text(text: &str) -> Vec<u8> {
    event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}},"p":"abcd"}}"#))
}

/// Why the answer ends, and what it used.
pub fn end(reason: &str) -> Vec<u8> {
    let stop = event("messageStop", &format!(r#"{{"stopReason":"{reason}"}}"#));
    let usage = r#"{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8},"metrics":{"latencyMs":9}}"#;
    [stop, event("metadata", usage)].concat()
}
