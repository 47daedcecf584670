//! What models.dev says of models: facts that no vendor's list has. The document is other people's work, so every
//! piece of it may be wrong: one that cannot be read is left out.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    Abilities, CancellationToken, Category, ModelInfo, ProviderError,
    catalog::{Catalog, Vendor, VendorCategory},
    transport,
};

/// The most that is taken, in bytes, unpacked.
pub const LARGEST: usize = 32 << 20;
/// How long the whole may take.
const WITHIN: Duration = Duration::from_secs(60);
/// Models of one vendor that are kept.
const MOST_MODELS: usize = 5_000;
/// The longest name of a model, in bytes.
const LONGEST_NAME: usize = 300;
/// No model has a larger window, in tokens.
const MOST_TOKENS: u64 = 100_000_000;

/// Fetches the document.
///
/// # Errors
/// See [`transport::get_document`].
pub async fn fetch(address: &str, cancel: &CancellationToken) -> Result<Vec<u8>, ProviderError> {
    transport::get_document(address, LARGEST, WITHIN, cancel).await
}

/// The models of the vendors of this catalogue, by vendor.
///
/// # Errors
/// `broken_stream` with the cause `unreadable` where it is another document, or knows none of the vendors.
pub fn read(document: &[u8], catalog: &Catalog) -> Result<BTreeMap<String, Vec<ModelInfo>>, ProviderError> {
    let unreadable = || {
        let message = "the answer is not the data of models that was asked for";
        ProviderError::because(Category::BrokenStream, "unreadable", message)
    };
    let providers: BTreeMap<String, &RawValue> = serde_json::from_slice(document).map_err(|_| unreadable())?;
    let mut found = BTreeMap::new();
    for vendor in catalog.iter().filter(|vendor| vendor.category != VendorCategory::Local) {
        let models = names(vendor).find_map(|name| providers.get(name)).map(|provider| models(provider));
        if let Some(models) = models.filter(|models| !models.is_empty()) {
            found.insert(vendor.id.clone(), models);
        }
    }
    if found.is_empty() { Err(unreadable()) } else { Ok(found) }
}

/// What a vendor may be called there: as its file says, else as we or the price data do.
fn names(vendor: &Vendor) -> impl Iterator<Item = &str> {
    let said = vendor.models_dev.as_deref();
    let guessed = [Some(vendor.id.as_str()), vendor.prices.as_deref()];
    said.into_iter().chain(guessed.into_iter().flatten().filter(move |_| said.is_none()))
}

#[derive(Deserialize)]
struct Provider<'a> {
    #[serde(borrow)]
    models: BTreeMap<String, &'a RawValue>,
}

fn models(provider: &RawValue) -> Vec<ModelInfo> {
    let Ok(provider) = serde_json::from_str::<Provider<'_>>(provider.get()) else { return Vec::new() };
    let fits =
        |name: &str| !name.trim().is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
    let known = provider.models.into_iter().filter(|(name, _)| fits(name)).take(MOST_MODELS);
    known.filter_map(|(name, model)| Some(info(name, &serde_json::from_str(model.get()).ok()?))).collect()
}

fn info(id: String, model: &Value) -> ModelInfo {
    let tokens = |place: &str| model.pointer(place).and_then(Value::as_u64).filter(|n| (1..=MOST_TOKENS).contains(n));
    let flag = |name: &str| model.get(name).and_then(Value::as_bool);
    let makes = |kind: &str| {
        let list = model.pointer("/modalities/output")?.as_array().filter(|list| !list.is_empty())?;
        Some(list.iter().any(|made| made == kind))
    };
    let name = model.get("name").and_then(Value::as_str).map(str::trim);
    let name = name.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME && *name != id);
    let flags = Abilities {
        tools: flag("tool_call"),
        reasoning: flag("reasoning"),
        structured: flag("structured_output"),
        makes_images: makes("image"),
        makes_audio: makes("audio"),
        ..Abilities::default()
    };
    ModelInfo {
        name: name.map(str::to_owned),
        context: tokens("/limit/context"),
        max_output: tokens("/limit/output"),
        can: flags.or(Abilities::of_inputs(model.pointer("/modalities/input"))),
        id,
        ..ModelInfo::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_text(document: &str) -> Result<BTreeMap<String, Vec<ModelInfo>>, ProviderError> {
        read(document.as_bytes(), Catalog::bundled())
    }

    #[test]
    fn facts_are_taken_by_the_vendors_of_the_catalogue() {
        let document = r#"{
            "openai": {"id": "openai", "name": "OpenAI", "models": {"gpt-x": {
                "id": "gpt-x", "name": "GPT X", "limit": {"context": 400000, "output": 128000},
                "modalities": {"input": ["text", "image"], "output": ["text"]},
                "tool_call": true, "reasoning": false, "structured_output": true, "attachment": true, "cost": {"input": 1}
            }}},
            "google": {"models": {"gemini-x": {"modalities": {"output": ["text", "image"]}}}},
            "ollama": {"models": {"local-x": {}}},
            "nobody": {"models": {"else": {}}}
        }"#;
        let found = read_text(document).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["gemini", "openai"], "by the id, and by the name of the prices");
        let model = &found["openai"][0];
        assert_eq!((model.id.as_str(), model.name.as_deref()), ("gpt-x", Some("GPT X")));
        assert_eq!((model.context, model.max_output), (Some(400_000), Some(128_000)));
        let Abilities { images, pdf, audio, tools, reasoning, structured, makes_images, .. } = model.can;
        assert_eq!([images, pdf, audio], [Some(true), Some(false), Some(false)]);
        assert_eq!([tools, reasoning, structured, makes_images], [Some(true), Some(false), Some(true), Some(false)]);
        assert_eq!(found["gemini"][0].can.makes_images, Some(true));
        assert_eq!(found["gemini"][0].can.images, None, "what is not said is not known");
    }

    #[test]
    fn what_is_wrong_is_left_out_and_spoils_nothing_else() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let document = format!(
            r#"{{"openai": {{"models": {{"good": {{"name": 7, "limit": {{"context": 1e30, "output": -1}}, "tool_call": "yes",
               "modalities": []}}, "deep": {{"name": {deep}}}, "null": null, "": {{}}, "a\u0000b": {{}}, "zero": {{"limit": {{"context": 0}}}}}}}},
               "mistral": [], "groq": {{"models": 3}}, "anthropic": null}}"#
        );
        let found = read_text(&document).unwrap();
        assert_eq!(found.len(), 1);
        let good = found["openai"].iter().find(|model| model.id == "good").unwrap();
        assert_eq!(good, &ModelInfo { id: "good".into(), ..ModelInfo::default() });
        let names: Vec<_> = found["openai"].iter().map(|model| model.id.as_str()).collect();
        assert_eq!(names, ["good", "null", "zero"]);
        for other in
            ["", "[]", "{}", "<html>", "{\"openai\": {\"models\": {}}}", "{\"nobody\": {\"models\": {\"a\": {}}}}"]
        {
            let error = read_text(other).unwrap_err();
            assert_eq!((error.category, error.cause), (Category::BrokenStream, Some("unreadable")), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_document_is_too_much(name in ".{0,20}", value in json(), other in json()) {
            let document = serde_json::json!({"openai": {"models": {name: value, "m": {"limit": other.clone(), "modalities": other}}}});
            for models in read_text(&document.to_string()).unwrap().into_values() {
                for model in models {
                    prop_assert!(!model.id.trim().is_empty() && !model.id.chars().any(char::is_control));
                    prop_assert!(model.context.is_none_or(|n| (1..=MOST_TOKENS).contains(&n)));
                }
            }
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let member =
            prop::sample::select(vec!["limit", "context", "output", "input", "modalities", "name", "tool_call"]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(member.clone(), inner, 0..4)
                    .prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
            ]
        })
    }
}
