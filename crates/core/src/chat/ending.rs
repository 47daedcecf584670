//! How attempts and runs end: what is written down, in one commit each, and what the windows are told.

use std::time::Duration;

use parlance_providers::{Category, ProviderError};

use super::{answer::Answer, hub::LivePart, views};
use crate::{
    app::Inner,
    attachments::{Attachments, Kept, table},
    costs::{
        self, AttemptFacts, Names, Quotes, Reach, TextCount,
        budgets::table::{self as budgets, Passed},
        ledger,
        reservations::Hold,
    },
    error::Error,
    history::{
        StoreError, conversations, messages,
        response_cache::{self, NewAnswer},
        rows::{OpaqueRow, PartRow, TargetRow},
        runs::{self, AttemptEnd},
        search,
    },
    registry::Resolved,
    view::{BudgetWarning, FailureView, MessageStatus, PartKind, Purpose, RunReceipt, Settled},
};

/// Tries to write before giving up and leaving the reply to the next start.
const TRIES: u32 = 3;

/// A run, by ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunIds {
    pub(super) run: i64,
    pub(super) conversation: i64,
    pub(super) message: i64,
    pub(super) purpose: Purpose,
    /// The route it runs on, or falls back to.
    pub(super) route: Option<i64>,
}

/// An attempt that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) id: i64,
    /// UTC milliseconds.
    pub(super) at: i64,
    /// How long it had been under way when this process took it up.
    pub(super) waited: Duration,
    /// The route that named whom it asks.
    pub(super) route: Option<i64>,
}

/// An attempt that has ended, ready to be written down.
#[derive(Clone)]
pub(super) struct Finished {
    attempt_id: i64,
    route_id: Option<i64>,
    pub(super) outcome: MessageStatus,
    end: AttemptEnd,
    /// With the file of a medium that lies on the disk and has no row yet.
    parts: Vec<(PartRow, Option<Kept>)>,
    entry: costs::LedgerEntry,
    target: TargetRow,
    /// The answer, where its route keeps it.
    pub(super) keep: Option<NewAnswer>,
}

/// The text of an answer, piece by piece.
pub(super) fn texts(live: &[(u32, LivePart)]) -> impl Iterator<Item = &str> {
    live.iter().filter(|(_, part)| part.kind != PartKind::Media).map(|(_, part)| part.text.as_str())
}

/// The text of an answer, guessed.
pub(super) fn received(live: &[(u32, LivePart)]) -> TextCount {
    let mut received = TextCount::default();
    texts(live).for_each(|text| received.add(text));
    received
}

impl Finished {
    /// What an attempt comes to, with the error that ended it, if one did.
    pub(super) fn new(
        begun: Begun,
        resolved: &Resolved,
        live: Vec<(u32, LivePart)>,
        answer: Answer,
        error: Option<&ProviderError>,
        [sent, received]: [TextCount; 2],
        quotes: &Quotes,
    ) -> Self {
        let entry = costs::decide(&AttemptFacts {
            offer: quotes.offer(resolved.target.provider_id, &resolved.vendor),
            names: Names {
                asked: &resolved.target.model,
                sent: &resolved.model,
                served: answer.model_served.as_deref(),
            },
            usage: answer.usage,
            reported_cost: answer.reported_cost.as_ref().map(|(nano, raw)| (*nano, raw.as_str())),
            reach: Reach::of(error, !live.is_empty() || answer.usage.is_some()),
            finished: answer.finish.is_some(),
            sent: Some(sent),
            received,
        });
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let outcome = answer.outcome(error);
        let parts = live.into_iter().map(|part| (part_row(part, resolved), None)).collect();
        let (class, reason) = answer.finish.clone().map_or((None, None), |(c, r)| (Some(c.as_str().to_owned()), r));
        let end = AttemptEnd {
            first_token_ms: answer.first_token.map(millis),
            duration_ms: Some(millis(answer.elapsed())),
            finish_class: class,
            finish_reason: reason,
            // A person's own Stop is no failure to explain.
            error: error.filter(|e| e.category != Category::Cancelled).map(FailureView::from),
            request_id: error.and_then(|error| error.request_id.clone()),
            model_served: answer.model_served,
            response_id: answer.response_id,
        };
        let (attempt_id, route_id, target) = (begun.id, begun.route, resolved.target.clone());
        Self { attempt_id, route_id, outcome, end, parts, entry, target, keep: None }
    }

    /// Nano-USD that it came to; `None` where nobody knows.
    pub(super) fn total_nano(&self) -> Option<i64> {
        self.entry.amounts.total
    }

    /// Nobody was asked: a kept answer was told again, which cost this when it was asked for.
    pub(super) fn told_again(&mut self, cost_nano: Option<i64>) {
        self.entry = costs::LedgerEntry::told_again(cost_nano);
    }

    /// Media that came in the answer go into files.
    async fn keep_media(&mut self, attachments: &Attachments) {
        for (part, kept) in self.parts.iter_mut().filter(|(part, _)| part.kind == PartKind::Media) {
            let (medium, attachments) = (part.clone(), attachments.clone());
            *kept = tokio::task::spawn_blocking(move || attachments.keep_medium(&medium)).await.ok().flatten();
        }
    }

    fn write(
        &self,
        tx: &rusqlite::Transaction<'_>,
        run: RunIds,
        now: i64,
        day: &str,
    ) -> Result<Vec<Passed>, StoreError> {
        for (part, kept) in &self.parts {
            match kept {
                Some(kept) => messages::insert_part(tx, run.message, &table::with_row(tx, part, kept, now)?)?,
                None => messages::insert_part(tx, run.message, part)?,
            }
        }
        runs::drop_chunks(tx, self.attempt_id)?;
        runs::end_attempt(tx, self.attempt_id, self.outcome, &self.end)?;
        ledger::insert_entry(tx, &self.booking(run, now, day), &self.entry)?;
        if let Some(answer) = &self.keep {
            response_cache::keep(tx, answer, self.entry.amounts.total, now)?;
        }
        budgets::passed(tx, self.target.provider_id, run.route, now, day)
    }

    fn booking<'a>(&'a self, run: RunIds, now: i64, day: &'a str) -> ledger::Booking<'a> {
        ledger::Booking {
            attempt_id: self.attempt_id,
            conversation_id: Some(run.conversation),
            purpose: run.purpose.as_str(),
            provider_id: self.target.provider_id,
            account_id: self.target.account_id,
            route_id: self.route_id,
            vendor: &self.target.vendor,
            model: self.end.model_served.as_deref().unwrap_or(&self.target.model),
            outcome: self.outcome.as_str(),
            booked_at: now,
            booked_day: day,
        }
    }
}

fn part_row((ordinal, part): (u32, LivePart), resolved: &Resolved) -> PartRow {
    PartRow {
        ordinal,
        kind: part.kind,
        attempt_id: Some(part.attempt_id),
        text: part.text,
        meta: part.meta,
        // Reasoning goes back to the one it came from or to nobody, so it is marked even without opaque data.
        opaque: (!part.opaque.is_empty() || part.kind == PartKind::Reasoning).then(|| OpaqueRow {
            data: part.opaque,
            dialect: resolved.dialect().to_owned(),
            provider_id: resolved.target.provider_id,
            model: resolved.model.clone(),
        }),
        attachment: None,
    }
}

/// What a run has spent that is not told of yet.
#[derive(Debug, Default)]
pub(super) struct Spending {
    /// Money held for its last attempt.
    pub(super) hold: Option<Hold>,
    /// Shares of budgets that were passed by its attempts before.
    pub(super) passed: Vec<Passed>,
}

/// Writes an attempt down and leaves its run open for the next one. Gives the shares of budgets that it passed.
pub(super) async fn close(app: &Inner, run: RunIds, mut finished: Box<Finished>) -> Result<Vec<Passed>, StoreError> {
    let _held = app.attachments.hold().await;
    finished.keep_media(&app.attachments).await;
    write(app, run, Some(finished), None).await
}

/// Writes a run down with its last attempt, if one was under way. Returns how it ended and which shares of budgets were
/// passed by all that it booked, for the windows.
pub(super) async fn settle(
    app: &Inner,
    run: RunIds,
    last: Option<Box<Finished>>,
    outcome: MessageStatus,
    spending: Spending,
) -> (MessageStatus, Vec<Passed>) {
    let _held = app.attachments.hold().await;
    let mut last = last;
    if let Some(finished) = &mut last {
        finished.keep_media(&app.attachments).await;
    }
    let Spending { hold, mut passed } = spending;
    let outcome = match write(app, run, last, Some(outcome)).await {
        Ok(more) => {
            passed.extend(more);
            outcome
        }
        // One that could not be written down is made whole by the next start.
        Err(_) => MessageStatus::Interrupted,
    };
    // Booked, or left to the next start to be.
    drop(hold);
    (outcome, passed)
}

/// Tells the windows how a run ended, and of the one that answers anew in its place.
pub(super) async fn tell(
    app: &Inner,
    run: RunIds,
    (outcome, passed): (MessageStatus, Vec<Passed>),
    replaced_by: Option<RunReceipt>,
) {
    let budgets = app.warn(&passed).await;
    let settled = settled(app, run, outcome, budgets).await;
    // Before the page is told: it may send the next message at once.
    app.forget_run(run.run);
    match settled {
        Ok(settled) => app.hub.settle(run.run, Settled { replaced_by, ..settled }),
        Err(error) => {
            tracing::error!(code = error.code(), "a settled reply could not be read back");
            app.hub.abandon(run.run);
        }
    }
}

async fn write(
    app: &Inner,
    run: RunIds,
    last: Option<Box<Finished>>,
    outcome: Option<MessageStatus>,
) -> Result<Vec<Passed>, StoreError> {
    let mut tries = 1;
    loop {
        let (last, now) = (last.clone(), app.clock.now_ms());
        let day = app.clock.local_day(now);
        let rows = move |tx: &rusqlite::Transaction<'_>| {
            let passed = last.as_ref().map(|finished| finished.write(tx, run, now, &day)).transpose()?;
            outcome.map_or(Ok(()), |outcome| end(tx, run, outcome, now))?;
            Ok(passed.unwrap_or_default())
        };
        match app.database.write(rows).await {
            Ok(passed) => return Ok(passed),
            Err(error) if tries < TRIES && !app.is_closing() => {
                tracing::warn!(code = error.code(), "a reply could not be settled, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                tries += 1;
            }
            Err(error) => {
                // Its chunks are on disk and its status is `streaming`: the next start makes it whole.
                tracing::error!(code = error.code(), "a reply stays unsettled until the next start");
                return Err(error);
            }
        }
    }
}

fn end(tx: &rusqlite::Transaction<'_>, run: RunIds, outcome: MessageStatus, now: i64) -> Result<(), StoreError> {
    runs::end(tx, run.run, outcome, now)?;
    messages::set_status(tx, run.message, outcome, now)?;
    search::index_message(tx, run.message)?;
    conversations::touch(tx, run.conversation, now)
}

async fn settled(
    app: &Inner,
    run: RunIds,
    status: MessageStatus,
    budgets: Vec<BudgetWarning>,
) -> Result<Settled, Error> {
    let (attempts, summary, spend) = app
        .database
        .read(move |connection| {
            Ok((
                views::attempt_facts(connection, run.message)?,
                conversations::get(connection, run.conversation)?,
                ledger::conversation_spend(connection, run.conversation)?.into(),
            ))
        })
        .await?;
    Ok(Settled {
        budgets,
        status,
        attempts: attempts.into_iter().map(|facts| views::attempt(&app.registry, facts)).collect(),
        // The run that settles is still known as running; the row must not say so.
        summary: views::summary(&app.registry, summary, app.is_running_beside(run.conversation, run.message)),
        spend,
        replaced_by: None,
    })
}
