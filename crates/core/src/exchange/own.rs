//! Our own form. Every key is known, or the file is refused with the line.

mod budgets;
mod pairs;
mod prices;
mod routes;

use parlance_providers::ReasoningEffort;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use zeroize::Zeroizing;

use super::{ConfigError, ConfigFault, Draft, DraftAccount, Drafts, Over};
use crate::view::{DefaultParameters, ImportFormat, LimitSettings, ProviderSettings, TimeoutSettings};
pub(super) use budgets::Budget;
pub(super) use pairs::Pairs;
pub(super) use prices::Price;
pub(super) use routes::Route;

/// A whole file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) providers: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) routes: Vec<Route>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) budgets: Vec<Budget>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) prices: Vec<Price>,
}

/// A file that is being looked through.
struct Planning<'a> {
    text: &'a str,
    document: &'a Document,
}

impl Planning<'_> {
    /// What cannot be used, by its line.
    fn fault<'n, T>(&self, place: &Spanned<T>, fault: ConfigFault, name: impl Into<Option<&'n str>>) -> ConfigError {
        ConfigError::at(self.text, place.span().start, fault, name.into())
    }
}

/// A provider.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) id: Spanned<String>,
    pub(super) vendor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) embedding_model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proxy: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) prompt_cache: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) probes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extras: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca_pem: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) timeout: Timeout,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) limits: Limits,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) parameters: Parameters,
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) model_mapping: Pairs,
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) headers: Pairs,
    #[serde(default, skip_serializing_if = "Pairs::is_empty")]
    pub(super) fields: Pairs,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) accounts: Vec<Account>,
}

/// One of its accounts.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Zeroizing<String>>,
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub(super) enabled: bool,
}

/// Declares a table of optional values and how it becomes the same of the settings, and back.
macro_rules! optional_values {
    ($(#[$meta:meta])* $name:ident as $of:ty { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $name {
            $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<$kind>,)*
        }
        impl From<$name> for $of {
            fn from(said: $name) -> Self {
                Self { $($field: said.$field),* }
            }
        }
        impl From<&$of> for $name {
            fn from(set: &$of) -> Self {
                Self { $($field: set.$field),* }
            }
        }
    };
}

optional_values! {
    /// Waiting times in seconds.
    Timeout as TimeoutSettings { connect_s: u32, first_event_s: u32, idle_s: u32, progress_s: u32 }
}
optional_values! {
    /// How much it may be asked.
    Limits as LimitSettings { requests_per_minute: u32, tokens_per_minute: u32, concurrent: u32 }
}
optional_values! {
    /// What goes out where a chat says nothing else.
    Parameters as DefaultParameters { temperature: f64, top_p: f64, max_tokens: u32, reasoning_effort: ReasoningEffort }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a file of our form.
pub(super) fn read(text: &str) -> Result<(Drafts, Over), ConfigError> {
    let document: Document = toml::from_str(text).map_err(|error| ConfigError::of_toml(text, &error))?;
    for (at, provider) in document.providers.iter().enumerate() {
        let id = provider.id.get_ref();
        let place = |fault| ConfigError::at(text, provider.id.span().start, fault, Some(id));
        if !is_id(id) {
            return Err(place(ConfigFault::WrongValue));
        }
        if document.providers[..at].iter().any(|other| other.id.get_ref() == id) {
            return Err(place(ConfigFault::TakenName));
        }
    }
    let over = Over {
        routes: routes::plan(text, &document)?,
        budgets: budgets::plan(text, &document)?,
        prices: prices::plan(text, &document)?,
    };
    let drafts = document.providers.into_iter().enumerate().map(draft).collect();
    Ok(((ImportFormat::Parlance, drafts, Vec::new()), over))
}

/// What can stand before the `/` of a target: letters, digits, `.`, `_` and `-`, at most 64; `route` names routes.
fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !id.is_empty() && id.len() <= 64 && id.bytes().all(fits) && id != "route"
}

fn draft((place, entry): (usize, Entry)) -> Draft {
    let account = |(at, account): (usize, Account)| DraftAccount {
        key_at: format!("providers[{place}].accounts[{at}].key"),
        label: account.label,
        enabled: account.enabled,
        key: account.key,
    };
    Draft {
        at: format!("providers[{place}]"),
        named: &[("timeouts", "timeout")],
        id: Some(entry.id.into_inner()),
        vendor: entry.vendor,
        name: entry.name,
        enabled: entry.enabled,
        priority: entry.priority,
        base_url: entry.base_url,
        default_model: entry.default_model,
        settings: ProviderSettings {
            timeouts: entry.timeout.into(),
            limits: entry.limits.into(),
            parameters: entry.parameters.into(),
            embedding_model: entry.embedding_model,
            ca_pem: entry.ca_pem.unwrap_or_default(),
            extras: entry.extras.unwrap_or_default(),
            prompt_cache: entry.prompt_cache,
            probes: entry.probes,
            ..ProviderSettings::default()
        },
        mapping: entry.model_mapping.plain(),
        headers: entry.headers.0,
        proxy: entry.proxy,
        fields: entry.fields.plain(),
        accounts: entry.accounts.into_iter().enumerate().map(account).collect(),
    }
}

impl Document {
    /// With these providers, and what is over them.
    pub(super) fn of(providers: Vec<Entry>, routes: Vec<Route>, budgets: Vec<Budget>, prices: Vec<Price>) -> Self {
        Self { providers, routes, budgets, prices }
    }
}
