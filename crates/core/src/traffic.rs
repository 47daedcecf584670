//! Lets the recorder of traffic see every exchange, whatever it is for.

use std::sync::Arc;

use parlance_providers::{Provider, ProviderError, catalog::Vendor, traffic::Recorder, transport::Endpoint};

use crate::registry::Connect;

/// Connects as another does, with the recorder at hand.
pub(crate) struct Recorded {
    pub(crate) connect: Arc<dyn Connect>,
    pub(crate) recorder: Arc<Recorder>,
}

impl Connect for Recorded {
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        self.connect.connect(vendor, Endpoint { recorder: Some(Arc::clone(&self.recorder)), ..endpoint })
    }
}
