//! Google Cloud: the file of a service account or of a login, a token, an API key.

use super::Credential;
use crate::ProviderError;

/// See [`super::read`].
pub(super) fn read(text: &str) -> Result<Credential, ProviderError> {
    Ok(Credential::token(text))
}
