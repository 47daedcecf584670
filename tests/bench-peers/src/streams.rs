//! A long answer of each wire, in the form its vendor writes.

use std::fmt::Write;

/// Pieces of text in an answer.
pub const DELTAS: usize = 50_000;

const WORDS: [&str; 8] = ["The", " quick", " brown", " fox", " jumps", " over\\n", " größer", " \\\"dog\\\""];

/// A wire whose stream is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    OpenaiChat,
    Anthropic,
    Gemini,
    Ollama,
}

impl Wire {
    pub const ALL: [Self; 4] = [Self::OpenaiChat, Self::Anthropic, Self::Gemini, Self::Ollama];

    pub fn name(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    pub fn content_type(self) -> &'static str {
        if self == Self::Ollama { "application/x-ndjson" } else { "text/event-stream" }
    }

    /// The whole body.
    pub fn body(self) -> String {
        let (before, after) = self.ends();
        let mut body = before.to_owned();
        for i in 0..DELTAS {
            self.delta(WORDS[i % WORDS.len()], &mut body);
        }
        body.push_str(after);
        body
    }

    /// Bytes of text that a client must read out of it.
    pub fn text_bytes() -> usize {
        // Two of the words have escapes: a line end, and two quotes.
        let lengths = WORDS.iter().map(|word| word.len() - word.matches('\\').count());
        lengths.sum::<usize>() * (DELTAS / WORDS.len())
    }

    fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenaiChat => (
                "",
                "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\
                 \"model\":\"gpt-4.1-2025-04-14\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
                 data: [DONE]\n\n",
            ),
            Self::Anthropic => (
                "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\
                 \"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-opus-4-5\",\"content\":[],\
                 \"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n\
                 event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\
                 \"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
                "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
                 event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\
                 \"stop_sequence\":null},\"usage\":{\"output_tokens\":50000}}\n\n\
                 event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            ),
            Self::Gemini => (
                "",
                "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\
                 \"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":9,\
                 \"candidatesTokenCount\":50000,\"totalTokenCount\":50009},\"modelVersion\":\"gemini-2.5-flash\",\
                 \"responseId\":\"r1\"}\n\n",
            ),
            Self::Ollama => (
                "",
                "{\"model\":\"llama3.2\",\"created_at\":\"2026-01-01T00:00:00.000000Z\",\
                 \"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\
                 \"total_duration\":9,\"load_duration\":1,\"prompt_eval_count\":9,\"prompt_eval_duration\":1,\
                 \"eval_count\":50000,\"eval_duration\":7}\n",
            ),
        }
    }

    fn delta(self, word: &str, body: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::OpenaiChat => write!(
                body,
                "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\
                 \"model\":\"gpt-4.1-2025-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\",\
                 \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"logprobs\":null,\
                 \"finish_reason\":null}}],\"usage\":null}}\n\n"
            ),
            Self::Anthropic => write!(
                body,
                "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
                 \"delta\":{{\"type\":\"text_delta\",\"text\":\"{word}\"}}}}\n\n"
            ),
            Self::Gemini => write!(
                body,
                "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{word}\"}}],\"role\":\"model\"}},\
                 \"index\":0}}],\"usageMetadata\":{{\"promptTokenCount\":9,\"totalTokenCount\":9,\
                 \"promptTokensDetails\":[{{\"modality\":\"TEXT\",\"tokenCount\":9}}]}},\
                 \"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r1\"}}\n\n"
            ),
            Self::Ollama => write!(
                body,
                "{{\"model\":\"llama3.2\",\"created_at\":\"2026-01-01T00:00:00.000000Z\",\
                 \"message\":{{\"role\":\"assistant\",\"content\":\"{word}\"}},\"done\":false}}\n"
            ),
        };
    }
}
