//! How each family of models is told how hard to think. A model takes either a budget of tokens or a level; the wrong
//! one, or one it does not have, is refused.
//!
//! Sources: Google's guide "Gemini thinking", `vercel/ai` `resolveGemini3ThinkingConfig`, `pydantic-ai`
//! `profiles/google.py`; the budgets of the words are those of Google's OpenAI-compatible endpoint.

use serde_json::{Value, json};

use super::address;
use crate::ReasoningEffort;

/// The control a family has.
#[derive(Debug, PartialEq)]
enum Control {
    /// Does not think, or cannot be told how hard.
    None,
    /// Tokens, from the least to the most; `off` says that 0 switches thinking off.
    Budget { least: u32, most: u32, off: bool },
    /// Words, from the least to the most. Thinking cannot be switched off.
    Levels(&'static [&'static str]),
}

struct Family {
    /// How its names begin; the first entry that fits counts.
    prefix: &'static str,
    control: Control,
    /// Calls without a signature are refused.
    signed_calls: bool,
}

const ALL: Control = Control::Levels(&["minimal", "low", "medium", "high"]);
const NO_MINIMAL: Control = Control::Levels(&["low", "medium", "high"]);

const fn family(prefix: &'static str, control: Control, signed_calls: bool) -> Family {
    Family { prefix, control, signed_calls }
}

const FAMILIES: &[Family] = &[
    family("gemini-2.5-flash-image", Control::None, false),
    family("gemini-2.5-flash-preview-tts", Control::None, false),
    family("gemini-2.5-flash-tts", Control::None, false),
    family("gemini-2.5-pro-preview-tts", Control::None, false),
    family("gemini-2.5-pro-tts", Control::None, false),
    family("gemini-2.5-flash-lite", Control::Budget { least: 512, most: 24_576, off: true }, false),
    family("gemini-2.5-flash", Control::Budget { least: 512, most: 24_576, off: true }, false),
    family("gemini-2.5-pro", Control::Budget { least: 128, most: 32_768, off: false }, false),
    family("gemini-3-pro-image", Control::None, true),
    family("gemini-3.1-flash-image", Control::Levels(&["minimal", "high"]), true),
    family("gemini-3.1-flash-lite-image", Control::None, true),
    family("gemini-3.1-flash-tts", Control::None, false),
    family("gemini-3-pro", Control::Levels(&["low", "high"]), true),
    family("gemini-3.1-pro", NO_MINIMAL, true),
    family("gemini-3.7-flash", NO_MINIMAL, true),
    family("gemini-3", ALL, true),
    family("gemini-4", NO_MINIMAL, true),
    // These names move on to newer models; the levels are those that every one of them had.
    family("gemini-pro-latest", NO_MINIMAL, true),
    family("gemini-flash-latest", NO_MINIMAL, true),
    family("gemini-flash-lite-latest", NO_MINIMAL, true),
];

fn family_of(model: &str) -> Option<&'static Family> {
    let name = address::short(model);
    FAMILIES.iter().find(|family| name.starts_with(family.prefix))
}

/// Whether the model refuses a call in the history that has no signature.
pub(super) fn wants_signed_calls(model: &str) -> bool {
    family_of(model).is_some_and(|family| family.signed_calls)
}

/// The `thinkingConfig` for an effort; `None` where the model has no such control or nobody knows of one.
pub(super) fn config(model: &str, effort: ReasoningEffort) -> Option<Value> {
    let (field, value): (_, Value) = match &family_of(model)?.control {
        Control::None => return None,
        Control::Budget { least, most, off } => ("thinkingBudget", budget(effort, *least, *most, *off).into()),
        Control::Levels(levels) => ("thinkingLevel", level(effort, levels)?.into()),
    };
    Some(match effort {
        ReasoningEffort::None => json!({ field: value }),
        _ => json!({ "includeThoughts": true, field: value }),
    })
}

fn budget(effort: ReasoningEffort, least: u32, most: u32, off: bool) -> u32 {
    let tokens = match effort {
        ReasoningEffort::None if off => return 0,
        ReasoningEffort::None | ReasoningEffort::Minimal => least,
        ReasoningEffort::Low => 1024,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::High => 24_576,
        ReasoningEffort::Max => most,
    };
    tokens.clamp(least, most)
}

/// The level itself, else the next one up, else the highest there is.
fn level(effort: ReasoningEffort, levels: &[&'static str]) -> Option<&'static str> {
    const SCALE: [&str; 4] = ["minimal", "low", "medium", "high"];
    let wanted = match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal => 0,
        ReasoningEffort::Low => 1,
        ReasoningEffort::Medium => 2,
        ReasoningEffort::High | ReasoningEffort::Max => 3,
    };
    let upward = SCALE[wanted..].iter().find(|word| levels.contains(word)).copied();
    upward.or_else(|| levels.last().copied())
}

#[cfg(test)]
mod tests {
    use ReasoningEffort::*;

    use super::*;

    #[test]
    fn each_family_gets_its_own_control() {
        let level = |word: &str| Some(json!({ "includeThoughts": true, "thinkingLevel": word }));
        let budget = |tokens: u32| Some(json!({ "includeThoughts": true, "thinkingBudget": tokens }));
        let table = [
            ("gemini-3.6-flash", Minimal, level("minimal")),
            ("models/gemini-3.6-flash", Max, level("high")),
            ("gemini-3.7-flash", Minimal, level("low")),
            ("gemini-3.1-pro-preview", Medium, level("medium")),
            ("gemini-3-pro-preview", Medium, level("high")),
            ("gemini-3-flash-preview", None, Some(json!({ "thinkingLevel": "minimal" }))),
            ("gemini-4-argon", None, Some(json!({ "thinkingLevel": "low" }))),
            ("gemini-3.1-flash-image-preview", Low, level("high")),
            ("gemini-3-pro-image-preview", High, Option::None),
            ("gemini-flash-latest", High, level("high")),
            ("gemini-2.5-flash", None, Some(json!({ "thinkingBudget": 0 }))),
            ("gemini-2.5-flash", Medium, budget(8192)),
            ("gemini-2.5-flash-lite", Max, budget(24_576)),
            ("gemini-2.5-pro", None, Some(json!({ "thinkingBudget": 128 }))),
            ("gemini-2.5-pro", Minimal, budget(128)),
            ("gemini-2.5-pro", Max, budget(32_768)),
            ("gemini-2.5-pro-preview-tts", High, Option::None),
            ("gemini-2.0-flash", High, Option::None),
            ("my-own-model", High, Option::None),
        ];
        for (model, effort, want) in table {
            assert_eq!(config(model, effort), want, "{model} {effort:?}");
        }
    }

    #[test]
    fn no_prefix_hides_a_later_one() {
        for (at, later) in FAMILIES.iter().enumerate() {
            let first = family_of(later.prefix).map(|f| f.prefix);
            assert_eq!(first, Some(later.prefix), "entry {at} is never reached");
        }
    }
}
