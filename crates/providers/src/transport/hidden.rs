//! Secrets that a vendor may repeat in its refusal, taken out of it.

use super::Endpoint;
use crate::{ProviderError, Secret};

/// Shorter values occur in ordinary words.
const SHORTEST: usize = 8;
const INSTEAD: &str = "[hidden]";

/// The key and the user's own header values of one endpoint.
#[derive(Default)]
pub struct Hidden(Vec<Secret>);

impl Hidden {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        let key = endpoint.key.as_ref().map(Secret::duplicate);
        let values = endpoint.headers.iter().map(|(_, value)| Secret::from_pasted(value));
        Self(key.into_iter().chain(values).filter(|secret| secret.expose().len() >= SHORTEST).collect())
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
