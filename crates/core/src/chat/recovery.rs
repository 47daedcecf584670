//! At start: replies that a killed app left half-written become `interrupted`, with their text and their entry.

use std::sync::Arc;

use parlance_providers::{Category, catalog::Vendor};
use rusqlite::Transaction;

use crate::{
    attachments::{Attachments, table},
    chat::{
        merge,
        relay::{self, OpenRun},
    },
    clock::Clock,
    costs::{self, AttemptFacts, Names, PriceBook, Reach, Tariff, TextCount, ledger},
    history::{
        StoreError, messages,
        runs::{self, AttemptEnd, AttemptRow},
        search,
    },
    registry::tables,
    view::{FailureView, MessageStatus},
};

/// What making replies whole needs beside the store.
pub struct Hands<'a> {
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Where media of answers are kept.
    pub attachments: &'a Attachments,
    /// What everything costs.
    pub prices: &'a PriceBook,
    /// The vendors that are known, by id.
    pub vendor: &'a dyn Fn(&str) -> Option<Arc<Vendor>>,
}

/// What a start finds.
#[derive(Debug)]
pub struct Recovered {
    /// Replies that were interrupted.
    pub interrupted: u32,
    /// Prompts that a person carries: they lose nothing by waiting on.
    pub waiting: Vec<OpenRun>,
}

/// Makes every running attempt whole, but those of prompts that wait on.
pub fn recover(tx: &Transaction<'_>, hands: &Hands<'_>) -> Result<Recovered, StoreError> {
    let vendor = |open: &OpenRun| (hands.vendor)(&open.vendor);
    let carried = |open: &OpenRun| vendor(open).is_some_and(|vendor| relay::carries(&vendor, &open.model));
    let waiting: Vec<_> = relay::open_runs(tx)?.into_iter().filter(carried).collect();
    let waits = |run_id: i64| waiting.iter().any(|open| open.run_id == run_id);
    let interrupted = interrupt(tx, hands, &killed(), |run_id| !waits(run_id))?;
    Ok(Recovered { interrupted, waiting })
}

/// Ends the open runs that are picked as interrupted, with the text they have and their entries; `why` is their last
/// attempt's failure. Says how many replies that were.
pub fn interrupt(
    tx: &Transaction<'_>,
    hands: &Hands<'_>,
    why: &FailureView,
    picked: impl Fn(i64) -> bool,
) -> Result<u32, StoreError> {
    let now = hands.clock.now_ms();
    let mut interrupted = 0;
    for attempt in runs::left_running(tx)?.into_iter().filter(|attempt| picked(attempt.run_id)) {
        let parts = runs::folded_chunks(tx, attempt.id)?;
        let mut received = TextCount::default();
        let run = run_of(tx, attempt.run_id)?;
        let message = run.message;
        for part in &parts {
            received.add(&part.text);
            if let Some((message_id, _)) = message {
                match hands.attachments.keep_medium(part) {
                    Some(kept) => {
                        messages::insert_part(tx, message_id, &table::with_row(tx, part, &kept, now)?)?;
                    }
                    None => messages::insert_part(tx, message_id, part)?,
                }
            }
        }
        let answered = !parts.is_empty();
        runs::drop_chunks(tx, attempt.id)?;
        let end = AttemptEnd { error: Some(why.clone()), ..AttemptEnd::default() };
        runs::end_attempt(tx, attempt.id, MessageStatus::Interrupted, &end)?;
        runs::end(tx, attempt.run_id, MessageStatus::Interrupted, now)?;
        let vendor = (hands.vendor)(&attempt.target.vendor);
        let tariff = vendor.as_deref().map_or(Tariff::Unknown, Tariff::of);
        book(tx, hands, &attempt, tariff, &run, answered, received)?;
        if let Some((message_id, _)) = message {
            close(tx, message_id, now)?;
            interrupted += 1;
        }
    }
    for (run_id, message_id) in runs::left_waiting(tx)?.into_iter().filter(|(run_id, _)| picked(*run_id)) {
        runs::end(tx, run_id, MessageStatus::Interrupted, now)?;
        close(tx, message_id, now)?;
        interrupted += 1;
    }
    Ok(interrupted)
}

fn close(tx: &Transaction<'_>, message_id: i64, now: i64) -> Result<(), StoreError> {
    messages::set_status(tx, message_id, MessageStatus::Interrupted, now)?;
    search::index_message(tx, message_id)
}

/// What is said of an attempt that ended with the app.
pub fn killed() -> FailureView {
    FailureView {
        category: Category::BrokenStream,
        status: None,
        code: Some("app_killed".to_owned()),
        message: "Parlance ended before the reply did".to_owned(),
    }
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
    for message in merge::branch(tx, reply)?.iter().filter(|message| message.id != reply) {
        message.parts.iter().for_each(|part| sent.add(&part.text));
    }
    Ok(sent)
}

/// Nobody saw what was sent, so the input is a guess from the branch and marked as one. Outside a chat there is nothing
/// to guess from.
fn book(
    tx: &Transaction<'_>,
    hands: &Hands<'_>,
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
        Err(_) => asked.clone(),
    };
    let now = hands.clock.now_ms();
    let day = hands.clock.local_day(now);
    let quotes = hands.prices.at(attempt.started_at, day.clone());
    let entry = costs::decide(&AttemptFacts {
        offer: quotes.of_tariff(attempt.target.provider_id, tariff),
        names: Names::before(&asked, &sent_as),
        usage: None,
        reported_cost: None,
        reach: if answered { Reach::Answered } else { Reach::Silent },
        finished: false,
        sent,
        received,
    });
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
