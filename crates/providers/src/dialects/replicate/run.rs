//! A prediction as the API tells of it.

use serde::Deserialize;
use serde_json::Value;

use crate::{Category, ChatEvent, FinishClass, ProviderError, Usage, failure, failure::Facts};

/// A prediction.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Run {
    pub(crate) id: String,
    status: String,
    output: Value,
    error: Value,
    urls: Urls,
    metrics: Value,
    model: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Urls {
    stream: Option<String>,
}

impl Run {
    /// # Errors
    /// What the answer says instead of a prediction.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ProviderError> {
        match serde_json::from_slice::<Self>(body) {
            // It stands in the path of what follows.
            Ok(run) if !run.id.is_empty() && run.id.bytes().all(|b| b.is_ascii_alphanumeric()) => Ok(run),
            _ => Err(failure::instead(body)),
        }
    }

    /// Where it streams, if it does.
    pub(crate) fn stream(&self) -> Option<&str> {
        self.urls.stream.as_deref()
    }

    /// The model that serves.
    pub(crate) fn model(&self) -> Option<String> {
        self.model.as_str().map(str::to_owned)
    }

    /// Whether it has come to its end.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "succeeded" | "failed" | "canceled" | "aborted")
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.status == "succeeded"
    }

    /// What it has said so far.
    pub(crate) fn text(&self) -> String {
        match &self.output {
            Value::String(text) => text.clone(),
            Value::Array(pieces) => pieces.iter().filter_map(Value::as_str).collect(),
            _ => String::new(),
        }
    }

    /// Why it came to a bad end.
    pub(crate) fn failure(&self) -> ProviderError {
        let words = self.error.as_str().map(str::to_owned).unwrap_or_else(|| match self.error {
            Value::Null => String::new(),
            ref other => other.to_string(),
        });
        let cancelled = matches!(self.status.as_str(), "canceled" | "aborted");
        if words.is_empty() {
            let what =
                if cancelled { "was cancelled at the vendor" } else { "failed, and the vendor does not say why" };
            return ProviderError::because(Category::Internal, "run_failed", format!("the prediction {what}"));
        }
        let error = failure::provider_error(None, &Facts::of_body(words.as_bytes()));
        let lower = words.to_ascii_lowercase();
        let refused = ["nsfw", "safety", "sensitive"].iter().any(|word| lower.contains(word));
        match error.category {
            Category::BadRequest | Category::Internal if refused => {
                ProviderError { category: Category::Refused, ..error }
            }
            // A run that failed may do better the next time; its input was accepted.
            Category::BadRequest => ProviderError { category: Category::Internal, ..error },
            _ => error,
        }
    }

    /// Its counts, where it is of a language model that counts.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let count = |name: &str| self.metrics.get(name).and_then(Value::as_u64);
        let (input_total, output_total) = (count("input_token_count"), count("output_token_count"));
        let usage = Usage { input_total, output_total, ..Usage::default() };
        (input_total.is_some() || output_total.is_some()).then_some(usage)
    }

    /// A prediction that is over, as events.
    ///
    /// # Errors
    /// Its failure.
    pub(super) fn answer(&self) -> Result<Vec<ChatEvent>, ProviderError> {
        if !self.succeeded() {
            return Err(self.failure());
        }
        let text = Some(self.text()).filter(|text| !text.is_empty());
        let started = ChatEvent::Started { id: Some(self.id.clone()), model: self.model() };
        let text = text.map(|text| ChatEvent::TextDelta { block: 0, text });
        let finished = ChatEvent::Finished { class: FinishClass::Stop, reason: Some(self.status.clone()) };
        let usage = self.usage().map(ChatEvent::Usage);
        Ok([Some(started), text, usage, Some(finished)].into_iter().flatten().collect())
    }
}
