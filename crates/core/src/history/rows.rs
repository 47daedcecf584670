//! Rows of the store as the core passes them around, before they become views.

use parlance_providers::OpaqueData;
use serde::{Deserialize, Serialize};

use crate::view::{ChatTarget, MessageRole, MessageStatus, PartKind, Purpose};

/// A row of `message` with its parts.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its id.
    pub id: i64,
    /// Its lane.
    pub lane_id: i64,
    /// Its turn.
    pub turn_id: i64,
    /// What it answers or follows.
    pub parent_id: Option<i64>,
    /// Who speaks.
    pub role: MessageRole,
    /// Where it stands.
    pub status: MessageStatus,
    /// UTC milliseconds.
    pub created_at: i64,
    /// Its pieces, by ordinal. A user message shows the parts of its turn.
    pub parts: Vec<PartRow>,
}

/// A row of `part` or `turn_part`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartRow {
    /// Its place.
    pub ordinal: u32,
    /// What it is.
    pub kind: PartKind,
    /// Who wrote it.
    pub attempt_id: Option<i64>,
    /// Its text.
    pub text: String,
    /// Names and ids that are no text.
    pub meta: PartMeta,
    /// Data to send back unchanged to the same provider and model.
    pub opaque: Option<OpaqueRow>,
    /// The file of a medium, where it is kept.
    pub attachment: Option<AttachmentRow>,
}

/// A row of `attachment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Its id.
    pub id: i64,
    /// The hash of its content, in hex: its name outside the store.
    pub sha256: String,
    /// e.g. `image/png`.
    pub media_type: String,
    /// How large it is.
    pub bytes: i64,
    /// The name it was brought under last.
    pub name: String,
}

impl PartRow {
    /// A piece of a person's turn.
    pub fn of_turn(ordinal: u32, kind: PartKind, text: impl Into<String>) -> Self {
        let meta = PartMeta::default();
        Self { ordinal, kind, attempt_id: None, text: text.into(), meta, opaque: None, attachment: None }
    }

    /// A file that a person sends, under the name it has now.
    pub fn of_file(ordinal: u32, file: AttachmentRow) -> Self {
        let meta = PartMeta { media_type: Some(file.media_type.clone()), ..PartMeta::named(&file.name) };
        Self { meta, attachment: Some(file), ..Self::of_turn(ordinal, PartKind::Media, "") }
    }
}

/// What a part carries beside its text, stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PartMeta {
    /// As in [`crate::view::PartView::name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The vendor's id of a tool call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The title of a citation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The media type of a medium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Whether a tool result tells of a failure.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

impl PartMeta {
    /// A name and nothing else.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// The stored form.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// From the stored form; what cannot be read counts as absent, the text beside it stays.
    pub fn from_json(json: &str) -> Self {
        if json == "{}" { Self::default() } else { serde_json::from_str(json).unwrap_or_default() }
    }
}

/// Opaque data with what it is good for.
#[derive(Clone, Debug, PartialEq)]
pub struct OpaqueRow {
    /// The data, in order.
    pub data: Vec<OpaqueData>,
    /// The dialect's stable name.
    pub dialect: String,
    /// The provider it came from.
    pub provider_id: i64,
    /// The model it came from.
    pub model: String,
}

/// A row of `lane`, as far as a chat needs it.
#[derive(Clone, Debug)]
pub struct LaneRow {
    /// Its id.
    pub id: i64,
    /// Its conversation.
    pub conversation_id: i64,
    /// What is asked in it.
    pub kind: LaneKind,
    /// The provider its next message goes to.
    pub provider_id: Option<i64>,
    /// The model; of a route that has no targets of its own, the one that is asked for.
    pub model: Option<String>,
    /// The route its next message goes to, in place of a provider.
    pub route_id: Option<i64>,
    /// The route that is asked where the provider fails.
    pub fallback_route_id: Option<i64>,
    /// JSON of `Parameters`.
    pub parameters: String,
    /// Its system prompt.
    pub system_prompt: Option<String>,
    /// The end of its active branch, never a deleted message; see [`super::tree::standing`].
    pub active_leaf: Option<i64>,
}

/// What is asked in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneKind {
    /// A plain chat.
    Chat,
    /// A column of a comparison.
    Compare,
    /// An answer made of others.
    Merge,
}

impl LaneKind {
    /// What its runs are for.
    pub fn purpose(self) -> Purpose {
        match self {
            Self::Chat => Purpose::Chat,
            Self::Compare => Purpose::Compare,
            Self::Merge => Purpose::Merge,
        }
    }
}

impl LaneRow {
    /// What its next message goes to.
    pub fn target(&self) -> Option<ChatTarget> {
        match (self.route_id, self.provider_id) {
            (Some(id), _) => Some(ChatTarget::Route { route_id: id.to_string(), model: self.model.clone() }),
            (None, Some(id)) => Some(ChatTarget::Model { provider_id: id.to_string(), model: self.model.clone()? }),
            (None, None) => None,
        }
    }
}

/// What a run is asked to do, as committed before its request leaves.
#[derive(Clone, Debug)]
pub struct BegunRun {
    /// The run.
    pub run_id: i64,
    /// Its first attempt; `None` where it has to wait for its turn.
    pub attempt_id: Option<i64>,
    /// The chat.
    pub conversation_id: i64,
    /// The assistant message being written.
    pub message_id: i64,
    /// New messages, oldest first.
    pub new_messages: Vec<i64>,
}

/// The target of an attempt, by ids.
#[derive(Clone, Debug)]
pub struct TargetRow {
    /// The provider.
    pub provider_id: i64,
    /// The account whose key is used.
    pub account_id: Option<i64>,
    /// The vendor's catalogue id.
    pub vendor: String,
    /// The model asked for.
    pub model: String,
}
