//! The wire layer of Parlance.
//!
//! A **dialect** is code: a pure module that turns a [`ChatRequest`] into an HTTP request and bytes into
//! [`ChatEvent`]s. A **vendor** is data: one TOML file in `catalog/`. This crate knows neither SQLite, nor the
//! keyring, nor Tauri.

pub mod catalog;
pub mod chat;
pub mod claude_code;
pub mod credential;
pub mod demo;
pub mod device;
pub mod dialect;
pub mod dialects;
pub mod embed;
pub mod error;
mod failure;
pub mod fetch;
pub mod fold;
mod framing;
pub mod json;
mod loose;
pub mod model_data;
pub mod provider;
pub mod replicate;
pub mod secret;
pub mod sse;
pub mod traffic;
pub mod transcript;
pub mod transport;

pub use chat::{
    ChatEvent, ChatRequest, ChatResponse, FinishClass, InvoicedTokens, Message, OpaqueData, Parameters, Part,
    ReasoningEffort, Role, ToolChoice, ToolDefinition, Usage,
};
pub use embed::{EmbedPurpose, EmbedRequest, EmbedResponse, embed_all, in_one_request};
pub use error::{Category, Disposition, ProviderError};
pub use provider::{Abilities, Balance, CancellationToken, EventStream, ModelInfo, Provider, Quota};
pub use secret::Secret;
