//! What is sent: the branch as a [`ChatRequest`], without anything that another vendor must not see.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::{
    Category, ChatRequest, Message, ModelInfo, OpaqueData, Parameters, Part, ProviderError, Role, catalog::Vendor,
};

use crate::{
    attachments::{Attachments, Unreadable, kinds},
    capabilities,
    chat::relay,
    history::rows::{AttachmentRow, LaneRow, MessageRow, PartRow},
    view::{AttachmentKind, MessageRole, MessageStatus, PartKind},
};

/// What asks a model to go on where a reply was cut off, where its data does not say that it does so unasked.
const CONTINUE: &str = "Your last reply was cut off. Continue it exactly where it stopped, without repeating \
anything and without a preamble.";

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the prompt: the answer is a new one.
    Prompt,
    /// With a reply that was cut off, and the words that ask to go on with it.
    Asked,
    /// With a reply that was cut off, which the model goes on with as the beginning of its own.
    Prefilled,
}

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

/// A request whose files are not read yet.
#[derive(Clone, Debug)]
pub struct Outline {
    request: ChatRequest,
    files: Vec<Place>,
    /// What the sources but the catalogue say of the model.
    said: ModelInfo,
}

/// Where in a request a file goes: at this part of this message, which waits for it.
#[derive(Clone, Debug)]
struct Place {
    message: usize,
    part: usize,
    file: AttachmentRow,
}

impl Outline {
    /// The same for a model of which this is said beside the catalogue.
    #[must_use]
    pub fn with_said(self, said: ModelInfo) -> Self {
        Self { said, ..self }
    }

    /// The request with its files. One that this model or its vendor's wire is known not to take is named to the model
    /// instead, so that a chat with pictures can go on with a model that sees none.
    ///
    /// # Errors
    /// `bad_request` with the causes `attachment_missing`, `attachment_damaged` and `attachment_unreadable`.
    pub async fn read(
        self,
        attachments: &Attachments,
        vendor: &Vendor,
        model: &str,
    ) -> Result<ChatRequest, ProviderError> {
        let Self { mut request, files, said } = self;
        let can = capabilities::of(vendor, model, Some(&said));
        let carried = relay::carries(vendor, model);
        for Place { message, part, file } in files {
            let Some(waiting) = request.messages.get_mut(message).and_then(|m| m.parts.get_mut(part)) else { continue };
            if carried && kinds::kind(&file.media_type) != AttachmentKind::Text {
                *waiting = Part::text(format!("[Attached file: {}]", name(&file)));
                continue;
            }
            if capabilities::takes(vendor, model, &can, &file.media_type) {
                let (store, sha256) = (attachments.clone(), file.sha256.clone());
                let content = tokio::task::spawn_blocking(move || store.read(&sha256)).await;
                fill(waiting, &file, content.unwrap_or(Err(Unreadable::Refused)).map_err(unreadable)?);
            } else {
                *waiting = Part::text(format!("[{}: not shown, this model does not take such files]", name(&file)));
            }
        }
        Ok(request)
    }
}

fn unreadable(error: Unreadable) -> ProviderError {
    let cause = match error {
        Unreadable::Missing => "attachment_missing",
        Unreadable::Damaged => "attachment_damaged",
        Unreadable::Refused => "attachment_unreadable",
    };
    ProviderError::because(Category::BadRequest, cause, format!("An attached file was not sent: {error}"))
}

/// The name a model reads.
fn name(file: &AttachmentRow) -> &str {
    if file.name.is_empty() { "file" } else { &file.name }
}

fn fill(waiting: &mut Part, file: &AttachmentRow, content: Vec<u8>) {
    match waiting {
        Part::Image { data, .. } | Part::File { data, .. } => *data = content,
        other => *other = Part::text(fenced(name(file), &String::from_utf8_lossy(&content))),
    }
}

/// A text file as every model can read it: its name, and its content behind a fence that it cannot end itself.
fn fenced(name: &str, content: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in content.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(usize::max(3, longest + 1));
    let end = if content.is_empty() || content.ends_with('\n') { "" } else { "\n" };
    format!("{name}:\n\n{fence}\n{content}{end}{fence}")
}

/// The request for the branch.
pub fn request(lane: &LaneRow, branch: &[MessageRow], recipient: &Recipient<'_>, ending: Ending) -> Outline {
    let answered = answered(branch);
    let mut files = Vec::new();
    let mut messages: Vec<Message> = Vec::with_capacity(branch.len());
    for message in branch {
        let at = messages.len();
        let Some((message, kept)) = outgoing(message, recipient, &answered) else { continue };
        files.extend(kept.into_iter().map(|(part, file)| Place { message: at, part, file }));
        messages.push(message);
    }
    if let Some(last) = messages.last_mut().filter(|last| last.role == Role::Assistant) {
        match ending {
            Ending::Prompt => {}
            Ending::Asked => messages.push(Message::text(Role::User, CONTINUE)),
            // Vendors refuse a beginning that ends in white space.
            Ending::Prefilled => {
                if let Some(Part::Text { text, .. }) = last.parts.last_mut() {
                    text.truncate(text.trim_end().len());
                }
            }
        }
    }
    let mut request = ChatRequest::new(recipient.model, messages);
    request.system = lane.system_prompt.clone().filter(|prompt| !prompt.trim().is_empty());
    request.parameters = serde_json::from_str::<Parameters>(&lane.parameters).unwrap_or_default();
    Outline { request, files, said: ModelInfo::default() }
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

/// The text of the reply that the branch ends with: what a continuing model may repeat.
pub fn kept_text(branch: &[MessageRow]) -> String {
    let reply = branch.last().filter(|message| message.role == MessageRole::Assistant);
    let parts = reply.into_iter().flat_map(|reply| &reply.parts);
    parts.filter(|part| part.kind == PartKind::Text).map(|part| part.text.as_str()).collect()
}

/// The attempts of a message that brought something a person would miss.
fn spoke(message: &MessageRow) -> HashSet<Option<i64>> {
    let says = |part: &&PartRow| match part.kind {
        PartKind::Text | PartKind::Refusal => !part.text.is_empty(),
        PartKind::ToolCall | PartKind::ToolResult | PartKind::Media => true,
        PartKind::Reasoning | PartKind::ServerTool | PartKind::Citation | PartKind::Warning => false,
    };
    message.parts.iter().filter(says).map(|part| part.attempt_id).collect()
}

/// Whether a part is what a failed attempt thought before it said a word: that stays with it, and is nobody's prompt.
fn is_discarded(message: &MessageRow, part: &PartRow, spoke: &HashSet<Option<i64>>) -> bool {
    let stands = message.status == MessageStatus::Complete
        && message.parts.last().is_some_and(|last| last.attempt_id == part.attempt_id);
    message.role == MessageRole::Assistant && !stands && !spoke.contains(&part.attempt_id)
}

/// The files of a message, by the parts that wait for them.
type Files = Vec<(usize, AttachmentRow)>;

/// A message as it is sent; `None` where nothing of it is to be sent, e.g. a reply that failed before its first word.
fn outgoing(message: &MessageRow, recipient: &Recipient<'_>, answered: &HashSet<&str>) -> Option<(Message, Files)> {
    let role = match message.role {
        MessageRole::User => Role::User,
        MessageRole::Assistant => Role::Assistant,
    };
    let mut parts: Vec<Part> = Vec::new();
    let mut files = Files::new();
    let spoke = spoke(message);
    for part in message.parts.iter().filter(|part| !is_discarded(message, part, &spoke)) {
        if let Some(file) = &part.attachment {
            let opaque = own(part, recipient).unwrap_or_default();
            files.push((parts.len(), file.clone()));
            parts.push(waiting(part, file, opaque));
            continue;
        }
        let at = parts.len();
        match outgoing_part(part, recipient, answered) {
            // Text of several attempts is one text to the next model.
            Some(Part::Text { text, opaque }) if opaque.is_empty() => match parts.last_mut() {
                Some(Part::Text { text: before, opaque }) if opaque.is_empty() && !waits(&files, at) => {
                    before.push_str(&text);
                }
                _ => parts.push(Part::text(text)),
            },
            Some(other) => parts.push(other),
            None => {}
        }
    }
    (!parts.is_empty()).then_some((Message { role, parts }, files))
}

/// Whether the part before this place waits for a file.
fn waits(files: &Files, at: usize) -> bool {
    files.last().is_some_and(|(part, _)| part + 1 == at)
}

/// A part that waits for the content of its file.
fn waiting(part: &PartRow, file: &AttachmentRow, opaque: Vec<OpaqueData>) -> Part {
    match kinds::kind(&file.media_type) {
        AttachmentKind::Text => Part::text(""),
        AttachmentKind::Image => {
            let media_type = part.meta.media_type.clone().filter(|kind| kind.starts_with("image/"));
            Part::Image { media_type: media_type.unwrap_or_else(|| file.media_type.clone()), data: Vec::new(), opaque }
        }
        AttachmentKind::Pdf | AttachmentKind::Audio | AttachmentKind::Other => {
            Part::File { name: name(file).to_owned(), media_type: file.media_type.clone(), data: Vec::new() }
        }
    }
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

/// An image that the model made and that stayed as text in its part, because it could not be kept as a file; what lies at an address is nobody's to fetch.
fn image(part: &PartRow, opaque: Vec<OpaqueData>) -> Option<Part> {
    let media_type = part.meta.media_type.clone().filter(|kind| kind.starts_with("image/"))?;
    let data = STANDARD.decode(&part.text).ok().filter(|data| !data.is_empty())?;
    Some(Part::Image { media_type, data, opaque })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::rows::OpaqueRow;

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
            kind: crate::history::rows::LaneKind::Chat,
            provider_id: None,
            model: None,
            parameters: "{}".into(),
            system_prompt: None,
            active_leaf: None,
            route_id: None,
            fallback_route_id: None,
        }
    }

    const TO: Recipient<'static> = Recipient { dialect: "openai-chat", provider_id: 7, model: "m" };

    #[test]
    fn a_reply_that_failed_before_its_first_word_is_not_sent() {
        let branch =
            [message(MessageRole::User, vec![part(PartKind::Text, "hi")]), message(MessageRole::Assistant, vec![])];
        let request = request(&lane(), &branch, &TO, Ending::Prompt).request;
        assert_eq!(request.messages, [Message::text(Role::User, "hi")]);
    }

    #[test]
    fn a_seam_is_one_text_and_continuing_asks_to_go_on() {
        let reply = message(MessageRole::Assistant, vec![part(PartKind::Text, "one "), part(PartKind::Text, "two")]);
        let request = request(&lane(), &[reply], &TO, Ending::Asked).request;
        assert_eq!(request.messages, [Message::text(Role::Assistant, "one two"), Message::text(Role::User, CONTINUE)]);
    }

    #[test]
    fn what_a_failed_attempt_thought_before_its_first_word_is_not_sent() {
        let opaque = || OpaqueRow { data: vec![], dialect: "openai-chat".into(), provider_id: 7, model: "m".into() };
        let thought = |attempt, text: &str| PartRow {
            attempt_id: Some(attempt),
            opaque: Some(opaque()),
            ..part(PartKind::Reasoning, text)
        };
        let text = |attempt, text: &str| PartRow { attempt_id: Some(attempt), ..part(PartKind::Text, text) };
        let reply = message(MessageRole::Assistant, vec![thought(1, "lost"), thought(2, "kept"), text(2, "answer")]);
        let sent = request(&lane(), &[reply], &TO, Ending::Prompt).request;
        assert_eq!(sent.messages[0].parts, [Part::reasoning("kept"), Part::text("answer")]);
        let only = message(MessageRole::Assistant, vec![thought(1, "all")]);
        let whole = request(&lane(), std::slice::from_ref(&only), &TO, Ending::Prompt).request;
        assert_eq!(whole.messages[0].parts, [Part::reasoning("all")], "an answer of nothing else is one");
        let cut = MessageRow { status: MessageStatus::Streaming, ..only };
        assert!(request(&lane(), &[cut], &TO, Ending::Asked).request.messages.is_empty());
    }

    #[test]
    fn a_prefilled_request_ends_with_the_reply_without_white_space() {
        let reply = message(MessageRole::Assistant, vec![part(PartKind::Text, "one two \n")]);
        assert_eq!(kept_text(std::slice::from_ref(&reply)), "one two \n");
        let sent = request(&lane(), &[reply], &TO, Ending::Prefilled).request;
        assert_eq!(sent.messages, [Message::text(Role::Assistant, "one two")]);
    }

    #[test]
    fn opaque_data_goes_back_to_its_own_provider_and_model_only() {
        let data = vec![OpaqueData { kind: "reasoning_details".into(), json: "[ 1 ]".into() }];
        let opaque = OpaqueRow { data: data.clone(), dialect: "openai-chat".into(), provider_id: 7, model: "m".into() };
        let reasoning = PartRow { opaque: Some(opaque), ..part(PartKind::Reasoning, "thinking") };
        let branch = [message(MessageRole::Assistant, vec![reasoning, part(PartKind::Text, "answer")])];
        let same = request(&lane(), &branch, &TO, Ending::Prompt).request;
        assert_eq!(same.messages[0].parts[0], Part::Reasoning { text: "thinking".into(), opaque: data });
        for other in [
            Recipient { provider_id: 8, ..TO },
            Recipient { model: "n", ..TO },
            Recipient { dialect: "anthropic", ..TO },
        ] {
            let switched = request(&lane(), &branch, &other, Ending::Prompt).request;
            assert_eq!(switched.messages, [Message::text(Role::Assistant, "answer")]);
        }
    }
}
