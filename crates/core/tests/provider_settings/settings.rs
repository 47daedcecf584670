//! What can be set, what is refused and by which name, and that it is used.

use parlance_core::view::{
    CostSource, DefaultParameters, HeaderSetting, LimitSettings, ModelMapping, ModelOrigin, ProviderSettings,
    ProxySetting, TimeoutSettings,
};
use parlance_providers::{Part, catalog::VendorTimeouts};
use proptest::prelude::*;

use super::fake::{Desk, refusal};
use crate::common;

pub fn header(name: &str, value: Option<&str>) -> HeaderSetting {
    HeaderSetting { name: name.into(), value: value.map(str::to_owned) }
}

pub fn headers(headers: &[(&str, Option<&str>)]) -> ProviderSettings {
    let headers = headers.iter().map(|(name, value)| header(name, *value)).collect();
    ProviderSettings { headers, ..ProviderSettings::default() }
}

pub fn proxy(url: &str, user: Option<&str>) -> ProviderSettings {
    let proxy = ProxySetting::Address { url: url.into(), user: user.map(str::to_owned) };
    ProviderSettings { proxy, ..ProviderSettings::default() }
}

fn mapping(pairs: &[(&str, &str)]) -> ProviderSettings {
    let pair = |(asked, sent): &(&str, &str)| ModelMapping { asked: (*asked).into(), sent: (*sent).into() };
    ProviderSettings { model_mapping: pairs.iter().map(pair).collect(), ..ProviderSettings::default() }
}

fn extras(extras: &str) -> ProviderSettings {
    ProviderSettings { extras: extras.into(), ..ProviderSettings::default() }
}

fn times(times: TimeoutSettings) -> ProviderSettings {
    ProviderSettings { timeouts: times, ..ProviderSettings::default() }
}

fn limits(limits: LimitSettings) -> ProviderSettings {
    ProviderSettings { limits, ..ProviderSettings::default() }
}

fn parameters(parameters: DefaultParameters) -> ProviderSettings {
    ProviderSettings { parameters, ..ProviderSettings::default() }
}

#[tokio::test]
async fn what_cannot_be_set_is_named_and_changes_nothing() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let blank = ProviderSettings::default;
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(40), "]".repeat(40));
    let deeper = format!("{{\"a\": {}{}}}", "[".repeat(400), "]".repeat(400));
    let fields = [("nobody".to_owned(), "x".to_owned())].into();
    let table: Vec<(&str, &str, ProviderSettings)> = vec![
        ("fields.nobody", "unknown_field", ProviderSettings { fields, ..blank() }),
        ("headers", "empty", headers(&[("  ", Some("x"))])),
        ("headers.X Team", "not_a_header", headers(&[("X Team", Some("x"))])),
        ("headers.X-Ü", "not_a_header", headers(&[("X-Ü", Some("x"))])),
        ("headers.x:y", "not_a_header", headers(&[("x:y", None)])),
        ("headers.Authorization", "locked", headers(&[("Authorization", Some("Bearer x"))])),
        ("headers.proxy-authorization", "locked", headers(&[("proxy-authorization", None)])),
        ("headers.Host", "reserved", headers(&[("Host", Some("x"))])),
        ("headers.Cookie", "reserved", headers(&[("Cookie", None)])),
        ("headers.Content-Length", "reserved", headers(&[("Content-Length", Some("1"))])),
        ("headers.x-team", "duplicate", headers(&[("X-Team", Some("a")), ("x-team", None)])),
        ("headers.X-Team", "no_value", headers(&[("X-Team", Some(" "))])),
        ("headers.X-Team", "not_sendable", headers(&[("X-Team", Some("a\r\nb"))])),
        ("headers.X-Team", "not_sendable", headers(&[("X-Team", Some("ü"))])),
        ("headers", "too_many", headers(&[("X", None); 51])),
        ("timeouts.connectS", "out_of_range", times(TimeoutSettings { connect_s: Some(0), ..Default::default() })),
        ("timeouts.idleS", "out_of_range", times(TimeoutSettings { idle_s: Some(3_601), ..Default::default() })),
        ("limits.concurrent", "out_of_range", limits(LimitSettings { concurrent: Some(0), ..Default::default() })),
        (
            "limits.tokensPerMinute",
            "out_of_range",
            limits(LimitSettings { tokens_per_minute: Some(0), ..Default::default() }),
        ),
        ("proxy.url", "empty", proxy(" ", None)),
        ("proxy.url", "not_a_proxy", proxy("proxy.example:8080", None)),
        ("proxy.url", "not_a_proxy", proxy("ftp://proxy.example", None)),
        ("proxy.url", "not_a_proxy", proxy("socks4://proxy.example:1080", None)),
        ("proxy.url", "not_a_proxy", proxy("http://proxy.example:8080/path", None)),
        ("proxy.url", "not_a_proxy", proxy("http://proxy.example:8080?x=1", None)),
        ("proxy.url", "credentials", proxy("http://me:canary@proxy.example:8080", None)),
        ("proxy.user", "not_a_name", proxy("http://proxy.example:8080", Some("me:canary"))),
        ("caPem", "not_certificates", ProviderSettings { ca_pem: "nothing of the kind".into(), ..blank() }),
        (
            "caPem",
            "not_certificates",
            ProviderSettings {
                ca_pem: "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----".into(),
                ..blank()
            },
        ),
        ("modelMapping", "empty", mapping(&[("a", " ")])),
        ("modelMapping", "not_a_model", mapping(&[("a\nb", "c")])),
        ("modelMapping", "duplicate", mapping(&[("a", "b"), (" a ", "c")])),
        ("embeddingModel", "not_a_model", ProviderSettings { embedding_model: Some("a\tb".into()), ..blank() }),
        (
            "parameters.temperature",
            "out_of_range",
            parameters(DefaultParameters { temperature: Some(2.1), ..Default::default() }),
        ),
        (
            "parameters.topP",
            "out_of_range",
            parameters(DefaultParameters { top_p: Some(f64::NAN), ..Default::default() }),
        ),
        (
            "parameters.maxTokens",
            "out_of_range",
            parameters(DefaultParameters { max_tokens: Some(0), ..Default::default() }),
        ),
        ("extras", "not_json", extras("{")),
        ("extras", "not_an_object", extras("[1]")),
        ("extras", "reserved", extras("{\"model\": \"other\"}")),
        ("extras", "reserved", extras("{\"a\": 1, \"messages\": []}")),
        ("extras", "reserved", extras("{\"stream\": false}")),
        ("extras", "too_deep", extras(&deep)),
        ("extras", "too_deep", extras(&deeper)),
        ("extras", "too_long", extras(&format!("{{\"a\": \"{}\"}}", "x".repeat(70_000)))),
    ];
    for (field, reason, settings) in table {
        let said = refusal(desk.app.save_provider_settings(&provider.id, settings.clone()).await);
        assert_eq!(said, (field.to_owned(), reason), "{settings:?}");
    }
    assert_eq!(desk.only().await.settings, blank());
    let gone = desk.app.save_provider_settings("77", blank()).await;
    assert_eq!(gone.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn the_vendors_own_key_header_is_locked_and_others_are_not() {
    let desk = Desk::new().await;
    let anthropic = desk.of("anthropic-compatible", "http://127.0.0.1:9").await;
    let locked = desk.app.save_provider_settings(&anthropic.id, headers(&[("X-Api-Key", None)])).await;
    assert_eq!(refusal(locked), ("headers.X-Api-Key".to_owned(), "locked"));
    let other = desk.provider().await;
    desk.app.save_provider_settings(&other.id, headers(&[("X-Api-Key", Some("x"))])).await.unwrap();
}

#[tokio::test]
async fn what_is_set_is_used_by_the_next_request_and_after_a_restart() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    desk.say(&provider, "m").await.unwrap();
    assert_eq!((desk.made().headers, desk.made().proxy.as_str()), (Vec::new(), "system"));

    let settings = ProviderSettings {
        timeouts: TimeoutSettings { connect_s: Some(5), idle_s: Some(60), ..TimeoutSettings::default() },
        limits: LimitSettings { concurrent: Some(2), ..LimitSettings::default() },
        proxy: ProxySetting::Address { url: " socks5h://Proxy.example:1080 ".into(), user: Some(" ".into()) },
        extras: " {\"top_k\": 40} ".into(),
        probes: true,
        ..headers(&[(" X-Team ", Some(" blue "))])
    };
    let saved = desk.app.save_provider_settings(&provider.id, settings).await.unwrap();
    assert_eq!(saved.settings.headers, [header("X-Team", Some("blue"))]);
    assert_eq!(saved.settings.extras, "{\"top_k\": 40}");
    desk.say(&provider, "m").await.unwrap();
    let made = desk.made();
    assert_eq!(made.headers, [("X-Team".to_owned(), "blue".to_owned())]);
    assert_eq!(made.proxy, "socks5h://Proxy.example:1080 - -");
    let timeouts = VendorTimeouts { connect_s: Some(5), idle_s: Some(60), ..VendorTimeouts::default() };
    assert_eq!(made.timeouts, timeouts);

    let times = desk.shared.made.lock().unwrap().len();
    desk.say(&provider, "m").await.unwrap();
    assert_eq!(desk.shared.made.lock().unwrap().len(), times, "a connection is made once");

    let desk = desk.reopen().await;
    assert_eq!(desk.only().await.settings, saved.settings);
    desk.say(&provider, "m").await.unwrap();
    assert_eq!(desk.made(), made);
}

#[tokio::test]
async fn a_setting_that_cannot_be_read_any_more_loses_nothing_else() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    desk.app.save_provider_settings(&provider.id, headers(&[("X-Team", Some("blue"))])).await.unwrap();
    let data = desk.folder.path().join("data");
    desk.app.close().await;
    common::store(&data)
        .execute(
            "UPDATE provider SET config = json_set(config, '$.proxy', 'carrier', '$.limits.concurrent', 'two')",
            [],
        )
        .unwrap();
    let desk = Desk::over(desk.folder).await;
    assert_eq!(desk.only().await.settings, headers(&[("X-Team", Some("blue"))]));
}

#[tokio::test]
async fn a_mapped_name_goes_out_as_the_other_and_is_paid_as_that() {
    let desk = Desk::new().await;
    let provider = desk.of("openai", "http://127.0.0.1:9/v1").await;
    let key = parlance_core::view::KeyInput::Env { name: "TEST_KEY".into() };
    desk.app.set_key(&provider.accounts[0].id, key).await.unwrap();
    // One step: the second pair does not take the first one further.
    let pairs = mapping(&[("fast", "gpt-5.4"), ("gpt-5.4", "fast"), ("cheap", "gpt-5.4")]);
    let view = desk.app.save_provider_settings(&provider.id, pairs).await.unwrap();
    let offered = view.models.iter().find(|model| model.id == "fast").unwrap();
    let plain = view.models.iter().filter(|model| model.id == "cheap").count();
    assert_eq!((offered.input_nano, plain), (Some(2.5e9), 1), "it is offered, with what is known of the other");
    let known = view.models.iter().find(|model| model.id == "gpt-5.4").unwrap();
    assert_eq!((offered.origin, known.origin), (ModelOrigin::User, ModelOrigin::Bundled));

    let settled = desk.say(&provider, "fast").await.unwrap();
    assert_eq!(desk.sent(), "gpt-5.4");
    assert_eq!(settled.attempts[0].model, "fast");
    assert_eq!(
        settled.attempts[0].cost.as_ref().unwrap().total_nano,
        Some(2.5e8),
        "a hundred thousand input tokens of what was sent"
    );
    *desk.shared.served.lock().unwrap() = Some("gpt-5.4-mini".into());
    let settled = desk.say(&provider, "fast").await.unwrap();
    assert!(
        settled.attempts[0].cost.as_ref().unwrap().total_nano.is_some_and(|nano| nano < 2.5e8),
        "what served is what is paid"
    );
    assert!(desk.say(&provider, "gpt-5.4").await.is_ok());
    assert_eq!(desk.sent(), "fast");
}

#[tokio::test]
async fn a_mapped_answer_that_a_kill_cut_off_is_paid_as_what_went_out() {
    let desk = Desk::new().await;
    let provider = desk.of("openai", "http://127.0.0.1:9/v1").await;
    let key = parlance_core::view::KeyInput::Env { name: "TEST_KEY".into() };
    desk.app.set_key(&provider.accounts[0].id, key).await.unwrap();
    desk.app.save_provider_settings(&provider.id, mapping(&[("fast", "gpt-5.4")])).await.unwrap();
    let chat = desk.say(&provider, "fast").await.unwrap().summary.id;
    desk.app.close().await;
    // The state that a kill in mid-stream leaves.
    common::store(&desk.folder.path().join("data"))
        .execute_batch(
            "DELETE FROM ledger; DELETE FROM part WHERE attempt_id IS NOT NULL;
             UPDATE message SET status = 'streaming' WHERE role = 'assistant';
             UPDATE run SET outcome = NULL, ended_at = NULL;
             UPDATE attempt SET outcome = 'running', duration_ms = NULL, finish_class = NULL, finish_reason = NULL;
             INSERT INTO stream_chunk (attempt_id, sequence, part, kind, text) VALUES (1, 0, 0, 'text', 'Half an answer');",
        )
        .unwrap();
    let desk = Desk::over(desk.folder).await;
    let reply = desk.app.get_conversation(&chat).await.unwrap().messages.remove(1);
    let cost = reply.attempts[0].cost.as_ref().unwrap();
    assert_eq!((reply.attempts[0].model.as_str(), cost.source), ("fast", CostSource::Estimated));
    assert!(cost.total_nano > Some(0.0));
}

#[tokio::test]
async fn what_only_one_model_may_read_again_stays_with_the_name_that_went_out() {
    let desk = Desk::new().await;
    let provider = desk.provider().await;
    let map = |sent: &str| desk.app.save_provider_settings(&provider.id, mapping(&[("alias", sent)]));
    map("first").await.unwrap();
    let chat = desk.say(&provider, "alias").await.unwrap().summary.id;
    let reasoned = |desk: &Desk| {
        let asked = desk.shared.asked.lock().unwrap();
        let parts = asked.last().unwrap().messages.iter().flat_map(|message| &message.parts);
        parts.filter(|part| matches!(part, Part::Reasoning { .. })).count()
    };
    for (asked, times) in [("alias", 1), ("first", 2)] {
        desk.say_in(Some(chat.clone()), &provider, asked).await.unwrap();
        assert_eq!(reasoned(&desk), times, "{asked}: it goes back to whom it came from");
    }
    map("second").await.unwrap();
    desk.say_in(Some(chat), &provider, "alias").await.unwrap();
    assert_eq!((desk.sent().as_str(), reasoned(&desk)), ("second", 0), "and to nobody else");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever is refused is refused with a name, and whatever is kept can be sent.
    #[test]
    fn a_header_is_refused_or_it_can_go_out(name in "[ -~ü]{0,12}", value in "[ -~\\r\\nü]{0,12}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let vendor = parlance_providers::catalog::Catalog::bundled().get("openai-compatible").unwrap();
        let settings = headers(&[(&name, Some(&value))]);
        let _entered = runtime.enter();
        if let Ok(kept) = parlance_core::registry::settings::check(vendor, settings) {
            let header = &kept.headers[0];
            let sent = parlance_providers::transport::check_header(vendor, &header.name, header.value.as_deref().unwrap());
            prop_assert!(sent.is_ok());
            prop_assert!(!header.name.eq_ignore_ascii_case("authorization"));
        }
    }
}
