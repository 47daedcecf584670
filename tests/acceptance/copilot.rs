//! Copilot over real sockets: the exchange of a login, whose token goes where, what is told of refusals. The app's own
//! part of it is in `copilot/app.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

mod app;

use std::sync::Arc;
use std::time::Duration;

use parlance_providers::{
    CancellationToken, Category, ChatRequest, ChatResponse, Message, Part, Provider, ProviderError, Role, Secret,
    catalog::{DialectId, Vendor},
    credential::Identity,
    dialects::dialect,
    transport::{Endpoint, HttpProvider},
};
use parlance_tests::{Gate, copilot::CopilotStandIn, copilot::Door};

fn vendor(stand_in: &CopilotStandIn, change: impl FnOnce(&mut Vendor)) -> Vendor {
    let mut vendor = Vendor::from_toml("mine", &stand_in.vendor_file("mine")).unwrap();
    change(&mut vendor);
    vendor
}

fn with(stand_in: &CopilotStandIn, token: &str, change: impl FnOnce(&mut Vendor)) -> HttpProvider {
    let endpoint = Endpoint {
        base_url: stand_in.address(),
        key: Some(Secret::from_pasted(token)),
        identity: Some(Identity::Github { login: "octo".into(), domain: None }),
        ..Endpoint::default()
    };
    let dialect = dialect(DialectId::OpenaiChat).unwrap();
    HttpProvider::new(Arc::new(vendor(stand_in, change)), dialect, endpoint).unwrap()
}

fn provider(stand_in: &CopilotStandIn, token: &str) -> Arc<HttpProvider> {
    Arc::new(with(stand_in, token, |_| {}))
}

fn free() -> CancellationToken {
    CancellationToken::new()
}

fn ask(model: &str, wire: Option<DialectId>) -> ChatRequest {
    ChatRequest { wire, ..ChatRequest::new(model, vec![Message::text(Role::User, "hello")]) }
}

/// The answer of a stream.
async fn answer(provider: &HttpProvider, request: ChatRequest) -> Result<ChatResponse, ProviderError> {
    let events = provider.stream(request, free()).await?;
    let events: Vec<_> = futures::TryStreamExt::try_collect(events).await?;
    Ok(parlance_providers::fold::fold(events))
}

/// As many lists of models at the same moment; the first failure.
async fn at_once(provider: &Arc<HttpProvider>, many: usize) -> Result<(), ProviderError> {
    let all = (0..many).map(|_| {
        let provider = Arc::clone(provider);
        tokio::spawn(async move { provider.models(free()).await.map(|_| ()) })
    });
    futures::future::join_all(all).await.into_iter().try_for_each(Result::unwrap)
}

fn no_canary(text: &str) {
    for canary in ["ghu_", "tid=", "c4n4ry"] {
        assert!(!text.contains(canary), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_at_once_share_one_exchange_and_one_renewal() {
    let stand_in = CopilotStandIn::start(0).await;
    let provider = provider(&stand_in, &stand_in.login("octo-one"));
    let gate = Gate::new();
    stand_in.hold(&gate);
    let asking = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { at_once(&provider, 50).await }
    });
    while stand_in.exchanges() + stand_in.asked().len() as u32 == 0 {
        tokio::task::yield_now().await;
    }
    gate.open();
    asking.await.unwrap().unwrap();
    assert_eq!((stand_in.exchanges(), stand_in.asked_for("/models").len()), (1, 50));
    // In the middle of a session: all fifty are refused, and one of them exchanges for all.
    stand_in.revoke_tokens();
    at_once(&provider, 50).await.unwrap();
    assert_eq!(stand_in.exchanges(), 2);
    // Who waits for an exchange that fails hears the same; a second try says why.
    stand_in.revoke_tokens();
    stand_in.revoke_logins();
    let error = at_once(&provider, 50).await.unwrap_err();
    assert_eq!((error.category, error.cause), (Category::RejectedKey, Some("sign_in_again")));
    assert!(error.message.starts_with("Bad credentials"), "{error:?}");
    no_canary(&format!("{error:?}"));
    assert!(stand_in.exchanges() < 60, "{}", stand_in.exchanges());
}

#[tokio::test]
async fn a_token_is_exchanged_ahead_of_its_end_and_outlives_a_github_that_is_away() {
    let stand_in = CopilotStandIn::start(0).await;
    stand_in.refresh_in(1500);
    let provider = provider(&stand_in, &stand_in.login("octo-one"));
    let later = async |seconds| {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        provider.models(free()).await.map(|_| stand_in.exchanges())
    };
    assert_eq!(later(0).await.unwrap(), 1);
    assert_eq!(later(1430).await.unwrap(), 1, "still fresh");
    stand_in.refuse(Some((503, "{\"message\":\"away\"}")));
    assert_eq!(later(20).await.unwrap(), 2, "a minute ahead; what failed takes nothing away");
    let error = later(60).await.unwrap_err();
    assert_eq!((error.category, error.message.as_str()), (Category::Overloaded, "away"));
    stand_in.refuse(None);
    assert_eq!(later(0).await.unwrap(), 4);
}

#[tokio::test]
async fn two_accounts_keep_to_their_own_hosts() {
    let stand_in = CopilotStandIn::start(0).await;
    stand_in.in_business("octo-two");
    let accounts = ["octo-one", "octo-two"].map(|name| provider(&stand_in, &stand_in.login(name)));
    for _ in 0..2 {
        for account in &accounts {
            account.models(free()).await.unwrap();
        }
        stand_in.revoke_tokens();
    }
    let lists = stand_in.asked_for("/models");
    let token = |door: Door| {
        let asked = lists.iter().filter(move |asked| asked.door == door);
        asked.map(|asked| asked.request.header("authorization").unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (first, second) = (token(Door::First), token(Door::Second));
    assert!(first.len() == 3 && second.len() == 3, "one of them refused, and asked again");
    assert!(first.iter().all(|token| !second.contains(token)));
}

#[tokio::test]
async fn a_token_goes_to_no_other_host() {
    let stand_in = CopilotStandIn::start(0).await;
    let bait = CopilotStandIn::start(0).await;
    for address in
        ["https://githubcopilot.com.evil.example", "http://api.githubcopilot.com", "https://10.0.0.1", "ftp://h"]
    {
        stand_in.name_address(address);
        let error = provider(&stand_in, &stand_in.login("octo-one")).models(free()).await.unwrap_err();
        assert_eq!((error.category, error.cause), (Category::BrokenStream, Some("strange_host")), "{address}");
    }
    // This machine is nobody's where the provider's own address lies elsewhere.
    stand_in.name_address(&bait.address());
    let endpoint = Endpoint {
        base_url: "https://api.githubcopilot.com".into(),
        key: Some(Secret::from_pasted(&stand_in.login("octo-one"))),
        ..Endpoint::default()
    };
    let vendor = Arc::new(vendor(&stand_in, |_| {}));
    let elsewhere = HttpProvider::new(vendor, dialect(DialectId::OpenaiChat).unwrap(), endpoint).unwrap();
    assert_eq!(elsewhere.models(free()).await.unwrap_err().cause, Some("strange_host"));
    assert!(bait.asked().is_empty());
}

#[tokio::test]
async fn what_github_refuses_is_told_in_its_own_words() {
    let stand_in = CopilotStandIn::start(0).await;
    let no_copilot =
        r#"{"message":"x","error_details":{"message":"Your organization has disabled Copilot.","title":"t"}}"#;
    for (status, body, category, cause, words) in [
        (401, r#"{"message":"Bad credentials"}"#, Category::RejectedKey, Some("sign_in_again"), "Bad credentials"),
        (403, no_copilot, Category::Forbidden, Some("no_copilot"), "Your organization has disabled Copilot."),
        (404, r#"{"message":"Not Found"}"#, Category::Forbidden, Some("no_copilot"), "Not Found"),
        (200, r#"{"message":"No seat."}"#, Category::Forbidden, Some("no_copilot"), "No seat."),
        (502, "", Category::Internal, None, "HTTP 502 Bad Gateway"),
    ] {
        stand_in.refuse(Some((status, body)));
        let error = provider(&stand_in, &stand_in.login("octo-one")).models(free()).await.unwrap_err();
        assert_eq!((error.category, error.cause, error.message.as_str()), (category, cause, words), "{status}");
    }
}

#[tokio::test]
async fn a_version_that_is_too_old_is_raised_in_a_file() {
    let stand_in = CopilotStandIn::start(0).await;
    let token = stand_in.login("octo-one");
    let says = |version: &'static str| {
        let header = move |vendor: &mut Vendor| {
            vendor.sign_in.as_mut().unwrap().headers.insert("editor-version".into(), version.into());
        };
        with(&stand_in, &token, header)
    };
    let error = says("vscode/1.99.9").models(free()).await.unwrap_err();
    assert_eq!((error.status, error.category, error.cause), (Some(466), Category::BadRequest, Some("client_too_old")));
    assert!(error.message.contains("raise the versions"), "{error:?}");
    says("vscode/1.100.0").models(free()).await.unwrap();
}

#[tokio::test]
async fn each_model_is_asked_by_the_wire_that_the_list_names() {
    let stand_in = CopilotStandIn::start(0).await;
    let provider = provider(&stand_in, &stand_in.login("octo-one"));
    let models = provider.models(free()).await.unwrap();
    let listed: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.wire, model.context)).collect();
    let limit = Some(12_288);
    assert_eq!(
        listed,
        [
            ("gpt-4o", None, limit),
            ("gpt-5.3-codex", Some(DialectId::OpenaiResponses), limit),
            ("claude-sonnet-4.6", Some(DialectId::Anthropic), limit),
        ]
    );
    for (model, (words, cost)) in models.iter().zip([("chat", 0), ("responses", 6_147_750), ("messages", 1_000)]) {
        let answer = answer(&provider, ask(&model.id, model.wire)).await.unwrap();
        let Some(Part::Text { text, .. }) = answer.parts.last() else { panic!("{words}") };
        assert_eq!(*text, format!("By {words}."));
        assert_eq!(answer.reported_cost.map(|(nano_usd, _)| nano_usd), Some(cost), "{words}");
        assert!(answer.usage.unwrap().input_total > Some(40), "{words}");
    }
    let error = answer(&provider, ask("gpt-5.3-codex", None)).await.unwrap_err();
    assert_eq!((error.category, error.cause), (Category::BadRequest, Some("wrong_wire")));
    assert!(error.message.contains("fetch the list of models anew"), "{error:?}");
    assert_eq!(stand_in.exchanges(), 1);
}

#[tokio::test]
async fn a_request_says_who_makes_it_and_that_it_holds_pictures() {
    let stand_in = CopilotStandIn::start(0).await;
    let provider = provider(&stand_in, &stand_in.login("octo-one"));
    let call = Message { role: Role::Assistant, parts: vec![Part::tool_call("c1", "f", "{}")] };
    let result = Part::ToolResult { call_id: "c1".into(), name: "f".into(), content: "42".into(), is_error: false };
    let result = Message { role: Role::User, parts: vec![result] };
    let picture = Message { role: Role::User, parts: vec![Part::image("image/png", vec![1, 2])] };
    let hello = || Message::text(Role::User, "hello");
    for (wire, model) in [
        (DialectId::OpenaiChat, "gpt-4o"),
        (DialectId::OpenaiResponses, "gpt-5.3-codex"),
        (DialectId::Anthropic, "claude-sonnet-4.6"),
    ] {
        for messages in [vec![hello()], vec![hello(), call.clone(), result.clone()], vec![picture.clone()]] {
            answer(&provider, ChatRequest { messages, ..ask(model, Some(wire)) }).await.unwrap();
        }
    }
    let chats: Vec<_> = stand_in.asked().into_iter().filter(|asked| asked.request.line().starts_with("POST")).collect();
    let told: Vec<_> =
        chats.iter().map(|c| (c.request.header("x-initiator"), c.request.header("copilot-vision-request"))).collect();
    let of_one = [(Some("user"), None), (Some("agent"), None), (Some("user"), Some("true"))];
    assert_eq!(told, of_one.repeat(3));
    let ids: std::collections::HashSet<_> = chats.iter().map(|chat| chat.request.header("x-request-id")).collect();
    assert_eq!(ids.len(), chats.len(), "every request has an id of its own");
}

#[tokio::test]
async fn what_is_left_of_a_plan_is_asked_of_github_with_the_login() {
    let stand_in = CopilotStandIn::start(0).await;
    stand_in.in_business("octo-two");
    let quota = provider(&stand_in, &stand_in.login("octo-one")).quota(free()).await.unwrap().unwrap();
    assert_eq!((quota.remaining.as_deref(), quota.entitlement.as_deref()), (Some("262.5"), Some("300")));
    assert_eq!((quota.unlimited, quota.resets_at), (false, Some(1_796_083_200_000)));
    let free_of_limits = provider(&stand_in, &stand_in.login("octo-two")).quota(free()).await.unwrap().unwrap();
    assert!(free_of_limits.unlimited && free_of_limits.remaining.is_none());
    assert_eq!(stand_in.exchanges(), 0, "nothing is exchanged for that");
    let error = provider(&stand_in, "ghu_c4n4ry_unknown").quota(free()).await.unwrap_err();
    assert_eq!(error.cause, Some("sign_in_again"));
    no_canary(&format!("{error:?}"));
}
