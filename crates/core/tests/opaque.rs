//! Opaque data from a vendor's answer through the store to the next turn: the same bytes for the same recipient,
//! nothing of it for any other. Over recorded provider traffic, where the folder is at hand.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use crate::common::{Asked, Bench, settled};
use parlance_core::view::{ProviderInput, ProviderView, SendInput, Target};
use parlance_providers::{
    ChatEvent, ProviderError,
    catalog::{Catalog, DialectId, Vendor},
    dialects::dialect,
};
use rusqlite::{Connection, params};
use serde_json::Value;

const FEATURES: [&str; 4] = ["signature", "redacted-thinking", "reasoning-encrypted", "reasoning-details"];

/// The vendor of a wire that has no quirks of its own.
fn vendor(wire: &str) -> Option<&'static Vendor> {
    let id: DialectId = serde_json::from_value(wire.into()).ok()?;
    dialect(id)?;
    Catalog::bundled().get(&format!("{}-compatible", wire.trim_end_matches("-chat")))
}

struct Recording {
    name: String,
    vendor: &'static Vendor,
    events: Vec<ChatEvent>,
    /// What ended it, where it broke off.
    error: Option<ProviderError>,
}

impl Recording {
    fn read(path: &Path) -> Option<Self> {
        let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let features = file["features"].as_array()?;
        let wanted = features.iter().any(|f| f.as_str().is_some_and(|f| FEATURES.contains(&f)));
        let vendor = vendor(file["wire"].as_str()?).filter(|_| wanted)?;
        let body = file["response"]["body"].as_str()?;
        let mut decoder = dialect(vendor.dialect)?.decoder(vendor);
        let mut events = Vec::new();
        let end = decoder.push(body.as_bytes(), &mut events).and_then(|()| decoder.finish(&mut events));
        Some(Self { name: path.display().to_string(), vendor, events, error: end.err() })
    }

    /// What must go back, in order.
    fn opaque(&self) -> Vec<&str> {
        let json = self.events.iter().filter_map(|event| match event {
            ChatEvent::Opaque { data, .. } => Some(data.json.as_str()),
            _ => None,
        });
        json.collect()
    }

    /// The ids and names of the calls it makes.
    fn calls(&self) -> Vec<(&str, &str)> {
        let calls = self.events.iter().filter_map(|event| match event {
            ChatEvent::ToolCallStart { id, name, .. } => Some((id.as_str(), name.as_str())),
            _ => None,
        });
        calls.collect()
    }

    async fn add_provider(&self, bench: &Bench, name: &str) -> ProviderView {
        let input = ProviderInput {
            id: None,
            vendor: self.vendor.id.clone(),
            name: name.into(),
            base_url: "http://127.0.0.1:9".into(),
            enabled: true,
            default_model: None,
            in_clear: false,
            fields: Default::default(),
        };
        bench.app.save_provider(input).await.unwrap()
    }

    /// The body of the next request to a provider in the conversation.
    async fn next_body(&self, bench: &mut Bench, conversation: &str, provider: &ProviderView, model: &str) -> String {
        let target = Target { provider_id: provider.id.clone(), model: model.into() };
        let conversation_id = Some(conversation.to_owned());
        let (snapshot, mut reader) = bench.app.attach("main");
        let receipt = bench.app.send(SendInput::text(conversation_id, "And now?", target)).await.unwrap();
        let asked = bench.asked.recv().await.unwrap();
        asked.fail(parlance_providers::Category::Forbidden);
        settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
        dialect(self.vendor.dialect).unwrap().chat(self.vendor, &asked.request, true).unwrap().body.unwrap()
    }
}

fn answer(asked: &Asked, recording: &Recording) {
    for event in &recording.events {
        asked.say.send(Ok(event.clone())).unwrap();
    }
    if let Some(error) = &recording.error {
        asked.say.send(Err(error.clone())).unwrap();
    }
}

/// What running the tools gave, as a turn of the person at the end of the chat.
fn add_results(bench: &Bench, calls: &[(&str, &str)]) {
    let store = Connection::open(bench.data().join("parlance.db")).unwrap();
    store.execute("INSERT INTO turn (conversation_id, created_at) VALUES (1, 0)", []).unwrap();
    let turn = store.last_insert_rowid();
    for (ordinal, (id, name)) in calls.iter().enumerate() {
        let meta = serde_json::json!({ "call_id": id, "name": name }).to_string();
        store
            .execute(
                "INSERT INTO turn_part (turn_id, ordinal, kind, text, meta) VALUES (?1, ?2, 'tool_result', '{}', ?3)",
                params![turn, ordinal as i64, meta],
            )
            .unwrap();
    }
    store
        .execute(
            "INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at)
             SELECT id, ?1, active_leaf, 'user', 'complete', 0, 0 FROM lane",
            [turn],
        )
        .unwrap();
    store.execute("UPDATE lane SET active_leaf = ?1", [store.last_insert_rowid()]).unwrap();
}

fn holds_in_order(body: &str, pieces: &[&str]) -> bool {
    let mut rest = body;
    pieces.iter().all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

async fn round_trip(recording: &Recording) {
    let mut bench = Bench::new().await;
    let provider = recording.add_provider(&bench, "first").await;
    let other = recording.add_provider(&bench, "second").await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "Think about it", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    answer(&asked, recording);
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    if !recording.calls().is_empty() {
        add_results(&bench, &recording.calls());
    }
    let conversation = receipt.summary.id;
    let mut bench = bench.reopen().await;
    let (name, opaque) = (&recording.name, recording.opaque());
    let same = recording.next_body(&mut bench, &conversation, &provider, "m-1").await;
    assert!(holds_in_order(&same, &opaque), "{name}: {opaque:?} in {same}");
    for (to, model) in [(&other, "m-1"), (&provider, "m-2")] {
        let switched = recording.next_body(&mut bench, &conversation, to, model).await;
        let leaked = opaque.iter().find(|json| json.len() > 8 && switched.contains(**json));
        assert!(leaked.is_none(), "{name}: {leaked:?} went to another recipient");
    }
}

#[tokio::test]
async fn what_a_vendor_wants_back_goes_back_unchanged_and_to_nobody_else() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let mut tried = std::collections::BTreeMap::<&str, usize>::new();
    for wire in fs::read_dir(folder).unwrap().filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(wire.path()).unwrap() {
            let Some(recording) = Recording::read(&file.unwrap().path()) else { continue };
            // An answer that broke off may not have come to the end of what is kept as one piece.
            if recording.opaque().is_empty() {
                assert!(recording.error.is_some(), "{} holds nothing to send back", recording.name);
                continue;
            }
            round_trip(&recording).await;
            *tried.entry(recording.vendor.dialect.as_str()).or_default() += 1;
        }
    }
    eprintln!("{tried:?}");
    assert!(tried.get("openai-chat").is_some_and(|count| *count >= 9), "{tried:?}");
    assert!(tried.get("openai-responses").is_some_and(|count| *count >= 8), "{tried:?}");
}
