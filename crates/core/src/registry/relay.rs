//! A person as a provider, as far as providers are the same for all: who can be asked, and that it always works.
//!
//! The waiting itself is the run's: see [`crate::chat::relay`].

use std::sync::Arc;

use async_trait::async_trait;
use parlance_providers::{
    CancellationToken, Category, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, EventStream, ModelInfo,
    Provider, ProviderError,
    catalog::{DialectId, Vendor},
};

use crate::view::LimitSettings;

/// The limits of a new provider that is asked by this wire, where nobody set others: a person carries one prompt at a
/// time.
pub(crate) fn usual_limits(dialect: &str, given: LimitSettings) -> LimitSettings {
    let usual = (dialect == DialectId::HumanRelay.as_str()).then_some(1);
    LimitSettings { concurrent: given.concurrent.or(usual), ..given }
}

pub(super) struct HumanRelay {
    vendor: Arc<Vendor>,
}

impl HumanRelay {
    pub(super) fn new(vendor: Arc<Vendor>) -> Self {
        Self { vendor }
    }
}

fn only_in_chats() -> ProviderError {
    let message = "a person carries prompts of chats only";
    ProviderError::because(Category::BadRequest, "only_in_chats", message)
}

#[async_trait]
impl Provider for HumanRelay {
    async fn models(&self, _: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        let model = |id: &str, name: Option<String>| ModelInfo { id: id.to_owned(), name, ..ModelInfo::default() };
        Ok(self.vendor.models.iter().map(|known| model(&known.id, known.name.clone())).collect())
    }

    async fn stream(&self, _: ChatRequest, _: CancellationToken) -> Result<EventStream, ProviderError> {
        Err(only_in_chats())
    }

    async fn complete(&self, _: ChatRequest, _: CancellationToken) -> Result<ChatResponse, ProviderError> {
        Err(only_in_chats())
    }

    async fn embed(&self, _: EmbedRequest, _: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        Err(ProviderError::because(Category::BadRequest, "no_embeddings", "a person makes no embeddings"))
    }

    async fn check(&self, _: CancellationToken) -> Result<(), ProviderError> {
        Ok(())
    }
}
