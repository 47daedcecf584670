//! Configurations: read in our own form and two older ones, written in our own.
//!
//! A file is hostile input: bounded, read without recursion of ours, and never repeated in an error or a note.

mod fault;
pub(crate) mod keys;
mod older;
mod own;
pub(crate) mod rows;
pub(crate) mod sealed;
mod settle;
mod variables;
pub(crate) mod write;

use parlance_providers::{Secret, catalog::Fields, credential::Identity};
use zeroize::Zeroizing;

pub use fault::{ConfigError, ConfigFault};

use crate::{
    error::Error,
    view::{
        AtLimit, BudgetPeriod, ImportCode, ImportFormat, ImportNote, ProviderSettings, Rates, RouteOverrides,
        RouteRules, RouteStrategy, SecretSlot, VendorView,
    },
};

/// The longest configuration, in bytes.
pub const LONGEST: usize = 4 * 1024 * 1024;
/// More providers than anybody has.
const MOST_PROVIDERS: usize = 500;

/// What a configuration is read against.
pub(crate) struct Surroundings<'a> {
    /// The vendors that can be set up.
    pub(crate) vendors: &'a [VendorView],
    /// Reads a variable of the environment; `None` where it is not set or empty.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<Secret>,
    /// Settings of a vendor as they are kept, or what is wrong with them.
    pub(crate) check: &'a dyn Fn(&str, ProviderSettings) -> Result<ProviderSettings, Error>,
    /// The address of a vendor's provider for one that is given, or none, and its own fields; with what it says of them.
    pub(crate) address: &'a AddressFor<'a>,
}

type AddressFor<'a> = dyn Fn(&str, Option<&str>, Fields) -> Result<(String, Fields), Error> + 'a;

/// What a configuration comes to.
pub(crate) struct Plan {
    pub(crate) format: ImportFormat,
    /// In the order they are to stand in.
    pub(crate) providers: Vec<Planned>,
    /// What is over its providers.
    pub(crate) over: Over,
    /// In the order of the file.
    pub(crate) notes: Vec<ImportNote>,
}

/// What stands over providers, each in the order of the file.
#[derive(Default)]
pub(crate) struct Over {
    /// Each with at least one target but the built-in one.
    pub(crate) routes: Vec<PlannedRoute>,
    pub(crate) budgets: Vec<PlannedBudget>,
    pub(crate) prices: Vec<PlannedPrice>,
}

/// A price to be set up, by the file's names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedPrice {
    /// Its place in the file.
    pub(crate) at: usize,
    pub(crate) provider: String,
    pub(crate) model: String,
    /// The local day from which on it holds.
    pub(crate) valid_from: String,
    /// In whole nano-USD.
    pub(crate) rates: Rates,
}

/// A budget to be set up, by the file's names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedBudget {
    /// Its place in the file.
    pub(crate) at: usize,
    pub(crate) scope: PlannedScope,
    pub(crate) period: BudgetPeriod,
    pub(crate) limit_nano: i64,
    pub(crate) warn_at: Vec<u32>,
    pub(crate) at_limit: AtLimit,
}

/// What a budget is for, by the file's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlannedScope {
    All,
    Provider(String),
    Route(String),
}

/// A provider to be set up.
pub(crate) struct Planned {
    /// Its name in targets, where the file gives one.
    pub(crate) id: Option<String>,
    pub(crate) vendor: VendorView,
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) enabled: bool,
    pub(crate) default_model: Option<String>,
    pub(crate) settings: ProviderSettings,
    pub(crate) accounts: Vec<PlannedAccount>,
    pub(crate) secrets: Vec<PlannedSecret>,
}

/// A route to be set up.
pub(crate) struct PlannedRoute {
    /// What it is known by.
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) strategy: RouteStrategy,
    pub(crate) rules: RouteRules,
    pub(crate) targets: Vec<PlannedTarget>,
}

/// A target of a route to be set up.
pub(crate) struct PlannedTarget {
    /// The provider's name in the file.
    pub(crate) provider: String,
    /// The label of the only account, in the file.
    pub(crate) account: Option<String>,
    pub(crate) model: String,
    pub(crate) weight: u32,
    pub(crate) overrides: RouteOverrides,
}

/// An account to be set up.
pub(crate) struct PlannedAccount {
    pub(crate) label: String,
    pub(crate) enabled: bool,
    pub(crate) key: Key,
    /// Whose key it is, where the key alone does not say enough.
    pub(crate) identity: Option<Identity>,
}

/// The value of a header, or the password of the proxy.
pub(crate) struct PlannedSecret {
    pub(crate) slot: SecretSlot,
    /// The address whose origin it is bound to.
    pub(crate) address: String,
    pub(crate) key: Key,
}

/// Where a secret comes from.
pub(crate) enum Key {
    /// The file has none.
    None,
    /// A variable, read at each use.
    Env(String),
    /// It stood in the file.
    Given(Zeroizing<String>),
}

impl Planned {
    /// How many keys come along.
    pub(crate) fn keys(&self) -> usize {
        self.accounts.iter().filter(|account| !matches!(account.key, Key::None)).count()
    }
}

/// Reads a configuration of any of the forms. Nothing is written.
///
/// # Errors
/// [`ConfigError`]: where it cannot be read, and why.
pub(crate) fn read(text: &str, around: &Surroundings<'_>) -> Result<Plan, ConfigError> {
    if text.len() > LONGEST {
        return Err(ConfigError::whole(ConfigFault::TooLong));
    }
    let text = text.trim_start_matches('\u{feff}');
    let none = Over::default();
    let ((format, drafts, notes), over) = if text.trim_start().starts_with('{') {
        (older::json::read(text)?, none)
    } else {
        let document: toml::Table = toml::from_str(text).map_err(|error| ConfigError::of_toml(text, &error))?;
        if document.contains_key("llm") { (older::llm::read(document)?, none) } else { own::read(text)? }
    };
    if drafts.is_empty() {
        return Err(ConfigError::whole(ConfigFault::Empty));
    }
    if drafts.len() > MOST_PROVIDERS {
        return Err(ConfigError::whole(ConfigFault::TooMany));
    }
    Ok(settle::settle(format, drafts, over, notes, around))
}

/// A provider as a file says it, before anything of it was checked.
#[derive(Default)]
struct Draft {
    /// Where it stands, as `providers[0]`.
    at: String,
    /// Our names of fields and the file's, where they differ.
    named: &'static [(&'static str, &'static str)],
    id: Option<String>,
    vendor: String,
    name: Option<String>,
    enabled: Option<bool>,
    priority: Option<i64>,
    base_url: Option<String>,
    default_model: Option<String>,
    /// Waiting times, limits, parameters, switches.
    settings: ProviderSettings,
    mapping: Vec<(String, String)>,
    headers: Vec<(String, Zeroizing<String>)>,
    proxy: Option<Zeroizing<String>>,
    fields: Vec<(String, String)>,
    accounts: Vec<DraftAccount>,
}

/// An account as a file says it.
struct DraftAccount {
    /// Where its key stands, as `providers[0].accounts[0].key`.
    key_at: String,
    label: String,
    enabled: bool,
    key: Option<Zeroizing<String>>,
}

impl DraftAccount {
    /// The account of a provider that names its key itself.
    fn own(provider_at: &str, key: Zeroizing<String>) -> Self {
        Self { key_at: format!("{provider_at}.api_key"), label: String::new(), enabled: true, key: Some(key) }
    }
}

type Drafts = (ImportFormat, Vec<Draft>, Vec<ImportNote>);

impl Draft {
    /// Where one of its fields stands in the file.
    fn path(&self, field: &str) -> String {
        let (first, rest) = field.find(['.', '[']).map_or((field, ""), |end| field.split_at(end));
        let name = self.named.iter().find(|(ours, _)| *ours == first).map_or(first, |(_, theirs)| theirs);
        format!("{}.{name}{rest}", self.at)
    }
}

fn note(path: impl Into<String>, code: ImportCode, detail: Option<&str>) -> ImportNote {
    ImportNote { path: path.into(), code, detail: detail.map(str::to_owned) }
}

/// The longest name of a file that is repeated, in characters.
const LONGEST_NAME: usize = 64;

/// A name out of a file as it may be repeated: short, and of the letters of names.
fn said(name: &str) -> Option<&str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '/' | ':');
    (!name.is_empty() && name.chars().count() <= LONGEST_NAME && name.chars().all(plain)).then_some(name)
}

#[cfg(test)]
mod tests;
