//! The app without a window, in a process of its own that will be killed: three chats that go on and on, or a
//! comparison with eight lanes.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use parlance_core::clock::SystemClock;
use parlance_core::registry::OverHttp;
use parlance_core::secrets::Secrets;
use parlance_core::view::{
    ChatSetup, CompareInput, CompareView, LaneInput, MessageStatus, ProviderInput, SendInput, Shelf, Target,
};
use parlance_core::{App, Host, Outside};
use tokio::sync::{Notify, oneshot};

use super::Kind;
use super::upstream::{MARK, key};

const CHATS: usize = 3;
/// Lanes of a comparison.
pub(crate) const LANES: usize = 8;
/// Rounds that one comparison goes on for, so that its history does not grow for ever.
const ROUNDS_OF_ONE: u64 = 10;

pub(crate) async fn open(dir: &std::path::Path) -> App {
    let host = Host {
        data_dir: dir.to_owned(),
        version: "0.0.0",
        demo: false,
        clock: Arc::new(SystemClock),
        secrets: Secrets::new(|_| None),
        connect: Arc::new(OverHttp),
        outside: Outside::below(dir),
    };
    App::open(host).await.unwrap()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The parent is gone: so is the reason to be here.
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Runs that the page has seen settle, and those who wait for one.
#[derive(Default)]
struct Ends {
    settled: Mutex<HashMap<String, MessageStatus>>,
    changed: Notify,
}

impl Ends {
    async fn of(&self, run: &str) -> MessageStatus {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(status) = self.settled.lock().unwrap().get(run) {
                return *status;
            }
            changed.await;
        }
    }
}

/// Chats until killed.
pub(crate) async fn run(dir: &std::path::Path, base_url: &str, round: &str, kind: Kind) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let app = open(dir).await;
    say("OPEN");
    let provider_id = provider(&app, base_url).await;
    let ends = Arc::new(Ends::default());
    let (snapshot, mut reader) = app.attach("main");
    match kind {
        Kind::Chats => {
            for chat in 0..CHATS {
                let target = Target { provider_id: provider_id.clone(), model: "m".into() };
                tokio::spawn(talk(app.clone(), target, Arc::clone(&ends), format!("{round}-{chat}")));
            }
        }
        Kind::Comparison => {
            tokio::spawn(compare(app.clone(), provider_id, Arc::clone(&ends), round.to_owned()));
        }
    }
    while let Some(frame) = reader.next().await {
        app.acknowledge("main", &snapshot.attachment, frame.frame);
        for delta in frame.runs {
            let length: usize = delta.parts.iter().map(|part| part.append.len()).sum();
            say(&format!("SEEN {} {length}", delta.message_id));
            if let Some(settled) = delta.settled {
                ends.settled.lock().unwrap().insert(delta.run_id, settled.status);
                ends.changed.notify_waiters();
            }
        }
    }
    let (_never, forever) = oneshot::channel::<()>();
    let _ = forever.await;
}

async fn provider(app: &App, base_url: &str) -> String {
    if let Some(known) = app.list_providers().await.unwrap().into_iter().next() {
        return known.id;
    }
    let input = ProviderInput {
        id: None,
        vendor: "openai-compatible".into(),
        name: "Loop".into(),
        base_url: base_url.into(),
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    };
    app.save_provider(input).await.unwrap().id
}

/// One chat: prompt after prompt, each when the answer before it is on the disk.
async fn talk(app: App, target: Target, ends: Arc<Ends>, lane: String) {
    let mut conversation_id = None;
    for nth in 0.. {
        let prompt = format!("{lane}-{nth}");
        let input = SendInput::text(conversation_id.clone(), format!("{MARK}{prompt}."), target.clone());
        let receipt = app.send(input).await.unwrap();
        let (asked, answer) = (&receipt.messages[0].id, &receipt.messages[1].id);
        say(&format!("ACK {asked} {answer} {prompt} {}", key(&prompt, &target.model)));
        match ends.of(&receipt.run_id).await {
            MessageStatus::Complete => say(&format!("DONE {answer}")),
            other => say(&format!("BROKE {answer} {other:?}")),
        }
        conversation_id = Some(receipt.summary.id);
    }
}

/// One comparison: prompt after prompt to all lanes, each when all answers before it are on the disk. It goes on where
/// the kill before left it.
async fn compare(app: App, provider_id: String, ends: Arc<Ends>, round: String) {
    let fresh = round.parse::<u64>().unwrap().is_multiple_of(ROUNDS_OF_ONE);
    let known = if fresh { None } else { newest(&app).await };
    let mut conversation_id = known.as_ref().map(|view| view.summary.id.clone());
    let mut lanes = known.map_or_else(|| new_lanes(&provider_id), |view| again(&view));
    for nth in 0.. {
        let prompt = format!("{round}-{nth}");
        let input = CompareInput {
            conversation_id: conversation_id.clone(),
            text: format!("{MARK}{prompt}."),
            attachments: Vec::new(),
            lanes: lanes.clone(),
            shared_from: None,
            replaces: None,
            blind: false,
            over_budget: false,
        };
        let receipt = app.send_compare(input).await.unwrap();
        for (at, (asked, answer)) in receipt.turn.prompts.iter().zip(&receipt.turn.answers).enumerate() {
            say(&format!("ACK {asked} {} {prompt} {}", answer.message_id, key(&prompt, &format!("m-{at}"))));
        }
        for run in &receipt.runs {
            match ends.of(&run.run_id).await {
                MessageStatus::Complete => say(&format!("DONE {}", run.message_id)),
                other => say(&format!("BROKE {} {other:?}", run.message_id)),
            }
        }
        let view = app.get_compare(&receipt.summary.id).await.unwrap();
        lanes = again(&view);
        conversation_id = Some(receipt.summary.id);
    }
}

/// The comparison that was asked last, opened.
pub(crate) async fn newest(app: &App) -> Option<CompareView> {
    let row = app.list_shelf(Shelf::List, None).await.unwrap().items.into_iter().next()?;
    Some(app.get_compare(&row.id).await.unwrap())
}

fn new_lanes(provider_id: &str) -> Vec<LaneInput> {
    let target = |at| Target { provider_id: provider_id.to_owned(), model: format!("m-{at}") }.into();
    let lane = |at| LaneInput {
        id: None,
        target: target(at),
        fallback_route_id: None,
        setup: ChatSetup::default(),
        asked: true,
    };
    (0..LANES).map(lane).collect()
}

fn again(view: &CompareView) -> Vec<LaneInput> {
    let lane = |lane: &parlance_core::view::LaneView| LaneInput {
        id: Some(lane.id.clone()),
        target: lane.target.clone().unwrap(),
        fallback_route_id: None,
        setup: lane.setup.clone(),
        asked: true,
    };
    view.lanes.iter().map(lane).collect()
}
