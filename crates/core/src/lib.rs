//! The headless application: everything Parlance does, without a window.

pub mod app;
pub mod attachments;
pub mod capabilities;
pub mod chat;
pub mod clock;
pub mod costs;
pub mod error;
pub mod exchange;
pub mod fallback;
pub mod history;
pub mod outside;
pub mod ranking;
pub mod registry;
pub mod secrets;
pub mod settings;
mod traffic;
pub mod view;

pub use app::{App, Host, Outside};
pub use error::Error;
