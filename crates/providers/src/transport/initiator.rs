//! Who makes a request, for vendors that want to be told.

use crate::{ChatRequest, Part, Role};

const INITIATOR: &str = "x-initiator";
const VISION: &str = "copilot-vision-request";

/// A person makes the request that follows their words; a tool makes the one that brings nothing but its results. To
/// say always that it was the tool would be evasion.
pub(super) fn headers(request: &ChatRequest) -> Vec<(&'static str, String)> {
    let by_person = request.messages.last().is_none_or(|last| {
        last.role == Role::User && last.parts.iter().any(|part| !matches!(part, Part::ToolResult { .. }))
    });
    let mut parts = request.messages.iter().flat_map(|message| &message.parts);
    let mut headers = vec![(INITIATOR, if by_person { "user" } else { "agent" }.to_owned())];
    if parts.any(|part| matches!(part, Part::Image { .. })) {
        headers.push((VISION, "true".to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn told(messages: Vec<Message>) -> Vec<(&'static str, String)> {
        headers(&ChatRequest::new("m", messages))
    }

    #[test]
    fn the_last_message_says_who_asks_and_one_picture_anywhere_is_enough() {
        let result =
            || Part::ToolResult { call_id: "c".into(), name: "f".into(), content: "1".into(), is_error: false };
        let results = |more: Option<Part>| Message {
            role: Role::User,
            parts: [Some(result()), more].into_iter().flatten().collect(),
        };
        let user = vec![(INITIATOR, "user".to_owned())];
        let agent = vec![(INITIATOR, "agent".to_owned())];
        assert_eq!(told(vec![Message::text(Role::User, "hi")]), user);
        assert_eq!(
            told(vec![Message::text(Role::User, "hi"), Message::text(Role::Assistant, "a"), results(None)]),
            agent
        );
        assert_eq!(told(vec![results(Some(Part::text("and now?")))]), user);
        assert_eq!(told(vec![Message::text(Role::Assistant, "a")]), agent);
        let seen = Message { role: Role::User, parts: vec![Part::image("image/png", vec![1])] };
        assert_eq!(told(vec![seen, Message::text(Role::User, "hi")])[1], (VISION, "true".to_owned()));
    }
}
