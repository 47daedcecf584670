//! How the vendors of the catalogue are told whether to think and how hard, and what their quirks change on the wire.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    ChatRequest, Message, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, Quirk, Vendor},
    dialects::dialect,
};
use serde_json::{Map, Value, json};

fn vendor(id: &str) -> Vendor {
    Catalog::bundled().get(id).unwrap().clone()
}

fn without(id: &str, quirk: Quirk) -> Vendor {
    let mut vendor = vendor(id);
    assert!(vendor.has(quirk), "{id}");
    vendor.quirks.retain(|q| *q != quirk);
    vendor
}

fn body(vendor: &Vendor, request: &ChatRequest) -> Map<String, Value> {
    let wire = dialect(vendor.dialect).unwrap().chat(vendor, request, true).unwrap();
    serde_json::from_str(&wire.body.unwrap()).unwrap()
}

fn ask(model: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, "Hi")])
}

/// What an effort adds to the body.
fn told(vendor: &Vendor, model: &str, effort: ReasoningEffort) -> Value {
    let silent = body(vendor, &ask(model));
    let mut request = ask(model);
    request.parameters.reasoning_effort = Some(effort);
    let spoken = body(vendor, &request);
    Value::Object(spoken.into_iter().filter(|(name, _)| !silent.contains_key(name)).collect())
}

#[test]
fn each_vendor_is_told_in_its_own_words() {
    use ReasoningEffort::{High, Low, Max, Medium, None};
    let thinking = |kind: &str| json!({ "thinking": { "type": kind } });
    for (id, model, effort, wanted) in [
        ("zai", "glm-5.1", High, thinking("enabled")),
        ("zai", "glm-5.1", None, thinking("disabled")),
        ("zai", "glm-5.2", Low, json!({ "thinking": { "type": "enabled" }, "reasoning_effort": "high" })),
        ("zai", "glm-5.3", None, json!({ "reasoning_effort": "high" })),
        ("zai", "glm-5.3", Max, json!({ "reasoning_effort": "max" })),
        ("moonshot", "kimi-k2.6", None, thinking("disabled")),
        ("moonshot", "kimi-k2.7-code", Medium, json!({})),
        ("moonshot", "kimi-k3", Medium, json!({ "reasoning_effort": "high" })),
        ("moonshot", "kimi-k3.1-pro", None, json!({ "reasoning_effort": "low" })),
        ("minimax", "MiniMax-M3", Medium, thinking("adaptive")),
        ("minimax", "MiniMax-M3", None, thinking("disabled")),
        ("minimax", "MiniMax-M2.7", None, json!({})),
        ("together", "zai-org/GLM-5.2", High, json!({ "reasoning": { "enabled": true } })),
        ("together", "zai-org/GLM-5.2", None, json!({ "reasoning": { "enabled": false } })),
        ("together", "openai/gpt-oss-120b", Max, json!({ "reasoning_effort": "high" })),
        ("together", "openai/gpt-oss-120b", None, json!({ "reasoning_effort": "low" })),
        ("qwen", "qwen3.7-plus", Low, json!({ "enable_thinking": true })),
        ("qwen", "qwen3.7-plus", None, json!({ "enable_thinking": false })),
        (
            "nvidia",
            "z-ai/glm-5.1",
            None,
            json!({ "chat_template_kwargs": { "thinking": false, "enable_thinking": false } }),
        ),
        (
            "nvidia",
            "z-ai/glm-5.1",
            High,
            json!({ "chat_template_kwargs": { "thinking": true, "enable_thinking": true } }),
        ),
        ("nvidia", "openai/gpt-oss-20b", Low, json!({ "reasoning_effort": "low" })),
        ("xai", "grok-4.5", None, json!({ "reasoning_effort": "low" })),
        ("xai", "grok-4.3", None, json!({ "reasoning_effort": "none" })),
        ("cerebras", "gpt-oss-120b", Medium, json!({ "reasoning_effort": "medium" })),
        ("deepseek", "deepseek-v4-pro", Max, json!({ "thinking": { "type": "enabled" }, "reasoning_effort": "max" })),
        ("deepseek", "deepseek-v4-pro", None, thinking("disabled")),
    ] {
        assert_eq!(told(&vendor(id), model, effort), wanted, "{id} {model} {effort:?}");
    }
}

#[test]
fn every_switch_is_the_work_of_its_quirk() {
    for (id, model, quirk) in [
        ("zai", "glm-5.1", Quirk::ThinkingSwitch),
        ("minimax", "MiniMax-M3", Quirk::AdaptiveSwitch),
        ("together", "zai-org/GLM-5.2", Quirk::ReasoningSwitch),
        ("qwen", "qwen3.7-plus", Quirk::EnableThinking),
        ("nvidia", "z-ai/glm-5.1", Quirk::TemplateSwitch),
    ] {
        assert_eq!(told(&without(id, quirk), model, ReasoningEffort::High), json!({}), "{id}");
        let words = told(&without(id, Quirk::EffortByLevels), model, ReasoningEffort::High);
        assert_eq!(words["reasoning_effort"], "high", "{id}");
    }
}

#[test]
fn models_that_think_are_told_how_to_sample_where_they_listen() {
    let mut request = ask("glm-5.1");
    (request.parameters.temperature, request.parameters.top_p) = (Some(0.5), Some(0.25));
    let sent = body(&vendor("zai"), &request);
    assert_eq!((&sent["temperature"], &sent["top_p"]), (&json!(0.5), &json!(0.25)));
    let sent = body(&without("zai", Quirk::SamplesWhileThinking), &request);
    assert_eq!((sent.get("temperature"), sent.get("top_p")), (None, None));
}

#[test]
fn a_forced_tool_is_left_to_the_model_that_refuses_force() {
    let choice = |id: &str, model: &str, choice: ToolChoice| {
        let mut request = ask(model);
        request.tools = vec![ToolDefinition {
            name: "f".into(),
            description: None,
            parameters: json!({ "type": "object" }),
            strict: None,
        }];
        request.tool_choice = Some(choice);
        body(&vendor(id), &request)["tool_choice"].clone()
    };
    assert_eq!(choice("moonshot", "kimi-k3", ToolChoice::Required), "auto");
    assert_eq!(choice("moonshot", "kimi-k3", ToolChoice::Named("f".into())), "auto");
    assert_eq!(choice("moonshot", "kimi-k3", ToolChoice::None), "none");
    assert_eq!(choice("zai", "glm-5.1", ToolChoice::Required), "required");
}

#[test]
fn what_a_vendor_lacks_is_not_asked_for() {
    for (id, path) in [("perplexity", "chat/completions"), ("voyage", "embeddings")] {
        let vendor = vendor(id);
        let dialect = dialect(vendor.dialect).unwrap();
        assert!(dialect.models(&vendor, None).is_none(), "{id}");
        let check = dialect.check(&vendor);
        let sent = (check.method.as_str(), check.path.as_str(), check.body.as_deref());
        assert_eq!(sent, ("POST", path, Some("{}")), "{id}");
    }
    let listed = without("perplexity", Quirk::NoModelList);
    assert!(dialect(listed.dialect).unwrap().models(&listed, None).is_some());
    let asked = without("perplexity", Quirk::EmptyCheck);
    assert_eq!(dialect(asked.dialect).unwrap().check(&asked).path, "models");
}
