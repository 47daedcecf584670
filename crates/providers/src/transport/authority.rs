//! What opens a vendor's door where sending the key alone does not: signatures, and tokens that are exchanged for it.

mod aws;
mod copilot;
mod google;

use std::sync::Arc;

use async_trait::async_trait;

use super::{BaseUrl, Clocks, Endpoint};
use crate::catalog::{AuthStyle, Vendor};
use crate::dialect::ResponseHead;
use crate::{ProviderError, Quota, Secret};

/// The way in of one account. It is shared by all requests of the account: what it obtains is obtained once, also when
/// many ask at the same moment.
#[async_trait]
pub(crate) trait Authority: Send + Sync {
    /// Where this account's requests go instead of the endpoint's address.
    ///
    /// # Errors
    /// What kept it from being known.
    async fn base(&self) -> Result<Option<BaseUrl>, ProviderError> {
        Ok(None)
    }

    /// Puts on a request what opens the door. Everything else of it stands; its body is in memory.
    ///
    /// # Errors
    /// `missing_key`, `rejected_key`, or why nothing could be obtained. Nothing was sent to the vendor's API then.
    async fn open(&self, request: &mut reqwest::Request) -> Result<(), ProviderError>;

    /// Whether the door opens after this refusal, with a new token or a corrected clock: the request is made once more
    /// then, never twice.
    async fn renew(&self, _head: &ResponseHead, _refusal: &ProviderError) -> bool {
        false
    }

    /// Names what opens the door now: another number means that it was obtained anew since.
    fn stamp(&self) -> u64 {
        0
    }

    /// As [`Authority::renew`], for a request that was opened at this stamp: what was obtained anew since is not obtained
    /// once more.
    async fn renew_from(&self, _stamp: u64, head: &ResponseHead, refusal: &ProviderError) -> bool {
        self.renew(head, refusal).await
    }

    /// What is left of what the account's plan holds, where it is asked at the way in.
    ///
    /// # Errors
    /// What kept it from being known.
    async fn quota(&self) -> Result<Option<Quota>, ProviderError> {
        Ok(None)
    }

    /// What it was given or obtained and nobody may repeat.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// Whether it may ask for the list of models; one that may not is asked nothing, and the catalogue's models stand.
    fn lists_models(&self) -> bool {
        true
    }

    /// Something worth telling the person, once: a stable word and a sentence.
    fn notice(&self) -> Option<(&'static str, String)> {
        None
    }
}

/// The way in that the vendor's data names; `None` where the key in its header is all.
pub(super) fn of(
    vendor: &Vendor,
    endpoint: &Endpoint,
    client: &reqwest::Client,
    clocks: &Clocks,
) -> Result<Option<Arc<dyn Authority>>, ProviderError> {
    match vendor.auth {
        AuthStyle::Copilot => Ok(Some(Arc::new(copilot::Copilot::new(vendor, endpoint)?))),
        AuthStyle::Aws => aws::of(vendor, endpoint),
        AuthStyle::Google => {
            let google = google::Google::of(endpoint, client, clocks)?;
            Ok(google.map(|google| Arc::new(google) as Arc<dyn Authority>))
        }
        AuthStyle::Bearer | AuthStyle::XApiKey | AuthStyle::XGoogApiKey | AuthStyle::ApiKey | AuthStyle::None => {
            Ok(None)
        }
    }
}
