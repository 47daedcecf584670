//! JSON lines.

use std::io::Write;

use parlance_core::view::{AttemptView, BudgetStop, FailureView, SkipView};
use serde_json::{Map, Value, json};

use crate::setup::Asking;

/// One line; what does not apply is not in it.
#[derive(Clone)]
pub(crate) struct Line(Map<String, Value>);

impl Line {
    pub(crate) fn of(kind: &str) -> Self {
        let mut line = Map::new();
        line.insert("type".to_owned(), kind.into());
        Self(line)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    pub(crate) fn with_failure(self, failure: Option<&FailureView>) -> Self {
        let Some(failure) = failure else { return self };
        self.with("category", failure.category.as_str())
            .with("status", failure.status)
            .with("code", failure.code.clone())
            .with("message", failure.message.clone())
    }

    /// A reader that has gone away ends the program, as it ends any other in a pipe.
    pub(crate) fn print(self) {
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{}", Value::Object(self.0)).and_then(|()| out.flush()).is_err() {
            std::process::exit(3);
        }
    }
}

/// The lines of an attempt: how it came about, how it went, and what it cost.
pub(crate) fn attempt(base: &Line, asking: &Asking, attempt: &AttemptView) {
    let about = |kind: &str| {
        let mut line = base.clone();
        line.0.insert("type".to_owned(), kind.into());
        line.with("attempt", attempt.id.clone())
            .with("provider", asking.name(&attempt.provider_id))
            .with("account", attempt.account.clone())
            .with("model_asked", attempt.model.clone())
            .with("model_served", attempt.model_served.clone())
    };
    with_skipped(about("attempt"), asking, &attempt.skipped)
        .with("reason", json!(attempt.reason))
        .with("cached", attempt.cached.then_some(true))
        .with("outcome", json!(attempt.outcome))
        .with("finish", json!(attempt.finish_class))
        .with_failure(attempt.error.as_ref())
        .with("ttft_ms", attempt.first_token_ms)
        .with("duration_ms", attempt.duration_ms)
        .print();
    if let Some(cost) = &attempt.cost {
        let usage = json!({
            "input": cost.input_total, "output": cost.output_total, "cache_read": cost.cache_read,
            "cache_write": cost.cache_write, "reasoning": cost.reasoning, "estimated": cost.tokens_estimated,
        });
        // Whole nano-USD below 2^53.
        let nano = cost.total_nano.map(|nano| nano as i64);
        about("ledger")
            .with("usage", usage)
            .with("cost_nano_usd", nano)
            .with("cost_source", json!(cost.source))
            .with("saved_nano_usd", cost.saved_nano.map(|nano| nano as i64))
            .print();
    }
}

/// Who was passed over, and why.
pub(crate) fn with_skipped(line: Line, asking: &Asking, skipped: &[SkipView]) -> Line {
    let one = |skip: &SkipView| {
        json!({
            "provider": asking.name(&skip.provider_id), "model": skip.model, "reason": skip.reason,
            "until_ms": skip.until.map(|until| until as i64),
            "category": skip.because.as_ref().map(|because| because.category.as_str()),
        })
    };
    line.with("skipped", Some(skipped.iter().map(one).collect::<Vec<_>>()).filter(|skipped| !skipped.is_empty()))
}

/// The budgets in the way, and what is left of them.
pub(crate) fn with_budgets(line: Line, stops: &[BudgetStop]) -> Line {
    let one = |stop: &BudgetStop| {
        let budget = &stop.budget;
        // Whole nano-USD below 2^53.
        json!({
            "scope": budget.scope, "name": budget.name, "period": budget.period, "at_limit": budget.at_limit,
            "limit_nano_usd": budget.limit_nano as i64, "spent_nano_usd": budget.spent_nano as i64,
            "reserved_nano_usd": budget.reserved_nano as i64, "until": budget.until,
            "expected_nano_usd": stop.expected_nano.map(|nano| nano as i64),
        })
    };
    line.with("budgets", Some(stops.iter().map(one).collect::<Vec<_>>()).filter(|stops| !stops.is_empty()))
}
