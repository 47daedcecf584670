//! One run of a message: asks the provider, follows its events, and settles everything in one commit.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use parlance_providers::{CancellationToken, Category, ChatRequest, ProviderError};

use super::{answer::Answer, hub::LivePart, prompt::Outline, views};
use crate::{
    app::Inner,
    attachments::{Attachments, Kept, table},
    costs::{self, AttemptFacts, Reach, Tariff, TextCount, ledger},
    error::Error,
    history::{
        StoreError, conversations, messages,
        rows::{BegunRun, OpaqueRow, PartRow},
        runs::{self, AttemptEnd},
        search,
    },
    registry::Resolved,
    view::{FailureView, MessageStatus, PartKind, Settled},
};

/// Tries to settle before giving up and leaving the reply to the next start.
const SETTLE_TRIES: u32 = 3;

/// A run about to leave.
pub struct Departure {
    /// What was committed for it.
    pub begun: BegunRun,
    /// Whom it asks.
    pub resolved: Resolved,
    /// What it asks.
    pub request: Outline,
    /// Stops it.
    pub cancel: CancellationToken,
    /// When it began, UTC milliseconds.
    pub started_at: i64,
}

/// Drives a run to its end. Whatever happens, the message ends in a state that says so.
pub(crate) async fn drive(app: Arc<Inner>, departure: Departure) {
    let mut answer = Answer::new(Arc::clone(&app.hub), departure.begun.run_id);
    let (vendor, model) = (Arc::clone(&departure.resolved.vendor), departure.resolved.model.clone());
    let (sent, asked) = match departure.request.clone().read(&app.attachments, &vendor, &model).await {
        Ok(request) => {
            let sent = TextCount::of_request(&request);
            (sent, follow(&mut answer, &departure, request).await)
        }
        Err(error) => (TextCount::default(), Err(error)),
    };
    let error = asked.err().map(|error| if app.is_closing() { closing(error) } else { error });
    let mut finished = Finished::new(&app, departure, answer, error, sent);
    let _held = app.attachments.hold().await;
    finished.keep_media(&app.attachments).await;
    finished.settle(&app).await;
}

/// A reply stopped because the app closes was not stopped by the person: it can be continued.
fn closing(error: ProviderError) -> ProviderError {
    if error.category == Category::Cancelled {
        ProviderError::because(Category::BrokenStream, "app_closed", "Parlance was closed")
    } else {
        error
    }
}

async fn follow(answer: &mut Answer, departure: &Departure, mut request: ChatRequest) -> Result<(), ProviderError> {
    request.model.clone_from(&departure.resolved.model);
    let mut events = departure.resolved.provider.stream(request, departure.cancel.clone()).await?;
    while let Some(event) = events.next().await {
        answer.take(event?)?;
    }
    match answer.finish {
        Some(_) => Ok(()),
        None => Err(ProviderError::because(Category::BrokenStream, "cut_off", "the answer ended without its end")),
    }
}

/// A run that has ended, ready to be written down.
#[derive(Clone)]
struct Finished {
    begun: BegunRun,
    outcome: MessageStatus,
    end: AttemptEnd,
    /// With the file of a medium that lies on the disk and has no row yet.
    parts: Vec<(PartRow, Option<Kept>)>,
    entry: costs::LedgerEntry,
    target: crate::history::rows::TargetRow,
}

impl Finished {
    fn new(app: &Inner, departure: Departure, answer: Answer, error: Option<ProviderError>, sent: TextCount) -> Self {
        let Departure { begun, resolved, started_at, .. } = departure;
        let (first, live) = app.hub.parts(begun.run_id);
        let mut received = TextCount::default();
        for part in live.iter().filter(|part| part.kind != PartKind::Media) {
            received.add(&part.text);
        }
        let entry = costs::decide(&AttemptFacts {
            tariff: Tariff::of(&resolved.vendor),
            model_asked: &resolved.model,
            model_served: answer.model_served.as_deref(),
            usage: answer.usage,
            reported_cost: answer.reported_cost.as_ref().map(|(nano, raw)| (*nano, raw.as_str())),
            reach: Reach::of(error.as_ref(), !live.is_empty() || answer.usage.is_some()),
            finished: answer.finish.is_some(),
            sent,
            received,
            at_ms: started_at,
        });
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let outcome = answer.outcome(error.as_ref());
        let parts = part_rows(first, live, &begun, &resolved).into_iter().map(|part| (part, None)).collect();
        let (class, reason) = answer.finish.clone().map_or((None, None), |(c, r)| (Some(c.as_str().to_owned()), r));
        let end = AttemptEnd {
            first_token_ms: answer.first_token.map(millis),
            duration_ms: Some(millis(answer.elapsed())),
            finish_class: class,
            finish_reason: reason,
            // A person's own Stop is no failure to explain.
            error: error.as_ref().filter(|e| e.category != Category::Cancelled).map(FailureView::from),
            request_id: error.and_then(|error| error.request_id),
            model_served: answer.model_served,
            response_id: answer.response_id,
        };
        Self { begun, outcome, end, parts, entry, target: resolved.target }
    }

    /// Media that came in the answer go into files.
    async fn keep_media(&mut self, attachments: &Attachments) {
        for (part, kept) in self.parts.iter_mut().filter(|(part, _)| part.kind == PartKind::Media) {
            let (medium, attachments) = (part.clone(), attachments.clone());
            *kept = tokio::task::spawn_blocking(move || attachments.keep_medium(&medium)).await.ok().flatten();
        }
    }

    async fn settle(self, app: &Inner) {
        let (run_id, message_id) = (self.begun.run_id, self.begun.message_id);
        let mut outcome = self.outcome;
        for attempt in 1..=SETTLE_TRIES {
            match self.write(app).await {
                Ok(()) => break,
                Err(error) if attempt < SETTLE_TRIES && !app.is_closing() => {
                    tracing::warn!(code = error.code(), "a reply could not be settled, trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error) => {
                    // Its chunks are on disk and its status is `streaming`: the next start makes it whole.
                    tracing::error!(code = error.code(), "a reply stays unsettled until the next start");
                    outcome = MessageStatus::Interrupted;
                    break;
                }
            }
        }
        let settled = settled(app, message_id, self.begun.conversation_id, outcome).await;
        // Before the page is told: it may send the next message at once.
        app.forget_run(run_id);
        match settled {
            Ok(settled) => app.hub.settle(run_id, settled),
            Err(error) => {
                tracing::error!(code = error.code(), "a settled reply could not be read back");
                app.hub.abandon(run_id);
            }
        }
    }

    async fn write(&self, app: &Inner) -> Result<(), StoreError> {
        let this = self.clone();
        let now = app.clock.now_ms();
        let day = app.clock.local_day(now);
        app.database.write(move |tx| this.write_rows(tx, now, &day)).await
    }

    fn write_rows(&self, tx: &rusqlite::Transaction<'_>, now: i64, day: &str) -> Result<(), StoreError> {
        let begun = &self.begun;
        for (part, kept) in &self.parts {
            match kept {
                Some(kept) => {
                    messages::insert_part(tx, begun.message_id, &table::with_row(tx, part, kept, now)?)?;
                }
                None => messages::insert_part(tx, begun.message_id, part)?,
            }
        }
        runs::drop_chunks(tx, begun.attempt_id)?;
        runs::end(tx, begun.run_id, begun.attempt_id, self.outcome, &self.end, now)?;
        ledger::insert_entry(tx, &self.booking(now, day), &self.entry)?;
        messages::set_status(tx, begun.message_id, self.outcome, now)?;
        search::index_message(tx, begun.message_id)?;
        conversations::touch(tx, begun.conversation_id, now)
    }

    fn booking<'a>(&'a self, now: i64, day: &'a str) -> ledger::Booking<'a> {
        ledger::Booking {
            attempt_id: self.begun.attempt_id,
            conversation_id: Some(self.begun.conversation_id),
            purpose: "chat",
            provider_id: self.target.provider_id,
            account_id: self.target.account_id,
            route_id: None,
            vendor: &self.target.vendor,
            model: self.end.model_served.as_deref().unwrap_or(&self.target.model),
            outcome: self.outcome.as_str(),
            booked_at: now,
            booked_day: day,
        }
    }
}

fn part_rows(first: u32, live: Vec<LivePart>, begun: &BegunRun, resolved: &Resolved) -> Vec<PartRow> {
    let row = |(ordinal, part): (u32, LivePart)| PartRow {
        ordinal,
        kind: part.kind,
        attempt_id: Some(begun.attempt_id),
        text: part.text,
        meta: part.meta,
        // Reasoning goes back to the one it came from or to nobody, so it is marked even without opaque data.
        opaque: (!part.opaque.is_empty() || part.kind == PartKind::Reasoning).then(|| OpaqueRow {
            data: part.opaque,
            dialect: resolved.vendor.dialect.as_str().to_owned(),
            provider_id: resolved.target.provider_id,
            model: resolved.model.clone(),
        }),
        attachment: None,
    };
    (first..).zip(live).map(row).collect()
}

async fn settled(app: &Inner, message_id: i64, conversation_id: i64, status: MessageStatus) -> Result<Settled, Error> {
    let (attempts, summary, spend) = app
        .database
        .read(move |connection| {
            Ok((
                views::attempt_facts(connection, message_id)?,
                conversations::get(connection, conversation_id)?,
                ledger::conversation_spend(connection, conversation_id)?.into(),
            ))
        })
        .await?;
    Ok(Settled {
        status,
        attempts: attempts.into_iter().map(|facts| views::attempt(&app.registry, facts)).collect(),
        // The run that settles is still known as running; the row must not say so.
        summary: views::summary(&app.registry, summary, app.is_running_beside(conversation_id, message_id)),
        spend,
    })
}
