//! One request, signed.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningError, SigningSettings, sign as signed},
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::client::identity::Identity;
use http::{HeaderValue, header};

use super::Keys;
use crate::{Category, ProviderError};

/// The name of the service, which is the same on all of its hosts.
const SERVICE: &str = "bedrock";

/// Signs the method, the path (encoded once more), the query, the host, the kind of the body and the body itself; what
/// a proxy may change of the other headers changes nothing.
pub(super) fn sign(
    request: &mut reqwest::Request,
    keys: &Keys,
    region: &str,
    now: SystemTime,
) -> Result<(), ProviderError> {
    let session = keys.session.as_ref().map(|session| session.to_string());
    let identity: Identity = Credentials::new(&keys.id, keys.secret.as_str(), session, None, "parlance").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| unsigned())?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let headers = kind.into_iter().map(|kind| ("content-type", kind));
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let instructions = (|| -> Result<_, SigningError> {
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers,
            SignableBody::Bytes(body),
        )?;
        Ok(signed(signable, &parameters.into())?.into_parts().0)
    })();
    let (headers, _) = instructions.map_err(|_| unsigned())?.into_parts();
    for made in headers {
        let mut value = HeaderValue::from_str(made.value()).map_err(|_| unsigned())?;
        value.set_sensitive(made.name() != "x-amz-date");
        request.headers_mut().insert(made.name(), value);
    }
    Ok(())
}

/// Its own words might repeat what was signed.
fn unsigned() -> ProviderError {
    ProviderError::because(Category::Internal, "unsigned", "the request could not be signed for AWS")
}
