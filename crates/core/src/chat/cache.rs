//! Answers of a route that keeps them: what makes two requests the same, and an answer as it is kept and told again.

use std::io::{self, Write};

use parlance_providers::{ChatEvent, ChatRequest, FinishClass, OpaqueData, Part, catalog::Vendor};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::view::RouteCache;

/// The largest answer that is kept, in bytes of text.
const LARGEST: usize = 4 * 1024 * 1024;

/// A digest of all that decides an answer; `None` where this request is not one to keep an answer to: the cache is off,
/// the temperature leaves the answer open, or tools are in play. The address counts, too: one name of a model may mean
/// something else there.
pub(super) fn key(cache: RouteCache, vendor: &Vendor, base_url: &str, request: &ChatRequest) -> Option<String> {
    let settled = cache.any_temperature || request.parameters.temperature == Some(0.0);
    let tools = !request.tools.is_empty()
        || request
            .messages
            .iter()
            .flat_map(|message| &message.parts)
            .any(|part| matches!(part, Part::ToolCall { .. } | Part::ToolResult { .. } | Part::ServerTool { .. }));
    if !cache.enabled || !settled || tools {
        return None;
    }
    let ChatRequest { model, system, messages, response_schema, parameters, wire, extra, .. } = request;
    let rest = json!({
        "vendor": vendor.id, "at": base_url, "wire": wire, "model": model, "system": system,
        "schema": response_schema, "parameters": parameters, "extra": extra,
    });
    let mut digest = Digesting(Sha256::new());
    // Files are in the messages: they go through as they are written out, and never lie in memory as text.
    serde_json::to_writer(&mut digest, &rest).ok()?;
    serde_json::to_writer(&mut digest, messages).ok()?;
    Some(digest.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

struct Digesting(Sha256);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An event of a kept answer. What is not among them is not kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Word {
    Started { id: Option<String>, model: Option<String> },
    Text { block: u32, text: String },
    Reasoning { block: u32, text: String },
    Opaque { block: u32, data: OpaqueData },
    Citation { url: Option<String>, title: Option<String>, text: Option<String> },
    Finished { reason: Option<String> },
}

impl From<Word> for ChatEvent {
    fn from(word: Word) -> Self {
        match word {
            Word::Started { id, model } => Self::Started { id, model },
            Word::Text { block, text } => Self::TextDelta { block, text },
            Word::Reasoning { block, text } => Self::ReasoningDelta { block, text },
            Word::Opaque { block, data } => Self::Opaque { block, data },
            Word::Citation { url, title, text } => Self::Citation { url, title, text },
            Word::Finished { reason } => Self::Finished { class: FinishClass::Stop, reason },
        }
    }
}

/// What a kept answer says, as events; `None` where it cannot be read or is no whole answer.
pub(super) fn told(answer: &str) -> Option<Vec<ChatEvent>> {
    let words: Vec<Word> = serde_json::from_str(answer).ok()?;
    matches!(words.last(), Some(Word::Finished { .. })).then(|| words.into_iter().map(ChatEvent::from).collect())
}

/// An answer that is written down while it comes, to be kept once it is whole.
#[derive(Debug, Default)]
pub(super) struct Script {
    words: Vec<Word>,
    bytes: usize,
    /// Something came that is not kept, or too much.
    spoilt: bool,
}

impl Script {
    /// An event came.
    pub(super) fn hear(&mut self, event: &ChatEvent) {
        if self.spoilt {
            return;
        }
        let word = match event {
            ChatEvent::Started { id, model } => Word::Started { id: id.clone(), model: model.clone() },
            ChatEvent::TextDelta { block, text } => return self.grow(*block, text, false),
            ChatEvent::ReasoningDelta { block, text } => return self.grow(*block, text, true),
            ChatEvent::Opaque { block, data } => {
                self.bytes += data.json.len();
                Word::Opaque { block: *block, data: data.clone() }
            }
            ChatEvent::Citation { url, title, text } => {
                Word::Citation { url: url.clone(), title: title.clone(), text: text.clone() }
            }
            ChatEvent::Finished { class: FinishClass::Stop, reason } => Word::Finished { reason: reason.clone() },
            ChatEvent::Usage(_) | ChatEvent::ReportedCost { .. } => return,
            _ => {
                self.spoilt = true;
                return;
            }
        };
        self.push(word, 64);
    }

    fn push(&mut self, word: Word, bytes: usize) {
        self.words.push(word);
        self.bytes += bytes;
        self.spoilt |= self.bytes > LARGEST;
    }

    fn grow(&mut self, at: u32, more: &str, thinks: bool) {
        match self.words.last_mut() {
            Some(Word::Text { block, text }) if !thinks && *block == at => text.push_str(more),
            Some(Word::Reasoning { block, text }) if thinks && *block == at => text.push_str(more),
            _ if thinks => self.words.push(Word::Reasoning { block: at, text: more.to_owned() }),
            _ => self.words.push(Word::Text { block: at, text: more.to_owned() }),
        }
        self.bytes += more.len();
        self.spoilt |= self.bytes > LARGEST;
    }

    /// The answer as it is kept; `None` where it is not whole, says nothing, or is not one to keep.
    pub(super) fn whole(self) -> Option<String> {
        let says = self.words.iter().any(|word| matches!(word, Word::Text { text, .. } if !text.is_empty()));
        let ends = matches!(self.words.last(), Some(Word::Finished { .. }));
        (!self.spoilt && says && ends).then(|| serde_json::to_string(&self.words).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use parlance_providers::{Message, Parameters, Role, ToolDefinition, catalog::Catalog};

    use super::*;

    const ON: RouteCache = RouteCache { enabled: true, ttl_s: 60, max_mb: 1, any_temperature: false };

    fn request(text: &str) -> ChatRequest {
        let parameters = Parameters { temperature: Some(0.0), ..Parameters::default() };
        ChatRequest { parameters, ..ChatRequest::new("m", vec![Message::text(Role::User, text)]) }
    }

    fn key_of(cache: RouteCache, at: &str, request: &ChatRequest) -> Option<String> {
        key(cache, Catalog::bundled().get("openai-compatible").unwrap(), at, request)
    }

    #[test]
    fn the_key_is_all_that_is_asked_and_nothing_else() {
        let of = |request: &ChatRequest| key_of(ON, "http://a", request).unwrap();
        let same = of(&request("hi"));
        assert_eq!((same.len(), &of(&request("hi"))), (64, &same));
        assert_ne!(key_of(ON, "http://b", &request("hi")), Some(same.clone()));
        let others = [
            request("ho"),
            ChatRequest { model: "n".into(), ..request("hi") },
            ChatRequest { system: Some("s".into()), ..request("hi") },
            ChatRequest { parameters: Parameters { max_tokens: Some(5), ..request("hi").parameters }, ..request("hi") },
            ChatRequest { extra: json!({"a": 1}).as_object().unwrap().clone(), ..request("hi") },
        ];
        for other in others {
            assert_ne!(of(&other), same, "{other:?}");
        }
    }

    #[test]
    fn nothing_is_kept_where_the_answer_is_open_or_tools_are_in_play() {
        let warm = ChatRequest { parameters: Parameters::default(), ..request("hi") };
        assert_eq!(key_of(ON, "", &warm), None, "no temperature is not zero");
        assert!(key_of(RouteCache { any_temperature: true, ..ON }, "", &warm).is_some());
        assert_eq!(key_of(RouteCache { enabled: false, ..ON }, "", &request("hi")), None);
        let tool = ToolDefinition { name: "t".into(), description: None, parameters: json!({}), strict: None };
        assert_eq!(key_of(ON, "", &ChatRequest { tools: vec![tool], ..request("hi") }), None);
        let mut called = request("hi");
        called.messages[0].parts.push(Part::tool_call("1", "t", "{}"));
        assert_eq!(key_of(ON, "", &called), None);
    }

    #[test]
    fn an_answer_is_told_again_as_it_came_in_fewer_words() {
        let text = |text: &str| ChatEvent::TextDelta { block: 0, text: text.into() };
        let end = || ChatEvent::Finished { class: FinishClass::Stop, reason: Some("stop".into()) };
        let kept = |events: &[ChatEvent]| {
            let mut script = Script::default();
            events.iter().for_each(|event| script.hear(event));
            script.whole()
        };
        let think = ChatEvent::ReasoningDelta { block: 1, text: "hm".into() };
        let answer = kept(&[think.clone(), text("a"), text("b"), end()]).unwrap();
        assert_eq!(told(&answer), Some(vec![think, text("ab"), end()]));
        assert_eq!(kept(&[text("a")]), None, "cut off");
        assert_eq!(kept(&[end()]), None, "empty");
        let cut = ChatEvent::Finished { class: FinishClass::Length, reason: None };
        assert_eq!(kept(&[text("a"), cut]), None);
        let call = ChatEvent::ToolCallStart { block: 2, id: "1".into(), name: "t".into() };
        assert_eq!(kept(&[text("a"), call, end()]), None);
        for broken in ["", "[]", "{}", "[{\"event\":\"text\",\"block\":0,\"text\":\"a\"}]"] {
            assert_eq!(told(broken), None, "{broken}");
        }
    }
}
