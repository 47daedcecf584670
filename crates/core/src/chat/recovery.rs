//! At start: replies that a killed app left half-written become `interrupted`, with their text and their entry.

use std::sync::Arc;

use parlance_providers::{Category, catalog::Vendor};
use rusqlite::Transaction;

use crate::{
    attachments::{Attachments, table},
    chat::relay::{self, OpenRun},
    clock::Clock,
    costs::{self, AttemptFacts, Reach, Tariff, TextCount, ledger},
    history::{
        StoreError, messages,
        runs::{self, AttemptEnd, AttemptRow},
        search,
    },
    registry::tables,
    view::{FailureView, MessageStatus},
};

/// What a start finds.
#[derive(Debug)]
pub struct Recovered {
    /// Replies that were interrupted.
    pub interrupted: u32,
    /// Prompts that a person carries: they lose nothing by waiting on.
    pub waiting: Vec<OpenRun>,
}

/// Makes every running attempt whole.
pub fn recover(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    attachments: &Attachments,
    vendor: impl Fn(&str) -> Option<Arc<Vendor>>,
) -> Result<Recovered, StoreError> {
    let now = clock.now_ms();
    let mut interrupted = 0;
    let carried = |open: &OpenRun| vendor(&open.vendor).is_some_and(|vendor| relay::carries(&vendor, &open.model));
    let waiting: Vec<_> = relay::open_runs(tx)?.into_iter().filter(carried).collect();
    let waits = |run_id: i64| waiting.iter().any(|open| open.run_id == run_id);
    for attempt in runs::left_running(tx)?.into_iter().filter(|attempt| !waits(attempt.run_id)) {
        let parts = runs::folded_chunks(tx, attempt.id)?;
        let mut received = TextCount::default();
        let run = run_of(tx, attempt.run_id)?;
        let message = run.message;
        for part in &parts {
            received.add(&part.text);
            if let Some((message_id, _)) = message {
                match attachments.keep_medium(part) {
                    Some(kept) => {
                        messages::insert_part(tx, message_id, &table::with_row(tx, part, &kept, now)?)?;
                    }
                    None => messages::insert_part(tx, message_id, part)?,
                }
            }
        }
        let answered = !parts.is_empty();
        runs::drop_chunks(tx, attempt.id)?;
        runs::end_attempt(tx, attempt.id, MessageStatus::Interrupted, &killed())?;
        runs::end(tx, attempt.run_id, MessageStatus::Interrupted, now)?;
        let vendor = vendor(&attempt.target.vendor);
        let tariff = vendor.as_deref().map_or(Tariff::Unknown, Tariff::of);
        book(tx, clock, &attempt, tariff, &run, answered, received)?;
        if let Some((message_id, _)) = message {
            messages::set_status(tx, message_id, MessageStatus::Interrupted, now)?;
            search::index_message(tx, message_id)?;
            interrupted += 1;
        }
    }
    for (run_id, message_id) in runs::left_waiting(tx)?.into_iter().filter(|(run_id, _)| !waits(*run_id)) {
        runs::end(tx, run_id, MessageStatus::Interrupted, now)?;
        messages::set_status(tx, message_id, MessageStatus::Interrupted, now)?;
        search::index_message(tx, message_id)?;
        interrupted += 1;
    }
    Ok(Recovered { interrupted, waiting })
}

fn killed() -> AttemptEnd {
    let error = FailureView {
        category: Category::BrokenStream,
        status: None,
        code: Some("app_killed".to_owned()),
        message: "Parlance ended before the reply did".to_owned(),
    };
    AttemptEnd { error: Some(error), ..AttemptEnd::default() }
}

/// What an attempt was for.
struct Run {
    purpose: String,
    /// The reply and its chat, where it was one.
    message: Option<(i64, i64)>,
    /// The route it ran on.
    route_id: Option<i64>,
}

fn run_of(tx: &Transaction<'_>, run_id: i64) -> Result<Run, StoreError> {
    let sql = "SELECT purpose, message_id, conversation_id, route_id FROM run WHERE id = ?1";
    Ok(tx.query_row(sql, [run_id], |row| {
        let (message, conversation): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
        Ok(Run { purpose: row.get(0)?, message: message.zip(conversation), route_id: row.get(3)? })
    })?)
}

/// The text of a branch before this reply.
fn before(tx: &Transaction<'_>, reply: i64) -> Result<TextCount, StoreError> {
    let mut sent = TextCount::default();
    for message in messages::branch(tx, reply)?.iter().filter(|message| message.id != reply) {
        message.parts.iter().for_each(|part| sent.add(&part.text));
    }
    Ok(sent)
}

/// Nobody saw what was sent, so the input is a guess from the branch and marked as one. Outside a chat there is nothing
/// to guess from.
fn book(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    attempt: &AttemptRow,
    tariff: Tariff<'_>,
    run: &Run,
    answered: bool,
    received: TextCount,
) -> Result<(), StoreError> {
    let sent = run.message.map(|(message_id, _)| before(tx, message_id)).transpose()?;
    let asked = attempt.target.model.clone();
    let sent_as = match tables::get(tx, attempt.target.provider_id) {
        Ok(row) => row.settings.sent(&asked).to_owned(),
        Err(_) => asked,
    };
    let entry = costs::decide(&AttemptFacts {
        tariff,
        model_asked: &sent_as,
        model_served: None,
        usage: None,
        reported_cost: None,
        reach: if answered { Reach::Answered } else { Reach::Silent },
        finished: false,
        sent,
        received,
        at_ms: attempt.started_at,
    });
    let now = clock.now_ms();
    let day = clock.local_day(now);
    let booking = ledger::Booking {
        attempt_id: attempt.id,
        conversation_id: run.message.map(|(_, conversation)| conversation),
        purpose: &run.purpose,
        provider_id: attempt.target.provider_id,
        account_id: attempt.target.account_id,
        route_id: run.route_id,
        vendor: &attempt.target.vendor,
        model: &attempt.target.model,
        outcome: MessageStatus::Interrupted.as_str(),
        booked_at: now,
        booked_day: &day,
    };
    ledger::insert_entry(tx, &booking, &entry)?;
    Ok(())
}
