//! Comparisons: one prompt to many lanes, their answers side by side, and what becomes of them.

use serde::{Deserialize, Serialize};

use super::{ChatSetup, ChatTarget, CommandError, ConversationSummary, Draft, MessageView, SpendView};

boundary! {
    /// What a conversation is.
    #[derive(Copy, Eq, Hash, Default)]
    pub enum ConversationKind {
        /// One model answers at a time.
        #[default]
        Chat,
        /// Several answer side by side.
        Compare,
    }

    /// A column of a comparison: whom its prompts go to, and how.
    pub struct LaneView {
        /// Its id.
        pub id: String,
        /// Whom its next prompt goes to; absent where that was deleted for good.
        pub target: Option<ChatTarget>,
        /// The route that is asked where a plain model fails.
        pub fallback_route_id: Option<String>,
        /// What is asked of the model beside the messages.
        pub setup: ChatSetup,
        /// Taken out of the comparison: it is asked no more, its answers stay.
        pub hidden: bool,
        /// Its own money; the sum over lanes and merges is the comparison's.
        pub spend: SpendView,
    }

    /// A lane as a person sets it up.
    pub struct LaneInput {
        /// Absent for a new lane.
        pub id: Option<String>,
        /// To whom.
        pub target: ChatTarget,
        /// The route that is asked where a plain model fails.
        pub fallback_route_id: Option<String>,
        /// What is asked of the model beside the messages.
        pub setup: ChatSetup,
        /// True where the prompt that is sent goes to it.
        pub asked: bool,
    }

    /// A comparison, opened.
    pub struct CompareView {
        /// Its row.
        pub summary: ConversationSummary,
        /// Its lanes in their order; those taken out come last.
        pub lanes: Vec<LaneView>,
        /// Its prompts, oldest first.
        pub turns: Vec<TurnView>,
        /// The last prompt, and all answers to it and merges of them, whole; others are asked for by their ids.
        pub messages: Vec<MessageView>,
        /// Money of everything in it.
        pub spend: SpendView,
        /// What stood in the composer.
        pub draft: Draft,
    }

    /// A prompt and who answered it.
    pub struct TurnView {
        /// Its id.
        pub id: String,
        /// When it was sent, UTC milliseconds.
        pub created_at: f64,
        /// The user messages that hold it, one a lane that was asked; all read the same.
        pub prompts: Vec<String>,
        /// The answers, lane by lane in their order.
        pub answers: Vec<LaneAnswer>,
        /// Answers made of answers, oldest first.
        pub merges: Vec<LaneAnswer>,
        /// Present where it was sent with names hidden.
        pub blind: Option<BlindView>,
        /// What the person made of the answers; absent before that.
        pub judgement: Option<JudgementView>,
        /// The answer that all lanes went on from, where they shared one history.
        pub shared_from: Option<String>,
    }

    /// An answer of a lane.
    pub struct LaneAnswer {
        /// The lane; a merge has one of its own that is in no list.
        pub lane_id: String,
        /// The version that is shown.
        pub message_id: String,
        /// All its versions, oldest first.
        pub versions: Vec<String>,
    }

    /// How a blind prompt is shown.
    pub struct BlindView {
        /// The lanes in the order they are shown in, drawn by lot.
        pub order: Vec<String>,
        /// Names are shown: it was judged, or the person gave up on it.
        pub revealed: bool,
    }

    /// What a person made of the answers to a prompt.
    pub struct JudgementView {
        /// Answers by rank, the best first; those in one rank are as good as each other. What is in no rank is behind all
        /// that are.
        pub ranks: Vec<Vec<String>>,
        /// A remark of theirs.
        pub note: String,
        /// Words to rank by, e.g. `code`.
        pub tags: Vec<String>,
        /// Names were hidden.
        pub blind: bool,
        /// When it was given, UTC milliseconds.
        pub at: f64,
    }

    /// A judgement to keep. Without ranks, note and tags it is taken back.
    pub struct JudgementInput {
        /// As in [`JudgementView::ranks`].
        pub ranks: Vec<Vec<String>>,
        /// A remark.
        pub note: String,
        /// Words to rank by.
        pub tags: Vec<String>,
    }

    /// A prompt for the lanes of a comparison.
    pub struct CompareInput {
        /// Absent to begin a comparison.
        pub conversation_id: Option<String>,
        /// The prompt.
        pub text: String,
        /// Ids of attachments, in their order.
        pub attachments: Vec<String>,
        /// All lanes in their order; a lane of the comparison that is not among them is taken out.
        pub lanes: Vec<LaneInput>,
        /// The answer that all lanes go on from; absent where each goes on from its own.
        pub shared_from: Option<String>,
        /// The prompt that this is a new version of: what came from there on is left out of its history.
        pub replaces: Option<String>,
        /// Names are hidden and the order is drawn by lot until it is judged.
        pub blind: bool,
        /// True where the person lets it pass, this once, the budgets that ask.
        pub over_budget: bool,
    }

    /// What was committed before the requests left.
    pub struct CompareReceipt {
        /// The comparison's row.
        pub summary: ConversationSummary,
        /// Its lanes.
        pub lanes: Vec<LaneView>,
        /// The new prompt.
        pub turn: TurnView,
        /// Its user message of the first lane asked, then the answers.
        pub messages: Vec<MessageView>,
        /// The runs that began; lanes that could not be asked have none, and their answer says why.
        pub runs: Vec<LaneRun>,
    }

    /// A run that began.
    pub struct LaneRun {
        /// The run, for Stop.
        pub run_id: String,
        /// The answer it writes.
        pub message_id: String,
    }

    /// What a prompt to many lanes would take.
    pub struct CompareEstimateInput {
        /// Absent for a new comparison.
        pub conversation_id: Option<String>,
        /// The text in the composer.
        pub text: String,
        /// Ids of its attachments.
        pub attachments: Vec<String>,
        /// All lanes; those that are not asked cost nothing.
        pub lanes: Vec<LaneInput>,
        /// As in [`CompareInput::shared_from`].
        pub shared_from: Option<String>,
    }

    /// What a merge would take.
    pub struct MergeEstimateInput {
        /// The answers to merge.
        pub sources: Vec<String>,
        /// Who merges.
        pub target: ChatTarget,
        /// How.
        pub mode: MergeMode,
    }

    /// A guess for several requests at once.
    pub struct CompareEstimate {
        /// One for each lane that was given, in their order.
        pub lanes: Vec<LaneEstimate>,
        /// Nano-USD with answers of usual length, of all whose price is known.
        pub cost_nano: f64,
        /// Nano-USD where answers are as long as they may be, of all whose price and limit are known.
        pub most_nano: f64,
        /// Lanes whose price is not known.
        pub unknown: u32,
    }

    /// A guess for one lane.
    #[derive(Default)]
    pub struct LaneEstimate {
        /// Why it cannot be asked; absent where it can, as far as is known without asking.
        pub refused: Option<CommandError>,
        /// Tokens of all that goes out.
        pub input_tokens: u32,
        /// Nano-USD with an answer of usual length; `None` is unknown.
        pub cost_nano: Option<f64>,
        /// Nano-USD where the answer is as long as it may be; `None` is unknown.
        pub most_nano: Option<f64>,
        /// Nano-USD a million input tokens cost; `None` is unknown.
        pub input_rate: Option<f64>,
        /// The same for output tokens.
        pub output_rate: Option<f64>,
        /// Prompt and answer do not fit its window.
        pub over_window: bool,
    }

    /// How answers are made into one.
    #[derive(Copy, Eq, Hash)]
    pub enum MergeMode {
        /// One answer with the best of all.
        Fuse,
        /// A list of all points, with who made them and where they disagree.
        Checklist,
        /// A table of how they compare.
        Table,
    }

    /// Answers to make into one.
    pub struct MergeInput {
        /// At least two answers to one prompt.
        pub sources: Vec<String>,
        /// How.
        pub mode: MergeMode,
        /// Who merges.
        pub target: ChatTarget,
        /// True where the person lets it pass, this once, the budgets that ask.
        pub over_budget: bool,
    }

    /// What a merged answer was made of.
    pub struct MergedView {
        /// How.
        pub mode: MergeMode,
        /// The answers, in the order they were given to the model.
        pub sources: Vec<MergeSource>,
    }

    /// An answer that went into a merge.
    pub struct MergeSource {
        /// The answer.
        pub message_id: String,
        /// The name of who wrote it.
        pub provider_name: String,
        /// Its model.
        pub model: String,
    }

    /// Lanes kept under a name.
    pub struct CompareSet {
        /// Its id.
        pub id: String,
        /// Its name.
        pub name: String,
        /// Its lanes, as new ones.
        pub lanes: Vec<LaneInput>,
    }

    /// Lanes to keep under a name.
    pub struct CompareSetInput {
        /// Absent for a new set.
        pub id: Option<String>,
        /// Its name.
        pub name: String,
        /// Its lanes; ids are left out.
        pub lanes: Vec<LaneInput>,
    }

    /// A comparison that is not begun, as it stands on the screen.
    #[derive(Default)]
    pub struct CompareDesk {
        /// The set it began with.
        pub set_id: Option<String>,
        /// Its lanes.
        pub lanes: Vec<LaneInput>,
        /// Names are to be hidden.
        pub blind: bool,
        /// What stands in its composer.
        pub draft: Draft,
    }

    /// The form of an exported comparison.
    #[derive(Copy, Eq, Hash)]
    pub enum CompareFormat {
        /// To read.
        Markdown,
        /// To work on.
        Json,
    }
}
