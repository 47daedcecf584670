//! How hard to think, in the words of each model's maker.

use serde_json::json;

use super::{
    Maker,
    blocks::{REDACTED, SIGNATURE},
};
use crate::{
    ChatRequest, Message, Parameters, Part, ReasoningEffort, Role,
    catalog::{Thinking, Vendor},
    dialects::anthropic::thinking as anthropic,
    json::Object,
};

/// What is asked for where nobody says how much a model can put out, and a budget has to be part of it.
const LIMIT_OF_UNKNOWN: u64 = 4096;

/// What goes on the wire about thinking.
#[derive(Default)]
pub(super) struct Control {
    /// Of `additionalModelRequestFields`.
    pub(super) fields: Object,
    /// The most output, where the control needs one said.
    pub(super) limit: Option<u64>,
    /// The model is asked to think, which forbids sampling parameters.
    pub(super) thinks: bool,
}

/// Chooses the control. `forced` says that a call is forced, which leaves no room for thinking by a budget.
pub(super) fn control(
    vendor: &Vendor,
    request: &ChatRequest,
    parameters: &Parameters,
    maker: Maker,
    forced: bool,
) -> Control {
    let rule = vendor.rule(&request.model);
    match maker {
        Maker::Anthropic => {
            let asked = parameters.max_tokens.map(u64::from).or_else(|| vendor.max_output(&request.model));
            let limit = asked.unwrap_or(LIMIT_OF_UNKNOWN);
            let barred = forced || resumes_without_thinking(request);
            let control = anthropic::control(rule, parameters, limit, barred);
            let fields = Object::new()
                .with_some("thinking", control.thinking)
                .with_some("output_config", control.effort.map(|effort| json!({ "effort": effort })));
            let budgeted = control.thinks && control.effort.is_none();
            Control { fields, limit: budgeted.then_some(limit), thinks: control.thinks }
        }
        Maker::OpenAi => Control { fields: openai(rule.map(|rule| rule.thinking), parameters), ..Control::default() },
        Maker::Amazon if rule.is_some_and(|rule| rule.thinking == Thinking::Adaptive) => amazon(parameters),
        Maker::Amazon | Maker::Mistral | Maker::Other => Control::default(),
    }
}

/// Three words, and never off.
fn openai(way: Option<Thinking>, parameters: &Parameters) -> Object {
    let effort = parameters.reasoning_effort.filter(|_| way != Some(Thinking::None));
    Object::new().with_some("reasoning_effort", effort.map(word))
}

/// Nova thinks where it is told to. At its hardest it takes neither sampling parameters nor a limit.
fn amazon(parameters: &Parameters) -> Control {
    let Some(effort) = parameters.reasoning_effort.filter(|effort| *effort != ReasoningEffort::None) else {
        return Control::default();
    };
    // What takes no limit ends by itself; with a limit it is told to think a little less.
    let word = match word(effort) {
        "high" if parameters.max_tokens.is_some() => "medium",
        word => word,
    };
    let fields = Object::new().with("reasoningConfig", json!({ "type": "enabled", "maxReasoningEffort": word }));
    Control { fields, limit: None, thinks: word == "high" }
}

fn word(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None | ReasoningEffort::Minimal | ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High | ReasoningEffort::Max => "high",
    }
}

/// True where results are brought to an answer that has no thinking to send back, because another model gave it or
/// thinking was off: a model that thinks by a budget refuses to begin in the middle.
fn resumes_without_thinking(request: &ChatRequest) -> bool {
    let thought = |part: &Part| match part {
        Part::Reasoning { opaque, .. } => opaque.iter().any(|o| matches!(o.kind.as_str(), SIGNATURE | REDACTED)),
        _ => false,
    };
    let mut latest = request.messages.iter().rev();
    let brings_results = |m: &Message| m.parts.iter().any(|p| matches!(p, Part::ToolResult { .. }));
    latest.next().is_some_and(brings_results)
        && latest.find(|m| m.role == Role::Assistant).is_some_and(|m| !m.parts.iter().any(thought))
}
