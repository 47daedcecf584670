//! Folds the events of an answer into one [`ChatResponse`].

use std::collections::HashMap;

use crate::{ChatEvent, ChatResponse, OpaqueData, Part, chat::MediaSource};

/// Takes events one by one; what came in so far can be taken out at any time.
#[derive(Debug, Default)]
pub struct Fold {
    response: ChatResponse,
    /// Where each block's part is.
    places: HashMap<u32, usize>,
}

impl Fold {
    /// An empty answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event.
    pub fn push(&mut self, event: ChatEvent) {
        let response = &mut self.response;
        match event {
            ChatEvent::Started { id, model } => {
                response.id = id.or(response.id.take());
                response.model = model.or(response.model.take());
            }
            ChatEvent::TextDelta { block, text } => {
                if let Part::Text { text: all, .. } = self.part(block, || Part::text("")) {
                    all.push_str(&text);
                }
            }
            ChatEvent::ReasoningDelta { block, text } => {
                if let Part::Reasoning { text: all, .. } = self.part(block, || Part::reasoning("")) {
                    all.push_str(&text);
                }
            }
            ChatEvent::RefusalDelta { block, text } => {
                if let Part::Refusal { text: all } = self.part(block, || Part::Refusal { text: String::new() }) {
                    all.push_str(&text);
                }
            }
            ChatEvent::ToolCallStart { block, id, name } => {
                self.part(block, || Part::tool_call(id, name, ""));
            }
            ChatEvent::ToolCallDelta { block, arguments } => {
                if let Some(Part::ToolCall { arguments: all, .. }) = self.known(block) {
                    all.push_str(&arguments);
                }
            }
            ChatEvent::ToolCallEnd { .. } => {}
            ChatEvent::Opaque { block, data } => self.opaque(block, data),
            citation @ ChatEvent::Citation { .. } => response.citations.push(citation),
            ChatEvent::Media { block, media_type: Some(kind), source: MediaSource::Inline(data) }
                if kind.starts_with("image/") =>
            {
                self.part(block, || Part::image(kind, data));
            }
            ChatEvent::ServerTool { block, name, json } => {
                self.part(block, || Part::ServerTool { name, json, opaque: Vec::new() });
            }
            extra @ (ChatEvent::Media { .. } | ChatEvent::Warning { .. }) => response.extras.push(extra),
            ChatEvent::Usage(usage) => response.usage = Some(usage),
            ChatEvent::ReportedCost { nano_usd, raw } => response.reported_cost = Some((nano_usd, raw)),
            ChatEvent::Finished { class, reason } => response.finish = Some((class, reason)),
        }
    }

    /// The answer as far as it came.
    pub fn finish(self) -> ChatResponse {
        self.response
    }

    fn opaque(&mut self, block: u32, data: OpaqueData) {
        if let Some(opaque) = self.part(block, || Part::reasoning("")).opaque_mut() {
            opaque.push(data);
        }
    }

    fn known(&mut self, block: u32) -> Option<&mut Part> {
        self.places.get(&block).and_then(|at| self.response.parts.get_mut(*at))
    }

    fn part(&mut self, block: u32, make: impl FnOnce() -> Part) -> &mut Part {
        let parts = &mut self.response.parts;
        let at = *self.places.entry(block).or_insert_with(|| {
            parts.push(make());
            parts.len() - 1
        });
        &mut parts[at]
    }
}

impl Extend<ChatEvent> for Fold {
    fn extend<I: IntoIterator<Item = ChatEvent>>(&mut self, events: I) {
        for event in events {
            self.push(event);
        }
    }
}

/// Folds a finished list of events.
pub fn fold(events: impl IntoIterator<Item = ChatEvent>) -> ChatResponse {
    let mut fold = Fold::new();
    fold.extend(events);
    fold.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FinishClass, Usage};

    #[test]
    fn parts_stand_in_the_order_their_blocks_began() {
        let text = |block, text: &str| ChatEvent::TextDelta { block, text: text.into() };
        let data = OpaqueData { kind: "k".into(), json: "1".into() };
        let usage = Usage { output_total: Some(5), ..Usage::default() };
        let response = fold([
            ChatEvent::Started { id: Some("a".into()), model: None },
            ChatEvent::ReasoningDelta { block: 0, text: "Hm".into() },
            text(1, "one "),
            ChatEvent::ToolCallStart { block: 2, id: "c".into(), name: "f".into() },
            ChatEvent::ToolCallDelta { block: 2, arguments: "{}".into() },
            ChatEvent::Opaque { block: 0, data: data.clone() },
            text(1, "two"),
            ChatEvent::RefusalDelta { block: 3, text: "No".into() },
            ChatEvent::ToolCallEnd { block: 2 },
            ChatEvent::Opaque { block: 2, data: data.clone() },
            ChatEvent::ServerTool { block: 4, name: "search".into(), json: "[]".into() },
            ChatEvent::Opaque { block: 9, data: data.clone() },
            ChatEvent::Usage(Usage::default()),
            ChatEvent::Usage(usage),
            ChatEvent::ReportedCost { nano_usd: 1, raw: "1e-9".into() },
            ChatEvent::Warning { code: "w", message: String::new() },
            ChatEvent::Citation { url: Some("u".into()), title: None, text: None },
            ChatEvent::Finished { class: FinishClass::ToolCalls, reason: Some("stop".into()) },
        ]);
        let reasoning = |text: &str| Part::Reasoning { text: text.into(), opaque: vec![data.clone()] };
        assert_eq!(
            response.parts,
            [
                reasoning("Hm"),
                Part::text("one two"),
                Part::ToolCall { id: "c".into(), name: "f".into(), arguments: "{}".into(), opaque: vec![data.clone()] },
                Part::Refusal { text: "No".into() },
                Part::ServerTool { name: "search".into(), json: "[]".into(), opaque: Vec::new() },
                reasoning(""),
            ]
        );
        assert_eq!((response.id.as_deref(), response.usage), (Some("a"), Some(usage)));
        assert_eq!(response.reported_cost, Some((1, "1e-9".into())));
        assert_eq!((response.citations.len(), response.extras.len()), (1, 1));
        assert_eq!(response.finish, Some((FinishClass::ToolCalls, Some("stop".into()))));
    }
}
