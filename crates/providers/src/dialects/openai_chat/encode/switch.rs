//! How a model is told whether to think, and how hard: OpenAI has one word for both, others have a switch of their own.

use serde_json::{Value, json};

use super::word;
use crate::{
    ReasoningEffort,
    catalog::{Quirk, Thinking, Vendor},
    json::Object,
};

/// Says the effort in the vendor's words. A model that always thinks is not switched.
pub(super) fn tell(vendor: &Vendor, model: &str, effort: ReasoningEffort, body: &mut Object) {
    let rule = vendor.rule(model);
    let on = effort != ReasoningEffort::None;
    if let Some((name, value)) = switch(vendor, on) {
        if rule.is_none_or(|rule| rule.thinking != Thinking::AlwaysOn) {
            body.set(name, value);
        }
        if !on {
            return;
        }
    }
    let has_levels = rule.is_some_and(|rule| !rule.thinking_levels.is_empty());
    if has_levels || !vendor.has(Quirk::EffortByLevels) {
        body.set("reasoning_effort", word(vendor, effort));
    }
}

/// The vendor's switch; `None` where the effort itself is one.
fn switch(vendor: &Vendor, on: bool) -> Option<(&'static str, Value)> {
    let typed = |yes: &str| json!({ "type": if on { yes } else { "disabled" } });
    let switches = [
        (Quirk::ThinkingSwitch, "thinking", typed("enabled")),
        (Quirk::AdaptiveSwitch, "thinking", typed("adaptive")),
        (Quirk::ReasoningSwitch, "reasoning", json!({ "enabled": on })),
        (Quirk::EnableThinking, "enable_thinking", on.into()),
        (Quirk::TemplateSwitch, "chat_template_kwargs", json!({ "thinking": on, "enable_thinking": on })),
    ];
    switches.into_iter().find(|(quirk, ..)| vendor.has(*quirk)).map(|(_, name, value)| (name, value))
}
