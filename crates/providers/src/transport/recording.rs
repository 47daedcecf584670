//! What the recorder of traffic learns of a request.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName};

use super::{Endpoint, Hidden, client, hidden};
use crate::Secret;
use crate::catalog::Vendor;
use crate::traffic::{About, Exchange, Mask, Recorder, Sent};

/// What stands instead of a value of the user's.
const INSTEAD: &str = "[hidden]";

/// The recorder of one endpoint.
pub(super) struct Recording {
    to: Arc<Recorder>,
    provider: String,
    auth: Option<HeaderName>,
    mask: Arc<Mask>,
}

impl Recording {
    pub(super) fn new(to: &Arc<Recorder>, vendor: &Vendor, endpoint: &Endpoint, hidden: &Hidden) -> Self {
        Self {
            to: Arc::clone(to),
            provider: vendor.id.clone(),
            auth: client::key_header(vendor, endpoint),
            mask: Arc::new(hidden::mask(endpoint, hidden)),
        }
    }

    /// What no file may hold once these were obtained.
    pub(super) fn mask_with(&self, obtained: &[Secret]) -> Arc<Mask> {
        Arc::new(self.mask.and(obtained.iter().map(Secret::expose)))
    }

    pub(super) fn begin(&self, kind: &'static str, wire: &'static str, model: Option<&str>) -> Option<Exchange> {
        // Nothing is copied while it is off.
        if !self.to.is_on() {
            return None;
        }
        self.to.begin(About {
            provider: self.provider.clone(),
            wire,
            kind,
            model: model.map(str::to_owned),
            mask: Arc::clone(&self.mask),
        })
    }

    /// A request as it goes out. Of the `standing` headers, which hold the key and the user's own, only the names.
    pub(super) fn sent(&self, request: &reqwest::Request, standing: &HeaderMap) -> Sent {
        let others = request.headers().iter().filter(|(name, _)| self.auth.as_ref() != Some(*name));
        let headers = others.map(|(name, value)| {
            let value = if standing.contains_key(name) || value.is_sensitive() {
                INSTEAD.into()
            } else {
                String::from_utf8_lossy(value.as_bytes())
            };
            (name.as_str().to_owned(), value.into_owned())
        });
        let url = request.url();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Sent {
            method: request.method().to_string(),
            host: format!("{}{port}", url.host_str().unwrap_or_default()),
            path: format!("{}{query}", url.path()),
            auth: self.auth.as_ref().map(|name| name.as_str().to_owned()),
            headers: headers.collect(),
            body: request.body().and_then(reqwest::Body::as_bytes).map(Bytes::copy_from_slice),
        }
    }
}
