//! Which vendor a file means.

use crate::view::VendorView;

/// What older files call a vendor of ours.
const ALSO: [(&str, &str); 14] = [
    ("claude", "anthropic"),
    ("google", "gemini"),
    ("google-gemini", "gemini"),
    ("google-ai", "gemini"),
    ("google-ai-studio", "gemini"),
    ("gemini-api", "gemini"),
    ("chatgpt", "openai"),
    ("lmstudio", "lm-studio"),
    ("llamacpp", "llama-cpp"),
    ("llama.cpp", "llama-cpp"),
    ("open-router", "openrouter"),
    ("mistralai", "mistral"),
    ("custom", "openai-compatible"),
    ("openai-like", "openai-compatible"),
];

/// The vendor of this id or name, however it is spelt.
pub(super) fn named<'a>(vendors: &'a [VendorView], said: &str) -> Option<&'a VendorView> {
    let said = plain(said);
    let id = ALSO.iter().find(|(also, _)| *also == said).map_or(said.as_str(), |(_, id)| id);
    let by_id = vendors.iter().find(|vendor| vendor.id == id);
    by_id.or_else(|| vendors.iter().find(|vendor| plain(&vendor.name) == said))
}

/// The compatible vendor whose wire a name or an address hints at; most speak OpenAI's.
pub(super) fn compatible<'a>(vendors: &'a [VendorView], said: &str, address: &str) -> Option<&'a VendorView> {
    let hints = format!("{} {}", plain(said), address.to_lowercase());
    let family = [("anthropic", "anthropic"), ("claude", "anthropic"), ("gemini", "gemini"), ("ollama", "ollama")];
    let family = family.iter().find(|(hint, _)| hints.contains(hint)).map_or("openai", |(_, family)| family);
    let id = format!("{family}-compatible");
    vendors.iter().find(|vendor| vendor.id == id)
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}
