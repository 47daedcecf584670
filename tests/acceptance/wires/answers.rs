//! One answer of each wire: text and a call, event by event, and how that wire says that something failed.

use parlance_providers::Category;
use parlance_providers::catalog::DialectId::{
    self, Anthropic, Bedrock, Cohere, Gemini, Ollama, OpenaiChat, OpenaiResponses,
};
use parlance_tests::{frames, wire};
use serde_json::Value;

/// What the answer says.
pub(crate) const TEXT: &str = "Hello wörld 👋";

/// An answer that is whole.
pub(crate) struct Answer {
    /// Of its stream.
    pub(crate) content_type: &'static str,
    /// In order, each as its bytes.
    pub(crate) events: Vec<Vec<u8>>,
    /// The text that each event adds.
    pub(crate) texts: Vec<&'static str>,
    /// From so many events on the vendor has said why it ended.
    pub(crate) ended: usize,
    /// From so many events on the input is counted, and the output.
    pub(crate) counted: (usize, usize),
}

impl Answer {
    /// The text of the first events.
    pub(crate) fn text(&self, count: usize) -> String {
        self.texts[..count].concat()
    }
}

/// 3 tokens in, 5 out.
pub(crate) fn answer(id: DialectId) -> Answer {
    match id {
        OpenaiChat => openai_chat(),
        OpenaiResponses => openai_responses(),
        Anthropic => anthropic(),
        Gemini => gemini(),
        Cohere => cohere(),
        Bedrock => bedrock(),
        _ => ollama(),
    }
}

fn openai_chat() -> Answer {
    let piece = |delta: &str, finish: &str| {
        format!(
            r#"{{"id":"c1","object":"chat.completion.chunk","model":"served","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
        )
    };
    let call = |rest: &str| piece(&format!(r#"{{"tool_calls":[{{"index":0,{rest}}}]}}"#), "null");
    let events = [
        piece(r#"{"role":"assistant","content":""}"#, "null"),
        piece(r#"{"content":"Hello"}"#, "null"),
        piece(r#"{"content":" wörld 👋"}"#, "null"),
        call(r#""id":"t1","type":"function","function":{"name":"look","arguments":""}"#),
        call(r#""function":{"arguments":"{\"a\""}"#),
        call(r#""function":{"arguments":":1}"}"#),
        piece("{}", r#""tool_calls""#),
        r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}"#.to_owned(),
        "[DONE]".to_owned(),
    ];
    Answer {
        content_type: "text/event-stream",
        events: events.iter().map(|data| wire::event(data)).collect(),
        texts: vec!["", "Hello", " wörld 👋", "", "", "", "", "", ""],
        ended: 7,
        counted: (8, 8),
    }
}

fn openai_responses() -> Answer {
    let events = [
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"r1","object":"response","status":"in_progress","model":"served","output":[],"usage":null}}"#,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}"#,
        r#"{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hello"}"#,
        r#"{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":" wörld 👋"}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello wörld 👋","annotations":[]}]}}"#,
        r#"{"type":"response.output_item.added","output_index":1,"item":{"id":"fc_1","type":"function_call","status":"in_progress","call_id":"t1","name":"look","arguments":""}}"#,
        r#"{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":"{\"a\""}"#,
        r#"{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":":1}"}"#,
        r#"{"type":"response.output_item.done","output_index":1,"item":{"id":"fc_1","type":"function_call","status":"completed","call_id":"t1","name":"look","arguments":"{\"a\":1}"}}"#,
        r#"{"type":"response.completed","response":{"id":"r1","object":"response","status":"completed","model":"served","output":[],"usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}}}"#,
    ];
    Answer {
        content_type: "text/event-stream",
        events: events.iter().map(|data| wire::event(data)).collect(),
        texts: vec!["", "", "Hello", " wörld 👋", "", "", "", "", "", ""],
        ended: 10,
        counted: (10, 10),
    }
}

fn anthropic() -> Answer {
    let events = [
        r#"{"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"served","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" wörld 👋"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"look","input":{}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\""}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":":1}"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":5}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let named = |data: &&str| {
        let value: Value = serde_json::from_str(data).unwrap();
        format!("event: {}\ndata: {data}\n\n", value["type"].as_str().unwrap()).into_bytes()
    };
    Answer {
        content_type: "text/event-stream",
        events: events.iter().map(named).collect(),
        texts: vec!["", "", "", "Hello", " wörld 👋", "", "", "", "", "", "", ""],
        ended: 11,
        counted: (1, 11),
    }
}

fn gemini() -> Answer {
    let piece = |part: &str, rest: &str| {
        let usage = r#""promptTokenCount":3"#;
        format!(
            r#"{{"candidates":[{{"content":{{"role":"model","parts":[{part}]}},"index":0{rest}}}],"usageMetadata":{{{usage}}},"modelVersion":"served","responseId":"r1"}}"#
        )
    };
    let last = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":8},"modelVersion":"served","responseId":"r1"}"#;
    let events = [
        piece(r#"{"text":"Hello"}"#, ""),
        piece(r#"{"text":" wörld 👋"}"#, ""),
        piece(r#"{"functionCall":{"id":"t1","name":"look","args":{"a":1}}}"#, ""),
        last.to_owned(),
    ];
    Answer {
        content_type: "text/event-stream",
        events: events.iter().map(|data| wire::event(data)).collect(),
        texts: vec!["Hello", " wörld 👋", "", ""],
        ended: 4,
        counted: (1, 4),
    }
}

fn bedrock() -> Answer {
    let delta =
        |delta: &str| frames::event("contentBlockDelta", &format!(r#"{{"contentBlockIndex":1,"delta":{delta}}}"#));
    let start = r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t1","name":"look"}}}"#;
    let usage = r#"{"usage":{"inputTokens":3,"outputTokens":5,"totalTokens":8},"metrics":{"latencyMs":9}}"#;
    Answer {
        content_type: "application/vnd.amazon.eventstream",
        events: vec![
            frames::event("messageStart", r#"{"role":"assistant"}"#),
            frames::text("Hello"),
            frames::text(" wörld 👋"),
            frames::event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
            frames::event("contentBlockStart", start),
            delta(r#"{"toolUse":{"input":"{\"a\""}}"#),
            delta(r#"{"toolUse":{"input":":1}"}}"#),
            frames::event("contentBlockStop", r#"{"contentBlockIndex":1}"#),
            frames::event("messageStop", r#"{"stopReason":"tool_use"}"#),
            frames::event("metadata", usage),
        ],
        texts: vec!["", "Hello", " wörld 👋", "", "", "", "", "", "", ""],
        ended: 9,
        counted: (10, 10),
    }
}

fn ollama() -> Answer {
    let piece = |message: &str| {
        format!(
            "{{\"model\":\"served\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{{\"role\":\"assistant\",{message}}},\"done\":false}}\n"
        )
    };
    let last = r#"{"model":"served","created_at":"2026-01-01T00:00:01Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":9,"load_duration":1,"prompt_eval_count":3,"prompt_eval_duration":1,"eval_count":5,"eval_duration":7}"#;
    let events = [
        piece(r#""content":"Hello""#),
        piece(r#""content":" wörld 👋""#),
        piece(r#""content":"","tool_calls":[{"function":{"name":"look","arguments":{"a":1}}}]"#),
        format!("{last}\n"),
    ];
    Answer {
        content_type: "application/x-ndjson",
        events: events.map(String::into_bytes).to_vec(),
        texts: vec!["Hello", " wörld 👋", "", ""],
        ended: 4,
        counted: (4, 4),
    }
}

fn cohere() -> Answer {
    let piece = |kind: &str, index: &str, message: &str| {
        format!("event: {kind}\ndata: {{\"type\":\"{kind}\"{index},\"delta\":{{\"message\":{{{message}}}}}}}\n\n")
    };
    let at = |kind: &str, message: &str| piece(kind, r#","index":0"#, message);
    let call = |kind: &str, rest: &str| at(kind, &format!(r#""tool_calls":{{{rest}}}"#));
    let last = r#"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":2,"output_tokens":4},"tokens":{"input_tokens":3,"output_tokens":5}}}}"#;
    let events = [
        piece("message-start", r#","id":"r1""#, r#""role":"assistant","content":[],"tool_calls":[]"#),
        at("content-start", r#""content":{"type":"text","text":""}"#),
        at("content-delta", r#""content":{"text":"Hello"}"#),
        at("content-delta", r#""content":{"text":" wörld 👋"}"#),
        at("content-end", ""),
        call("tool-call-start", r#""id":"t1","type":"function","function":{"name":"look","arguments":""}"#),
        call("tool-call-delta", r#""function":{"arguments":"{\"a\""}"#),
        call("tool-call-delta", r#""function":{"arguments":":1}"}"#),
        at("tool-call-end", ""),
        format!("event: message-end\ndata: {last}\n\n"),
        "data: [DONE]\n\n".to_owned(),
    ];
    Answer {
        content_type: "text/event-stream",
        events: events.map(String::into_bytes).to_vec(),
        texts: vec!["", "", "Hello", " wörld 👋", "", "", "", "", "", "", ""],
        ended: 10,
        counted: (10, 10),
    }
}

/// An error object as the vendor writes it, the words in it, and what it means.
pub(crate) type Failure = (&'static str, &'static str, Category);

/// Errors that come inside a 200.
pub(crate) fn failures(id: DialectId) -> Vec<Failure> {
    match id {
        OpenaiChat => vec![
            (
                r#"{"error":{"message":"The engine is overloaded","type":"overloaded_error","code":503}}"#,
                "The engine is overloaded",
                Category::Overloaded,
            ),
            (
                r#"{"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}}"#,
                "Rate limit reached for requests",
                Category::RateLimited,
            ),
            (
                r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"provider_name":"P"}}}"#,
                "Provider returned error",
                Category::Internal,
            ),
        ],
        OpenaiResponses => vec![
            (
                r#"{"type":"error","sequence_number":2,"code":"server_is_overloaded","message":"Our servers are overloaded","param":null}"#,
                "Our servers are overloaded",
                Category::Overloaded,
            ),
            (
                r#"{"type":"error","error":{"type":"tokens","code":"rate_limit_exceeded","message":"Rate limit reached for tokens","param":null}}"#,
                "Rate limit reached for tokens",
                Category::RateLimited,
            ),
            (
                r#"{"type":"error","code":"server_error","message":"The server had an error"}"#,
                "The server had an error",
                Category::Internal,
            ),
        ],
        Anthropic => vec![
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                "Overloaded",
                Category::Overloaded,
            ),
            (
                r#"{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"},"request_id":"req_1"}"#,
                "Slow down",
                Category::RateLimited,
            ),
            (
                r#"{"type":"error","error":{"type":"api_error","message":"Internal server error"}}"#,
                "Internal server error",
                Category::Internal,
            ),
        ],
        Gemini => vec![
            (
                r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
                "The model is overloaded.",
                Category::Overloaded,
            ),
            (
                r#"{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
                "Resource has been exhausted",
                Category::RateLimited,
            ),
            (
                r#"{"error":{"code":500,"message":"An internal error has occurred","status":"INTERNAL"}}"#,
                "An internal error has occurred",
                Category::Internal,
            ),
        ],
        Cohere => vec![
            (r#"{"id":"e1","message":"internal server error"}"#, "internal server error", Category::Internal),
            (r#"{"id":"e2","message":"the model is overloaded"}"#, "the model is overloaded", Category::Overloaded),
            (
                r#"{"error_type":"TOO_MANY_TOKENS","id":"e3","message":"too many tokens"}"#,
                "too many tokens",
                Category::ContextTooLong,
            ),
        ],
        Bedrock => vec![
            (
                r#"{"__type":"ThrottlingException","message":"Too many requests"}"#,
                "Too many requests",
                Category::RateLimited,
            ),
            (
                r#"{"__type":"ModelStreamErrorException","message":"prompt is too long: 9 tokens"}"#,
                "prompt is too long: 9 tokens",
                Category::ContextTooLong,
            ),
            (
                r#"{"__type":"InternalServerException","message":"Something broke"}"#,
                "Something broke",
                Category::Internal,
            ),
        ],
        _ => vec![
            (
                r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#,
                "server busy, please try again.  maximum pending requests exceeded",
                Category::Overloaded,
            ),
            (
                r#"{"error":"an error was encountered while running the model"}"#,
                "an error was encountered while running the model",
                Category::Internal,
            ),
            (r#"{"error":"unexpected EOF"}"#, "unexpected EOF", Category::Internal),
        ],
    }
}

/// An error as an event of the stream.
pub(crate) fn failing_event(id: DialectId, error: &str) -> Vec<u8> {
    match id {
        Anthropic => format!("event: error\ndata: {error}\n\n").into_bytes(),
        Ollama => format!("{error}\n").into_bytes(),
        Bedrock => {
            let said: Value = serde_json::from_str(error).unwrap();
            frames::exception(said["__type"].as_str().unwrap(), said["message"].as_str().unwrap())
        }
        _ => wire::event(error),
    }
}
