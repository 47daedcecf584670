//! The TOML form: `[[llm.providers]]` with `[llm.fallback]`.

use serde_json::Value;

use super::Remainder;
use crate::{
    exchange::{ConfigError, ConfigFault, Draft, DraftAccount, Drafts},
    view::ImportFormat,
};

/// Reads a file.
pub(in crate::exchange) fn read(document: toml::Table) -> Result<Drafts, ConfigError> {
    let document = serde_json::to_value(document).map_err(|_| ConfigError::whole(ConfigFault::NotReadable))?;
    let (mut notes, mut drafts) = (Vec::new(), Vec::new());
    if let Some(mut whole) = Remainder::of(String::new(), document, &mut notes) {
        if let Some(mut llm) = whole.inner(&["llm"]) {
            for (at, entry) in llm.list(&["providers"]) {
                drafts.extend(provider(at, entry, &mut llm));
            }
            if let Some(fallback) = llm.inner(&["fallback"]) {
                fallback.finish();
            }
            llm.finish();
        }
        whole.finish();
    }
    Ok((ImportFormat::LlmToml, drafts, notes))
}

fn provider(at: String, entry: Value, llm: &mut Remainder<'_>) -> Option<Draft> {
    let mut entry = Remainder::of(at.clone(), entry, llm.notes())?;
    let mut draft = Draft {
        at,
        named: &[("vendor", "provider"), ("default_model", "text_model")],
        name: entry.text(&["name"]),
        vendor: entry.text(&["provider"]).unwrap_or_default(),
        enabled: entry.flag(&["enabled"]),
        priority: entry.whole(&["priority"]),
        base_url: entry.text(&["base_url"]),
        default_model: entry.text(&["text_model", "model"]),
        ..Draft::default()
    };
    draft.settings.embedding_model = entry.text(&["embedding_model"]);
    draft.settings.parameters.max_tokens = entry.count(&["max_tokens"]);
    draft.settings.parameters.temperature = entry.number(&["temperature"]);
    draft.accounts.extend(entry.secret(&["api_key"]).map(|key| DraftAccount::own(&draft.at, key)));
    entry.finish();
    Some(draft)
}
