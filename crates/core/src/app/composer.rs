//! What stands in a composer before it is sent.

use super::App;
use crate::{
    error::Error,
    view::{ChatSetup, Draft, EstimateInput, EstimateView, Target, TargetView},
};

impl App {
    /// Keeps what stands in a composer; without a chat, in that of a new one.
    ///
    /// # Errors
    /// As its description says.
    pub async fn save_draft(&self, conversation_id: Option<String>, draft: Draft) -> Result<(), Error> {
        let _ = (conversation_id, draft);
        Err(Error::invalid("command", "not_built"))
    }

    /// Keeps what is asked of the model beside the messages.
    ///
    /// # Errors
    /// As its description says.
    pub async fn set_up_chat(&self, conversation_id: &str, setup: ChatSetup) -> Result<(), Error> {
        let _ = (conversation_id, setup);
        Err(Error::invalid("command", "not_built"))
    }

    /// What a model takes.
    ///
    /// # Errors
    /// As its description says.
    pub async fn describe_target(&self, target: Target) -> Result<TargetView, Error> {
        let _ = target;
        Err(Error::invalid("command", "not_built"))
    }

    /// What a message would take if it were sent now.
    ///
    /// # Errors
    /// As its description says.
    pub async fn estimate(&self, input: EstimateInput) -> Result<EstimateView, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }
}
