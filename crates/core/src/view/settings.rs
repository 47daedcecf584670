//! What can be set of a provider beside its name, address and keys.

use std::collections::BTreeMap;

use parlance_providers::ReasoningEffort;
use serde::{Deserialize, Serialize};

use super::{FailureView, KeyState, LimitKind, Target};

boundary! {
    /// All that can be set of a provider beside its name, address and keys. Secrets are not in it.
    #[derive(Default)]
    pub struct ProviderSettings {
        /// Values of the vendor's own fields, by their ids.
        pub fields: BTreeMap<String, String>,
        /// Headers of the user, in their order.
        pub headers: Vec<HeaderSetting>,
        /// Waiting times.
        pub timeouts: TimeoutSettings,
        /// How much it may be asked at most.
        pub limits: LimitSettings,
        /// Which proxy.
        pub proxy: ProxySetting,
        /// Certificates of further issuers to trust, PEM; empty for none.
        pub ca_pem: String,
        /// Names that go out as others.
        pub model_mapping: Vec<ModelMapping>,
        /// The model that makes vectors where none is named.
        pub embedding_model: Option<String>,
        /// What goes out where a chat says nothing else.
        pub parameters: DefaultParameters,
        /// A JSON object that is merged into the body of every chat completion at last; empty for none.
        pub extras: String,
        /// Whether prompts are marked for the vendor's prompt cache, where it wants that said.
        pub prompt_cache: bool,
        /// Whether it is asked a free question from time to time, to know whether it answers.
        pub probes: bool,
    }

    /// A header of the user.
    pub struct HeaderSetting {
        /// Its name.
        pub name: String,
        /// Its value; absent where it is kept as a secret.
        pub value: Option<String>,
    }

    /// Waiting times in seconds; absent takes the vendor's.
    #[derive(Copy, Eq, Default)]
    pub struct TimeoutSettings {
        /// To connect.
        pub connect_s: Option<u32>,
        /// From the request to the first parsed event.
        pub first_event_s: Option<u32>,
        /// Between parsed events.
        pub idle_s: Option<u32>,
        /// Between pieces of content.
        pub progress_s: Option<u32>,
    }

    /// How much a provider may be asked at most; absent is without a limit.
    #[derive(Copy, Eq, Default)]
    pub struct LimitSettings {
        /// Requests a minute.
        pub requests_per_minute: Option<u32>,
        /// Input tokens, as guessed, and the asked output limit, a minute.
        pub tokens_per_minute: Option<u32>,
        /// Requests at the same time.
        pub concurrent: Option<u32>,
    }

    /// Which proxy a provider uses. Loopback addresses never use one.
    #[derive(Eq, Default)]
    #[serde(tag = "kind")]
    pub enum ProxySetting {
        /// The system's.
        #[default]
        System,
        /// None.
        None,
        /// This one.
        Address {
            /// `http://`, `https://` or `socks5h://`, a host and a port.
            url: String,
            /// Who asks, where it wants to know. The password is a secret of the provider.
            user: Option<String>,
        },
    }

    /// A name that goes out as another.
    #[derive(Eq)]
    pub struct ModelMapping {
        /// As it is asked for.
        pub asked: String,
        /// As the vendor is told.
        pub sent: String,
    }

    /// What goes out where a chat says nothing else.
    #[derive(Default)]
    pub struct DefaultParameters {
        /// Sampling temperature.
        pub temperature: Option<f64>,
        /// Nucleus sampling, 0 to 1.
        pub top_p: Option<f64>,
        /// Most tokens of an answer.
        pub max_tokens: Option<u32>,
        /// How hard to think.
        pub reasoning_effort: Option<ReasoningEffort>,
    }

    /// A secret of a provider that is no account's key.
    pub struct ProviderSecret {
        /// Which.
        pub slot: SecretSlot,
        /// Where it is, and whether it can be used.
        pub key: KeyState,
    }

    /// Which secret of a provider.
    #[derive(Eq, Hash)]
    #[serde(tag = "kind")]
    pub enum SecretSlot {
        /// The value of a header.
        Header {
            /// The header's name, in lower case.
            name: String,
        },
        /// The password of the proxy.
        Proxy,
    }

    /// A reply that waits for its turn.
    pub struct WaitingView {
        /// Whom it is going to ask.
        pub target: Target,
        /// For which limit; absent where it waits before another try.
        pub limit: Option<LimitKind>,
        /// Requests that come before it.
        pub ahead: u32,
        /// When it goes out, where that is known.
        pub until: Option<f64>,
        /// The try it waits for, where the one before failed.
        pub retry: Option<RetryView>,
    }

    /// A try after one that failed.
    pub struct RetryView {
        /// Which it will be, from 2.
        pub number: u32,
        /// How many there are at most.
        pub most: u32,
        /// Why the one before failed.
        pub because: FailureView,
    }
}
