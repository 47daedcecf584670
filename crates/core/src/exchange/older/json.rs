//! The JSON form: `{"providers": [{"type", "enabled", …}], "token_refresh_interval", …}`.

use serde_json::Value;
use zeroize::Zeroizing;

use super::Remainder;
use crate::{
    exchange::{ConfigError, Draft, DraftAccount, Drafts, note},
    view::{ImportCode, ImportFormat, ImportNote, LimitSettings},
};

/// Reads a file.
pub(in crate::exchange) fn read(text: &str) -> Result<Drafts, ConfigError> {
    let document: Value = serde_json::from_str(text).map_err(|error| ConfigError::of_json(&error))?;
    let mut notes = Vec::new();
    let mut drafts = Vec::new();
    if let Some(mut whole) = Remainder::of(String::new(), document, &mut notes) {
        let timeout = whole.seconds(&["request_timeout"]);
        for (at, entry) in whole.list(&["providers"]) {
            if let Some(entry) = Remainder::of(at.clone(), entry, whole.notes()) {
                drafts.push(provider(at, entry));
            }
        }
        if timeout.is_some() {
            let moved = note("request_timeout", ImportCode::Moved, Some("timeout.first_event_s"));
            whole.notes().push(moved);
        }
        // Recording is for the person to switch on, not for a file.
        whole.leave_out(&["token_refresh_interval"]);
        whole.leave_out(&["record_traffic"]);
        whole.finish();
        drafts.iter_mut().for_each(|draft| draft.settings.timeouts.first_event_s = timeout);
    }
    Ok((ImportFormat::ProvidersJson, drafts, notes))
}

fn provider(at: String, mut entry: Remainder<'_>) -> Draft {
    let mut draft = Draft { at, named: &[("vendor", "type"), ("limits", "rate_limits")], ..Draft::default() };
    draft.vendor = entry.text(&["type", "vendor"]).unwrap_or_default();
    draft.name = entry.text(&["name"]);
    draft.enabled = entry.flag(&["enabled"]);
    draft.priority = entry.whole(&["priority"]);
    draft.base_url = entry.text(&["base_url"]);
    draft.default_model = entry.text(&["default_model", "model"]);
    draft.mapping = entry.texts(&["model_mapping"]);
    draft.headers = entry.texts(&["headers"]).into_iter().map(|(name, text)| (name, Zeroizing::new(text))).collect();
    if let Some(limits) = entry.inner(&["rate_limits"]) {
        draft.settings.limits = rate_limits(limits);
    }
    draft.proxy = entry.secret(&["proxy"]);
    draft.accounts.extend(entry.secret(&["api_key"]).map(|key| DraftAccount::own(&draft.at, key)));
    let mut proxies = Vec::new();
    for (at, account) in entry.list(&["accounts"]) {
        if let Some(mut account) = Remainder::of(at.clone(), account, entry.notes()) {
            draft.accounts.push(DraftAccount {
                key_at: account.path("token"),
                label: account.text(&["id"]).unwrap_or_default(),
                enabled: account.flag(&["enabled"]).unwrap_or(true),
                key: account.secret(&["token"]),
            });
            let proxy = account.secret(&["proxy"]);
            proxies.push((account.path("proxy"), proxy));
            account.finish();
        }
    }
    one_proxy(&mut draft, proxies, entry.notes());
    entry.finish();
    draft
}

fn rate_limits(mut limits: Remainder<'_>) -> LimitSettings {
    let read = LimitSettings {
        requests_per_minute: limits.count(&["requests_per_minute", "requestsPerMinute", "rpm", "requests"]),
        tokens_per_minute: limits.count(&["tokens_per_minute", "tokensPerMinute", "tpm", "tokens"]),
        concurrent: limits.count(&[
            "concurrent",
            "concurrent_requests",
            "concurrentRequests",
            "max_concurrent",
            "max_concurrent_requests",
            "maxConcurrent",
            "concurrency",
        ]),
    };
    limits.finish();
    read
}

/// A proxy that all accounts share becomes their provider's. Others have no place, and each is named.
fn one_proxy(draft: &mut Draft, proxies: Vec<(String, Option<Zeroizing<String>>)>, notes: &mut Vec<ImportNote>) {
    let first = proxies.first().and_then(|(_, proxy)| proxy.clone());
    let covered = draft.accounts.len() == proxies.len();
    let shared = covered && proxies.iter().all(|(_, proxy)| proxy.as_ref() == first.as_ref());
    match first {
        Some(proxy) if shared && draft.proxy.as_ref().is_none_or(|own| *own == proxy) => {
            notes.extend(proxies.iter().map(|(path, _)| note(path.as_str(), ImportCode::Moved, Some("proxy"))));
            draft.proxy = Some(proxy);
        }
        _ => {
            let named = proxies.iter().filter(|(_, proxy)| proxy.is_some());
            notes.extend(named.map(|(path, _)| note(path.as_str(), ImportCode::LeftOut, None)));
        }
    }
}
