//! Arguments whose refusal is typed: Tauri's own is a sentence, and a page matches codes.

use serde::de::DeserializeOwned;
use tauri::{
    Runtime,
    ipc::{CommandArg, CommandItem, InvokeError},
};

use crate::error::wrong_type;

/// An argument of the declared type. Anything else ends in the code `invalid` with the argument's name as its field.
#[derive(Debug, specta::Type)]
#[specta(transparent, inline)]
pub(crate) struct Arg<T>(pub(crate) T);

impl<'de, R: Runtime, T: DeserializeOwned> CommandArg<'de, R> for Arg<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let field = command.key;
        T::deserialize(command).map(Self).map_err(|_| InvokeError::from(wrong_type(field)))
    }
}
