//! The types that cross to a user interface. Ids are strings, tokens and milliseconds `u32`, times UTC
//! milliseconds and money nano-USD as `f64` below 2^53. `None` is unknown, never zero.

use parlance_providers::{Category, FinishClass};
use serde::{Deserialize, Serialize};

/// Declares boundary types alike: camelCase on the wire, TypeScript behind the feature.
macro_rules! boundary {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(specta::Type))]
        #[serde(rename_all = "camelCase")]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}

boundary! {
    /// All a page needs to paint itself for the first time.
    pub struct Bootstrap {
        /// Version of the app.
        pub version: String,
        /// True in the demo's own data folder.
        pub demo: bool,
        /// Where the data lies.
        pub data_dir: String,
        /// The user's settings.
        pub settings: Settings,
        /// Configured providers, in their order.
        pub providers: Vec<ProviderView>,
        /// The first page of the list.
        pub conversations: ConversationPage,
        /// Replies found half-written at this start.
        pub interrupted: u32,
        /// This month's spend.
        pub spend: SpendView,
    }

    /// What the user chose.
    pub struct Settings {
        /// Light, dark or as the system.
        pub theme: Theme,
        /// The model last sent to.
        pub last_target: Option<Target>,
        /// False until the first-run screen was left.
        pub onboarded: bool,
    }

    /// One change of a setting.
    pub enum SettingChange {
        /// The theme.
        Theme(Theme),
        /// Whether the first-run screen is done with.
        Onboarded(bool),
    }

    /// The look.
    #[derive(Copy, Eq, Hash)]
    pub enum Theme {
        /// Follow the system.
        System,
        /// Ink on paper.
        Light,
        /// Paper on ink.
        Dark,
    }

    /// A model of a configured provider.
    pub struct Target {
        /// The provider's id.
        pub provider_id: String,
        /// The vendor's model name.
        pub model: String,
    }

    /// How a vendor is drawn: two letters, a hue, a shape by category.
    pub struct Mark {
        /// Two letters, like an element symbol.
        pub letters: String,
        /// `clay`, `sky`, `gold`, `jade`, `plum`, `rose`, `olive` or `graphite`.
        pub hue: String,
        /// True for the second holder of a hue.
        pub hatched: bool,
    }

    /// A vendor of the catalogue.
    pub struct VendorView {
        /// The catalogue id.
        pub id: String,
        /// Its name.
        pub name: String,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// How it is drawn.
        pub mark: Mark,
        /// The usual address, where there is one.
        pub base_url: Option<String>,
        /// Whether the address must be given by the user.
        pub needs_base_url: bool,
        /// `required`, `optional` or `none`.
        pub key: KeyNeed,
        /// Conventional environment variables, and whether each is set now. Never their values.
        pub env: Vec<EnvName>,
        /// Where a person gets a key.
        pub key_url: Option<String>,
    }

    /// Whether a vendor wants a key.
    #[derive(Copy, Eq, Hash)]
    pub enum KeyNeed {
        /// Without one nothing works.
        Required,
        /// Some servers want one.
        Optional,
        /// Never.
        None,
    }

    /// An environment variable a key may be in.
    pub struct EnvName {
        /// Its name.
        pub name: String,
        /// Whether it is set and not empty.
        pub set: bool,
    }

    /// A configured provider. It never carries a key.
    pub struct ProviderView {
        /// Its id.
        pub id: String,
        /// The vendor's catalogue id.
        pub vendor: String,
        /// The user's name for it.
        pub name: String,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// How it is drawn.
        pub mark: Mark,
        /// The address it is asked at.
        pub base_url: String,
        /// Whether it is offered.
        pub enabled: bool,
        /// Whether a key is there.
        pub key: KeyState,
        /// Whether the vendor wants one.
        pub key_need: KeyNeed,
        /// The model that is offered first.
        pub default_model: Option<String>,
        /// Models known so far, from the last fetched list or the catalogue.
        pub models: Vec<ModelView>,
    }

    /// What is known of a key, without the key.
    pub struct KeyState {
        /// `none`, `session`, `env`, `keyring` or `vault`.
        pub store: String,
        /// Whether it can be used now: a session key is gone after a restart, a variable may be unset.
        pub usable: bool,
        /// The variable's name for `env`.
        pub env_name: Option<String>,
        /// The last four characters of a key of at least 16.
        pub ends_with: Option<String>,
        /// scheme://host:port it was given for.
        pub origin: Option<String>,
    }

    /// A model on offer.
    pub struct ModelView {
        /// The name to ask for.
        pub id: String,
        /// A name for people.
        pub name: Option<String>,
        /// Context window in tokens.
        pub context: Option<u32>,
        /// Nano-USD per million input tokens; 0 is free, `None` unknown.
        pub input_nano: Option<f64>,
        /// Nano-USD per million output tokens.
        pub output_nano: Option<f64>,
    }

    /// A provider to add or change.
    pub struct ProviderInput {
        /// Absent to add one.
        pub id: Option<String>,
        /// The vendor's catalogue id.
        pub vendor: String,
        /// Empty takes the vendor's name.
        pub name: String,
        /// Empty takes the vendor's usual address.
        pub base_url: String,
        /// Whether it is offered.
        pub enabled: bool,
        /// The model that is offered first.
        pub default_model: Option<String>,
    }

    /// Where a key comes from. A key goes in here and never comes back out.
    #[serde(tag = "kind")]
    pub enum KeyInput {
        /// Until the app quits.
        Session {
            /// The key as pasted.
            key: String,
        },
        /// Read from a variable at each use.
        Env {
            /// The variable's name.
            name: String,
        },
        /// Forget it.
        None,
    }

    /// The result of a free check.
    pub struct CheckView {
        /// Works.
        pub ok: bool,
        /// Why not.
        pub error: Option<FailureView>,
        /// Models found.
        pub models: u32,
        /// How long it took.
        pub duration_ms: u32,
    }

    /// A row of the chat list.
    pub struct ConversationSummary {
        /// Its id.
        pub id: String,
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
    }

    /// A page of the list.
    pub struct ConversationPage {
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
        pub target: Option<Target>,
        /// The active branch, oldest first.
        pub messages: Vec<MessageView>,
        /// Money of all its attempts.
        pub spend: SpendView,
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
        /// The model asked for.
        pub model: String,
        /// The model that served, where the vendor says.
        pub model_served: Option<String>,
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

    /// A message to send.
    pub struct SendInput {
        /// Absent to begin a chat.
        pub conversation_id: Option<String>,
        /// The prompt.
        pub text: String,
        /// Who shall answer.
        pub target: Target,
    }

    /// What was committed before the request left.
    pub struct RunReceipt {
        /// The run, for Stop.
        pub run_id: String,
        /// The chat's row.
        pub summary: ConversationSummary,
        /// New messages, oldest first; the last is the assistant's.
        pub messages: Vec<MessageView>,
    }

    /// A window's view of everything that runs, at one moment.
    pub struct Snapshot {
        /// Names this attachment in `ack` and `set_visible`: random, good for this page only.
        pub attachment: String,
        /// All running replies.
        pub runs: Vec<RunSnapshot>,
    }

    /// One running reply with its text so far.
    pub struct RunSnapshot {
        /// The run.
        pub run_id: String,
        /// Its chat.
        pub conversation_id: String,
        /// What this snapshot holds; deltas up to and including it are old.
        pub seq: u32,
        /// The message with its parts so far.
        pub message: MessageView,
    }

    /// All that changed since the last acknowledged frame.
    pub struct Frame {
        /// To acknowledge.
        pub frame: u32,
        /// Changes, run by run.
        pub runs: Vec<RunDelta>,
    }

    /// What changed in one run.
    pub struct RunDelta {
        /// The run.
        pub run_id: String,
        /// Its chat.
        pub conversation_id: String,
        /// Its message.
        pub message_id: String,
        /// Rises with each delta of the run; the page drops what it has.
        pub seq: u32,
        /// Text to append.
        pub parts: Vec<PartDelta>,
        /// Set once, with the last text of the run.
        pub settled: Option<Settled>,
    }

    /// Text to append to a part; the part is new where its ordinal is.
    pub struct PartDelta {
        /// Its place.
        pub ordinal: u32,
        /// What it is.
        pub kind: PartKind,
        /// Who writes.
        pub attempt_id: String,
        /// As in [`PartView::name`], when the part begins.
        pub name: Option<String>,
        /// What to append.
        pub append: String,
    }

    /// A run came to its end and everything is on disk.
    pub struct Settled {
        /// How.
        pub status: MessageStatus,
        /// The attempts with their figures.
        pub attempts: Vec<AttemptView>,
        /// The chat's row.
        pub summary: ConversationSummary,
        /// The chat's money.
        pub spend: SpendView,
    }
}

impl PartKind {
    /// Every kind, with its stored name.
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Text, "text"),
        (Self::Reasoning, "reasoning"),
        (Self::Refusal, "refusal"),
        (Self::ToolCall, "tool_call"),
        (Self::Citation, "citation"),
        (Self::Media, "media"),
        (Self::ServerTool, "server_tool"),
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
