//! The recorder of traffic: what it keeps reads back as it was, holds no secret in any spelling, and has an end.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

#[path = "../../crates/providers/examples/replay.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own")]
mod replay;

use crate::wires::answers;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::StreamExt;
use parlance_core::clock::SystemClock;
use parlance_core::registry::OverHttp;
use parlance_core::secrets::Secrets;
use parlance_core::view::{KeyInput, ProviderInput, SettingChange};
use parlance_core::{App, Host, Outside};
use parlance_providers::catalog::DialectId::{self, Bedrock, OpenaiChat};
use parlance_providers::dialects::dialect;
use parlance_providers::traffic::{self, Recorder};
use parlance_providers::transport::{Endpoint, HttpProvider, Proxy, ProxyServer};
use parlance_providers::{CancellationToken, EmbedRequest, Message, Part, Provider, Role, Secret};
use parlance_tests::wires::{asking, calls, play};
use parlance_tests::{Fact, FaultyUpstream, Gate, Script, wire, wires};
use serde_json::Value;

const KEY: &str = "canary-key-0123456789";
const HEADER: &str = "canary-header-0123456789";
const PASSWORD: &str = "canary-proxy-password";
const CANARIES: [&str; 3] = [KEY, HEADER, PASSWORD];

fn recorder(folder: &Path) -> Arc<Recorder> {
    let recorder = Arc::new(Recorder::new(folder.join("traffic")));
    recorder.switch(true);
    recorder
}

fn provider(id: DialectId, base_url: String, recorder: &Arc<Recorder>) -> HttpProvider {
    let bare = base_url.trim_end_matches("#proxied").to_owned();
    let (user, password) = (Some("somebody".to_owned()), Some(Secret::from_pasted(PASSWORD)));
    let proxy = Proxy::Via(ProxyServer { url: bare.clone(), user, password });
    // Loopback takes no proxy; to take this one, the address must be a name that only it knows.
    let base_url = if bare == base_url { bare } else { "http://name.invalid".to_owned() };
    let endpoint = Endpoint {
        base_url,
        proxy,
        key: Some(Secret::from_pasted(KEY)),
        headers: vec![("x-own".to_owned(), HEADER.to_owned())],
        recorder: Some(Arc::clone(recorder)),
        ..Endpoint::default()
    };
    HttpProvider::new(Arc::new(wires::vendor(id).clone()), dialect(id).unwrap(), endpoint).unwrap()
}

fn origin(upstream: &FaultyUpstream) -> String {
    format!("http://{}", upstream.address())
}

fn files(recorder: &Recorder) -> Vec<(PathBuf, Value)> {
    recorder.settle();
    let kept = traffic::list(recorder.folder()).unwrap();
    kept.into_iter()
        .map(|kept| (kept.path.clone(), serde_json::from_slice(&fs::read(&kept.path).unwrap()).unwrap()))
        .collect()
}

/// Looks for the canaries in every file below a folder, as they are, in base64, and in what the texts spell.
fn no_canary(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            no_canary(&path);
            continue;
        }
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        let plain = text.replace("\\\\u00", "\\u00").replace("%2D", "-").replace("%2d", "-").replace("\\u002d", "-");
        for canary in CANARIES {
            assert!(!plain.contains(canary), "{path:?} holds {canary}");
            for lead in ["", "a", "ab"] {
                // Without the ends, which its neighbours share.
                let coded = STANDARD.encode(format!("{lead}{canary}"));
                assert!(!text.contains(&coded[4..coded.len() - 4]), "{path:?} holds {canary} in base64");
            }
        }
        assert!(!plain.contains("org-abcdefgh1234") && !plain.contains("Acme Labs"), "{path:?} says who pays");
    }
}

#[tokio::test]
async fn a_recorded_stream_reads_back_as_it_was() {
    for id in wires::WIRES {
        let folder = tempfile::tempdir().unwrap();
        let recorder = recorder(folder.path());
        let answer = answers::answer(id);
        let head = wire::head("200 OK", &[("content-type", answer.content_type), ("connection", "close")]);
        // Byte by byte: pieces end in the middle of lines and characters.
        let script = Script::new().send(head).dribble(answer.events.concat()).close();
        let upstream = FaultyUpstream::start([script]).await;
        let live = play(&provider(id, origin(&upstream), &recorder), asking("m-1", "hello")).await;
        assert_eq!(live.text(), answers::TEXT);
        let files = files(&recorder);
        let [(path, file)] = &files[..] else { panic!("{files:?}") };
        assert_eq!((file["kind"].as_str(), file["model"].as_str()), (Some("chat-stream"), Some("m-1")));
        assert_eq!((file["wire"].as_str(), file["outcome"].as_str()), (Some(id.as_str()), Some("complete")));
        assert_eq!(file["request"]["method"], "POST");
        assert_eq!(file["request"]["headers"]["x-own"], "[hidden]");
        assert_eq!(file["response"]["status"], 200);
        let sizes = file["response"]["chunk_sizes"].as_array().unwrap();
        let whole: u64 = sizes.iter().map(|size| size.as_u64().unwrap()).sum();
        // Frames are no text: they are kept in base64, and say so by the member's name.
        let body = match file["response"]["body"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => STANDARD.decode(file["response"]["body_base64"].as_str().unwrap()).unwrap(),
        };
        assert_eq!(file["response"].get("body_base64").is_some(), id == Bedrock);
        assert_eq!(whole as usize, body.len());
        assert!(answers::answer(id).events.concat().starts_with(&body), "{id:?}: byte by byte, as far as it was read");
        assert!(sizes.len() > 1, "as it came");
        let replayed = replay::replay(path.to_str().unwrap()).unwrap();
        assert_eq!(replayed["text"], live.text());
        let whole = live.whole();
        let usage = whole.usage.unwrap();
        assert_eq!(replayed["usage"]["input_total"].as_u64(), usage.input_total);
        assert_eq!(replayed["usage"]["output_total"].as_u64(), usage.output_total);
        let (class, reason) = whole.finish.clone().unwrap();
        assert_eq!(replayed["finish_class"], class.as_str());
        assert_eq!(replayed["finish_reason"].as_str(), reason.as_deref());
        let live_calls = calls(&whole.parts);
        let calls = replayed["tool_calls"].as_array().unwrap();
        assert_eq!(calls.len(), live_calls.len());
        for (call, (call_id, name, arguments)) in calls.iter().zip(live_calls) {
            assert_eq!((&call["name"], &call["arguments"]), (&name.into(), &arguments.into()));
            // Where the vendor names none, each reading makes one up.
            assert!(id != OpenaiChat || call["id"] == call_id);
        }
        no_canary(folder.path());
    }
}

/// Text with every canary in every spelling.
fn echo() -> String {
    let mut text = String::from("org-abcdefgh1234 ");
    for canary in CANARIES {
        let unicode: String = canary.bytes().map(|byte| format!("\\\\u{byte:04x}")).collect();
        text.push_str(&format!("{canary} {} {unicode} ", canary.replace('-', "%2D")));
        for lead in ["", "a", "ab"] {
            text.push_str(&STANDARD.encode(format!("{lead}{canary}!?")));
            text.push(' ');
        }
    }
    text.push_str(&wire::basic("somebody", PASSWORD));
    text
}

#[tokio::test]
async fn nothing_that_is_written_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let text = echo();
    let event = wire::event(&format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#));
    let refusal = format!(r#"{{"error":{{"message":"{text}","organization":"Acme Labs"}}}}"#);
    let fields = [
        ("content-type", "application/json"),
        ("openai-organization", "Acme Labs"),
        ("set-cookie", KEY),
        ("x-request-id", KEY),
    ];
    let length = refusal.len().to_string();
    let refused =
        [wire::head("401 Unauthorized", &[&fields[..], &[("content-length", &length)]].concat()), refusal.into_bytes()]
            .concat();
    let whole =
        format!(r#"{{"choices":[{{"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}]}}"#);
    let embeddings = format!(r#"{{"data":[{{"embedding":[0.5]}}],"model":"{KEY}"}}"#);
    let list = format!(r#"{{"object":"list","data":[{{"id":"a","owned_by":"{HEADER}"}}]}}"#);
    let json = |body: &str| Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()));
    let half = [wire::sse_head(), b"data: {\"x\":\"".to_vec(), KEY.as_bytes()[..12].to_vec()].concat();
    let piece =
        |letter: char| wire::event(&format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{letter}"}}}}]}}"#));
    let spelled: Vec<u8> = format!("it is {KEY}.").chars().flat_map(piece).collect();
    for suffix in ["", "#proxied"] {
        let upstream = FaultyUpstream::start([
            Script::new().send(wire::sse_head_chunked()).dribble(wire::chunk(&event)).send(wire::LAST_CHUNK),
            Script::new().send(refused.clone()),
            json(&whole),
            json(&embeddings),
            json(&list),
            json(&list),
            Script::new().send(half.clone()).close(),
            Script::new().send(wire::sse_head()).send(spelled.clone()).close(),
        ])
        .await;
        let provider = provider(OpenaiChat, format!("{}{suffix}", origin(&upstream)), &recorder);
        let cancel = CancellationToken::new;
        let mut request = asking("m-1", &format!("my key is {KEY}"));
        request.messages.push(Message { role: Role::User, parts: vec![Part::text(echo())] });
        play(&provider, request.clone()).await;
        play(&provider, request.clone()).await;
        provider.complete(request.clone(), cancel()).await.unwrap();
        let inputs = EmbedRequest { model: "e".into(), inputs: vec![KEY.into()], dimensions: None, purpose: None };
        provider.embed(inputs, cancel()).await.unwrap();
        provider.check(cancel()).await.unwrap();
        provider.models(cancel()).await.unwrap();
        play(&provider, request.clone()).await;
        assert!(play(&provider, request).await.text().contains(KEY), "whoever asked reads it as it came");
    }
    let files = files(&recorder);
    let kinds: Vec<_> = files.iter().map(|(_, file)| file["kind"].as_str().unwrap()).collect();
    let each = ["chat-stream", "error", "chat", "embeddings", "models", "models", "chat-stream", "chat-stream"];
    assert_eq!(kinds, [each, each].concat());
    for (path, file) in &files {
        assert_eq!(file["request"]["auth"], "authorization");
        assert_eq!(file["request"]["headers"]["authorization"], Value::Null);
        if file["kind"] == "error" {
            assert_eq!(file["response"]["headers"]["x-request-id"], "x".repeat(KEY.len()));
            assert_eq!(file["failure"]["category"], "rejected_key");
        }
        // Every file can be read by the same program, whatever became of the exchange.
        let said = replay::replay(path.to_str().unwrap()).unwrap().to_string();
        assert!(!CANARIES.iter().any(|canary| said.contains(canary)), "{path:?} spells a secret: {said}");
    }
    no_canary(folder.path());
    let exported = folder.path().join("exported");
    assert_eq!(traffic::export(recorder.folder(), &exported).unwrap(), 16);
    assert_eq!(fs::read_to_string(exported.join("index.jsonl")).unwrap().lines().count(), 16);
    no_canary(&exported);
}

#[tokio::test]
async fn what_was_stopped_or_never_began_is_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = recorder(folder.path());
    let gate = Gate::new();
    let begun = [wire::sse_head(), wire::event(r#"{"choices":[{"index":0,"delta":{"content":"half"}}]}"#)].concat();
    let upstream = FaultyUpstream::start([
        Script::new().send(begun.clone()).wait(&gate),
        Script::new().send(begun).close(),
        Script::new().stall(),
    ])
    .await;
    let provider = provider(OpenaiChat, origin(&upstream), &recorder);
    let mut stream = provider.stream(asking("m-1", "hello"), CancellationToken::new()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert_eq!(play(&provider, asking("m-1", "hello")).await.text(), "half");
    let cancel = CancellationToken::new();
    let (stopped, ()) = tokio::join!(provider.check(cancel.clone()), async {
        upstream.log().seen(Fact::Asked, 3).await;
        cancel.cancel();
    });
    stopped.unwrap_err();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = self::provider(OpenaiChat, format!("http://{gone}"), &recorder);
    nowhere.check(CancellationToken::new()).await.unwrap_err();
    let told: Vec<_> = files(&recorder)
        .into_iter()
        .map(|(_, file)| {
            let cause = file["failure"]["cause"].as_str().unwrap_or("-").to_owned();
            (
                file["outcome"].as_str().unwrap().to_owned(),
                cause,
                file["response"]["body"].as_str().is_some_and(|body| body.contains("half")),
            )
        })
        .collect();
    let row = |outcome: &str, cause: &str, half| (outcome.to_owned(), cause.to_owned(), half);
    assert_eq!(
        told,
        [
            row("cancelled", "-", true),
            row("failed", "cut_off", true),
            row("cancelled", "-", false),
            row("failed", "refused", false),
        ]
    );
}

#[tokio::test]
async fn it_has_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let small = Arc::new(Recorder::within(folder.path().join("traffic"), 20_000));
    let list = |id: &str| {
        let body = format!(r#"{{"object":"list","data":[{{"id":"{id}","note":"{}"}}]}}"#, "n".repeat(5_000));
        Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()))
    };
    let upstream = FaultyUpstream::start((0..12).map(|n| list(&format!("m{n}")))).await;
    let provider = provider(OpenaiChat, origin(&upstream), &small);
    provider.check(CancellationToken::new()).await.unwrap();
    assert!(files(&small).is_empty() && !small.folder().exists(), "nothing is written while it is off");
    small.switch(true);
    for _ in 1..12 {
        provider.check(CancellationToken::new()).await.unwrap();
    }
    let kept = {
        small.settle();
        traffic::list(small.folder()).unwrap()
    };
    assert!(kept.iter().map(|file| file.bytes).sum::<u64>() <= 20_000, "{kept:?}");
    assert_eq!(kept.iter().map(|file| file.number).collect::<Vec<_>>(), [9, 10, 11], "the oldest go");
    // One that is larger than what is kept of one.
    let large = recorder(folder.path());
    let body = format!("{{\"object\":\"list\",\"data\":[],\"pad\":\"{}\"}}", "ö".repeat(traffic::MOST_OF_ONE / 2 + 5));
    let script = Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()));
    let upstream = FaultyUpstream::start([script]).await;
    self::provider(OpenaiChat, origin(&upstream), &large).check(CancellationToken::new()).await.unwrap();
    let (_, file) = files(&large).pop().unwrap();
    let kept = file["response"]["body"].as_str().unwrap().len();
    assert_eq!(kept + file["response"]["body_cut"].as_u64().unwrap() as usize, body.len());
    assert!(kept <= traffic::MOST_OF_ONE && kept > traffic::MOST_OF_ONE - 4, "{kept}");
    // Pictures in a request are cut where they are.
    let mut request = asking("m-1", "look");
    request.messages[0].parts.push(Part::Image {
        media_type: "image/png".into(),
        data: vec![7; 9_000],
        opaque: Vec::new(),
    });
    let upstream = FaultyUpstream::start([Script::new().send(wire::sse_head()).close()]).await;
    play(&self::provider(OpenaiChat, origin(&upstream), &large), request).await;
    let (_, file) = files(&large).pop().unwrap();
    assert!(file["request"]["body_cut"][0].as_u64().unwrap() >= 12_000);
    assert!(file["request"]["body"].to_string().contains("characters, cut)"));
}

async fn app(folder: &Path) -> App {
    App::open(Host {
        data_dir: folder.join("data"),
        version: "0.0.0",
        demo: false,
        clock: Arc::new(SystemClock),
        secrets: Secrets::new(|_| None),
        connect: Arc::new(OverHttp),
        outside: Outside::below(folder),
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn the_app_records_while_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let app = self::app(folder.path()).await;
    let list = || Script::new().send(wire::answer("200 OK", "application/json", br#"{"object":"list","data":[]}"#));
    let upstream = FaultyUpstream::start((0..10).map(|_| list())).await;
    let input = ProviderInput {
        id: None,
        vendor: "openai-compatible".into(),
        name: "Mine".into(),
        base_url: origin(&upstream),
        enabled: true,
        default_model: None,
        in_clear: true,
        fields: Default::default(),
    };
    let provider = app.save_provider(input).await.unwrap();
    app.set_key(&provider.accounts[0].id, KeyInput::Session { key: KEY.into() }).await.unwrap();
    app.check_provider(&provider.id, None).await.unwrap();
    let view = app.traffic().await.unwrap();
    assert_eq!((view.recording, view.exchanges, view.bytes), (false, 0, 0.0));
    assert!(app.export_traffic().await.is_err(), "there is nothing to export");
    assert!(app.change_setting(SettingChange::RecordTraffic(true)).await.unwrap().record_traffic);
    app.check_provider(&provider.id, None).await.unwrap();
    let view = app.traffic().await.unwrap();
    assert_eq!((view.recording, view.exchanges), (true, 2), "the connection that was there already records, too");
    assert!(view.bytes > 100.0 && view.most_bytes > view.bytes);

    let mine = folder.path().join("data/traffic/openai-chat/notes.txt");
    fs::write(&mine, "somebody's own").unwrap();
    let first = app.export_traffic().await.unwrap();
    let second = app.export_traffic().await.unwrap();
    assert_eq!((first.count, second.count), (2, 2));
    assert_ne!(first.path, second.path);
    let exported = Path::new(&first.path);
    assert!(exported.starts_with(folder.path().join("exports")));
    let index = fs::read_to_string(exported.join("index.jsonl")).unwrap();
    for line in index.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = line["name"].as_str().unwrap();
        let file = exported.join("openai-chat").join(format!("{name}.json"));
        assert_eq!(replay::replay(file.to_str().unwrap()).unwrap()["models"], Value::Array(vec![]));
    }
    assert_eq!(index.lines().count(), 2);
    assert!(!exported.join("openai-chat/notes.txt").exists(), "only what the recorder wrote");
    no_canary(exported);

    app.close().await;
    let app = self::app(folder.path()).await;
    assert!(app.traffic().await.unwrap().recording, "the setting outlives the app");
    let cleared = app.clear_traffic().await.unwrap();
    assert_eq!((cleared.recording, cleared.exchanges), (true, 0));
    assert!(mine.exists() && exported.join("index.jsonl").exists());
    app.change_setting(SettingChange::RecordTraffic(false)).await.unwrap();
    app.check_provider(&provider.id, None).await.unwrap();
    assert_eq!(app.traffic().await.unwrap().exchanges, 0);
    app.close().await;
}
