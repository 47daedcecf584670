//! The dialects there are.

pub mod anthropic;
pub mod bedrock;
pub mod cohere;
pub mod gemini;
mod metered;
pub mod ollama;
pub mod openai_chat;
pub mod openai_responses;

use crate::{catalog::DialectId, dialect::Dialect};

/// The code of a dialect; `None` for those without a wire.
pub fn dialect(id: DialectId) -> Option<&'static dyn Dialect> {
    match id {
        DialectId::OpenaiChat => Some(&openai_chat::OpenaiChat),
        DialectId::OpenaiResponses => Some(&openai_responses::OpenaiResponses),
        DialectId::Anthropic => Some(&anthropic::Anthropic),
        DialectId::Gemini => Some(&gemini::Gemini),
        DialectId::Ollama => Some(&ollama::Ollama),
        DialectId::Cohere => Some(&cohere::Cohere),
        DialectId::Bedrock => Some(&bedrock::Bedrock),
        // Replicate arrives with its vendor.
        DialectId::Replicate | DialectId::ClaudeCode | DialectId::HumanRelay | DialectId::Demo => None,
    }
}
