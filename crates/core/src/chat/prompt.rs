//! What is sent: the branch as a [`ChatRequest`], without anything that another vendor must not see.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::{ChatRequest, Message, OpaqueData, Parameters, Part, Role};

use crate::{
    history::rows::{LaneRow, MessageRow, PartRow},
    view::{MessageRole, PartKind},
};

/// What asks a model to go on where a reply was cut off. A vendor's prefill would be better where a model has it;
/// until the catalogue says which do, an instruction works everywhere.
const CONTINUE: &str = "Your last reply was cut off. Continue it exactly where it stopped, without repeating \
anything and without a preamble.";

/// Whom a request goes to: opaque data of others stays here.
#[derive(Clone, Debug)]
pub struct Recipient<'a> {
    /// The dialect's stable name.
    pub dialect: &'a str,
    /// The provider.
    pub provider_id: i64,
    /// The model.
    pub model: &'a str,
}

/// The request for the branch. `continuing` says that its last message is a reply to go on with.
pub fn request(lane: &LaneRow, branch: &[MessageRow], recipient: &Recipient<'_>, continuing: bool) -> ChatRequest {
    let answered = answered(branch);
    let outgoing = |message| outgoing(message, recipient, &answered);
    let mut messages: Vec<Message> = branch.iter().filter_map(outgoing).collect();
    if continuing && messages.last().is_some_and(|last| last.role == Role::Assistant) {
        messages.push(Message::text(Role::User, CONTINUE));
    }
    let mut request = ChatRequest::new(recipient.model, messages);
    request.system = lane.system_prompt.clone().filter(|prompt| !prompt.trim().is_empty());
    request.parameters = serde_json::from_str::<Parameters>(&lane.parameters).unwrap_or_default();
    request
}

/// The calls that have their result in the message that follows: every vendor refuses one without the other.
fn answered(branch: &[MessageRow]) -> HashSet<&str> {
    fn ids(message: &MessageRow, kind: PartKind) -> HashSet<&str> {
        let of_kind = message.parts.iter().filter(|part| part.kind == kind);
        of_kind.filter_map(|part| part.meta.call_id.as_deref()).collect()
    }
    let pairs = branch.windows(2).flat_map(|pair| {
        let (calls, results) = (ids(&pair[0], PartKind::ToolCall), ids(&pair[1], PartKind::ToolResult));
        calls.intersection(&results).copied().collect::<Vec<_>>()
    });
    pairs.collect()
}

/// A message as it is sent; `None` where nothing of it is to be sent, e.g. a reply that failed before its first word.
fn outgoing(message: &MessageRow, recipient: &Recipient<'_>, answered: &HashSet<&str>) -> Option<Message> {
    let role = match message.role {
        MessageRole::User => Role::User,
        MessageRole::Assistant => Role::Assistant,
    };
    let mut parts: Vec<Part> = Vec::new();
    for part in &message.parts {
        match outgoing_part(part, recipient, answered) {
            // Text of several attempts is one text to the next model.
            Some(Part::Text { text, opaque }) if opaque.is_empty() => match parts.last_mut() {
                Some(Part::Text { text: before, opaque }) if opaque.is_empty() => before.push_str(&text),
                _ => parts.push(Part::text(text)),
            },
            Some(other) => parts.push(other),
            None => {}
        }
    }
    (!parts.is_empty()).then_some(Message { role, parts })
}

/// The opaque data of a part, where it came from this very recipient.
fn own(part: &PartRow, recipient: &Recipient<'_>) -> Option<Vec<OpaqueData>> {
    let from_here = part.opaque.as_ref().filter(|opaque| {
        opaque.dialect == recipient.dialect
            && opaque.provider_id == recipient.provider_id
            && opaque.model == recipient.model
    });
    from_here.map(|opaque| opaque.data.clone())
}

fn outgoing_part(part: &PartRow, recipient: &Recipient<'_>, answered: &HashSet<&str>) -> Option<Part> {
    let own = own(part, recipient);
    let meta = &part.meta;
    let text = || part.text.clone();
    match part.kind {
        PartKind::Text => {
            let opaque = own.unwrap_or_default();
            (!part.text.is_empty() || !opaque.is_empty()).then(|| Part::Text { text: text(), opaque })
        }
        PartKind::Refusal => Some(Part::Refusal { text: text() }),
        PartKind::Reasoning => own.map(|opaque| Part::Reasoning { text: text(), opaque }),
        PartKind::ServerTool => {
            let opaque = own.filter(|data| !data.is_empty())?;
            Some(Part::ServerTool { name: meta.name.clone().unwrap_or_default(), json: text(), opaque })
        }
        PartKind::ToolCall | PartKind::ToolResult => {
            let id = meta.call_id.as_deref().filter(|id| answered.contains(id))?.to_owned();
            let name = meta.name.clone().unwrap_or_default();
            Some(match part.kind {
                PartKind::ToolCall => Part::ToolCall { id, name, arguments: text(), opaque: own.unwrap_or_default() },
                _ => Part::ToolResult { call_id: id, name, content: text(), is_error: meta.is_error },
            })
        }
        PartKind::Media => image(part, own.unwrap_or_default()),
        PartKind::Citation | PartKind::Warning => None,
    }
}

/// An image that the model made and that was kept; what lies at an address is nobody's to fetch.
fn image(part: &PartRow, opaque: Vec<OpaqueData>) -> Option<Part> {
    let media_type = part.meta.media_type.clone().filter(|kind| kind.starts_with("image/"))?;
    let data = STANDARD.decode(&part.text).ok().filter(|data| !data.is_empty())?;
    Some(Part::Image { media_type, data, opaque })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::rows::OpaqueRow, view::MessageStatus};

    fn part(kind: PartKind, text: &str) -> PartRow {
        PartRow { attempt_id: Some(1), ..PartRow::of_turn(0, kind, text) }
    }

    fn message(role: MessageRole, parts: Vec<PartRow>) -> MessageRow {
        MessageRow {
            id: 1,
            lane_id: 1,
            turn_id: 1,
            parent_id: None,
            role,
            status: MessageStatus::Complete,
            created_at: 0,
            parts,
        }
    }

    fn lane() -> LaneRow {
        LaneRow {
            id: 1,
            conversation_id: 1,
            provider_id: None,
            model: None,
            parameters: "{}".into(),
            system_prompt: None,
            active_leaf: None,
        }
    }

    const TO: Recipient<'static> = Recipient { dialect: "openai-chat", provider_id: 7, model: "m" };

    #[test]
    fn a_reply_that_failed_before_its_first_word_is_not_sent() {
        let branch =
            [message(MessageRole::User, vec![part(PartKind::Text, "hi")]), message(MessageRole::Assistant, vec![])];
        let request = request(&lane(), &branch, &TO, false);
        assert_eq!(request.messages, [Message::text(Role::User, "hi")]);
    }

    #[test]
    fn a_seam_is_one_text_and_continuing_asks_to_go_on() {
        let reply = message(MessageRole::Assistant, vec![part(PartKind::Text, "one "), part(PartKind::Text, "two")]);
        let request = request(&lane(), &[reply], &TO, true);
        assert_eq!(request.messages, [Message::text(Role::Assistant, "one two"), Message::text(Role::User, CONTINUE)]);
    }

    #[test]
    fn opaque_data_goes_back_to_its_own_provider_and_model_only() {
        let data = vec![OpaqueData { kind: "reasoning_details".into(), json: "[ 1 ]".into() }];
        let opaque = OpaqueRow { data: data.clone(), dialect: "openai-chat".into(), provider_id: 7, model: "m".into() };
        let reasoning = PartRow { opaque: Some(opaque), ..part(PartKind::Reasoning, "thinking") };
        let branch = [message(MessageRole::Assistant, vec![reasoning, part(PartKind::Text, "answer")])];
        let same = request(&lane(), &branch, &TO, false);
        assert_eq!(same.messages[0].parts[0], Part::Reasoning { text: "thinking".into(), opaque: data });
        for other in [
            Recipient { provider_id: 8, ..TO },
            Recipient { model: "n", ..TO },
            Recipient { dialect: "anthropic", ..TO },
        ] {
            let switched = request(&lane(), &branch, &other, false);
            assert_eq!(switched.messages, [Message::text(Role::Assistant, "answer")]);
        }
    }
}
