//! How hard to think, in the controls the model has, and what they leave of the other parameters.

use serde_json::{Value, json};

use crate::{
    Parameters, ReasoningEffort,
    catalog::{ModelRule, Thinking},
};

/// The least budget the wire takes, in tokens.
const LEAST_BUDGET: u64 = 1024;

/// What goes on the wire about thinking.
#[derive(Debug, Default, PartialEq)]
pub(in crate::dialects) struct Control {
    /// The field `thinking`.
    pub(in crate::dialects) thinking: Option<Value>,
    /// The word in `output_config.effort`.
    pub(in crate::dialects) effort: Option<&'static str>,
    /// The model is asked to think, which forbids sampling parameters.
    pub(in crate::dialects) thinks: bool,
}

/// Chooses the control. `limit` is the most output tokens of this request, which include a budget; `barred` says that
/// the rest of the request leaves no room for thinking by a budget.
pub(in crate::dialects) fn control(
    rule: Option<&ModelRule>,
    parameters: &Parameters,
    limit: u64,
    barred: bool,
) -> Control {
    let way = rule.map_or(Thinking::Budget, |r| r.thinking);
    let hides = rule.is_some_and(|r| r.hides_thinking);
    match (way, parameters.reasoning_effort) {
        (Thinking::None, _) | (Thinking::Budget | Thinking::Adaptive, None) => Control::default(),
        (Thinking::Budget, Some(ReasoningEffort::None)) => Control { thinking: Some(off()), ..Control::default() },
        (Thinking::Budget, Some(effort)) => match budget(effort, limit).filter(|_| !barred) {
            Some(tokens) => Control {
                thinking: Some(json!({ "type": "enabled", "budget_tokens": tokens })),
                effort: None,
                thinks: true,
            },
            None => Control::default(),
        },
        (Thinking::Adaptive | Thinking::OnByDefault, Some(ReasoningEffort::None)) => {
            Control { thinking: Some(off()), ..Control::default() }
        }
        // Nothing was asked for, and it thinks all the same: only its text is missing.
        (Thinking::OnByDefault | Thinking::AlwaysOn, None) => {
            Control { thinking: hides.then(|| adaptive(true)), ..Control::default() }
        }
        (Thinking::Adaptive | Thinking::OnByDefault | Thinking::AlwaysOn, Some(effort)) => {
            Control { thinking: Some(adaptive(hides)), effort: Some(word(effort)), thinks: true }
        }
    }
}

fn off() -> Value {
    json!({ "type": "disabled" })
}

fn adaptive(hides: bool) -> Value {
    if hides { json!({ "type": "adaptive", "display": "summarized" }) } else { json!({ "type": "adaptive" }) }
}

/// The words that every model with this control takes.
fn word(effort: ReasoningEffort) -> &'static str {
    match effort {
        // What cannot be switched off thinks as little as it can.
        ReasoningEffort::None | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::Max => "max",
    }
}

/// A budget that leaves a quarter of the output to the answer; `None` where the least does not fit.
fn budget(effort: ReasoningEffort, limit: u64) -> Option<u64> {
    let wanted = match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal => LEAST_BUDGET,
        ReasoningEffort::Low => 4096,
        ReasoningEffort::Medium => 8192,
        ReasoningEffort::High => 16_384,
        ReasoningEffort::Max => 32_768,
    };
    (limit > LEAST_BUDGET).then(|| wanted.min(limit - limit / 4).max(LEAST_BUDGET))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReasoningEffort::{High, Low, Max, Minimal};

    #[test]
    fn a_budget_fits_into_the_output_or_is_not_sent() {
        for (effort, limit, tokens) in [
            (Low, 64_000, Some(4096)),
            (Max, 64_000, Some(32_768)),
            (Max, 32_000, Some(24_000)),
            (High, 2000, Some(1500)),
            (High, 1100, Some(1024)),
            (Minimal, 1025, Some(1024)),
            (Minimal, 1024, None),
            (Max, 1, None),
        ] {
            assert_eq!(budget(effort, limit), tokens, "{effort:?} of {limit}");
        }
    }
}
