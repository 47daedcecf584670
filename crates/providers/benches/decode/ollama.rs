//! A stream as Ollama sends it: one small line a token.

use std::fmt::Write;

/// A stream of so many deltas, with its last line.
pub fn stream(deltas: usize) -> String {
    const WORDS: [&str; 8] = ["The", " quick", " brown", " fox", " jumps", " over\\n", " größer", " \\\"dog\\\""];
    let mut body = String::new();
    for i in 0..deltas {
        let word = WORDS[i % WORDS.len()];
        let _ = writeln!(
            body,
            "{{\"model\":\"qwen3:8b\",\"created_at\":\"2026-08-01T10:00:00.{:09}Z\",\
             \"message\":{{\"role\":\"assistant\",\"content\":\"{word}\"}},\"done\":false}}",
            i % 1_000_000_000
        );
    }
    body.push_str(
        "{\"model\":\"qwen3:8b\",\"created_at\":\"2026-08-01T10:01:00Z\",\
         \"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\
         \"total_duration\":900000000,\"load_duration\":1200000,\"prompt_eval_count\":40,\
         \"prompt_eval_duration\":80000000,\"eval_count\":31,\"eval_duration\":500000000}\n",
    );
    body
}
