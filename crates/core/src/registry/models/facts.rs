//! What is known of a model, field by field: from the user, the vendor's list, models.dev, the catalogue.

use std::collections::{HashMap, HashSet};

use parlance_providers::{ModelInfo, catalog::Vendor};

use super::KnownModels;
use crate::{
    capabilities,
    costs::{Names, Quotes, Rate},
    registry::tables::ProviderRow,
    view::{Capabilities, ModelOrigin, ModelView},
};

/// What is known of a model from all sources.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// A name for people.
    pub name: Option<String>,
    /// Context window in tokens.
    pub context: Option<u32>,
    /// Most output tokens.
    pub max_output: Option<u32>,
    /// What it can do.
    pub can: Capabilities,
}

/// What the sources before the catalogue say of a model, the first of them first.
pub(super) fn merged<'a>(model: &str, sayings: impl Iterator<Item = &'a ModelInfo>) -> ModelInfo {
    let nothing = ModelInfo { id: model.to_owned(), ..ModelInfo::default() };
    sayings.fold(nothing, |known, more| ModelInfo {
        name: known.name.or_else(|| more.name.clone()),
        context: known.context.or(more.context),
        max_output: known.max_output.or(more.max_output),
        chats: known.chats.or(more.chats),
        wire: known.wire.or(more.wire),
        can: known.can.or(more.can),
        ..known
    })
}

/// All that is known of a model, by the name that goes out, with what the sources before the catalogue say of it.
pub fn facts(vendor: &Vendor, sent: &str, said: &ModelInfo) -> Facts {
    let known = vendor.known(sent);
    let small = |tokens: Option<u64>| tokens.and_then(|tokens| u32::try_from(tokens).ok());
    Facts {
        name: said.name.clone().or_else(|| known.and_then(|known| known.name.clone())),
        context: small(said.context.or(known.and_then(|known| known.context))),
        max_output: small(said.max_output.or_else(|| vendor.max_output(sent))),
        can: capabilities::of(vendor, sent, Some(said)),
    }
}

/// The models of a provider: what the user added, then its own list where one was fetched, else what models.dev and the
/// catalogue know, the names that go out as others, and last the model offered first, which an import may name.
pub fn views(vendor: &Vendor, row: &ProviderRow, known: KnownModels, quotes: &Quotes) -> Vec<ModelView> {
    let (settings, first) = (&row.settings, row.default_model.as_deref());
    let offer = quotes.offer(row.id, vendor);
    let nano = |rate: Option<Rate>| rate.map(|rate| rate.nano() as f64);
    let sources = Sources::of(&known);
    let mut offered: Vec<(&str, ModelOrigin)> = Vec::new();
    offered.extend(known.added.iter().map(|model| (model.id.as_str(), ModelOrigin::User)));
    if known.listed.is_empty() {
        offered.extend(vendor.models.iter().map(|model| (model.id.as_str(), ModelOrigin::Bundled)));
        offered.extend(known.models_dev.iter().map(|model| (model.id.as_str(), ModelOrigin::ModelsDev)));
    } else {
        offered.extend(known.listed.iter().map(|model| (model.id.as_str(), ModelOrigin::Listed)));
    }
    offered.extend(settings.model_mapping.iter().map(|mapping| (mapping.asked.as_str(), ModelOrigin::User)));
    offered.extend(first.map(|model| (model, ModelOrigin::User)));
    let mut seen = HashSet::new();
    offered.retain(|(model, _)| seen.insert(*model));
    let view = |(model, origin): (&str, ModelOrigin)| {
        let sent = settings.sent(model);
        let said = sources.said(&vendor.names_of(model, sent));
        let is_plain = model == sent && vendor.unrouted(model) == model;
        let is_embedder = said.can.or(vendor.abilities(sent)).embeddings == Some(true) && said.chats != Some(true);
        let Facts { name, context, max_output, can } = facts(vendor, sent, &said);
        let prices = offer.list_price(&Names::before(model, sent));
        ModelView {
            id: model.to_owned(),
            // Two entries of one name could not be told apart.
            name: if is_plain { name } else { sources.own_name(model) },
            context,
            input_nano: nano(prices.input),
            output_nano: nano(prices.output),
            cache_read_nano: nano(prices.cache_read),
            max_output,
            origin,
            shown: known.shown.get(model).copied().unwrap_or(true) && !is_embedder,
            favourite: known.favourites.contains(model),
            can,
        }
    };
    offered.into_iter().map(view).collect()
}

/// The sources before the catalogue, by the names of the models.
struct Sources<'a>([HashMap<&'a str, &'a ModelInfo>; 3]);

impl<'a> Sources<'a> {
    fn of(known: &'a KnownModels) -> Self {
        let by_name = |models: &'a [ModelInfo]| models.iter().map(|model| (model.id.as_str(), model)).collect();
        Self([by_name(&known.added), by_name(&known.listed), by_name(&known.models_dev)])
    }

    /// What is known by any of these names, of which the first is asked for.
    fn said(&self, names: &[&str]) -> ModelInfo {
        let of = |name: &str| self.0.iter().filter_map(|source| source.get(name).copied()).collect::<Vec<_>>();
        let sayings: Vec<&ModelInfo> = names.iter().flat_map(|name| of(name)).collect();
        merged(names.first().copied().unwrap_or_default(), sayings.into_iter())
    }

    fn own_name(&self, model: &str) -> Option<String> {
        self.0[0].get(model).and_then(|model| model.name.clone())
    }
}
