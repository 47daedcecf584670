//! What opens a vendor's door where sending the key alone does not: signatures, and tokens that are exchanged for it.

mod google;

use std::sync::Arc;

use async_trait::async_trait;

use super::{BaseUrl, Clocks, Endpoint};
use crate::catalog::{AuthStyle, Vendor};
use crate::dialect::ResponseHead;
use crate::{ProviderError, Secret};

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

    /// What it was given or obtained and nobody may repeat.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
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
        AuthStyle::Google => {
            let google = google::Google::of(endpoint, client, clocks)?;
            Ok(google.map(|google| Arc::new(google) as Arc<dyn Authority>))
        }
        AuthStyle::Aws | AuthStyle::Copilot => Ok(None),
        AuthStyle::Bearer | AuthStyle::XApiKey | AuthStyle::XGoogApiKey | AuthStyle::ApiKey | AuthStyle::None => {
            Ok(None)
        }
    }
}
