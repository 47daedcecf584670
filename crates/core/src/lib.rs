//! The headless application: everything Parlance does, without a window.

pub mod costs;
pub mod secrets;
pub mod clock;
pub mod history;
pub mod view;
