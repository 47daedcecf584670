//! What is known at the moment of a decision. All times are UTC milliseconds, all money nano-USD.

use crate::{
    registry::rests::Rest,
    view::{FailureView, SkipReason},
};

/// What is known of a route's targets, in the route's order.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// One for each target of the route.
    pub targets: Vec<TargetFacts>,
    /// Runs that this route began before this one: whose turn it is.
    pub turn: u64,
    /// What the prompt takes, in tokens, as far as it can be guessed; with the room that the answer needs.
    pub tokens: u64,
}

/// What is known of one target.
#[derive(Clone, Debug, Default)]
pub struct TargetFacts {
    /// Why it cannot answer this prompt at all, e.g. it is switched off or takes no pictures.
    pub unfit: Option<SkipReason>,
    /// Its context window in tokens; `None` where it is not known.
    pub window: Option<u64>,
    /// The accounts it may be asked with, in the user's order: the enabled ones.
    pub accounts: Vec<AccountFacts>,
    /// What this prompt and its answer would cost; `None` where it is not known.
    pub cost_nano: Option<u64>,
    /// The usual time to the first token, a moving average; `None` where nothing was measured.
    pub latency_ms: Option<u32>,
    /// Requests of its provider under way or in the line.
    pub busy: u32,
    /// The user's own limits leave no room before then.
    pub limited_until: Option<i64>,
    /// Whether it may be paid for.
    pub admission: Admission,
    /// Retries that its provider's bucket has left, whole ones.
    pub retries_left: u32,
    /// Its data says that it goes on with a text it is given as the beginning of its own answer.
    pub prefill: bool,
}

/// What is known of an account for a target's model.
#[derive(Clone, Debug)]
pub struct AccountFacts {
    /// The account.
    pub id: i64,
    /// Why it is left out, where it is.
    pub rest: Option<Rest>,
    /// How it does with this model.
    pub circuit: Standing,
}

/// Where a circuit stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Standing {
    /// It is used as usual.
    #[default]
    Closed,
    /// It rests.
    Open {
        /// Until when.
        until: i64,
        /// What made it rest.
        because: FailureView,
    },
    /// Its rest is over, and one request may try it.
    HalfOpen {
        /// Whether one tries it now.
        trying: bool,
        /// What made it rest.
        because: FailureView,
    },
}

/// Whether a request may be paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// Nothing is in its way.
    #[default]
    Allow,
    /// A budget is used up.
    Deny,
}
