//! What stands around a message before it is sent: drafts, files, the setup, settings, favourites, models' facts.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use crate::common::{self, Bench, NOON, count, store, texts};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use parlance_core::{
    Error,
    view::{
        AttachmentView, ChatSetup, Draft, MessageStatus, PartKind, Preference, QueuedMessage, SendInput, SettingChange,
        Target,
    },
};
use parlance_providers::{Category, ReasoningEffort};

fn field<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, &'static str) {
    match result.unwrap_err() {
        Error::Invalid { field, reason } => (field, reason),
        other => panic!("{other:?}"),
    }
}

fn target(provider: &str, model: &str) -> Target {
    Target { provider_id: provider.to_owned(), model: model.to_owned() }
}

/// A kept file; its first bytes say what it is.
async fn file(bench: &Bench, content: &[u8], name: &str) -> AttachmentView {
    bench.app.add_attachment(name, STANDARD.encode(content)).await.unwrap()
}

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n....";

#[tokio::test]
async fn drafts_outlive_a_restart_and_sending_clears_all_but_the_queue() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, ..] = bench.talk(None, "one", &provider).await;
    let picture = file(&bench, PICTURE, "cat.png").await;
    let queued = vec![QueuedMessage { text: "and then".into(), attachments: vec![picture.clone()] }];
    let new = Draft { text: "not begun".into(), ..Draft::default() };
    let here = Draft { text: "half a thought".into(), attachments: vec![picture], queued: queued.clone() };
    bench.app.save_draft(None, new.clone()).await.unwrap();
    bench.app.save_draft(Some(chat.clone()), here.clone()).await.unwrap();

    let mut bench = bench.reopen().await;
    assert_eq!(bench.app.bootstrap().await.unwrap().draft, new);
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap().draft, here);
    bench.talk(Some(&chat), "sent", &provider).await;
    let left = bench.app.get_conversation(&chat).await.unwrap().draft;
    assert_eq!(left, Draft { queued, ..Draft::default() });
    assert_eq!(bench.app.bootstrap().await.unwrap().draft, new, "the other composer is not touched");
    bench.talk(None, "begun", &provider).await;
    assert_eq!(bench.app.bootstrap().await.unwrap().draft, Draft::default());

    store(&bench.data()).execute_batch("DELETE FROM attachment").unwrap();
    let left = bench.app.get_conversation(&chat).await.unwrap().draft;
    assert!(left.queued[0].attachments.is_empty(), "a file that is gone is not in the draft");
}

#[tokio::test]
async fn a_draft_has_an_end() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, ..] = bench.talk(None, "one", &provider).await;
    let save = |draft| bench.app.save_draft(Some(chat.clone()), draft);
    let text = |length| "x".repeat(length);
    let queued = |number: usize, length| {
        (0..number).map(|_| QueuedMessage { text: text(length), attachments: Vec::new() }).collect::<Vec<_>>()
    };
    let picture = file(&bench, PICTURE, "cat.png").await;
    let with = |attachments| Draft { attachments, ..Draft::default() };
    save(Draft { text: text(1 << 20), ..Draft::default() }).await.unwrap();
    let large = Draft { text: text(1 << 19), queued: queued(2, (1 << 18) + 1), ..Draft::default() };
    assert_eq!(field(save(large).await), ("draft", "too_long"));
    assert_eq!(field(save(Draft { queued: queued(101, 1), ..Draft::default() }).await), ("queued", "too_many"));
    assert_eq!(field(save(with(vec![picture.clone(); 33])).await), ("attachments", "too_many"));
    let path = AttachmentView { id: "../../etc/passwd".into(), ..picture.clone() };
    assert_eq!(field(save(with(vec![path])).await), ("attachments", "not_an_id"));
    let named = AttachmentView { name: text(1_001), ..picture };
    assert_eq!(field(save(with(vec![named])).await), ("attachments", "too_long"));
    assert_eq!(bench.app.save_draft(Some("999".into()), Draft::default()).await.unwrap_err().code(), "not_found");
    assert_eq!(
        bench.app.get_conversation(&chat).await.unwrap().draft.text.len(),
        1 << 20,
        "what was refused is not kept"
    );
}

#[tokio::test]
async fn files_are_sent_with_a_message_under_the_name_they_had() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (cat, notes) = (file(&bench, PICTURE, "cat.png").await, file(&bench, b"some notes", "notes.txt").await);
    let send = |text: &str, files: &[&str]| {
        let attachments = files.iter().map(|id| (*id).to_owned()).collect();
        bench.app.send(SendInput { attachments, ..SendInput::text(None, text, target(&provider.id, "m-1")) })
    };
    assert_eq!(field(send("x", &[&"f".repeat(64)]).await), ("attachments", "unknown"));
    assert_eq!(field(send("x", &["1 OR 1=1"]).await), ("attachments", "not_an_id"));
    assert_eq!(field(send(" ", &[]).await), ("text", "empty"));
    let receipt = send("", &[&notes.id, &cat.id]).await.unwrap();
    assert_eq!(receipt.summary.title, "notes.txt");
    let parts = &receipt.messages[0].parts;
    let files: Vec<_> = parts.iter().filter_map(|part| part.attachment.clone()).collect();
    assert_eq!((parts.len(), files), (2, vec![notes, cat.clone()]));
    assert!(parts.iter().all(|part| part.kind == PartKind::Media && part.text.is_empty() && part.name.is_none()));
    bench.answer(&receipt, "ok").await;
    store(&bench.data()).execute_batch("UPDATE attachment SET name = 'dog.png' WHERE name = 'cat.png'").unwrap();
    let edited = bench.app.edit_message(&receipt.messages[0].id, "look").await.unwrap();
    assert_eq!(edited.parts[0].text, "look", "the text comes first");
    assert_eq!(edited.parts[2].attachment.as_ref(), Some(&cat));
    let edited = bench.app.edit_message(&receipt.messages[0].id, "").await.unwrap();
    assert_eq!(edited.parts.len(), 2, "files may stand alone");
    let branch = bench.app.branch_off(&receipt.messages[1].id).await.unwrap();
    assert_eq!(branch.messages[0].parts, edited.parts, "shared, not copied");
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM attachment"), 2);
}

#[tokio::test]
async fn the_setup_stays_with_the_chat_and_goes_to_the_model() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let setup = ChatSetup {
        system_prompt: "Answer in Latin.".into(),
        temperature: Some(0.0),
        top_p: Some(1.0),
        max_tokens: Some(1),
        stop: vec!["END".into()],
        seed: Some(u32::MAX),
        reasoning_effort: Some(ReasoningEffort::Low),
    };
    let input = SendInput::text(None, "salve", target(&provider.id, "m-1"));
    let receipt = bench.app.send(SendInput { setup: Some(setup.clone()), ..input }).await.unwrap();
    let (snapshot, mut reader) = bench.app.attach("main");
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.system.as_deref(), Some("Answer in Latin."));
    let sent = &asked.request.parameters;
    assert_eq!(
        (sent.temperature, sent.top_p, sent.max_tokens, sent.seed),
        (Some(0.0), Some(1.0), Some(1), Some(u32::MAX))
    );
    assert_eq!(
        (sent.stop.as_slice(), sent.reasoning_effort),
        (["END".to_owned()].as_slice(), Some(ReasoningEffort::Low))
    );
    asked.finish();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;

    let chat = receipt.summary.id.clone();
    bench.talk(Some(&chat), "iterum", &provider).await;
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap().setup, setup, "without one the chat keeps what it has");
    for (wrong, what) in [
        (ChatSetup { temperature: Some(2.1), ..setup.clone() }, ("temperature", "out_of_range")),
        (ChatSetup { temperature: Some(f64::NAN), ..setup.clone() }, ("temperature", "out_of_range")),
        (ChatSetup { temperature: Some(-0.1), ..setup.clone() }, ("temperature", "out_of_range")),
        (ChatSetup { top_p: Some(1.01), ..setup.clone() }, ("topP", "out_of_range")),
        (ChatSetup { top_p: Some(f64::INFINITY), ..setup.clone() }, ("topP", "out_of_range")),
        (ChatSetup { max_tokens: Some(0), ..setup.clone() }, ("maxTokens", "out_of_range")),
        (ChatSetup { stop: vec!["x".into(); 5], ..setup.clone() }, ("stop", "too_many")),
        (ChatSetup { stop: vec!["x".repeat(201)], ..setup.clone() }, ("stop", "too_long")),
        (ChatSetup { stop: vec![String::new()], ..setup.clone() }, ("stop", "empty")),
        (ChatSetup { system_prompt: "x".repeat((1 << 20) + 1), ..setup.clone() }, ("systemPrompt", "too_long")),
    ] {
        assert_eq!(field(bench.app.set_up_chat(&chat, wrong.clone()).await), what);
        let input = SendInput::text(Some(chat.clone()), "x", target(&provider.id, "m-1"));
        assert_eq!(field(bench.app.send(SendInput { setup: Some(wrong), ..input }).await), what);
    }
    let view = bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!((view.setup, view.messages.len()), (setup, 4));
    bench.app.set_up_chat(&chat, ChatSetup::default()).await.unwrap();
    assert_eq!(bench.app.get_conversation(&chat).await.unwrap().setup, ChatSetup::default());
    assert_eq!(bench.app.set_up_chat("999", ChatSetup::default()).await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn the_models_sent_to_lately_are_remembered_the_last_first() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let mut reply = String::new();
    for nth in 0..10 {
        let input = SendInput::text(None, "x", target(&provider.id, &format!("m-{nth}")));
        let receipt = bench.app.send(input).await.unwrap();
        bench.answer(&receipt, "y").await;
        reply.clone_from(&receipt.messages[1].id);
    }
    for model in ["m-5", "m-retried"] {
        let receipt = bench.app.retry(&reply, Some(target(&provider.id, model).into()), false).await.unwrap();
        bench.answer(&receipt, "z").await;
    }
    let receipt = bench.app.retry(&reply, None, false).await.unwrap();
    bench.answer(&receipt, "z").await;
    let bench = bench.reopen().await;
    let settings = bench.app.bootstrap().await.unwrap().settings;
    let models: Vec<_> = settings.recent_targets.iter().filter_map(|t| Some(t.as_model()?.model)).collect();
    assert_eq!(models, ["m-retried", "m-5", "m-9", "m-8", "m-7", "m-6", "m-4", "m-3"]);
    assert_eq!(settings.last_target.as_ref(), settings.recent_targets.first());
}

#[tokio::test]
async fn zoom_and_preferences_are_kept_within_bounds() {
    let bench = Bench::new().await;
    let change = |change| bench.app.change_setting(change);
    let prefer = |name: &str, value: Option<&str>| {
        change(SettingChange::Preference(Preference { name: name.into(), value: value.map(str::to_owned) }))
    };
    assert_eq!(change(SettingChange::Zoom(1.25)).await.unwrap().zoom, 1.25);
    for zoom in [0.49, 2.01, -1.0, 0.0, f64::NAN, f64::INFINITY] {
        assert_eq!(field(change(SettingChange::Zoom(zoom)).await), ("zoom", "out_of_range"));
    }
    prefer("enter-sends", Some("yes")).await.unwrap();
    let settings = prefer("code.wrap", Some(&"x".repeat(4_000))).await.unwrap();
    assert_eq!((settings.preferences.len(), settings.preferences["enter-sends"].as_str()), (2, "yes"));
    for name in ["", "a b", "ä", "a/b", "a\0", "a_b"] {
        assert_eq!(field(prefer(name, Some("x")).await), ("name", "not_a_name"), "{name:?}");
    }
    assert_eq!(field(prefer(&"x".repeat(65), Some("x")).await), ("name", "too_long"));
    assert_eq!(field(prefer("x", Some(&"x".repeat(4_001))).await), ("value", "too_long"));
    for nth in 2..200 {
        prefer(&format!("p{nth}"), Some("x")).await.unwrap();
    }
    assert_eq!(field(prefer("one-more", Some("x")).await), ("name", "too_many"));
    prefer("p2", Some("changed")).await.unwrap();
    prefer("p3", None).await.unwrap();
    prefer("one-more", Some("x")).await.unwrap();
    let bench = bench.reopen().await;
    let settings = bench.app.bootstrap().await.unwrap().settings;
    assert_eq!(
        (settings.zoom, settings.preferences.len(), settings.preferences["p2"].as_str()),
        (1.25, 200, "changed")
    );
}

#[tokio::test]
async fn favourites_outlive_a_refresh_and_hide_nothing() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    bench.app.list_models(&provider.id).await.unwrap();
    let listed = target(&provider.id, "listed-model");
    let view = bench.app.favour_model(listed.clone(), true).await.unwrap();
    assert!(view.models.iter().any(|model| model.id == "listed-model" && model.favourite && model.shown));
    bench.app.show_models(&provider.id, &["listed-model".to_owned()], false).await.unwrap();
    let models = bench.app.list_models(&provider.id).await.unwrap();
    assert!(models.iter().any(|model| model.favourite && !model.shown), "one choice does not undo the other");
    let view = bench.app.favour_model(listed.clone(), false).await.unwrap();
    assert!(view.models.iter().all(|model| !model.favourite && !model.shown));
    assert_eq!(field(bench.app.favour_model(target(&provider.id, ""), true).await), ("model", "empty"));
    assert_eq!(field(bench.app.favour_model(target("x", "m"), true).await), ("target", "not_an_id"));
    assert_eq!(bench.app.favour_model(target("999", "m"), true).await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn the_facts_of_a_model_are_those_of_its_last_calls() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    assert!(bench.app.model_facts().await.unwrap().is_empty());
    let [chat, _, reply] = bench.talk(None, "x", &provider).await;
    store(&bench.data())
        .execute_batch("UPDATE attempt SET first_token_ms = 200, duration_ms = 1200, started_at = started_at - 1")
        .unwrap();
    let facts = bench.app.model_facts().await.unwrap();
    let [only] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(
        (only.provider_id.as_str(), only.model.as_str(), only.calls, only.failed),
        (provider.id.as_str(), "m-1", 1, 0)
    );
    assert_eq!((only.first_token_ms, only.tokens_per_second), (Some(200), Some(3.0)));
    assert_eq!((only.last, only.last_at), (MessageStatus::Complete, (NOON - 1) as f64));

    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.app.retry(&reply, None, false).await.unwrap();
    bench.asked.recv().await.unwrap().fail(Category::Forbidden);
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let receipt = bench.app.retry(&reply, Some(target(&provider.id, "m-2").into()), false).await.unwrap();
    bench.app.stop(&receipt.run_id).unwrap();
    common::settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    let facts = bench.app.model_facts().await.unwrap();
    let of = |model: &str| facts.iter().find(|row| row.model == model).unwrap();
    assert_eq!((of("m-1").calls, of("m-1").failed, of("m-1").last), (2, 1, MessageStatus::Failed));
    assert_eq!(of("m-1").last_error.as_ref().unwrap().category, Category::Forbidden);
    assert_eq!((of("m-2").calls, of("m-2").failed), (1, 0), "a person's Stop is nobody's failure");
    assert_eq!(of("m-1").first_token_ms, Some(200), "the median of those that are known");

    bench.clock.set(NOON + 31 * 24 * 60 * 60 * 1000);
    assert!(bench.app.model_facts().await.unwrap().is_empty(), "older calls say nothing about today");
    assert_eq!(texts(&bench.app.get_conversation(&chat).await.unwrap()).len(), 2);
}

#[tokio::test]
async fn of_a_model_the_last_twenty_calls_count() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    let store = store(&bench.data());
    for nth in 0..60_i64 {
        store.execute("INSERT INTO run (purpose, started_at) VALUES ('chat', 1)", []).unwrap();
        store
            .execute(
                "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms, outcome)
                 VALUES (?1, 0, ?2, 'v', 'm', ?3, ?4, ?5)",
                rusqlite::params![
                    nth + 1,
                    provider.id,
                    NOON - 1_000 + nth,
                    nth,
                    if nth < 40 { "failed" } else { "complete" }
                ],
            )
            .unwrap();
    }
    let facts = bench.app.model_facts().await.unwrap();
    assert_eq!((facts[0].calls, facts[0].failed, facts[0].first_token_ms), (20, 0, Some(49)));
}
