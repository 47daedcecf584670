//! Whether a route can be kept: every number in its range, every target somebody that there is.

use std::ops::RangeInclusive;

use parlance_providers::Category;

use super::{RouteFields, RouteRow, RouteTargetRow};
use crate::{
    error::Error,
    registry::{model_name, tables::ProviderRow},
    view::{RouteCache, RouteOverrides, RouteRules, RouteStrategy},
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 80;
/// More targets than anybody orders by hand.
pub const MOST_TARGETS: usize = 50;
const WEIGHTS: RangeInclusive<u32> = 1..=1_000;

/// A route that may be kept, as it is kept. `before` is what is stored of it: targets that it had may have gone since.
///
/// # Errors
/// [`Error::Invalid`] naming the field; [`Error::InvalidPart`] naming a field of a target and the target's place.
pub fn check(fields: RouteFields, before: Option<&RouteRow>, providers: &[ProviderRow]) -> Result<RouteFields, Error> {
    let RouteFields { name, strategy, rules, targets } = fields;
    let built_in = before.is_some_and(RouteRow::built_in);
    let rules = check_rules(rules)?;
    if built_in {
        return match targets.is_empty() {
            true => Ok(RouteFields { name: String::new(), strategy: check_built_in(strategy)?, rules, targets }),
            false => Err(Error::invalid("targets", "built_in")),
        };
    }
    let name = check_name(&name)?;
    if targets.is_empty() {
        return Err(Error::invalid("targets", "empty"));
    }
    if targets.len() > MOST_TARGETS {
        return Err(Error::invalid("targets", "too_many"));
    }
    let known = before.map_or(&[][..], |before| &before.targets);
    let one = |(place, target)| check_target(place, target, known, providers);
    let targets = targets.into_iter().enumerate().map(one).collect::<Result<_, _>>()?;
    Ok(RouteFields { name, strategy, rules, targets })
}

/// What the built-in route asks comes from the model: there is nobody to give a weight to.
fn check_built_in(strategy: RouteStrategy) -> Result<RouteStrategy, Error> {
    match strategy {
        RouteStrategy::Weighted => Err(Error::invalid("strategy", "built_in")),
        other => Ok(other),
    }
}

fn check_name(name: &str) -> Result<String, Error> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Error::invalid("name", "empty"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(Error::invalid("name", "too_long"));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "not_a_name"));
    }
    Ok(name)
}

/// Rules with every number in its range.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub fn check_rules(mut rules: RouteRules) -> Result<RouteRules, Error> {
    let RouteCache { ttl_s, max_mb, .. } = rules.cache;
    let ranges = [
        ("tries", rules.tries, 1..=6),
        ("backoffBaseMs", rules.backoff_base_ms, 100..=60_000),
        ("backoffCapMs", rules.backoff_cap_ms, rules.backoff_base_ms..=120_000),
        ("retryAfterS", rules.retry_after_s, 0..=600),
        ("firstTokenS", rules.first_token_s.unwrap_or(1), 1..=600),
        ("failures", rules.failures, 1..=50),
        ("windowS", rules.window_s, 1..=3_600),
        ("restS", rules.rest_s, 1..=3_600),
        ("restCapS", rules.rest_cap_s, rules.rest_s..=86_400),
        ("cacheTtlS", ttl_s, 60..=31_536_000),
        ("cacheMaxMb", max_mb, 1..=4_096),
    ];
    if let Some((field, ..)) = ranges.into_iter().find(|(_, value, range)| !range.contains(value)) {
        return Err(Error::invalid(field, "out_of_range"));
    }
    // Somebody else would refuse the same request, and what a person stopped is over.
    if rules.switch_on.iter().any(|category| matches!(category, Category::BadRequest | Category::Cancelled)) {
        return Err(Error::invalid("switchOn", "never"));
    }
    rules.switch_on = Category::ALL.into_iter().filter(|category| rules.switch_on.contains(category)).collect();
    Ok(rules)
}

fn check_target(
    place: usize,
    target: RouteTargetRow,
    known: &[RouteTargetRow],
    providers: &[ProviderRow],
) -> Result<RouteTargetRow, Error> {
    let wrong = |field, reason| Error::invalid_part(field, &place.to_string(), reason);
    let kept = |account| {
        let same = |had: &RouteTargetRow| had.provider_id == target.provider_id && had.account_id == account;
        known.iter().any(same)
    };
    match providers.iter().find(|row| row.id == target.provider_id) {
        Some(row) => {
            let theirs = |id| row.accounts.iter().any(|account| account.id == id);
            if target.account_id.is_some_and(|id| !theirs(id) && !kept(Some(id))) {
                return Err(wrong("account", "not_found"));
            }
        }
        // A target whose provider was deleted stays where it is until a person takes it out.
        None if kept(target.account_id) => {}
        None => return Err(wrong("provider", "not_found")),
    }
    let model = model_name(&target.model).map_err(|error| match error {
        Error::Invalid { reason, .. } => wrong("model", reason),
        other => other,
    })?;
    if !WEIGHTS.contains(&target.weight) {
        return Err(wrong("weight", "out_of_range"));
    }
    let RouteOverrides { temperature, top_p, max_tokens, .. } = &target.overrides;
    let within = |value: &Option<f64>, most: f64| value.is_none_or(|value| (0.0..=most).contains(&value));
    if !within(temperature, 2.0) {
        return Err(wrong("temperature", "out_of_range"));
    }
    if !within(top_p, 1.0) {
        return Err(wrong("topP", "out_of_range"));
    }
    if *max_tokens == Some(0) {
        return Err(wrong("maxTokens", "out_of_range"));
    }
    Ok(RouteTargetRow { model, ..target })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(change: impl FnOnce(&mut RouteRules)) -> Result<RouteRules, String> {
        let mut rules = RouteRules::default();
        change(&mut rules);
        check_rules(rules).map_err(|error| error.to_string())
    }

    #[test]
    fn every_number_has_its_range_and_the_usual_rules_are_in_it() {
        assert_eq!(rules(|_| {}), Ok(RouteRules::default()));
        type Change = fn(&mut RouteRules, u32);
        let fields: [(&str, Change, u32, u32); 11] = [
            ("tries", |r, n| r.tries = n, 1, 6),
            ("backoffBaseMs", |r, n| (r.backoff_base_ms, r.backoff_cap_ms) = (n, 120_000), 100, 60_000),
            ("backoffCapMs", |r, n| r.backoff_cap_ms = n, 500, 120_000),
            ("retryAfterS", |r, n| r.retry_after_s = n, 0, 600),
            ("firstTokenS", |r, n| r.first_token_s = Some(n), 1, 600),
            ("failures", |r, n| r.failures = n, 1, 50),
            ("windowS", |r, n| r.window_s = n, 1, 3_600),
            ("restS", |r, n| (r.rest_s, r.rest_cap_s) = (n, 86_400), 1, 3_600),
            ("restCapS", |r, n| r.rest_cap_s = n, 30, 86_400),
            ("cacheTtlS", |r, n| r.cache.ttl_s = n, 60, 31_536_000),
            ("cacheMaxMb", |r, n| r.cache.max_mb = n, 1, 4_096),
        ];
        for (field, change, least, most) in fields {
            for good in [least, most] {
                assert!(rules(|rules| change(rules, good)).is_ok(), "{field} {good}");
            }
            for bad in [least.checked_sub(1), Some(most + 1), Some(u32::MAX)].into_iter().flatten() {
                let refused = Err(format!("{field}: out_of_range"));
                assert_eq!(rules(|rules| change(rules, bad)), refused, "{field} {bad}");
            }
        }
    }

    #[test]
    fn what_nobody_could_mend_never_hands_over_and_the_rest_is_kept_once() {
        for never in [Category::BadRequest, Category::Cancelled] {
            assert_eq!(rules(|rules| rules.switch_on.push(never)), Err("switchOn: never".to_owned()));
        }
        let twice = vec![Category::Timeout, Category::Network, Category::Timeout];
        let kept = rules(|rules| rules.switch_on = twice).unwrap().switch_on;
        assert_eq!(kept.len(), 2);
        assert!(kept.contains(&Category::Timeout) && kept.contains(&Category::Network));
    }
}
