//! Secrets that a vendor may repeat in its refusal, taken out of it.

use super::{Endpoint, proxy::Hop};
use crate::traffic::Mask;
use crate::{ProviderError, Secret};

/// Shorter values occur in ordinary words.
const SHORTEST: usize = 8;
/// The same for the password of a proxy, which no word of a vendor needs.
const SHORTEST_PASSWORD: usize = 4;
const INSTEAD: &str = "[hidden]";

/// The key, the user's own header values, and the proxy's password of one endpoint.
#[derive(Default)]
pub struct Hidden(Vec<Secret>);

impl Hidden {
    pub(super) fn of(endpoint: &Endpoint, hop: Option<&Hop>) -> Self {
        let key = endpoint.key.as_ref().map(Secret::duplicate);
        let values = endpoint.headers.iter().map(|(_, value)| Secret::from_pasted(value));
        let long = |least| move |secret: &Secret| secret.expose().len() >= least;
        let proxy = hop.map(Hop::secrets).unwrap_or_default().into_iter().filter(long(SHORTEST_PASSWORD));
        Self(key.into_iter().chain(values).filter(long(SHORTEST)).chain(proxy).collect())
    }

    /// The same error without them.
    pub(super) fn clean(&self, mut error: ProviderError) -> ProviderError {
        for secret in &self.0 {
            let texts = [Some(&mut error.message), error.code.as_mut(), error.request_id.as_mut()];
            for text in texts.into_iter().flatten() {
                if text.contains(secret.expose()) {
                    *text = text.replace(secret.expose(), INSTEAD);
                }
            }
        }
        error
    }
}

/// What no record of traffic may hold: the same, and the vendor's own fields, which say who pays.
pub(super) fn mask(endpoint: &Endpoint, hidden: &Hidden) -> Mask {
    let fields = endpoint.fields.values().map(|value| value.trim()).filter(|value| value.len() >= SHORTEST);
    Mask::of(hidden.0.iter().map(Secret::expose).chain(fields))
}
