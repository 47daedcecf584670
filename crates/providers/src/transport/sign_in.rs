//! Signing in at a vendor's page with a code.

use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Endpoint,
    github::{GitHub, Question},
    reading,
};
use crate::catalog::Vendor;
use crate::credential::Identity;
use crate::device::{DeviceCode, Step};
use crate::dialect::ResponseHead;
use crate::loose::Text;
use crate::{CancellationToken, Category, ProviderError, Secret, failure};

/// What GitHub calls a question for the token of a device.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The longest name of an account that is kept, in bytes.
const LONGEST_LOGIN: usize = 100;

/// A sign-in at the page of one vendor, through one provider's proxy and with its certificates.
pub struct DeviceSignIn {
    github: GitHub,
}

/// How it ended.
pub enum SignedIn {
    /// The token, and whose it is.
    Token(Secret, Identity),
    /// The person said no.
    Denied,
    /// The code is no longer good.
    Expired,
}

impl DeviceSignIn {
    /// Nothing is sent yet. The endpoint's key and identity are not looked at: who signs in may be another.
    ///
    /// # Errors
    /// `bad_request` / `no_sign_in` where the vendor knows none, `bad_domain`; what is wrong with the endpoint.
    pub fn new(vendor: &Vendor, endpoint: &Endpoint) -> Result<Self, ProviderError> {
        let domain = GitHub::domain_of(vendor, endpoint)?;
        Ok(Self { github: GitHub::new(vendor, endpoint, domain)? })
    }

    /// Asks for a code.
    ///
    /// # Errors
    /// What GitHub said, or what kept it from being asked.
    pub async fn begin(&self) -> Result<DeviceCode, ProviderError> {
        let sign_in = self.github.sign_in();
        let body = json!({ "client_id": sign_in.client_id, "scope": sign_in.scope.as_deref().unwrap_or_default() });
        let question = Question {
            url: self.github.page("login/device/code"),
            token: None,
            body: Some(Zeroizing::new(body.to_string())),
        };
        let (head, body) = self.github.ask(question).await?;
        // An error may come with any status; its own words say more.
        match DeviceCode::read(&body, |page| self.github.is_page(page)) {
            Err(error) if !is_good(&head) && error.cause != Some("sign_in_refused") => {
                Err(failure::response_error(&head, &body))
            }
            read => read,
        }
    }

    /// Waits until the person has signed in, said no, or the code is no longer good.
    ///
    /// # Errors
    /// What GitHub said, `cancelled`, or what kept it from being asked five times in a row.
    pub async fn wait(&self, code: &DeviceCode, cancel: &CancellationToken) -> Result<SignedIn, ProviderError> {
        let work = async {
            let ends = Instant::now() + code.good_for;
            let mut polling = code.polling();
            loop {
                let next = Instant::now() + polling.wait();
                if next >= ends {
                    return Ok(SignedIn::Expired);
                }
                tokio::time::sleep_until(next).await;
                let step = match self.token(code).await {
                    Ok(body) => polling.answered(&body),
                    Err(error) => polling.unanswered(error),
                };
                match step {
                    Step::Wait => {}
                    Step::Denied => return Ok(SignedIn::Denied),
                    Step::Expired => return Ok(SignedIn::Expired),
                    Step::Failed(error) => return Err(error),
                    Step::Token(token) => {
                        let identity = self.identity(&token).await.map_err(|error| without(&token, error))?;
                        return Ok(SignedIn::Token(token, identity));
                    }
                }
            }
        };
        cancel.run_until_cancelled(work).await.unwrap_or_else(|| Err(reading::cancelled()))
    }

    async fn token(&self, code: &DeviceCode) -> Result<Zeroizing<Vec<u8>>, ProviderError> {
        let body = json!({
            "client_id": self.github.sign_in().client_id,
            "device_code": code.device.expose(),
            "grant_type": GRANT,
        });
        let question = Question {
            url: self.github.page("login/oauth/access_token"),
            token: None,
            body: Some(Zeroizing::new(body.to_string())),
        };
        let (head, body) = self.github.ask(question).await?;
        if is_good(&head) || head.status == 400 {
            return Ok(body);
        }
        Err(without(&code.device, failure::response_error(&head, &body)))
    }

    /// Whose token it is.
    async fn identity(&self, token: &Secret) -> Result<Identity, ProviderError> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct User<'a> {
            #[serde(borrow)]
            login: Text<'a>,
        }
        let question = Question { url: self.github.api("user"), token: Some(token), body: None };
        let (head, body) = self.github.ask(question).await?;
        if !is_good(&head) {
            return Err(failure::response_error(&head, &body));
        }
        let user: User<'_> = serde_json::from_slice(&body).map_err(|_| failure::unreadable())?;
        let login = user.login.0.trim();
        let fits = !login.is_empty() && login.len() <= LONGEST_LOGIN && login.bytes().all(|b| b.is_ascii_graphic());
        if !fits {
            return Err(failure::unreadable());
        }
        Ok(Identity::Github { login: login.to_owned(), domain: self.github.domain().map(str::to_owned) })
    }
}

fn is_good(head: &ResponseHead) -> bool {
    (200..300).contains(&head.status)
}

/// GitHub may repeat what it was sent.
pub(super) fn without(secret: &Secret, mut error: ProviderError) -> ProviderError {
    for text in [Some(&mut error.message), error.code.as_mut()].into_iter().flatten() {
        if text.contains(secret.expose()) {
            *text = text.replace(secret.expose(), "[hidden]");
        }
    }
    if error.category == Category::RejectedKey {
        error.cause = Some("sign_in_again");
    }
    error
}
