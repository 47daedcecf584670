//! Vendors, providers and their models.

use serde::{Deserialize, Serialize};

use super::FailureView;

boundary! {
    /// A model of a configured provider.
    pub struct Target {
        /// The provider's id.
        pub provider_id: String,
        /// The vendor's model name.
        pub model: String,
    }

    /// How a vendor is drawn: two letters, a hue, a shape by category.
    pub struct Mark {
        /// Two letters, like an element symbol.
        pub letters: String,
        /// `clay`, `sky`, `gold`, `jade`, `plum`, `rose`, `olive` or `graphite`.
        pub hue: String,
        /// True for the second holder of a hue.
        pub hatched: bool,
    }

    /// A vendor of the catalogue.
    pub struct VendorView {
        /// The catalogue id.
        pub id: String,
        /// Its name.
        pub name: String,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// How it is drawn.
        pub mark: Mark,
        /// The usual address, where there is one.
        pub base_url: Option<String>,
        /// Whether the address must be given by the user.
        pub needs_base_url: bool,
        /// `required`, `optional` or `none`.
        pub key: KeyNeed,
        /// Conventional environment variables, and whether each is set now. Never their values.
        pub env: Vec<EnvName>,
        /// Where a person gets a key.
        pub key_url: Option<String>,
    }

    /// Whether a vendor wants a key.
    #[derive(Copy, Eq, Hash)]
    pub enum KeyNeed {
        /// Without one nothing works.
        Required,
        /// Some servers want one.
        Optional,
        /// Never.
        None,
    }

    /// An environment variable a key may be in.
    pub struct EnvName {
        /// Its name.
        pub name: String,
        /// Whether it is set and not empty.
        pub set: bool,
    }

    /// A configured provider. It never carries a key.
    pub struct ProviderView {
        /// Its id.
        pub id: String,
        /// The vendor's catalogue id.
        pub vendor: String,
        /// The user's name for it.
        pub name: String,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// How it is drawn.
        pub mark: Mark,
        /// The address it is asked at.
        pub base_url: String,
        /// Whether it is offered.
        pub enabled: bool,
        /// Whether a key is there.
        pub key: KeyState,
        /// Whether the vendor wants one.
        pub key_need: KeyNeed,
        /// The model that is offered first.
        pub default_model: Option<String>,
        /// Models known so far, from the last fetched list or the catalogue.
        pub models: Vec<ModelView>,
    }

    /// What is known of a key, without the key.
    pub struct KeyState {
        /// `none`, `session`, `env`, `keyring` or `vault`.
        pub store: String,
        /// Whether it can be used now: a session key is gone after a restart, a variable may be unset.
        pub usable: bool,
        /// The variable's name for `env`.
        pub env_name: Option<String>,
        /// The last four characters of a key of at least 16.
        pub ends_with: Option<String>,
        /// scheme://host:port it was given for.
        pub origin: Option<String>,
    }

    /// A model on offer.
    pub struct ModelView {
        /// The name to ask for.
        pub id: String,
        /// A name for people.
        pub name: Option<String>,
        /// Context window in tokens.
        pub context: Option<u32>,
        /// Nano-USD per million input tokens; 0 is free, `None` unknown.
        pub input_nano: Option<f64>,
        /// Nano-USD per million output tokens.
        pub output_nano: Option<f64>,
    }

    /// A provider to add or change.
    pub struct ProviderInput {
        /// Absent to add one.
        pub id: Option<String>,
        /// The vendor's catalogue id.
        pub vendor: String,
        /// Empty takes the vendor's name.
        pub name: String,
        /// Empty takes the vendor's usual address.
        pub base_url: String,
        /// Whether it is offered.
        pub enabled: bool,
        /// The model that is offered first.
        pub default_model: Option<String>,
    }

    /// Where a key comes from. A key goes in here and never comes back out.
    #[serde(tag = "kind")]
    pub enum KeyInput {
        /// Until the app quits.
        Session {
            /// The key as pasted.
            key: String,
        },
        /// Read from a variable at each use.
        Env {
            /// The variable's name.
            name: String,
        },
        /// Forget it.
        None,
    }

    /// The result of a free check.
    pub struct CheckView {
        /// Works.
        pub ok: bool,
        /// Why not.
        pub error: Option<FailureView>,
        /// Models found.
        pub models: u32,
        /// How long it took.
        pub duration_ms: u32,
    }
}
