//! Text that was cut between the two halves of a character: gateways in JavaScript do so.
#![allow(clippy::unwrap_used)]

use crate::common::{self, frames, run, vendor};
use parlance_providers::{ChatEvent, catalog::DialectId};

/// Two pieces of text, each as an event of the wire, and what ends the answer.
fn body(id: DialectId, first: &str, second: &str) -> Vec<u8> {
    if id == DialectId::Bedrock {
        return [frames::text(first), frames::text(second), frames::end("end_turn")].concat();
    }
    let lines = match id {
        DialectId::OpenaiChat => format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{first}\"}}}}]}}\n\n\
             data: {{\"choices\":[{{\"delta\":{{\"content\":\"{second}\"}},\"finish_reason\":\"stop\"}}]}}\n\n"
        ),
        DialectId::OpenaiResponses => format!(
            "data: {{\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"{first}\"}}\n\n\
             data: {{\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"{second}\"}}\n\n\
             data: {{\"type\":\"response.completed\"}}\n\n"
        ),
        DialectId::Anthropic => format!(
            "data: {{\"type\":\"message_start\",\"message\":{{\"id\":\"m\"}}}}\n\n\
             data: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{{\"type\":\"text\"}}}}\n\n\
             data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{first}\"}}}}\n\n\
             data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{second}\"}}}}\n\n\
             data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}}}}\n\n\
             data: {{\"type\":\"message_stop\"}}\n\n"
        ),
        DialectId::Gemini => format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{first}\"}}]}}}}]}}\n\n\
             data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{second}\"}}]}},\"finishReason\":\"STOP\"}}]}}\n\n"
        ),
        DialectId::Cohere => format!(
            "data: {{\"type\":\"content-delta\",\"delta\":{{\"message\":{{\"content\":{{\"text\":\"{first}\"}}}}}}}}\n\n\
             data: {{\"type\":\"content-delta\",\"delta\":{{\"message\":{{\"content\":{{\"text\":\"{second}\"}}}}}}}}\n\n\
             data: {{\"type\":\"message-end\",\"delta\":{{\"finish_reason\":\"COMPLETE\"}}}}\n\n"
        ),
        _ => format!(
            "{{\"message\":{{\"content\":\"{first}\"}},\"done\":false}}\n\
             {{\"message\":{{\"content\":\"{second}\"}},\"done\":true,\"done_reason\":\"stop\"}}\n"
        ),
    };
    lines.into_bytes()
}

#[test]
fn half_a_character_costs_no_more_than_itself() {
    for id in common::WIRES {
        let body = body(id, "a \\ud83d", "\\udc4b b");
        let (events, error) = run(&vendor(id), [body.as_slice()]);
        assert_eq!(error, None, "{id:?}");
        let text: String = events
            .iter()
            .filter_map(|e| if let ChatEvent::TextDelta { text, .. } = e { Some(text.as_str()) } else { None })
            .collect();
        assert_eq!(text, "a \u{fffd}\u{fffd} b", "{id:?}");
    }
}
