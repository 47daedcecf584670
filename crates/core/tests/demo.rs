//! The demo in its own folder, with the real Demo provider.

use std::sync::Arc;

use crate::common::{self, settled};
use parlance_core::{
    App, Host, Outside,
    clock::ManualClock,
    registry::OverHttp,
    secrets::Secrets,
    view::{CostSource, MessageStatus, SendInput, Target},
};

#[tokio::test]
async fn the_demo_offers_itself_alone_answers_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Host {
        data_dir: folder.path().join("demo"),
        version: "0.0.0",
        demo: true,
        clock: Arc::new(ManualClock::new(common::NOON, 0)),
        secrets: Secrets::new(|_| None),
        connect: Arc::new(OverHttp),
        outside: Outside::below(folder.path()),
    })
    .await
    .unwrap();
    let start = app.bootstrap().await.unwrap();
    assert!(start.demo);
    assert_eq!(start.providers.len(), 1);
    assert!(app.list_vendors().iter().all(|vendor| vendor.id == "demo"));
    let provider = &start.providers[0];
    assert!(!provider.models.is_empty());
    let (snapshot, mut reader) = app.attach("main");
    for model in &provider.models {
        let target = Target { provider_id: provider.id.clone(), model: model.id.clone() };
        let receipt = app.send(SendInput::text(None, "Show me", target)).await.unwrap();
        // The others speak at a reader's pace; what they cost shows as well when they are stopped.
        if !["demo/echo", "demo/failing"].contains(&model.id.as_str()) {
            app.stop(&receipt.run_id).unwrap();
        }
        let end = settled(&app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
        let cost = end.attempts[0].cost.clone().unwrap();
        assert_eq!((cost.source, cost.total_nano), (CostSource::Free, Some(0.0)), "{}", model.id);
        assert_ne!(end.status, MessageStatus::Streaming);
    }
    app.close().await;
}
