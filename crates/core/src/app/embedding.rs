//! Texts into vectors: asked, booked, and given back in their order.

use std::sync::{Arc, Mutex, PoisonError};

use parlance_providers::{
    CancellationToken, Category, EmbedPurpose, EmbedRequest, EmbedResponse, Provider, ProviderError, Usage, embed_all,
    in_one_request,
};
use tokio::time::Instant;

use super::{App, parse_id};
use crate::{
    chat::views,
    costs::{
        self, AttemptFacts, Names, Reach, TextCount,
        budgets::{Bid, table as budgets},
        forecast, ledger,
        reservations::Hold,
    },
    error::Error,
    history::{
        StoreError, apart,
        runs::{self, AttemptEnd, AttemptRow},
    },
    registry::{
        Resolved,
        limits::{Gate, Gates, Pass},
        tables::ProviderRow,
    },
    view::{AttemptReason, AttemptView, FailureView, MessageStatus, Target},
};

/// How the store names the purpose.
const PURPOSE: &str = "embedding";

/// What a call for vectors came to.
pub struct Embedded {
    /// The run.
    pub run_id: String,
    /// One an input, in the order of the inputs; empty where the call failed as a whole.
    pub vectors: Vec<Result<Vec<f32>, ProviderError>>,
    /// The attempt with its figures, and with its failure.
    pub attempt: AttemptView,
    /// Why it failed as a whole.
    pub error: Option<ProviderError>,
}

impl App {
    /// Vectors of texts, by a model or by the embedding model of a provider: an empty model name takes that one. Every
    /// call is one attempt with its entry in the ledger, whatever it comes to, also where nobody waits for it any more:
    /// then what has left is waited for, and nothing else leaves. Each request of it waits for its turn before the
    /// provider; the attempt begins with the first.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `inputs` or `model` empty; [`Error::OverBudget`]; why the provider cannot be asked at all; [`Error::Store`].
    /// What the provider says is in the result, not an error.
    pub async fn embed(
        &self,
        target: &Target,
        inputs: Vec<String>,
        purpose: Option<EmbedPurpose>,
    ) -> Result<Embedded, Error> {
        if inputs.is_empty() {
            return Err(Error::invalid("inputs", "empty"));
        }
        let target = self.embedding_target(target).await?;
        let (mut provider, mut resolved) = self.one_of(&target).await?;
        let hold = self.inner.hold_alone(self.bid(&resolved, &inputs)).await?;
        let gates = self.inner.registry.gates();
        let gate = gates.with(provider.id, provider.settings.limits);
        let first = match Arc::clone(&gate).open() {
            Some(pass) => pass,
            None => {
                let begins_with = &inputs[..inputs.len().min(in_one_request(resolved.vendor.embed_batch))];
                let pass = Arc::clone(&gate).enter(gates.place(), count(begins_with).tokens(), |_| {}).await;
                // Keys and settings may have changed while it waited.
                (provider, resolved) = self.one_of(&target).await?;
                pass
            }
        };
        let request = EmbedRequest { model: resolved.model.clone(), inputs, dimensions: None, purpose };
        let gone = CancellationToken::new();
        let _until_gone = gone.clone().drop_guard();
        let turns = Turns { gate, first: Mutex::new(Some(first)), gone };
        let app = self.clone();
        // A task of its own: a request that has left is booked even when its caller is gone.
        let asked =
            self.inner.tasks.spawn(async move { app.embed_and_book(provider, resolved, request, turns, hold).await });
        asked.await.map_err(|_| StoreError::Panicked)?
    }

    /// What budgets see of texts to be made into vectors: there is no answer to pay for.
    fn bid(&self, resolved: &Resolved, inputs: &[String]) -> Bid {
        let quotes = self.inner.quotes();
        let offer = quotes.offer(resolved.target.provider_id, &resolved.vendor);
        let names = Names::before(&resolved.target.model, &resolved.model);
        let most_nano = forecast::cost(&offer, &names, count(inputs).tokens(), 0, 0);
        Bid { provider_id: resolved.target.provider_id, route_id: None, most_nano }
    }

    async fn embedding_target(&self, target: &Target) -> Result<Target, Error> {
        if !target.model.trim().is_empty() {
            return Ok(target.clone());
        }
        let row = self.provider_row(parse_id("target", &target.provider_id)?).await?;
        let model = row.settings.embedding_model.ok_or(Error::invalid("model", "empty"))?;
        Ok(Target { provider_id: target.provider_id.clone(), model })
    }

    async fn embed_and_book(
        &self,
        provider: ProviderRow,
        resolved: Resolved,
        request: EmbedRequest,
        turns: Turns,
        hold: Hold,
    ) -> Result<Embedded, Error> {
        let inner = &self.inner;
        let (row, began) = (resolved.target.clone(), inner.clock.now_ms());
        let (run_id, attempt_id) = inner.database.write(move |tx| apart::begin(tx, PURPOSE, &row, began)).await?;
        let sent = count(&request.inputs);
        let started = Instant::now();
        let ask = |request| turns.ask(inner.registry.gates(), &*resolved.provider, request);
        let asked = embed_all(ask, resolved.vendor.embed_batch, request).await;
        let (answer, error) = match asked {
            Ok(answer) => (answer, None),
            Err(error) => (EmbedResponse::default(), Some(error)),
        };
        let duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let now = inner.clock.now_ms();
        let quotes = inner.prices.at(began, inner.clock.local_day(now));
        let (asked, served) = (&resolved.target.model, answer.model.as_deref());
        let entry = costs::decide(&AttemptFacts {
            offer: quotes.offer(resolved.target.provider_id, &resolved.vendor),
            names: Names { asked, sent: &resolved.model, served },
            // Vectors are no output tokens: there are none, and nobody need guess them.
            usage: answer.usage.map(|usage| Usage { output_total: usage.output_total.or(Some(0)), ..usage }),
            reported_cost: answer.reported_cost.as_ref().map(|(nano, raw)| (*nano, raw.as_str())),
            reach: Reach::of(error.as_ref(), error.is_none()),
            finished: error.is_none(),
            sent: Some(sent),
            received: TextCount::default(),
        });
        let outcome = match &error {
            None => MessageStatus::Complete,
            Some(error) if error.category == Category::Cancelled => MessageStatus::Cancelled,
            Some(_) => MessageStatus::Failed,
        };
        let end = AttemptEnd {
            model_served: answer.model,
            duration_ms: Some(duration_ms),
            error: error.as_ref().map(FailureView::from),
            request_id: error.as_ref().and_then(|error| error.request_id.clone()),
            ..AttemptEnd::default()
        };
        let (target, day) = (resolved.target, inner.clock.local_day(now));
        let row = AttemptRow {
            id: attempt_id,
            run_id,
            account: provider.accounts.iter().find(|a| Some(a.id) == target.account_id).map(|a| a.label.clone()),
            provider_name: provider.name,
            started_at: began,
            outcome,
            target: target.clone(),
            end: AttemptEnd::default(),
            route: None,
            reason: AttemptReason::First,
            skipped: Vec::new(),
            cached: false,
        };
        let book = move |tx: &rusqlite::Transaction<'_>| {
            runs::end_attempt(tx, attempt_id, outcome, &end)?;
            runs::end(tx, run_id, outcome, now)?;
            let booking = ledger::Booking {
                attempt_id,
                conversation_id: None,
                purpose: PURPOSE,
                provider_id: target.provider_id,
                account_id: target.account_id,
                route_id: None,
                vendor: &target.vendor,
                model: end.model_served.as_deref().unwrap_or(&target.model),
                outcome: outcome.as_str(),
                booked_at: now,
                booked_day: &day,
            };
            ledger::insert_entry(tx, &booking, &entry)?;
            let passed = budgets::passed(tx, target.provider_id, None, now, &day)?;
            Ok(((AttemptRow { target, end, ..row }, Some(entry.to_view())), passed))
        };
        let (facts, passed) = inner.database.write(book).await?;
        drop(hold);
        inner.warn(&passed).await;
        let attempt = views::attempt(&inner.registry, facts);
        Ok(Embedded { run_id: run_id.to_string(), vectors: answer.vectors, attempt, error })
    }
}

fn count(texts: &[String]) -> TextCount {
    let mut count = TextCount::default();
    texts.iter().for_each(|text| count.add(text));
    count
}

/// The turns of one call's requests before its provider.
struct Turns {
    gate: Arc<Gate>,
    /// The way through of the first request, for which the call waited before it began.
    first: Mutex<Option<Pass>>,
    /// Nobody waits for the call any more.
    gone: CancellationToken,
}

impl Turns {
    async fn ask(
        &self,
        gates: &Gates,
        provider: &dyn Provider,
        request: EmbedRequest,
    ) -> Result<EmbedResponse, ProviderError> {
        let kept = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let tokens = count(&request.inputs).tokens();
        let _pass = match kept {
            Some(pass) => pass,
            None => tokio::select! {
                () = self.gone.cancelled() => return Err(nobody_waits()),
                pass = Arc::clone(&self.gate).enter(gates.place(), tokens, |_| {}) => pass,
            },
        };
        provider.embed(request, CancellationToken::new()).await
    }
}

fn nobody_waits() -> ProviderError {
    ProviderError::new(Category::Cancelled, "nobody waits for these vectors any more")
}
