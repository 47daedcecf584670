//! What leads out of a chat.

pub mod links;
