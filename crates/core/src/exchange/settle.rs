//! From what a file says to what is set up: every value is checked, and what cannot be used is named.

mod choice;
mod headers;
mod kept;
mod proxy;

use std::collections::HashSet;

use parlance_providers::{
    Secret,
    catalog::{self, Fields},
    credential::{self, Identity},
    transport,
};
use zeroize::Zeroizing;

use super::{
    Draft, DraftAccount, Key, Over, Plan, Planned, PlannedAccount, PlannedBudget, PlannedRoute, PlannedScope,
    PlannedSecret, PlannedTarget, Surroundings, note, variables::Text,
};
use crate::{
    error::Error,
    registry::{model_name, usual_limits},
    secrets,
    view::{
        DefaultParameters, ImportCode, ImportFormat, ImportNote, KeyForm, LimitSettings, ModelMapping, TimeoutSettings,
        VendorView,
    },
};

/// Waiting times that make sense, in seconds.
const SECONDS: std::ops::RangeInclusive<u32> = 1..=3_600;
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest value of a field of a vendor.
const LONGEST_FIELD: usize = 1_000;
/// The longest JSON that goes along with requests.
const LONGEST_EXTRAS: usize = 64 * 1024;
const LONGEST_CERTIFICATES: usize = 1024 * 1024;

/// Settles the providers of a file, in the order they are to stand in, and the routes over them.
pub(super) fn settle(
    format: ImportFormat,
    mut drafts: Vec<Draft>,
    over: Over,
    mut notes: Vec<ImportNote>,
    around: &Surroundings<'_>,
) -> Plan {
    // Those without a number come after the others, as in a list that nobody has put in order.
    drafts.sort_by_key(|draft| draft.priority.unwrap_or(i64::MAX));
    let mut taken = HashSet::new();
    let mut providers = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let mut settling = Settling { draft: &draft, around, notes: &mut notes };
        if let Some(mut provider) = settling.provider() {
            provider.name = free_name(&mut taken, &provider);
            providers.push(provider);
        }
    }
    let routes = settle_routes(over.routes, &providers, &mut notes);
    let budgets = settle_budgets(over.budgets, &providers, &routes, &mut notes);
    let (prices, unsold): (Vec<_>, Vec<_>) =
        over.prices.into_iter().partition(|price| comes(&providers, &price.provider));
    notes.extend(unsold.iter().map(|price| note(format!("prices[{}]", price.at), ImportCode::LeftOut, None)));
    let over = Over { routes, budgets, prices };
    notes.sort_by(|a, b| place(&a.path).cmp(&place(&b.path)));
    Plan { format, providers, over, notes }
}

/// A target whose provider is left out goes, too, and so does a route that has no other.
fn settle_routes(routes: Vec<PlannedRoute>, providers: &[Planned], notes: &mut Vec<ImportNote>) -> Vec<PlannedRoute> {
    let comes = |target: &PlannedTarget| comes(providers, &target.provider);
    let mut settled = Vec::with_capacity(routes.len());
    for (at, mut route) in routes.into_iter().enumerate() {
        let gone: Vec<usize> =
            route.targets.iter().enumerate().filter(|(_, target)| !comes(target)).map(|(place, _)| place).collect();
        if !gone.is_empty() && gone.len() == route.targets.len() {
            notes.push(note(format!("routes[{at}]"), ImportCode::LeftOut, None));
            continue;
        }
        notes
            .extend(gone.iter().map(|place| note(format!("routes[{at}].targets[{place}]"), ImportCode::LeftOut, None)));
        route.targets.retain(comes);
        settled.push(route);
    }
    settled
}

/// Whether the file's provider of this name comes along.
fn comes(providers: &[Planned], name: &str) -> bool {
    providers.iter().any(|known| known.id.as_deref() == Some(name))
}

/// The budget of what is left out goes, too.
fn settle_budgets(
    budgets: Vec<PlannedBudget>,
    providers: &[Planned],
    routes: &[PlannedRoute],
    notes: &mut Vec<ImportNote>,
) -> Vec<PlannedBudget> {
    let stays = |budget: &PlannedBudget| match &budget.scope {
        PlannedScope::All => true,
        PlannedScope::Provider(id) => comes(providers, id),
        PlannedScope::Route(slug) => routes.iter().any(|known| known.slug == *slug),
    };
    let (stays, goes): (Vec<_>, Vec<_>) = budgets.into_iter().partition(stays);
    notes.extend(goes.iter().map(|budget| note(format!("budgets[{}]", budget.at), ImportCode::LeftOut, None)));
    stays
}

/// Two providers of one vendor at one address need two names: a name is what they are known by.
fn free_name(taken: &mut HashSet<(String, String, String)>, provider: &Planned) -> String {
    let identity = |name: &str| (name.to_owned(), provider.vendor.id.clone(), provider.base_url.clone());
    let numbered = |number: u32| format!("{} {number}", provider.name);
    let mut name = provider.name.clone();
    let mut number = 2;
    while !taken.insert(identity(&name)) {
        name = numbered(number);
        number += 1;
    }
    name
}

/// The order of a path in its file: its numbers count as numbers. Members of one object keep the order they were
/// met in.
fn place(path: &str) -> (&str, u64) {
    let (list, rest) = path.split_once('[').unwrap_or((path, ""));
    let number = rest.split_once(']').and_then(|(number, _)| number.parse().ok());
    (if list.ends_with("providers") { "" } else { "~" }, number.unwrap_or(0))
}

/// What a secret is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    /// As keys are.
    Key,
    /// And spaces, as in `Bearer KEY`.
    Line,
    /// And line ends, as in a file of JSON.
    File,
}

/// One provider being settled.
struct Settling<'a> {
    draft: &'a Draft,
    around: &'a Surroundings<'a>,
    notes: &'a mut Vec<ImportNote>,
}

impl Settling<'_> {
    fn note(&mut self, field: &str, code: ImportCode, detail: Option<&str>) {
        self.notes.push(note(self.draft.path(field), code, detail));
    }

    fn bad(&mut self, field: &str, usable: &str) {
        self.note(field, ImportCode::BadValue, Some(usable));
    }

    fn provider(&mut self) -> Option<Planned> {
        let draft = self.draft;
        let (vendor, base_url, fields) = match self.vendor_and_address() {
            Some(found) => found,
            None => {
                self.notes.push(note(draft.at.as_str(), ImportCode::LeftOut, None));
                return None;
            }
        };
        let accounts: Vec<_> = draft.accounts.iter().map(|account| self.account(&vendor, account)).collect();
        let (headers, mut secrets) = self.headers(&vendor, &base_url);
        let (proxy, password) = self.proxy();
        secrets.extend(password);
        let mut settings = draft.settings.clone();
        settings.timeouts = self.timeouts(settings.timeouts);
        settings.limits = usual_limits(&vendor.dialect, self.limits(settings.limits));
        settings.parameters = self.parameters(&settings.parameters);
        settings.embedding_model = self.model("embedding_model", settings.embedding_model.as_deref());
        settings.fields = fields;
        settings.headers = headers;
        settings.proxy = proxy;
        settings.model_mapping = self.mapping();
        settings.ca_pem = self.certificates(&settings.ca_pem);
        settings.extras = self.extras(&settings.extras);
        let (settings, secrets) = self.kept(&vendor.id, settings, secrets);
        let planned = Planned {
            id: draft.id.clone(),
            name: self.name(&vendor),
            enabled: draft.enabled.unwrap_or(true),
            default_model: self.model("default_model", draft.default_model.as_deref()),
            vendor,
            base_url,
            settings,
            accounts,
            secrets,
        };
        if planned.keys() + planned.secrets.len() > 0 && transport::sends_in_clear(&planned.base_url) {
            self.note("base_url", ImportCode::InClear, None);
        }
        Some(planned)
    }

    fn vendor_and_address(&mut self) -> Option<(VendorView, String, Fields)> {
        let given = match self.draft.base_url.as_deref().map(str::trim).filter(|address| !address.is_empty()) {
            Some(address) => Some(self.filled("base_url", address)?),
            None => None,
        };
        let vendor = self.vendor(given.as_deref())?;
        let fields = self.fields(&vendor);
        match (self.around.address)(&vendor.id, given.as_deref(), fields) {
            Ok((address, fields)) => return Some((vendor, address, fields)),
            Err(Error::InvalidPart { part, .. }) => {
                let field = super::said(&part).unwrap_or("…");
                self.note(&format!("fields.{field}"), ImportCode::BadValue, None);
            }
            Err(_) => self.bad("base_url", "http://, https://"),
        }
        None
    }

    fn vendor(&mut self, address: Option<&str>) -> Option<VendorView> {
        if let Some(vendor) = choice::named(self.around.vendors, &self.draft.vendor) {
            return Some(vendor.clone());
        }
        let stand_in = address.and_then(|address| choice::compatible(self.around.vendors, &self.draft.vendor, address));
        match stand_in {
            Some(vendor) => {
                self.note("vendor", ImportCode::UnknownVendor, Some(&vendor.id));
                Some(vendor.clone())
            }
            None => {
                self.note("vendor", ImportCode::UnknownVendor, None);
                None
            }
        }
    }

    /// A text with its variables in place, or `None` with a note that names what is not set.
    fn filled(&mut self, field: &str, text: &str) -> Option<String> {
        match Text::filled(text, self.around.variable) {
            Ok(text) => Some(text),
            Err(name) => {
                self.note(field, ImportCode::VariableUnset, Some(&name));
                None
            }
        }
    }

    fn name(&mut self, vendor: &VendorView) -> String {
        let given = self.draft.name.as_deref().or(self.draft.id.as_deref()).map(str::trim).unwrap_or_default();
        if given.chars().count() > LONGEST_NAME || given.chars().any(char::is_control) {
            self.bad("name", "100");
        } else if !given.is_empty() {
            return given.to_owned();
        }
        vendor.name.clone()
    }

    fn model(&mut self, field: &str, name: Option<&str>) -> Option<String> {
        let name = name.map(str::trim).filter(|name| !name.is_empty())?;
        let fits = model_name(name).ok();
        if fits.is_none() {
            self.bad(field, "300");
        }
        fits
    }

    fn mapping(&mut self) -> Vec<ModelMapping> {
        let mut mapping = Vec::new();
        for (asked, sent) in &self.draft.mapping {
            match (model_name(asked), model_name(sent)) {
                (Ok(asked), Ok(sent)) => mapping.push(ModelMapping { asked, sent }),
                _ => self.bad(&format!("model_mapping.{}", super::said(asked).unwrap_or("…")), "300"),
            }
        }
        mapping
    }

    fn timeouts(&mut self, given: TimeoutSettings) -> TimeoutSettings {
        let mut fitting = |field: &str, seconds: Option<u32>| {
            let fits = seconds.filter(|seconds| SECONDS.contains(seconds));
            if fits != seconds {
                self.bad(&format!("timeouts.{field}"), "1 – 3600");
            }
            fits
        };
        TimeoutSettings {
            connect_s: fitting("connect_s", given.connect_s),
            first_event_s: fitting("first_event_s", given.first_event_s),
            idle_s: fitting("idle_s", given.idle_s),
            progress_s: fitting("progress_s", given.progress_s),
        }
    }

    fn limits(&mut self, given: LimitSettings) -> LimitSettings {
        let mut fitting = |field: &str, count: Option<u32>| {
            if count == Some(0) {
                self.bad(&format!("limits.{field}"), "1 –");
            }
            count.filter(|count| *count > 0)
        };
        LimitSettings {
            requests_per_minute: fitting("requests_per_minute", given.requests_per_minute),
            tokens_per_minute: fitting("tokens_per_minute", given.tokens_per_minute),
            concurrent: fitting("concurrent", given.concurrent),
        }
    }

    fn parameters(&mut self, given: &DefaultParameters) -> DefaultParameters {
        let own = self.draft.id.is_some();
        let mut fitting = |field: &str, number: Option<f64>, most: f64| {
            let fits = number.filter(|number| (0.0..=most).contains(number));
            if fits != number {
                self.bad(&if own { format!("parameters.{field}") } else { field.to_owned() }, &format!("0 – {most}"));
            }
            fits
        };
        let temperature = fitting("temperature", given.temperature, 2.0);
        let top_p = fitting("top_p", given.top_p, 1.0);
        if given.max_tokens == Some(0) {
            self.bad(if own { "parameters.max_tokens" } else { "max_tokens" }, "1 –");
        }
        let max_tokens = given.max_tokens.filter(|most| *most > 0);
        DefaultParameters { temperature, top_p, max_tokens, reasoning_effort: given.reasoning_effort }
    }

    fn fields(&mut self, vendor: &VendorView) -> Fields {
        let mut fields = Fields::new();
        for (id, value) in &self.draft.fields {
            let path = format!("fields.{}", super::said(id).unwrap_or("…"));
            let Some(field) = vendor.fields.iter().find(|field| field.id == *id) else {
                self.note(&path, ImportCode::LeftOut, None);
                continue;
            };
            let Some(value) = self.filled(&path, value) else { continue };
            let chosen = field.choices.is_empty() || field.choices.contains(&value);
            if !chosen || value.len() > LONGEST_FIELD || value.chars().any(char::is_control) {
                self.bad(&path, &field.choices.join(", "));
            } else if !value.trim().is_empty() {
                fields.insert(id.clone(), value);
            }
        }
        fields
    }

    fn certificates(&mut self, pem: &str) -> String {
        let fits = pem.len() <= LONGEST_CERTIFICATES && pem.contains("-----BEGIN CERTIFICATE-----");
        if !pem.trim().is_empty() && !fits {
            self.bad("ca_pem", "PEM");
        }
        if fits { pem.to_owned() } else { String::new() }
    }

    fn extras(&mut self, json: &str) -> String {
        let object = || serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json).is_ok();
        let fits = json.len() <= LONGEST_EXTRAS && !json.trim().is_empty() && object();
        if !json.trim().is_empty() && !fits {
            self.bad("extras", "{}");
        }
        if fits { json.to_owned() } else { String::new() }
    }

    fn account(&mut self, vendor: &VendorView, account: &DraftAccount) -> PlannedAccount {
        let label = account.label.trim();
        let label: String = label.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        let charset = match vendor.key_form {
            KeyForm::Token | KeyForm::SignIn => Charset::Key,
            KeyForm::Aws | KeyForm::Google => Charset::File,
        };
        let key = match &account.key {
            Some(key) => self.key(&account.key_at, key, charset),
            None => Key::None,
        };
        let (key, identity) = match key {
            Key::Given(text) if charset == Charset::File => self.credential(vendor, &account.key_at, &text),
            key => (key, None),
        };
        PlannedAccount { label, enabled: account.enabled, key, identity }
    }

    /// A credential that may be more than one line, taken apart.
    fn credential(&mut self, vendor: &VendorView, at: &str, text: &str) -> (Key, Option<Identity>) {
        let form = if vendor.key_form == KeyForm::Aws { catalog::KeyForm::Aws } else { catalog::KeyForm::Google };
        let Ok(read) = credential::read(form, text) else {
            self.notes.push(note(at, ImportCode::BadValue, None));
            return (Key::None, None);
        };
        let key = read.secret.map_or(Key::None, |secret| Key::Given(Zeroizing::new(secret.expose().to_owned())));
        (key, read.identity)
    }

    /// A secret of the file. A variable stays one, also where it is not set now.
    fn key(&mut self, at: &str, text: &str, charset: Charset) -> Key {
        match Text::of(text, self.around.variable) {
            Ok(Text::One(name)) => {
                if (self.around.variable)(&name).is_none() {
                    self.notes.push(note(at, ImportCode::VariableUnset, Some(&name)));
                }
                Key::Env(name)
            }
            Ok(Text::Plain(text) | Text::Mixed(text)) => self.given(at, &text, charset),
            Err(name) => {
                self.notes.push(note(at, ImportCode::VariableUnset, Some(&name)));
                Key::None
            }
        }
    }

    fn given(&mut self, at: &str, text: &str, charset: Charset) -> Key {
        let secret = Secret::from_pasted(text);
        if secret.is_empty() {
            return Key::None;
        }
        let fits = |byte: u8| match charset {
            Charset::Key => byte.is_ascii_graphic(),
            Charset::Line => byte.is_ascii_graphic() || byte == b' ',
            Charset::File => byte.is_ascii_graphic() || byte.is_ascii_whitespace(),
        };
        if secret.expose().len() > secrets::LONGEST || !secret.expose().bytes().all(fits) {
            self.notes.push(note(at, ImportCode::BadValue, Some("ASCII")));
            return Key::None;
        }
        Key::Given(Zeroizing::new(secret.expose().to_owned()))
    }
}
