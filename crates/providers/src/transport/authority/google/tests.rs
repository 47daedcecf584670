//! Against a small server of its own and a clock that is set: what time decides, and the refresh token of a login.

use std::sync::atomic::AtomicU64 as Atomic;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use super::*;
use crate::catalog::{Catalog, VendorTimeouts};

/// Gives a token of an hour to everybody, and remembers what was asked.
struct Desk {
    uri: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = Url::parse(&format!("http://{}/token", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !String::from_utf8_lossy(&request).contains("refresh_token=") {
                    stream.read_buf(&mut request).await.unwrap();
                }
                let number = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(String::from_utf8(request).unwrap());
                    kept.len()
                };
                let body = json!({ "access_token": format!("ya29.{number}"), "expires_in": 3600 }).to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        Self { uri, asked }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn login(desk: &Desk, quota: Option<&str>, clock: &Arc<Atomic>) -> Google {
    let clock = Arc::clone(clock);
    let client = crate::transport::plain_client(false, |builder| builder.no_proxy()).unwrap();
    let clocks = Clocks::of(Catalog::bundled().get("vertex").unwrap(), &VendorTimeouts::default());
    let endpoint = Endpoint {
        base_url: "https://aiplatform.googleapis.com/v1/projects/own/locations/global".into(),
        key: Some(Secret::from_pasted("s-1\n1//r&1")),
        identity: Some(Identity::GoogleLogin { client_id: "c-1".into(), quota_project_id: quota.map(str::to_owned) }),
        fields: [("project".to_owned(), "own".to_owned())].into(),
        ..Endpoint::default()
    };
    let now: Clock = Arc::new(move || clock.load(Ordering::SeqCst));
    let mut google = Google::with(&endpoint, &client, &clocks, now).unwrap().unwrap();
    let Way::Exchange(source) = &mut google.way else { panic!("a login is exchanged") };
    let Source::Login { token_uri, .. } = &mut **source else { panic!("a login is one") };
    *token_uri = desk.uri.clone();
    google
}

async fn opened(google: &Google) -> http::HeaderMap {
    let mut request = reqwest::Request::new(http::Method::POST, Url::parse("https://a.example").unwrap());
    google.open(&mut request).await.unwrap();
    request.headers().clone()
}

async fn bearer(google: &Google) -> String {
    opened(google).await[header::AUTHORIZATION].to_str().unwrap().to_owned()
}

fn refused(status: u16) -> ResponseHead {
    ResponseHead { status, headers: Vec::new() }
}

#[tokio::test]
async fn a_login_is_exchanged_by_its_refresh_token_and_names_who_pays() {
    let (desk, clock) = (Desk::start().await, Arc::new(Atomic::new(1_000)));
    let headers = opened(&login(&desk, Some("quota"), &clock)).await;
    assert_eq!(
        (&headers[header::AUTHORIZATION], &headers[USER_PROJECT]),
        (&"Bearer ya29.1".parse().unwrap(), &"quota".parse().unwrap())
    );
    assert!(headers[header::AUTHORIZATION].is_sensitive());
    let asked = desk.asked.lock().unwrap()[0].clone();
    let form = "grant_type=refresh_token&client_id=c-1&client_secret=s-1&refresh_token=1%2F%2Fr%261";
    assert!(asked.ends_with(form), "{asked}");
    let headers = opened(&login(&desk, None, &clock)).await;
    assert_eq!(headers[USER_PROJECT], "own", "the project of the settings, where the file names none");
}

#[tokio::test]
async fn a_token_lasts_until_five_minutes_before_its_end() {
    let (desk, clock) = (Desk::start().await, Arc::new(Atomic::new(1_000)));
    let google = login(&desk, None, &clock);
    for (now, want) in
        [(1_000, "Bearer ya29.1"), (4_299, "Bearer ya29.1"), (4_300, "Bearer ya29.2"), (7_599, "Bearer ya29.2")]
    {
        clock.store(now, Ordering::SeqCst);
        assert_eq!(bearer(&google).await, want, "at {now}");
    }
    // A clock that was set back makes no token older than it is.
    clock.store(10, Ordering::SeqCst);
    assert_eq!(bearer(&google).await, "Bearer ya29.2");
    assert_eq!(desk.asked(), 2);
}

#[tokio::test]
async fn a_refused_token_is_had_anew_once_however_many_were_refused() {
    let (desk, clock) = (Desk::start().await, Arc::new(Atomic::new(1_000)));
    let google = login(&desk, None, &clock);
    let refusal = ProviderError::new(Category::RejectedKey, "no");
    bearer(&google).await;
    clock.store(2_000, Ordering::SeqCst);
    assert!(!google.renew(&refused(403), &refusal).await, "another token would not help");
    assert!(google.renew(&refused(401), &refusal).await);
    assert_eq!(bearer(&google).await, "Bearer ya29.2");
    // Others were refused with the first token, and come late.
    assert!(google.renew(&refused(401), &refusal).await);
    assert_eq!(bearer(&google).await, "Bearer ya29.2");
    assert_eq!(desk.asked(), 2);
}

#[tokio::test]
async fn what_was_given_and_obtained_is_known_to_be_secret() {
    let (desk, clock) = (Desk::start().await, Arc::new(Atomic::new(1_000)));
    let google = login(&desk, None, &clock);
    for at in 0..6 {
        clock.store(1_000 + at * 4_000, Ordering::SeqCst);
        bearer(&google).await;
    }
    let secrets: Vec<String> = google.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
    assert_eq!(secrets, ["s-1", "1//r&1", "ya29.3", "ya29.4", "ya29.5", "ya29.6"]);
}

#[tokio::test]
async fn a_credential_that_is_none_of_googles_opens_nothing() {
    let clocks = Clocks::of(Catalog::bundled().get("vertex").unwrap(), &VendorTimeouts::default());
    let client = crate::transport::plain_client(false, |builder| builder).unwrap();
    for (key, identity) in [
        (
            "QUJD",
            Some(Identity::ServiceAccount {
                client_email: "a@b".into(),
                private_key_id: None,
                project_id: None,
                token_uri: None,
            }),
        ),
        ("x", Some(Identity::AwsEnvironment)),
        ("no-refresh-token", Some(Identity::GoogleLogin { client_id: "c".into(), quota_project_id: None })),
        ("/home/me/key.json", None),
    ] {
        let base_url = "https://aiplatform.googleapis.com/v1".to_owned();
        let endpoint = Endpoint { base_url, key: Some(Secret::from_pasted(key)), identity, ..Endpoint::default() };
        let Err(error) = Google::of(&endpoint, &client, &clocks) else { panic!("{key} opens something") };
        assert_eq!((error.category, error.cause), (Category::RejectedKey, Some("unreadable_credential")), "{key}");
    }
}
