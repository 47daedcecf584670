//! AWS: a Bedrock API key goes along as it is, with anything else each request is signed (SigV4).

mod profile;
mod sign;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use chrono::DateTime;
use http::{HeaderValue, header};
use zeroize::Zeroizing;

use super::Authority;
use crate::catalog::Vendor;
use crate::credential::Identity;
use crate::dialect::ResponseHead;
use crate::transport::{Endpoint, Surroundings};
use crate::{Category, ProviderError, Secret};

/// The field of a vendor that says where requests go, and where it says nothing.
const REGION: &str = "region";
const USUAL_REGION: &str = "us-east-1";
/// How API keys begin that are good for hours: they answer chats and list nothing.
const SHORT_LIVED: &str = "bedrock-api-key-";
/// Refusals that a wrong clock may be the cause of.
const SKEWED: [&str; 6] = [
    "invalidsignatureexception",
    "requestexpired",
    "requesttimetooskewed",
    "requestexpiredexception",
    "requesttimetooskewedexception",
    "signaturedoesnotmatch",
];
/// Refusals of a session that is over.
const EXPIRED: [&str; 2] = ["expiredtokenexception", "expiredtoken"];
/// AWS takes requests of five minutes around its own time; nearer than this the clock is not to blame.
const TOLERATED: Duration = Duration::from_secs(4 * 60);

/// What a request is signed with.
pub(super) struct Keys {
    id: String,
    secret: Zeroizing<String>,
    session: Option<Zeroizing<String>>,
}

/// What opens the door.
pub(super) enum Key {
    Bearer(Zeroizing<String>),
    Pair(Keys),
}

/// Where it is had.
enum Source {
    Given(Key),
    Profile(String),
    Environment,
}

/// The way in of one account.
pub(super) struct Aws {
    source: Source,
    region: String,
    around: Surroundings,
    /// How far the machine's clock is behind that of AWS, in milliseconds; kept for later requests.
    behind_ms: AtomicI64,
    /// That it is, once it has been found out and until somebody was told.
    untold: AtomicBool,
    /// What was read, so that nothing repeats it.
    seen: Mutex<Vec<Secret>>,
}

/// The way in with what was entered for an account.
pub(super) fn of(vendor: &Vendor, endpoint: &Endpoint) -> Result<Option<Arc<dyn Authority>>, ProviderError> {
    let source = match (&endpoint.identity, endpoint.key.as_ref().filter(|key| !key.is_empty())) {
        (Some(Identity::AwsProfile { profile }), _) => Source::Profile(profile.clone()),
        (Some(Identity::AwsEnvironment), _) => Source::Environment,
        (Some(Identity::AwsKeys { access_key_id }), Some(key)) => Source::Given(pair(access_key_id, key)),
        (_, Some(key)) => Source::Given(Key::Bearer(Zeroizing::new(key.expose().to_owned()))),
        (_, None) => return Ok(None),
    };
    let field = vendor.fields.iter().find(|field| field.id == REGION);
    let region = endpoint.fields.get(REGION).map(|value| value.trim()).filter(|value| !value.is_empty());
    let region = region.or(field.and_then(|field| field.usual.as_deref())).unwrap_or(USUAL_REGION).to_owned();
    let aws = Aws {
        source,
        region,
        around: endpoint.around.clone(),
        behind_ms: AtomicI64::new(0),
        untold: AtomicBool::new(false),
        seen: Mutex::new(Vec::new()),
    };
    if let Source::Given(key) = &aws.source {
        aws.remember(key);
    }
    Ok(Some(Arc::new(aws)))
}

/// The secret, or the secret and the token of a session with a line feed between.
fn pair(access_key_id: &str, kept: &Secret) -> Key {
    let (secret, session) = kept.expose().split_once('\n').map_or((kept.expose(), None), |(a, b)| (a, Some(b)));
    Key::Pair(Keys {
        id: access_key_id.to_owned(),
        secret: Zeroizing::new(secret.trim().to_owned()),
        session: session.map(|session| Zeroizing::new(session.trim().to_owned())),
    })
}

impl Aws {
    /// The machine's time, corrected by what was learnt of it.
    fn now(&self) -> SystemTime {
        let now = (self.around.now)();
        let behind = self.behind_ms.load(Ordering::Relaxed);
        let by = Duration::from_millis(behind.unsigned_abs());
        let right = if behind < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        right.unwrap_or(now)
    }

    /// Reads what lies elsewhere, off the threads that must not wait.
    async fn read(&self) -> Result<Key, ProviderError> {
        let around = self.around.clone();
        let named = match &self.source {
            Source::Profile(name) => Some(name.clone()),
            Source::Environment | Source::Given(_) => None,
        };
        let read =
            move || named.map_or_else(|| profile::of_environment(&around), |name| profile::named(&name, &around));
        let key = tokio::task::spawn_blocking(read).await;
        let key = key.map_err(|_| ProviderError::new(Category::Internal, "the AWS profile could not be read"))??;
        self.remember(&key);
        Ok(key)
    }

    fn remember(&self, key: &Key) {
        /// Sessions that follow one another; older ones are over.
        const MOST: usize = 16;
        let secrets: Vec<&str> = match key {
            Key::Bearer(key) => vec![key],
            Key::Pair(keys) => {
                [Some(&keys.secret), keys.session.as_ref()].into_iter().flatten().map(|s| &***s).collect()
            }
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if seen.iter().all(|known| known.expose() != secret) {
                if seen.len() >= MOST {
                    seen.remove(0);
                }
                seen.push(Secret::verbatim(Zeroizing::new(secret.to_owned())));
            }
        }
    }

    fn put(&self, key: &Key, request: &mut reqwest::Request) -> Result<(), ProviderError> {
        match key {
            Key::Bearer(key) => {
                let text = Zeroizing::new(format!("Bearer {}", key.as_str()));
                let mut value = HeaderValue::from_str(&text).map_err(|_| {
                    let message = "the key holds characters that a key cannot have";
                    ProviderError::because(Category::RejectedKey, "key_not_ascii", message)
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert(header::AUTHORIZATION, value);
                Ok(())
            }
            Key::Pair(keys) => sign::sign(request, keys, &self.region, self.now()),
        }
    }

    /// Learns the time from an answer; false where the clock was right enough.
    fn correct(&self, head: &ResponseHead) -> bool {
        let Some(theirs) = head.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else {
            return false;
        };
        let ms = |time: SystemTime| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        };
        let theirs = theirs.timestamp_millis();
        if theirs.abs_diff(ms(self.now())) <= TOLERATED.as_millis() as u64 {
            return false;
        }
        self.behind_ms.store(theirs.saturating_sub(ms((self.around.now)())), Ordering::Relaxed);
        self.untold.store(true, Ordering::Relaxed);
        true
    }
}

#[async_trait]
impl Authority for Aws {
    async fn open(&self, request: &mut reqwest::Request) -> Result<(), ProviderError> {
        match &self.source {
            Source::Given(key) => self.put(key, request),
            Source::Profile(_) | Source::Environment => {
                let key = self.read().await?;
                self.put(&key, request)
            }
        }
    }

    async fn renew(&self, head: &ResponseHead, refusal: &ProviderError) -> bool {
        let code = refusal.code.as_deref().unwrap_or_default().to_ascii_lowercase();
        if EXPIRED.contains(&code.as_str()) {
            // What lies elsewhere is read at each use, and somebody may just have renewed it.
            return !matches!(self.source, Source::Given(_));
        }
        let signed = !matches!(self.source, Source::Given(Key::Bearer(_)));
        signed && SKEWED.contains(&code.as_str()) && self.correct(head)
    }

    fn secrets(&self) -> Vec<Secret> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(Secret::duplicate).collect()
    }

    fn lists_models(&self) -> bool {
        !matches!(&self.source, Source::Given(Key::Bearer(key)) if key.starts_with(SHORT_LIVED))
    }

    fn notice(&self) -> Option<(&'static str, String)> {
        if !self.untold.swap(false, Ordering::Relaxed) {
            return None;
        }
        let minutes = self.behind_ms.load(Ordering::Relaxed) / 60_000;
        let way = if minutes > 0 { "behind" } else { "ahead" };
        let message = format!("The clock of this computer is {} minutes {way}; set it right", minutes.unsigned_abs());
        Some(("clock_skew", message))
    }
}
