//! AWS: a Bedrock API key, an access key pair, a profile.

use super::Credential;
use crate::ProviderError;

/// See [`super::read`].
pub(super) fn read(text: &str) -> Result<Credential, ProviderError> {
    Ok(Credential::token(text))
}
