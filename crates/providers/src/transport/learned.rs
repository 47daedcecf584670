//! What a person chose or a refusal taught, put into the requests that follow.

use std::sync::PoisonError;

use super::HttpProvider;
use crate::catalog::Quirk;
use crate::dialect::Dialect;
use crate::{ChatRequest, ProviderError};

/// Models whose refusals are remembered.
const MOST_DENIED: usize = 1_000;

impl HttpProvider {
    /// Whether this refuses a list that not every server has.
    pub(super) fn may_be_gone(&self, refusal: &ProviderError) -> bool {
        self.vendor.has(Quirk::DeploymentList) && matches!(refusal.status, Some(400 | 403 | 404 | 405 | 410))
    }

    /// The request as this account may send it, as far as that is known.
    pub(super) fn allowed(&self, by: &dyn Dialect, mut request: ChatRequest) -> ChatRequest {
        if let Some(routing) = &self.routing
            && self.vendor.unrouted(&request.model) == request.model
        {
            request.model = format!("{}:{routing}", request.model);
        }
        let refusal = self.denied.lock().unwrap_or_else(PoisonError::into_inner).get(&request.model).cloned();
        refusal.and_then(|refusal| by.without(&request, &refusal)).unwrap_or(request)
    }

    /// What to ask instead after this refusal. It is remembered, so that it is met once.
    pub(super) fn denied(
        &self,
        by: &dyn Dialect,
        request: &ChatRequest,
        refusal: &ProviderError,
    ) -> Option<ChatRequest> {
        let simpler = by.without(request, refusal)?;
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        if denied.len() < MOST_DENIED {
            denied.entry(request.model.clone()).or_insert_with(|| refusal.clone());
        }
        Some(simpler)
    }
}
