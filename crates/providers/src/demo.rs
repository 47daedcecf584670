//! The built-in Demo: replies from scripts, offline and free. It is no model and says so in every reply.

mod script;

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::time::Instant;

use crate::fold::Fold;
use crate::{
    CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, EventStream,
    FinishClass, Message, ModelInfo, Part, Provider, ProviderError, Role, Usage,
};
use script::{Ending, Model, Script};

/// Before the first word, as a vendor would take it.
const THINKING_TIME: Duration = Duration::from_millis(150);

/// Answers from scripts that are built in. Needs neither network nor key.
///
/// Times run on Tokio's clock. The same request gets the same answer. Its usage counts words, not tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct DemoProvider;

#[async_trait]
impl Provider for DemoProvider {
    async fn models(&self, _cancel: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        let describe = |model: Model| ModelInfo {
            id: model.id().to_owned(),
            name: Some(model.name().to_owned()),
            ..ModelInfo::default()
        };
        Ok(Model::ALL.into_iter().map(describe).collect())
    }

    async fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> Result<EventStream, ProviderError> {
        let started = Instant::now();
        let performance = Performance::of(&request)?;
        wait_until(started + THINKING_TIME, &cancel).await?;
        if performance.ending == Ending::Fails {
            return Err(overloaded());
        }
        Ok(performance.play(started + THINKING_TIME, cancel))
    }

    async fn complete(&self, request: ChatRequest, cancel: CancellationToken) -> Result<ChatResponse, ProviderError> {
        let mut events = self.stream(request, cancel).await?;
        let mut whole = Fold::new();
        while let Some(event) = events.next().await {
            whole.push(event?);
        }
        Ok(whole.finish())
    }

    async fn embed(&self, _: EmbedRequest, _: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        Err(ProviderError::because(Category::BadRequest, "no_embeddings", "the Demo makes no embeddings"))
    }

    async fn check(&self, _cancel: CancellationToken) -> Result<(), ProviderError> {
        Ok(())
    }
}

/// One reply with everything decided: the events and when each is due.
struct Performance {
    steps: Vec<ChatEvent>,
    pace: Duration,
    ending: Ending,
}

impl Performance {
    fn of(request: &ChatRequest) -> Result<Self, ProviderError> {
        let asked = Model::by_id(&request.model)
            .ok_or_else(|| ProviderError::new(Category::UnknownModel, "the Demo has no such model"))?;
        let prompt = last_prompt(&request.messages);
        let mut script = asked.heeding(&prompt).script(&prompt);
        resume(&mut script, &request.messages);
        let ending = script.ending;
        let pace = script.pace;
        Ok(Self { steps: perform(script, asked, request), pace, ending })
    }

    fn play(self, start: Instant, cancel: CancellationToken) -> EventStream {
        let is_cut = self.ending == Ending::Cut;
        let last = is_cut.then(|| {
            Err(ProviderError::because(Category::BrokenStream, "cut_off", "the scripted reply broke off on purpose"))
        });
        let items = self.steps.into_iter().map(Ok).chain(last);
        let state = (items, start, 0_u32, Some(cancel));
        stream::unfold(state, move |(mut items, start, words, cancel)| async move {
            // Gone once it was obeyed: the error of a cancelled stream is its last item.
            let token = cancel?;
            let item = items.next()?;
            let is_word = matches!(item, Ok(ChatEvent::TextDelta { .. } | ChatEvent::ReasoningDelta { .. }));
            let words = words + u32::from(is_word);
            match wait_until(start + self.pace * words, &token).await {
                Ok(()) => Some((item, (items, start, words, Some(token)))),
                Err(cancelled) => Some((Err(cancelled), (items, start, words, None))),
            }
        })
        .boxed()
    }
}

/// The events of a script. Where the answer has more words than the request allows, it ends there.
fn perform(script: Script, model: Model, request: &ChatRequest) -> Vec<ChatEvent> {
    let limit = request.parameters.max_tokens.map_or(usize::MAX, |most| most as usize);
    let reasoning = words(&script.reasoning).map(|text| ChatEvent::ReasoningDelta { block: 0, text });
    let text = words(&script.text).map(|text| ChatEvent::TextDelta { block: 1, text });
    let mut spoken: Vec<ChatEvent> = reasoning.chain(text).collect();
    if script.ending == Ending::Cut {
        spoken.truncate(spoken.len() / 2);
    }
    let is_limited = spoken.len() > limit;
    spoken.truncate(limit);

    let reasoned = spoken.iter().filter(|e| matches!(e, ChatEvent::ReasoningDelta { .. })).count();
    let usage = Usage {
        input_total: Some(input_words(request)),
        output_total: Some(spoken.len() as u64),
        reasoning: Some(reasoned as u64),
        ..Usage::default()
    };
    let mut steps = vec![ChatEvent::Started { id: None, model: Some(model.id().to_owned()) }];
    steps.append(&mut spoken);
    if script.ending == Ending::Whole {
        let class = if is_limited { FinishClass::Length } else { FinishClass::Stop };
        steps.push(ChatEvent::Usage(usage));
        steps.push(ChatEvent::Finished { class, reason: Some(class.as_str().to_owned()) });
    }
    steps
}

/// Where the request ends with the beginning of this very reply, only the rest is said, and it does not break.
fn resume(script: &mut Script, messages: &[Message]) {
    let Some(Message { role: Role::Assistant, parts }) = messages.last() else { return };
    let begun = texts(parts);
    if let Some(rest) = script.text.strip_prefix(begun.as_str()).filter(|_| !begun.is_empty()) {
        script.text = rest.to_owned();
        script.reasoning.clear();
        if script.ending == Ending::Cut {
            script.ending = Ending::Whole;
        }
    }
}

/// Words with the white space that follows them, so that their sum is the text.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| !c.is_whitespace())?;
        let gap = rest[start..].find(char::is_whitespace).map_or(rest.len(), |n| start + n);
        let end = rest[gap..].find(|c: char| !c.is_whitespace()).map_or(rest.len(), |n| gap + n);
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word.to_owned())
    })
}

fn last_prompt(messages: &[Message]) -> String {
    messages.iter().rev().find(|m| m.role == Role::User).map(|m| texts(&m.parts)).unwrap_or_default()
}

fn texts(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn input_words(request: &ChatRequest) -> u64 {
    let system = request.system.as_deref().unwrap_or_default().split_whitespace().count();
    let messages: usize = request.messages.iter().map(|m| texts(&m.parts).split_whitespace().count()).sum();
    (system + messages) as u64
}

fn overloaded() -> ProviderError {
    ProviderError {
        status: Some(529),
        code: Some("overloaded_error".to_owned()),
        ..ProviderError::new(Category::Overloaded, "the script fails on purpose: overloaded")
    }
}

async fn wait_until(due: Instant, cancel: &CancellationToken) -> Result<(), ProviderError> {
    let stopped = || ProviderError::new(Category::Cancelled, "stopped");
    if cancel.is_cancelled() {
        return Err(stopped());
    }
    cancel.run_until_cancelled(tokio::time::sleep_until(due)).await.ok_or_else(stopped)
}
