//! The price list, prices of one's own, and models without a price.

use serde::{Deserialize, Serialize};

boundary! {
    /// What to show of the price list.
    #[derive(Default)]
    #[serde(default)]
    pub struct PricesInput {
        /// Words that the provider's or the model's name holds.
        pub text: String,
        /// Only providers that are set up.
        pub mine: bool,
        /// Only prices that a person gave.
        pub own: bool,
        /// In which order.
        pub order: PriceOrder,
        /// How many to leave out at the beginning.
        pub offset: u32,
        /// How many, at most 500.
        pub limit: u32,
    }

    /// The order of the price list.
    #[derive(Copy, Eq, Hash, Default)]
    pub enum PriceOrder {
        /// Providers that are set up first, then by name.
        #[default]
        Name,
        /// The cheapest typical chat first.
        TypicalCost,
        /// The cheapest input first.
        Input,
        /// The cheapest output first.
        Output,
    }

    /// A page of the price list.
    pub struct PriceList {
        /// Where the prices come from.
        pub source: PriceSource,
        /// Tokens that "a typical chat" stands for: the median of the last ninety days where there are twenty, else a
        /// usual one.
        pub typical: TypicalChat,
        /// The rows.
        pub rows: Vec<PriceRow>,
        /// All that match.
        pub total: u32,
    }

    /// Where price data comes from.
    pub struct PriceSource {
        /// The day the data is of, YYYY-MM-DD.
        pub date: String,
        /// True where the data came with the app.
        pub bundled: bool,
        /// When it was fetched, UTC milliseconds.
        pub fetched_at: Option<f64>,
        /// Models with a price.
        pub models: u32,
        /// What went wrong with the last refresh: a stable word such as `truncated`, `absurd`, `older`, `network`.
        pub trouble: Option<String>,
        /// Whether it is refreshed once a week unasked.
        pub weekly: bool,
    }

    /// Tokens of a chat.
    #[derive(Copy)]
    pub struct TypicalChat {
        /// Input tokens.
        pub input: u32,
        /// Output tokens.
        pub output: u32,
        /// True where it is the median of this person's own chats.
        pub own: bool,
    }

    /// A model's price. All prices are nano-USD per million tokens; `None` is unknown.
    pub struct PriceRow {
        /// The provider's id where the row is of one that is set up.
        pub provider_id: Option<String>,
        /// Its name, or the name in the price data.
        pub provider_name: String,
        /// The vendor's catalogue id, where it is one of ours.
        pub vendor: Option<String>,
        /// The model.
        pub model: String,
        /// Its readable name, where the data has one.
        pub name: Option<String>,
        /// The prices in force now.
        pub rates: Rates,
        /// True where the whole request costs more above some length, or at certain hours.
        pub varies: bool,
        /// Nano-USD of [`PriceList::typical`].
        pub typical_nano: Option<f64>,
        /// Prices that the person gave for it, newest first.
        pub own: Vec<OwnPriceView>,
    }

    /// Nano-USD per million tokens; `None` is unknown.
    #[derive(Copy, Default)]
    #[serde(default)]
    pub struct Rates {
        /// Input.
        pub input: Option<f64>,
        /// Input from the prompt cache; the input price holds without it.
        pub cache_read: Option<f64>,
        /// Input written to it; the input price holds without it.
        pub cache_write: Option<f64>,
        /// Output.
        pub output: Option<f64>,
        /// Reasoning; the output price holds without it.
        pub reasoning: Option<f64>,
        /// For a request, nano-USD each.
        pub request: Option<f64>,
    }

    /// A price that a person gave.
    pub struct OwnPriceView {
        /// Its id.
        pub id: String,
        /// The provider's id.
        pub provider_id: String,
        /// The model.
        pub model: String,
        /// The local day from which on it holds, YYYY-MM-DD.
        pub valid_from: String,
        /// The prices.
        pub rates: Rates,
    }

    /// A price as a person gives it.
    pub struct OwnPriceInput {
        /// Absent to make one.
        pub id: Option<String>,
        /// The provider's id.
        pub provider_id: String,
        /// The model.
        pub model: String,
        /// The local day from which on it holds, YYYY-MM-DD.
        pub valid_from: String,
        /// The prices; input and output at least.
        pub rates: Rates,
        /// Prices what was booked without a price since that day, by adjustments.
        pub book_late: bool,
    }

    /// What saving a price did.
    pub struct SavedPrice {
        /// The price as kept.
        pub price: OwnPriceView,
        /// Requests that were without a price and have one now.
        pub booked: u32,
    }

    /// A model that was used and has no price.
    pub struct UnpricedModel {
        /// The provider's id.
        pub provider_id: String,
        /// Its name.
        pub provider_name: String,
        /// The vendor's catalogue id.
        pub vendor: String,
        /// The model.
        pub model: String,
        /// Requests without a price.
        pub entries: f64,
        /// The first local day of these.
        pub since: String,
        /// True where the person was asked and said "not now".
        pub asked: bool,
    }
}
