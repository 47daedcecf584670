//! Servers on this machine that answer at the usual address of a local vendor.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::future::join_all;
use parlance_providers::{
    CancellationToken, ModelInfo,
    catalog::{Vendor, VendorCategory},
    transport::{BaseUrl, Endpoint},
};

use super::{Registry, tables::ProviderRow};
use crate::view::LocalServerView;

/// A server on this machine that takes longer is busy loading a model; a person can look again.
const PATIENCE: Duration = Duration::from_secs(2);
/// Names that are shown of a server.
const MOST_NAMES: usize = 50;

impl Registry {
    /// Asks each local vendor's usual address for its models, all at once, in 2 s at the most. Nothing leaves the
    /// machine: only loopback addresses of the catalogue are asked, and no key goes along.
    pub async fn local_servers(&self, configured: &[ProviderRow]) -> Vec<LocalServerView> {
        let catalog = self.catalog();
        let local = catalog.iter().filter(|vendor| self.offers(vendor) && vendor.category == VendorCategory::Local);
        let found = join_all(local.map(|vendor| self.look_for(vendor, configured))).await;
        // Two kinds of server may have one usual address: whoever answers there is offered once.
        let mut addresses = HashSet::new();
        found.into_iter().flatten().filter(|server| addresses.insert(server.base_url.clone())).collect()
    }

    async fn look_for(&self, vendor: &Vendor, configured: &[ProviderRow]) -> Option<LocalServerView> {
        let base_url = vendor.usual_address(&Default::default()).ok()??;
        let address = BaseUrl::parse(&base_url).ok().filter(BaseUrl::is_loopback)?;
        let endpoint = Endpoint { base_url: base_url.clone(), ..Endpoint::default() };
        let provider = self.connect.connect(Arc::new(vendor.clone()), endpoint).ok()?;
        let asked = tokio::time::timeout(PATIENCE, provider.models(CancellationToken::new())).await;
        let models = asked.ok()?.ok()?;
        let here = |known: BaseUrl| known.is_loopback() && port(&known) == port(&address);
        let added = configured.iter().any(|row| BaseUrl::parse(&row.base_url).is_ok_and(here));
        let answers = |model: &ModelInfo| model.chats != Some(false) && model.can.embeddings != Some(true);
        let models = models.into_iter().filter(answers).take(MOST_NAMES);
        let models = models.map(|model| model.id).collect();
        Some(LocalServerView { vendor: vendor.id.clone(), base_url, models, added })
    }
}

/// One server has many names here: `localhost`, `127.0.0.1`, `[::1]`.
fn port(address: &BaseUrl) -> String {
    address.origin().rsplit(':').next().unwrap_or_default().to_owned()
}
