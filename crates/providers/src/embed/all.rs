//! Vectors of any number of texts, in as many requests as the vendor's limit makes of them.

use std::{future::Future, sync::OnceLock};

use futures::{StreamExt as _, stream};

use super::{EmbedRequest, EmbedResponse, no_vector};
use crate::{Category, ProviderError, Usage};

/// Texts in one request, where the vendor's limit is not known.
const USUAL_BATCH: usize = 64;
/// Requests under way at once.
const AT_ONCE: usize = 4;
/// After so many single texts refused as bad, and none taken, it is the request that is bad.
const BAD_IN_A_ROW: usize = 8;

/// Vectors of all texts: exactly one result an input, in their order. `ask` sends one request
/// ([`crate::Provider::embed`]), `batch` is the vendor's limit of inputs in one
/// ([`crate::catalog::Vendor::embed_batch`]).
///
/// The first request goes alone; when it is good, the others go four at a time. A request that is refused for what may
/// be one text's sake is halved until only the offender is left, which gets the refusal as its result. A failure that
/// concerns every text (a key, money, a limit, the network, a person who stops it) ends the call: requests under way
/// are waited for, no others go out, and every text without a vector gets that failure. Empty texts are refused here:
/// no vendor makes anything of them. Token counts and costs are those of all requests together; what one of them left
/// unsaid is unknown of all.
///
/// # Errors
/// What ended the call, where it ended without a single vector.
pub async fn embed_all<A, F>(ask: A, batch: Option<u32>, request: EmbedRequest) -> Result<EmbedResponse, ProviderError>
where
    A: Fn(EmbedRequest) -> F,
    F: Future<Output = Result<EmbedResponse, ProviderError>>,
{
    let limit = in_one_request(batch);
    let places: Vec<usize> = (0..request.inputs.len()).filter(|at| !request.inputs[*at].is_empty()).collect();
    let call = Call { send: ask, request: &request, ended: OnceLock::new() };
    let mut batches = places.chunks(limit);
    let mut done = Vec::new();
    if let Some(first) = batches.next() {
        done.push(call.batch(first, true).await);
    }
    // Collected first, so that nothing borrows from a closure while the requests run.
    let others: Vec<_> = batches.map(|batch| call.batch(batch, false)).collect();
    done.extend(stream::iter(others).buffered(AT_ONCE).collect::<Vec<_>>().await);
    let ended = call.ended.into_inner();

    let mut answer = EmbedResponse { vectors: vec![Err(empty_input()); request.inputs.len()], ..Default::default() };
    let mut bill = Bill::default();
    for batch in done {
        answer.model = answer.model.or(batch.model);
        bill.add(batch.bill);
        for (place, result) in batch.results {
            answer.vectors[place] = result;
        }
    }
    if let Bill(Some((usage, cost))) = bill {
        answer.usage = Some(usage).filter(|usage| *usage != Usage::default());
        answer.reported_cost = cost;
    }
    match ended {
        Some(error) if !answer.vectors.iter().any(Result::is_ok) => Err(error),
        _ => Ok(answer),
    }
}

/// Texts in one request of a vendor whose limit is `batch`.
pub fn in_one_request(batch: Option<u32>) -> usize {
    batch.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL_BATCH).max(1)
}

/// What all requests of one call share.
struct Call<'a, A> {
    send: A,
    request: &'a EmbedRequest,
    /// The failure that concerns every text.
    ended: OnceLock<ProviderError>,
}

/// What came of one batch.
#[derive(Default)]
struct Batch {
    results: Vec<(usize, Result<Vec<f32>, ProviderError>)>,
    model: Option<String>,
    bill: Bill,
}

impl<A, F> Call<'_, A>
where
    A: Fn(EmbedRequest) -> F,
    F: Future<Output = Result<EmbedResponse, ProviderError>>,
{
    /// Asks for the texts at these places, in parts where need be. `first` says that nothing is known of the call yet:
    /// it may turn out that no text can be embedded this way.
    async fn batch(&self, places: &[usize], first: bool) -> Batch {
        let mut out = Batch::default();
        let mut open = vec![places];
        let (mut taken, mut bad) = (false, 0);
        while let Some(part) = open.pop() {
            if let Some(error) = self.ended.get() {
                out.fail(part, error);
                continue;
            }
            let (left, right) = part.split_at(part.len() / 2);
            match self.ask(part).await {
                Ok(answer) => {
                    taken = true;
                    out.model = out.model.or(answer.model);
                    out.bill.add(Bill(Some((answer.usage.unwrap_or_default(), answer.reported_cost))));
                    if answer.vectors.len() == part.len() {
                        out.results.extend(part.iter().copied().zip(answer.vectors));
                    } else if left.is_empty() {
                        out.fail(part, &no_vector());
                    } else {
                        // Nobody knows which vector is whose.
                        open.extend([right, left]);
                    }
                }
                Err(error) if !may_be_one_texts(&error) => self.end(error, part, &mut out),
                Err(error) if !left.is_empty() => {
                    if error.category == Category::BrokenStream {
                        // It was answered, and charged: nobody knows how much.
                        out.bill.add(Bill(Some(Default::default())));
                    }
                    open.extend([right, left]);
                }
                Err(error) => {
                    bad += usize::from(error.category == Category::BadRequest);
                    if first && !taken && bad == BAD_IN_A_ROW {
                        self.end(error, part, &mut out);
                    } else {
                        out.fail(part, &error);
                    }
                }
            }
        }
        out
    }

    async fn ask(&self, part: &[usize]) -> Result<EmbedResponse, ProviderError> {
        let inputs = part.iter().map(|place| self.request.inputs[*place].clone()).collect();
        let EmbedRequest { model, dimensions, purpose, .. } = self.request;
        let request = EmbedRequest { model: model.clone(), inputs, dimensions: *dimensions, purpose: *purpose };
        (self.send)(request).await
    }

    fn end(&self, error: ProviderError, part: &[usize], out: &mut Batch) {
        out.fail(part, &error);
        // The first failure is the one that is told.
        let _ = self.ended.set(error);
    }
}

impl Batch {
    fn fail(&mut self, places: &[usize], error: &ProviderError) {
        self.results.extend(places.iter().map(|place| (*place, Err(error.clone()))));
    }
}

/// Whether fewer texts might have been taken.
fn may_be_one_texts(error: &ProviderError) -> bool {
    match error.category {
        Category::BadRequest => error.cause != Some(NO_EMBEDDINGS),
        Category::ContextTooLong | Category::Refused => true,
        // All the vectors of a batch can be more than is read of one answer.
        Category::BrokenStream => error.cause == Some("too_large"),
        _ => false,
    }
}

/// The cause of a wire or a vendor without embeddings.
pub(crate) const NO_EMBEDDINGS: &str = "no_embeddings";

fn empty_input() -> ProviderError {
    ProviderError::because(Category::BadRequest, "empty_input", "There is no text to embed")
}

/// Counts and costs of several answers, where there was one. What one of them does not say is unknown of all.
#[derive(Default)]
struct Bill(Option<(Usage, Option<(i64, String)>)>);

impl Bill {
    fn add(&mut self, more: Self) {
        self.0 = match (self.0.take(), more.0) {
            (Some((usage, cost)), Some((more_usage, more_cost))) => {
                let cost = cost.zip(more_cost).and_then(|((a, said), (b, more))| {
                    // The figures as the vendor wrote them, one after the other.
                    Some((a.checked_add(b)?, format!("{said} + {more}")))
                });
                Some((sum(usage, more_usage), cost))
            }
            (a, b) => a.or(b),
        };
    }
}

fn sum(a: Usage, b: Usage) -> Usage {
    let sum = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
    Usage {
        input_total: sum(a.input_total, b.input_total),
        cache_read: sum(a.cache_read, b.cache_read),
        cache_write: sum(a.cache_write, b.cache_write),
        input_audio: sum(a.input_audio, b.input_audio),
        output_total: sum(a.output_total, b.output_total),
        reasoning: sum(a.reasoning, b.reasoning),
        output_audio: sum(a.output_audio, b.output_audio),
        // No vendor tells other counts of vectors.
        ..Usage::default()
    }
}
