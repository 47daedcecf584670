//! Vendors, providers and their models.

use std::collections::BTreeMap;

use parlance_providers::ReasoningEffort;
use serde::{Deserialize, Serialize};

use super::{FailureView, MessageStatus, ProviderSecret, ProviderSettings, TimeoutSettings};

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
        /// The usual address, where there is one; `{id}` in it stands for the value of the field of that id.
        pub base_url: Option<String>,
        /// Whether the address must be given by the user.
        pub needs_base_url: bool,
        /// `required`, `optional` or `none`.
        pub key: KeyNeed,
        /// Conventional environment variables, and whether each is set now. Never their values.
        pub env: Vec<EnvName>,
        /// Where a person gets a key.
        pub key_url: Option<String>,
        /// How its keys begin; the longest beginning that fits a pasted key names the vendor.
        pub key_prefixes: Vec<String>,
        /// Its wire, by its stable name.
        pub dialect: String,
        /// Further usual addresses.
        pub addresses: Vec<NamedAddress>,
        /// Settings that this vendor has and others have not.
        pub fields: Vec<VendorField>,
        /// Whether it tells what is left of an account's money.
        pub has_balance: bool,
        /// What a person enters for an account.
        pub key_form: KeyForm,
        /// What a person should know before they choose it.
        pub notice: Option<String>,
        /// The header that carries its key, in lower case; absent where it wants none.
        pub key_header: Option<String>,
        /// How long is waited where a provider says nothing else; every time is there.
        pub timeouts: TimeoutSettings,
        /// Whether it comes from a file of the user.
        pub own: bool,
    }

    /// A further usual address of a vendor.
    pub struct NamedAddress {
        /// What tells it from the others.
        pub name: String,
        /// The address.
        pub url: String,
    }

    /// A setting of one vendor, for the form.
    pub struct VendorField {
        /// Its name in [`ProviderSettings::fields`].
        pub id: String,
        /// Its name for people.
        pub name: String,
        /// One sentence on what it is for.
        pub help: Option<String>,
        /// What may be chosen; empty where anything may be typed.
        pub choices: Vec<String>,
        /// Nothing can be asked without it.
        pub required: bool,
        /// What most people need, offered at the start.
        pub usual: Option<String>,
        /// Another usual address of the vendor, by the value that it is for.
        pub addresses: BTreeMap<String, String>,
    }

    /// What a person enters for an account.
    #[derive(Copy, Eq, Hash)]
    pub enum KeyForm {
        /// One line: the key.
        Token,
        /// A Bedrock API key, or as JSON: `{"accessKeyId", "secretAccessKey", "sessionToken"?}`, `{"profile"}`,
        /// `{"environment": true}`.
        Aws,
        /// The JSON file of a service account or of a login of `gcloud`, a token, or an API key.
        Google,
        /// Nothing: they sign in at the vendor's page.
        SignIn,
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
        /// Its wire, by its stable name.
        pub dialect: String,
        /// Whether it is offered.
        pub enabled: bool,
        /// Its keys, in the order they are used; there is always one account.
        pub accounts: Vec<AccountView>,
        /// Whether it could be asked now, as far as is known without asking anybody.
        pub ready: bool,
        /// Whether the vendor wants one.
        pub key_need: KeyNeed,
        /// The model that is offered first.
        pub default_model: Option<String>,
        /// Models known so far, from the last fetched list or the catalogue.
        pub models: Vec<ModelView>,
        /// When its list was fetched last.
        pub models_fetched_at: Option<f64>,
        /// All else that can be set.
        pub settings: ProviderSettings,
        /// Secrets beside the keys: header values, the proxy's password.
        pub secrets: Vec<ProviderSecret>,
        /// True where a key travels in clear to its address.
        pub in_clear: bool,
    }

    /// A key of a provider, with the person's name for it.
    pub struct AccountView {
        /// Its id.
        pub id: String,
        /// The person's name for it; may be empty.
        pub label: String,
        /// Whether it is used.
        pub enabled: bool,
        /// Where its key is.
        pub key: KeyState,
        /// Whose it is: an AWS access key's id or profile, a service account's address, a GitHub login.
        pub identity: Option<String>,
    }

    /// An account to add or change.
    pub struct AccountInput {
        /// Absent to add one.
        pub id: Option<String>,
        /// The provider it is of.
        pub provider_id: String,
        /// The person's name for it.
        pub label: String,
        /// Whether it is used.
        pub enabled: bool,
    }

    /// Whether a key can be used. A keyring is not asked to tell: what is known is what its last use said.
    #[derive(Copy, Eq, Hash)]
    pub enum KeyStatus {
        /// There is none.
        None,
        /// It is kept, and nothing is known against it.
        Ready,
        /// It was kept until the app quit, and that has happened.
        SessionOver,
        /// The environment variable is not set, or empty.
        VariableUnset,
        /// It was given for another address.
        OtherAddress,
        /// The keyring or the vault is locked.
        Locked,
        /// The keyring does not answer, or the vault is gone.
        Unavailable,
        /// The store answers, and does not have it any more.
        Lost,
    }

    /// What is known of a key, without the key.
    pub struct KeyState {
        /// `none`, `session`, `env`, `keyring` or `vault`.
        pub store: String,
        /// Whether it can be used now.
        pub status: KeyStatus,
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
        /// Nano-USD per million tokens read from the cache.
        pub cache_read_nano: Option<f64>,
        /// Most output tokens.
        pub max_output: Option<u32>,
        /// Where it comes from.
        pub origin: ModelOrigin,
        /// Whether the model picker offers it.
        pub shown: bool,
        /// Whether it stands among the favourites.
        pub favourite: bool,
        /// What it can do, as far as is known.
        pub can: Capabilities,
    }

    /// Where what is known of a model comes from.
    #[derive(Copy, Eq, Hash)]
    pub enum ModelOrigin {
        /// Added by hand.
        User,
        /// In the list that the vendor gave.
        Listed,
        /// In the data of models.dev.
        ModelsDev,
        /// Part of the program, or of a vendor file.
        Bundled,
    }

    /// A model that a person adds by hand, or knows more of. What is absent is left to the other sources.
    pub struct ModelInput {
        /// The name to ask for.
        pub id: String,
        /// A name for people.
        pub name: Option<String>,
        /// Context window in tokens.
        pub context: Option<u32>,
        /// Most output tokens.
        pub max_output: Option<u32>,
        /// What it can do.
        pub can: Capabilities,
    }

    /// What a model can do; absent is unknown.
    #[derive(Copy, Eq, Default)]
    pub struct Capabilities {
        /// Looks at pictures.
        pub images: Option<bool>,
        /// Reads PDF files.
        pub pdf: Option<bool>,
        /// Hears sound.
        pub audio: Option<bool>,
        /// Calls tools.
        pub tools: Option<bool>,
        /// Thinks before it answers.
        pub reasoning: Option<bool>,
        /// Keeps to a JSON schema in its answers.
        pub structured: Option<bool>,
        /// Makes vectors of texts instead of answers.
        pub embeddings: Option<bool>,
        /// Makes pictures.
        pub makes_images: Option<bool>,
    }

    /// What a model takes, for the composer.
    pub struct TargetView {
        /// Context window in tokens.
        pub context: Option<u32>,
        /// Most output tokens.
        pub max_output: Option<u32>,
        /// What it can do.
        pub can: Capabilities,
        /// Nano-USD per million input tokens; 0 is free, `None` unknown.
        pub input_nano: Option<f64>,
        /// Nano-USD per million tokens read from the cache.
        pub cache_read_nano: Option<f64>,
        /// Nano-USD per million output tokens.
        pub output_nano: Option<f64>,
        /// Each parameter and whether it is taken.
        pub parameters: Vec<ParameterView>,
        /// How hard it can be told to think, from the least to the most; empty where it cannot be told.
        pub efforts: Vec<ReasoningEffort>,
    }

    /// Whether a model takes a parameter.
    pub struct ParameterView {
        /// Which.
        pub name: ParameterName,
        /// Absent where it is taken; else why not.
        pub refused: Option<ParameterRefusal>,
        /// The least it takes, for numbers.
        pub least: Option<f64>,
        /// The most it takes, for numbers.
        pub most: Option<f64>,
    }

    /// A parameter of a chat.
    #[derive(Copy, Eq, Hash)]
    pub enum ParameterName {
        /// Sampling temperature.
        Temperature,
        /// Nucleus sampling.
        TopP,
        /// Most tokens of an answer.
        MaxTokens,
        /// Texts that end the answer.
        Stop,
        /// For repeatable sampling.
        Seed,
        /// How hard to think.
        ReasoningEffort,
    }

    /// Why a model does not take a parameter.
    #[derive(Copy, Eq, Hash)]
    pub enum ParameterRefusal {
        /// The model refuses it.
        ByModel,
        /// The vendor's wire has no place for it.
        ByWire,
        /// The model takes it only without another parameter: one way of sampling without the other, or only while it
        /// does not think.
        WithOther,
    }

    /// How a model did lately on this computer.
    pub struct ModelFacts {
        /// The provider.
        pub provider_id: String,
        /// The model.
        pub model: String,
        /// Median milliseconds to the first token.
        pub first_token_ms: Option<u32>,
        /// 95 of 100 began within.
        pub first_token_p95_ms: Option<u32>,
        /// Median output tokens a second.
        pub tokens_per_second: Option<f64>,
        /// Of its last calls, how many.
        pub calls: u32,
        /// Of these, how many failed or broke off.
        pub failed: u32,
        /// How the last one ended.
        pub last: MessageStatus,
        /// Why, where it failed.
        pub last_error: Option<FailureView>,
        /// When the last one began.
        pub last_at: f64,
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
        /// The person was told that a key travels in clear to this address, and wants it so.
        pub in_clear: bool,
        /// Values of the vendor's own fields, for a new provider: its usual address may need them.
        pub fields: BTreeMap<String, String>,
    }

    /// Where a key comes from. A key goes in here and never comes back out.
    #[serde(tag = "kind")]
    pub enum KeyInput {
        /// In the system's keyring.
        Keyring {
            /// The key as pasted.
            key: String,
        },
        /// In the file that a passphrase encrypts.
        Vault {
            /// The key as pasted.
            key: String,
        },
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
        /// The version of the program that answered, where it is one.
        pub version: Option<String>,
    }

    /// The places where keys can be kept.
    pub struct SecretStoresView {
        /// The system's keyring.
        pub keyring: KeyringState,
        /// What it is called here: Secret Service, Keychain, Credential Manager.
        pub keyring_name: String,
        /// The file that a passphrase encrypts.
        pub vault: VaultState,
    }

    /// What the keyring is like.
    #[derive(Copy, Eq, Hash)]
    pub enum KeyringState {
        /// It can be used.
        Available,
        /// It is there and must be unlocked first.
        Locked,
        /// There is none, or it does not answer.
        Unavailable,
    }

    /// What the vault is like.
    #[derive(Copy, Eq, Hash)]
    pub enum VaultState {
        /// There is none yet.
        None,
        /// It is there and must be unlocked with its passphrase.
        Locked,
        /// It is open until the app quits.
        Open,
    }

    /// A local server that answered at its usual address.
    pub struct LocalServerView {
        /// The vendor's catalogue id.
        pub vendor: String,
        /// Where it answered.
        pub base_url: String,
        /// The models it has.
        pub models: Vec<String>,
        /// Whether a provider with this address is set up already.
        pub added: bool,
    }
}
