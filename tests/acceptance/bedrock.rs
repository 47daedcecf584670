//! Amazon Bedrock over a socket: every way in, the clock that is wrong, the session that is over, both lists of models,
//! exceptions in the middle, and no secret anywhere it should not be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use parlance_providers::catalog::{Catalog, DialectId, KeyForm};
use parlance_providers::credential::{self, Identity};
use parlance_providers::dialects::dialect;
use parlance_providers::traffic::{self, Recorder};
use parlance_providers::transport::{Endpoint, HttpProvider, Surroundings};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, EmbedRequest, Provider, ProviderError, Secret, embed_all,
};
use parlance_tests::bedrock::Bedrock;
use parlance_tests::frames;
use parlance_tests::sigv4::Signer;
use parlance_tests::wires::{Outcome, asking, play};

const ID: &str = "ASIAIOSFODNN7CANARY0";
const SECRET: &str = "canary/secret+0123456789abcdefghijklmnopq";
const SESSION: &str = "canary//session+token0123456789==";
const KEY: &str = "ABSKcanary-api-key-0123456789";
const MODEL: &str = "us.amazon.nova-2-lite-v1:0";
/// 1 August 2026, noon, in UTC seconds.
const NOON: i64 = 1_785_585_600;

fn signer(session: Option<&str>) -> Signer {
    Signer {
        id: ID.into(),
        secret: SECRET.into(),
        session: session.map(str::to_owned),
        region: "eu-central-1".into(),
        service: "bedrock".into(),
    }
}

fn at(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())
}

/// The machine: its clock, and its variables.
fn machine(now: i64, variables: &[(&str, &str)]) -> Surroundings {
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Surroundings { now: Arc::new(move || at(now)), variable: Arc::new(move |name| variables.get(name).cloned()) }
}

/// What a person pastes, as the account keeps it, at the stand-in.
fn endpoint(server: &Bedrock, pasted: &str, around: Surroundings) -> Endpoint {
    let read = credential::read(KeyForm::Aws, pasted).unwrap();
    Endpoint {
        base_url: server.origin(),
        key: read.secret,
        identity: read.identity,
        fields: BTreeMap::from([("region".to_owned(), "eu-central-1".to_owned())]),
        around,
        ..Endpoint::default()
    }
}

fn connect(endpoint: Endpoint) -> HttpProvider {
    let vendor = Arc::new(Catalog::bundled().get("bedrock").unwrap().clone());
    HttpProvider::new(vendor, dialect(DialectId::Bedrock).unwrap(), endpoint).unwrap()
}

fn provider(server: &Bedrock, pasted: &str, around: Surroundings) -> HttpProvider {
    connect(endpoint(server, pasted, around))
}

fn triple() -> String {
    format!(r#"{{"accessKeyId":"{ID}","secretAccessKey":"{SECRET}","sessionToken":"{SESSION}"}}"#)
}

async fn ask(provider: &HttpProvider) -> Outcome {
    play(provider, asking(MODEL, "hello")).await
}

fn answered(outcome: &Outcome) {
    assert_eq!((outcome.error.as_ref(), outcome.text().as_str()), (None, "Hello there"));
    let usage = outcome.usage().unwrap();
    assert_eq!((usage.input_total, usage.output_total), (Some(3), Some(5)));
}

#[tokio::test]
async fn every_way_in_leads_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let keys = format!("aws_access_key_id = {ID}\naws_secret_access_key={SECRET}\naws_session_token={SESSION}\n");
    let credentials = file("credentials", &format!("[other]\nregion=x\n\n[work]\n{keys}"));
    let config = file("config", &format!("[profile  \"of config\"]\n# a comment\n{keys}s3 =\n  max = 10\n"));
    let files = [("AWS_SHARED_CREDENTIALS_FILE", &*credentials), ("AWS_CONFIG_FILE", &*config)];
    let variables = [("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", SESSION)];
    let exported = format!(
        "export AWS_ACCESS_KEY_ID=\"{ID}\"\nexport AWS_SECRET_ACCESS_KEY=\"{SECRET}\"\nexport AWS_SESSION_TOKEN=\"{SESSION}\""
    );
    let named: Vec<_> = files.into_iter().chain([("AWS_PROFILE", "work")]).collect();
    let table = [
        ("a key, a secret, a session", triple(), machine(NOON, &[])),
        ("lines of a shell", exported, machine(NOON, &[])),
        ("a profile", r#"{"profile":"work"}"#.to_owned(), machine(NOON, &files)),
        ("a profile of the other file", r#"{"profile":"of config"}"#.to_owned(), machine(NOON, &files)),
        ("the environment", r#"{"environment":true}"#.to_owned(), machine(NOON, &variables)),
        ("a profile of the environment", r#"{"environment":true}"#.to_owned(), machine(NOON, &named)),
        (
            "an API key of the environment",
            r#"{"environment":true}"#.to_owned(),
            machine(NOON, &[("AWS_BEARER_TOKEN_BEDROCK", KEY)]),
        ),
        ("an API key", KEY.to_owned(), machine(NOON, &[])),
    ];
    for (name, pasted, around) in table {
        let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
        server.with(|state| state.keys.push(KEY.to_owned()));
        let provider = provider(&server, &pasted, around);
        let outcome = ask(&provider).await;
        assert_eq!(outcome.error, None, "{name}");
        answered(&outcome);
        let whole = provider.complete(asking(MODEL, "hello"), CancellationToken::new()).await.unwrap();
        assert_eq!(whole.parts.len(), 1, "{name}");
        provider.check(CancellationToken::new()).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(server.statuses(), [200, 200, 400], "{name}");
        let asked = server.with(|state| state.seen[0].0.clone());
        assert_eq!(asked.line(), "POST /model/us.amazon.nova-2-lite-v1%3A0/converse-stream HTTP/1.1", "{name}");
        assert_eq!(asked.header("accept"), Some("application/vnd.amazon.eventstream"), "{name}");
    }
}

#[tokio::test]
async fn a_key_pair_without_a_session_and_the_name_of_a_resource_are_signed_too() {
    let signer = Signer { id: ID.replace("ASIA", "AKIA"), ..signer(None) };
    let server = Bedrock::start(signer, NOON).await;
    let pasted = triple().replace("ASIA", "AKIA").replace(&format!(r#","sessionToken":"{SESSION}""#), "");
    let provider = provider(&server, &pasted, machine(NOON, &[]));
    let arn = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a b+ü@x";
    let outcome = play(&provider, asking(arn, "grüße")).await;
    answered(&outcome);
}

#[tokio::test]
async fn a_wrong_secret_is_told_and_tried_once() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    for (pasted, code) in [
        (triple().replace(SECRET, "another/secret+0123456789"), "InvalidSignatureException"),
        (triple().replace(ID, "ASIAIOSFODNN7UNKNOWN"), "UnrecognizedClientException"),
        ("ABSKunknown-api-key".to_owned(), "AccessDeniedException"),
    ] {
        server.with(|state| state.seen.clear());
        let provider = provider(&server, &pasted, machine(NOON, &[]));
        let error = ask(&provider).await.error.unwrap();
        assert_eq!((error.category, error.code.as_deref()), (Category::RejectedKey, Some(code)));
        assert_eq!((error.status, error.request_id.as_deref()), (Some(403), Some("7f2b-request")));
        assert_eq!(server.statuses(), [403], "{code}");
        let checked = provider.check(CancellationToken::new()).await.unwrap_err();
        assert_eq!(checked.category, Category::RejectedKey, "{code}");
    }
}

#[tokio::test]
async fn a_region_that_is_not_asked_is_refused() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    let mut endpoint = endpoint(&server, &triple(), machine(NOON, &[]));
    endpoint.fields.insert("region".into(), "us-west-2".into());
    let error = ask(&connect(endpoint)).await.error.unwrap();
    assert_eq!(error.message, "Credential should be scoped to a valid region.");
}

fn warnings(outcome: &Outcome) -> Vec<&str> {
    let codes = outcome.events.iter().map(|e| if let ChatEvent::Warning { code, .. } = e { *code } else { "" });
    codes.filter(|code| !code.is_empty()).collect()
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once_and_stays_corrected() {
    for wrong in [20 * 60, -20 * 60] {
        let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
        let provider = provider(&server, &triple(), machine(NOON + wrong, &[]));
        let outcome = ask(&provider).await;
        answered(&outcome);
        assert_eq!(server.statuses(), [403, 200], "{wrong}");
        assert_eq!(warnings(&outcome), ["clock_skew"], "{wrong}: the person is told");
        let ChatEvent::Warning { message, .. } = &outcome.events[0] else { panic!("{:?}", outcome.events) };
        let way = if wrong > 0 { "20 minutes ahead" } else { "20 minutes behind" };
        assert!(message.contains(way), "{message}");
        let again = ask(&provider).await;
        answered(&again);
        assert_eq!(server.statuses(), [403, 200, 200], "{wrong}: what was learnt is kept");
        assert_eq!(warnings(&again), Vec::<&str>::new(), "{wrong}: told once");
        // A whole answer takes the same way.
        provider.complete(asking(MODEL, "hello"), CancellationToken::new()).await.unwrap();
        assert_eq!(server.statuses(), [403, 200, 200, 200], "{wrong}");
    }
}

#[tokio::test]
async fn a_clock_that_cannot_be_corrected_is_tried_twice_and_never_three_times() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    // It runs on by an hour with every look at it.
    let looks = AtomicUsize::new(0);
    let now = Arc::new(move || at(NOON + 3600 * (1 + looks.fetch_add(1, Ordering::Relaxed) as i64)));
    let around = Surroundings { now, ..machine(0, &[]) };
    let error = ask(&provider(&server, &triple(), around)).await.error.unwrap();
    assert_eq!((error.category, error.code.as_deref()), (Category::RejectedKey, Some("InvalidSignatureException")));
    assert!(error.message.starts_with("Signature not yet current"), "{}", error.message);
    assert_eq!(server.statuses(), [403, 403]);
}

#[tokio::test]
async fn a_clock_within_the_tolerance_is_left_alone() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    let outcome = ask(&provider(&server, &triple(), machine(NOON + 200, &[]))).await;
    answered(&outcome);
    assert_eq!((server.statuses(), warnings(&outcome)), (vec![200], vec![]));
}

#[tokio::test]
async fn a_session_that_is_over_is_read_anew_where_it_can_be() {
    let over = "canary//session+over0123456789==";
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    server.with(|state| state.expired.push(over.to_owned()));
    // Somebody renews the session after the first look.
    let sessions = Mutex::new(vec![SESSION, over]);
    let variable = move |name: &str| {
        let text = match name {
            "AWS_ACCESS_KEY_ID" => ID,
            "AWS_SECRET_ACCESS_KEY" => SECRET,
            "AWS_SESSION_TOKEN" => {
                let mut left = sessions.lock().unwrap();
                if left.len() > 1 { left.pop().unwrap() } else { left[0] }
            }
            _ => return None,
        };
        Some(text.to_owned())
    };
    let around = Surroundings { variable: Arc::new(variable), ..machine(NOON, &[]) };
    answered(&ask(&provider(&server, r#"{"environment":true}"#, around)).await);
    assert_eq!(server.statuses(), [403, 200]);

    // What was pasted cannot be renewed, and what stays over is not tried a third time.
    let stays = [("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", over)];
    for (pasted, around, tries) in [
        (triple().replace(SESSION, over), machine(NOON, &[]), 1),
        (r#"{"environment":true}"#.to_owned(), machine(NOON, &stays), 2),
    ] {
        server.with(|state| state.seen.clear());
        let error = ask(&provider(&server, &pasted, around)).await.error.unwrap();
        assert_eq!((error.category, error.code.as_deref()), (Category::RejectedKey, Some("ExpiredTokenException")));
        assert_eq!(server.statuses().len(), tries, "{pasted}");
    }
}

#[tokio::test]
async fn what_is_not_done_here_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let text = format!(
        "[profile sso]\nsso_session = my-sso\nsso_account_id = 1\n\n[profile role]\nrole_arn = arn:aws:iam::1:role/x\n\
         source_profile = keys\n\n[profile program]\ncredential_process = /bin/canary-program --secret\n\n\
         [profile half]\naws_access_key_id = {ID}\n"
    );
    fs::write(&config, text).unwrap();
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    let variables = [("AWS_CONFIG_FILE", config.to_str().unwrap()), ("HOME", folder.path().to_str().unwrap())];
    for (profile, cause, says) in [
        ("sso", "profile_sso", "aws configure export-credentials --profile sso"),
        ("role", "profile_role", "aws configure export-credentials --profile role"),
        ("program", "profile_process", "aws configure export-credentials --profile program"),
        ("half", "no_profile", "has no access key"),
        ("nobody", "no_profile", "is not in the AWS files"),
    ] {
        let provider = provider(&server, &format!(r#"{{"profile":"{profile}"}}"#), machine(NOON, &variables));
        let error = ask(&provider).await.error.unwrap();
        assert_eq!((error.category, error.cause), (Category::MissingKey, Some(cause)), "{profile}");
        assert!(error.message.contains(says), "{profile}: {}", error.message);
        assert!(!error.message.contains("canary"), "{}", error.message);
    }
    let provider = provider(&server, r#"{"environment":true}"#, machine(NOON, &[]));
    let error = ask(&provider).await.error.unwrap();
    assert_eq!((error.category, error.cause), (Category::MissingKey, Some("no_aws_environment")));
    assert_eq!(server.statuses(), Vec::<u16>::new(), "nothing was sent");
}

#[tokio::test]
async fn both_lists_of_models_are_one() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    server.with(|state| state.keys.push(KEY.to_owned()));
    for pasted in [triple(), KEY.to_owned()] {
        let provider = provider(&server, &pasted, machine(NOON, &[]));
        let models = provider.models(CancellationToken::new()).await.unwrap();
        let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
        let want = [
            "amazon.nova-lite-v1:0",
            "amazon.titan-embed-text-v2:0",
            "us.anthropic.claude-sonnet-5",
            "global.anthropic.claude-sonnet-5",
        ];
        assert_eq!(ids, want, "one that only a profile leads to is asked for by the profile");
        assert_eq!(
            (models[0].chats, models[0].can.images, models[0].can.streaming),
            (Some(true), Some(true), Some(true))
        );
        assert_eq!((models[1].chats, models[1].can.embeddings), (Some(false), Some(true)));
    }
}

#[tokio::test]
async fn a_key_for_hours_lists_nothing_and_is_not_asked_to() {
    let key = "bedrock-api-key-canary0123456789";
    let server = Bedrock::start(signer(None), NOON).await;
    server.with(|state| state.keys.push(key.to_owned()));
    let provider = provider(&server, key, machine(NOON, &[]));
    assert_eq!(provider.models(CancellationToken::new()).await.unwrap(), []);
    assert_eq!(server.statuses(), Vec::<u16>::new());
    provider.check(CancellationToken::new()).await.unwrap();
    answered(&ask(&provider).await);
}

#[tokio::test]
async fn texts_become_vectors_one_or_many_at_a_time() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    let provider = provider(&server, &triple(), machine(NOON, &[]));
    for (model, requests, tokens) in [("amazon.titan-embed-text-v2:0", 5, 15), ("us.cohere.embed-v4:0", 1, 7)] {
        server.with(|state| state.seen.clear());
        let inputs = (0..5).map(|n| format!("text {n}")).collect();
        let request = EmbedRequest { model: model.into(), inputs, dimensions: Some(2), purpose: None };
        let batch = Catalog::bundled().get("bedrock").unwrap().embed_batch;
        let answer = embed_all(|part| provider.embed(part, CancellationToken::new()), batch, request).await.unwrap();
        assert_eq!(answer.vectors, vec![Ok(vec![0.5, -1.0]); 5], "{model}");
        assert_eq!(answer.usage.and_then(|usage| usage.input_total), Some(tokens), "{model}");
        assert_eq!(server.statuses(), vec![200; requests], "{model}");
    }
}

#[tokio::test]
async fn what_goes_wrong_in_the_middle_is_told() {
    let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
    let provider = provider(&server, &triple(), machine(NOON, &[]));
    let begun = [frames::event("messageStart", r#"{"role":"assistant"}"#), frames::text("Hello")].concat();
    let mut damaged = [begun.clone(), frames::text(" there"), frames::end("end_turn")].concat();
    let at = begun.len() + 100;
    damaged[at] ^= 1;
    let cut = [begun.clone(), frames::text(" there")[..20].to_vec()].concat();
    let table = [
        ("damaged", damaged, Category::BrokenStream, Some("bad_checksum")),
        ("cut", cut, Category::BrokenStream, Some("cut_off")),
        ("ended", begun.clone(), Category::BrokenStream, Some("cut_off")),
    ];
    let exceptions = [
        ("throttlingException", Category::RateLimited),
        ("internalServerException", Category::Internal),
        ("modelStreamErrorException", Category::Internal),
        ("validationException", Category::BadRequest),
        ("serviceUnavailableException", Category::Overloaded),
        ("modelTimeoutException", Category::Internal),
    ];
    let said = exceptions.map(|(name, category)| {
        (name, [begun.clone(), frames::exception(name, "Its words.")].concat(), category, None)
    });
    for (name, body, category, cause) in table.into_iter().chain(said) {
        server.with(|state| state.streams.push_back(body));
        let outcome = ask(&provider).await;
        let error: ProviderError = outcome.error.clone().unwrap_or_else(|| panic!("{name}: taken for whole"));
        assert_eq!((error.category, error.cause), (category, cause), "{name}");
        assert_eq!((outcome.text().as_str(), outcome.finish()), ("Hello", None), "{name}");
        if cause.is_none() {
            assert_eq!((error.code.as_deref(), error.message.as_str()), (Some(name), "Its words."));
        }
    }
}

/// Every file below a folder.
fn texts(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { texts(&path) } else { vec![fs::read_to_string(path).unwrap()] })
        .collect()
}

#[tokio::test]
async fn no_part_of_an_access_key_is_kept_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", SESSION)];
    for (way, pasted, around) in [
        ("given", triple(), machine(NOON, &[])),
        ("environment", r#"{"environment":true}"#.to_owned(), machine(NOON, &variables)),
        ("api-key", KEY.to_owned(), machine(NOON, &[])),
    ] {
        let server = Bedrock::start(signer(Some(SESSION)), NOON).await;
        server.with(|state| state.keys.push(KEY.to_owned()));
        let recorder = Arc::new(Recorder::new(folder.path().join(way)));
        recorder.switch(true);
        let endpoint = Endpoint { recorder: Some(Arc::clone(&recorder)), ..endpoint(&server, &pasted, around) };
        let provider = connect(endpoint);
        answered(&ask(&provider).await);
        // A vendor that repeats what it was given, in the answer and in its refusal.
        let repeats = format!("{SECRET} {SESSION} {KEY}");
        let body = [frames::text(&repeats), frames::exception("validationException", &repeats)].concat();
        server.with(|state| state.streams.push_back(body));
        let error = ask(&provider).await.error.unwrap();
        let told: Vec<&str> = if way == "api-key" { vec![KEY] } else { vec![SECRET, SESSION] };
        for canary in &told {
            assert!(!error.message.contains(canary), "{way}: {}", error.message);
            assert!(!format!("{error:?}").contains(canary), "{way}");
        }
        recorder.settle();
        assert_eq!(traffic::list(recorder.folder()).unwrap().len(), 2, "{way}");
        for text in texts(&folder.path().join(way)) {
            for canary in &told {
                assert!(!text.contains(canary), "{way}: {canary} is in the record");
            }
            assert!(!text.contains("Signature="), "{way}: a signature is in the record: {text}");
        }
    }
}

#[test]
fn an_account_keeps_the_id_and_the_store_the_rest() {
    let read = credential::read(KeyForm::Aws, &triple()).unwrap();
    assert_eq!(read.secret.as_ref().map(Secret::expose), Some(&*format!("{SECRET}\n{SESSION}")));
    assert_eq!(read.identity, Some(Identity::AwsKeys { access_key_id: ID.into() }));
    let kept = serde_json::to_string(&read.identity).unwrap();
    assert!(kept.contains(ID) && !kept.contains("canary/"), "{kept}");
}
