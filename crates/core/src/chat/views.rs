//! Rows into the views of the boundary.

use rusqlite::Connection;

use crate::{
    attachments::table,
    chat::setup,
    costs::ledger,
    history::{
        StoreError,
        conversations::ConversationRow,
        judgements,
        lanes::{self, LaidLane},
        messages,
        rows::{AttachmentRow, MessageRow, PartRow},
        runs::{self, AttemptRow},
        tree::{self, Vertebra},
    },
    registry::Registry,
    view::{
        AttachmentView, AttemptView, CommandError, ConversationSummary, CostView, LaneView, MergedView, MessageRole,
        MessageStub, MessageView, PartView, RouteName, Thumb,
    },
};

/// An attempt with its ledger entry.
pub type AttemptFacts = (AttemptRow, Option<CostView>);

/// A message with all that its view needs.
pub struct MessageFacts {
    row: MessageRow,
    attempts: Vec<AttemptFacts>,
    versions: Vec<i64>,
    refused: Option<CommandError>,
    merged: Option<MergedView>,
    thumb: Option<Thumb>,
}

/// The attempts of a message.
pub fn attempt_facts(connection: &Connection, message_id: i64) -> Result<Vec<AttemptFacts>, StoreError> {
    let attempts = runs::attempts_of(connection, message_id)?;
    attempts
        .into_iter()
        .map(|attempt| {
            let cost = ledger::read_entry(connection, attempt.id)?.map(|entry| entry.to_view());
            Ok((attempt, cost))
        })
        .collect()
}

/// One message.
pub fn message_facts(connection: &Connection, row: MessageRow) -> Result<MessageFacts, StoreError> {
    let versions = tree::versions(connection, &row)?;
    if row.role == MessageRole::User {
        return Ok(MessageFacts { row, attempts: Vec::new(), versions, refused: None, merged: None, thumb: None });
    }
    let attempts = attempt_facts(connection, row.id)?;
    let refused = if attempts.is_empty() { runs::refused(connection, row.id)? } else { None };
    let merged = lanes::merged(connection, row.lane_id)?;
    let thumb = judgements::thumb(connection, row.id)?;
    Ok(MessageFacts { row, attempts, versions, refused, merged, thumb })
}

/// Messages by their ids, in that order.
pub fn messages_facts(connection: &Connection, ids: &[i64]) -> Result<Vec<MessageFacts>, StoreError> {
    messages::get_all(connection, ids)?.into_iter().map(|row| message_facts(connection, row)).collect()
}

/// The lanes of a comparison for the screen, those taken out last.
pub fn lanes(connection: &Connection, conversation_id: i64) -> Result<Vec<LaneView>, StoreError> {
    let laid = lanes::of_conversation(connection, conversation_id)?;
    laid.into_iter()
        .map(|LaidLane { row, hidden }| {
            Ok(LaneView {
                id: row.id.to_string(),
                target: row.target(),
                fallback_route_id: row.fallback_route_id.map(|id| id.to_string()),
                setup: setup::of_lane(&row),
                hidden,
                spend: lanes::spend(connection, row.id)?,
            })
        })
        .collect()
}

/// A message before it is read.
pub fn stub(vertebra: Vertebra) -> MessageStub {
    let Vertebra { id, role, size } = vertebra;
    MessageStub { id: id.to_string(), role, size: u32::try_from(size).unwrap_or(u32::MAX) }
}

/// A message for the screen.
pub fn message(registry: &Registry, facts: MessageFacts) -> MessageView {
    let MessageFacts { row, attempts, versions, refused, merged, thumb } = facts;
    MessageView {
        id: row.id.to_string(),
        role: row.role,
        status: row.status,
        created_at: row.created_at as f64,
        parts: row.parts.into_iter().map(part).collect(),
        attempts: attempts.into_iter().map(|facts| attempt(registry, facts)).collect(),
        versions: versions.into_iter().map(|id| id.to_string()).collect(),
        refused,
        merged,
        thumb,
    }
}

fn part(row: PartRow) -> PartView {
    // A file's name is the attachment's; without one the name of a medium is its address.
    let (name, attachment) = match row.attachment {
        Some(file) => (None, Some(attachment(&file, row.meta.name))),
        None => (row.meta.name, None),
    };
    PartView {
        ordinal: row.ordinal,
        kind: row.kind,
        attempt_id: row.attempt_id.map(|id| id.to_string()),
        text: row.text,
        name,
        title: row.meta.title,
        is_error: row.meta.is_error,
        attachment,
    }
}

/// A file for the screen, under the name it has where it is shown.
pub fn attachment(row: &AttachmentRow, name: Option<String>) -> AttachmentView {
    let view = table::view(row);
    AttachmentView { name: name.unwrap_or(view.name), ..view }
}

/// An attempt for the screen.
pub fn attempt(registry: &Registry, (row, cost): AttemptFacts) -> AttemptView {
    let (mark, category) = registry.mark_of(&row.target.vendor);
    let small = |value: Option<i64>| value.map(|v| u32::try_from(v).unwrap_or(u32::MAX));
    let finish_class = row.end.finish_class.as_deref().and_then(finish_class);
    AttemptView {
        id: row.id.to_string(),
        provider_id: row.target.provider_id.to_string(),
        provider_name: row.provider_name,
        mark,
        category,
        account: row.account.filter(|label| !label.is_empty()),
        model: row.target.model,
        model_served: row.end.model_served,
        route: row.route.map(|(id, name)| RouteName { id: id.to_string(), name }),
        reason: row.reason,
        skipped: row.skipped,
        cached: row.cached,
        started_at: row.started_at as f64,
        first_token_ms: small(row.end.first_token_ms),
        duration_ms: small(row.end.duration_ms),
        outcome: row.outcome,
        finish_class,
        finish_reason: row.end.finish_reason,
        error: row.end.error,
        cost,
    }
}

fn finish_class(name: &str) -> Option<parlance_providers::FinishClass> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// A row of the list for the screen.
pub fn summary(registry: &Registry, row: ConversationRow, running: bool) -> ConversationSummary {
    let mark = row.vendor.as_deref().map(|vendor| registry.mark_of(vendor));
    let (mark, category) = mark.map_or((None, None), |(mark, category)| (Some(mark), Some(category)));
    ConversationSummary {
        id: row.id.to_string(),
        kind: row.kind,
        title: row.title,
        updated_at: row.updated_at as f64,
        touched: row.touched as f64,
        mark,
        category,
        cost_nano: row.cost_nano as f64,
        running,
        pinned: row.pinned,
        shelf: row.shelf,
    }
}
