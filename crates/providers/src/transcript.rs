//! A conversation as one text, for whoever takes no more than that.

use crate::{ChatRequest, Message, Part, Role};

/// What a message says in words. Pictures and files are left to whoever can carry them.
pub fn words(message: &Message) -> String {
    let texts: Vec<_> = message.parts.iter().filter_map(part).collect();
    texts.join("\n\n")
}

/// A part in words; `None` where it has none, or where they are nobody else's business.
pub(crate) fn part(part: &Part) -> Option<String> {
    match part {
        Part::Text { text, .. } | Part::Refusal { text } => (!text.trim().is_empty()).then(|| text.clone()),
        Part::ToolCall { name, arguments, .. } => Some(format!("[calls {name}: {arguments}]")),
        Part::ToolResult { name, content, .. } => Some(format!("[{name} answers: {content}]")),
        Part::Reasoning { .. } | Part::ServerTool { .. } | Part::Image { .. } | Part::File { .. } => None,
    }
}

/// The heading of a role.
pub(crate) fn heading(role: Role) -> &'static str {
    match role {
        Role::User => "### User",
        Role::Assistant => "### Assistant",
    }
}

/// The last message alone; with the system prompt before it where it is the first.
pub fn last(request: &ChatRequest) -> String {
    let mut spoken = request.messages.iter().rev().map(words).filter(|words| !words.is_empty());
    let last = spoken.next().unwrap_or_default();
    match system(request) {
        Some(system) if spoken.next().is_none() => format!("{system}\n\n{last}"),
        _ => last,
    }
}

/// The whole conversation with a heading for each role; without headings where it is one message.
pub fn whole(request: &ChatRequest) -> String {
    let spoken = request.messages.iter().map(|message| (message.role, words(message)));
    let spoken: Vec<_> = spoken.filter(|(_, words)| !words.is_empty()).collect();
    if spoken.len() < 2 {
        return last(request);
    }
    let system = system(request).map(|system| format!("### System\n\n{system}"));
    let turns = spoken.into_iter().map(|(role, words)| format!("{}\n\n{words}", heading(role)));
    system.into_iter().chain(turns).collect::<Vec<_>>().join("\n\n")
}

pub(crate) fn system(request: &ChatRequest) -> Option<&str> {
    request.system.as_deref().filter(|system| !system.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(turns: &[(Role, &str)], system: Option<&str>) -> ChatRequest {
        let messages = turns.iter().map(|(role, text)| Message::text(*role, *text)).collect();
        ChatRequest { system: system.map(str::to_owned), ..ChatRequest::new("m", messages) }
    }

    #[test]
    fn one_message_stands_alone_and_more_have_headings() {
        let one = request(&[(Role::User, "hi")], Some("Be brief."));
        assert_eq!((last(&one), whole(&one)), ("Be brief.\n\nhi".into(), "Be brief.\n\nhi".into()));
        let talk = request(&[(Role::User, "hi"), (Role::Assistant, "ho"), (Role::User, "and?")], Some("Be brief."));
        assert_eq!(last(&talk), "and?");
        let text = "### System\n\nBe brief.\n\n### User\n\nhi\n\n### Assistant\n\nho\n\n### User\n\nand?";
        assert_eq!(whole(&talk), text);
    }

    #[test]
    fn reasoning_and_pictures_have_no_words() {
        let parts =
            vec![Part::reasoning("secret"), Part::text("a"), Part::image("image/png", vec![1]), Part::text("b")];
        assert_eq!(words(&Message { role: Role::User, parts }), "a\n\nb");
    }

    proptest! {
        #[test]
        fn a_transcript_loses_no_word(turns in prop::collection::vec((any::<bool>(), "[a-z]{1,9}"), 1..8), system in prop::option::of("[A-Z]{1,9}")) {
            let role = |user: &bool| if *user { Role::User } else { Role::Assistant };
            let said: Vec<_> = turns.iter().map(|(user, text)| (role(user), text.as_str())).collect();
            let all = whole(&request(&said, system.as_deref()));
            let mut rest = all.as_str();
            for word in system.iter().chain(turns.iter().map(|(_, text)| text)) {
                let at = rest.find(word.as_str());
                prop_assert!(at.is_some(), "{word} is lost or not in its place");
                rest = &rest[at.unwrap_or_default() + word.len()..];
            }
        }
    }
}
