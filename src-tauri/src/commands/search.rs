//! Search.

use parlance_core::view::{MessageView, SearchInput, SearchView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn search(shell: ShellState<'_>, input: Arg<SearchInput>) -> Answer<SearchView> {
    Ok(shell.app().await?.search(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_message(shell: ShellState<'_>, message_id: Arg<String>) -> Answer<Vec<MessageView>> {
    Ok(shell.app().await?.preview_message(&message_id.0).await?)
}
