//! What goes out where a chat says nothing else: a provider's own parameters and extras.

use parlance_providers::ChatRequest;
use serde_json::{Map, Value};

use crate::view::{DefaultParameters, ProviderSettings};

/// What a provider adds to every chat completion.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    parameters: DefaultParameters,
    extra: Map<String, Value>,
    cache: bool,
}

impl Defaults {
    /// What these settings add. Extras that are no JSON object add nothing: they are refused where they are entered.
    pub fn of(settings: &ProviderSettings) -> Self {
        let extra = match settings.extras.trim() {
            "" => Map::new(),
            json => serde_json::from_str(json).unwrap_or_default(),
        };
        Self { parameters: settings.parameters.clone(), extra, cache: settings.prompt_cache }
    }

    /// Fills in what the chat leaves open.
    pub fn fill(&self, request: &mut ChatRequest) {
        let (own, given) = (&self.parameters, &mut request.parameters);
        given.temperature = given.temperature.or(own.temperature);
        given.top_p = given.top_p.or(own.top_p);
        given.max_tokens = given.max_tokens.or(own.max_tokens);
        given.reasoning_effort = given.reasoning_effort.or(own.reasoning_effort);
        request.extra.extend(self.extra.clone());
        request.cache |= self.cache;
    }
}

#[cfg(test)]
mod tests {
    use parlance_providers::{Parameters, ReasoningEffort};

    use super::*;

    fn filled(settings: &ProviderSettings, parameters: Parameters) -> ChatRequest {
        let mut request = ChatRequest { parameters, ..ChatRequest::new("m", Vec::new()) };
        Defaults::of(settings).fill(&mut request);
        request
    }

    #[test]
    fn a_chat_that_says_something_is_heard_field_by_field() {
        let parameters = DefaultParameters {
            temperature: Some(0.2),
            top_p: Some(0.9),
            max_tokens: Some(100),
            reasoning_effort: Some(ReasoningEffort::Low),
        };
        let settings = ProviderSettings { parameters, ..ProviderSettings::default() };
        let said = Parameters { temperature: Some(0.0), max_tokens: Some(7), ..Parameters::default() };
        let expected = Parameters {
            temperature: Some(0.0),
            top_p: Some(0.9),
            max_tokens: Some(7),
            reasoning_effort: Some(ReasoningEffort::Low),
            ..Parameters::default()
        };
        assert_eq!(filled(&settings, said).parameters, expected);
        assert_eq!(filled(&ProviderSettings::default(), Parameters::default()).parameters, Parameters::default());
    }

    #[test]
    fn the_prompt_cache_is_asked_for_where_the_provider_says_so() {
        let settings = ProviderSettings { prompt_cache: true, ..ProviderSettings::default() };
        assert!(filled(&settings, Parameters::default()).cache);
        assert!(!filled(&ProviderSettings::default(), Parameters::default()).cache);
    }

    #[test]
    fn extras_go_out_as_they_are_and_what_is_no_object_does_not() {
        let with = |extras: &str| {
            let settings = ProviderSettings { extras: extras.to_owned(), ..ProviderSettings::default() };
            Value::Object(filled(&settings, Parameters::default()).extra)
        };
        let extras = serde_json::json!({"service_tier": "flex", "a": {"b": null}});
        assert_eq!(with(&format!(" {extras} ")), extras);
        for nothing in ["", "  ", "[1]", "7", "{", "null"] {
            assert_eq!(with(nothing), serde_json::json!({}), "{nothing}");
        }
    }
}
