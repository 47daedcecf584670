//! Every wire against an implementation of its server that is not ours: chat, stream, tools, errors, truncation.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

mod clouds;

use std::time::Duration;

use parlance_providers::catalog::DialectId::{
    self, Anthropic, Bedrock, Cohere, Gemini, Ollama, OpenaiChat, OpenaiResponses,
};
use parlance_providers::transport::HttpProvider;
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, FinishClass, Message, Part, Provider, ReasoningEffort, Role,
    ToolDefinition, Usage,
};
use parlance_tests::Aimock;
use parlance_tests::wires::{KEY, Outcome, WIRES, asking, calls, play, provider, provider_with, reasoning, text};
use serde_json::{Value, json};

const MODEL: &str = "house-model";
const GREETING: &str = "Grüße aus Kölle, 世界: ein Satz, der in viele Stücke geteilt wird.";

/// A fixture that answers the words with a response.
fn on(words: &str, response: Value) -> Value {
    json!({ "match": { "userMessage": words }, "response": response })
}

/// The same with more fields beside match and response.
fn on_with(words: &str, response: Value, options: Value) -> Value {
    let mut fixture = on(words, response);
    for (name, value) in options.as_object().unwrap() {
        fixture[name] = value.clone();
    }
    fixture
}

/// What each wire says it counted. The mock's Ollama always counts nothing.
fn counted(wire: DialectId) -> (Option<u64>, Option<u64>) {
    if wire == Ollama { (Some(0), Some(0)) } else { (Some(11), Some(7)) }
}

fn totals(usage: Option<Usage>) -> (Option<u64>, Option<u64>) {
    let usage = usage.unwrap_or_default();
    (usage.input_total, usage.output_total)
}

fn greeting() -> Value {
    let usage = json!({
        "prompt_tokens": 11, "completion_tokens": 7, "input_tokens": 11, "output_tokens": 7,
        "promptTokenCount": 11, "candidatesTokenCount": 7
    });
    let pace = json!({ "chunkSize": 5, "streamingProfile": { "ttft": 5, "tps": 500 } });
    on_with("greet", json!({ "content": GREETING, "usage": usage }), pace)
}

#[tokio::test]
async fn a_whole_answer() {
    let mock = Aimock::start(&json!([greeting()]));
    for wire in WIRES {
        let mut request = asking(MODEL, "please greet");
        request.system = Some("Be brief.".to_owned());
        let answer = provider(wire, &mock.origin()).complete(request, CancellationToken::new()).await.unwrap();
        assert_eq!(text(&answer.parts), GREETING, "{wire:?}");
        assert_eq!(answer.finish.map(|(class, _)| class), Some(FinishClass::Stop), "{wire:?}");
        assert_eq!(totals(answer.usage), counted(wire), "{wire:?}");
        let heard = mock.journal().pop().unwrap();
        let words = json!([
            { "role": "system", "content": "Be brief." }, { "role": "user", "content": "please greet" }
        ]);
        assert_eq!((&heard["body"]["messages"], &heard["body"]["model"]), (&words, &json!(MODEL)), "{wire:?}");
    }
}

#[tokio::test]
async fn a_stream_at_its_pace() {
    let mock = Aimock::start(&json!([greeting()]));
    for wire in WIRES {
        let outcome = play(&provider(wire, &mock.origin()), asking(MODEL, "please greet")).await;
        assert_eq!(outcome.error, None, "{wire:?}");
        assert_eq!(outcome.text(), GREETING, "{wire:?}");
        let pieces = outcome.events.iter().filter(|e| matches!(e, ChatEvent::TextDelta { .. })).count();
        assert_eq!(pieces, GREETING.chars().count().div_ceil(5), "{wire:?}: the pieces the mock sent, not one text");
        assert!(
            matches!(outcome.events.last(), Some(ChatEvent::Finished { class: FinishClass::Stop, .. })),
            "{wire:?}"
        );
        assert_eq!(totals(outcome.usage()), counted(wire), "{wire:?}");
        assert_eq!(mock.journal().pop().unwrap()["body"]["stream"], true, "{wire:?}");
    }
}

#[tokio::test]
async fn an_answer_cut_by_its_limit() {
    let mock = Aimock::start(&json!([on("long", json!({ "content": "As long as", "finishReason": "length" }))]));
    // The mock's Ollama knows no other end than `stop`.
    for wire in WIRES.into_iter().filter(|wire| *wire != Ollama) {
        let provider = provider(wire, &mock.origin());
        assert_eq!(play(&provider, asking(MODEL, "long")).await.finish(), Some(FinishClass::Length), "{wire:?}");
        let whole = provider.complete(asking(MODEL, "long"), CancellationToken::new()).await.unwrap();
        assert_eq!(whole.finish.map(|(class, _)| class), Some(FinishClass::Length), "{wire:?}");
    }
}

fn weather() -> ToolDefinition {
    ToolDefinition {
        name: "weather".to_owned(),
        description: Some("The weather in a place".to_owned()),
        parameters: json!({ "type": "object", "properties": { "place": { "type": "string" } }, "required": ["place"] }),
        strict: None,
    }
}

/// First two calls, then, once their results are there, words. The results must come in the mock's own form.
fn tool_fixtures() -> Value {
    let calls = json!([
        { "id": "call_one", "name": "weather", "arguments": { "place": "Köln", "days": [1, 2] } },
        { "id": "call_two", "name": "weather", "arguments": { "place": "世界" } },
    ]);
    json!([
        { "match": { "hasToolResult": true, "toolResultContains": "17 degrees" }, "response": { "content": "Mild." } },
        {
            "match": { "userMessage": "weather", "toolName": "weather" },
            "response": { "content": "Let me look.", "toolCalls": calls, "reasoning": "Two places.", "reasoningSignature": "sig+/=" },
            "chunkSize": 4,
        },
    ])
}

fn results_of(parts: &[Part]) -> Message {
    let answers = calls(parts).into_iter().enumerate().map(|(n, (id, name, _))| Part::ToolResult {
        call_id: id.to_owned(),
        name: name.to_owned(),
        content: format!("result {n}: 17 degrees"),
        is_error: false,
    });
    Message { role: Role::User, parts: answers.collect() }
}

fn parsed(calls: &[(&str, &str, &str)]) -> Vec<(String, Value)> {
    calls.iter().map(|(_, name, arguments)| ((*name).to_owned(), serde_json::from_str(arguments).unwrap())).collect()
}

#[tokio::test]
async fn calls_come_out_and_their_results_go_back() {
    let mock = Aimock::start(&tool_fixtures());
    for (wire, streamed) in WIRES.into_iter().flat_map(|wire| [(wire, true), (wire, false)]) {
        let name = format!("{wire:?}, {}", if streamed { "streamed" } else { "whole" });
        round_of_calls(&mock, wire, &provider(wire, &mock.origin()), streamed, &name).await;
    }
}

async fn round_of_calls(mock: &Aimock, wire: DialectId, provider: &HttpProvider, streamed: bool, name: &str) {
    let expected = [
        ("weather".to_owned(), json!({ "place": "Köln", "days": [1, 2] })),
        ("weather".to_owned(), json!({ "place": "世界" })),
    ];
    let mut request = asking(MODEL, "the weather?");
    request.tools = vec![weather()];
    request.parameters.reasoning_effort = Some(ReasoningEffort::Low);
    let (parts, finish) = first_turn(provider, request.clone(), streamed, name).await;
    assert_eq!(finish, Some(FinishClass::ToolCalls), "{name}");
    let asked = calls(&parts);
    assert_eq!(parsed(&asked), expected, "{name}");
    assert_ne!(asked[0].0, asked[1].0, "{name}: each call has its id");
    match wire {
        // The mock's Ollama has a field for reasoning that Ollama has not.
        Ollama => assert_eq!(text(&parts), "Let me look.", "{name}"),
        // The mock's Cohere thinks aloud, and makes up a plan where it streams.
        Cohere => {
            assert_eq!(text(&parts), "Two places.Let me look.", "{name}");
            assert_eq!(reasoning(&parts), if streamed { "I will use the requested tool." } else { "" }, "{name}");
        }
        _ => {
            assert_eq!(text(&parts), "Let me look.", "{name}");
            assert_eq!(reasoning(&parts), "Two places.", "{name}");
        }
    }

    // Where thinking is on, the mock's Anthropic refuses calls that come back without their signed reasoning.
    request.messages.push(Message { role: Role::Assistant, parts: parts.clone() });
    request.messages.push(results_of(&parts));
    let outcome = play(provider, request).await;
    assert_eq!((outcome.error.as_ref(), outcome.text().as_str()), (None, "Mild."), "{name}");
    results_were_heard(mock, wire, &parts, name);
}

async fn first_turn(
    provider: &HttpProvider,
    request: ChatRequest,
    streamed: bool,
    name: &str,
) -> (Vec<Part>, Option<FinishClass>) {
    if streamed {
        let outcome = play(provider, request).await;
        assert_eq!(outcome.error, None, "{name}");
        let ends = outcome.events.iter().filter(|e| matches!(e, ChatEvent::ToolCallEnd { .. })).count();
        assert_eq!(ends, 2, "{name}: each call is complete");
        let finish = outcome.finish();
        (outcome.whole().parts, finish)
    } else {
        let whole = provider.complete(request, CancellationToken::new()).await.unwrap();
        (whole.parts, whole.finish.map(|(class, _)| class))
    }
}

/// The mock read our wire as: a call with its arguments, and after it a result for each, in order.
fn results_were_heard(mock: &Aimock, wire: DialectId, parts: &[Part], name: &str) {
    let heard = mock.journal().pop().unwrap()["body"]["messages"].take();
    let heard = heard.as_array().unwrap();
    // The mock reads each item of a Responses answer as a message of its own.
    let assistant = heard.iter().filter(|m| m["role"] == "assistant");
    let sent: Vec<&Value> = assistant.filter_map(|m| m["tool_calls"].as_array()).flatten().collect();
    let asked = calls(parts);
    assert_eq!(sent.len(), asked.len(), "{name}: {heard:?}");
    for (call, (id, function, arguments)) in sent.into_iter().zip(&asked) {
        assert_eq!(call["function"]["name"], *function, "{name}");
        let sent: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
        assert_eq!(sent, serde_json::from_str::<Value>(arguments).unwrap(), "{name}");
        // Ollama's calls have no ids on the wire.
        if wire != Ollama {
            assert_eq!(call["id"], *id, "{name}");
        }
    }
    let results: Vec<&Value> = heard.iter().filter(|m| m["role"] == "tool").collect();
    assert_eq!(results.len(), asked.len(), "{name}: {heard:?}");
    for (n, (result, (id, ..))) in results.iter().zip(&asked).enumerate() {
        assert!(result["content"].to_string().contains(&format!("result {n}: 17 degrees")), "{name}: {result}");
        if wire != Ollama {
            assert_eq!(result["tool_call_id"], *id, "{name}");
        }
    }
}

/// A status, the vendor's type and code, its words; and what they must be read as.
struct Refusal {
    status: u16,
    kind: &'static str,
    code: &'static str,
    words: &'static str,
    category: Category,
}

fn refusals(wire: DialectId) -> Vec<Refusal> {
    let row = |status, kind, code, words, category| Refusal { status, kind, code, words, category };
    let mut rows = vec![
        row(500, "server_error", "", "Something broke", Category::Internal),
        row(403, "permission_error", "", "Not for you", Category::Forbidden),
    ];
    rows.extend(match wire {
        OpenaiChat | OpenaiResponses => vec![
            row(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided", Category::RejectedKey),
            row(429, "requests", "rate_limit_exceeded", "Rate limit reached", Category::RateLimited),
            row(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota", Category::NoCredit),
            row(503, "service_unavailable_error", "", "The engine is overloaded", Category::Overloaded),
            row(404, "invalid_request_error", "model_not_found", "The model does not exist", Category::UnknownModel),
            row(
                400,
                "invalid_request_error",
                "context_length_exceeded",
                "This model's maximum context length is 8192 tokens",
                Category::ContextTooLong,
            ),
            row(400, "invalid_request_error", "", "Unsupported value: 'temperature'", Category::BadRequest),
        ],
        Anthropic => vec![
            row(401, "authentication_error", "", "invalid x-api-key", Category::RejectedKey),
            row(429, "rate_limit_error", "", "This request would exceed your rate limit", Category::RateLimited),
            row(529, "overloaded_error", "", "Overloaded", Category::Overloaded),
            row(404, "not_found_error", "", "model: house-model", Category::UnknownModel),
            row(
                400,
                "invalid_request_error",
                "",
                "prompt is too long: 210000 tokens > 200000 maximum",
                Category::ContextTooLong,
            ),
            row(400, "invalid_request_error", "", "max_tokens: Field required", Category::BadRequest),
            row(
                400,
                "invalid_request_error",
                "",
                "Your credit balance is too low to access the Anthropic API",
                Category::NoCredit,
            ),
        ],
        Gemini => vec![
            row(400, "INVALID_ARGUMENT", "", "API key not valid. Please pass a valid API key.", Category::RejectedKey),
            row(401, "UNAUTHENTICATED", "", "Request had invalid authentication credentials", Category::RejectedKey),
            row(429, "RESOURCE_EXHAUSTED", "", "Resource has been exhausted", Category::RateLimited),
            row(503, "UNAVAILABLE", "", "The model is overloaded. Please try again later.", Category::Overloaded),
            row(404, "NOT_FOUND", "", "models/house-model is not found for API version v1beta", Category::UnknownModel),
            row(
                400,
                "INVALID_ARGUMENT",
                "",
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                Category::ContextTooLong,
            ),
            row(400, "INVALID_ARGUMENT", "", "Invalid value at 'contents[0]'", Category::BadRequest),
        ],
        Cohere => vec![
            row(401, "", "", "invalid api token", Category::RejectedKey),
            row(429, "", "", "too many requests", Category::RateLimited),
            row(
                429,
                "",
                "",
                "You are using a Trial key, which is limited to 1000 API calls / month.",
                Category::NoCredit,
            ),
            row(
                404,
                "",
                "",
                "model 'house-model' not found, make sure the correct ID was used",
                Category::UnknownModel,
            ),
            row(
                400,
                "",
                "",
                "too many tokens: size limit exceeded by 9 tokens. The limit for this model is 8 tokens.",
                Category::ContextTooLong,
            ),
            row(498, "", "", "blocked output: please adjust your prompt and try again", Category::Refused),
            row(400, "", "", "invalid request: message must be at least 1 token long", Category::BadRequest),
        ],
        Bedrock => vec![
            row(401, "", "", "unauthorized", Category::RejectedKey),
            row(429, "ThrottlingException", "", "Too many requests", Category::RateLimited),
            row(429, "ThrottlingException", "", "Too many tokens per day, please wait", Category::NoCredit),
            row(
                503,
                "ServiceUnavailableException",
                "",
                "Bedrock is unable to process your request",
                Category::Overloaded,
            ),
            row(
                404,
                "ResourceNotFoundException",
                "",
                "This model version has reached the end of its life",
                Category::UnknownModel,
            ),
            row(400, "ValidationException", "", "Input is too long for requested model.", Category::ContextTooLong),
            row(400, "ValidationException", "", "The provided model identifier is invalid.", Category::UnknownModel),
            row(400, "ValidationException", "", "messages.0: blank text", Category::BadRequest),
        ],
        _ => vec![
            row(401, "", "", "unauthorized", Category::RejectedKey),
            row(429, "", "", "too many concurrent requests", Category::RateLimited),
            row(503, "", "", "server busy, please try again.  maximum pending requests exceeded", Category::Overloaded),
            row(404, "", "", "model 'house-model' not found", Category::UnknownModel),
            row(400, "", "", "the input exceeds the context length", Category::ContextTooLong),
            row(400, "", "", "house-model does not support tools", Category::BadRequest),
        ],
    });
    rows
}

#[tokio::test]
async fn every_refusal_has_its_category() {
    for wire in WIRES {
        let mock = Aimock::start(&refusal_fixtures(&refusals(wire)));
        every_refusal(wire, &provider(wire, &mock.origin())).await;
    }
}

fn refusal_fixtures(rows: &[Refusal]) -> Value {
    let fixtures = rows.iter().enumerate().map(|(n, row)| {
        let mut error = json!({ "message": row.words });
        for (name, word) in [("type", row.kind), ("code", row.code)] {
            if !word.is_empty() {
                error[name] = json!(word);
            }
        }
        on(&format!("case {n:02}"), json!({ "error": error, "status": row.status, "retryAfter": 17 }))
    });
    fixtures.collect()
}

async fn every_refusal(wire: DialectId, provider: &HttpProvider) {
    for (n, row) in refusals(wire).iter().enumerate() {
        let request = asking(MODEL, &format!("case {n:02}"));
        let streamed = play(provider, request.clone()).await;
        assert_eq!(streamed.events, [], "{wire:?}: {}", row.words);
        let whole = provider.complete(request, CancellationToken::new()).await.unwrap_err();
        for error in [streamed.error.unwrap(), whole] {
            assert_eq!((error.category, error.status), (row.category, Some(row.status)), "{wire:?}: {error:?}");
            assert_eq!(error.message, row.words, "{wire:?}: the vendor's own words");
            // The mock sends the header with 429 alone.
            let wait = (row.status == 429).then(|| Duration::from_secs(17));
            assert_eq!(error.retry_after, wait, "{wire:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn the_key_travels_where_the_vendor_looks_for_it() {
    let mock = Aimock::start_with_key(&json!([greeting()]), KEY);
    for wire in WIRES {
        let good = play(&provider(wire, &mock.origin()), asking(MODEL, "please greet")).await;
        assert_eq!((good.error.as_ref(), good.text().as_str()), (None, GREETING), "{wire:?}");
        let stranger = provider_with(wire, &mock.origin(), "another-key-0123456789");
        let error = play(&stranger, asking(MODEL, "please greet")).await.error.unwrap();
        assert_eq!((error.category, error.status), (Category::RejectedKey, Some(401)), "{wire:?}");
    }
}

/// A fixture that is cut after some pieces. The mock destroys the connection with the last piece still in its hands, so
/// that one is lost; the pause before it lets those before get through.
fn cut_after(count: usize, response: &Value) -> Value {
    on_with(&cut_words(count), response.clone(), json!({ "chunkSize": 5, "latency": 4, "truncateAfterChunks": count }))
}

fn cut_words(count: usize) -> String {
    format!("cut {count:02}")
}

const CUTS: std::ops::RangeInclusive<usize> = 2..=9;

#[tokio::test]
async fn a_stream_that_is_cut_keeps_its_text_and_never_finishes() {
    let response = json!({ "content": GREETING });
    let mock = Aimock::start(&CUTS.map(|count| cut_after(count, &response)).collect());
    for wire in WIRES {
        let mut longest = 0;
        for count in CUTS {
            let outcome = play(&provider(wire, &mock.origin()), asking(MODEL, &cut_words(count))).await;
            broken(&outcome, &format!("{wire:?} after {count}"));
            let text = outcome.text();
            assert!(GREETING.starts_with(&text), "{wire:?} after {count}: {text}");
            assert!(text.len() >= longest, "{wire:?} after {count}: text was lost");
            longest = text.len();
        }
        assert!(longest > 0, "{wire:?}: the text so far is kept");
    }
}

#[tokio::test]
async fn a_call_that_is_cut_never_ends() {
    let call = json!({ "id": "call_one", "name": "weather", "arguments": { "place": "a place of a long name" } });
    for wire in WIRES {
        // The mock's Gemini and Ollama send a call in one piece, so there all cuts lie before it.
        let words = if matches!(wire, Gemini | Ollama) { GREETING } else { "Wait." };
        let response = json!({ "content": words, "toolCalls": [call] });
        // A Responses answer has eight events before a call.
        let cuts = if wire == OpenaiResponses { 8..=15 } else { CUTS };
        let mock = Aimock::start(&cuts.clone().map(|count| cut_after(count, &response)).collect());
        let mut begun = 0;
        for count in cuts {
            let mut request = asking(MODEL, &cut_words(count));
            request.tools = vec![weather()];
            let outcome = play(&provider(wire, &mock.origin()), request).await;
            broken(&outcome, &format!("{wire:?} after {count}"));
            assert!(!outcome.ended_a_call(), "{wire:?} after {count}: {:?}", outcome.events);
            begun += calls(&outcome.whole().parts).len();
        }
        assert!(begun > 0 || matches!(wire, Gemini | Ollama), "{wire:?}: no cut went through a call");
    }
}

fn broken(outcome: &Outcome, name: &str) {
    let error = outcome.error.as_ref().unwrap_or_else(|| panic!("{name}: taken for whole: {:?}", outcome.events));
    assert_eq!(error.category, Category::BrokenStream, "{name}: {error:?}");
    assert!(matches!(error.cause, Some("cut_off" | "connection_lost")), "{name}: {error:?}");
    assert_eq!(outcome.finish(), None, "{name}");
}

#[tokio::test]
async fn models_are_listed() {
    let mock = Aimock::start(&json!([{ "match": { "model": MODEL }, "response": { "content": "Hi" } }]));
    // The mock has no list of Gemini's models and of Bedrock's, and of Cohere's one in the words of OpenAI.
    for wire in WIRES.into_iter().filter(|wire| !matches!(wire, Gemini | Cohere | Bedrock)) {
        let provider = provider(wire, &mock.origin());
        let models = provider.models(CancellationToken::new()).await.unwrap();
        assert_eq!(models.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), [MODEL], "{wire:?}");
    }
}
