//! At start: replies that a killed app left half-written become `interrupted`, with their text and their entry.

use std::sync::Arc;

use parlance_providers::{Category, catalog::Vendor};
use rusqlite::Transaction;

use crate::{
    attachments::{Attachments, table},
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

/// Makes every running attempt whole. Returns how many replies were interrupted.
pub fn recover(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    attachments: &Attachments,
    vendor: impl Fn(&str) -> Option<Arc<Vendor>>,
) -> Result<u32, StoreError> {
    let now = clock.now_ms();
    let mut interrupted = 0;
    for attempt in runs::left_running(tx)? {
        let parts = runs::folded_chunks(tx, attempt.id)?;
        let mut received = TextCount::default();
        let message: Option<(i64, i64)> = message_of(tx, attempt.run_id)?;
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
        book(tx, clock, &attempt, tariff, message.map(|(_, c)| c), answered, received)?;
        if let Some((message_id, _)) = message {
            messages::set_status(tx, message_id, MessageStatus::Interrupted, now)?;
            search::index_message(tx, message_id)?;
            interrupted += 1;
        }
    }
    for (run_id, message_id) in runs::left_waiting(tx)? {
        runs::end(tx, run_id, MessageStatus::Interrupted, now)?;
        messages::set_status(tx, message_id, MessageStatus::Interrupted, now)?;
        search::index_message(tx, message_id)?;
        interrupted += 1;
    }
    Ok(interrupted)
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

fn message_of(tx: &Transaction<'_>, run_id: i64) -> Result<Option<(i64, i64)>, StoreError> {
    let ids: (Option<i64>, Option<i64>) =
        tx.query_row("SELECT message_id, conversation_id FROM run WHERE id = ?1", [run_id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(ids.0.zip(ids.1))
}

/// Nobody saw what was sent, so the input is a guess from the branch and marked as one.
fn book(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    attempt: &AttemptRow,
    tariff: Tariff<'_>,
    conversation_id: Option<i64>,
    answered: bool,
    received: TextCount,
) -> Result<(), StoreError> {
    let mut sent = TextCount::default();
    let branch_of: Option<i64> =
        tx.query_row("SELECT message_id FROM run WHERE id = ?1", [attempt.run_id], |r| r.get(0))?;
    if let Some(message_id) = branch_of {
        for message in messages::branch(tx, message_id)?.iter().filter(|message| message.id != message_id) {
            message.parts.iter().for_each(|part| sent.add(&part.text));
        }
    }
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
        conversation_id,
        purpose: "chat",
        provider_id: attempt.target.provider_id,
        account_id: attempt.target.account_id,
        route_id: None,
        vendor: &attempt.target.vendor,
        model: &attempt.target.model,
        outcome: MessageStatus::Interrupted.as_str(),
        booked_at: now,
        booked_day: &day,
    };
    ledger::insert_entry(tx, &booking, &entry)?;
    Ok(())
}
