//! Every wire under one name for tests that ask all of them the same.

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::catalog::{Catalog, DialectId, Vendor};
use parlance_providers::dialects::dialect;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, ChatEvent, ChatRequest, ChatResponse, FinishClass, Message, Part, Provider, ProviderError, Role,
    Secret, Usage, fold,
};

/// The dialects that have a wire.
pub const WIRES: [DialectId; 7] = [
    DialectId::OpenaiChat,
    DialectId::OpenaiResponses,
    DialectId::Anthropic,
    DialectId::Gemini,
    DialectId::Ollama,
    DialectId::Cohere,
    DialectId::Bedrock,
];

/// The key that [`provider`] sends.
pub const KEY: &str = "canary-key-0123456789";

/// The vendor of a dialect for servers that only speak it.
///
/// # Panics
/// When the catalogue has none.
pub fn vendor(id: DialectId) -> &'static Vendor {
    let family = id.as_str().trim_end_matches("-chat");
    Catalog::bundled().get(&format!("{family}-compatible")).expect("a vendor of the family")
}

/// A provider of that vendor at an address.
///
/// # Panics
/// When the dialect has no wire.
pub fn provider(id: DialectId, base_url: &str) -> HttpProvider {
    provider_with(id, base_url, KEY)
}

/// The same with another key.
///
/// # Panics
/// When the dialect has no wire.
pub fn provider_with(id: DialectId, base_url: &str, key: &str) -> HttpProvider {
    let key = Some(Secret::from_pasted(key));
    let endpoint = Endpoint { base_url: base_url.to_owned(), key, ..Endpoint::default() };
    let dialect = dialect(id).expect("a dialect with a wire");
    HttpProvider::new(Arc::new(vendor(id).clone()), dialect, endpoint).expect("a good endpoint")
}

/// A request of one message.
pub fn asking(model: &str, words: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, words)])
}

/// What a streamed request gave.
#[derive(Debug)]
pub struct Outcome {
    /// In order.
    pub events: Vec<ChatEvent>,
    /// How it ended; `None` is a good end.
    pub error: Option<ProviderError>,
}

/// Streams an answer to its end.
///
/// # Panics
/// When anything follows an error.
pub async fn play(provider: &HttpProvider, request: ChatRequest) -> Outcome {
    let mut outcome = Outcome { events: Vec::new(), error: None };
    match provider.stream(request, CancellationToken::new()).await {
        Err(error) => outcome.error = Some(error),
        Ok(mut stream) => {
            while let Some(item) = stream.next().await {
                assert!(outcome.error.is_none(), "an error is the last item");
                match item {
                    Ok(event) => outcome.events.push(event),
                    Err(error) => outcome.error = Some(error),
                }
            }
        }
    }
    outcome
}

impl Outcome {
    /// All of its text.
    pub fn text(&self) -> String {
        text(&self.whole().parts)
    }

    /// As one answer.
    pub fn whole(&self) -> ChatResponse {
        fold::fold(self.events.iter().cloned())
    }

    /// Our reading of why it ended, where the vendor said that it did.
    pub fn finish(&self) -> Option<FinishClass> {
        self.events.iter().find_map(|e| if let ChatEvent::Finished { class, .. } = e { Some(*class) } else { None })
    }

    /// The last token counts.
    pub fn usage(&self) -> Option<Usage> {
        self.whole().usage
    }

    /// True where a call was said to be complete.
    pub fn ended_a_call(&self) -> bool {
        self.events.iter().any(|e| matches!(e, ChatEvent::ToolCallEnd { .. }))
    }
}

/// All text of some parts.
pub fn text(parts: &[Part]) -> String {
    let texts =
        parts.iter().filter_map(|part| if let Part::Text { text, .. } = part { Some(text.as_str()) } else { None });
    texts.collect()
}

/// All reasoning of some parts.
pub fn reasoning(parts: &[Part]) -> String {
    let texts = parts
        .iter()
        .filter_map(|part| if let Part::Reasoning { text, .. } = part { Some(text.as_str()) } else { None });
    texts.collect()
}

/// The calls among some parts: id, name and arguments.
pub fn calls(parts: &[Part]) -> Vec<(&str, &str, &str)> {
    let calls = parts.iter().filter_map(|part| match part {
        Part::ToolCall { id, name, arguments, .. } => Some((id.as_str(), name.as_str(), arguments.as_str())),
        _ => None,
    });
    calls.collect()
}
