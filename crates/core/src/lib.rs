//! The headless application: everything Parlance does, without a window.

pub mod view;
