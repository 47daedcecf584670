//! The vocabulary of a chat: what is asked, and the events an answer consists of.

mod usage;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use usage::{InvoicedTokens, Usage};

use crate::catalog::DialectId;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Data a vendor wants back unchanged on the next turn: signatures, encrypted or redacted reasoning.
///
/// Stored byte for byte; sent back to the same provider and model only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpaqueData {
    /// What it is in the dialect's own words, e.g. `reasoning_details`.
    pub kind: String,
    /// The vendor's JSON value as its exact text.
    pub json: String,
}

/// One piece of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// Plain text (Markdown by convention).
    Text {
        /// The text; may be empty where it only carries opaque data.
        text: String,
        /// Opaque data, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        opaque: Vec<OpaqueData>,
    },
    /// The model's reasoning, with what must be sent back with it.
    Reasoning {
        /// Readable reasoning, may be empty where the vendor hides it.
        text: String,
        /// Opaque data, in order.
        opaque: Vec<OpaqueData>,
    },
    /// An inline image.
    Image {
        /// e.g. `image/png`.
        media_type: String,
        /// The bytes.
        data: Vec<u8>,
        /// Opaque data, in order; only images the model made have it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        opaque: Vec<OpaqueData>,
    },
    /// An inline file.
    File {
        /// Its name as shown to the model.
        name: String,
        /// e.g. `application/pdf`.
        media_type: String,
        /// The bytes.
        data: Vec<u8>,
    },
    /// A call the model asks the client to make.
    ToolCall {
        /// The vendor's call id.
        id: String,
        /// The function's name.
        name: String,
        /// The arguments as JSON text, verbatim.
        arguments: String,
        /// Opaque data, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        opaque: Vec<OpaqueData>,
    },
    /// A tool the vendor ran itself, or its result. What goes back of it is its opaque data and nothing else.
    ServerTool {
        /// Its name.
        name: String,
        /// The vendor's JSON text, to be shown.
        json: String,
        /// Opaque data, in order: the vendor's block as it was, where it wants it back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        opaque: Vec<OpaqueData>,
    },
    /// The answer to a [`Part::ToolCall`]; in a message of [`Role::User`].
    ToolResult {
        /// The id of the call.
        call_id: String,
        /// The name of the function, which some vendors want repeated.
        name: String,
        /// The result as text.
        content: String,
        /// True where the call failed.
        is_error: bool,
    },
    /// The model's refusal.
    Refusal {
        /// Its words.
        text: String,
    },
}

impl Part {
    /// Text without opaque data.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), opaque: Vec::new() }
    }

    /// Reasoning without opaque data.
    pub fn reasoning(text: impl Into<String>) -> Self {
        Self::Reasoning { text: text.into(), opaque: Vec::new() }
    }

    /// An image of the person.
    pub fn image(media_type: impl Into<String>, data: Vec<u8>) -> Self {
        Self::Image { media_type: media_type.into(), data, opaque: Vec::new() }
    }

    /// A call without opaque data.
    pub fn tool_call(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), opaque: Vec::new() }
    }

    /// The opaque data of the part; `None` for kinds that never have any.
    pub fn opaque(&self) -> Option<&[OpaqueData]> {
        match self {
            Self::Text { opaque, .. }
            | Self::Reasoning { opaque, .. }
            | Self::Image { opaque, .. }
            | Self::ToolCall { opaque, .. }
            | Self::ServerTool { opaque, .. } => Some(opaque),
            Self::File { .. } | Self::ToolResult { .. } | Self::Refusal { .. } => None,
        }
    }

    /// As [`Part::opaque`], to add to.
    pub fn opaque_mut(&mut self) -> Option<&mut Vec<OpaqueData>> {
        match self {
            Self::Text { opaque, .. }
            | Self::Reasoning { opaque, .. }
            | Self::Image { opaque, .. }
            | Self::ToolCall { opaque, .. }
            | Self::ServerTool { opaque, .. } => Some(opaque),
            Self::File { .. } | Self::ToolResult { .. } | Self::Refusal { .. } => None,
        }
    }
}

/// One message of the conversation that is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The pieces, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of one text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::text(text)] }
    }
}

/// A function the model may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolDefinition {
    /// `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// What it does, for the model.
    pub description: Option<String>,
    /// JSON schema of the arguments.
    pub parameters: Value,
    /// Whether the vendor must keep to the schema, where it can.
    pub strict: Option<bool>,
}

/// Whether the model may, must or must not call a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// No calls.
    None,
    /// At least one call.
    Required,
    /// This function.
    Named(String),
}

/// How hard the model should think, from the least to the most; each dialect maps it to its own control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// Off.
    None,
    /// As little as the model can.
    Minimal,
    /// Little.
    Low,
    /// The usual.
    Medium,
    /// Much.
    High,
    /// More than high, where a vendor has it.
    Max,
}

/// Sampling and limits. Absent means: the vendor's default, the field is not sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Parameters {
    /// Sampling temperature, usually 0 to 2.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// The most tokens the answer may have, reasoning included where the vendor counts it so.
    pub max_tokens: Option<u32>,
    /// Texts that end the answer; at most four with most vendors.
    pub stop: Vec<String>,
    /// For repeatable sampling, where the vendor keeps to it.
    pub seed: Option<u32>,
    /// How hard to think.
    pub reasoning_effort: Option<ReasoningEffort>,
}

/// One chat completion request, in no vendor's form.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    /// The vendor's model name.
    pub model: String,
    /// System prompt.
    pub system: Option<String>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Functions on offer.
    pub tools: Vec<ToolDefinition>,
    /// Whether to call them.
    pub tool_choice: Option<ToolChoice>,
    /// A JSON schema the answer must follow, with its name.
    pub response_schema: Option<(String, Value)>,
    /// Sampling and limits.
    pub parameters: Parameters,
    /// The wire to ask by, where the vendor's list of models named it; see [`crate::ModelInfo::wire`].
    pub wire: Option<DialectId>,
    /// The vendor is asked to keep the beginning of the conversation in its prompt cache. Nothing goes out where its
    /// wire has no word for that, most of all where it does so unasked.
    pub cache: bool,
    /// Vendor extras merged into the body last: objects field by field, everything else as a whole. The model, the
    /// messages and the way of answering (`model`, `messages`, `contents`, `stream`) are not theirs to replace.
    pub extra: Map<String, Value>,
}

impl ChatRequest {
    /// The fields of a body that extras never replace.
    pub(crate) const OWN_FIELDS: [&'static str; 4] = ["model", "messages", "contents", "stream"];

    /// A request of plain messages.
    pub fn new(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Self {
            model: model.into(),
            system: None,
            messages,
            tools: Vec::new(),
            tool_choice: None,
            response_schema: None,
            parameters: Parameters::default(),
            wire: None,
            cache: false,
            extra: Map::new(),
        }
    }
}

/// Our reading of why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FinishClass {
    /// Done.
    Stop,
    /// Ran into the output limit.
    Length,
    /// Waits for tool results.
    ToolCalls,
    /// Cut by a filter.
    ContentFilter,
    /// The model declined.
    Refusal,
    /// The vendor says it failed.
    Error,
    /// The vendor wants to be called again to go on.
    Pause,
    /// Not finished yet (background responses).
    Pending,
    /// A word we do not know; the raw reason says it.
    Other,
}

impl FinishClass {
    /// The stable name, as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Refusal => "refusal",
            Self::Error => "error",
            Self::Pause => "pause",
            Self::Pending => "pending",
            Self::Other => "other",
        }
    }
}

/// One thing that happened in an answer. Blocks carry ids so that a reader can append without guessing.
///
/// A failure is no event: streams yield `Result<ChatEvent, ProviderError>`, and an error ends them.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatEvent {
    /// The vendor began to answer.
    Started {
        /// The vendor's id of the answer.
        id: Option<String>,
        /// The model that really serves, which may differ from the one asked for.
        model: Option<String>,
    },
    /// More text of a block.
    TextDelta {
        /// Which block.
        block: u32,
        /// What to append, never empty.
        text: String,
    },
    /// More reasoning of a block.
    ReasoningDelta {
        /// Which block.
        block: u32,
        /// What to append, never empty.
        text: String,
    },
    /// The model refuses, in words.
    RefusalDelta {
        /// Which block.
        block: u32,
        /// What to append, never empty.
        text: String,
    },
    /// A tool call begins; its name is known.
    ToolCallStart {
        /// Which block.
        block: u32,
        /// The vendor's call id, or one of ours where it sends none.
        id: String,
        /// The function.
        name: String,
    },
    /// More of the JSON text of the arguments.
    ToolCallDelta {
        /// Which block.
        block: u32,
        /// What to append.
        arguments: String,
    },
    /// The call is complete. Never sent for a call that was cut off.
    ToolCallEnd {
        /// Which block.
        block: u32,
    },
    /// A source the model names.
    Citation {
        /// Its address, where it has one.
        url: Option<String>,
        /// Its title.
        title: Option<String>,
        /// The cited text.
        text: Option<String>,
    },
    /// An image, sound or file in the answer.
    Media {
        /// Which block; a block has one.
        block: u32,
        /// e.g. `image/png`; `None` where the vendor does not say.
        media_type: Option<String>,
        /// The bytes, or where they are.
        source: MediaSource,
    },
    /// A tool the vendor ran itself, or its result; nothing for the client to answer.
    ServerTool {
        /// Which block; a block has one.
        block: u32,
        /// Its name.
        name: String,
        /// The vendor's JSON text.
        json: String,
    },
    /// Something worth telling that is no failure.
    Warning {
        /// Stable word of ours.
        code: &'static str,
        /// The vendor's words.
        message: String,
    },
    /// Data to keep byte for byte for the next turn.
    Opaque {
        /// The block it belongs to, whatever its kind. A block that nothing began is reasoning without text.
        block: u32,
        /// The data.
        data: OpaqueData,
    },
    /// Token counts so far; the last one counts, they are never added up.
    Usage(Usage),
    /// What the vendor says it charges.
    ReportedCost {
        /// Nano-USD (1e-9 USD).
        nano_usd: i64,
        /// The vendor's figure, verbatim.
        raw: String,
    },
    /// The terminal event. A stream that ends without it was cut off.
    Finished {
        /// Our reading.
        class: FinishClass,
        /// The vendor's word, verbatim.
        reason: Option<String>,
    },
}

/// Where the bytes of a [`ChatEvent::Media`] are.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaSource {
    /// Here.
    Inline(Vec<u8>),
    /// At an address that nothing fetches unasked.
    Url(String),
}

impl ChatEvent {
    /// True for the first thing a person would call an answer: non-empty text, a tool call, media, a refusal.
    /// Reasoning alone is not output: it may be discarded and asked for again elsewhere.
    pub fn is_output(&self) -> bool {
        match self {
            Self::TextDelta { text, .. } | Self::RefusalDelta { text, .. } => !text.is_empty(),
            Self::ToolCallStart { .. } | Self::Media { .. } => true,
            _ => false,
        }
    }
}

/// A whole answer, folded from its events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatResponse {
    /// The vendor's id.
    pub id: Option<String>,
    /// The model that served.
    pub model: Option<String>,
    /// The pieces, in the order their blocks began.
    pub parts: Vec<Part>,
    /// Sources.
    pub citations: Vec<ChatEvent>,
    /// Media that are no inline image, and warnings, in order.
    pub extras: Vec<ChatEvent>,
    /// Token counts.
    pub usage: Option<Usage>,
    /// Nano-USD as the vendor says, with its figure verbatim.
    pub reported_cost: Option<(i64, String)>,
    /// Why it ended, and the vendor's word for it.
    pub finish: Option<(FinishClass, Option<String>)>,
}
