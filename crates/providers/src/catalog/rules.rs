//! What the models of a vendor take, by the beginning of their names: data, so that a new model is a line of TOML.

use serde::{Deserialize, Serialize};

use super::Vendor;

/// What models whose names begin alike take and refuse. A parameter that a model refuses is not sent to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRule {
    /// How the names begin. Of several rules that fit, the longest beginning counts; an empty one fits every model.
    pub prefix: String,
    /// Which sampling parameters are taken.
    #[serde(default)]
    pub sampling: Sampling,
    /// How thinking is asked for.
    #[serde(default)]
    pub thinking: Thinking,
    /// The text of its thinking comes only when asked for.
    #[serde(default)]
    pub hides_thinking: bool,
    /// It refuses to be forced to call a tool.
    #[serde(default)]
    pub refuses_forced_tools: bool,
    /// Most output tokens, for models that are not listed one by one.
    #[serde(default)]
    pub max_output: Option<u64>,
}

/// Which of temperature and nucleus sampling a model takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// Both.
    #[default]
    Both,
    /// One of them, not both at once.
    One,
    /// None: either is an error.
    None,
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
        self.rules.iter().filter(|r| model.starts_with(&r.prefix)).max_by_key(|r| r.prefix.len())
    }

    /// The most output tokens of a model, where the vendor's data says so: its own entry, that of the model it is a
    /// dated snapshot of (`name-20250929`), or its rule.
    pub fn max_output(&self, model: &str) -> Option<u64> {
        let undated = model.rsplit_once('-').filter(|(_, date)| is_date(date)).map(|(name, _)| name);
        let known = |name: &str| self.models.iter().find(|m| m.id == name).and_then(|m| m.max_output);
        known(model).or_else(|| undated.and_then(known)).or_else(|| self.rule(model).and_then(|r| r.max_output))
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit())
}
