//! Routes: named virtual models that stand for several providers.

use parlance_providers::{Category, ReasoningEffort};
use serde::{Deserialize, Serialize};

use super::{Capabilities, FailureView, Mark, Target};

boundary! {
    /// Whom the next message of a chat goes to.
    #[derive(Eq, Hash)]
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    pub enum ChatTarget {
        /// A model of a provider.
        Model {
            /// The provider's id.
            provider_id: String,
            /// The vendor's model name.
            model: String,
        },
        /// A route.
        Route {
            /// The route's id.
            route_id: String,
            /// The model asked for, where the route has no targets of its own; else absent.
            model: Option<String>,
        },
    }

    /// A route.
    pub struct RouteView {
        /// Its id.
        pub id: String,
        /// Its short name: `route/everyday` in configurations and commands. It never changes.
        pub slug: String,
        /// Its name; empty for the built-in route, whose name is the page's to say.
        pub name: String,
        /// True for "In my order", which asks every provider that serves the asked model and cannot be deleted.
        pub built_in: bool,
        /// Who is asked first.
        pub strategy: RouteStrategy,
        /// Whom it asks, in order. Empty for the built-in route.
        pub targets: Vec<RouteTargetView>,
        /// When it moves on, and how.
        pub rules: RouteRules,
    }

    /// How a route chooses among its targets.
    #[derive(Copy, Eq, Hash, Default)]
    pub enum RouteStrategy {
        /// The first that is ready, top to bottom.
        #[default]
        Priority,
        /// Each in turn.
        RoundRobin,
        /// At random, by weight.
        Weighted,
        /// The cheapest for this prompt.
        LowestCost,
        /// The one that answers soonest, as measured.
        LowestLatency,
        /// The one with the fewest requests under way.
        LeastBusy,
    }

    /// One target of a route.
    pub struct RouteTargetView {
        /// Whom it means.
        pub target: Target,
        /// The only account it may be asked with; absent for any.
        pub account_id: Option<String>,
        /// Its share in a weighted route, 1 to 1,000.
        pub weight: u32,
        /// What is asked of it in place of what the chat says.
        pub overrides: RouteOverrides,
        /// Whether it could be asked now.
        pub standing: TargetStanding,
        /// Nano-USD per million input tokens; absent where unknown.
        pub input_nano: Option<f64>,
        /// Nano-USD per million output tokens; absent where unknown.
        pub output_nano: Option<f64>,
        /// Context window in tokens.
        pub context: Option<u32>,
        /// What it can.
        pub can: Capabilities,
    }

    /// Parameters that a target sets, whatever the chat says.
    #[derive(Default)]
    #[serde(default)]
    pub struct RouteOverrides {
        /// Sampling temperature.
        pub temperature: Option<f64>,
        /// Nucleus sampling, 0 to 1.
        pub top_p: Option<f64>,
        /// Most tokens of an answer.
        pub max_tokens: Option<u32>,
        /// How hard to think.
        pub reasoning_effort: Option<ReasoningEffort>,
    }

    /// Whether a target could be asked.
    pub struct TargetStanding {
        /// Why not; absent where it is ready.
        pub skip: Option<SkipReason>,
        /// Until when, where that is known.
        pub until: Option<f64>,
        /// The failure behind it, where there is one.
        pub because: Option<FailureView>,
    }

    /// When a route moves on, and how.
    #[serde(default)]
    pub struct RouteRules {
        /// Requests to one target before the next is asked, 1 to 6.
        pub tries: u32,
        /// The longest first wait between tries, in milliseconds; it doubles. 100 to 60,000.
        pub backoff_base_ms: u32,
        /// The longest wait between tries, in milliseconds. At least the base, at most 120,000.
        pub backoff_cap_ms: u32,
        /// A vendor's Retry-After is waited for up to this many seconds, 0 to 600; beyond it the next target is asked.
        pub retry_after_s: u32,
        /// Seconds to the first output before the target counts as failed, 1 to 600; absent leaves the provider's own
        /// clocks.
        pub first_token_s: Option<u32>,
        /// Failures in a row that make a target rest, 1 to 50.
        pub failures: u32,
        /// Within so many seconds, 1 to 3,600.
        pub window_s: u32,
        /// Seconds it rests at first; it doubles. 1 to 3,600.
        pub rest_s: u32,
        /// The longest rest, in seconds. At least the first, at most 86,400.
        pub rest_cap_s: u32,
        /// The failures that may hand over to the next target.
        pub switch_on: Vec<Category>,
        /// What happens when an answer breaks after its first output.
        pub after_output: AfterOutput,
        /// Weighted routes only: a chat stays with the target it began with.
        pub sticky: bool,
        /// Whether answers are kept and told again.
        pub cache: RouteCache,
    }

    /// What happens when an answer breaks after its first output.
    #[derive(Copy, Eq, Hash, Default)]
    pub enum AfterOutput {
        /// The text stays, and the person chooses to continue or to retry.
        #[default]
        Keep,
        /// The next target goes on where it stopped.
        Continue,
        /// The next target answers anew, as a new version.
        Restart,
    }

    /// The response cache of a route.
    #[derive(Copy, Eq)]
    #[serde(default)]
    pub struct RouteCache {
        /// Whether answers are kept at all.
        pub enabled: bool,
        /// How long, in seconds, 60 to 31,536,000.
        pub ttl_s: u32,
        /// How much of them, in MiB, 1 to 4,096.
        pub max_mb: u32,
        /// Also where the temperature is above zero or not set.
        pub any_temperature: bool,
    }

    /// A route to save.
    pub struct RouteInput {
        /// Absent for a new one.
        pub id: Option<String>,
        /// Its name.
        pub name: String,
        /// Who is asked first.
        pub strategy: RouteStrategy,
        /// Whom it asks, in order; at least one, but for the built-in route, which takes none.
        pub targets: Vec<RouteTargetInput>,
        /// When it moves on, and how.
        pub rules: RouteRules,
    }

    /// A target to save.
    pub struct RouteTargetInput {
        /// Whom it means.
        pub target: Target,
        /// The only account it may be asked with; absent for any.
        pub account_id: Option<String>,
        /// Its share in a weighted route.
        pub weight: u32,
        /// What is asked of it in place of what the chat says.
        pub overrides: RouteOverrides,
    }

    /// Why a target was not asked.
    #[derive(Copy, Eq, Hash)]
    pub enum SkipReason {
        /// Its provider is deleted, or its vendor is no longer known.
        Gone,
        /// Its provider is switched off.
        Disabled,
        /// It has no key, or its keys are switched off or cannot be read.
        NoKey,
        /// Every key was rejected.
        KeyRejected,
        /// Every account was asked too often and rests.
        Throttled,
        /// It failed too often and rests.
        Resting,
        /// The limits that the user set for the provider leave no room now.
        AtLimit,
        /// A budget does not allow it.
        OverBudget,
        /// Its window is too small for the prompt.
        ContextTooLong,
        /// It does not take pictures.
        NoVision,
        /// It does not take a file of the prompt.
        NoFiles,
        /// This run has asked it before.
        Tried,
        /// It could be tried again, but its provider has failed too often for that lately.
        RetriesSpent,
    }

    /// A target that was passed over.
    pub struct SkipView {
        /// The provider's id.
        pub provider_id: String,
        /// Its name then.
        pub provider_name: String,
        /// The model.
        pub model: String,
        /// Why.
        pub reason: SkipReason,
        /// Until when, where that is known.
        pub until: Option<f64>,
        /// The failure behind it, where there is one.
        pub because: Option<FailureView>,
    }

    /// What a route would do. Nothing is sent.
    pub struct DryRunInput {
        /// The route as it stands on the screen, saved or not.
        pub route: RouteInput,
        /// The model asked for, for the built-in route.
        pub model: Option<String>,
        /// The prompt.
        pub prompt: String,
        /// Tokens of the prompt, where the screen knows better than a guess.
        pub input_tokens: Option<u32>,
        /// Tokens that the answer is reckoned with.
        pub output_tokens: u32,
        /// Pictures beside the prompt.
        pub images: u32,
    }

    /// What a route would do now.
    pub struct DryRunView {
        /// When this was worked out.
        pub at: f64,
        /// Every target, in the order it would be looked at.
        pub lines: Vec<DryRunLine>,
        /// Where nobody can be asked: when the first target is back, where that is known.
        pub first_back: Option<f64>,
    }

    /// A target in a dry run.
    pub struct DryRunLine {
        /// Its place in the route, from 0.
        pub index: u32,
        /// Whom it means.
        pub target: Target,
        /// The provider's name.
        pub provider_name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// What would become of it.
        pub verdict: DryRunVerdict,
        /// Why it is skipped.
        pub skip: Option<SkipReason>,
        /// Until when, where that is known.
        pub until: Option<f64>,
        /// The failure behind the skip, where there is one.
        pub because: Option<FailureView>,
        /// The label of the account that would be asked with, where it has one.
        pub account: Option<String>,
        /// Nano-USD the call would cost; absent where unknown.
        pub cost_nano: Option<f64>,
        /// The usual time to the first token, in milliseconds; absent where nothing was measured.
        pub first_token_ms: Option<u32>,
    }

    /// What a dry run says of a target.
    #[derive(Copy, Eq, Hash)]
    pub enum DryRunVerdict {
        /// It would be asked first.
        Chosen,
        /// It would be asked next if those before it failed.
        Next,
        /// It would be passed over.
        Skipped,
    }

    /// Times that a route moved on, the newest first.
    pub struct SwitchPage {
        /// The switches.
        pub switches: Vec<SwitchView>,
        /// Switches of the last seven days.
        pub week: u32,
        /// Answers of the last seven days.
        pub answers: u32,
        /// Pass it for the next page; absent at the end.
        pub next: Option<String>,
    }

    /// One time that a route moved on.
    pub struct SwitchView {
        /// When.
        pub at: f64,
        /// The chat, where it still exists.
        pub conversation_id: Option<String>,
        /// The message, where it still exists.
        pub message_id: Option<String>,
        /// Whether the chat lies in the trash.
        pub trashed: bool,
        /// Who failed or was passed over.
        pub from: SwitchEnd,
        /// Who was asked then.
        pub to: SwitchEnd,
        /// Why it failed; absent where it was passed over.
        pub failure: Option<FailureView>,
        /// Why it was passed over; absent where it failed.
        pub skip: Option<SkipReason>,
        /// How often it was asked.
        pub tries: u32,
        /// Milliseconds lost.
        pub lost_ms: u32,
    }

    /// One side of a switch.
    pub struct SwitchEnd {
        /// The provider's id.
        pub provider_id: String,
        /// Its name now.
        pub provider_name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// The model.
        pub model: String,
    }

    /// The route that a reply ran on.
    pub struct RouteName {
        /// Its id.
        pub id: String,
        /// Its name now; empty for the built-in route.
        pub name: String,
    }

    /// How an attempt came about.
    #[derive(Copy, Eq, Hash, Default)]
    pub enum AttemptReason {
        /// It was the first of its run.
        #[default]
        First,
        /// The same target again.
        Retry,
        /// Another account of the same target.
        NextAccount,
        /// Another target.
        NextTarget,
        /// It goes on with the text of the one before.
        Continued,
    }

    /// A target that rests because it failed too often.
    pub struct CircuitView {
        /// The account's id.
        pub account_id: String,
        /// The model.
        pub model: String,
        /// Since when.
        pub since: f64,
        /// Until when; past where it waits for a request to try it.
        pub until: f64,
        /// Why.
        pub because: FailureView,
    }
}

impl From<Target> for ChatTarget {
    fn from(target: Target) -> Self {
        Self::Model { provider_id: target.provider_id, model: target.model }
    }
}

impl ChatTarget {
    /// The model of a provider, where it is one.
    pub fn as_model(&self) -> Option<Target> {
        match self {
            Self::Model { provider_id, model } => {
                Some(Target { provider_id: provider_id.clone(), model: model.clone() })
            }
            Self::Route { .. } => None,
        }
    }
}

impl Default for RouteRules {
    /// NET-8 to NET-10: two retries of 0.5 to 8 s, Retry-After up to 60 s, five failures in 60 s make a target rest for
    /// 30 s, doubling to 5 min.
    fn default() -> Self {
        let stops = [Category::BadRequest, Category::Cancelled, Category::Refused];
        Self {
            tries: 3,
            backoff_base_ms: 500,
            backoff_cap_ms: 8_000,
            retry_after_s: 60,
            first_token_s: None,
            failures: 5,
            window_s: 60,
            rest_s: 30,
            rest_cap_s: 300,
            switch_on: Category::ALL.into_iter().filter(|category| !stops.contains(category)).collect(),
            after_output: AfterOutput::Keep,
            sticky: false,
            cache: RouteCache::default(),
        }
    }
}

impl Default for RouteCache {
    fn default() -> Self {
        Self { enabled: false, ttl_s: 86_400, max_mb: 256, any_temperature: false }
    }
}

impl AttemptReason {
    /// Every reason, with its stored name.
    const NAMES: [(Self, &'static str); 5] = [
        (Self::First, "first"),
        (Self::Retry, "retry"),
        (Self::NextAccount, "next_account"),
        (Self::NextTarget, "next_target"),
        (Self::Continued, "continued"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(reason, _)| *reason == self).map_or("first", |(_, name)| name)
    }

    /// From the stored name.
    pub fn from_stored(name: &str) -> Self {
        Self::NAMES.iter().find(|(_, stored)| *stored == name).map_or(Self::First, |(reason, _)| *reason)
    }
}
