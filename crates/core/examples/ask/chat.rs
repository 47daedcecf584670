//! Prompts, several at once, each a chat of its own; their replies come over the one stream of a window.

use std::{collections::HashMap, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{StreamExt, stream::FuturesUnordered};
use parlance_core::view::{ChatTarget, Frame, MessageStatus, PartKind, RunDelta, SendInput, Settled};
use serde_json::{Value, json};

use crate::{
    Failure, Outcome,
    args::{Args, Prompt},
    lines::{self, Line},
    setup::{Asking, Whom},
};

/// Who reads the stream.
const OWNER: &str = "ask";

/// Sends the prompts, so many at a time.
pub(crate) async fn ask(asking: &Asking, prompts: Vec<Prompt>, args: &Args) -> Result<Outcome, Failure> {
    let target = target(asking)?;
    let attachments = match &args.image {
        Some(file) => vec![attach(asking, file).await?],
        None => Vec::new(),
    };
    let (snapshot, mut frames) = asking.app.attach(OWNER);
    let mut replies = Replies { asking, running: HashMap::new(), early: Vec::new(), outcome: Outcome::Answered };
    let mut waiting = prompts.into_iter();
    let mut sending = FuturesUnordered::new();
    loop {
        while sending.len() + replies.running.len() < args.parallel
            && let Some(Prompt { id, text }) = waiting.next()
        {
            let input = SendInput { attachments: attachments.clone(), ..SendInput::text(None, text, target.clone()) };
            sending.push(async move { (id, asking.app.send(input).await) });
        }
        if sending.is_empty() && replies.running.is_empty() {
            return Ok(replies.outcome);
        }
        tokio::select! {
            Some((id, sent)) = sending.next() => match sent {
                Ok(receipt) => replies.began(receipt.run_id, id),
                Err(error) => replies.refused(&id, error.into()),
            },
            frame = frames.next() => {
                let Some(Frame { frame, runs }) = frame else {
                    return Err(Failure::of("internal", "the stream of replies has ended"));
                };
                runs.into_iter().for_each(|delta| replies.take(delta));
                asking.app.acknowledge(OWNER, &snapshot.attachment, frame);
            }
        }
    }
}

/// Whom each prompt goes to.
fn target(asking: &Asking) -> Result<ChatTarget, Failure> {
    match &asking.whom {
        Whom::Route { target, .. } => Ok(target.clone()),
        Whom::Provider(provider, model) => {
            let model = model.clone().or_else(|| provider.default_model.clone());
            let model = model.ok_or_else(|| Failure::of("bad_request", "no model is named: --to PROVIDER/MODEL"))?;
            Ok(ChatTarget::Model { provider_id: provider.id.clone(), model })
        }
    }
}

async fn attach(asking: &Asking, file: &Path) -> Result<String, Failure> {
    let unreadable = |error| Failure::of("bad_request", format!("{}: {error}", file.display()));
    let content = std::fs::read(file).map_err(unreadable)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(asking.app.add_attachment(&name, STANDARD.encode(content)).await?.id)
}

struct Replies<'a> {
    asking: &'a Asking,
    /// The prompt of each run.
    running: HashMap<String, String>,
    /// What came of a run before its receipt did.
    early: Vec<RunDelta>,
    outcome: Outcome,
}

impl Replies<'_> {
    /// Whom an error is about, where no attempt says so.
    fn whom(&self) -> &str {
        match &self.asking.whom {
            Whom::Provider(provider, _) => self.asking.name(&provider.id),
            Whom::Route { name, .. } => name,
        }
    }

    fn began(&mut self, run: String, prompt: String) {
        self.running.insert(run.clone(), prompt);
        let (now, early) = std::mem::take(&mut self.early).into_iter().partition(|delta| delta.run_id == run);
        self.early = early;
        let now: Vec<RunDelta> = now;
        now.into_iter().for_each(|delta| self.take(delta));
    }

    fn refused(&mut self, prompt: &str, failure: Failure) {
        let outcome = if failure.budgets.is_empty() { Outcome::Failed } else { Outcome::OverBudget };
        self.outcome = self.outcome.max(outcome);
        let line = Line::of("error").with("prompt", prompt).with("provider", self.whom());
        let line = line.with("category", failure.category).with("message", failure.message);
        let line = lines::with_skipped(line, self.asking, &failure.skipped);
        lines::with_budgets(line, &failure.budgets).print();
    }

    fn take(&mut self, delta: RunDelta) {
        let Some(prompt) = self.running.get(&delta.run_id) else {
            self.early.push(delta);
            return;
        };
        let base = Line::of("event").with("prompt", prompt.as_str()).with("run", delta.run_id.as_str());
        for part in delta.parts {
            let line = base.clone().with("attempt", part.attempt_id);
            // Text is what is meant where no kind is named.
            let kind = if part.kind == PartKind::Text { Value::Null } else { json!(part.kind) };
            line.with("kind", kind).with("name", part.name).with("text", part.append).print();
        }
        if let Some(settled) = delta.settled {
            self.settled(&base, &settled);
            // Another run answers the prompt anew: it is over with that one.
            if let (Some(prompt), Some(anew)) = (self.running.remove(&delta.run_id), settled.replaced_by) {
                self.began(anew.run_id, prompt);
            }
        }
    }

    fn settled(&mut self, base: &Line, settled: &Settled) {
        for attempt in &settled.attempts {
            lines::attempt(base, self.asking, attempt);
        }
        if let Some(anew) = &settled.replaced_by {
            let line = base.clone().with("type", "anew").with("outcome", json!(settled.status));
            line.with("by", anew.run_id.as_str()).print();
        } else if settled.status != MessageStatus::Complete {
            let last = settled.attempts.last();
            let failure = last.and_then(|attempt| attempt.error.as_ref());
            let stopped = failure.is_some_and(|failure| failure.code.as_deref() == Some("over_budget"));
            self.outcome = self.outcome.max(if stopped { Outcome::OverBudget } else { Outcome::Failed });
            let provider = last.map_or_else(|| self.whom(), |attempt| self.asking.name(&attempt.provider_id));
            let line = base.clone().with("type", "error").with("outcome", json!(settled.status));
            line.with("provider", provider).with_failure(failure).print();
        }
    }
}
