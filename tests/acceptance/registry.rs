//! The registry over real sockets: a user's own vendor, what is set of a provider, balances, data of models.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::{fs, sync::Arc};

use parlance_core::{
    App, Error, Host, Outside,
    clock::SystemClock,
    registry::OverHttp,
    secrets::Secrets,
    view::{
        HeaderSetting, KeyInput, MessageStatus, ProviderInput, ProviderSettings, ProviderView, SecretSlot, SendInput,
        SettingChange, Settled, Target,
    },
};
use parlance_tests::{FaultyUpstream, Script, wire};

const KEY: &str = "canary-key-0123456789";

struct Desk {
    app: App,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new(model_data: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside { model_data: model_data.to_owned(), ..Outside::below(folder.path()) };
        let app = App::open(Host {
            data_dir: folder.path().join("data"),
            version: "0.0.0",
            demo: false,
            clock: Arc::new(SystemClock),
            secrets: Secrets::new(|_| None),
            connect: Arc::new(OverHttp),
            outside,
        })
        .await
        .unwrap();
        Self { app, folder }
    }

    /// Adds a vendor as a user's file, and a provider of it with a key.
    async fn own_vendor(&self, base_url: &str, more: &str) -> ProviderView {
        let file = format!(
            "id = \"mine\"\nname = \"Mine\"\ncategory = \"cloud\"\ndialect = \"openai-chat\"\nauth = \"bearer\"\n\
             base_url = \"{base_url}\"\nkey = \"required\"\nenv = [\"MINE_KEY\"]\n\
             mark = {{ letters = \"Mi\", hue = \"jade\" }}\n{more}"
        );
        let vendors = self.folder.path().join("vendors");
        fs::create_dir_all(&vendors).unwrap();
        fs::write(vendors.join("mine.toml"), file).unwrap();
        let catalogue = self.app.catalogue().await.unwrap();
        assert_eq!((catalogue.own, catalogue.rejected), (1, Vec::new()));
        let input = ProviderInput {
            id: None,
            vendor: "mine".into(),
            name: String::new(),
            base_url: String::new(),
            enabled: true,
            default_model: None,
            in_clear: false,
            fields: Default::default(),
        };
        let provider = self.app.save_provider(input).await.unwrap();
        let key = KeyInput::Session { key: KEY.into() };
        self.app.set_key(&provider.accounts[0].id, key).await.unwrap()
    }

    async fn say(&self, provider: &ProviderView, model: &str) -> Settled {
        let (snapshot, mut reader) = self.app.attach("main");
        let target = Target { provider_id: provider.id.clone(), model: model.into() };
        let receipt = self.app.send(SendInput::text(None, "hello", target)).await.unwrap();
        loop {
            let frame = reader.next().await.unwrap();
            self.app.acknowledge("main", &snapshot.attachment, frame.frame);
            let of_run = frame.runs.into_iter().filter(|run| run.run_id == receipt.run_id);
            if let Some(settled) = of_run.filter_map(|run| run.settled).next_back() {
                return settled;
            }
        }
    }
}

fn json(status: &str, body: &str) -> Script {
    Script::new().send(wire::answer(status, "application/json", body.as_bytes())).close()
}

fn reply() -> Script {
    let chunk = |delta: &str, finish: &str| {
        wire::event(&format!(
            r#"{{"id":"r","model":"m","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
        ))
    };
    Script::new()
        .send(wire::sse_head())
        .send(chunk(r#"{"role":"assistant","content":"hello"}"#, "null"))
        .send(chunk("{}", "\"stop\""))
        .send(wire::event("[DONE]"))
        .close()
}

#[tokio::test]
async fn a_vendor_of_the_user_answers_with_all_that_is_set() {
    let upstream = FaultyUpstream::start([reply()]).await;
    let desk = Desk::new("").await;
    let fields = "[[fields]]\nid = \"team\"\nname = \"Team\"\nheader = \"X-Mine-Team\"\n";
    let provider = desk.own_vendor(&upstream.base_url(), fields).await;
    let header = |name: &str, value: Option<&str>| HeaderSetting { name: name.into(), value: value.map(str::to_owned) };
    let settings = ProviderSettings {
        fields: [("team".to_owned(), "blue".to_owned())].into(),
        headers: vec![header("X-Plain", Some("open")), header("X-Hidden", None)],
        model_mapping: vec![parlance_core::view::ModelMapping { asked: "fast".into(), sent: "mine-1".into() }],
        ..ProviderSettings::default()
    };
    desk.app.save_provider_settings(&provider.id, settings).await.unwrap();
    let slot = SecretSlot::Header { name: "x-hidden".into() };
    desk.app.set_provider_secret(&provider.id, slot, KeyInput::Session { key: "canary-header".into() }).await.unwrap();
    let settled = desk.say(&provider, "fast").await;
    assert_eq!(settled.status, MessageStatus::Complete);
    let sent = upstream.requests().remove(0);
    for (name, value) in [
        ("authorization", format!("Bearer {KEY}")),
        ("x-mine-team", "blue".to_owned()),
        ("x-plain", "open".to_owned()),
        ("x-hidden", "canary-header".to_owned()),
    ] {
        assert_eq!(sent.header(name), Some(value.as_str()), "{name}");
    }
    assert!(String::from_utf8_lossy(&sent.body).contains("\"model\":\"mine-1\""), "the mapped name goes out");
}

#[tokio::test]
async fn a_balance_is_asked_for_where_the_vendor_file_says() {
    let body = r#"{"data": {"total_credits": 20.5, "total_usage": "8.2"}}"#;
    let upstream =
        FaultyUpstream::start([json("200 OK", body), json("401 Unauthorized", "{}"), json("200 OK", "{}")]).await;
    let desk = Desk::new("").await;
    let lookup = "[balance]\npath = \"/api/credits\"\namount = \"/data/total_credits\"\nless = \"/data/total_usage\"\n\
                  currency = \"USD\"\n";
    let provider = desk.own_vendor(&upstream.base_url(), lookup).await;
    let ask = || desk.app.provider_balance(&provider.id, &provider.accounts[0].id);
    let balance = ask().await.unwrap();
    assert_eq!((balance.amount.as_deref(), balance.currency.as_deref()), (Some("12.30"), Some("USD")));
    let sent = upstream.requests().remove(0);
    assert_eq!(sent.line(), "GET /api/credits HTTP/1.1", "beside the API, not below it");
    assert_eq!(sent.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    for code in ["rejected_key", "broken_stream"] {
        match ask().await {
            Err(Error::Provider(error)) => assert_eq!(error.category.as_str(), code),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_balance_below_the_api_is_asked_for_there() {
    let upstream = FaultyUpstream::start([json("200 OK", r#"{"balance": "0.50", "unit": "CNY"}"#)]).await;
    let desk = Desk::new("").await;
    let lookup = "[balance]\npath = \"users/me/balance\"\namount = \"/balance\"\ncurrency_at = \"/unit\"\n";
    let provider = desk.own_vendor(&upstream.base_url(), lookup).await;
    let balance = desk.app.provider_balance(&provider.id, &provider.accounts[0].id).await.unwrap();
    assert_eq!((balance.amount.as_deref(), balance.currency.as_deref()), (Some("0.50"), Some("CNY")));
    assert_eq!(upstream.requests().remove(0).line(), "GET /v1/users/me/balance HTTP/1.1");
}

#[tokio::test]
async fn certificates_of_a_person_are_taken_and_nonsense_is_not() {
    let upstream = FaultyUpstream::start([reply()]).await;
    let desk = Desk::new("").await;
    let provider = desk.own_vendor(&upstream.base_url(), "").await;
    let pem = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap().cert.pem();
    let set = |ca_pem: String| ProviderSettings { ca_pem, ..ProviderSettings::default() };
    let saved = desk.app.save_provider_settings(&provider.id, set(format!("{pem}\n{pem}"))).await.unwrap();
    assert!(saved.settings.ca_pem.starts_with("-----BEGIN CERTIFICATE-----"));
    let broken = pem.replace("MII", "AAA");
    let refused = desk.app.save_provider_settings(&provider.id, set(broken)).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "caPem", reason: "not_certificates" })), "{refused:?}");
    assert_eq!(desk.say(&provider, "m").await.status, MessageStatus::Complete);
}

#[tokio::test]
async fn data_of_models_is_fetched_when_allowed_and_the_last_good_copy_stays() {
    let good = r#"{"openai": {"models": {"gpt-x": {"name": "GPT X", "limit": {"context": 7000}}}}}"#;
    let moved =
        |to: &str| Script::new().send(wire::head("302 Found", &[("location", to), ("content-length", "0")])).close();
    let upstream = FaultyUpstream::start([
        moved("/v2/api.json"),
        json("200 OK", good),
        json("500 Internal Server Error", "{}"),
        json("200 OK", "<html>"),
        json("200 OK", "{}"),
        moved("https://elsewhere.example/api.json"),
        Script::new().send(wire::head("200 OK", &[("content-length", "99999999")])).send(vec![b' '; 100_000]).close(),
    ])
    .await;
    let desk = Desk::new(&format!("http://{}/api.json", upstream.address())).await;
    assert!(matches!(desk.app.refresh_model_data().await, Err(Error::Invalid { reason: "not_allowed", .. })));
    assert!(upstream.requests().is_empty(), "nobody was asked");
    desk.app.change_setting(SettingChange::ModelsDev(true)).await.unwrap();
    let data = desk.app.refresh_model_data().await.unwrap().models_dev.unwrap();
    assert_eq!(data.models, 1);
    let asked = upstream.requests();
    assert_eq!(asked[1].line(), "GET /v2/api.json HTTP/1.1");
    for name in ["authorization", "cookie", "referer"] {
        assert_eq!(asked[0].header(name), None, "{name}");
    }
    for cause in ["refused_by_server", "unreadable", "unreadable", "redirected"] {
        match desk.app.refresh_model_data().await {
            Err(Error::Provider(error)) => assert_eq!(error.cause, Some(cause), "{error:?}"),
            other => panic!("{cause}: {other:?}"),
        }
    }
    assert!(desk.app.refresh_model_data().await.is_err(), "a document that breaks off is none");
    let after = desk.app.catalogue().await.unwrap().models_dev.unwrap();
    assert_eq!((after.models, after.fetched_at), (1, data.fetched_at));
    let input = ProviderInput {
        id: None,
        vendor: "openai".into(),
        name: String::new(),
        base_url: String::new(),
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    };
    let provider = desk.app.save_provider(input).await.unwrap();
    let known = provider.models.iter().find(|model| model.id == "gpt-x").unwrap();
    assert_eq!((known.name.as_deref(), known.context), (Some("GPT X"), Some(7_000)));
}
