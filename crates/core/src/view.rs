//! The types that cross to a user interface. Ids are strings, tokens and milliseconds `u32`, times UTC
//! milliseconds and money nano-USD as `f64` below 2^53. `None` is unknown, never zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Declares boundary types alike: camelCase on the wire, TypeScript behind the feature.
macro_rules! boundary {
    ($($(#[$meta:meta])* pub $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(specta::Type))]
        #[serde(rename_all = "camelCase")]
        $(#[$meta])*
        pub $kind $name $body
    )*};
}

mod budgets;
mod chats;
mod compare;
mod costs;
mod error;
mod exchange;
mod health;
mod outside;
mod prices;
mod providers;
mod ranking;
mod routes;
mod search;
mod settings;
mod special;
mod stream;

pub use budgets::*;
pub use chats::*;
pub use compare::*;
pub use costs::*;
pub use error::*;
pub use exchange::*;
pub use health::*;
pub use outside::*;
pub use prices::*;
pub use providers::*;
pub use ranking::*;
pub use routes::*;
pub use search::*;
pub use settings::*;
pub use special::*;
pub use stream::*;

boundary! {
    /// All a page needs to paint itself for the first time.
    pub struct Bootstrap {
        /// Version of the app.
        pub version: String,
        /// True in the demo's own data folder.
        pub demo: bool,
        /// Where the data lies.
        pub data_dir: String,
        /// The user's settings.
        pub settings: Settings,
        /// Configured providers, in their order.
        pub providers: Vec<ProviderView>,
        /// Routes, the built-in one first.
        pub routes: Vec<RouteView>,
        /// The first page of the list.
        pub conversations: ConversationPage,
        /// Replies found half-written at this start.
        pub interrupted: u32,
        /// This month's spend.
        pub spend: SpendView,
        /// What stood in the composer of a chat that was not begun.
        pub draft: Draft,
    }

    /// What the user chose.
    pub struct Settings {
        /// Light, dark or as the system.
        pub theme: Theme,
        /// The model or route last sent to.
        pub last_target: Option<ChatTarget>,
        /// Models and routes sent to lately, the last first.
        pub recent_targets: Vec<ChatTarget>,
        /// What new chats begin with; absent for the one last sent to.
        pub default_target: Option<ChatTarget>,
        /// How large the page is drawn; 1 is as designed, from 0.5 to 2.
        pub zoom: f64,
        /// Choices of the page that mean nothing to us: short names with short texts.
        pub preferences: BTreeMap<String, String>,
        /// False until the first-run screen was left.
        pub onboarded: bool,
        /// Whether what is known of models may be fetched from models.dev.
        pub models_dev: bool,
        /// Whether exchanges with providers are recorded.
        pub record_traffic: bool,
        /// Whether prices are fetched once a week unasked.
        pub weekly_prices: bool,
        /// Nano-USD that a message may cost without being told; absent for none.
        pub message_limit_nano: Option<f64>,
    }

    /// One change of a setting.
    pub enum SettingChange {
        /// The theme.
        Theme(Theme),
        /// Whether the first-run screen is done with.
        Onboarded(bool),
        /// How large the page is drawn, from 0.5 to 2.
        Zoom(f64),
        /// A choice of the page.
        Preference(Preference),
        /// Whether what is known of models may be fetched from models.dev.
        ModelsDev(bool),
        /// Whether exchanges with providers are recorded.
        RecordTraffic(bool),
        /// What new chats begin with; absent for the one last sent to.
        DefaultTarget(Option<ChatTarget>),
        /// Whether prices are fetched once a week unasked.
        WeeklyPrices(bool),
        /// Nano-USD that a message may cost without being told; absent for none.
        MessageLimit(Option<f64>),
    }

    /// A choice of the page that means nothing to us.
    pub struct Preference {
        /// A short name: letters, digits, `.` and `-`, at most 64.
        pub name: String,
        /// At most 4,000 bytes; absent forgets it.
        pub value: Option<String>,
    }

    /// The look.
    #[derive(Copy, Eq, Hash)]
    pub enum Theme {
        /// Follow the system.
        System,
        /// Ink on paper.
        Light,
        /// Paper on ink.
        Dark,
    }
}
