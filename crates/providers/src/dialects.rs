//! The dialects there are.

pub mod anthropic;
pub mod bedrock;
pub mod cohere;
pub mod gemini;
mod metered;
pub mod ollama;
pub mod openai_chat;
pub mod openai_responses;
pub mod replicate;

use crate::{
    ChatRequest, ProviderError,
    catalog::{DialectId, Vendor},
    claude_code,
    dialect::Dialect,
    transcript,
};

/// The code of a dialect; `None` for those without a wire.
pub fn dialect(id: DialectId) -> Option<&'static dyn Dialect> {
    match id {
        DialectId::OpenaiChat => Some(&openai_chat::OpenaiChat),
        DialectId::OpenaiResponses => Some(&openai_responses::OpenaiResponses),
        DialectId::Anthropic => Some(&anthropic::Anthropic),
        DialectId::Gemini => Some(&gemini::Gemini),
        DialectId::Ollama => Some(&ollama::Ollama),
        DialectId::Cohere => Some(&cohere::Cohere),
        DialectId::Replicate => Some(&replicate::Replicate),
        DialectId::Bedrock => Some(&bedrock::Bedrock),
        DialectId::ClaudeCode | DialectId::HumanRelay | DialectId::Demo => None,
    }
}

/// What leaves for a request, as text; `None` where nothing does.
///
/// # Errors
/// What the wire of the model cannot carry.
pub fn sent(vendor: &Vendor, request: &ChatRequest) -> Result<Option<String>, ProviderError> {
    let id = vendor.dialect_of(&request.model);
    match id {
        DialectId::ClaudeCode => claude_code::sent(vendor, request).map(Some),
        DialectId::HumanRelay => Ok(Some(transcript::whole(request))),
        _ => dialect(id).map_or(Ok(None), |dialect| Ok(dialect.chat(vendor, request, true)?.body)),
    }
}
