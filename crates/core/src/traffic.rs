//! Lets the recorder of traffic see every exchange, whatever it is for.

use std::{path::PathBuf, sync::Arc};

use parlance_providers::{Provider, ProviderError, catalog::Vendor, traffic::Recorder, transport::Endpoint};

use crate::registry::Connect;

/// Connects as another does, with the recorder at hand and a folder for programs.
pub(crate) struct Recorded {
    pub(crate) connect: Arc<dyn Connect>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) folder: PathBuf,
}

impl Connect for Recorded {
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        let (recorder, folder) = (Some(Arc::clone(&self.recorder)), Some(self.folder.clone()));
        self.connect.connect(vendor, Endpoint { recorder, folder, ..endpoint })
    }
}
