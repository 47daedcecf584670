//! Single messages.

use parlance_core::view::{ConversationView, MessageView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_messages(shell: ShellState<'_>, ids: Arg<Vec<String>>) -> Answer<Vec<MessageView>> {
    Ok(shell.app().await?.get_messages(ids.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_message(shell: ShellState<'_>, id: Arg<String>, text: Arg<String>) -> Answer<MessageView> {
    Ok(shell.app().await?.edit_message(&id.0, &text.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_messages(
    shell: ShellState<'_>,
    ids: Arg<Vec<String>>,
    deleted: Arg<bool>,
) -> Answer<ConversationView> {
    Ok(shell.app().await?.delete_messages(ids.0, deleted.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn branch_off(shell: ShellState<'_>, message_id: Arg<String>) -> Answer<ConversationView> {
    Ok(shell.app().await?.branch_off(&message_id.0).await?)
}
