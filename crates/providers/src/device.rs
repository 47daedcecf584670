//! GitHub's device flow, as a state machine that knows no clock: what an answer means and how long to wait then.

use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::failure::unreadable;
use crate::loose::{Count, Text};
use crate::{Category, ProviderError, Secret};

/// Where GitHub names no interval.
const USUAL_INTERVAL: u64 = 5;
/// The most that is waited between two questions, whatever GitHub says, in seconds.
const LONGEST_INTERVAL: u64 = 120;
/// How much longer GitHub's `slow_down` makes us wait where it does not say, in seconds.
const SLOWER: u64 = 5;
/// The longest that a code is taken to be good, in seconds.
const LONGEST_LIFE: u64 = 3600;
/// Questions in a row that nobody answered; then it is over.
const MOST_FAILURES: u32 = 5;

/// A code that was handed out, for a person to enter.
pub struct DeviceCode {
    /// What we ask with; the person never sees it.
    pub(crate) device: Secret,
    /// What the person enters.
    pub user_code: String,
    /// Where.
    pub page: String,
    /// For how long it is good.
    pub good_for: Duration,
    interval: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CodeWire<'a> {
    #[serde(borrow)]
    device_code: Text<'a>,
    #[serde(borrow)]
    user_code: Text<'a>,
    #[serde(borrow)]
    verification_uri: Text<'a>,
    expires_in: Count,
    interval: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenWire<'a> {
    #[serde(borrow)]
    access_token: Text<'a>,
    #[serde(borrow)]
    error: Text<'a>,
    #[serde(borrow)]
    error_description: Text<'a>,
    interval: Count,
}

impl DeviceCode {
    /// Reads what a request for a code was answered with. `is_page` says which addresses may be shown to a person.
    ///
    /// # Errors
    /// What GitHub said instead, or `broken_stream` / `unreadable`.
    pub(crate) fn read(body: &[u8], is_page: impl Fn(&str) -> bool) -> Result<Self, ProviderError> {
        let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
        if let Some(error) = said(text) {
            return Err(error);
        }
        let wire: CodeWire<'_> = serde_json::from_str(text).map_err(|_| unreadable())?;
        let (device, user_code, page) = (&*wire.device_code.0, &*wire.user_code.0, &*wire.verification_uri.0);
        // It is read from a screen and typed: nothing else belongs in it.
        let typed = (4..=40).contains(&user_code.len())
            && user_code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let sendable = !device.is_empty() && device.bytes().all(|byte| byte.is_ascii_graphic());
        if !typed || !sendable || !is_page(page) {
            return Err(unreadable());
        }
        Ok(Self {
            device: Secret::verbatim(Zeroizing::new(device.to_owned())),
            user_code: user_code.to_owned(),
            page: page.to_owned(),
            good_for: Duration::from_secs(wire.expires_in.0.unwrap_or(900).min(LONGEST_LIFE)),
            interval: wire.interval.0.unwrap_or(USUAL_INTERVAL).clamp(1, LONGEST_INTERVAL),
        })
    }

    /// The questions that follow.
    pub(crate) fn polling(&self) -> Polling {
        Polling { interval: self.interval, failures: 0 }
    }
}

/// What to do after a question.
pub(crate) enum Step {
    /// Ask again.
    Wait,
    /// The person has signed in.
    Token(Secret),
    /// The person said no.
    Denied,
    /// The code is no longer good.
    Expired,
    /// It is over.
    Failed(ProviderError),
}

/// Asking whether the person has signed in.
#[derive(Debug)]
pub(crate) struct Polling {
    /// Seconds.
    interval: u64,
    failures: u32,
}

impl Polling {
    /// How long to wait before the next question: a little longer than GitHub says, which takes the very second for
    /// too early.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_millis(self.interval * 1200)
    }

    /// Takes an answer. Errors come with the status 200, too.
    pub(crate) fn answered(&mut self, body: &[u8]) -> Step {
        self.failures = 0;
        let Ok(text) = std::str::from_utf8(body) else { return Step::Failed(unreadable()) };
        let Ok(wire) = serde_json::from_str::<TokenWire<'_>>(text) else { return Step::Failed(unreadable()) };
        let token = wire.access_token.0.trim();
        match wire.error.some() {
            None if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Step::Failed(unreadable())
            }
            None => Step::Token(Secret::verbatim(Zeroizing::new(token.to_owned()))),
            Some("authorization_pending") => Step::Wait,
            Some("slow_down") => {
                let longer = wire.interval.0.unwrap_or_else(|| self.interval.saturating_add(SLOWER));
                // A shorter one would be asked to slow down again.
                self.interval = longer.clamp(self.interval, LONGEST_INTERVAL);
                Step::Wait
            }
            Some("access_denied") => Step::Denied,
            Some("expired_token" | "token_expired") => Step::Expired,
            Some(_) => Step::Failed(said(text).unwrap_or_else(unreadable)),
        }
    }

    /// Nobody answered: it may be the network, which comes back.
    pub(crate) fn unanswered(&mut self, error: ProviderError) -> Step {
        self.failures += 1;
        let passes = matches!(
            error.category,
            Category::Network | Category::Timeout | Category::Overloaded | Category::RateLimited | Category::Internal
        );
        if !passes || self.failures >= MOST_FAILURES {
            return Step::Failed(error);
        }
        self.interval = self.interval.saturating_add(SLOWER).min(LONGEST_INTERVAL);
        Step::Wait
    }
}

/// The error in an answer, with GitHub's own sentence; `None` where there is none.
fn said(text: &str) -> Option<ProviderError> {
    let wire: TokenWire<'_> = serde_json::from_str(text).ok()?;
    let code = wire.error.some()?;
    let sentence = wire.error_description.some().map(str::to_owned);
    let message = sentence.unwrap_or_else(|| format!("GitHub refused the sign-in: {code}"));
    let message = message.chars().take(1000).collect::<String>();
    let code = code.chars().take(100).collect();
    Some(ProviderError { code: Some(code), ..ProviderError::because(Category::Forbidden, "sign_in_refused", message) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CODE: &str = r#"{"device_code":"d3v1c3","user_code":"ABCD-1234","verification_uri":"https://github.com/login/device","expires_in":900,"interval":5}"#;

    fn code(text: &str) -> Result<DeviceCode, ProviderError> {
        DeviceCode::read(text.as_bytes(), |page| page.starts_with("https://github.com/"))
    }

    fn seconds(polling: &Polling) -> f64 {
        polling.wait().as_secs_f64()
    }

    #[test]
    fn a_code_is_read_and_what_is_none_is_refused() {
        let read = code(CODE).unwrap();
        assert_eq!(
            (read.user_code.as_str(), read.device.expose(), read.good_for.as_secs()),
            ("ABCD-1234", "d3v1c3", 900)
        );
        assert!((seconds(&read.polling()) - 6.0).abs() < 1e-9, "a little longer than the interval");
        for (from, to) in [
            ("\"ABCD-1234\"", "\"<b>AB</b>\""),
            ("\"ABCD-1234\"", "7"),
            ("\"d3v1c3\"", "\"\""),
            ("https://github.com/", "https://evil.example/"),
            ("{\"device", "[{\"device"),
        ] {
            assert!(code(&CODE.replace(from, to)).is_err(), "{to}");
        }
        let refused = code(r#"{"error":"unauthorized_client","error_description":"No such app."}"#).err().unwrap();
        assert_eq!((refused.cause, refused.message.as_str()), (Some("sign_in_refused"), "No such app."));
        assert_eq!(refused.code.as_deref(), Some("unauthorized_client"));
        assert_eq!(code(&CODE.replace("900", "99999999")).unwrap().good_for.as_secs(), 3600);
        assert!(seconds(&code(&CODE.replace(":5}", ":0}")).unwrap().polling()) >= 1.0);
    }

    #[test]
    fn every_answer_leads_to_its_step() {
        let polling = || code(CODE).unwrap().polling();
        let step = |body: &str| polling().answered(body.as_bytes());
        assert!(matches!(step(r#"{"error":"authorization_pending"}"#), Step::Wait));
        assert!(matches!(step(r#"{"error":"access_denied"}"#), Step::Denied));
        assert!(matches!(step(r#"{"error":"expired_token"}"#), Step::Expired));
        let Step::Token(token) = step(r#"{"access_token":"ghu_1","token_type":"bearer"}"#) else { panic!() };
        assert_eq!(token.expose(), "ghu_1");
        let Step::Failed(error) = step(r#"{"error":"device_flow_disabled","error_description":"Switched off."}"#)
        else {
            panic!()
        };
        assert_eq!((error.category, error.message.as_str()), (Category::Forbidden, "Switched off."));
        for odd in ["", "<html>", "{}", "[]", r#"{"access_token":""}"#, r#"{"access_token":"a b"}"#] {
            assert!(matches!(step(odd), Step::Failed(_)), "{odd}");
        }
    }

    #[test]
    fn slow_down_makes_it_slower_by_what_is_said_or_by_five_seconds_and_never_faster() {
        let mut polling = code(CODE).unwrap().polling();
        polling.answered(br#"{"error":"slow_down"}"#);
        assert!((seconds(&polling) - 12.0).abs() < 1e-9);
        polling.answered(br#"{"error":"slow_down","interval":15}"#);
        assert!((seconds(&polling) - 18.0).abs() < 1e-9);
        polling.answered(br#"{"error":"slow_down","interval":1}"#);
        assert!((seconds(&polling) - 18.0).abs() < 1e-9);
        polling.answered(br#"{"error":"slow_down","interval":9999999}"#);
        assert!((seconds(&polling) - 144.0).abs() < 1e-9);
    }

    #[test]
    fn a_network_that_is_away_for_a_while_is_waited_for_and_a_refusal_is_not() {
        let away = || ProviderError::because(Category::Network, "dns", "away");
        let mut polling = code(CODE).unwrap().polling();
        for _ in 1..MOST_FAILURES {
            assert!(matches!(polling.unanswered(away()), Step::Wait));
        }
        polling.answered(br#"{"error":"authorization_pending"}"#);
        for _ in 1..MOST_FAILURES {
            assert!(matches!(polling.unanswered(away()), Step::Wait));
        }
        assert!(matches!(polling.unanswered(away()), Step::Failed(_)));
        let refused = ProviderError::because(Category::BadRequest, "redirected", "elsewhere");
        assert!(matches!(code(CODE).unwrap().polling().unanswered(refused), Step::Failed(_)));
    }

    proptest! {
        #[test]
        fn no_answer_of_a_sign_in_makes_us_ask_faster_than_once_a_second(
            bodies in proptest::collection::vec("(\\{\"error\":\"(slow_down|authorization_pending)\",\"interval\":-?[0-9]{1,22}\\}|.{0,60})", 0..8)
        ) {
            let mut polling = code(CODE).unwrap().polling();
            for body in bodies {
                polling.answered(body.as_bytes());
                let wait = polling.wait();
                prop_assert!(wait >= Duration::from_secs(1) && wait <= Duration::from_secs(150));
            }
        }
    }
}
