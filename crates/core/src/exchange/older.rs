//! Two older forms. They are read leniently: what is taken lands, and all that is left of an object is named.

pub(super) mod json;
pub(super) mod llm;
mod remainder;

pub(super) use remainder::Remainder;
