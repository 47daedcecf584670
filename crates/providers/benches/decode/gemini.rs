//! A stream as Gemini sends it: text in small pieces, counts on every chunk, lines that end with CRLF.

use std::fmt::Write;

/// A stream of so many deltas.
pub(crate) fn stream(deltas: usize) -> String {
    const WORDS: [&str; 8] = ["The", " quick", " brown", " fox", " jumps", " over\\n", " größer", " \\\"dog\\\""];
    let mut body = String::new();
    for i in 0..deltas {
        let word = WORDS[i % WORDS.len()];
        let _ = write!(
            body,
            "data: {{\"candidates\": [{{\"content\": {{\"parts\": [{{\"text\": \"{word}\"}}],\"role\": \"model\"}},\
             \"index\": 0}}],\"usageMetadata\": {{\"promptTokenCount\": 40,\"candidatesTokenCount\": {i},\
             \"totalTokenCount\": {},\"promptTokensDetails\": [{{\"modality\": \"TEXT\",\"tokenCount\": 40}}],\
             \"thoughtsTokenCount\": 35}},\"modelVersion\": \"gemini-3.6-flash\",\"responseId\": \"bench\"}}\r\n\r\n",
            i + 75
        );
    }
    body.push_str("data: {\"candidates\": [{\"finishReason\": \"STOP\",\"index\": 0}]}\r\n\r\n");
    body
}
