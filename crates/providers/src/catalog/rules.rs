//! What the models of a vendor take, by the beginning of their names: data, so that a new model is a line of TOML.

mod parameters;

use std::collections::BTreeMap;

pub use parameters::{Change, Fitted, ParameterName, ParameterRule, Why, apply};
use serde::{Deserialize, Serialize};

use super::{DialectId, KnownModel, Quirk, Vendor};
use crate::{Abilities, ModelInfo, Parameters, ReasoningEffort};

/// What models whose names begin alike take and refuse. A parameter that a model refuses is not sent to it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRule {
    /// How the names begin. Of several rules that fit, the longest beginning counts; an empty one fits every model.
    pub prefix: String,
    /// The wire they are asked by, where that is not the vendor's. A shorter beginning that fits, too, tells what this
    /// one leaves open; see [`Vendor::at`] for where it holds.
    #[serde(default)]
    pub dialect: Option<DialectId>,
    /// How thinking is asked for.
    #[serde(default)]
    pub thinking: Thinking,
    /// The tokens it may think for, where it wants to be told in tokens.
    #[serde(default)]
    pub thinking_budget: Option<ThinkingBudget>,
    /// How hard it can be told to think, from the least to the most, where it wants to be told in words.
    #[serde(default)]
    pub thinking_levels: Vec<ReasoningEffort>,
    /// It refuses calls in the history that carry no signature.
    #[serde(default)]
    pub signed_calls: bool,
    /// The text of its thinking comes only when asked for.
    #[serde(default)]
    pub hides_thinking: bool,
    /// It refuses to be forced to call a tool.
    #[serde(default)]
    pub refuses_forced_tools: bool,
    /// They go on with a text that they are given as the beginning of their own answer, while they do not think.
    #[serde(default)]
    pub prefill: bool,
    /// Most output tokens, for models that are not listed one by one.
    #[serde(default)]
    pub max_output: Option<u64>,
    /// What they can do. A shorter beginning that fits, too, tells what this one leaves open.
    #[serde(default)]
    pub can: Abilities,
    /// What they make of a parameter; one that is not named is taken as it is.
    #[serde(default)]
    pub parameters: BTreeMap<ParameterName, ParameterRule>,
}

impl ModelRule {
    /// One that says nothing of models whose names begin so.
    pub fn of(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            dialect: None,
            thinking: Thinking::default(),
            thinking_budget: None,
            thinking_levels: Vec::new(),
            signed_calls: false,
            hides_thinking: false,
            refuses_forced_tools: false,
            prefill: false,
            max_output: None,
            can: Abilities::default(),
            parameters: BTreeMap::new(),
        }
    }
}

/// How many tokens a model may think for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ThinkingBudget {
    /// The fewest it takes.
    pub least: u32,
    /// The most it takes.
    pub most: u32,
    /// Whether 0 switches thinking off.
    #[serde(default)]
    pub off: bool,
}

/// How a model's thinking is switched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thinking {
    /// By a budget of tokens; off unless asked for.
    #[default]
    Budget,
    /// By how hard to think; off unless asked for.
    Adaptive,
    /// As `Adaptive`, but on unless it is switched off.
    OnByDefault,
    /// As `Adaptive`, and never off.
    AlwaysOn,
    /// It has none.
    None,
}

impl Vendor {
    /// What a model of this name takes; `None` where the vendor's data says nothing of it.
    pub fn rule(&self, model: &str) -> Option<&ModelRule> {
        let model = self.bare(model);
        self.rules.iter().filter(|r| model.starts_with(&r.prefix)).max_by_key(|r| r.prefix.len())
    }

    /// Parameters as a model of this name takes them; where the vendor's data says nothing of it, as they were asked
    /// for.
    pub fn fitted(&self, model: &str, asked: &Parameters) -> Fitted {
        match self.rule(model) {
            Some(rule) => apply(&rule.parameters, asked),
            None => Fitted { parameters: asked.clone(), changes: Vec::new() },
        }
    }

    /// The most output tokens of a model, where the vendor's data says so: its own entry, that of the model it is a
    /// dated snapshot of (`name-20250929`), or its rule.
    pub fn max_output(&self, model: &str) -> Option<u64> {
        let known = |name: &str| self.known(name).and_then(|m| m.max_output);
        let own = known(model);
        let model = self.bare(model);
        own.or_else(|| known(model))
            .or_else(|| undated(model).and_then(known))
            .or_else(|| self.rule(model).and_then(|r| r.max_output))
    }

    /// Whether a model goes on with a text that it is given as the beginning of its own answer, while it does not think.
    pub fn prefills(&self, model: &str) -> bool {
        self.rule(model).is_some_and(|rule| rule.prefill)
    }

    /// A model of the catalogue by its exact name, or by that without who serves it.
    pub fn known(&self, model: &str) -> Option<&KnownModel> {
        let exact = |name: &str| self.models.iter().find(|known| known.id == name);
        exact(model).or_else(|| exact(self.unrouted(model)))
    }

    /// The name of a model without who serves it, for vendors whose names may say so.
    pub fn unrouted<'a>(&self, model: &'a str) -> &'a str {
        let routed = model.rsplit_once(':').filter(|(_, route)| !route.contains('/'));
        match routed {
            Some((name, _)) if self.has(Quirk::RoutingSuffixes) => name,
            _ => model,
        }
    }

    /// The names by which something may be known of a model that is asked for by one name and goes out by another, the
    /// nearest first.
    pub fn names_of<'a>(&self, asked: &'a str, sent: &'a str) -> Vec<&'a str> {
        let mut names = vec![asked];
        for name in [sent, self.unrouted(asked), self.unrouted(sent)] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The models of the catalogue, as a list of the vendor's own would name them.
    pub fn listed(&self) -> Vec<ModelInfo> {
        let one = |known: &KnownModel| ModelInfo {
            id: known.id.clone(),
            name: known.name.clone(),
            context: known.context,
            max_output: known.max_output,
            chats: known.can.embeddings.filter(|embeds| *embeds).map(|_| false),
            can: known.can,
            ..ModelInfo::default()
        };
        self.models.iter().map(one).collect()
    }

    /// What a model of this name can do, as far as the vendor's data says: its own entry, that of the model it is a
    /// dated snapshot of, then its rules, the longest beginning first.
    pub fn abilities(&self, model: &str) -> Abilities {
        let given = model;
        let model = self.bare(model);
        let mut rules: Vec<&ModelRule> = self.rules.iter().filter(|rule| model.starts_with(&rule.prefix)).collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.prefix.len()));
        let of = |name: &str| self.known(name).map(|known| known.can).unwrap_or_default();
        let own = of(given).or(of(model)).or(undated(model).map(of).unwrap_or_default());
        rules.into_iter().fold(own, |can, rule| can.or(rule.can))
    }
}

impl Vendor {
    /// A model's name without where it runs, where names of this vendor may say so.
    fn bare<'a>(&self, model: &'a str) -> &'a str {
        if self.has(Quirk::PlacedNames) { unplaced(model) } else { model }
    }
}

/// A name without where it runs: the last part of an ARN, and without the word for a part of the world before the
/// maker's: `us.`, `eu.`, `apac.`, `global.` and what else there may come to be.
pub(crate) fn unplaced(model: &str) -> &str {
    const LONGEST: usize = 6;
    let name = if model.starts_with("arn:") { model.rsplit('/').next().unwrap_or(model) } else { model };
    match name.split_once('.') {
        Some((place, rest)) if place.len() <= LONGEST && has_maker(rest) => rest,
        _ => name,
    }
}

/// A maker, a dot and a name: versions have dots, too, but stand behind figures or hyphens.
fn has_maker(name: &str) -> bool {
    let maker = name.split_once('.').map(|(maker, _)| maker);
    maker.is_some_and(|maker| !maker.is_empty() && maker.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// The model that one is a dated snapshot of: `name-20250929`, `name-2025-09-29`.
fn undated(model: &str) -> Option<&str> {
    let (name, date) = model.rsplit_once('-')?;
    if is_date(date) {
        return Some(name);
    }
    let start = model.len().checked_sub("-2025-09-29".len())?;
    let tail = model.get(start..)?.strip_prefix('-')?;
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let mut pieces = tail.split('-');
    let is_day = [4, 2, 2].into_iter().all(|n| pieces.next().is_some_and(|piece| digits(piece, n)));
    (is_day && pieces.next().is_none()).then(|| &model[..start])
}

fn is_date(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::unplaced;

    #[test]
    fn a_name_is_told_from_where_it_runs() {
        for (given, want) in [
            ("us.anthropic.claude-sonnet-5", "anthropic.claude-sonnet-5"),
            ("us-gov.openai.gpt-oss-20b-1:0", "openai.gpt-oss-20b-1:0"),
            ("global.amazon.nova-2-lite-v1:0", "amazon.nova-2-lite-v1:0"),
            ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
            ("openai.gpt-5.4", "openai.gpt-5.4"),
            ("zai.glm-4.7-flash", "zai.glm-4.7-flash"),
            ("xai.grok-4.3", "xai.grok-4.3"),
            ("deepseek.v3.2", "deepseek.v3.2"),
            ("us.deepseek.v3.2", "deepseek.v3.2"),
            ("mistral.mistral-7b-instruct-v0:2", "mistral.mistral-7b-instruct-v0:2"),
            ("arn:aws:bedrock:us-east-1:1:inference-profile/eu.meta.llama3-2-1b", "meta.llama3-2-1b"),
            ("house-model", "house-model"),
            ("", ""),
        ] {
            assert_eq!(unplaced(given), want, "{given}");
        }
    }
}
