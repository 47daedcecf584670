//! GitHub as those ask it who sign in or exchange a token: never with what a vendor's API is told.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::Url;
use zeroize::Zeroizing;

use super::{BaseUrl, Clocks, Endpoint, Hop, body, client, fault, fault::Stage, head_of, reading};
use crate::catalog::{SignIn, Vendor, domain};
use crate::credential::Identity;
use crate::dialect::ResponseHead;
use crate::{Category, ProviderError, Secret};

/// GitHub, or an enterprise's own.
pub(super) struct GitHub {
    http: reqwest::Client,
    hop: Option<Hop>,
    clocks: Clocks,
    web: BaseUrl,
    api: BaseUrl,
    headers: HeaderMap,
    sign_in: SignIn,
    domain: Option<String>,
}

/// What is asked.
pub(super) struct Question<'a> {
    pub(super) url: Url,
    pub(super) token: Option<&'a Secret>,
    /// JSON text of a `POST`.
    pub(super) body: Option<Zeroizing<String>>,
}

impl GitHub {
    /// With the endpoint's proxy and certificates. `domain` is that of an enterprise.
    ///
    /// # Errors
    /// As [`super::HttpProvider::new`]; `bad_request` / `no_sign_in` where the vendor's data has none.
    pub(super) fn new(vendor: &Vendor, endpoint: &Endpoint, domain: Option<String>) -> Result<Self, ProviderError> {
        let none = || ProviderError::because(Category::BadRequest, "no_sign_in", "nobody signs in at this vendor");
        let sign_in = vendor.sign_in.clone().ok_or_else(none)?;
        let (web, api) = match (&domain, &sign_in.enterprise) {
            (Some(domain), Some(enterprise)) => (filled(&enterprise.web, domain), filled(&enterprise.api, domain)),
            _ => (sign_in.web.clone(), sign_in.api.clone()),
        };
        let (web, api) = (BaseUrl::parse(&web)?, BaseUrl::parse(&api)?);
        let clocks = Clocks::of(vendor, &endpoint.timeouts);
        // One client for both: certificates are read where either speaks TLS.
        let base = if api.is_tls() { &api } else { &web };
        let hop = Hop::of(base, &endpoint.proxy)?;
        let http = client::build(base, endpoint.ca_pem.as_deref(), &clocks, hop.as_ref())?;
        Ok(Self { headers: headers(&sign_in), http, hop, clocks, web, api, sign_in, domain })
    }

    /// The domain of an enterprise: that of the login, else the one that is set.
    ///
    /// # Errors
    /// `bad_request` / `bad_domain`.
    pub(super) fn domain_of(vendor: &Vendor, endpoint: &Endpoint) -> Result<Option<String>, ProviderError> {
        if let Some(Identity::Github { domain, .. }) = &endpoint.identity {
            return Ok(domain.clone());
        }
        let Some(enterprise) = vendor.sign_in.as_ref().and_then(|sign_in| sign_in.enterprise.as_ref()) else {
            return Ok(None);
        };
        let set = endpoint.fields.get(&enterprise.field).map(|value| value.trim()).filter(|value| !value.is_empty());
        let bad = || {
            let message = "the enterprise domain is not a domain such as acme.ghe.com";
            ProviderError::because(Category::BadRequest, "bad_domain", message)
        };
        set.map(|text| domain(text).ok_or_else(bad)).transpose()
    }

    /// The data it works by.
    pub(super) fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// The enterprise's domain.
    pub(super) fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// Headers that every request of the vendor's has.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// An address of the pages.
    pub(super) fn page(&self, path: &str) -> Url {
        self.web.join(str::to_owned, path)
    }

    /// An address of the API.
    pub(super) fn api(&self, path: &str) -> Url {
        self.api.join(str::to_owned, path)
    }

    /// Whether a page may be shown to a person: it is GitHub's own.
    pub(super) fn is_page(&self, page: &str) -> bool {
        BaseUrl::parse(page).is_ok_and(|page| page.origin() == self.web.origin())
    }

    /// Whether an exchanged token may go to an address. `home` is the one that is set.
    pub(super) fn may_have_token(&self, url: &BaseUrl, home: &BaseUrl) -> bool {
        if url.is_loopback() {
            return home.is_loopback();
        }
        let host = url.url().host_str().unwrap_or_default();
        let below = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
        let known = self.sign_in.hosts.iter().map(String::as_str).chain(self.domain());
        url.is_tls() && url.url().port().is_none() && known.into_iter().any(below)
    }

    /// Asks, and reads a body of at most [`body::ERROR_LIMIT`] bytes, within the time of a free request.
    ///
    /// # Errors
    /// What kept an answer from coming; a refusal is an answer.
    pub(super) async fn ask(
        &self,
        question: Question<'_>,
    ) -> Result<(ResponseHead, Zeroizing<Vec<u8>>), ProviderError> {
        let peer = peer_of(&question.url);
        let late = || reading::timeout("answer_timeout", "GitHub's answer did not come in time", &peer);
        let work = self.answered(question, &peer);
        tokio::time::timeout(self.clocks.lookup, work).await.unwrap_or_else(|_| Err(late()))
    }

    async fn answered(
        &self,
        question: Question<'_>,
        peer: &str,
    ) -> Result<(ResponseHead, Zeroizing<Vec<u8>>), ProviderError> {
        let response = match self.http.execute(self.request(question)?).await {
            Ok(response) => response,
            Err(error) => {
                let blamed = match &self.hop {
                    Some(hop) => hop.blame(&error, peer).await,
                    None => None,
                };
                return Err(blamed.unwrap_or_else(|| fault::read(&error, Stage::Head, peer)));
            }
        };
        let head = head_of(&response);
        if let Some(refusal) = self.hop.as_ref().and_then(|hop| hop.refusal(&head)) {
            return Err(refusal);
        }
        if (300..400).contains(&head.status) {
            let message = format!("GitHub's address redirects elsewhere ({peer})");
            let error = ProviderError::because(Category::BadRequest, "redirected", message);
            return Err(ProviderError { status: Some(head.status), ..error });
        }
        let body = body::whole(response, body::ERROR_LIMIT, peer, None).await?;
        Ok((head, Zeroizing::new(body)))
    }

    fn request(&self, question: Question<'_>) -> Result<reqwest::Request, ProviderError> {
        let method = if question.body.is_some() { Method::POST } else { Method::GET };
        let mut request = reqwest::Request::new(method, question.url);
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(super::unpack::KNOWN));
        if let Some(token) = question.token {
            headers.insert(header::AUTHORIZATION, credential("token", token)?);
        }
        if let Some(body) = question.body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(Bytes::copy_from_slice(body.as_bytes()).into());
        }
        Ok(request)
    }
}

/// The value of `authorization`.
///
/// # Errors
/// `rejected_key` / `key_not_ascii`.
pub(super) fn credential(scheme: &str, token: &Secret) -> Result<HeaderValue, ProviderError> {
    let text = Zeroizing::new(format!("{scheme} {}", token.expose()));
    let unfit = |_| ProviderError::because(Category::RejectedKey, "key_not_ascii", "the token cannot be sent");
    let mut value = HeaderValue::from_str(&text).map_err(unfit)?;
    value.set_sensitive(true);
    Ok(value)
}

fn filled(template: &str, domain: &str) -> String {
    template.replace("{domain}", domain)
}

/// Names and values were looked at with the vendor's file.
fn headers(sign_in: &SignIn) -> HeaderMap {
    let pairs = sign_in.headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    });
    pairs.collect()
}

fn peer_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
