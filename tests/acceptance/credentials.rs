//! Credentials that are more than a key: set up, used, refused and exported through the app, then looked for in all that
//! it kept, told, logged and recorded. What names an account may be shown; what opens it may not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

mod desk;
mod traces;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use desk::Desk;
use parlance_core::view::{KeyPlace, SignInEnd};
use parlance_tests::bedrock::Bedrock;
use parlance_tests::copilot::{CopilotStandIn, Device};
use parlance_tests::frames;
use parlance_tests::google::{EMAIL, Google, private_key};
use parlance_tests::replicate::{FakeReplicate, Life};
use parlance_tests::sigv4::Signer;
use serde_json::json;
use traces::Traces;

const ID: &str = "ASIAIOSFODNN7CANARY0";
const SECRET: &str = "wJ9/rXUtn+EMIzK7MDQv/bPxRfiCYcanaryKEYqt";
const SESSION: &str = "IQoJb3JpZ2lu/X2VjEHcanaryZXUt+Y2VudHJhbC0xIkgwRgIhAL8==";
const NOVA: &str = "us.amazon.nova-2-lite-v1:0";

#[tokio::test]
async fn an_aws_key_pair_with_its_session_is_found_nowhere() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let region = "eu-central-1";
    let session = Some(SESSION.to_owned());
    let signer =
        Signer { id: ID.into(), secret: SECRET.into(), session, region: region.into(), service: "bedrock".into() };
    let server = Bedrock::start(signer, now.cast_signed()).await;
    let mut desk = Desk::new(None).await;
    let provider = desk.provider("bedrock", &server.origin(), &[("region", region)]).await;
    let half = json!({ "secretAccessKey": SECRET, "sessionToken": SESSION }).to_string();
    desk.give(&provider, &half).await.unwrap_err();
    let triple = json!({ "accessKeyId": ID, "secretAccessKey": SECRET, "sessionToken": SESSION }).to_string();
    let provider = desk.give(&provider, &triple).await.unwrap();
    desk.answered(&provider, NOVA).await;
    desk.look(&provider).await;
    let repeats = format!("{SECRET} {SESSION}");
    server.with(|state| state.streams.push_back(frames::exception("validationException", &repeats)));
    desk.refused(&provider, NOVA).await;
    server.with(|state| state.signer.secret = "another".into());
    desk.refused(&provider, NOVA).await;
    desk.look(&provider).await;
    assert!(server.statuses().contains(&200) && server.statuses().contains(&403), "{:?}", server.statuses());
    desk.close(&[SECRET, SESSION], &[ID]).await;
}

#[tokio::test]
async fn a_service_account_and_its_tokens_are_found_nowhere() {
    const GEMINI: &str = "gemini-3.8-flash";
    let google = Google::start().await;
    // About to expire from the first moment on: each use obtains another.
    google.live_for(200);
    let mut desk = Desk::new(None).await;
    let provider = desk.provider("vertex", &google.base_url("global"), &[("project", "p-1")]).await;
    let mut half = google.account(0);
    half.as_object_mut().unwrap().remove("client_email");
    desk.give(&provider, &half.to_string()).await.unwrap_err();
    let provider = desk.give(&provider, &google.account(0).to_string()).await.unwrap();
    desk.answered(&provider, GEMINI).await;
    desk.look(&provider).await;
    google.refuse(2);
    desk.refused(&provider, GEMINI).await;
    google.echo();
    desk.refused(&provider, GEMINI).await;
    desk.look(&provider).await;
    let tokens = google.tokens();
    assert!(tokens.len() > 1, "each use obtained one");
    let key = private_key(0);
    let secrets: Vec<&str> = tokens.iter().map(String::as_str).chain([key.as_str()]).collect();
    desk.close(&secrets, &[EMAIL]).await;
}

#[tokio::test]
async fn a_github_login_and_copilots_tokens_are_found_nowhere() {
    let stand_in = CopilotStandIn::start(0).await;
    let mut desk = Desk::new(Some(stand_in.vendor_file("mine"))).await;
    let provider = desk.provider("mine", "", &[]).await;
    let begun = desk.app.begin_sign_in(&provider.accounts[0].id, KeyPlace::Vault).await.unwrap();
    desk.hear_json(&begun);
    stand_in.script(&begun.user_code, [Device::Pending, Device::Approved("octo-one".into())]);
    let end = desk.app.await_sign_in(&begun.id).await.unwrap();
    let SignInEnd::SignedIn { provider } = end else { panic!("{end:?}") };
    desk.hear_json(&provider);
    for model in ["gpt-4o", "gpt-5.3-codex", "claude-sonnet-4.6"] {
        desk.look(&provider).await;
        desk.answered(&provider, model).await;
    }
    stand_in.revoke_tokens();
    desk.answered(&provider, "gpt-4o").await;
    stand_in.revoke_tokens();
    stand_in.revoke_logins();
    desk.refused(&provider, "gpt-4o").await;
    desk.look(&provider).await;
    // What the stand-in saw is what there is to look for; past its number a token only says what it is good for.
    let mut sent: Vec<String> = stand_in
        .asked()
        .iter()
        .filter_map(|asked| asked.request.header("authorization")?.split(' ').nth(1).map(str::to_owned))
        .map(|token| token.split(';').next().unwrap_or_default().to_owned())
        .collect();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 3, "a login and two tokens: {sent:?}");
    desk.close(&sent.iter().map(String::as_str).collect::<Vec<_>>(), &["octo-one"]).await;
}

#[tokio::test]
async fn a_replicate_token_is_found_nowhere() {
    const KEY: &str = "r8_Qm7ZcanaryTk2WvX9sLbN4dRfGhJ0pYu1";
    const MODEL: &str = "meta/llama";
    let stream = b"event: output\ndata: Once upon\n\nevent: done\ndata: {}\n\n".to_vec();
    let good = FakeReplicate::start(Life { stream, ..Life::default() }).await;
    let echo = json!({ "title": "Unauthenticated", "detail": format!("Unknown token {KEY}"), "status": 401 });
    let refusal = Some(("401 Unauthorized", echo));
    let wrong = FakeReplicate::start(Life { refusal, ..Life::default() }).await;
    let mut desk = Desk::new(None).await;
    let provider = desk.provider("replicate", &good.base_url(), &[]).await;
    let provider = desk.give(&provider, KEY).await.unwrap();
    desk.answered(&provider, MODEL).await;
    desk.look(&provider).await;
    let other = desk.provider("replicate", &wrong.base_url(), &[]).await;
    let other = desk.give(&other, KEY).await.unwrap();
    desk.refused(&other, MODEL).await;
    desk.look(&other).await;
    assert!(good.seen().iter().any(|seen| seen.key.as_deref() == Some(&format!("Bearer {KEY}"))));
    desk.close(&[KEY], &[]).await;
}

#[test]
fn what_is_looked_for_would_be_found() {
    let traces = Traces::of(&[SECRET]);
    let spelled = |text: &str| traces.found(format!("before {text} after").as_bytes()).is_some();
    for lead in ["", "x", "xy", "xyz"] {
        assert!(spelled(&STANDARD.encode(format!("{lead}{SECRET}!"))), "{lead}");
    }
    for text in [SECRET, &SECRET[20..34], &SECRET.replace('/', "\\/"), "wJ9%2frXUtn%2bEMIzK7", "wJ9%2FrXUtn%2BEMIzK7"] {
        assert!(spelled(text), "{text}");
    }
    assert!(!spelled(&SECRET[..8]) && !spelled(ID));
}
