//! The headless application: everything Parlance does, without a window.

pub mod clock;
pub mod costs;
pub mod history;
pub mod secrets;
pub mod view;
