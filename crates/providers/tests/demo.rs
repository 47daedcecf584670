//! The Demo, on virtual time.

use std::time::Duration;

use futures::StreamExt;
use parlance_providers::demo::DemoProvider;
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, FinishClass, Message, Part, Provider, ProviderError, Role,
};
use tokio::time::Instant;

struct Outcome {
    text: String,
    reasoning: String,
    events: Vec<ChatEvent>,
    error: Option<ProviderError>,
    took: Duration,
}

fn asking(model: &str, prompt: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, prompt)])
}

async fn play(request: ChatRequest) -> Outcome {
    let begun = Instant::now();
    let mut out = Outcome {
        text: String::new(),
        reasoning: String::new(),
        events: Vec::new(),
        error: None,
        took: Duration::ZERO,
    };
    let mut stream = match DemoProvider.stream(request, CancellationToken::new()).await {
        Ok(stream) => stream,
        Err(error) => return Outcome { error: Some(error), ..out },
    };
    while let Some(item) = stream.next().await {
        assert!(out.error.is_none(), "an error is the last item");
        match item {
            Ok(event) => {
                match &event {
                    ChatEvent::TextDelta { text, .. } => out.text.push_str(text),
                    ChatEvent::ReasoningDelta { text, .. } => out.reasoning.push_str(text),
                    _ => {}
                }
                out.events.push(event);
            }
            Err(error) => out.error = Some(error),
        }
    }
    out.took = begun.elapsed();
    out
}

fn finish(outcome: &Outcome) -> Option<FinishClass> {
    match outcome.events.last() {
        Some(ChatEvent::Finished { class, .. }) => Some(*class),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn every_reply_says_it_is_a_script_and_quotes_the_prompt() {
    for model in DemoProvider.models(CancellationToken::new()).await.unwrap() {
        assert!(model.name.unwrap().contains("script"), "{}", model.id);
        let outcome = play(asking(&model.id, "blue whales")).await;
        if model.id == "demo/failing" {
            assert_eq!(outcome.error.unwrap().category, Category::Overloaded);
            continue;
        }
        assert!(outcome.text.contains("script"), "{}", model.id);
        assert!(outcome.text.contains("blue whales"), "{}", model.id);
        assert_eq!(finish(&outcome).is_some(), model.id != "demo/cut", "{}", model.id);
        assert!(!outcome.text.contains("{{"), "{}: a place was not filled", model.id);
    }
}

#[tokio::test(start_paused = true)]
async fn the_tour_shows_each_kind_of_content() {
    let outcome = play(asking("demo/tour", "hello")).await;
    for piece in ["# A tour", "| Part", "```rust", "$$", "1. First", "- [x]", "](https://", "![A picture"] {
        assert!(outcome.text.contains(piece), "{piece}");
    }
    assert_eq!(finish(&outcome), Some(FinishClass::Stop));
}

#[tokio::test(start_paused = true)]
async fn reasoning_comes_before_the_answer_and_is_counted() {
    let outcome = play(asking("demo/reasoning", "hello")).await;
    let first_text = outcome.events.iter().position(ChatEvent::is_output).unwrap();
    let last_reasoning = outcome.events.iter().rposition(|e| matches!(e, ChatEvent::ReasoningDelta { .. })).unwrap();
    assert!(last_reasoning < first_text);
    let usage = outcome.events.iter().find_map(|e| match e {
        ChatEvent::Usage(usage) => Some(*usage),
        _ => None,
    });
    let usage = usage.unwrap();
    let reasoned = outcome.reasoning.split_whitespace().count() as u64;
    assert_eq!(usage.input_total, Some(1));
    assert_eq!(usage.reasoning, Some(reasoned));
    assert_eq!(usage.output_total, Some(reasoned + outcome.text.split_whitespace().count() as u64));
}

#[tokio::test(start_paused = true)]
async fn slow_takes_a_fifth_of_a_second_a_word() {
    let outcome = play(asking("demo/slow", "hello")).await;
    let words = u32::try_from(outcome.text.split_whitespace().count()).unwrap();
    assert!(outcome.took >= Duration::from_millis(200) * words, "{:?} for {words} words", outcome.took);
}

#[tokio::test(start_paused = true)]
async fn cut_breaks_off_after_some_text_without_a_good_end() {
    let outcome = play(asking("demo/cut", "hello")).await;
    let error = outcome.error.unwrap();
    assert_eq!((error.category, error.cause), (Category::BrokenStream, Some("cut_off")));
    assert!(outcome.text.split_whitespace().count() > 10);
    assert!(!outcome.events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::Usage(_))));
}

#[tokio::test(start_paused = true)]
async fn continuing_a_cut_reply_says_exactly_the_rest() {
    let begun = play(asking("demo/cut", "hello")).await.text;
    let mut request = asking("demo/cut", "hello");
    request.messages.push(Message::text(Role::Assistant, begun.clone()));
    let rest = play(request).await;
    assert_eq!(finish(&rest), Some(FinishClass::Stop));
    assert!(!rest.text.contains("comes from a script"), "nothing is said twice");
    let whole = begun + &rest.text;
    assert!(whole.ends_with("the reply is whole now."), "{whole}");
}

#[tokio::test(start_paused = true)]
async fn failing_fails_before_any_output() {
    let outcome = play(asking("demo/failing", "hello")).await;
    let error = outcome.error.unwrap();
    assert_eq!((error.category, error.status), (Category::Overloaded, Some(529)));
    assert!(outcome.events.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_word_of_the_prompt_chooses_the_reply_on_the_tour_only() {
    let table =
        [("please cut it", "demo/cut"), ("FAIL!", "demo/failing"), ("be slow", "demo/slow"), ("long", "demo/long")];
    for (prompt, other) in table {
        let (chosen, named) = (play(asking("demo/tour", prompt)).await, play(asking(other, prompt)).await);
        assert_eq!(chosen.text, named.text, "{prompt}");
        assert_eq!(chosen.error, named.error, "{prompt}");
    }
    assert!(play(asking("demo/tour", "shortcuts for belongings")).await.text.starts_with("# A tour"));
    assert!(play(asking("demo/slow", "cut")).await.error.is_none());
}

#[tokio::test(start_paused = true)]
async fn long_is_long_and_the_same_each_time() {
    let (one, two) = (play(asking("demo/long", "hello")).await, play(asking("demo/long", "hello")).await);
    assert_eq!(one.events, two.events);
    assert!(one.text.split_whitespace().count() > 2_000);
    assert!(one.text.contains("Part 40 of 40"));
}

#[tokio::test(start_paused = true)]
async fn keeps_to_the_limit_of_the_request() {
    let mut request = asking("demo/tour", "hello");
    request.parameters.max_tokens = Some(7);
    let outcome = play(request).await;
    assert_eq!(outcome.text.split_whitespace().count(), 7);
    assert_eq!(finish(&outcome), Some(FinishClass::Length));
}

#[tokio::test(start_paused = true)]
async fn stops_at_once_and_says_so_last() {
    let cancel = CancellationToken::new();
    let mut stream = DemoProvider.stream(asking("demo/slow", "hello"), cancel.clone()).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(ChatEvent::Started { .. }))));
    stream.next().await.unwrap().unwrap();
    let before = Instant::now();
    cancel.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().category, Category::Cancelled);
    assert!(stream.next().await.is_none());
    assert_eq!(Instant::now(), before, "no virtual time passes");

    let stopped = CancellationToken::new();
    stopped.cancel();
    let error = DemoProvider.stream(asking("demo/tour", "hello"), stopped).await.err().unwrap();
    assert_eq!(error.category, Category::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_has_the_text_of_the_stream() {
    let streamed = play(asking("demo/reasoning", "hello")).await;
    let whole = DemoProvider.complete(asking("demo/reasoning", "hello"), CancellationToken::new()).await.unwrap();
    assert_eq!(
        whole.parts,
        [Part::Reasoning { text: streamed.reasoning, opaque: Vec::new() }, Part::text(streamed.text)]
    );
    let cut = DemoProvider.complete(asking("demo/cut", "hello"), CancellationToken::new()).await.unwrap_err();
    assert_eq!(cut.category, Category::BrokenStream);
}

#[tokio::test(start_paused = true)]
async fn knows_no_other_model_and_survives_any_prompt() {
    assert_eq!(play(asking("gpt", "hello")).await.error.unwrap().category, Category::UnknownModel);
    for prompt in ["", "   ", "{{prompt}} {{whole}}", "*_`#[]<>|$~\\!", &"é".repeat(100_000)] {
        assert!(play(asking("demo/tour", prompt)).await.error.is_none());
    }
    let nothing = ChatRequest::new("demo/tour", Vec::new());
    assert!(play(nothing).await.error.is_none());
}
