//! How long to think, in tokens, or only whether.

use serde_json::{Value, json};

use crate::{
    ReasoningEffort,
    catalog::{ModelRule, Thinking},
};

/// The field `thinking`; `None` where nothing is to be said. `limit` is the most output tokens of this request, where
/// it has one: they include the budget.
pub(super) fn control(rule: Option<&ModelRule>, effort: Option<ReasoningEffort>, limit: Option<u32>) -> Option<Value> {
    let way = rule.map_or(Thinking::Budget, |r| r.thinking);
    match (way, effort?) {
        (Thinking::None, _) | (Thinking::AlwaysOn, ReasoningEffort::None) => None,
        (_, ReasoningEffort::None) => Some(json!({ "type": "disabled" })),
        (_, effort) => {
            let only_whether = rule.is_some_and(|r| !r.thinking_levels.is_empty());
            Some(match budget(effort).filter(|_| !only_whether) {
                Some(tokens) => json!({ "type": "enabled", "token_budget": fitting(tokens, rule, limit) }),
                None => json!({ "type": "enabled" }),
            })
        }
    }
}

/// True where a model of this rule thinks, and so may be shown its own thoughts.
pub(super) fn thinks(rule: Option<&ModelRule>) -> bool {
    rule.is_none_or(|r| r.thinking != Thinking::None)
}

/// Without a budget a model thinks as long as it likes.
fn budget(effort: ReasoningEffort) -> Option<u32> {
    match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal => Some(512),
        ReasoningEffort::Low => Some(2048),
        ReasoningEffort::Medium => Some(8192),
        ReasoningEffort::High => Some(16_384),
        ReasoningEffort::Max => None,
    }
}

/// A budget the model takes, and that leaves a quarter of the output to the answer.
fn fitting(tokens: u32, rule: Option<&ModelRule>, limit: Option<u32>) -> u32 {
    let tokens = rule.and_then(|r| r.thinking_budget).map_or(tokens, |range| tokens.clamp(range.least, range.most));
    limit.map_or(tokens, |limit| tokens.min(limit - limit / 4)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReasoningEffort::{High, Low, Max, Minimal, None as Off};

    #[test]
    fn a_budget_leaves_room_for_the_answer() {
        for (effort, limit, tokens) in [
            (Minimal, None, Some(512)),
            (Low, Some(4096), Some(2048)),
            (High, Some(4096), Some(3072)),
            (High, Some(1), Some(1)),
            (High, Some(0), Some(1)),
            (Max, Some(4096), None),
        ] {
            let said = control(None, Some(effort), limit).unwrap();
            assert_eq!(said["type"], "enabled");
            assert_eq!(said.get("token_budget").and_then(Value::as_u64), tokens, "{effort:?} of {limit:?}");
        }
        assert_eq!(control(None, Some(Off), None), Some(json!({ "type": "disabled" })));
        assert_eq!(control(None, None, Some(64)), None);
    }
}
