//! Budgets: what may be spent on whom, and what a message would break.

use serde::{Deserialize, Serialize};

boundary! {
    /// What a budget holds for.
    #[derive(Eq, Hash)]
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    pub enum BudgetScope {
        /// Everything.
        All,
        /// A provider.
        Provider {
            /// Its id.
            provider_id: String,
        },
        /// A route.
        Route {
            /// Its id.
            route_id: String,
        },
    }

    /// How long a budget holds, by the local calendar.
    #[derive(Copy, Eq, Hash)]
    pub enum BudgetPeriod {
        /// A day.
        Day,
        /// A month.
        Month,
    }

    /// What happens at a budget's limit.
    #[derive(Copy, Eq, Hash)]
    pub enum AtLimit {
        /// It is said, nothing more.
        Warn,
        /// A person is asked; where none is present it stops.
        Ask,
        /// Nothing more is sent.
        Stop,
    }

    /// A budget as a person gives it.
    pub struct BudgetInput {
        /// Absent to make one.
        pub id: Option<String>,
        /// What it holds for.
        pub scope: BudgetScope,
        /// How long.
        pub period: BudgetPeriod,
        /// Nano-USD; above zero.
        pub limit_nano: f64,
        /// Hundredths of the limit at which to warn, 1 to 100, at most five.
        pub warn_at: Vec<u32>,
        /// What happens at the limit.
        pub at_limit: AtLimit,
    }

    /// A budget and how it stands.
    pub struct BudgetView {
        /// Its id.
        pub id: String,
        /// What it holds for.
        pub scope: BudgetScope,
        /// The provider's or route's name; empty for everything and for the built-in route.
        pub name: String,
        /// How long.
        pub period: BudgetPeriod,
        /// Nano-USD.
        pub limit_nano: f64,
        /// Hundredths of the limit at which to warn, rising.
        pub warn_at: Vec<u32>,
        /// What happens at the limit.
        pub at_limit: AtLimit,
        /// Nano-USD spent in the running period.
        pub spent_nano: f64,
        /// Of these, not the vendor's own figures.
        pub guessed_nano: f64,
        /// Nano-USD that requests under way may still take.
        pub reserved_nano: f64,
        /// Requests of the period without a known amount: not counted.
        pub unknown: f64,
        /// The first local day of the next period.
        pub until: String,
        /// The highest share passed, in hundredths: 0 where none.
        pub warned: u32,
        /// True where nothing more fits.
        pub reached: bool,
    }

    /// A share of a budget was passed: shown once a period, also as a desktop notification.
    pub struct BudgetWarning {
        /// The budget as it stands.
        pub budget: BudgetView,
        /// The share that was passed, in hundredths.
        pub share: u32,
    }

    /// A budget that a request does not fit into.
    pub struct BudgetStop {
        /// The budget as it stands.
        pub budget: BudgetView,
        /// Nano-USD that the request may take; `None` where no price is known.
        pub expected_nano: Option<f64>,
        /// True where a person may let it pass this once.
        pub may_pass: bool,
    }

    /// What a message would break, told before it is sent.
    #[derive(Eq)]
    #[serde(tag = "kind", rename_all_fields = "camelCase")]
    pub enum EstimateWarning {
        /// The prompt and its answer do not fit the window.
        OverWindow,
        /// It costs more than the person wants a message to cost without being told.
        OverMessageLimit,
        /// It would pass a share of a budget.
        NearBudget {
            /// The budget.
            budget_id: String,
            /// The share, in hundredths.
            share: u32,
        },
        /// It does not fit into a budget.
        OverBudget {
            /// The budget.
            budget_id: String,
            /// True where a person may let it pass.
            may_pass: bool,
        },
    }
}
