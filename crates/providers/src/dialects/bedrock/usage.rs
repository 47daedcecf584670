//! Token counts. The wire's `inputTokens` leave out what the cache read and wrote; ours hold everything. Reasoning is
//! inside the output, and nobody says how much of it.

use serde::Deserialize;

use crate::{Usage, loose::Count};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Counts {
    input_tokens: Count,
    output_tokens: Count,
    cache_read_input_tokens: Count,
    cache_write_input_tokens: Count,
}

/// The counts of an answer; `None` where there are none.
pub(super) fn usage(json: &str) -> Option<Usage> {
    let counts: Counts = serde_json::from_str(json).ok().filter(|_| json.starts_with('{'))?;
    let (read, write) = (counts.cache_read_input_tokens.0, counts.cache_write_input_tokens.0);
    let cached = read.unwrap_or(0).saturating_add(write.unwrap_or(0));
    Some(Usage {
        input_total: counts.input_tokens.0.map(|fresh| fresh.saturating_add(cached)),
        // A part without its whole says nothing.
        cache_read: read.filter(|_| counts.input_tokens.0.is_some()),
        cache_write: write.filter(|_| counts.input_tokens.0.is_some()),
        output_total: counts.output_tokens.0,
        ..Usage::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_holds_what_the_cache_read_and_wrote() {
        let counts = usage(
            r#"{"inputTokens":12,"outputTokens":187,"totalTokens":2247,"cacheReadInputTokens":2048,"cacheWriteInputTokens":0}"#,
        );
        let want = Usage {
            input_total: Some(2060),
            cache_read: Some(2048),
            cache_write: Some(0),
            output_total: Some(187),
            ..Usage::default()
        };
        assert_eq!(counts, Some(want));
        let bare = usage(r#"{"inputTokens":3,"outputTokens":4}"#).unwrap();
        assert_eq!((bare.input_total, bare.cache_read, bare.output_total), (Some(3), None, Some(4)));
        assert_eq!(usage(r#"{"cacheReadInputTokens":5}"#), Some(Usage::default()));
        assert_eq!(usage("[]"), None);
    }
}
