//! Providers that a person has a hand in: signing in at a vendor's page, carrying prompt and answer.

use serde::{Deserialize, Serialize};

use super::ProviderView;

boundary! {
    /// Where a secret is kept that a person never sees.
    #[derive(Copy, Eq, Hash)]
    pub enum KeyPlace {
        /// In the system's keyring.
        Keyring,
        /// In the file that a passphrase encrypts.
        Vault,
        /// Until the app quits.
        Session,
    }

    /// A sign-in that waits for the person. The token that it ends in never crosses.
    pub struct SignInView {
        /// Its id.
        pub id: String,
        /// What the person enters at the vendor's page.
        pub user_code: String,
        /// The vendor's page.
        pub page: String,
        /// When the code is no longer good: UTC milliseconds.
        pub expires_at: f64,
    }

    /// How a sign-in ended.
    #[serde(tag = "kind")]
    pub enum SignInEnd {
        /// The account has its token.
        SignedIn {
            /// Its provider.
            provider: Box<ProviderView>,
        },
        /// The person said no at the vendor's page.
        Denied,
        /// The code was not entered in time.
        Expired,
        /// The person closed the sign-in here, or the app was closed.
        Cancelled,
    }

    /// A prompt that waits to be carried to a web chat, and its answer back.
    pub struct RelayView {
        /// The id of the message that waits for the answer.
        pub message_id: String,
        /// The conversation.
        pub conversation_id: String,
        /// Its title, for a panel that shows it elsewhere.
        pub conversation_title: String,
        /// The provider.
        pub provider_id: String,
        /// The web chat's name, as the person gave it to the model.
        pub model: String,
        /// The last message alone, for a web chat that remembers the rest; with the system prompt where it is the first.
        pub last: String,
        /// The whole conversation, with a heading for each role.
        pub whole: String,
        /// Whether the web chat cannot know what came before: `whole` is offered first.
        pub whole_first: bool,
        /// Names of the files that the person has to carry along by hand.
        pub attachments: Vec<String>,
        /// Since when it waits: UTC milliseconds.
        pub since: f64,
    }
}
