//! What a provider is asked: models, answers, vectors, what is left, and whether the key is good.

use async_trait::async_trait;
use futures::{StreamExt, stream};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{HttpProvider, MAX_PAGES, Reading, astray, body, reading, unpack};
use crate::catalog::Vendor;
use crate::dialect::{Dialect, WireRequest};
use crate::traffic::tapped;
use crate::{
    Balance, CancellationToken, Category, ChatEvent, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse,
    EventStream, ModelInfo, Provider, ProviderError, Quota,
};

impl HttpProvider {
    async fn streamed(
        &self,
        by: &dyn Dialect,
        request: &ChatRequest,
        cancel: &CancellationToken,
    ) -> Result<EventStream, ProviderError> {
        let wire = self.chat(by, request, true)?;
        let started = Instant::now();
        let exchange = self.chat_exchange("chat-stream", request);
        let opening = self.open(by, wire, started + self.clocks.first_event, exchange.as_ref());
        let opened = cancel.run_until_cancelled(opening).await.unwrap_or_else(|| Err(reading::cancelled()));
        if let (Err(_), Some(exchange)) = (&opened, &exchange) {
            exchange.ended(&opened);
        }
        let response = opened?;
        let peer = self.base.authority();
        let reading = Reading {
            decoder: by.decoder(&self.vendor),
            clocks: self.clocks,
            started,
            cancel: cancel.clone(),
            peer: peer.clone(),
            hidden: self.hidden.clone(),
        };
        let events = reading.events(tapped(unpack::body(response, &peer)?, exchange.as_ref()));
        let events = match self.notice() {
            Some(notice) => stream::iter([Ok(notice)]).chain(events).boxed(),
            None => events,
        };
        Ok(match exchange {
            Some(exchange) => exchange.watch(events),
            None => events,
        })
    }

    async fn completed(
        &self,
        by: &dyn Dialect,
        request: &ChatRequest,
        cancel: &CancellationToken,
    ) -> Result<ChatResponse, ProviderError> {
        let wire = self.chat(by, request, false)?;
        let exchange = self.chat_exchange("chat", request);
        let patience = self.clocks.whole_answer();
        let (head, body) = self.fetch(by, wire, body::ANSWER_LIMIT, patience, cancel, exchange).await?;
        let mut answer = by.response(&self.vendor, &head, &body).map_err(|e| self.hidden.clean(e))?;
        answer.extras.extend(self.notice());
        Ok(answer)
    }

    /// What the way in has to tell the person.
    fn notice(&self) -> Option<ChatEvent> {
        let (code, message) = self.authority.as_ref()?.notice()?;
        Some(ChatEvent::Warning { code, message })
    }
}

fn refused_for_its_form(error: &ProviderError) -> bool {
    matches!(error.category, Category::BadRequest | Category::UnknownModel) && matches!(error.status, Some(400 | 422))
}

#[async_trait]
impl Provider for HttpProvider {
    fn drop_idle(&self) {
        self.line.drop_idle();
    }

    async fn models(&self, cancel: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        let mut models = Vec::new();
        if self.authority.as_ref().is_some_and(|authority| !authority.lists_models()) {
            return Ok(models);
        }
        let mut page: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let Some(wire) = self.dialect.models(&self.vendor, page.as_deref()) else {
                // Without a list of its own a vendor has the models that the catalogue knows.
                return Ok(if page.is_none() { self.vendor.listed() } else { models });
            };
            let exchange = self.exchange("models", None);
            let fetched = self.fetch(self.dialect, wire, body::LIST_LIMIT, self.clocks.lookup, &cancel, exchange).await;
            let (head, body) = match fetched {
                Err(refusal) if self.may_be_gone(&refusal) => return Ok(self.vendor.listed()),
                fetched => fetched.map_err(astray)?,
            };
            let (found, next) = self.list(&head, &body)?;
            models.extend(found);
            // A vendor that names the same page again would keep us here.
            if next.is_none() || next == page {
                break;
            }
            page = next;
        }
        Ok(models)
    }

    async fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> Result<EventStream, ProviderError> {
        self.ready_to_send()?;
        let by = self.dialect_of(&request);
        let request = self.allowed(by, request);
        match self.streamed(by, &request, &cancel).await {
            Err(refusal) => match self.denied(by, &request, &refusal) {
                Some(simpler) => self.streamed(by, &simpler, &cancel).await,
                None => Err(refusal),
            },
            begun => begun,
        }
    }

    async fn complete(&self, request: ChatRequest, cancel: CancellationToken) -> Result<ChatResponse, ProviderError> {
        let by = self.dialect_of(&request);
        let request = self.allowed(by, request);
        match self.completed(by, &request, &cancel).await {
            Err(refusal) => match self.denied(by, &request, &refusal) {
                Some(simpler) => self.completed(by, &simpler, &cancel).await,
                None => Err(refusal),
            },
            answer => answer,
        }
    }

    async fn embed(&self, request: EmbedRequest, cancel: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        let wire = self.dialect.embed(&self.vendor, &request)?;
        let exchange = self.exchange("embeddings", Some(&request.model));
        let patience = self.clocks.whole_answer();
        let (head, body) = self.fetch(self.dialect, wire, body::ANSWER_LIMIT, patience, &cancel, exchange).await?;
        self.dialect.embeddings(&self.vendor, &head, &body).map_err(|e| self.hidden.clean(e))
    }

    async fn balance(&self, cancel: CancellationToken) -> Result<Option<Balance>, ProviderError> {
        match &self.vendor.balance {
            Some(lookup) => self.ask_balance(lookup, &cancel).await.map(Some),
            None => Ok(None),
        }
    }

    async fn quota(&self, cancel: CancellationToken) -> Result<Option<Quota>, ProviderError> {
        let Some(authority) = &self.authority else { return Ok(None) };
        self.ready_to_send()?;
        let asked = cancel.run_until_cancelled(authority.quota()).await.unwrap_or_else(|| Err(reading::cancelled()));
        asked.map_err(|error| self.hidden.clean(error))
    }

    async fn check(&self, cancel: CancellationToken) -> Result<(), ProviderError> {
        let mut wire = self.dialect.check(&self.vendor);
        // A whole address is one of the vendor's: the key of somebody else's server does not go there.
        if wire.is_whole() && !self.at_home {
            wire = self.dialect.check(&Vendor { check_path: None, ..Vendor::clone(&self.vendor) });
        }
        // A check may ask for a shorter page of the same list.
        let bare = |wire: &WireRequest| wire.path.split('?').next().unwrap_or_default().to_owned();
        let lists_models = self.dialect.models(&self.vendor, None).is_some_and(|list| bare(&list) == bare(&wire));
        let asks_nothing = wire.body.is_some();
        let exchange = self.exchange(if lists_models { "models" } else { "check" }, None);
        let answer = self.fetch(self.dialect, wire, body::LIST_LIMIT, self.clocks.lookup, &cancel, exchange).await;
        // What is refused for its form was let in by its key.
        if asks_nothing && answer.as_ref().is_err_and(refused_for_its_form) {
            return Ok(());
        }
        let (head, body) = answer.map_err(astray)?;
        // Any web server answers 200 to something; only an answer that can be read proves the address.
        if lists_models {
            return self.list(&head, &body).map(|_| ());
        }
        match serde_json::from_slice::<Map<String, Value>>(&body) {
            Ok(answer) if answer.get("error").is_none_or(Value::is_null) => Ok(()),
            Ok(_) => Err(self.hidden.clean(self.dialect.error(&self.vendor, &head, &body))),
            Err(_) => {
                let message = format!("this is not the API: the answer is no JSON object ({})", self.base.authority());
                let error = ProviderError::because(Category::BrokenStream, "unreadable", message);
                Err(ProviderError { status: Some(head.status), ..error })
            }
        }
    }
}
