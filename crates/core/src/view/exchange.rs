//! Configuration in and out, vendors' files, data of models, recorded traffic.

use serde::{Deserialize, Serialize};

use super::{Mark, RouteStrategy};

boundary! {
    /// A configuration to read.
    pub struct ImportInput {
        /// The text of the file.
        pub text: String,
        /// For an encrypted file.
        pub passphrase: Option<String>,
        /// Where keys of the file are kept: `keyring`, `vault` or `session`.
        pub store: String,
    }

    /// What a configuration holds, and what becomes of it.
    pub struct ImportView {
        /// Which of the forms it has.
        pub format: ImportFormat,
        /// Its providers, in their order.
        pub providers: Vec<ImportedProvider>,
        /// The routes that come in, in the order of the file.
        pub routes: Vec<ImportedRoute>,
        /// How many budgets come along.
        pub budgets: u32,
        /// How many prices of the person's own come along.
        pub prices: u32,
        /// All that did not simply land, in the order of the file.
        pub notes: Vec<ImportNote>,
        /// Whether it was written down.
        pub done: bool,
    }

    /// The forms that are read.
    #[derive(Copy, Eq, Hash)]
    pub enum ImportFormat {
        /// Our own TOML.
        Parlance,
        /// JSON with `providers`.
        ProvidersJson,
        /// TOML with `llm.providers`.
        LlmToml,
    }

    /// A provider of a configuration.
    pub struct ImportedProvider {
        /// Its name.
        pub name: String,
        /// The vendor it becomes one of.
        pub vendor: String,
        /// The vendor's name.
        pub vendor_name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// `cloud`, `local`, `aggregator` or `specialised`.
        pub category: String,
        /// Its address.
        pub base_url: String,
        /// How many keys come along.
        pub keys: u32,
        /// Whether there is one with this name already, which is changed.
        pub replaces: bool,
    }

    /// A route of a configuration.
    pub struct ImportedRoute {
        /// Its name; empty for the built-in one, of which only the strategy and the rules come in.
        pub name: String,
        /// What targets know it by, as `route/ID`.
        pub slug: String,
        /// Who is asked first.
        pub strategy: RouteStrategy,
        /// How many targets it has; none for the built-in one.
        pub targets: u32,
        /// Whether there is one of this short name already, which is changed.
        pub replaces: bool,
    }

    /// Something in a configuration that did not simply land.
    pub struct ImportNote {
        /// Where it stands, as `providers[0].rate_limits`.
        pub path: String,
        /// What became of it.
        pub code: ImportCode,
        /// A detail for the sentence: a name, a number. Never a secret.
        pub detail: Option<String>,
    }

    /// What became of a part of a configuration.
    #[derive(Copy, Eq, Hash)]
    pub enum ImportCode {
        /// It landed in another place: the detail says where.
        Moved,
        /// This version has no place for it, and it is left out.
        LeftOut,
        /// The environment variable it names is not set; nothing is kept of it.
        VariableUnset,
        /// The vendor is not known: it became a compatible one, which the detail names.
        UnknownVendor,
        /// Its value cannot be used; the detail says which values can.
        BadValue,
        /// A key travels in clear to this address.
        InClear,
    }

    /// A configuration to write.
    pub struct ExportInput {
        /// With one the keys go along, and the file is encrypted with it. Absent leaves the keys out.
        pub passphrase: Option<String>,
    }

    /// A file that was written.
    pub struct ExportView {
        /// Where it lies.
        pub path: String,
        /// How many providers or exchanges it holds.
        pub count: u32,
        /// Keys that could not be had, and are not in it.
        pub keys_missing: u32,
    }

    /// The catalogue with what the user added to it.
    pub struct CatalogueView {
        /// Vendors, the user's own among them.
        pub vendors: u32,
        /// Of these, the user's own.
        pub own: u32,
        /// Models known without a network.
        pub models: u32,
        /// Where the user's own vendor files lie.
        pub folder: String,
        /// Files that were skipped.
        pub rejected: Vec<RejectedVendor>,
        /// The data of models.dev, where it was fetched.
        pub models_dev: Option<ModelDataView>,
    }

    /// A vendor file that was skipped.
    pub struct RejectedVendor {
        /// The file's name.
        pub file: String,
        /// What is wrong with it, for the one who wrote it.
        pub reason: String,
    }

    /// Data of models that was fetched.
    pub struct ModelDataView {
        /// When.
        pub fetched_at: f64,
        /// How many models of our vendors it knows.
        pub models: u32,
    }

    /// The recorder of traffic.
    pub struct TrafficView {
        /// Whether it records.
        pub recording: bool,
        /// Exchanges kept.
        pub exchanges: u32,
        /// Their size on the disk.
        pub bytes: f64,
        /// Older ones go when they reach this.
        pub most_bytes: f64,
    }
}
