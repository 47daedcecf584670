//! Embeddings: texts into vectors.

mod all;
mod vector;

pub(crate) use all::NO_EMBEDDINGS;
pub use all::{embed_all, in_one_request};
pub(crate) use vector::{no_vector, vector};

use crate::{ProviderError, Usage};

/// What the vectors are for; vendors that can tell the two apart make better ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedPurpose {
    /// A text that will be searched for.
    Document,
    /// The words of a search.
    Query,
}

/// A request for vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedRequest {
    /// The vendor's model name.
    pub model: String,
    /// The texts, in order.
    pub inputs: Vec<String>,
    /// How many numbers a vector shall have, where the model can choose.
    pub dimensions: Option<u32>,
    /// What for.
    pub purpose: Option<EmbedPurpose>,
}

/// The vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmbedResponse {
    /// The model that served, where the vendor says.
    pub model: Option<String>,
    /// One an input, in the order of the inputs: its vector, or why it has none. Of one answer there may be fewer than
    /// inputs, where the vendor left some out without saying which; [`embed_all`] gives exactly one an input.
    pub vectors: Vec<Result<Vec<f32>, ProviderError>>,
    /// Token counts, where the vendor says.
    pub usage: Option<Usage>,
    /// Nano-USD as the vendor says, with its figure verbatim.
    pub reported_cost: Option<(i64, String)>,
}
