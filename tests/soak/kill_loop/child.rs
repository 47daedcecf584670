//! The app without a window, in a process of its own that will be killed: three chats that go on and on.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use parlance_core::clock::SystemClock;
use parlance_core::registry::OverHttp;
use parlance_core::secrets::Secrets;
use parlance_core::view::{MessageStatus, ProviderInput, SendInput, Target};
use parlance_core::{App, Host, Outside};
use tokio::sync::{Notify, oneshot};

use super::upstream::MARK;

const LANES: usize = 3;

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
pub(crate) async fn run(dir: &std::path::Path, base_url: &str, round: &str) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let app = open(dir).await;
    say("OPEN");
    let target = Target { provider_id: provider(&app, base_url).await, model: "m".into() };
    let ends = Arc::new(Ends::default());
    let (snapshot, mut reader) = app.attach("main");
    for lane in 0..LANES {
        tokio::spawn(talk(app.clone(), target.clone(), Arc::clone(&ends), format!("{round}-{lane}")));
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
        say(&format!("ACK {asked} {answer} {prompt}"));
        match ends.of(&receipt.run_id).await {
            MessageStatus::Complete => say(&format!("DONE {answer}")),
            other => say(&format!("BROKE {answer} {other:?}")),
        }
        conversation_id = Some(receipt.summary.id);
    }
}
