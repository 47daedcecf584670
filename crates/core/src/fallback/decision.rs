//! What a run has done and what it does now.

use parlance_providers::ProviderError;

use crate::view::{AttemptReason, SkipReason};

/// A run so far.
#[derive(Clone, Debug, Default)]
pub struct SoFar {
    /// Whom it asked, the oldest first.
    pub tried: Vec<Tried>,
    /// A person sent it and waits: it may try what rests. False for a run that nobody waits for.
    pub explicit: bool,
    /// Targets that it must not ask, because an answer of theirs is being replaced.
    pub avoid: Vec<usize>,
}

/// One attempt that failed. One that was answered ends the run.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Which target of the route.
    pub target: usize,
    /// With which account.
    pub account_id: i64,
    /// How it failed.
    pub error: ProviderError,
    /// What had come before.
    pub output: Output,
    /// When it failed, UTC milliseconds.
    pub ended_at: i64,
    /// The computer slept during it: its failure says nothing of the target.
    pub slept: bool,
}

/// What had come of an answer when it broke. Reasoning alone is nothing: it may be thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Nothing that a person would miss.
    #[default]
    Nothing,
    /// Text or media that can be gone on with.
    Text,
    /// A tool call was begun: nobody goes on with half of one.
    ToolCall,
}

/// What a run does now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It asks.
    Attempt(Choice),
    /// It waits until then, UTC milliseconds, and decides anew; the target it means to ask stays `on`.
    Wait {
        /// Until when.
        until: i64,
        /// Which target it is going to ask again.
        on: usize,
    },
    /// It ends.
    Stop(Stop),
}

/// Whom a run asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Which target of the route.
    pub target: usize,
    /// With which account.
    pub account_id: i64,
    /// How this came about.
    pub reason: AttemptReason,
    /// It tries something that rests: its answer closes the circuit, its failure opens it for longer.
    pub probe: bool,
    /// Takes one retry out of the provider's bucket.
    pub costs_retry: bool,
    /// What was passed over for it since the attempt before, in the order it was looked at.
    pub skipped: Vec<Skip>,
}

/// A target that was passed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Skip {
    /// Which target of the route.
    pub target: usize,
    /// Why.
    pub reason: SkipReason,
    /// Until when, where that is known, UTC milliseconds.
    pub until: Option<i64>,
    /// The failure behind it, where there is one.
    pub because: Option<crate::view::FailureView>,
}

/// How a run ends that was not answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// With this failure: the one that tells most.
    Failed(Box<ProviderError>),
    /// Nobody could be asked at all.
    Nobody(Vec<Skip>),
    /// Text has come and stays; the person chooses.
    Keep(Box<ProviderError>),
    /// Text has come; another target answers anew, as a new version.
    Restart(Box<ProviderError>),
}
