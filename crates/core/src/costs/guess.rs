//! A rough token count for text the vendor did not count.

use parlance_providers::{ChatRequest, Part};

/// What most chat formats add around a message.
const TOKENS_A_MESSAGE: u64 = 4;
/// An image or file; vendors differ by a factor of ten.
const TOKENS_A_MEDIUM: u64 = 1_000;

/// Counts text as it passes and guesses its tokens: one for each Chinese, Japanese or Korean character, one for
/// each four bytes of anything else. Within a third for prose and code; marked `estimated` wherever it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextCount {
    bytes: u64,
    wide: u64,
    fixed: u64,
}

impl TextCount {
    /// The count of one text.
    pub fn of(text: &str) -> Self {
        let mut count = Self::default();
        count.add(text);
        count
    }

    /// The count of everything a request sends.
    pub fn of_request(request: &ChatRequest) -> Self {
        let mut count = Self::default();
        if let Some(system) = &request.system {
            count.fixed += TOKENS_A_MESSAGE;
            count.add(system);
        }
        for message in &request.messages {
            count.fixed += TOKENS_A_MESSAGE;
            message.parts.iter().for_each(|part| count.add_part(part));
        }
        for tool in &request.tools {
            count.fixed += TOKENS_A_MESSAGE;
            count.add(&tool.name);
            count.add(tool.description.as_deref().unwrap_or_default());
            count.add(&tool.parameters.to_string());
        }
        if let Some((name, schema)) = &request.response_schema {
            count.add(name);
            count.add(&schema.to_string());
        }
        count
    }

    /// Adds a piece of text; pieces may be cut anywhere between characters.
    pub fn add(&mut self, text: &str) {
        let wide = text.chars().filter(|&c| is_wide(c));
        let (wide, wide_bytes) = wide.fold((0, 0), |(n, bytes), c| (n + 1, bytes + c.len_utf8()));
        self.wide += wide;
        self.bytes += (text.len() - wide_bytes) as u64;
    }

    /// The guess.
    pub fn tokens(&self) -> u64 {
        self.bytes.div_ceil(4) + self.wide + self.fixed
    }

    fn add_part(&mut self, part: &Part) {
        match part {
            Part::Text { text, .. } | Part::Reasoning { text, .. } | Part::Refusal { text } => self.add(text),
            Part::Image { .. } | Part::File { .. } => self.fixed += TOKENS_A_MEDIUM,
            Part::ToolCall { name, arguments, .. } => {
                self.add(name);
                self.add(arguments);
            }
            Part::ServerTool { json, .. } => self.add(json),
            Part::ToolResult { name, content, .. } => {
                self.add(name);
                self.add(content);
            }
        }
    }
}

/// Kana, Hangul, Han and their punctuation.
fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}
