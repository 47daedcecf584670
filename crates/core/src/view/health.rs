//! How providers do: money, outcomes, speed, queues.

use parlance_providers::Category;
use serde::{Deserialize, Serialize};

use super::{CircuitView, FailureView, MessageStatus, SpendView};

boundary! {
    /// A provider at a glance.
    pub struct ProviderFacts {
        /// The provider.
        pub provider_id: String,
        /// This month's money.
        pub spend: SpendView,
        /// Its last calls.
        pub health: HealthView,
        /// Account by account.
        pub accounts: Vec<AccountFacts>,
        /// Models of its accounts that rest because they failed too often.
        pub circuits: Vec<CircuitView>,
        /// Replies that run now.
        pub running: u32,
        /// Replies that wait for their turn.
        pub waiting: u32,
    }

    /// An account at a glance.
    pub struct AccountFacts {
        /// The account.
        pub account_id: String,
        /// This month's money.
        pub spend: SpendView,
        /// Its last calls.
        pub health: HealthView,
        /// Until when it is left out; absent where it is used, or waits for another key: then only why is there.
        pub rests_until: Option<f64>,
        /// Why it is left out.
        pub rests_because: Option<FailureView>,
    }

    /// The last calls of a provider or an account.
    #[derive(Default)]
    pub struct HealthView {
        /// At most 20, the oldest first. What a person stopped is not among them.
        pub calls: Vec<CallMark>,
        /// How many of these failed or broke off.
        pub failed: u32,
        /// Median milliseconds to the first token.
        pub first_token_median_ms: Option<u32>,
        /// 95 of 100 began within.
        pub first_token_p95_ms: Option<u32>,
        /// The last failure among them.
        pub last_error: Option<CallError>,
        /// The last free question.
        pub probe: Option<ProbeMark>,
    }

    /// A call that has ended.
    pub struct CallMark {
        /// When it began.
        pub at: f64,
        /// How it ended.
        pub outcome: MessageStatus,
        /// Milliseconds to the first token.
        pub first_token_ms: Option<u32>,
        /// Why it failed.
        pub category: Option<Category>,
        /// The model asked for.
        pub model: String,
    }

    /// The last failure.
    pub struct CallError {
        /// What was said.
        pub failure: FailureView,
        /// When it began.
        pub at: f64,
        /// The model asked for.
        pub model: String,
        /// The account's label; absent where there is none.
        pub account: Option<String>,
    }

    /// A free question and its outcome.
    pub struct ProbeMark {
        /// When it was asked.
        pub at: f64,
        /// How long the answer took.
        pub duration_ms: u32,
        /// Why it failed; absent where it worked.
        pub failure: Option<FailureView>,
    }

    /// Which limit.
    #[derive(Copy, Eq, Hash)]
    pub enum LimitKind {
        /// Requests a minute.
        Requests,
        /// Tokens a minute.
        Tokens,
        /// Requests at the same time.
        Concurrent,
    }

    /// What is left of an account's money or of its plan, as the vendor says.
    pub struct BalanceView {
        /// The amount, in the vendor's own digits. Absent where there is no limit.
        pub amount: Option<String>,
        /// ISO 4217; absent where it is no money.
        pub currency: Option<String>,
        /// Of a plan.
        pub quota: Option<QuotaView>,
    }

    /// What a plan holds beside what is left of it.
    pub struct QuotaView {
        /// All that it holds, in the count of what is left.
        pub entitlement: Option<String>,
        /// There is no limit.
        pub unlimited: bool,
        /// When it begins anew: UTC milliseconds.
        pub resets_at: Option<f64>,
    }
}
