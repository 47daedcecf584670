//! What a page may call. Each command parses, calls the core, and maps the error; a fault ends in a typed error.

pub(crate) mod argument;
pub(crate) mod chats;
pub(crate) mod compare;
pub(crate) mod composer;
pub(crate) mod costs;
pub(crate) mod exchange;
pub(crate) mod keys;
pub(crate) mod messages;
pub(crate) mod providers;
pub(crate) mod routes;
pub(crate) mod search;
pub(crate) mod special;
pub(crate) mod store;
pub(crate) mod stream;

use tauri::State;

pub(crate) use argument::Arg;

use crate::{error::CommandError, shell::Shell};

/// What a command answers.
pub(crate) type Answer<T> = Result<T, CommandError>;
/// The shell's state.
pub(crate) type ShellState<'a> = State<'a, Shell>;
