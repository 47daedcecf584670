//! Costs: what was spent on whom, and what it would have come to elsewhere.

use serde::{Deserialize, Serialize};

use super::{AttemptReason, BudgetView, CostSource, CostView, FailureView, Rates};

boundary! {
    /// Which entries of the ledger are meant. An empty list means all; days are local calendar days, YYYY-MM-DD.
    #[derive(Eq, Default)]
    #[serde(default)]
    pub struct CostFilter {
        /// The first day.
        pub from: String,
        /// The last day, itself included.
        pub to: String,
        /// Ids of providers.
        pub providers: Vec<String>,
        /// Models as billed.
        pub models: Vec<String>,
        /// Ids of accounts; the empty string stands for "without an account".
        pub accounts: Vec<String>,
        /// Ids of routes; the empty string stands for "without a route".
        pub routes: Vec<String>,
        /// Purposes.
        pub purposes: Vec<Purpose>,
        /// How they ended.
        pub outcomes: Vec<CostOutcome>,
        /// Where the amounts come from.
        pub sources: Vec<CostSource>,
        /// What they were wasted on.
        pub waste: Vec<WasteKind>,
    }

    /// What a request was made for.
    #[derive(Copy, Eq, Hash, PartialOrd, Ord)]
    pub enum Purpose {
        /// An answer in a chat.
        Chat,
        /// A column of a comparison.
        Compare,
        /// A merged answer.
        Merge,
        /// A judgement.
        Judge,
        /// A set of prompts.
        PromptSet,
        /// The local gateway.
        Gateway,
        /// A title.
        Title,
        /// An embedding.
        Embedding,
        /// The search index.
        Index,
        /// A key or a connection was tried.
        Check,
    }

    /// How a request ended.
    #[derive(Copy, Eq, Hash, PartialOrd, Ord)]
    pub enum CostOutcome {
        /// Whole.
        Complete,
        /// Cut off after output.
        Interrupted,
        /// Without an answer.
        Failed,
        /// Stopped by a person.
        Cancelled,
    }

    /// By what entries are put together.
    #[derive(Copy, Eq, Hash, Default)]
    pub enum CostGroup {
        /// The provider.
        #[default]
        Provider,
        /// The model billed.
        Model,
        /// The purpose.
        Purpose,
        /// The route.
        Route,
        /// The account.
        Account,
    }

    /// Checked sums over entries, adjustments included. Tokens and nano-USD are whole numbers below 2^53.
    #[derive(Copy, Default)]
    pub struct CostTotals {
        /// Requests.
        pub entries: f64,
        /// Of these, whole.
        pub complete: f64,
        /// Of these, cut off or without an answer; stopped ones are neither.
        pub failed: f64,
        /// Nano-USD of all that is known.
        pub total_nano: f64,
        /// Of these, from guessed tokens.
        pub estimated_nano: f64,
        /// Of these, the vendor's own figures.
        pub reported_nano: f64,
        /// Requests with the vendor's own figure.
        pub reported: f64,
        /// Requests priced from reported tokens.
        pub priced: f64,
        /// Requests with guessed tokens.
        pub estimated: f64,
        /// Requests that cost nothing by nature.
        pub free: f64,
        /// Requests without a known amount: in no sum of money.
        pub unknown: f64,
        /// Every input token.
        pub input: f64,
        /// Of these, from the prompt cache.
        pub cache_read: f64,
        /// Of these, written to it.
        pub cache_write: f64,
        /// Every output token.
        pub output: f64,
        /// Of these, reasoning.
        pub reasoning: f64,
        /// Nano-USD that the prompt cache saved, its writing paid: below zero where it cost more than it brought.
        pub cache_saved_nano: f64,
        /// Nano-USD that kept answers saved.
        pub answer_saved_nano: f64,
        /// The median time to the first token in ms, within a tenth; `None` where nothing was measured.
        pub first_token_ms: Option<f64>,
    }

    /// What a group is about: what to show and what to filter by.
    #[derive(Eq)]
    pub struct CostKey {
        /// The id or name by which [`CostFilter`] names it; empty for none.
        pub id: String,
        /// What people call it; empty where the page has the words (a purpose, none, the built-in route).
        pub name: String,
        /// The vendor's catalogue id, for the tile; `None` where it is of no one vendor.
        pub vendor: Option<String>,
    }

    /// A day or a month of a group.
    #[derive(Copy)]
    pub struct CostPoint {
        /// Index into [`CostDashboard::buckets`].
        pub bucket: u32,
        /// Nano-USD of all that is known.
        pub total_nano: f64,
        /// Of these, not the vendor's own figures.
        pub guessed_nano: f64,
        /// Input tokens.
        pub input: f64,
        /// Output tokens.
        pub output: f64,
        /// Requests.
        pub entries: f64,
    }

    /// A group over time.
    pub struct CostSeries {
        /// Which; `None` for the rest put together.
        pub key: Option<CostKey>,
        /// Over the whole range.
        pub totals: CostTotals,
        /// Only where there is anything, in order.
        pub points: Vec<CostPoint>,
    }

    /// A line of the table: a provider, or a model of the provider above it.
    pub struct CostLine {
        /// The provider.
        pub provider: CostKey,
        /// The model; `None` for the provider's own line.
        pub model: Option<String>,
        /// Its sums.
        pub totals: CostTotals,
    }

    /// Paid for and not used.
    #[derive(Copy)]
    pub struct CostWaste {
        /// What became of it.
        pub kind: WasteKind,
        /// Requests.
        pub entries: f64,
        /// Nano-USD.
        pub total_nano: f64,
        /// Of these, not the vendor's own figures.
        pub guessed_nano: f64,
    }

    /// Why money was not well spent.
    #[derive(Copy, Eq, Hash)]
    pub enum WasteKind {
        /// Cut off after output.
        CutOff,
        /// Without an answer.
        Failed,
        /// Stopped by a person.
        Stopped,
        /// Asked again by a person: a new version of an answer that was there.
        AskedAgain,
        /// Tried again by Parlance after a failure: what the second and later attempts cost.
        TriedAgain,
    }

    /// Where a month goes if it goes on like this.
    pub struct CostProjection {
        /// Nano-USD until the end of the range.
        pub total_nano: f64,
        /// By day from tomorrow on: nano-USD, in order, one for each bucket that is left.
        pub days: Vec<f64>,
    }

    /// Whether a bucket is a day or a month.
    #[derive(Copy, Eq, Hash)]
    pub enum CostGrain {
        /// YYYY-MM-DD.
        Day,
        /// YYYY-MM.
        Month,
    }

    /// All the dashboard shows, from one filter.
    pub struct CostDashboard {
        /// The filter it was made for, days put right where they were swapped or absent.
        pub filter: CostFilter,
        /// The local day now.
        pub today: String,
        /// The first day of the ledger; `None` while it is empty.
        pub since: Option<String>,
        /// How fine the series are: by day up to 92 days, else by month.
        pub grain: CostGrain,
        /// Every day or month of the range, in order, also empty and coming ones.
        pub buckets: Vec<String>,
        /// Over the range.
        pub totals: CostTotals,
        /// Today alone, with the same filter.
        pub today_totals: CostTotals,
        /// Where the month goes; only where the range is the running month and enough of it is known.
        pub projection: Option<CostProjection>,
        /// The largest groups over time, largest first, at most eight and the rest.
        pub series: Vec<CostSeries>,
        /// Each provider, largest first, with its models below it.
        pub lines: Vec<CostLine>,
        /// Paid for and not used, only kinds that occurred.
        pub waste: Vec<CostWaste>,
        /// What can be filtered by: everything that occurs in the range, whatever else is filtered.
        pub facets: CostFacets,
        /// The overall budget of the month, else of the day, for the head.
        pub budget: Option<BudgetView>,
        /// The day of the price data in use, YYYY-MM-DD.
        pub prices_of: String,
    }

    /// What occurs in a range.
    pub struct CostFacets {
        /// Providers.
        pub providers: Vec<CostKey>,
        /// Models.
        pub models: Vec<CostKey>,
        /// Accounts.
        pub accounts: Vec<CostKey>,
        /// Routes.
        pub routes: Vec<CostKey>,
        /// Purposes.
        pub purposes: Vec<Purpose>,
    }

    /// What to read of the ledger.
    pub struct DashboardInput {
        /// Which entries.
        pub filter: CostFilter,
        /// How they are put together over time.
        pub group: CostGroup,
    }

    /// Where a page of requests begins.
    pub struct RequestsInput {
        /// Which entries.
        pub filter: CostFilter,
        /// [`RequestPage::next`] of the page before; absent for the newest.
        pub after: Option<String>,
        /// How many, at most 500.
        pub limit: u32,
    }

    /// A page of the request log, newest first.
    pub struct RequestPage {
        /// Its rows.
        pub rows: Vec<RequestView>,
        /// Where the next begins; absent at the end.
        pub next: Option<String>,
        /// All that the filter lets through.
        pub total: f64,
    }

    /// One request.
    pub struct RequestView {
        /// The ledger entry's id.
        pub id: String,
        /// When it was booked, UTC milliseconds.
        pub at: f64,
        /// The local day it is booked on.
        pub day: String,
        /// The provider's id; `None` where it is gone for good.
        pub provider_id: Option<String>,
        /// Its name.
        pub provider_name: String,
        /// The vendor's catalogue id.
        pub vendor: String,
        /// The account's name.
        pub account_name: Option<String>,
        /// The route's id.
        pub route_id: Option<String>,
        /// Its name; empty for the built-in one.
        pub route_name: Option<String>,
        /// The model billed.
        pub model: String,
        /// What for.
        pub purpose: Purpose,
        /// How it ended.
        pub outcome: CostOutcome,
        /// How it came about.
        pub reason: AttemptReason,
        /// Answered from the response cache.
        pub cached: bool,
        /// Why it failed.
        pub error: Option<FailureView>,
        /// Milliseconds to the first output.
        pub first_token_ms: Option<u32>,
        /// Milliseconds to its end.
        pub duration_ms: Option<u32>,
        /// Tokens and money, adjustments included.
        pub cost: CostView,
        /// The prices that the amount was reckoned with; absent where the vendor named it, and where there is none.
        pub prices: Option<PricesUsed>,
        /// Its chat; `None` where that is deleted for good.
        pub conversation_id: Option<String>,
        /// True while the chat is in the trash.
        pub in_trash: bool,
        /// The answer it belongs to.
        pub message_id: Option<String>,
    }

    /// The prices that were in force for a request, as they were kept with it.
    pub struct PricesUsed {
        /// The prices.
        pub rates: Rates,
        /// True where a person gave them.
        pub own: bool,
        /// Where they come from, e.g. `genai-prices 0.2.1: openai/gpt-5`; empty for a person's own.
        pub source: String,
        /// The day for which they were looked up, or from which on a person's own hold, YYYY-MM-DD.
        pub day: String,
    }

    /// What an export of costs is written as.
    #[derive(Copy, Eq, Hash)]
    pub enum CostFormat {
        /// Comma-separated values, one line a request.
        Csv,
        /// JSON: the filter, the sums, the requests.
        Json,
    }

    /// What the requests of a range would have cost elsewhere.
    pub struct WhatIfView {
        /// The route's id.
        pub route_id: String,
        /// Its name; empty for the built-in one.
        pub route_name: String,
        /// Its cheapest target that could have answered.
        pub provider: CostKey,
        /// The model there.
        pub model: String,
        /// Nano-USD that the same tokens cost there.
        pub total_nano: f64,
        /// Nano-USD that these requests did cost.
        pub actual_nano: f64,
        /// Requests reckoned with.
        pub entries: f64,
        /// Requests left out: no counts, no price, or too long for it.
        pub left_out: f64,
    }
}
