//! The dialect of Replicate: predictions, which are made, watched and cancelled. How one lives is
//! [`crate::replicate`]'s; this is what goes over the wire.

pub(crate) mod input;
mod models;
pub(crate) mod run;
mod stream;

use crate::{
    Category, ChatRequest, ChatResponse, ModelInfo, ProviderError,
    catalog::Vendor,
    dialect::{Dialect, ResponseHead, StreamDecoder, WireRequest},
    failure, fold,
    framing::Framed,
};
use input::Schema;

/// Replicate's predictions.
#[derive(Clone, Copy, Debug)]
pub struct Replicate;

/// The request that makes a prediction of a model with this input.
///
/// # Errors
/// `unknown_model` where the name is none of Replicate's; what the model cannot be given.
pub(crate) fn create(vendor: &Vendor, request: &ChatRequest, schema: &Schema) -> Result<WireRequest, ProviderError> {
    let model = input::Reference::parse(&request.model)?;
    Ok(WireRequest::post(model.predictions(), input::body(vendor, request, schema, &model)?, false))
}

impl Dialect for Replicate {
    fn base_path(&self, typed: &str) -> String {
        let base = ["/predictions", "/models", "/account"].iter().find_map(|tail| typed.strip_suffix(tail));
        let base = base.unwrap_or(typed);
        if base.ends_with("/v1") { base.to_owned() } else { format!("{base}/v1") }
    }

    /// As for a model of which nothing is known.
    fn chat(&self, vendor: &Vendor, request: &ChatRequest, _: bool) -> Result<WireRequest, ProviderError> {
        create(vendor, request, &Schema::unknown())
    }

    fn decoder(&self, _: &Vendor) -> Box<dyn StreamDecoder> {
        Box::new(Framed::new(stream::Answer::default(), false))
    }

    fn response(&self, _: &Vendor, head: &ResponseHead, body: &[u8]) -> Result<ChatResponse, ProviderError> {
        let run = run::Run::read(body).map_err(|error| failure::with_head(error, head))?;
        run.answer().map(fold::fold).map_err(|error| failure::with_head(error, head))
    }

    fn error(&self, _: &Vendor, head: &ResponseHead, body: &[u8]) -> ProviderError {
        let error = failure::response_error(head, body);
        match head.status {
            402 => ProviderError { category: Category::NoCredit, ..error },
            404 if error.category == Category::BadRequest => {
                ProviderError { category: Category::UnknownModel, ..error }
            }
            _ => error,
        }
    }

    fn models(&self, _: &Vendor, _: Option<&str>) -> Option<WireRequest> {
        Some(WireRequest::get("collections/language-models"))
    }

    fn model_list(
        &self,
        _: &Vendor,
        head: &ResponseHead,
        body: &[u8],
    ) -> Result<(Vec<ModelInfo>, Option<String>), ProviderError> {
        models::list(head, body).map(|models| (models, None))
    }

    fn check(&self, vendor: &Vendor) -> WireRequest {
        WireRequest::get(vendor.check_path.as_deref().unwrap_or("account"))
    }
}
