//! The model list and its pages.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use url::form_urlencoded::byte_serialize;

use super::wire::filled;
use crate::{
    Abilities, ModelInfo, ProviderError,
    dialect::ResponseHead,
    failure,
    loose::{Count, Text},
};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    #[serde(default)]
    has_more: Option<bool>,
    #[serde(borrow, default)]
    last_id: Text<'a>,
}

/// Gateways leave out everything but the id.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Model<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    max_input_tokens: Count,
    max_tokens: Count,
    capabilities: Option<&'a RawValue>,
}

/// The path of a page. Unasked the vendor lists 20 models; 1000 is the most it takes.
pub(super) fn path(after: Option<&str>) -> String {
    let after = after.map(|id| format!("&after_id={}", byte_serialize(id.as_bytes()).collect::<String>()));
    format!("models?limit=1000{}", after.unwrap_or_default())
}

/// Reads a page, and after which model the next one begins. A model without a name is left out, a name that comes
/// twice counts once.
pub(super) fn page(head: &ResponseHead, body: &[u8]) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
    let Ok(page) = serde_json::from_slice::<Page<'_>>(body) else { return Err(no_list(head, body)) };
    let mut seen = HashSet::new();
    let models = page.data.iter().filter_map(|raw| model(raw)).filter(|m| seen.insert(m.id.clone())).collect();
    let next = page.last_id.some().filter(|_| page.has_more == Some(true)).map(str::to_owned);
    Ok((models, next))
}

fn model(raw: &RawValue) -> Option<ModelInfo> {
    let model: Model<'_> = filled(Some(raw)).and_then(|text| serde_json::from_str(text).ok())?;
    let id = model.id.some()?.to_owned();
    Some(ModelInfo {
        name: model.display_name.some().filter(|name| *name != id).map(str::to_owned),
        context: model.max_input_tokens.0.filter(|n| *n > 0),
        max_output: model.max_tokens.0.filter(|n| *n > 0),
        id,
        can: model.capabilities.map(abilities).unwrap_or_default(),
        ..ModelInfo::default()
    })
}

/// What the vendor says a model can do: `{"image_input":{"supported":true},…}`.
fn abilities(capabilities: &RawValue) -> Abilities {
    let Ok(said) = serde_json::from_str::<Value>(capabilities.get()) else { return Abilities::default() };
    let supported = |name: &str| said.get(name)?.get("supported")?.as_bool();
    Abilities {
        images: supported("image_input"),
        pdf: supported("pdf_input"),
        reasoning: supported("thinking"),
        structured: supported("structured_outputs"),
        ..Abilities::default()
    }
}

/// What came instead: an error, a web page, or nothing known.
fn no_list(head: &ResponseHead, body: &[u8]) -> ProviderError {
    let said = failure::response_error(head, body);
    if said.cause.is_some() || said.code.is_some() {
        return said;
    }
    ProviderError {
        status: Some(head.status),
        message: "This is no list of models".to_owned(),
        ..failure::unreadable()
    }
}
