//! How a model is told how hard to think. It takes either a budget of tokens or a level, by the rules of its vendor; the
//! wrong one, or one it does not have, is refused.
//!
//! Sources: Google's guide "Gemini thinking", `vercel/ai` `resolveGemini3ThinkingConfig`, `pydantic-ai`
//! `profiles/google.py`; the budgets of the words are those of Google's OpenAI-compatible endpoint.

use serde_json::{Value, json};

use super::address;
use crate::{
    ReasoningEffort,
    catalog::{ModelRule, ThinkingBudget, Vendor},
};

fn rule<'a>(vendor: &'a Vendor, model: &str) -> Option<&'a ModelRule> {
    vendor.rule(address::short(model))
}

/// Whether the model refuses a call in the history that has no signature.
pub(super) fn wants_signed_calls(vendor: &Vendor, model: &str) -> bool {
    rule(vendor, model).is_some_and(|rule| rule.signed_calls)
}

/// The `thinkingConfig` for an effort; `None` where the model has no such control or nobody knows of one.
pub(super) fn config(vendor: &Vendor, model: &str, effort: ReasoningEffort) -> Option<Value> {
    let rule = rule(vendor, model)?;
    let (field, value): (_, Value) = match rule.thinking_budget {
        Some(range) => ("thinkingBudget", budget(effort, range).into()),
        None => ("thinkingLevel", level(effort, &rule.thinking_levels)?.into()),
    };
    Some(match effort {
        ReasoningEffort::None => json!({ field: value }),
        _ => json!({ "includeThoughts": true, field: value }),
    })
}

fn budget(effort: ReasoningEffort, ThinkingBudget { least, most, off }: ThinkingBudget) -> u32 {
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
fn level(effort: ReasoningEffort, levels: &[ReasoningEffort]) -> Option<&'static str> {
    const SCALE: [(ReasoningEffort, &str); 4] = [
        (ReasoningEffort::Minimal, "minimal"),
        (ReasoningEffort::Low, "low"),
        (ReasoningEffort::Medium, "medium"),
        (ReasoningEffort::High, "high"),
    ];
    let wanted = match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal => 0,
        ReasoningEffort::Low => 1,
        ReasoningEffort::Medium => 2,
        ReasoningEffort::High | ReasoningEffort::Max => 3,
    };
    let has = |(level, _): &&(ReasoningEffort, &str)| levels.contains(level);
    let upward = SCALE[wanted..].iter().find(has);
    upward.or_else(|| SCALE.iter().rev().find(has)).map(|(_, word)| *word)
}

#[cfg(test)]
mod tests {
    use ReasoningEffort::*;

    use super::*;
    use crate::catalog::Catalog;

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
        for vendor in ["gemini", "gemini-compatible"] {
            let vendor = Catalog::bundled().get(vendor).unwrap();
            for (model, effort, want) in &table {
                assert_eq!(config(vendor, model, *effort), *want, "{model} {effort:?}");
            }
        }
    }
}
