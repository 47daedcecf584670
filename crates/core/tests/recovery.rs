//! What the next start makes of replies that a killed app left behind.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use crate::common::{Bench, settled};
use parlance_core::view::{CostSource, MessageStatus, PartKind};
use rusqlite::Connection;

/// A store with one settled reply, put back into the state that a kill in mid-stream leaves.
async fn killed_in_mid_stream(chunks: &[(i64, i64, &str, &str)]) -> (Bench, String) {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "a question of some length", &provider).await;
    bench.asked.recv().await.unwrap().finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    bench.app.close().await;
    let store = Connection::open(bench.data().join("parlance.db")).unwrap();
    store
        .execute_batch(
            "DELETE FROM ledger; DELETE FROM part;
             UPDATE message SET status = 'streaming' WHERE role = 'assistant';
             UPDATE run SET outcome = NULL, ended_at = NULL;
             UPDATE attempt SET outcome = 'running', duration_ms = NULL, finish_class = NULL, finish_reason = NULL;",
        )
        .unwrap();
    for (sequence, part, kind, text) in chunks {
        store
            .execute(
                "INSERT INTO stream_chunk (attempt_id, sequence, part, kind, text) VALUES (1, ?1, ?2, ?3, ?4)",
                rusqlite::params![sequence, part, kind, text],
            )
            .unwrap();
    }
    drop(store);
    (Bench::over(bench.folder).await, receipt.summary.id)
}

#[tokio::test]
async fn a_half_written_reply_keeps_its_text_is_booked_and_can_be_continued() {
    let chunks =
        [(0, 0, "reasoning", "hm, "), (1, 1, "text", "Half "), (2, 0, "reasoning", "so"), (3, 1, "text", "an answer")];
    let (mut bench, id) = killed_in_mid_stream(&chunks).await;
    assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 1);
    let view = bench.app.get_conversation(&id).await.unwrap();
    let reply = &view.messages[1];
    assert_eq!(reply.status, MessageStatus::Interrupted);
    let parts: Vec<_> = reply.parts.iter().map(|part| (part.kind, part.text.as_str())).collect();
    assert_eq!(parts, [(PartKind::Reasoning, "hm, so"), (PartKind::Text, "Half an answer")]);
    let attempt = &reply.attempts[0];
    assert_eq!(attempt.outcome, MessageStatus::Interrupted);
    assert_eq!(attempt.error.as_ref().unwrap().code.as_deref(), Some("app_killed"));
    let cost = attempt.cost.as_ref().unwrap();
    assert!(cost.tokens_estimated && cost.input_total > Some(0) && cost.output_total > Some(0));
    assert_eq!(cost.source, CostSource::Unknown, "no price is known for this model");

    bench.app.continue_message(&reply.id, false).await.unwrap();
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.request.messages.len(), 3);
}

#[tokio::test]
async fn a_reply_killed_before_its_first_word_is_there_and_empty() {
    let (bench, id) = killed_in_mid_stream(&[]).await;
    let view = bench.app.get_conversation(&id).await.unwrap();
    assert_eq!((view.messages.len(), view.messages[1].status), (2, MessageStatus::Interrupted));
    assert!(view.messages[1].parts.is_empty());
    let bench = bench.reopen().await;
    assert_eq!(bench.app.bootstrap().await.unwrap().interrupted, 0, "it is made whole once");
}
