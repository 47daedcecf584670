//! The dialects there are.

pub mod openai_chat;

use std::sync::Arc;

use crate::{catalog::DialectId, dialect::Dialect};

/// The code of a dialect; `None` for those without a wire.
pub fn dialect(id: DialectId) -> Option<Arc<dyn Dialect>> {
    match id {
        DialectId::OpenaiChat => Some(Arc::new(openai_chat::OpenaiChat)),
        DialectId::Demo => None,
    }
}
