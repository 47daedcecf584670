//! The ledger on the real schema: one entry an attempt, nothing changed, sums that say how sure they are.
#![allow(clippy::unwrap_used, clippy::expect_used)] // the helpers of a test are test code too

use parlance_core::costs::ledger::{
    Booking, LateFigure, LedgerError, Spend, conversation_spend, insert_adjustment, insert_entry, month_spend,
    read_entry,
};
use parlance_core::costs::{Amounts, LedgerEntry, Rate, RateCard, TokensSource};
use parlance_core::history::migrate::MIGRATIONS;
use parlance_core::view::{CostSource, SpendView};
use parlance_providers::Usage;
use rusqlite::Connection;

const AT: i64 = 1_795_262_400_000;

/// A store with provider 1, chats 1 and 2, run 1 and attempts 1 to 9.
fn store() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    for step in MIGRATIONS {
        conn.execute_batch(&step.sql).unwrap();
    }
    conn.execute_batch(
        "INSERT INTO provider (slug, vendor, name, base_url, created_at, updated_at)
             VALUES ('p', 'openai', 'P', 'http://x', 0, 0);
         INSERT INTO conversation (created_at, updated_at, touched) VALUES (0, 0, 1), (0, 0, 2);
         INSERT INTO run (conversation_id, purpose, started_at) VALUES (1, 'chat', 0);",
    )
    .unwrap();
    for ordinal in 1..10 {
        conn.execute(
            "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at)
             VALUES (1, ?1, 1, 'openai', 'm', 0)",
            [ordinal],
        )
        .unwrap();
    }
    conn
}

fn booking(attempt_id: i64, conversation_id: i64, booked_day: &str) -> Booking<'_> {
    Booking {
        attempt_id,
        conversation_id: Some(conversation_id),
        purpose: "chat",
        provider_id: 1,
        account_id: None,
        route_id: None,
        vendor: "openai",
        model: "m",
        outcome: "complete",
        booked_at: AT,
        booked_day,
    }
}

fn entry(source: CostSource, total: Option<i64>) -> LedgerEntry {
    LedgerEntry {
        usage: Usage::default(),
        tokens_source: TokensSource::Reported,
        source,
        amounts: Amounts { total, ..Amounts::default() },
        reported_raw: None,
        rates: None,
        saved_nano: None,
        cache_saved_nano: None,
    }
}

fn book(conn: &mut Connection, booking: &Booking<'_>, entry: &LedgerEntry) -> Result<i64, LedgerError> {
    let tx = conn.transaction().unwrap();
    let id = insert_entry(&tx, booking, entry)?;
    tx.commit().unwrap();
    Ok(id)
}

fn adjust(conn: &mut Connection, id: i64, source: CostSource, total_nano: i64) -> Result<i64, LedgerError> {
    let tx = conn.transaction().unwrap();
    let late = LateFigure { total_nano, source, reported_raw: Some("0.1"), rates: None, booked_at: AT + 1 };
    let id = insert_adjustment(&tx, id, &late)?;
    tx.commit().unwrap();
    Ok(id)
}

#[test]
fn an_entry_comes_back_as_it_went_in() {
    let mut conn = store();
    let full = LedgerEntry {
        usage: Usage {
            input_total: Some(1),
            cache_read: Some(2),
            cache_write: Some(3),
            input_audio: Some(4),
            output_total: Some(5),
            reasoning: Some(6),
            output_audio: Some(7),
            ..Usage::default()
        },
        tokens_source: TokensSource::Estimated,
        source: CostSource::Estimated,
        amounts: Amounts {
            input: Some(10),
            cache_read: Some(20),
            cache_write: Some(30),
            output: Some(40),
            request: Some(50),
            total: Some(150),
        },
        reported_raw: Some("0.00000015".into()),
        rates: Some(RateCard { input: Rate::from_usd(0.1), source: "given".into(), ..RateCard::default() }),
        saved_nano: Some(60),
        cache_saved_nano: Some(-70),
    };
    book(&mut conn, &booking(1, 1, "2026-11-21"), &full).unwrap();
    assert_eq!(read_entry(&conn, 1).unwrap(), Some(full));
    let blank = entry(CostSource::Unknown, None);
    book(&mut conn, &booking(2, 1, "2026-11-21"), &blank).unwrap();
    assert_eq!(read_entry(&conn, 2).unwrap(), Some(blank), "unknown stays unknown");
    assert_eq!(read_entry(&conn, 3).unwrap(), None);
}

#[test]
fn an_attempt_has_one_entry() {
    let mut conn = store();
    book(&mut conn, &booking(1, 1, "2026-11-21"), &entry(CostSource::Priced, Some(5))).unwrap();
    let again = book(&mut conn, &booking(1, 1, "2026-11-21"), &entry(CostSource::Priced, Some(5)));
    assert!(matches!(again, Err(LedgerError::Database(_))), "{again:?}");
    assert_eq!(conversation_spend(&conn, 1).unwrap().total_nano, 5);
}

#[test]
fn a_total_that_contradicts_its_source_is_refused() {
    let mut conn = store();
    for wrong in [entry(CostSource::Unknown, Some(0)), entry(CostSource::Priced, None)] {
        assert!(book(&mut conn, &booking(1, 1, "2026-11-21"), &wrong).is_err());
    }
}

#[test]
fn an_entry_is_final() {
    let mut conn = store();
    let id = book(&mut conn, &booking(1, 1, "2026-11-21"), &entry(CostSource::Priced, Some(5))).unwrap();
    let change = conn.execute("UPDATE ledger SET total_nano = 1 WHERE id = ?1", [id]);
    assert!(change.unwrap_err().to_string().contains("final"));
}

#[test]
fn sums_say_how_sure_they_are() {
    let mut conn = store();
    let day = "2026-11-21";
    book(&mut conn, &booking(1, 1, day), &entry(CostSource::Priced, Some(100))).unwrap();
    book(&mut conn, &booking(2, 1, day), &entry(CostSource::Estimated, Some(30))).unwrap();
    book(&mut conn, &booking(3, 1, day), &entry(CostSource::Unknown, None)).unwrap();
    book(&mut conn, &booking(4, 1, day), &entry(CostSource::Free, Some(0))).unwrap();
    book(&mut conn, &booking(5, 2, day), &entry(CostSource::Reported, Some(7))).unwrap();
    let first = Spend { total_nano: 130, estimated_nano: 30, unknown: 1, entries: 4 };
    assert_eq!(conversation_spend(&conn, 1).unwrap(), first);
    assert_eq!(conversation_spend(&conn, 2).unwrap().total_nano, 7);
    assert_eq!(conversation_spend(&conn, 99).unwrap(), Spend::default());
    assert_eq!(month_spend(&conn, "2026-11").unwrap().total_nano, 137);
    let view = SpendView::from(first);
    assert_eq!((view.total_nano, view.estimated_nano, view.unknown, view.entries), (130.0, 30.0, 1, 4));
}

#[test]
fn a_month_holds_its_days_and_no_others() {
    let mut conn = store();
    for (attempt, day) in [(1, "2026-10-31"), (2, "2026-11-01"), (3, "2026-11-30"), (4, "2026-12-01")] {
        book(&mut conn, &booking(attempt, 1, day), &entry(CostSource::Priced, Some(1 << attempt))).unwrap();
    }
    assert_eq!(month_spend(&conn, "2026-11").unwrap(), Spend { total_nano: 4 + 8, entries: 2, ..Spend::default() });
    assert_eq!(month_spend(&conn, "2026-1").unwrap(), Spend::default());
}

#[test]
fn a_late_figure_is_a_row_of_its_own_and_settles_the_entry() {
    let mut conn = store();
    let day = "2026-10-31";
    let guessed = book(&mut conn, &booking(1, 1, day), &entry(CostSource::Estimated, Some(500))).unwrap();
    let unknown = book(&mut conn, &booking(2, 1, day), &entry(CostSource::Unknown, None)).unwrap();
    book(&mut conn, &booking(3, 1, day), &entry(CostSource::Estimated, Some(9))).unwrap();
    adjust(&mut conn, guessed, CostSource::Estimated, 480).unwrap();
    adjust(&mut conn, guessed, CostSource::Reported, 450).unwrap();
    adjust(&mut conn, unknown, CostSource::Reported, 20).unwrap();
    let settled = Spend { total_nano: 450 + 20 + 9, estimated_nano: 9, unknown: 0, entries: 3 };
    assert_eq!(conversation_spend(&conn, 1).unwrap(), settled);
    assert_eq!(month_spend(&conn, "2026-10").unwrap(), settled, "on the day of the entry");
    assert_eq!(read_entry(&conn, 1).unwrap().unwrap().amounts.total, Some(500), "the entry itself is untouched");
}

#[test]
fn nothing_to_adjust_is_an_error() {
    let mut conn = store();
    let id = book(&mut conn, &booking(1, 1, "2026-11-21"), &entry(CostSource::Priced, Some(5))).unwrap();
    assert!(matches!(adjust(&mut conn, 99, CostSource::Reported, 1), Err(LedgerError::NothingToAdjust)));
    assert!(matches!(adjust(&mut conn, id, CostSource::Unknown, 1), Err(LedgerError::NothingToAdjust)));
    let late = adjust(&mut conn, id, CostSource::Reported, 6).unwrap();
    assert!(matches!(adjust(&mut conn, late, CostSource::Reported, 1), Err(LedgerError::NothingToAdjust)));
}

#[test]
fn money_outlives_its_chat() {
    let mut conn = store();
    let id = book(&mut conn, &booking(1, 1, "2026-11-21"), &entry(CostSource::Priced, Some(5))).unwrap();
    adjust(&mut conn, id, CostSource::Reported, 8).unwrap();
    conn.execute("DELETE FROM conversation WHERE id = 1", []).unwrap();
    conn.execute("DELETE FROM run", []).unwrap();
    assert_eq!(conversation_spend(&conn, 1).unwrap(), Spend::default());
    assert_eq!(month_spend(&conn, "2026-11").unwrap(), Spend { total_nano: 8, entries: 1, ..Spend::default() });
}

#[test]
fn sums_never_wrap() {
    let mut conn = store();
    for attempt in [1, 2] {
        book(&mut conn, &booking(attempt, 1, "2026-11-21"), &entry(CostSource::Priced, Some(i64::MAX))).unwrap();
    }
    assert!(conversation_spend(&conn, 1).is_err());
    assert!(month_spend(&conn, "2026-11").is_err());
}

#[test]
fn counts_beyond_63_bits_do_not_become_negative() {
    let mut conn = store();
    let mut huge = entry(CostSource::Free, Some(0));
    huge.usage.input_total = Some(u64::MAX);
    book(&mut conn, &booking(1, 1, "2026-11-21"), &huge).unwrap();
    assert_eq!(read_entry(&conn, 1).unwrap().unwrap().usage.input_total, Some(i64::MAX as u64));
}
