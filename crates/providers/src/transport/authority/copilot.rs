//! GitHub Copilot: a GitHub login is exchanged for a token that lives half an hour, and for where it is good.

mod quota;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::Authority;
use crate::catalog::Vendor;
use crate::dialect::ResponseHead;
use crate::loose::{Count, Text};
use crate::transport::{
    BaseUrl, Endpoint,
    github::{GitHub, Question, credential},
    sign_in::without,
};
use crate::{Category, ProviderError, Quota, Secret, failure};

/// A token is exchanged anew this long before GitHub wants it, in seconds.
const AHEAD: u64 = 60;
/// After an exchange ahead of time that failed, the next one is tried no sooner.
const PAUSE: Duration = Duration::from_secs(10);
/// Where GitHub does not say when it wants to be asked again, in seconds.
const USUAL_LIFE: u64 = 1500;
/// The shortest and the longest time that a token is used without being exchanged, in seconds.
const LIFE: std::ops::RangeInclusive<u64> = 30..=86_400;
/// Tokens whose text is kept out of everything that is told: the vendor may still repeat an older one.
const MOST_KNOWN: usize = 4;

/// What a login was exchanged for.
struct Door {
    token: Secret,
    /// Where it is good; `None` where the endpoint's own address is meant.
    base: Option<BaseUrl>,
    /// How many exchanges there were before.
    number: u64,
    fresh_until: Instant,
    alive_until: Instant,
}

impl Door {
    /// The same, for which nobody is asked again at once.
    fn again_later(&self) -> Self {
        Self {
            token: self.token.duplicate(),
            base: self.base.clone(),
            number: self.number,
            fresh_until: (Instant::now() + PAUSE).min(self.alive_until),
            alive_until: self.alive_until,
        }
    }
}

/// The way in of one Copilot account.
pub(super) struct Copilot {
    github: GitHub,
    login: Secret,
    home: BaseUrl,
    /// Requests go where the person said, whatever the exchange says: it is neither GitHub's host nor this machine.
    own_address: bool,
    door: Mutex<Option<Arc<Door>>>,
    known: Mutex<Vec<Secret>>,
    /// One exchange at a time; what the last one failed with.
    turn: tokio::sync::Mutex<Option<ProviderError>>,
    /// Exchanges that have ended, well or not.
    ended: AtomicU64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Exchanged<'a> {
    #[serde(borrow)]
    token: Text<'a>,
    refresh_in: Count,
    #[serde(borrow)]
    endpoints: Option<Endpoints<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Endpoints<'a> {
    #[serde(borrow)]
    api: Text<'a>,
}

impl Copilot {
    pub(super) fn new(vendor: &Vendor, endpoint: &Endpoint) -> Result<Self, ProviderError> {
        let domain = GitHub::domain_of(vendor, endpoint)?;
        let github = GitHub::new(vendor, endpoint, domain)?;
        let home = BaseUrl::parse(&endpoint.base_url)?;
        let none = || Secret::from_pasted("");
        Ok(Self {
            own_address: !home.is_loopback() && !github.may_have_token(&home, &home),
            login: endpoint.key.as_ref().map_or_else(none, Secret::duplicate),
            github,
            home,
            door: Mutex::default(),
            known: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            ended: AtomicU64::new(0),
        })
    }

    fn current(&self) -> Option<Arc<Door>> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, door: Option<Arc<Door>>) {
        *self.door.lock().unwrap_or_else(PoisonError::into_inner) = door;
    }

    /// A token that is good for now.
    async fn opened(&self) -> Result<Arc<Door>, ProviderError> {
        let fresh = |door: &Door| Instant::now() < door.fresh_until;
        match self.current().filter(|door| fresh(door)) {
            Some(door) => Ok(door),
            None => self.exchanged_unless(fresh, true).await,
        }
    }

    /// Exchanges the login, unless somebody else has by the time it is our turn. Who waited for an exchange that failed
    /// hears the same. `ahead` says that what there is still opens the door.
    async fn exchanged_unless(&self, good: impl Fn(&Door) -> bool, ahead: bool) -> Result<Arc<Door>, ProviderError> {
        let ended = self.ended.load(Ordering::Acquire);
        let mut failed = self.turn.lock().await;
        let current = self.current();
        if let Some(door) = current.as_ref().filter(|door| good(door)) {
            return Ok(Arc::clone(door));
        }
        if let Some(error) = failed.as_ref().filter(|_| self.ended.load(Ordering::Acquire) != ended) {
            return Err(error.clone());
        }
        let result = self.exchange().await.map_err(|error| without(&self.login, error));
        let number = self.ended.fetch_add(1, Ordering::AcqRel);
        match result {
            Ok(door) => {
                let door = Arc::new(Door { number, ..door });
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                known.push(door.token.duplicate());
                let surplus = known.len().saturating_sub(MOST_KNOWN);
                known.drain(..surplus);
                self.replace(Some(Arc::clone(&door)));
                *failed = None;
                Ok(door)
            }
            Err(error) => {
                let alive = |door: &Arc<Door>| ahead && Instant::now() < door.alive_until;
                // An exchange ahead of time that a network kept from us takes nothing away.
                if let Some(door) = current.filter(alive).filter(|_| passes(&error)) {
                    let later = Arc::new(door.again_later());
                    self.replace(Some(Arc::clone(&later)));
                    *failed = None;
                    return Ok(later);
                }
                self.replace(None);
                *failed = Some(error.clone());
                Err(error)
            }
        }
    }

    async fn exchange(&self) -> Result<Door, ProviderError> {
        let began = Instant::now();
        let url = self.github.api("copilot_internal/v2/token");
        let (head, body) = self.github.ask(Question { url, token: Some(&self.login), body: None }).await?;
        if !(200..300).contains(&head.status) {
            return Err(refused(&head, &body));
        }
        let text = std::str::from_utf8(&body).map_err(|_| failure::unreadable())?;
        let wire: Exchanged<'_> = serde_json::from_str(text).map_err(|_| failure::unreadable())?;
        let token = wire.token.0.trim();
        if token.is_empty() {
            return Err(refused(&head, &body));
        }
        if !token.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(failure::unreadable());
        }
        let named = wire.endpoints.as_ref().and_then(|endpoints| endpoints.api.some());
        let base = self.base_of(named, token)?;
        let life = wire.refresh_in.0.unwrap_or(USUAL_LIFE).clamp(*LIFE.start(), *LIFE.end());
        let ahead = life.saturating_sub(AHEAD).max(*LIFE.start());
        Ok(Door {
            token: Secret::verbatim(Zeroizing::new(token.to_owned())),
            base,
            number: 0,
            fresh_until: began + Duration::from_secs(ahead),
            alive_until: began + Duration::from_secs(life),
        })
    }

    /// Where a token is good: as the exchange says, else as the token does, else where everybody's is.
    ///
    /// # Errors
    /// `broken_stream` / `strange_host` where that is not GitHub's: the token goes nowhere then.
    fn base_of(&self, named: Option<&str>, token: &str) -> Result<Option<BaseUrl>, ProviderError> {
        if self.own_address {
            return Ok(None);
        }
        let proxy = || {
            let host = token.split(';').find_map(|pair| pair.trim().strip_prefix("proxy-ep="))?;
            Some(format!("https://api.{}", host.strip_prefix("proxy.").unwrap_or(host)))
        };
        let enterprise = || {
            let template = &self.github.sign_in().enterprise.as_ref()?.base_url;
            Some(template.replace("{domain}", self.github.domain()?))
        };
        // Within this machine nobody's proxy is meant.
        let proxy = || if self.home.is_loopback() { None } else { proxy() };
        let Some(address) = named.map(str::to_owned).or_else(proxy).or_else(enterprise) else { return Ok(None) };
        let base = BaseUrl::parse(&address).ok().filter(|base| self.github.may_have_token(base, &self.home));
        let message = "GitHub names an address for Copilot that is not its own; nothing was sent there";
        let strange = || ProviderError::because(Category::BrokenStream, "strange_host", message);
        base.ok_or_else(strange).map(Some)
    }
}

/// A failure that says nothing of the login.
fn passes(error: &ProviderError) -> bool {
    matches!(error.category, Category::Network | Category::Timeout | Category::Overloaded | Category::Internal)
}

/// What GitHub said instead of a token, in its own words.
fn refused(head: &ResponseHead, body: &[u8]) -> ProviderError {
    let said = failure::response_error(head, body);
    let details = serde_json::from_slice::<serde_json::Value>(body).ok().and_then(|body| {
        let text = |at: &str| body.pointer(at)?.as_str().map(str::to_owned);
        text("/error_details/message").or_else(|| text("/error_details/title"))
    });
    let message = details.map_or(said.message, |details| details.chars().take(1000).collect());
    let (category, cause) = match head.status {
        401 => (Category::RejectedKey, Some("sign_in_again")),
        // Not entitled, or an organisation's policy: there is nothing at that address for such an account.
        200..300 | 403 | 404 => (Category::Forbidden, Some("no_copilot")),
        _ => (said.category, said.cause),
    };
    ProviderError { category, cause, message, ..said }
}

#[async_trait]
impl Authority for Copilot {
    async fn base(&self) -> Result<Option<BaseUrl>, ProviderError> {
        Ok(self.opened().await?.base.clone())
    }

    async fn open(&self, request: &mut reqwest::Request) -> Result<(), ProviderError> {
        let value = credential("Bearer", &self.opened().await?.token)?;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, value);
        for (name, value) in self.github.headers() {
            // What the person set stays.
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if let Some(id) = random_uuid() {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        Ok(())
    }

    fn stamp(&self) -> u64 {
        self.current().map_or(0, |door| door.number + 1)
    }

    async fn renew_from(&self, stamp: u64, head: &ResponseHead, _refusal: &ProviderError) -> bool {
        if !matches!(head.status, 401 | 403) {
            return false;
        }
        // Where that fails, the second try says why: in the words of the exchange.
        let _why = self.exchanged_unless(|door| door.number + 1 > stamp, false).await;
        true
    }

    async fn quota(&self) -> Result<Option<Quota>, ProviderError> {
        let url = self.github.api("copilot_internal/user");
        let (head, body) = self.github.ask(Question { url, token: Some(&self.login), body: None }).await?;
        if !(200..300).contains(&head.status) {
            return Err(refused(&head, &body));
        }
        quota::read(&body).map(Some).ok_or_else(failure::unreadable)
    }

    fn secrets(&self) -> Vec<Secret> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Secret::duplicate).collect()
    }
}

/// A random UUID (version 4).
fn random_uuid() -> Option<HeaderValue> {
    let mut bytes = [0_u8; 16];
    rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes).ok()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    HeaderValue::try_from(text).ok()
}
