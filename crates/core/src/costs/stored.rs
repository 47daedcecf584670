//! The names under which the ledger stores what its entries are about.

use crate::view::{CostOutcome, CostSource, Purpose};

impl Purpose {
    /// Every purpose, with its stored name.
    pub(crate) const NAMES: [(Self, &'static str); 10] = [
        (Self::Chat, "chat"),
        (Self::Compare, "compare"),
        (Self::Merge, "merge"),
        (Self::Judge, "judge"),
        (Self::PromptSet, "prompt_set"),
        (Self::Gateway, "gateway"),
        (Self::Title, "title"),
        (Self::Embedding, "embedding"),
        (Self::Index, "index"),
        (Self::Check, "check"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        name(&Self::NAMES, self)
    }

    /// From the stored name.
    pub fn from_stored(stored: &str) -> Option<Self> {
        find(&Self::NAMES, stored)
    }
}

impl CostOutcome {
    /// Every outcome, with its stored name.
    pub(crate) const NAMES: [(Self, &'static str); 4] = [
        (Self::Complete, "complete"),
        (Self::Interrupted, "interrupted"),
        (Self::Failed, "failed"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        name(&Self::NAMES, self)
    }

    /// From the stored name.
    pub fn from_stored(stored: &str) -> Option<Self> {
        find(&Self::NAMES, stored)
    }
}

impl CostSource {
    /// Every source, with its stored name.
    pub(crate) const NAMES: [(Self, &'static str); 5] = [
        (Self::Reported, "reported"),
        (Self::Priced, "priced"),
        (Self::Estimated, "estimated"),
        (Self::Free, "free"),
        (Self::Unknown, "unknown"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        name(&Self::NAMES, self)
    }

    /// From the stored name.
    pub fn from_stored(stored: &str) -> Option<Self> {
        find(&Self::NAMES, stored)
    }
}

/// Whether a request was the first for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Again {
    /// It was.
    First,
    /// A person wanted a new version of an answer that was there.
    Asked,
    /// We tried again after an attempt that failed.
    Tried,
}

impl Again {
    pub(crate) const NAMES: [(Self, &'static str); 3] =
        [(Self::First, "first"), (Self::Asked, "asked"), (Self::Tried, "tried")];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        name(&Self::NAMES, self)
    }

    /// From the stored name.
    pub fn from_stored(stored: &str) -> Option<Self> {
        find(&Self::NAMES, stored)
    }
}

fn name<T: Copy + PartialEq>(names: &[(T, &'static str)], of: T) -> &'static str {
    names.iter().find(|(value, _)| *value == of).map_or("", |(_, name)| name)
}

fn find<T: Copy>(names: &[(T, &'static str)], stored: &str) -> Option<T> {
    names.iter().find(|(_, name)| *name == stored).map(|(value, _)| *value)
}
