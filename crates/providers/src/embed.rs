//! Embeddings: texts into vectors.

use crate::Usage;

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
    /// One vector an input, in the order of the inputs.
    pub vectors: Vec<Vec<f32>>,
    /// Token counts, where the vendor says.
    pub usage: Option<Usage>,
}
