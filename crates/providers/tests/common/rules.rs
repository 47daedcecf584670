//! What holds of the events of any stream, in whatever order its pieces come.

use parlance_providers::{ChatEvent, ProviderError, catalog::DialectId};
use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};

/// The data lines of every fixture that is a stream.
pub fn data_lines(id: DialectId) -> Vec<String> {
    let bodies = super::fixtures(id).into_iter().map(|(_, body)| body);
    let texts = bodies.map(|body| String::from_utf8_lossy(&body).into_owned());
    texts.flat_map(|t| t.lines().filter(|l| l.starts_with("data: {")).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Nothing comes after the end, every delta of a call belongs to one that began, only a finished answer ends its calls,
/// and parts of counts are no more than their wholes.
pub fn kept(events: &[ChatEvent], error: Option<&ProviderError>) -> Result<(), TestCaseError> {
    let ends = events.iter().filter(|e| matches!(e, ChatEvent::Finished { .. })).count();
    prop_assert_eq!(ends, usize::from(error.is_none()));
    prop_assert_eq!(ends == 1, matches!(events.last(), Some(ChatEvent::Finished { .. })));
    let mut calls = Vec::new();
    for event in events {
        match event {
            ChatEvent::ToolCallStart { block, .. } => {
                prop_assert!(!calls.contains(block));
                calls.push(*block);
            }
            ChatEvent::ToolCallDelta { block, .. } => prop_assert!(calls.contains(block)),
            ChatEvent::ToolCallEnd { block } => prop_assert!(calls.contains(block) && ends == 1),
            ChatEvent::TextDelta { text, .. } | ChatEvent::ReasoningDelta { text, .. } => {
                prop_assert!(!text.is_empty());
            }
            ChatEvent::Usage(u) => {
                let cached = u.cache_read.unwrap_or(0) + u.cache_write.unwrap_or(0);
                prop_assert!(u.input_total.is_none_or(|all| cached <= all));
                prop_assert!(u.output_total.is_none_or(|all| u.reasoning.unwrap_or(0) <= all));
            }
            _ => {}
        }
    }
    Ok(())
}
