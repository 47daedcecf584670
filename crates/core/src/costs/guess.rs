//! A rough token count for text the vendor did not count.

use std::borrow::Cow;

use parlance_providers::{ChatRequest, Part};

use crate::{attachments::kinds, view::AttachmentKind};

/// What most chat formats add around a message.
const TOKENS_A_MESSAGE: u64 = 4;
/// The longest side that a picture is sent on with, in pixels, and the pixels that make a token: Anthropic's published
/// rule, which lies between those of the other vendors. They differ by a factor of ten.
const LONGEST_SIDE: u64 = 1_568;
const PIXELS_A_TOKEN: u64 = 750;
/// The least that any picture takes.
const LEAST_PICTURE: u64 = 85;
/// A picture whose size cannot be read.
const TOKENS_A_PICTURE: u64 = 1_500;
/// A page of a PDF file: its text and a picture of it.
const TOKENS_A_PAGE: u64 = 2_000;
/// A page of a PDF file that hides how many it has.
const BYTES_A_PAGE: u64 = 60_000;
/// Sound takes some 32 tokens a second: so many bytes at usual rates, packed and as plain samples.
const SOUND_BYTES_A_TOKEN: u64 = 500;
const SAMPLE_BYTES_A_TOKEN: u64 = 5_500;

/// Counts text as it passes and guesses its tokens: one for each Chinese, Japanese or Korean character, one for
/// each four bytes of anything else. Within a third for prose and code; marked
/// `estimated` wherever it is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextCount {
    bytes: u64,
    wide: u64,
    fixed: u64,
    /// The tokens of the text, where they were counted.
    counted: Option<u64>,
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
        let messages = request.messages.len() + request.tools.len() + usize::from(request.system.is_some());
        let parts = request.messages.iter().flat_map(|message| &message.parts);
        let media = parts.map(|part| match part {
            Part::Image { media_type, data, .. } | Part::File { media_type, data, .. } => medium(media_type, data),
            _ => 0,
        });
        let mut count =
            Self { fixed: media.fold(TOKENS_A_MESSAGE * messages as u64, u64::saturating_add), ..Self::default() };
        texts(request).iter().for_each(|text| count.add(text));
        count
    }

    /// The same with the tokens that its text was counted to have.
    #[must_use]
    pub(crate) fn counted(self, tokens: u64) -> Self {
        Self { counted: Some(tokens), ..self }
    }

    /// Adds a piece of text; pieces may be cut anywhere between characters.
    pub fn add(&mut self, text: &str) {
        let wide = text.chars().filter(|&c| is_wide(c));
        let (wide, wide_bytes) = wide.fold((0, 0), |(n, bytes), c| (n + 1, bytes + c.len_utf8()));
        self.wide += wide;
        self.bytes += (text.len() - wide_bytes) as u64;
    }

    /// What was counted, else the guess.
    pub fn tokens(&self) -> u64 {
        self.counted.unwrap_or(self.bytes.div_ceil(4) + self.wide) + self.fixed
    }
}

/// Every text that a request sends.
pub(crate) fn texts(request: &ChatRequest) -> Vec<Cow<'_, str>> {
    let mut texts: Vec<Cow<'_, str>> = request.system.iter().map(|system| system.as_str().into()).collect();
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        match part {
            Part::Text { text, .. } | Part::Reasoning { text, .. } | Part::Refusal { text } => {
                texts.push(text.as_str().into());
            }
            Part::ToolCall { name, arguments, .. } => texts.extend([name.as_str().into(), arguments.as_str().into()]),
            Part::ServerTool { json, .. } => texts.push(json.as_str().into()),
            Part::ToolResult { name, content, .. } => texts.extend([name.as_str().into(), content.as_str().into()]),
            Part::Image { .. } | Part::File { .. } => {}
        }
    }
    for tool in &request.tools {
        texts.push(tool.name.as_str().into());
        texts.push(tool.description.as_deref().unwrap_or_default().into());
        texts.push(tool.parameters.to_string().into());
    }
    if let Some((name, schema)) = &request.response_schema {
        texts.extend([name.as_str().into(), schema.to_string().into()]);
    }
    texts
}

/// The tokens of a message of this text.
pub(crate) fn message(text: &str) -> u64 {
    if text.is_empty() { 0 } else { TextCount::of(text).tokens() + TOKENS_A_MESSAGE }
}

/// A guess of the tokens of a file, by no vendor's own rule: pictures by their size in pixels, PDF files by their
/// pages, sound by its bytes, text by its characters.
pub(crate) fn medium(media_type: &str, content: &[u8]) -> u64 {
    match kinds::kind(media_type) {
        AttachmentKind::Image => {
            kinds::size(content).map_or(TOKENS_A_PICTURE, |(width, height)| picture(width, height))
        }
        AttachmentKind::Pdf => {
            let pages = pages(content);
            TOKENS_A_PAGE * if pages > 0 { pages } else { (content.len() as u64).div_ceil(BYTES_A_PAGE) }
        }
        AttachmentKind::Audio if media_type == "audio/wav" => (content.len() as u64).div_ceil(SAMPLE_BYTES_A_TOKEN),
        AttachmentKind::Audio => (content.len() as u64).div_ceil(SOUND_BYTES_A_TOKEN),
        AttachmentKind::Text => message(&String::from_utf8_lossy(content)),
        AttachmentKind::Other => 0,
    }
}

/// As [`medium`], where only the file's size is known.
pub(crate) fn medium_by_size(media_type: &str, bytes: u64) -> u64 {
    match kinds::kind(media_type) {
        AttachmentKind::Image => TOKENS_A_PICTURE,
        AttachmentKind::Pdf => TOKENS_A_PAGE * bytes.div_ceil(BYTES_A_PAGE),
        AttachmentKind::Audio if media_type == "audio/wav" => bytes.div_ceil(SAMPLE_BYTES_A_TOKEN),
        AttachmentKind::Audio => bytes.div_ceil(SOUND_BYTES_A_TOKEN),
        AttachmentKind::Text => bytes.div_ceil(4) + TOKENS_A_MESSAGE,
        AttachmentKind::Other => 0,
    }
}

/// A picture is made smaller until its longest side fits.
fn picture(width: u64, height: u64) -> u64 {
    let longest = width.max(height).max(1);
    let fitted = |side: u64| if longest > LONGEST_SIDE { side.saturating_mul(LONGEST_SIDE) / longest } else { side };
    (fitted(width) * fitted(height)).div_ceil(PIXELS_A_TOKEN).max(LEAST_PICTURE)
}

/// The pages that a PDF file names in the open; 0 where it packs them away.
fn pages(content: &[u8]) -> u64 {
    let is_page = |at: usize| {
        let rest = content[at..].trim_ascii_start();
        rest.starts_with(b"/Page") && !rest.starts_with(b"/Pages")
    };
    let types = content.windows(5).enumerate().filter(|(_, window)| window == b"/Type");
    types.filter(|(at, _)| is_page(at + 5)).count() as u64
}

/// Kana, Hangul, Han and their punctuation.
fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_by_their_size_and_never_endless() {
        assert_eq!(picture(1, 1), LEAST_PICTURE);
        assert_eq!(picture(1000, 750), 1000);
        assert_eq!(picture(1568, 1568), 3279);
        assert_eq!(picture(15_680, 15_680), 3279);
        assert_eq!(picture(u64::from(u32::MAX), 1), LEAST_PICTURE);
        assert_eq!(medium("image/png", b"cut off"), TOKENS_A_PICTURE);
    }

    #[test]
    fn pdf_files_by_their_pages_or_their_bytes() {
        let open = b"%PDF-1.4 1 0 obj<</Type/Pages>> 2 0 obj<</Type /Page>> 3 0 obj<< /Type\n/Page >> /TypeX";
        assert_eq!(medium("application/pdf", open), 2 * TOKENS_A_PAGE);
        let packed = [b"%PDF-1.7 ".as_slice(), &[b'x'; 130_000]].concat();
        assert_eq!(medium("application/pdf", &packed), 3 * TOKENS_A_PAGE);
    }
}
