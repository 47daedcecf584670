//! Which wire a model is asked by, where a vendor has several.

use std::sync::Arc;

use super::{DialectId, ModelRule, Quirk, Vendor};

impl Vendor {
    /// The wire of a model: that of the longest beginning of its name that names one, else the vendor's own.
    pub fn dialect_of(&self, model: &str) -> DialectId {
        let named = self.rules.iter().filter(|rule| rule.dialect.is_some() && model.starts_with(&rule.prefix));
        named.max_by_key(|rule| rule.prefix.len()).and_then(|rule| rule.dialect).unwrap_or(self.dialect)
    }

    /// The wire of one request: the one that the vendor's list named for its model, where this vendor's list does.
    pub fn dialect_for(&self, model: &str, listed: Option<DialectId>) -> DialectId {
        listed.filter(|_| self.has(Quirk::ListedWires)).unwrap_or_else(|| self.dialect_of(model))
    }

    /// The vendor as its list says that it speaks with a model: [`Self::dialect_of`] names that wire then.
    #[must_use]
    pub fn speaking(self: Arc<Self>, model: &str, listed: Option<DialectId>) -> Arc<Self> {
        let wire = self.dialect_for(model, listed);
        if wire == self.dialect_of(model) {
            return self;
        }
        let mut speaking = Self::clone(&self);
        // What the rule that counts for the model says goes on counting.
        let rule = self.rule(model).cloned().unwrap_or_else(|| ModelRule::of(model));
        speaking.rules.retain(|rule| rule.prefix != model);
        speaking.rules.push(ModelRule { prefix: model.to_owned(), dialect: Some(wire), ..rule });
        Arc::new(speaking)
    }

    /// The vendor as it is at an address. What its rules say of wires holds at its own addresses only: a proxy of
    /// somebody else's speaks the vendor's first wire, and hardly ever the others. A vendor without an address is at
    /// home everywhere. Of several APIs of one vendor the address tells which it is.
    #[must_use]
    pub fn at(self: Arc<Self>, address: &str) -> Arc<Self> {
        let quirks: Vec<Quirk> = self.quirks_at(address).iter().filter(|quirk| !self.has(**quirk)).copied().collect();
        let one_wire = !self.is_home(address) || !self.quirks_at(address).is_empty();
        let one_wire = one_wire && self.rules.iter().any(|rule| rule.dialect.is_some());
        if !one_wire && quirks.is_empty() {
            return self;
        }
        let mut there = Self::clone(&self);
        there.quirks.extend(quirks);
        if one_wire {
            there.rules.iter_mut().for_each(|rule| rule.dialect = None);
        }
        Arc::new(there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn wire(vendor: &str, address: &str, model: &str) -> DialectId {
        Catalog::bundled().shared(vendor).unwrap().at(address).dialect_of(model)
    }

    #[test]
    fn models_are_asked_by_the_wire_that_their_rules_name() {
        let here = "https://api.openai.com/v1";
        for model in ["gpt-5.6-terra", "gpt-5-mini", "gpt-6-sol", "gpt-5.2-pro", "o3", "o4-mini", "codex-mini-latest"] {
            assert_eq!(wire("openai", here, model), DialectId::OpenaiResponses, "{model}");
        }
        for model in ["gpt-4.1", "gpt-4o-mini", "gpt-5-chat-latest", "gpt-5-search-api", "ft:gpt-4.1:x", "unheard-of"] {
            assert_eq!(wire("openai", here, model), DialectId::OpenaiChat, "{model}");
        }
        assert_eq!(wire("xai", "https://api.x.ai/v1", "grok-4.7"), DialectId::OpenaiResponses);
        assert_eq!(wire("openai-responses-compatible", "http://127.0.0.1", "any"), DialectId::OpenaiResponses);
    }

    #[test]
    fn at_an_address_of_somebody_else_a_vendor_speaks_its_first_wire() {
        for (address, want) in [
            ("https://api.openai.com", DialectId::OpenaiResponses),
            ("https://api.openai.com:443/v1/chat/completions", DialectId::OpenaiResponses),
            ("https://eu.api.openai.com/v1", DialectId::OpenaiResponses),
            ("http://api.openai.com/v1", DialectId::OpenaiChat),
            ("https://api.openai.com.example.com/v1", DialectId::OpenaiChat),
            ("http://127.0.0.1:4000/v1", DialectId::OpenaiChat),
            ("no address", DialectId::OpenaiChat),
        ] {
            assert_eq!(wire("openai", address, "gpt-5.6-terra"), want, "{address}");
        }
        assert_eq!(wire("openai-compatible", "https://api.openai.com/v1", "gpt-5.6-terra"), DialectId::OpenaiChat);
    }
}
