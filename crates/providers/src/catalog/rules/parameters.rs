//! What models make of the parameters of a chat: rules as data, and the one place that obeys them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Parameters;

/// A parameter of a chat completion, by our name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterName {
    /// Sampling temperature.
    Temperature,
    /// Nucleus sampling.
    TopP,
    /// Most tokens of the answer.
    MaxTokens,
    /// Texts that end the answer.
    Stop,
    /// For repeatable sampling.
    Seed,
    /// How hard to think.
    ReasoningEffort,
}

/// What a model makes of one parameter. The rules of one parameter are applied in the order of the fields; what goes
/// out only without another is decided last, when it is known what else goes out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterRule {
    /// The model refuses it: it is not sent.
    pub rejected: bool,
    /// The one value it takes: another is not sent.
    pub fixed: Option<f64>,
    /// The least it takes: less goes out as this.
    pub least: Option<f64>,
    /// The most it takes: more goes out as this.
    pub most: Option<f64>,
    /// It goes out only where none of these does.
    pub excludes: Vec<ParameterName>,
    /// The model wants it: this goes out where nothing was asked for.
    pub required: Option<f64>,
}

/// Parameters as a model takes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fitted {
    /// What goes out.
    pub parameters: Parameters,
    /// What of it is not as it was asked for, in the order of the names.
    pub changes: Vec<Change>,
}

/// A parameter that does not go out as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub name: ParameterName,
    /// Why.
    pub why: Why,
}

/// Why a parameter does not go out as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The model refuses it.
    Rejected,
    /// The model takes one value of it, and another was asked for.
    Fixed,
    /// It was less than the model takes.
    Raised,
    /// It was more than the model takes.
    Lowered,
    /// The model wants it, and nothing was asked for.
    Required,
    /// It goes out only without this one, which goes out.
    Excluded(ParameterName),
}

/// Brings parameters to what the rules of a model allow.
pub fn apply(rules: &BTreeMap<ParameterName, ParameterRule>, asked: &Parameters) -> Fitted {
    let mut fitted = Fitted { parameters: asked.clone(), changes: Vec::new() };
    for (name, rule) in rules {
        if let Some(why) = rule.fit(*name, &mut fitted.parameters) {
            fitted.changes.push(Change { name: *name, why });
        }
    }
    for (name, rule) in rules {
        let excluded = name.is_in(&fitted.parameters);
        let by = rule.excludes.iter().find(|other| excluded && other.is_in(&fitted.parameters));
        if let Some(by) = by {
            name.clear(&mut fitted.parameters);
            fitted.changes.retain(|change| change.name != *name);
            fitted.changes.push(Change { name: *name, why: Why::Excluded(*by) });
        }
    }
    fitted.changes.sort_by_key(|change| change.name);
    fitted
}

impl ParameterName {
    /// Every parameter.
    pub const ALL: [Self; 6] =
        [Self::Temperature, Self::TopP, Self::MaxTokens, Self::Stop, Self::Seed, Self::ReasoningEffort];

    /// Whether it has been given a value.
    pub fn is_in(self, parameters: &Parameters) -> bool {
        match self {
            Self::Stop => !parameters.stop.is_empty(),
            Self::ReasoningEffort => parameters.reasoning_effort.is_some(),
            Self::Temperature | Self::TopP | Self::MaxTokens | Self::Seed => self.number(parameters).is_some(),
        }
    }

    /// Its value, where it is a number and has one.
    pub fn number(self, parameters: &Parameters) -> Option<f64> {
        match self {
            Self::Temperature => parameters.temperature,
            Self::TopP => parameters.top_p,
            Self::MaxTokens => parameters.max_tokens.map(f64::from),
            Self::Seed => parameters.seed.map(f64::from),
            Self::Stop | Self::ReasoningEffort => None,
        }
    }

    /// Gives it a value, where it is a number. One that counts takes the nearest whole number from 0 to `u32::MAX`.
    pub fn set_number(self, parameters: &mut Parameters, value: f64) {
        match self {
            Self::Temperature => parameters.temperature = Some(value),
            Self::TopP => parameters.top_p = Some(value),
            // The cast saturates.
            Self::MaxTokens => parameters.max_tokens = Some(value.round() as u32),
            Self::Seed => parameters.seed = Some(value.round() as u32),
            Self::Stop | Self::ReasoningEffort => {}
        }
    }

    /// Takes its value away.
    fn clear(self, parameters: &mut Parameters) {
        match self {
            Self::Temperature => parameters.temperature = None,
            Self::TopP => parameters.top_p = None,
            Self::MaxTokens => parameters.max_tokens = None,
            Self::Stop => parameters.stop.clear(),
            Self::Seed => parameters.seed = None,
            Self::ReasoningEffort => parameters.reasoning_effort = None,
        }
    }

    /// Whether it counts something: no fraction of it can go out.
    fn counts(self) -> bool {
        matches!(self, Self::MaxTokens | Self::Seed)
    }
}

impl ParameterRule {
    /// Applies all but the exclusions.
    fn fit(&self, name: ParameterName, parameters: &mut Parameters) -> Option<Why> {
        if self.rejected {
            let asked = name.is_in(parameters);
            name.clear(parameters);
            return asked.then_some(Why::Rejected);
        }
        let mut why = None;
        if let (Some(fixed), Some(asked)) = (self.fixed, name.number(parameters))
            && asked != fixed
        {
            name.clear(parameters);
            why = Some(Why::Fixed);
        }
        let moved = match (name.number(parameters), self.least, self.most) {
            (Some(asked), Some(least), _) if asked < least => Some((least, Why::Raised)),
            (Some(asked), _, Some(most)) if asked > most => Some((most, Why::Lowered)),
            _ => None,
        };
        if let Some((bound, moved)) = moved {
            name.set_number(parameters, bound);
            why = Some(moved);
        }
        if let Some(required) = self.required.filter(|_| !name.is_in(parameters)) {
            name.set_number(parameters, required);
            why = why.or(Some(Why::Required));
        }
        why
    }

    /// What is wrong with the rule as one of this parameter, for a person; `None` where it can be obeyed.
    pub(in crate::catalog) fn fault(&self, name: ParameterName) -> Option<&'static str> {
        let numbers = [self.fixed, self.least, self.most, self.required];
        let given = || numbers.iter().flatten();
        let outside = |value: f64| self.least.is_some_and(|l| value < l) || self.most.is_some_and(|m| value > m);
        if matches!(name, ParameterName::Stop | ParameterName::ReasoningEffort) && given().next().is_some() {
            return Some("a number for what is none");
        }
        if given().any(|n| !n.is_finite() || *n < 0.0) {
            return Some("a number that no parameter can have");
        }
        if name.counts() && given().any(|n| n.fract() != 0.0 || *n > f64::from(u32::MAX)) {
            return Some("a number that is no count");
        }
        if self.rejected && (given().next().is_some() || !self.excludes.is_empty()) {
            return Some("rejected, and something else besides");
        }
        if self.least.zip(self.most).is_some_and(|(least, most)| least > most) {
            return Some("a range that ends before it begins");
        }
        if self.fixed.is_some_and(outside) || self.required.is_some_and(outside) {
            return Some("a value outside its own range");
        }
        if self.fixed.zip(self.required).is_some_and(|(fixed, required)| fixed != required) {
            return Some("required to be another value than the one that is taken");
        }
        if self.excludes.contains(&name) {
            return Some("excluded by itself");
        }
        if self.required.is_some() && !self.excludes.is_empty() {
            return Some("required, and yet excluded by another");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ReasoningEffort;

    fn value(name: ParameterName) -> BoxedStrategy<f64> {
        if name.counts() { (0..50_u32).prop_map(f64::from).boxed() } else { (0.0..2.0_f64).boxed() }
    }

    /// Any rule that can be obeyed.
    fn rule(name: ParameterName) -> BoxedStrategy<(ParameterName, ParameterRule)> {
        let number = move || prop::option::of(value(name));
        let others = prop::collection::vec(prop::sample::select(ParameterName::ALL.to_vec()), 0..3);
        (any::<bool>(), number(), number(), number(), number(), others)
            .prop_map(|(rejected, fixed, least, most, required, excludes)| ParameterRule {
                rejected: rejected && fixed.is_none() && least.is_none() && excludes.is_empty(),
                fixed,
                least,
                most,
                required,
                excludes,
            })
            .prop_filter_map("contradicts itself", move |rule| rule.fault(name).is_none().then_some((name, rule)))
            .boxed()
    }

    fn rules() -> impl Strategy<Value = BTreeMap<ParameterName, ParameterRule>> {
        let simple = |name: ParameterName| {
            let rejected = ParameterRule { rejected: true, ..ParameterRule::default() };
            prop_oneof![3 => rule(name), 1 => Just((name, rejected))]
        };
        let any = prop::sample::select(ParameterName::ALL.to_vec()).prop_flat_map(simple);
        prop::collection::vec(any, 0..6).prop_map(|rules| rules.into_iter().collect())
    }

    fn parameters() -> impl Strategy<Value = Parameters> {
        let effort = prop::option::of(Just(ReasoningEffort::High));
        let fraction = || prop::option::of(0.0..2.0_f64);
        let count = || prop::option::of(0..50_u32);
        let stop = prop::option::of(Just(vec!["END".to_owned()]));
        (fraction(), fraction(), count(), stop, count(), effort).prop_map(
            |(temperature, top_p, max_tokens, stop, seed, reasoning_effort)| Parameters {
                temperature,
                top_p,
                max_tokens,
                stop: stop.unwrap_or_default(),
                seed,
                reasoning_effort,
            },
        )
    }

    proptest! {
        #[test]
        fn what_goes_out_obeys_every_rule(rules in rules(), asked in parameters()) {
            let Fitted { parameters: sent, changes } = apply(&rules, &asked);
            for name in ParameterName::ALL {
                let changed = name.number(&sent) != name.number(&asked) || name.is_in(&sent) != name.is_in(&asked);
                prop_assert_eq!(changed, changes.iter().filter(|c| c.name == name).count() == 1, "{:?}", name);
                let Some(rule) = rules.get(&name) else { continue };
                let number = name.number(&sent);
                prop_assert!(!(rule.rejected && name.is_in(&sent)));
                prop_assert!(number.is_none_or(|n| rule.fixed.is_none_or(|fixed| n == fixed)));
                prop_assert!(number.is_none_or(|n| rule.least.is_none_or(|least| n >= least)));
                prop_assert!(number.is_none_or(|n| rule.most.is_none_or(|most| n <= most)));
                prop_assert!(rule.required.is_none() || name.is_in(&sent));
                let other = rule.excludes.iter().any(|other| other.is_in(&sent));
                prop_assert!(!(other && name.is_in(&sent)));
            }
            prop_assert_eq!(apply(&rules, &sent), Fitted { parameters: sent, changes: Vec::new() }, "again");
        }
    }

    #[test]
    fn a_change_says_why() {
        use ParameterName::{Seed, Temperature, TopP};
        let plain = ParameterRule::default;
        let asked = |temperature, top_p| Parameters { temperature, top_p, ..Parameters::default() };
        let one = |rule: ParameterRule, value: Option<f64>| {
            let rules = BTreeMap::from_iter([(Temperature, rule)]);
            let fitted = apply(&rules, &asked(value, None));
            (fitted.parameters.temperature, fitted.changes.first().map(|change| change.why))
        };
        let range = || ParameterRule { least: Some(0.5), most: Some(1.0), ..plain() };
        let fixed = || ParameterRule { fixed: Some(1.0), ..plain() };
        assert_eq!(one(ParameterRule { rejected: true, ..plain() }, Some(1.0)), (None, Some(Why::Rejected)));
        assert_eq!(one(ParameterRule { rejected: true, ..plain() }, None), (None, None));
        assert_eq!(one(fixed(), Some(0.5)), (None, Some(Why::Fixed)));
        assert_eq!(one(fixed(), Some(1.0)), (Some(1.0), None));
        assert_eq!(one(ParameterRule { required: Some(1.0), ..fixed() }, Some(0.5)), (Some(1.0), Some(Why::Fixed)));
        assert_eq!(one(ParameterRule { required: Some(1.0), ..plain() }, None), (Some(1.0), Some(Why::Required)));
        assert_eq!(one(range(), Some(0.2)), (Some(0.5), Some(Why::Raised)));
        assert_eq!(one(range(), Some(7.0)), (Some(1.0), Some(Why::Lowered)));
        assert_eq!(one(range(), None), (None, None));
        let rules = BTreeMap::from_iter([
            (TopP, ParameterRule { excludes: vec![Seed, Temperature], ..plain() }),
            (Seed, plain()),
        ]);
        let fitted = apply(&rules, &asked(Some(0.5), Some(0.5)));
        assert_eq!(fitted.parameters, asked(Some(0.5), None));
        assert_eq!(fitted.changes, [Change { name: TopP, why: Why::Excluded(Temperature) }]);
    }
}
