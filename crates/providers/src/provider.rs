//! The one interface to anything that answers.

use async_trait::async_trait;
use futures::stream::BoxStream;
pub use tokio_util::sync::CancellationToken;

use crate::{ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, ProviderError};

/// The events of one answer. It ends after `Finished` or after the first error, whichever comes first; an end
/// without either is reported by the stream itself as a `broken_stream` error, never as silence.
pub type EventStream = BoxStream<'static, Result<ChatEvent, ProviderError>>;

/// A model as the vendor lists it. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// The name to ask for.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Most output tokens.
    pub max_output: Option<u64>,
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

    /// Vectors of texts, one an input and in their order. The request goes out as it is: the caller keeps to the
    /// vendor's limit of inputs.
    async fn embed(&self, request: EmbedRequest, cancel: CancellationToken) -> Result<EmbedResponse, ProviderError>;

    /// Proves the address and the key with a free request.
    async fn check(&self, cancel: CancellationToken) -> Result<(), ProviderError>;
}
