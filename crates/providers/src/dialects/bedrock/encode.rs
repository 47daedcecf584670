//! From a request to the JSON body.

use serde_json::json;

use super::{Maker, messages, thinking, tools};
use crate::{
    ChatRequest, Parameters, ProviderError,
    catalog::Vendor,
    json::{Json, Object},
};

/// The body of `POST model/…/converse`. The model is named by the path alone.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest) -> Result<Object, ProviderError> {
    let maker = Maker::of(&request.model);
    let parameters = vendor.fitted(&request.model, &request.parameters).parameters;
    let offer = tools::offer(vendor, request, maker);
    let control = thinking::control(vendor, request, &parameters, maker, offer.forces);
    let system = request.system.as_deref().filter(|system| !system.trim().is_empty());
    let mut body = Object::new()
        .with("messages", Json::List(messages::messages(vendor, request, maker)?))
        .with_some("system", system.map(|system| blocks_of_system(request, maker, system)))
        .with_some("inferenceConfig", inference(&parameters, &control))
        .with_some("toolConfig", offer.config)
        .with_some("additionalModelRequestFields", Some(control.fields).filter(|fields| !fields.is_empty()));
    if let Some((name, schema)) = &request.response_schema {
        let schema = json!({ "name": name, "schema": schema.to_string() });
        let format = json!({ "type": "json_schema", "structure": { "jsonSchema": schema } });
        body.set("outputConfig", Object::new().with("textFormat", format));
    }
    body.merge(&request.extra, &ChatRequest::OWN_FIELDS);
    Ok(body)
}

fn blocks_of_system(request: &ChatRequest, maker: Maker, system: &str) -> Json {
    let mut blocks = vec![json!({ "text": system }).into()];
    if keeps_prompts(request, maker) {
        blocks.push(cache_point());
    }
    Json::List(blocks)
}

/// Whether the beginning shall and can be kept: the makers whose models know the mark. Others refuse it.
pub(super) fn keeps_prompts(request: &ChatRequest, maker: Maker) -> bool {
    request.cache && matches!(maker, Maker::Anthropic | Maker::Amazon)
}

/// Everything before it is kept.
pub(super) fn cache_point() -> Json {
    json!({ "cachePoint": { "type": "default" } }).into()
}

fn inference(parameters: &Parameters, control: &thinking::Control) -> Option<Object> {
    let limit = control.limit.or(parameters.max_tokens.map(u64::from));
    let mut inference = Object::new().with_some("maxTokens", limit);
    if !control.thinks {
        // The wire's temperature ends at 1.
        inference = inference
            .with_some("temperature", parameters.temperature.map(|t| t.min(1.0)))
            .with_some("topP", parameters.top_p);
    }
    if !parameters.stop.is_empty() {
        inference.set("stopSequences", parameters.stop.clone());
    }
    Some(inference).filter(|inference| !inference.is_empty())
}
