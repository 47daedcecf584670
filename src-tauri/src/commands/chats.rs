//! Chats.

use parlance_core::view::{ConversationPage, ConversationSummary, ConversationView, RunReceipt, SendInput, Target};

use super::{Answer, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_conversations(shell: ShellState<'_>, before: Option<f64>) -> Answer<ConversationPage> {
    Ok(shell.app().await?.list_conversations(before).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_conversation(shell: ShellState<'_>, id: String) -> Answer<ConversationView> {
    Ok(shell.app().await?.get_conversation(&id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_conversation(
    shell: ShellState<'_>,
    id: String,
    title: String,
) -> Answer<ConversationSummary> {
    Ok(shell.app().await?.rename_conversation(&id, &title).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_conversation(shell: ShellState<'_>, id: String) -> Answer<()> {
    Ok(shell.app().await?.delete_conversation(&id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_conversation(shell: ShellState<'_>, id: String) -> Answer<ConversationSummary> {
    Ok(shell.app().await?.restore_conversation(&id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn send(shell: ShellState<'_>, input: SendInput) -> Answer<RunReceipt> {
    Ok(shell.app().await?.send(input).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn stop(shell: ShellState<'_>, run_id: String) -> Answer<()> {
    Ok(shell.app().await?.stop(&run_id)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn retry(shell: ShellState<'_>, message_id: String, target: Option<Target>) -> Answer<RunReceipt> {
    Ok(shell.app().await?.retry(&message_id, target).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn continue_message(shell: ShellState<'_>, message_id: String) -> Answer<RunReceipt> {
    Ok(shell.app().await?.continue_message(&message_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn select_version(shell: ShellState<'_>, message_id: String) -> Answer<ConversationView> {
    Ok(shell.app().await?.select_version(&message_id).await?)
}
