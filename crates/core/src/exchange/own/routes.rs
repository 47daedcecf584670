//! Routes in our own form: read, checked, and written.

use parlance_providers::Category;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{ConfigError, ConfigFault, Document, Parameters, Planning, is_default, is_false, is_id};
use crate::{
    exchange::{PlannedRoute, PlannedTarget},
    registry::{
        model_name,
        routes::{IN_MY_ORDER, MOST_TARGETS, RouteRow, check_rules},
    },
    view::{AfterOutput, DefaultParameters, RouteCache, RouteOverrides, RouteRules, RouteStrategy},
};

/// A route. What it leaves out is as usual.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::exchange) struct Route {
    pub(super) id: Spanned<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    strategy: Option<Spanned<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    targets: Option<Spanned<Vec<Target>>>,
    /// For each target, beside the first request.
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backoff_ms: Option<Backoff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_token_s: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cooldown_s: Option<Cooldown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    switch_on: Option<Vec<Category>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_output: Option<Spanned<String>>,
    #[serde(default, skip_serializing_if = "is_false")]
    sticky: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<Cache>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Target {
    provider: Spanned<String>,
    model: Spanned<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Spanned<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Spanned<u32>>,
    #[serde(default, skip_serializing_if = "is_default")]
    parameters: Parameters,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Backoff {
    base: u32,
    cap: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Cooldown {
    base: u32,
    cap: u32,
    after_failures: Option<u32>,
    window_s: Option<u32>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Cache {
    enabled: bool,
    ttl_s: Option<u32>,
    max_mb: Option<u32>,
    #[serde(default, skip_serializing_if = "is_false")]
    any_temperature: bool,
}

/// The routes of a file, once all of it holds together.
///
/// # Errors
/// [`ConfigError`] with the line of what cannot be used.
pub(super) fn plan(text: &str, document: &Document) -> Result<Vec<PlannedRoute>, ConfigError> {
    let planning = Planning { text, document };
    document.routes.iter().enumerate().map(|(at, route)| planning.route(at, route)).collect()
}

impl Planning<'_> {
    fn route(&self, at: usize, route: &Route) -> Result<PlannedRoute, ConfigError> {
        let id = route.id.get_ref();
        if !is_id(id) {
            return Err(self.fault(&route.id, ConfigFault::WrongValue, id.as_str()));
        }
        if self.document.routes[..at].iter().any(|other| other.id.get_ref() == id) {
            return Err(self.fault(&route.id, ConfigFault::TakenName, id.as_str()));
        }
        let strategy = self.named("strategy", route.strategy.as_ref(), RouteStrategy::from_name)?;
        let after = self.named("after_output", route.after_output.as_ref(), AfterOutput::from_name)?;
        let built_in = id == IN_MY_ORDER;
        if let Some(place) = route.strategy.as_ref().filter(|_| built_in && strategy == RouteStrategy::Weighted) {
            return Err(self.fault(place, ConfigFault::WrongValue, Some("strategy")));
        }
        let targets = match &route.targets {
            Some(targets) => {
                let count = targets.get_ref().len();
                if (count == 0) != built_in || count > MOST_TARGETS {
                    return Err(self.fault(targets, ConfigFault::WrongValue, Some("targets")));
                }
                targets.get_ref().iter().map(|target| self.target(target)).collect::<Result<_, _>>()?
            }
            None if built_in => Vec::new(),
            None => return Err(self.fault(&route.id, ConfigFault::MissingKey, Some("targets"))),
        };
        let rules = check_rules(route.rules(after)).map_err(|error| {
            let crate::Error::Invalid { field, .. } = error else {
                return self.fault(&route.id, ConfigFault::WrongValue, None);
            };
            self.fault(&route.id, ConfigFault::WrongValue, Some(field))
        })?;
        let name = if route.name.trim().is_empty() { id.clone() } else { route.name.clone() };
        Ok(PlannedRoute { slug: id.clone(), name, strategy, rules, targets })
    }

    /// A word of a list, and the usual one where none is said. Another one is not repeated: it may be anything.
    fn named<T: Default>(
        &self,
        key: &str,
        word: Option<&Spanned<String>>,
        from: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let Some(word) = word else { return Ok(T::default()) };
        from(word.get_ref()).ok_or_else(|| self.fault(word, ConfigFault::WrongValue, Some(key)))
    }

    fn target(&self, target: &Target) -> Result<PlannedTarget, ConfigError> {
        let name = target.provider.get_ref();
        let Some(provider) = self.document.providers.iter().find(|provider| provider.id.get_ref() == name) else {
            return Err(self.fault(&target.provider, ConfigFault::UnknownName, name.as_str()));
        };
        if let Some(account) = &target.account
            && !provider.accounts.iter().any(|known| known.label == *account.get_ref())
        {
            return Err(self.fault(account, ConfigFault::UnknownName, None));
        }
        let weight = target.weight.as_ref().map_or(1, |weight| *weight.get_ref());
        if let Some(place) = target.weight.as_ref().filter(|_| !(1..=1_000).contains(&weight)) {
            return Err(self.fault(place, ConfigFault::WrongValue, Some("weight")));
        }
        let model = model_name(target.model.get_ref());
        let model = model.map_err(|_| self.fault(&target.model, ConfigFault::WrongValue, Some("model")))?;
        let DefaultParameters { temperature, top_p, max_tokens, reasoning_effort } = target.parameters.into();
        let within = |value: Option<f64>, most: f64| value.is_none_or(|value| (0.0..=most).contains(&value));
        if !within(temperature, 2.0) || !within(top_p, 1.0) || max_tokens == Some(0) {
            return Err(self.fault(&target.provider, ConfigFault::WrongValue, Some("parameters")));
        }
        Ok(PlannedTarget {
            provider: name.clone(),
            account: target.account.as_ref().map(|account| account.get_ref().clone()),
            model,
            weight,
            overrides: RouteOverrides { temperature, top_p, max_tokens, reasoning_effort },
        })
    }
}

impl Route {
    fn rules(&self, after_output: AfterOutput) -> RouteRules {
        let usual = RouteRules::default();
        let (backoff, cooldown) = (self.backoff_ms.as_ref(), self.cooldown_s.as_ref());
        let cache = self.cache.as_ref().map_or(usual.cache, |cache| RouteCache {
            enabled: cache.enabled,
            ttl_s: cache.ttl_s.unwrap_or(usual.cache.ttl_s),
            max_mb: cache.max_mb.unwrap_or(usual.cache.max_mb),
            any_temperature: cache.any_temperature,
        });
        RouteRules {
            tries: self.retries.map_or(usual.tries, |retries| retries.saturating_add(1)),
            backoff_base_ms: backoff.map_or(usual.backoff_base_ms, |backoff| backoff.base),
            backoff_cap_ms: backoff.map_or(usual.backoff_cap_ms, |backoff| backoff.cap),
            retry_after_s: self.retry_after_s.unwrap_or(usual.retry_after_s),
            first_token_s: self.first_token_s,
            failures: cooldown.and_then(|rest| rest.after_failures).unwrap_or(usual.failures),
            window_s: cooldown.and_then(|rest| rest.window_s).unwrap_or(usual.window_s),
            rest_s: cooldown.map_or(usual.rest_s, |rest| rest.base),
            rest_cap_s: cooldown.map_or(usual.rest_cap_s, |rest| rest.cap),
            switch_on: self.switch_on.clone().unwrap_or(usual.switch_on),
            after_output,
            sticky: self.sticky,
            cache,
        }
    }

    /// A stored route. `named` says what the file calls a target's provider, and the label of its account; a target
    /// without a name is left out.
    pub(in crate::exchange) fn of(
        row: RouteRow,
        named: impl Fn(i64, Option<i64>) -> Option<(String, Option<String>)>,
    ) -> Self {
        let spanned = |text: &str| Spanned::new(0..0, text.to_owned());
        let built_in = row.built_in();
        let RouteRow { slug, name, strategy, rules, targets, .. } = row;
        let target = |target: crate::registry::routes::RouteTargetRow| {
            let (provider, account) = named(target.provider_id, target.account_id)?;
            let RouteOverrides { temperature, top_p, max_tokens, reasoning_effort } = target.overrides;
            Some(Target {
                provider: Spanned::new(0..0, provider),
                model: Spanned::new(0..0, target.model),
                account: account.map(|label| Spanned::new(0..0, label)),
                weight: Some(target.weight).filter(|weight| *weight != 1).map(|weight| Spanned::new(0..0, weight)),
                parameters: (&DefaultParameters { temperature, top_p, max_tokens, reasoning_effort }).into(),
            })
        };
        let RouteCache { enabled, ttl_s, max_mb, any_temperature } = rules.cache;
        Self {
            id: Spanned::new(0..0, slug),
            name,
            strategy: Some(spanned(strategy.as_str())),
            targets: (!built_in).then(|| Spanned::new(0..0, targets.into_iter().filter_map(target).collect())),
            retries: Some(rules.tries.saturating_sub(1)),
            backoff_ms: Some(Backoff { base: rules.backoff_base_ms, cap: rules.backoff_cap_ms }),
            retry_after_s: Some(rules.retry_after_s),
            first_token_s: rules.first_token_s,
            cooldown_s: Some(Cooldown {
                base: rules.rest_s,
                cap: rules.rest_cap_s,
                after_failures: Some(rules.failures),
                window_s: Some(rules.window_s),
            }),
            switch_on: Some(rules.switch_on),
            after_output: Some(spanned(rules.after_output.as_str())),
            sticky: rules.sticky,
            cache: Some(Cache { enabled, ttl_s: Some(ttl_s), max_mb: Some(max_mb), any_temperature }),
        }
    }

    /// Whether it is known by this name.
    pub(in crate::exchange) fn is(&self, slug: &str) -> bool {
        self.id.get_ref() == slug
    }

    /// Whether it asks anybody: a route whose targets are all gone cannot be read again.
    pub(in crate::exchange) fn is_whole(&self) -> bool {
        self.targets.as_ref().is_none_or(|targets| !targets.get_ref().is_empty())
    }
}
