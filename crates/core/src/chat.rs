//! A chat's life: send, stop, retry, continue; the reply as it runs, on disk and on screen.

pub mod answer;
mod cache;
pub mod defaults;
mod ending;
pub mod hub;
pub mod journal;
pub mod merge;
pub(crate) mod party;
pub mod prompt;
pub mod recovery;
pub mod relay;
pub mod run;
pub mod seam;
pub mod setup;
pub mod views;
