//! What the person's judgements come to: a leaderboard, and weighted routes as experiments.

use serde::{Deserialize, Serialize};

use super::{Mark, RouteName, Target};

boundary! {
    /// Which judgements count.
    #[derive(Default)]
    pub struct LeaderboardFilter {
        /// Only those with this tag.
        pub tag: Option<String>,
        /// Only those given with names hidden.
        pub blind_only: bool,
    }

    /// Models by how they were judged.
    pub struct Leaderboard {
        /// The best first.
        pub rows: Vec<LeaderRow>,
        /// Judgements that counted.
        pub judgements: u32,
        /// Pairs of answers that they compared.
        pub pairs: u32,
        /// All tags in use, the most used first.
        pub tags: Vec<TagCount>,
    }

    /// A tag and how often it was given.
    pub struct TagCount {
        /// The word.
        pub tag: String,
        /// Judgements with it.
        pub judgements: u32,
    }

    /// A model on the leaderboard.
    pub struct LeaderRow {
        /// Who answered.
        pub target: Target,
        /// The provider's name now.
        pub provider_name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// Bradley-Terry strength in points: 1,000 is the average, 400 more means ten wins to one loss.
        pub points: f64,
        /// Lower end of the interval that holds the strength with 95 %.
        pub low: f64,
        /// Upper end of it.
        pub high: f64,
        /// The best rank that it may have: one more than those whose interval lies wholly above its own.
        pub rank: u32,
        /// Pairs it won.
        pub wins: u32,
        /// Pairs it lost.
        pub losses: u32,
        /// Pairs in which both were as good.
        pub ties: u32,
        /// Nano-USD an answer that was judged cost in the mean; `None` where no amount is known.
        pub mean_nano: Option<f64>,
        /// Median from the start to the first output, of the answers that were judged.
        pub first_token_ms: Option<u32>,
        /// Median output tokens a second, of the same.
        pub tokens_per_second: Option<f64>,
    }

    /// A weighted route as an experiment.
    pub struct RouteTrial {
        /// The route.
        pub route: RouteName,
        /// Its targets, in its order, then those that are no more.
        pub targets: Vec<TrialTarget>,
        /// Whether they differ by more than chance, measure by measure.
        pub differences: Vec<TrialDifference>,
        /// Since when its answers count, UTC milliseconds; absent where there are none.
        pub since: Option<f64>,
    }

    /// A target of a weighted route.
    pub struct TrialTarget {
        /// Whom.
        pub target: Target,
        /// The provider's name now.
        pub provider_name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// Its category.
        pub category: String,
        /// Its part of the route's weights, 0 to 1; absent where it is no longer a target.
        pub weight: Option<f64>,
        /// Runs that asked it first.
        pub picked: u32,
        /// Of these, those that it answered.
        pub answered: u32,
        /// Pairs of judged answers it won.
        pub wins: u32,
        /// Pairs it lost.
        pub losses: u32,
        /// Answers with a thumb up.
        pub thumbs_up: u32,
        /// Answers with a thumb down.
        pub thumbs_down: u32,
        /// Nano-USD an answer cost in the mean; `None` where no amount is known.
        pub mean_nano: Option<f64>,
        /// Median from the start to the first output.
        pub first_token_ms: Option<u32>,
    }

    /// Whether targets differ in a measure.
    pub struct TrialDifference {
        /// In what.
        pub measure: TrialMeasure,
        /// The target that does best in it.
        pub best: Target,
        /// The chance of a difference as large as this if there were none, corrected for the number of pairs tested.
        /// Absent where there is too little to tell.
        pub p: Option<f64>,
        /// Below 0.05: more than chance.
        pub sure: bool,
    }

    /// What is measured.
    #[derive(Copy, Eq, Hash)]
    pub enum TrialMeasure {
        /// Answered when picked.
        Answered,
        /// Pairs won.
        Votes,
        /// Thumbs up.
        Thumbs,
        /// Nano-USD an answer.
        Cost,
        /// First token.
        Latency,
    }

    /// What a person thinks of an answer.
    #[derive(Copy, Eq, Hash)]
    pub enum Thumb {
        /// Good.
        Up,
        /// Bad.
        Down,
    }
}
