//! Token counts. Thoughts come on top of the visible output, tool use on top of the prompt; cached tokens are part of
//! the prompt. Each chunk's counts replace the earlier ones, a count it leaves out stays.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::List;
use crate::{
    Usage,
    loose::{Count, Text},
};

/// `usageMetadata`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UsageWire<'a> {
    prompt_token_count: Count,
    cached_content_token_count: Count,
    candidates_token_count: Count,
    thoughts_token_count: Count,
    tool_use_prompt_token_count: Count,
    #[serde(borrow)]
    prompt_tokens_details: Option<&'a RawValue>,
    #[serde(borrow)]
    candidates_tokens_details: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(borrow)]
    modality: Text<'a>,
    token_count: Count,
}

/// The counts of one answer, as the vendor names them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    prompt: Option<u64>,
    cached: Option<u64>,
    candidates: Option<u64>,
    thoughts: Option<u64>,
    tool_use: Option<u64>,
    input_audio: Option<u64>,
    output_audio: Option<u64>,
    told: Usage,
}

impl Counts {
    /// Takes the counts of a chunk; `Some` where they changed the reading.
    pub(super) fn take(&mut self, wire: &UsageWire<'_>) -> Option<Usage> {
        let newer = |old: &mut Option<u64>, new: Option<u64>| *old = new.or(*old);
        newer(&mut self.prompt, wire.prompt_token_count.0);
        newer(&mut self.cached, wire.cached_content_token_count.0);
        newer(&mut self.candidates, wire.candidates_token_count.0);
        newer(&mut self.thoughts, wire.thoughts_token_count.0);
        newer(&mut self.tool_use, wire.tool_use_prompt_token_count.0);
        newer(&mut self.input_audio, audio(wire.prompt_tokens_details));
        newer(&mut self.output_audio, audio(wire.candidates_tokens_details));
        let now = self.normalised();
        (now != self.told).then(|| {
            self.told = now;
            now
        })
    }

    fn normalised(&self) -> Usage {
        let input_total = self.prompt.map(|prompt| prompt.saturating_add(self.tool_use.unwrap_or(0)));
        let output_total = match (self.candidates, self.thoughts) {
            (None, None) => None,
            (visible, thoughts) => Some(visible.unwrap_or(0).saturating_add(thoughts.unwrap_or(0))),
        };
        Usage {
            input_total,
            cache_read: self.cached.map(|cached| input_total.map_or(cached, |all| cached.min(all))),
            cache_write: None,
            input_audio: self.input_audio,
            output_total,
            reasoning: self.thoughts,
            output_audio: self.output_audio,
            ..Usage::default()
        }
    }
}

/// The audio tokens of a split by modality.
fn audio(details: Option<&RawValue>) -> Option<u64> {
    let raw = details?.get();
    // Nearly every answer is text alone: no need to read the list then.
    if !raw.contains("AUDIO") {
        return None;
    }
    let details: List<Detail<'_>> = serde_json::from_str(raw).ok()?;
    details.0.iter().find(|d| d.modality.0 == "AUDIO")?.token_count.0
}
