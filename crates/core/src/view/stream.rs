//! What a page sends to begin a reply, and the stream it follows replies by.

use serde::{Deserialize, Serialize};

use super::{
    AttemptView, BudgetWarning, ChatSetup, ChatTarget, ConversationSummary, MessageStatus, MessageView, PartKind,
    SpendView, WaitingView,
};

boundary! {
    /// A message to send.
    pub struct SendInput {
        /// Absent to begin a chat.
        pub conversation_id: Option<String>,
        /// The prompt.
        pub text: String,
        /// Who shall answer.
        pub target: ChatTarget,
        /// Ids of attachments, in their order.
        pub attachments: Vec<String>,
        /// What is asked of the model beside the messages; it stays with the chat. Absent leaves what it has.
        pub setup: Option<ChatSetup>,
        /// The route that is asked where a plain model fails; it stays with the chat. Absent leaves what it has.
        pub fallback_route_id: Option<String>,
        /// The user message that this is a new version of; what followed that one stays with it.
        pub replaces: Option<String>,
        /// True where the person lets it pass, this once, the budgets that ask.
        pub over_budget: bool,
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
        /// Present while it waits for its turn.
        pub waiting: Option<WaitingView>,
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
        /// Present while it waits for its turn.
        pub waiting: Option<WaitingView>,
        /// All attempts of the message, where one ended and another began.
        pub attempts: Option<Vec<AttemptView>>,
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
        /// As in [`PartView::title`], when the part begins.
        pub title: Option<String>,
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
        /// Shares of budgets that were passed by it, each told once a period.
        pub budgets: Vec<BudgetWarning>,
        /// The run that answers anew as a new version, begun already; absent where none does.
        pub replaced_by: Option<RunReceipt>,
    }
}

impl SendInput {
    /// Plain text to a model or a route.
    pub fn text(conversation_id: Option<String>, text: impl Into<String>, target: impl Into<ChatTarget>) -> Self {
        Self {
            conversation_id,
            text: text.into(),
            target: target.into(),
            attachments: Vec::new(),
            setup: None,
            fallback_route_id: None,
            replaces: None,
            over_budget: false,
        }
    }
}
