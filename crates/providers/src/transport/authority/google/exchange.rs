//! Tokens for credentials: an assertion that a service account signs (RFC 7523), or the refresh token of a login.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderValue, Method, header};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::credential::{Identity, TOKEN_URI};
use crate::transport::{address, body, fault, fault::Stage, reading};
use crate::{Category, ProviderError, Secret};

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long an assertion is good; the vendor takes no longer one. In seconds.
const ASSERTED: u64 = 3_600;
/// What a token is believed to last where nothing is said, and at the most, in seconds.
const USUAL_LIFETIME: u64 = 3_600;
const LONGEST_LIFETIME: u64 = 12 * 3_600;
/// In bytes.
const LONGEST_TOKEN: usize = 16 << 10;
/// What is repeated of a refusal, in characters.
const LONGEST_REASON: usize = 300;

/// What tokens are had for.
pub(super) enum Source {
    /// A service account.
    Account { email: String, key_id: Option<String>, key: Box<RsaKeyPair>, pem: Secret, token_uri: Url },
    /// A person's login.
    Login { client_id: String, client_secret: Secret, refresh_token: Secret, token_uri: Url },
}

/// A token, and for how many seconds it is good.
pub(super) struct Grant {
    pub(super) token: Secret,
    pub(super) lifetime: u64,
}

impl Source {
    /// What an account has.
    ///
    /// # Errors
    /// `rejected_key` / `unreadable_credential`.
    pub(super) fn of(identity: &Identity, secret: &Secret) -> Result<Self, ProviderError> {
        let usual = || Url::parse(TOKEN_URI).map_err(|_| unreadable("the address of tokens cannot be read"));
        match identity {
            Identity::ServiceAccount { client_email, private_key_id, token_uri, .. } => {
                let token_uri = match token_uri {
                    // It comes from a file: looked at again, whoever kept it.
                    Some(uri) => Url::parse(uri).ok().filter(|_| crate::credential::may_be_asked(uri)),
                    None => Some(usual()?),
                };
                Ok(Self::Account {
                    email: client_email.clone(),
                    key_id: private_key_id.clone(),
                    key: Box::new(key_pair(secret)?),
                    pem: secret.duplicate(),
                    token_uri: token_uri.ok_or_else(|| unreadable("the token_uri is no https address"))?,
                })
            }
            Identity::GoogleLogin { client_id, .. } => {
                let parts = secret.expose().split_once('\n');
                let (client_secret, refresh_token) =
                    parts.ok_or_else(|| unreadable("the login lacks its refresh token: paste its file anew"))?;
                let part = |text: &str| Secret::verbatim(Zeroizing::new(text.to_owned()));
                Ok(Self::Login {
                    client_id: client_id.clone(),
                    client_secret: part(client_secret),
                    refresh_token: part(refresh_token),
                    token_uri: usual()?,
                })
            }
            _ => Err(unreadable("this credential is not one of Google Cloud")),
        }
    }

    /// What nobody may repeat.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::Account { pem, .. } => vec![pem.duplicate()],
            Self::Login { client_secret, refresh_token, .. } => {
                vec![client_secret.duplicate(), refresh_token.duplicate()]
            }
        }
    }

    fn token_uri(&self) -> &Url {
        match self {
            Self::Account { token_uri, .. } | Self::Login { token_uri, .. } => token_uri,
        }
    }

    /// The form that is exchanged for a token. To an address that a file names nothing but an assertion goes, and the
    /// assertion is made out to that address.
    fn form(&self, now: u64) -> Result<Zeroizing<String>, ProviderError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        match self {
            Self::Account { .. } => {
                form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                form.append_pair("assertion", &self.assertion(now)?);
            }
            Self::Login { client_id, client_secret, refresh_token, .. } => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("client_id", client_id);
                form.append_pair("client_secret", client_secret.expose());
                form.append_pair("refresh_token", refresh_token.expose());
            }
        }
        Ok(Zeroizing::new(form.finish()))
    }

    /// A signed JWT (RS256).
    fn assertion(&self, now: u64) -> Result<Zeroizing<String>, ProviderError> {
        let Self::Account { email, key_id, key, token_uri, .. } = self else {
            return Err(unreadable("a login signs nothing"));
        };
        let mut head = Map::from_iter([("alg".to_owned(), Value::from("RS256")), ("typ".to_owned(), "JWT".into())]);
        if let Some(id) = key_id {
            head.insert("kid".to_owned(), id.as_str().into());
        }
        let claims = serde_json::json!({
            "iss": email, "scope": SCOPE, "aud": token_uri.as_str(), "iat": now, "exp": now + ASSERTED,
        });
        let coded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut text = Zeroizing::new(format!("{}.{}", coded(&Value::Object(head)), coded(&claims)));
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| unreadable("nothing can be signed with the private key of the service account"))?;
        text.push('.');
        text.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(text)
    }

    /// Exchanges it for a token, within `patience`.
    ///
    /// # Errors
    /// `rejected_key` / `token_refused`, `rate_limited` or `overloaded` with `token_unavailable`, and what kept it from
    /// being asked for.
    pub(super) async fn ask(
        &self,
        client: &reqwest::Client,
        patience: Duration,
        now: u64,
    ) -> Result<Grant, ProviderError> {
        let mut request = reqwest::Request::new(Method::POST, self.token_uri().clone());
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(self.form(now)?.to_string().into());
        let peer = address::authority_of(self.token_uri());
        let work = async {
            let response = client.execute(request).await.map_err(|error| fault::read(&error, Stage::Head, &peer))?;
            let status = response.status().as_u16();
            Ok((status, body::beginning(response, patience, None).await))
        };
        let late = || reading::timeout("token_timeout", "no access token came in time", &peer);
        let (status, answer) = tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(late()))?;
        if status == 200 { granted(&answer, &peer) } else { Err(self.refusal(status, &answer, &peer)) }
    }

    /// Why no token was given, in the vendor's words where it has any.
    fn refusal(&self, status: u16, answer: &[u8], peer: &str) -> ProviderError {
        let said: Refusal = serde_json::from_slice(answer).unwrap_or_default();
        let reason: String = said.error_description.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
        let code: String = said.error.chars().filter(|c| c.is_ascii_graphic()).take(LONGEST_REASON).collect();
        let next = match self {
            Self::Account { .. } => "see that the key still exists and that this computer's clock is right",
            Self::Login { .. } => "log in again with gcloud and paste the file anew",
        };
        let (category, cause, words) = match status {
            300..400 => (Category::BadRequest, "redirected", "the address of tokens leads elsewhere".to_owned()),
            429 => (Category::RateLimited, "token_unavailable", "too many access tokens were asked for".to_owned()),
            500.. => (Category::Overloaded, "token_unavailable", format!("no access token was to be had ({status})")),
            _ if reason.is_empty() => (Category::RejectedKey, "token_refused", format!("no access token: {next}")),
            _ => (Category::RejectedKey, "token_refused", format!("no access token: {reason}; {next}")),
        };
        ProviderError {
            status: Some(status),
            code: Some(code).filter(|code| !code.is_empty()),
            ..ProviderError::because(category, cause, format!("{words} ({peer})"))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Zeroizing<String>,
    #[serde(default)]
    expires_in: Option<f64>,
}

fn granted(answer: &[u8], peer: &str) -> Result<Grant, ProviderError> {
    let no_token = || {
        let message = format!("the answer holds no access token ({peer})");
        ProviderError::because(Category::BrokenStream, "unreadable", message)
    };
    let answer: Answer = serde_json::from_slice(answer).map_err(|_| no_token())?;
    let token = answer.access_token;
    if token.is_empty() || token.len() > LONGEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(no_token());
    }
    // A number that is none, or below zero, becomes 0: such a token is not kept.
    let lifetime = answer.expires_in.map_or(USUAL_LIFETIME, |seconds| (seconds as u64).min(LONGEST_LIFETIME));
    Ok(Grant { token: Secret::verbatim(token), lifetime })
}

fn key_pair(pem: &Secret) -> Result<RsaKeyPair, ProviderError> {
    let wrong = "the private key of the service account cannot be read: paste its JSON file anew";
    let der = STANDARD.decode(pem.expose()).map(Zeroizing::new).map_err(|_| unreadable(wrong))?;
    RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).map_err(|_| unreadable(wrong))
}

fn unreadable(why: &'static str) -> ProviderError {
    ProviderError::because(Category::RejectedKey, "unreadable_credential", why)
}
