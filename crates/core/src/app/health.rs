//! How providers do.

use super::{
    App,
    facts::{failed, median, within_95},
};
use crate::{
    costs::ledger::{self, AccountSpend, Spend},
    error::Error,
    fallback::health::OpenCircuit,
    history::{
        StoreError,
        health::{self, EndedCall, Whose},
    },
    registry::tables::{self, ProviderRow},
    view::{AccountFacts, CallError, CallMark, CircuitView, HealthView, ProviderFacts},
};

/// What the store knows of a provider.
struct Known {
    row: ProviderRow,
    calls: Vec<EndedCall>,
    /// Those of its accounts, in their order.
    by_account: Vec<Vec<EndedCall>>,
}

impl App {
    /// Every provider at a glance: money, last calls, queues. Nobody is asked.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn provider_facts(&self) -> Result<Vec<ProviderFacts>, Error> {
        let now = self.inner.clock.now_ms();
        let month = self.inner.clock.local_day(now).get(..7).unwrap_or_default().to_owned();
        let read = move |connection: &rusqlite::Connection| {
            let known = |row: ProviderRow| {
                let of_account = |id| health::last_calls(connection, Whose::Account(id));
                Ok(Known {
                    calls: health::last_calls(connection, Whose::Provider(row.id))?,
                    by_account: row.accounts.iter().map(|a| of_account(a.id)).collect::<Result<_, _>>()?,
                    row,
                })
            };
            let known = tables::list(connection)?.into_iter().map(known).collect::<Result<Vec<_>, StoreError>>()?;
            Ok((known, ledger::month_spend_by_account(connection, &month)?))
        };
        let (known, spends) = self.inner.database.read(read).await?;
        known.into_iter().map(|known| self.facts_of(known, &spends, now)).collect()
    }

    fn facts_of(&self, known: Known, spends: &[AccountSpend], now: i64) -> Result<ProviderFacts, Error> {
        let Known { row, calls, by_account } = known;
        let registry = &self.inner.registry;
        let account_facts = |(account, calls): (&crate::registry::accounts::AccountRow, Vec<EndedCall>)| {
            let rest = registry.rests().of(account.id, now);
            Ok(AccountFacts {
                account_id: account.id.to_string(),
                spend: total(spends, |_, of| of == Some(account.id))?.into(),
                health: health_view(calls),
                rests_until: rest.as_ref().and_then(|rest| rest.until).map(|until| until as f64),
                rests_because: rest.map(|rest| rest.because),
            })
        };
        let accounts = row.accounts.iter().zip(by_account).map(account_facts).collect::<Result<_, StoreError>>()?;
        let (running, waiting) = registry.gates().counts(row.id);
        Ok(ProviderFacts {
            provider_id: row.id.to_string(),
            spend: total(spends, |of, _| of == Some(row.id))?.into(),
            health: HealthView { probe: self.inner.probes.last(row.id), ..health_view(calls) },
            accounts,
            circuits: registry.health().open_circuits(row.id).into_iter().map(circuit).collect(),
            running,
            waiting,
        })
    }
}

fn circuit(open: OpenCircuit) -> CircuitView {
    CircuitView {
        account_id: open.key.account_id.to_string(),
        model: open.key.model,
        since: open.opened_at as f64,
        until: open.until as f64,
        because: open.because,
    }
}

fn total(spends: &[AccountSpend], counts: impl Fn(Option<i64>, Option<i64>) -> bool) -> Result<Spend, StoreError> {
    let counted = spends.iter().filter(|(provider, account, _)| counts(*provider, *account));
    Ok(counted.map(|(_, _, spend)| *spend).try_fold(Spend::default(), Spend::plus)?)
}

/// The calls as they are shown, of which the newest came first.
fn health_view(mut calls: Vec<EndedCall>) -> HealthView {
    calls.reverse();
    let is_failure = |call: &&EndedCall| failed(call.outcome, call.error.as_ref());
    let mut first_tokens: Vec<i64> = calls.iter().filter_map(|call| call.first_token_ms).collect();
    first_tokens.sort_unstable();
    let last_error = calls.iter().rfind(is_failure).and_then(|call| {
        Some(CallError {
            failure: call.error.clone()?,
            at: call.started_at as f64,
            model: call.model.clone(),
            account: call.account.clone().filter(|label| !label.is_empty()),
        })
    });
    HealthView {
        failed: calls.iter().filter(is_failure).count() as u32,
        first_token_median_ms: median(first_tokens.iter().map(|ms| *ms as f64).collect()).map(|ms| ms as u32),
        first_token_p95_ms: within_95(&first_tokens),
        last_error,
        probe: None,
        calls: calls.iter().map(|call| mark(call, is_failure(&call))).collect(),
    }
}

fn mark(call: &EndedCall, failed: bool) -> CallMark {
    CallMark {
        at: call.started_at as f64,
        outcome: call.outcome,
        first_token_ms: call.first_token_ms.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX)),
        category: call.error.as_ref().filter(|_| failed).map(|error| error.category),
        model: call.model.clone(),
    }
}

#[cfg(test)]
mod tests {
    use parlance_providers::Category;

    use super::*;
    use crate::view::{FailureView, MessageStatus};

    fn call(at: i64, outcome: MessageStatus, first_token_ms: Option<i64>, code: Option<&str>) -> EndedCall {
        let error = code.map(|code| FailureView {
            category: Category::BrokenStream,
            status: None,
            code: Some(code.to_owned()),
            message: String::new(),
        });
        EndedCall { started_at: at, first_token_ms, outcome, error, model: "m".into(), account: Some("".into()) }
    }

    #[test]
    fn calls_are_told_oldest_first_and_the_end_of_the_app_is_no_failure() {
        let view = health_view(vec![
            call(4, MessageStatus::Interrupted, Some(40), Some("app_killed")),
            call(3, MessageStatus::Interrupted, Some(30), Some("cut_off")),
            call(2, MessageStatus::Failed, None, Some("reset")),
            call(1, MessageStatus::Complete, Some(10), None),
        ]);
        assert_eq!(view.calls.iter().map(|call| call.at).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(view.failed, 2);
        assert_eq!((view.first_token_median_ms, view.first_token_p95_ms), (Some(30), Some(40)));
        let last = view.last_error.unwrap();
        assert_eq!((last.at, last.failure.code.as_deref(), last.account), (3.0, Some("cut_off"), None));
        assert_eq!(view.calls[3].category, None, "nobody's failure has no cause");
        assert_eq!(view.calls[1].category, Some(Category::BrokenStream));
        assert_eq!(health_view(Vec::new()), HealthView::default());
    }
}
