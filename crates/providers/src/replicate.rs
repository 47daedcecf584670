//! Replicate: a request is a prediction that lives on its own. It is made, watched to its end, and cancelled when nobody
//! wants it any more: letting go of a connection does not stop it, nor what it costs.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::oneshot;
use tokio::time::Instant;
use url::Url;

use crate::catalog::Vendor;
use crate::dialect::{Dialect, WireRequest};
use crate::dialects::replicate::input::{Reference, Schema};
use crate::dialects::replicate::run::Run;
use crate::dialects::replicate::{self as wire, Replicate as Wire};
use crate::fold::Fold;
use crate::traffic::Exchange;
use crate::transport::{ByteStream, Endpoint, HttpProvider};
use crate::{
    Balance, CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse,
    EventStream, FinishClass, ModelInfo, Provider, ProviderError,
};

/// Between two looks at a prediction that does not stream; after each look in a row that fails, twice as long.
const LOOK: Duration = Duration::from_millis(500);
/// Looks in a row that may fail. The clocks of the answer run on meanwhile.
const MOST_FAILED: u32 = 5;
/// The longest that a look waits because the vendor says so.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Whose hosts may see the token.
const HOME: &str = "replicate.com";
/// Descriptions of models that are kept.
const MOST_SCHEMAS: usize = 200;

/// A configured Replicate.
pub struct Replicate {
    http: Arc<HttpProvider>,
    vendor: Arc<Vendor>,
    /// What each model takes, as it said once.
    schemas: Mutex<HashMap<String, Schema>>,
}

/// A prediction that runs. It is cancelled when this goes, or the token is cancelled, unless it is over.
struct Job {
    over: Arc<AtomicBool>,
    gone: CancellationToken,
}

impl Job {
    fn watch(http: &Arc<HttpProvider>, id: &str, cancel: &CancellationToken) -> Self {
        let job = Self { over: Arc::default(), gone: CancellationToken::new() };
        let (http, path, cancel) = (Arc::clone(http), format!("predictions/{id}/cancel"), cancel.clone());
        let (over, gone) = (Arc::clone(&job.over), job.gone.clone());
        tokio::spawn(async move {
            tokio::select! { () = cancel.cancelled() => {}, () = gone.cancelled() => {} }
            if !over.load(Ordering::Relaxed) {
                let wire = WireRequest::post(path, serde_json::json!({}), false);
                if let Err(error) = http.ask(&Wire, wire, &CancellationToken::new(), None).await {
                    tracing::warn!(category = error.category.as_str(), "a prediction could not be cancelled");
                }
            }
        });
        job
    }

    fn is_over(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

impl Replicate {
    /// Checks the endpoint; nothing is sent. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// As [`HttpProvider::new`].
    pub fn new(vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Self, ProviderError> {
        let http = Arc::new(HttpProvider::new(Arc::clone(&vendor), &Wire, endpoint)?);
        Ok(Self { http, vendor, schemas: Mutex::default() })
    }

    /// What a model takes; unknown where it does not say.
    async fn schema(&self, model: &str, cancel: &CancellationToken) -> Result<Schema, ProviderError> {
        let Some(path) = Reference::parse(model)?.description() else { return Ok(Schema::unknown()) };
        let schemas = || self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        let known = schemas().get(model).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let schema = match self.http.ask(&Wire, WireRequest::get(path), cancel, None).await {
            Ok((_, body)) => Schema::read(&body),
            Err(error) => match error.category {
                // A description that cannot be had keeps nobody from asking the model.
                Category::BadRequest
                | Category::UnknownModel
                | Category::Forbidden
                | Category::Internal
                | Category::BrokenStream => return Ok(Schema::unknown()),
                _ => return Err(error),
            },
        };
        let mut schemas = schemas();
        if schemas.len() >= MOST_SCHEMAS {
            schemas.clear();
        }
        schemas.insert(model.to_owned(), schema.clone());
        Ok(schema)
    }

    /// Makes the prediction. Whoever stops waiting for it does not know its id: so it is made to the end, and cancelled
    /// then.
    async fn create(
        &self,
        request: &ChatRequest,
        schema: &Schema,
        cancel: &CancellationToken,
    ) -> Result<(Run, Job), ProviderError> {
        let wire = wire::create(&self.vendor, request, schema)?;
        let (http, model, cancelled) = (Arc::clone(&self.http), request.model.clone(), cancel.clone());
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let made = http.ask(&Wire, wire, &CancellationToken::new(), Some(("chat-stream", &model))).await;
            let run = made.and_then(|(_, body)| Run::read(&body).map_err(|error| http.clean(error)));
            let made = run.map(|run| {
                let job = Job::watch(&http, &run.id, &cancelled);
                (run, job)
            });
            // Dropped where nobody waits any more, and with it the prediction.
            drop(tell.send(made));
        });
        let lost = || Err(ProviderError::because(Category::Internal, "client", "the request was lost"));
        let told = cancel.run_until_cancelled(told).await;
        told.map_or_else(|| Err(HttpProvider::stopped()), |made| made.unwrap_or_else(|_| lost()))
    }

    /// The stream of a prediction with its record, or looks at it from time to time.
    async fn body(
        &self,
        run: &Run,
        model: &str,
        started: Instant,
    ) -> Result<(ByteStream, Option<Exchange>), ProviderError> {
        let url = run.stream().and_then(|url| Url::parse(url).ok());
        match url.filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host()) {
            Some(url) => {
                let trusted = self.is_home(&url);
                let exchange = self.http.exchange("chat-stream", Some(model));
                let opened = self.http.stream_at(&Wire, url, trusted, started, exchange.as_ref()).await;
                Ok((opened?, exchange))
            }
            None => {
                let (http, id) = (Arc::clone(&self.http), run.id.clone());
                let look = move || {
                    let (http, id) = (Arc::clone(&http), id.clone());
                    async move { look_at(&http, &id).await }
                };
                Ok((looks(look), None))
            }
        }
    }

    /// Whether the token may go to an address beside the provider's own.
    fn is_home(&self, url: &Url) -> bool {
        let home = |host: &str| host == HOME || host.strip_suffix(HOME).is_some_and(|sub| sub.ends_with('.'));
        url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && url.host_str().is_some_and(home)
            && self.http.is_at(&format!("api.{HOME}"))
    }
}

/// A prediction that is looked at, in the words of one that streams. A look that fails for a moment's reason says
/// nothing of the prediction.
fn looks<L, F>(look: L) -> ByteStream
where
    L: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<Run, ProviderError>> + Send,
{
    let next = |state: Option<(L, usize)>| async move {
        let (look, shown) = state?;
        let run = match patiently(&look).await {
            Ok(run) => run,
            Err(error) => return Some((Err(error), None)),
        };
        let text = run.text();
        let mut out = String::from("event: logs\ndata: looked\n\n");
        if let Some(new) = text.get(shown..).filter(|new| !new.is_empty()) {
            out.push_str("event: output\n");
            new.split('\n').for_each(|line| out.extend(["data: ", &line.replace('\r', ""), "\n"]));
            out.push('\n');
        }
        let shown = text.len().max(shown);
        if !run.is_over() {
            return Some((Ok(Bytes::from(out)), Some((look, shown))));
        }
        out.push_str(if run.succeeded() {
            "event: done\ndata: {}\n\n"
        } else {
            "event: done\ndata: {\"reason\":\"error\"}\n\n"
        });
        Some((Ok(Bytes::from(out)), None))
    };
    stream::unfold(Some((look, 0)), next).boxed()
}

/// Looks until a look does not fail.
async fn patiently<L, F>(look: &L) -> Result<Run, ProviderError>
where
    L: Fn() -> F,
    F: Future<Output = Result<Run, ProviderError>>,
{
    let (mut failed, mut wait) = (0, LOOK);
    loop {
        tokio::time::sleep(wait).await;
        match look().await {
            Err(error) if passes(&error) && failed < MOST_FAILED => {
                failed += 1;
                wait = (LOOK * 2_u32.pow(failed)).max(error.retry_after.unwrap_or_default().min(LONGEST_WAIT));
            }
            looked => return looked,
        }
    }
}

/// Whether the next look may do better.
fn passes(error: &ProviderError) -> bool {
    matches!(error.category, Category::RateLimited | Category::Overloaded | Category::Timeout | Category::Network)
        || error.cause == Some("connection_lost")
        || error.status.is_some_and(|status| status >= 500)
}

async fn look_at(http: &HttpProvider, id: &str) -> Result<Run, ProviderError> {
    let wire = WireRequest::get(format!("predictions/{id}"));
    let (_, body) = http.ask(&Wire, wire, &CancellationToken::new(), None).await?;
    Run::read(&body).map_err(|error| http.clean(error))
}

/// The events of a prediction, with what only a last look at it tells: its counts, or why it failed.
struct Watched {
    events: EventStream,
    http: Arc<HttpProvider>,
    id: String,
    job: Job,
    most: Option<u64>,
    ready: VecDeque<Result<ChatEvent, ProviderError>>,
}

impl Watched {
    async fn next(&mut self) -> Option<Result<ChatEvent, ProviderError>> {
        if let Some(ready) = self.ready.pop_front() {
            return Some(ready);
        }
        match self.events.next().await? {
            Ok(ChatEvent::Finished { class, reason }) => {
                self.job.is_over();
                let usage = look_at(&self.http, &self.id).await.ok().and_then(|run| run.usage());
                let output = usage.and_then(|usage| usage.output_total);
                let cut = output.zip(self.most).is_some_and(|(output, most)| output >= most);
                let class = if cut { FinishClass::Length } else { class };
                self.ready.push_back(Ok(ChatEvent::Finished { class, reason }));
                self.ready.extend(usage.map(|usage| Ok(ChatEvent::Usage(usage))));
                // The counts come before the end.
                self.ready.rotate_left(1);
                self.ready.pop_front()
            }
            Err(error) if error.cause == Some("run_failed") => {
                self.job.is_over();
                let said = look_at(&self.http, &self.id).await.ok().filter(|run| run.is_over() && !run.succeeded());
                Some(Err(self.http.clean(said.map_or(error, |run| run.failure()))))
            }
            other => Some(other),
        }
    }
}

#[async_trait]
impl Provider for Replicate {
    fn drop_idle(&self) {
        self.http.drop_idle();
    }

    async fn models(&self, cancel: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        self.http.models(cancel).await
    }

    async fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> Result<EventStream, ProviderError> {
        self.http.ready()?;
        let started = Instant::now();
        let schema = self.schema(&request.model, &cancel).await?;
        let (run, job) = self.create(&request, &schema, &cancel).await?;
        if run.is_over() && !run.succeeded() {
            job.is_over();
            return Err(self.http.clean(run.failure()));
        }
        let opening = cancel.run_until_cancelled(self.body(&run, &request.model, started)).await;
        let (body, exchange) = opening.unwrap_or_else(|| Err(HttpProvider::stopped()))?;
        let events = self.http.read(body, Wire.decoder(&self.vendor), started, cancel, exchange);
        let begun = ChatEvent::Started { id: Some(run.id.clone()), model: run.model() };
        let watched = Watched {
            events,
            http: Arc::clone(&self.http),
            id: run.id,
            job,
            most: request.parameters.max_tokens.map(u64::from),
            ready: VecDeque::from([Ok(begun)]),
        };
        Ok(stream::unfold(watched, |mut watched| async move { watched.next().await.map(|item| (item, watched)) })
            .boxed())
    }

    async fn complete(&self, request: ChatRequest, cancel: CancellationToken) -> Result<ChatResponse, ProviderError> {
        let mut events = self.stream(request, cancel).await?;
        let mut whole = Fold::new();
        while let Some(event) = events.next().await {
            whole.push(event?);
        }
        Ok(whole.finish())
    }

    async fn embed(&self, request: EmbedRequest, cancel: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        self.http.embed(request, cancel).await
    }

    async fn check(&self, cancel: CancellationToken) -> Result<(), ProviderError> {
        self.http.check(cancel).await
    }

    async fn balance(&self, cancel: CancellationToken) -> Result<Option<Balance>, ProviderError> {
        self.http.balance(cancel).await
    }
}

#[cfg(test)]
mod tests;
