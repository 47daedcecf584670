//! Chats, messages and their figures.

use parlance_providers::{Category, FinishClass, ReasoningEffort};
use serde::{Deserialize, Serialize};

use super::{AttemptReason, ChatTarget, CommandError, ConversationKind, Mark, MergedView, RouteName, SkipView, Thumb};

boundary! {
    /// A row of the chat list.
    pub struct ConversationSummary {
        /// Its id.
        pub id: String,
        /// What it is.
        pub kind: ConversationKind,
        /// Its title, may be empty.
        pub title: String,
        /// Last change.
        pub updated_at: f64,
        /// The list's order and the cursor of its pages.
        pub touched: f64,
        /// Who answered last.
        pub mark: Option<Mark>,
        /// The category of who answered last, for the shape of the tile.
        pub category: Option<String>,
        /// Known cost so far.
        pub cost_nano: f64,
        /// True while a reply runs.
        pub running: bool,
        /// Kept above the list.
        pub pinned: bool,
        /// On which shelf it stands.
        pub shelf: Shelf,
    }

    /// Where a chat stands.
    #[derive(Copy, Eq, Hash)]
    pub enum Shelf {
        /// In the list.
        List,
        /// Put aside; searched only when asked for.
        Archive,
        /// Deleted, and can still come back.
        Trash,
    }

    /// What is done with chats of the list, several at once.
    #[derive(Copy, Eq, Hash)]
    pub enum ShelfChange {
        /// Keep them above the list.
        Pin,
        /// Let them go down with the others.
        Unpin,
        /// Put them aside.
        Archive,
        /// Back from the archive into the list.
        Unarchive,
        /// Into the trash; a reply that runs goes on and is kept.
        Trash,
        /// Back out of the trash, to where they were.
        Restore,
        /// Gone for good, with all their messages; only from the trash.
        Purge,
    }

    /// A page of the list.
    pub struct ConversationPage {
        /// Those kept above the list, with the first page of the list and nowhere else.
        pub pinned: Vec<ConversationSummary>,
        /// Newest first.
        pub items: Vec<ConversationSummary>,
        /// Pass it for the next page; absent at the end.
        pub next: Option<f64>,
    }

    /// A chat, opened.
    pub struct ConversationView {
        /// Its row.
        pub summary: ConversationSummary,
        /// What its next message goes to.
        pub target: Option<ChatTarget>,
        /// The route that is asked where that target fails; only beside a plain model.
        pub fallback_route_id: Option<String>,
        /// Every message of the active branch, oldest first, without its text.
        pub spine: Vec<MessageStub>,
        /// The last messages of the branch, oldest first; others are asked for by their ids.
        pub messages: Vec<MessageView>,
        /// Money of all its attempts.
        pub spend: SpendView,
        /// What is asked of the model beside the messages.
        pub setup: ChatSetup,
        /// What stood in the composer.
        pub draft: Draft,
    }

    /// A message of the branch before it is read.
    pub struct MessageStub {
        /// Its id.
        pub id: String,
        /// Who speaks.
        pub role: MessageRole,
        /// Bytes of its text, to guess its height by.
        pub size: u32,
    }

    /// What is asked of the model beside the messages.
    #[derive(Default)]
    pub struct ChatSetup {
        /// Empty for none.
        pub system_prompt: String,
        /// Sampling temperature.
        pub temperature: Option<f64>,
        /// Nucleus sampling, 0 to 1.
        pub top_p: Option<f64>,
        /// Most tokens of an answer.
        pub max_tokens: Option<u32>,
        /// Texts that end the answer.
        pub stop: Vec<String>,
        /// For repeatable sampling.
        pub seed: Option<u32>,
        /// How hard to think.
        pub reasoning_effort: Option<ReasoningEffort>,
    }

    /// What stands in a composer and was not sent.
    #[derive(Default)]
    pub struct Draft {
        /// Its text.
        pub text: String,
        /// What is attached to it.
        pub attachments: Vec<AttachmentView>,
        /// Messages typed ahead while a reply ran, in the order they go out.
        pub queued: Vec<QueuedMessage>,
    }

    /// A message typed ahead.
    pub struct QueuedMessage {
        /// Its text.
        pub text: String,
        /// What is attached to it.
        pub attachments: Vec<AttachmentView>,
    }

    /// A file a person or a model brought, kept by its content.
    pub struct AttachmentView {
        /// Names it; the same content has the same id.
        pub id: String,
        /// The file's name.
        pub name: String,
        /// e.g. `image/png`, found from the content.
        pub media_type: String,
        /// How large it is.
        pub bytes: f64,
        /// What a model must be able to take.
        pub kind: AttachmentKind,
    }

    /// What a file is to a model.
    #[derive(Copy, Eq, Hash)]
    pub enum AttachmentKind {
        /// A picture of a kind that models take: PNG, JPEG, GIF, WebP.
        Image,
        /// Text in UTF-8; every model can read it.
        Text,
        /// A PDF file.
        Pdf,
        /// Sound.
        Audio,
        /// Anything else; no model is sent it.
        Other,
    }

    /// The content of an attachment, or a picture that was fetched.
    pub struct FileData {
        /// Its type, found from the content.
        pub media_type: String,
        /// The bytes as base64.
        pub base64: String,
    }

    /// A message of the active branch.
    pub struct MessageView {
        /// Its id.
        pub id: String,
        /// Who speaks.
        pub role: MessageRole,
        /// Where it stands.
        pub status: MessageStatus,
        /// When it was begun.
        pub created_at: f64,
        /// Its pieces.
        pub parts: Vec<PartView>,
        /// Every time a provider was asked for it, oldest first.
        pub attempts: Vec<AttemptView>,
        /// The ids of all versions of this message, oldest first; itself among them.
        pub versions: Vec<String>,
        /// Why nobody could be asked for it at all.
        pub refused: Option<CommandError>,
        /// What it was made of, where it is a merge.
        pub merged: Option<MergedView>,
        /// What the person thinks of it.
        pub thumb: Option<Thumb>,
    }

    /// Who speaks.
    #[derive(Copy, Eq, Hash)]
    pub enum MessageRole {
        /// The person.
        User,
        /// The model.
        Assistant,
    }

    /// Where a message stands.
    #[derive(Copy, Eq, Hash)]
    pub enum MessageStatus {
        /// Being written.
        Streaming,
        /// Whole.
        Complete,
        /// Cut off; what came is kept.
        Interrupted,
        /// Failed before or during the answer; what came is kept.
        Failed,
        /// Stopped by the person; what came is kept.
        Cancelled,
    }

    /// A piece of a message.
    pub struct PartView {
        /// Its place; deltas name it.
        pub ordinal: u32,
        /// What it is.
        pub kind: PartKind,
        /// Who wrote it; a seam is where this changes. Absent in user messages.
        pub attempt_id: Option<String>,
        /// Text, reasoning, refusal; for a tool call the JSON text of its arguments.
        pub text: String,
        /// The function of a tool call, the address of a citation or medium, the code of a warning.
        pub name: Option<String>,
        /// The title of a citation.
        pub title: Option<String>,
        /// Whether a tool result tells of a failure.
        pub is_error: bool,
        /// The file of a medium, where it is kept.
        pub attachment: Option<AttachmentView>,
    }

    /// What a piece is.
    #[derive(Copy, Eq, Hash)]
    pub enum PartKind {
        /// Text, Markdown by convention.
        Text,
        /// The model's reasoning.
        Reasoning,
        /// The model declines.
        Refusal,
        /// A call the model asks for.
        ToolCall,
        /// A source.
        Citation,
        /// An image, sound or file.
        Media,
        /// A tool the vendor ran.
        ServerTool,
        /// What a call that the model asked for gave.
        ToolResult,
        /// Worth telling, no failure.
        Warning,
    }

    /// One time a provider was asked.
    pub struct AttemptView {
        /// Its id.
        pub id: String,
        /// The provider's id.
        pub provider_id: String,
        /// Its name now.
        pub provider_name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// The label of the account that was asked with; absent where it has none.
        pub account: Option<String>,
        /// The model asked for.
        pub model: String,
        /// The model that served, where the vendor says.
        pub model_served: Option<String>,
        /// The route it ran on, where it ran on one.
        pub route: Option<RouteName>,
        /// How it came about.
        pub reason: AttemptReason,
        /// Whom it passed over.
        pub skipped: Vec<SkipView>,
        /// Told again from the response cache: nobody was asked.
        pub cached: bool,
        /// When it began.
        pub started_at: f64,
        /// From its start to the first output.
        pub first_token_ms: Option<u32>,
        /// From its start to its end.
        pub duration_ms: Option<u32>,
        /// Where it stands.
        pub outcome: MessageStatus,
        /// Our reading of why it ended.
        pub finish_class: Option<FinishClass>,
        /// The vendor's word.
        pub finish_reason: Option<String>,
        /// Why it failed or broke.
        pub error: Option<FailureView>,
        /// What it used and cost; absent while it runs.
        pub cost: Option<CostView>,
    }

    /// A failure, for a sentence in the reader's language.
    pub struct FailureView {
        /// Our reading.
        pub category: Category,
        /// HTTP status.
        pub status: Option<u32>,
        /// The vendor's code, or our cause such as `redirected`, `got_html`, `idle_timeout`.
        pub code: Option<String>,
        /// The vendor's words, or technical detail.
        pub message: String,
    }

    /// What an attempt used and cost.
    pub struct CostView {
        /// Every input token.
        pub input_total: Option<u32>,
        /// Of these, from the prompt cache.
        pub cache_read: Option<u32>,
        /// Of these, written to it.
        pub cache_write: Option<u32>,
        /// Every output token.
        pub output_total: Option<u32>,
        /// Of these, reasoning.
        pub reasoning: Option<u32>,
        /// True where the counts are our guess.
        pub tokens_estimated: bool,
        /// Where the amount comes from.
        pub source: CostSource,
        /// Nano-USD; `None` is unknown.
        pub total_nano: Option<f64>,
        /// Nano-USD that were not spent because the answer was kept; absent where it was asked for, or unknown.
        pub saved_nano: Option<f64>,
    }

    /// Where an amount comes from.
    #[derive(Copy, Eq, Hash)]
    pub enum CostSource {
        /// The vendor's own figure.
        Reported,
        /// Reported tokens times the price.
        Priced,
        /// Guessed tokens times the price.
        Estimated,
        /// Costs nothing by nature.
        Free,
        /// Not known.
        Unknown,
    }

    /// A sum of money that says how sure it is.
    pub struct SpendView {
        /// Nano-USD of all entries that are known, estimated ones too.
        pub total_nano: f64,
        /// Of these, estimated.
        pub estimated_nano: f64,
        /// Entries without a known amount.
        pub unknown: u32,
        /// All entries.
        pub entries: u32,
    }
}

impl PartKind {
    /// Every kind, with its stored name.
    const NAMES: [(Self, &'static str); 9] = [
        (Self::Text, "text"),
        (Self::Reasoning, "reasoning"),
        (Self::Refusal, "refusal"),
        (Self::ToolCall, "tool_call"),
        (Self::Citation, "citation"),
        (Self::Media, "media"),
        (Self::ServerTool, "server_tool"),
        (Self::ToolResult, "tool_result"),
        (Self::Warning, "warning"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("text", |(_, name)| name)
    }

    /// From the stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, stored)| *stored == name).map(|(kind, _)| *kind)
    }
}

impl MessageStatus {
    /// Every status, with its stored name in `message.status`; an attempt stores `running` for `streaming`.
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Streaming, "streaming"),
        (Self::Complete, "complete"),
        (Self::Interrupted, "interrupted"),
        (Self::Failed, "failed"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(status, _)| *status == self).map_or("failed", |(_, name)| name)
    }

    /// From the stored name of a message's status or an attempt's outcome.
    pub fn from_stored(name: &str) -> Option<Self> {
        let name = if name == "running" { "streaming" } else { name };
        Self::NAMES.iter().find(|(_, stored)| *stored == name).map(|(status, _)| *status)
    }
}
