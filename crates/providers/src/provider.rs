//! The one interface to anything that answers.

use async_trait::async_trait;
use futures::stream::BoxStream;
pub use tokio_util::sync::CancellationToken;

use crate::{ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ProviderError, catalog::DialectId};

/// The events of one answer. It ends after `Finished` or after the first error, whichever comes first; an end
/// without either is reported by the stream itself as a `broken_stream` error, never as silence.
pub type EventStream = BoxStream<'static, Result<ChatEvent, ProviderError>>;

/// A model as the vendor lists it. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// The name to ask for.
    pub id: String,
    /// The vendor's own spelling in its list, where that is another than the name to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_as: Option<String>,
    /// A name for people.
    pub name: Option<String>,
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Most output tokens.
    pub max_output: Option<u64>,
    /// Whether it answers chats, where the vendor says: lists hold models for other work, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chats: Option<bool>,
    /// The wire it is asked by, where the list says: it holds for vendors with the quirk `listed-wires`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<DialectId>,
    /// What it can do, as far as the list says.
    #[serde(default, skip_serializing_if = "Abilities::is_blank")]
    pub can: Abilities,
}

/// What is left of an account's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// A decimal number, exactly as the vendor counts: `12.30`, `-0.25`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

/// What is left of what an account's plan holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How much is left, exactly as the vendor counts; below zero where more was used. Absent without a limit.
    pub remaining: Option<String>,
    /// How much the plan holds, in the same count.
    pub entitlement: Option<String>,
    /// There is no limit.
    pub unlimited: bool,
    /// When it begins anew: UTC milliseconds.
    pub resets_at: Option<i64>,
}

/// What a model can do. `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Abilities {
    /// Looks at pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<bool>,
    /// Reads PDF files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf: Option<bool>,
    /// Hears sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<bool>,
    /// Calls tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Thinks before it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
    /// Keeps to a JSON schema in its answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structured: Option<bool>,
    /// Streams its answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming: Option<bool>,
    /// Makes vectors of texts instead of answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embeddings: Option<bool>,
    /// Makes pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub makes_images: Option<bool>,
    /// Speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub makes_audio: Option<bool>,
}

impl Abilities {
    /// True where nothing is known.
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    /// What is known here, and for the rest what is known there.
    #[must_use]
    pub fn or(self, there: Self) -> Self {
        Self {
            images: self.images.or(there.images),
            pdf: self.pdf.or(there.pdf),
            audio: self.audio.or(there.audio),
            tools: self.tools.or(there.tools),
            reasoning: self.reasoning.or(there.reasoning),
            structured: self.structured.or(there.structured),
            streaming: self.streaming.or(there.streaming),
            embeddings: self.embeddings.or(there.embeddings),
            makes_images: self.makes_images.or(there.makes_images),
            makes_audio: self.makes_audio.or(there.makes_audio),
        }
    }

    /// Of a list of what goes in, such as `["text", "image"]`: what it does not name the model does not take. `None`
    /// where there is no list; `pdf` and `file` both mean PDF files.
    pub(crate) fn of_inputs(inputs: Option<&serde_json::Value>) -> Self {
        let named = |names: &[&str]| names_any(inputs, names);
        Self { images: named(&["image"]), pdf: named(&["pdf", "file"]), audio: named(&["audio"]), ..Self::default() }
    }

    /// The same of a list of what comes out.
    pub(crate) fn of_outputs(outputs: Option<&serde_json::Value>) -> Self {
        let named = |names: &[&str]| names_any(outputs, names);
        Self {
            embeddings: named(&["embedding", "embeddings"]),
            makes_images: named(&["image"]),
            makes_audio: named(&["audio", "speech"]),
            ..Self::default()
        }
    }
}

/// Whether a list names any of these; `None` where there is no list.
pub(crate) fn names_any(list: Option<&serde_json::Value>, names: &[&str]) -> Option<bool> {
    let list = list.and_then(serde_json::Value::as_array).filter(|list| !list.is_empty())?;
    Some(list.iter().any(|item| item.as_str().is_some_and(|item| names.contains(&item))))
}

/// Anything that answers chat completions: a vendor over HTTP, or the built-in Demo.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The models on offer. Costs nothing.
    async fn models(&self, cancel: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError>;

    /// Starts an answer. Returns once the response head is good; cancelling the token, or dropping the stream,
    /// closes the connection at once.
    async fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> Result<EventStream, ProviderError>;

    /// A whole answer: folds the stream, or asks without streaming where the model cannot.
    async fn complete(&self, request: ChatRequest, cancel: CancellationToken) -> Result<ChatResponse, ProviderError>;

    /// Vectors of texts, in their order. The request goes out as it is, whatever the vendor's limit of inputs is:
    /// [`crate::embed_all`] keeps to it.
    async fn embed(&self, request: EmbedRequest, cancel: CancellationToken) -> Result<EmbedResponse, ProviderError>;

    /// Proves the address and the key with a free request.
    async fn check(&self, cancel: CancellationToken) -> Result<(), ProviderError>;

    /// Connections that nobody uses now are not used again: the computer slept, and the other side has closed them.
    fn drop_idle(&self) {}

    /// The version of the installed program that answers, where it is one and was asked before.
    fn version(&self) -> Option<String> {
        None
    }

    /// What is left of the account's money, with a free request; `None` where the vendor does not tell.
    async fn balance(&self, _cancel: CancellationToken) -> Result<Option<Balance>, ProviderError> {
        Ok(None)
    }

    /// What is left of what the account's plan holds, with a free request; `None` where the vendor does not tell.
    async fn quota(&self, _cancel: CancellationToken) -> Result<Option<Quota>, ProviderError> {
        Ok(None)
    }
}
