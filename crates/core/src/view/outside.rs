//! What leads out of a chat: links, pictures at addresses, and what a message will take before it is sent.

use serde::{Deserialize, Serialize};

use super::{ChatSetup, ChatTarget, EstimateWarning};

boundary! {
    /// A link that may be opened, as it really is.
    pub struct LinkView {
        /// The address that would be opened, as it was parsed.
        pub address: String,
        /// Its host in the letters that are looked up (punycode); empty for mail.
        pub host: String,
        /// The same host for reading.
        pub shown_host: String,
        /// `http`, `https` or `mailto`.
        pub scheme: String,
        /// What to look twice at.
        pub doubts: Vec<LinkDoubt>,
    }

    /// What to look twice at before a link is opened.
    #[derive(Copy, Eq, Hash)]
    pub enum LinkDoubt {
        /// It is not encrypted.
        Plain,
        /// The host is written in letters of several scripts, or in ones that look like others.
        Lookalike,
        /// A name or a password stands before the host.
        Credentials,
        /// The host is a number.
        Number,
        /// It lies on this computer or in its network.
        Private,
        /// It names a port.
        Port,
    }

    /// What a message would take if it were sent now.
    pub struct EstimateInput {
        /// Absent for a new chat.
        pub conversation_id: Option<String>,
        /// To whom.
        pub target: ChatTarget,
        /// The text in the composer.
        pub text: String,
        /// Ids of its attachments.
        pub attachments: Vec<String>,
        /// What is asked of the model beside the messages.
        pub setup: ChatSetup,
    }

    /// What a message would take: a guess, except where it says so.
    pub struct EstimateView {
        /// Tokens of the system prompt.
        pub system_tokens: u32,
        /// Tokens of the messages so far.
        pub history_tokens: u32,
        /// Of all input, what the vendor's cache will probably have.
        pub cached_tokens: u32,
        /// Tokens of the text in the composer.
        pub text_tokens: u32,
        /// Tokens of its attachments.
        pub attachment_tokens: u32,
        /// Tokens the answer is reckoned with: what the last answers of the chat had, or the usual.
        pub answer_tokens: u32,
        /// The context window in tokens, where it is known.
        pub context: Option<u32>,
        /// Nano-USD of prompt and reckoned answer; `None` is unknown.
        pub cost_nano: Option<f64>,
        /// Nano-USD of the prompt alone; `None` is unknown.
        pub prompt_nano: Option<f64>,
        /// Nano-USD where the answer is as long as it may be; `None` is unknown.
        pub most_nano: Option<f64>,
        /// Tokens that the answer may have; `None` is unknown.
        pub most_answer_tokens: Option<u32>,
        /// What it would break, the worst first.
        pub warnings: Vec<EstimateWarning>,
    }
}
