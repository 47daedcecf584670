//! How models did lately.

use super::App;
use crate::{
    error::Error,
    history::facts::{self, CallRow, CallsRow},
    view::{FailureView, MessageStatus, ModelFacts},
};

/// Older calls say nothing about today.
const LATELY_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Calls of a model that are looked at.
const MOST_CALLS: usize = 20;
/// Models in the answer.
const MOST_MODELS: usize = 200;
/// An answer written within less, in milliseconds, came in one piece and says nothing of a speed.
const SHORTEST_MS: i64 = 50;

impl App {
    /// How the models did lately, for those that were asked.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn model_facts(&self) -> Result<Vec<ModelFacts>, Error> {
        let since = self.inner.clock.now_ms() - LATELY_MS;
        let rows = self
            .inner
            .database
            .read(move |connection| facts::lately(connection, since, MOST_CALLS, MOST_MODELS))
            .await?;
        Ok(rows.into_iter().filter_map(model_facts).collect())
    }
}

fn model_facts(row: CallsRow) -> Option<ModelFacts> {
    let last = row.calls.first()?.clone();
    let mut first_tokens: Vec<i64> = row.calls.iter().filter_map(|call| call.first_token_ms).collect();
    first_tokens.sort_unstable();
    let failed = row.calls.iter().filter(|call| failed(call.outcome, call.error.as_ref())).count();
    Some(ModelFacts {
        provider_id: row.provider_id.to_string(),
        model: row.model,
        first_token_ms: median(first_tokens.iter().map(|ms| *ms as f64).collect()).map(|ms| ms as u32),
        first_token_p95_ms: within_95(&first_tokens),
        tokens_per_second: median(row.calls.iter().filter_map(speed).collect()),
        calls: row.calls.len() as u32,
        failed: failed as u32,
        last: last.outcome,
        last_error: last.error,
        last_at: last.started_at as f64,
    })
}

/// What ended because the app did is nobody's failure, nor is a person's Stop.
pub(super) fn failed(outcome: MessageStatus, error: Option<&FailureView>) -> bool {
    let ours = error.and_then(|error| error.code.as_deref());
    matches!(outcome, MessageStatus::Failed | MessageStatus::Interrupted)
        && !matches!(ours, Some("app_killed" | "app_closed"))
}

/// Output tokens a second, from the first output to the end.
fn speed(call: &CallRow) -> Option<f64> {
    let writing = call.duration_ms? - call.first_token_ms?;
    let tokens = call.output_tokens.filter(|tokens| *tokens > 0)?;
    (writing >= SHORTEST_MS).then(|| tokens as f64 * 1000.0 / writing as f64)
}

pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let (lower, upper) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some((lower + upper) / 2.0)
}

/// The smallest of these milliseconds, sorted, that at least 95 of 100 do not pass.
pub(super) fn within_95(sorted: &[i64]) -> Option<u32> {
    let slowest = sorted.get((sorted.len() * 95).div_ceil(100).checked_sub(1)?)?;
    Some(u32::try_from(*slowest).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_95th_of_100_is_a_call_that_was_made() {
        assert_eq!(within_95(&[]), None);
        assert_eq!(within_95(&[7]), Some(7));
        let twenty: Vec<i64> = (1..=20).collect();
        assert_eq!(within_95(&twenty), Some(19));
        assert_eq!(within_95(&twenty[..19]), Some(19));
        assert_eq!(within_95(&(1..=100).collect::<Vec<_>>()), Some(95));
    }

    #[test]
    fn a_median_lies_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn an_answer_in_one_piece_has_no_speed() {
        let call = |first, duration, tokens| CallRow {
            started_at: 0,
            first_token_ms: first,
            duration_ms: duration,
            outcome: MessageStatus::Complete,
            error: None,
            output_tokens: tokens,
        };
        assert_eq!(speed(&call(Some(500), Some(2_500), Some(100))), Some(50.0));
        for (first, duration, tokens) in [
            (Some(500), Some(500), Some(100)),
            (Some(900), Some(500), Some(100)),
            (None, Some(500), Some(100)),
            (Some(1), None, Some(100)),
            (Some(1), Some(500), None),
            (Some(1), Some(500), Some(0)),
        ] {
            assert_eq!(speed(&call(first, duration, tokens)), None, "{first:?} {duration:?} {tokens:?}");
        }
    }
}
