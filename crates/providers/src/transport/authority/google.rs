//! Google Cloud: access tokens exchanged for a credential, tokens as they were pasted, API keys (express mode).

mod exchange;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use self::exchange::{Grant, Source};
use super::{Authority, BaseUrl, Clocks, Endpoint};
use crate::catalog::KeyForm;
use crate::credential::{self, Credential, Identity};
use crate::dialect::ResponseHead;
use crate::{Category, ProviderError, Secret};

/// A token is exchanged for a new one this long before it expires, in seconds.
const AHEAD: u64 = 300;
/// A token that is refused this soon after it was had was not the reason, or it was not the one that was refused, in
/// seconds.
const YOUNG: u64 = 10;
/// Tokens that are kept out of messages: what is under way may still name the ones before.
const REMEMBERED: usize = 4;
const USER_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");
const API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// The seconds since 1970.
type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The way in of one account.
pub(super) struct Google {
    way: Way,
    base: Option<BaseUrl>,
    user_project: Option<HeaderValue>,
    client: reqwest::Client,
    patience: Duration,
    clock: Clock,
    held: tokio::sync::Mutex<Held>,
    /// Exchanges that have ended.
    rounds: AtomicU64,
    obtained: Mutex<VecDeque<Secret>>,
}

enum Way {
    ApiKey(Secret),
    Token(Secret),
    Exchange(Box<Source>),
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// Why the last exchange gave none: who waited for it need not ask again.
    failure: Option<ProviderError>,
}

struct Token {
    text: Secret,
    since: u64,
    until: u64,
}

impl Google {
    /// The way in of an endpoint; `None` where it has no key. Nothing is sent.
    ///
    /// # Errors
    /// `rejected_key` / `unreadable_credential`.
    pub(super) fn of(
        endpoint: &Endpoint,
        client: &reqwest::Client,
        clocks: &Clocks,
    ) -> Result<Option<Self>, ProviderError> {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self::with(endpoint, client, clocks, Arc::new(now))
    }

    fn with(
        endpoint: &Endpoint,
        client: &reqwest::Client,
        clocks: &Clocks,
        clock: Clock,
    ) -> Result<Option<Self>, ProviderError> {
        let Some(key) = endpoint.key.as_ref().filter(|key| !key.is_empty()) else { return Ok(None) };
        let given = match &endpoint.identity {
            Some(identity) => Credential { secret: Some(key.duplicate()), identity: Some(identity.clone()) },
            // A variable holds what a person would have pasted.
            None => credential::read(KeyForm::Google, key.expose())?,
        };
        let Some(secret) = given.secret else { return Ok(None) };
        let user_project = match &given.identity {
            Some(Identity::GoogleLogin { quota_project_id, .. }) => {
                let own = endpoint.fields.get("project").map(|project| project.trim().to_owned());
                quota_project_id.clone().or(own).and_then(|project| HeaderValue::from_str(&project).ok())
            }
            _ => None,
        };
        let way = match given.identity {
            Some(identity) => Way::Exchange(Box::new(Source::of(&identity, &secret)?)),
            None if is_token(secret.expose()) => Way::Token(secret),
            None => Way::ApiKey(secret),
        };
        let base = match &way {
            Way::ApiKey(_) => Some(BaseUrl::parse(without_project(&endpoint.base_url))?),
            Way::Token(_) | Way::Exchange(_) => None,
        };
        Ok(Some(Self {
            way,
            base,
            user_project,
            client: client.clone(),
            patience: clocks.lookup,
            clock,
            held: tokio::sync::Mutex::default(),
            rounds: AtomicU64::new(0),
            obtained: Mutex::default(),
        }))
    }

    /// A token that is good now. Only one exchange is under way, however many wait for it.
    async fn token(&self, source: &Source) -> Result<Secret, ProviderError> {
        let seen = self.rounds.load(Ordering::Acquire);
        let mut held = self.held.lock().await;
        let now = (self.clock)();
        let waited = self.rounds.load(Ordering::Acquire) != seen;
        let ahead = if waited { 0 } else { AHEAD };
        if let Some(token) = held.token.as_ref().filter(|token| now.saturating_add(ahead) < token.until) {
            return Ok(token.text.duplicate());
        }
        if let Some(failure) = held.failure.as_ref().filter(|_| waited) {
            return Err(failure.clone());
        }
        let granted = source.ask(&self.client, self.patience, now).await;
        self.rounds.fetch_add(1, Ordering::AcqRel);
        match granted {
            Ok(Grant { token, lifetime }) => {
                self.remember(&token);
                let text = token.duplicate();
                *held = Held { token: Some(Token { text: token, since: now, until: now + lifetime }), failure: None };
                Ok(text)
            }
            // It was asked for ahead of time: what there is still opens the door.
            Err(failure) => match held.token.as_ref().filter(|token| now < token.until) {
                Some(token) if failure.category != Category::RejectedKey => Ok(token.text.duplicate()),
                _ => {
                    held.failure = Some(failure.clone());
                    Err(failure)
                }
            },
        }
    }

    fn remember(&self, token: &Secret) {
        let mut obtained = self.obtained.lock().unwrap_or_else(PoisonError::into_inner);
        obtained.push_back(token.duplicate());
        while obtained.len() > REMEMBERED {
            obtained.pop_front();
        }
    }
}

#[async_trait]
impl Authority for Google {
    async fn base(&self) -> Result<Option<BaseUrl>, ProviderError> {
        Ok(self.base.clone())
    }

    async fn open(&self, request: &mut reqwest::Request) -> Result<(), ProviderError> {
        let exchanged;
        let token = match &self.way {
            Way::ApiKey(key) => {
                request.headers_mut().insert(API_KEY, secret_value(key.expose())?);
                return Ok(());
            }
            Way::Token(token) => token,
            Way::Exchange(source) => {
                exchanged = self.token(source).await?;
                &exchanged
            }
        };
        let bearer = Zeroizing::new(format!("Bearer {}", token.expose()));
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, secret_value(&bearer)?);
        if let Some(project) = &self.user_project {
            headers.entry(USER_PROJECT).or_insert_with(|| project.clone());
        }
        Ok(())
    }

    async fn renew(&self, head: &ResponseHead, _refusal: &ProviderError) -> bool {
        if head.status != 401 || !matches!(self.way, Way::Exchange(_)) {
            return false;
        }
        let mut held = self.held.lock().await;
        let now = (self.clock)();
        held.token = held.token.take().filter(|token| now < token.since.saturating_add(YOUNG));
        true
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = match &self.way {
            Way::ApiKey(secret) | Way::Token(secret) => vec![secret.duplicate()],
            Way::Exchange(source) => source.secrets(),
        };
        let obtained = self.obtained.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.extend(obtained.iter().map(Secret::duplicate));
        secrets
    }
}

/// Access tokens are long, and those of people begin alike; API keys are short.
fn is_token(text: &str) -> bool {
    const LONGEST_KEY: usize = 120;
    ["ya29.", "eyJ"].iter().any(|begin| text.starts_with(begin)) || text.len() > LONGEST_KEY
}

/// An API key names a project itself: models stand right below the version.
fn without_project(address: &str) -> &str {
    address.find("/projects/").map_or(address, |at| &address[..at])
}

fn secret_value(text: &str) -> Result<HeaderValue, ProviderError> {
    let unfit = |_| {
        let message = "the key holds characters that no key has: white space, control or non-ASCII characters";
        ProviderError::because(Category::RejectedKey, "key_not_ascii", message)
    };
    let mut value = HeaderValue::from_str(text).map_err(unfit)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
