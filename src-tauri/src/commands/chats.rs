//! Chats.

use parlance_core::view::{
    ChatSetup, ChatTarget, ConversationPage, ConversationSummary, ConversationView, Draft, RunReceipt, SendInput,
    Shelf, ShelfChange,
};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_conversations(
    shell: ShellState<'_>,
    shelf: Arg<Shelf>,
    before: Arg<Option<f64>>,
) -> Answer<ConversationPage> {
    Ok(shell.app().await?.list_shelf(shelf.0, before.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_conversation(shell: ShellState<'_>, id: Arg<String>) -> Answer<ConversationView> {
    Ok(shell.app().await?.get_conversation(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_conversation(
    shell: ShellState<'_>,
    id: Arg<String>,
    title: Arg<String>,
) -> Answer<ConversationSummary> {
    Ok(shell.app().await?.rename_conversation(&id.0, &title.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn shelve(
    shell: ShellState<'_>,
    ids: Arg<Vec<String>>,
    change: Arg<ShelfChange>,
) -> Answer<Vec<ConversationSummary>> {
    Ok(shell.app().await?.shelve(ids.0, change.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_up_chat(shell: ShellState<'_>, id: Arg<String>, setup: Arg<ChatSetup>) -> Answer<()> {
    Ok(shell.app().await?.set_up_chat(&id.0, setup.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_draft(
    shell: ShellState<'_>,
    conversation_id: Arg<Option<String>>,
    draft: Arg<Draft>,
) -> Answer<()> {
    Ok(shell.app().await?.save_draft(conversation_id.0, draft.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn send(shell: ShellState<'_>, input: Arg<SendInput>) -> Answer<RunReceipt> {
    Ok(shell.app().await?.send(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn stop(shell: ShellState<'_>, run_id: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.stop(&run_id.0)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn retry(
    shell: ShellState<'_>,
    message_id: Arg<String>,
    target: Arg<Option<ChatTarget>>,
    over_budget: Arg<bool>,
) -> Answer<RunReceipt> {
    Ok(shell.app().await?.retry(&message_id.0, target.0, over_budget.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn continue_message(
    shell: ShellState<'_>,
    message_id: Arg<String>,
    over_budget: Arg<bool>,
) -> Answer<RunReceipt> {
    Ok(shell.app().await?.continue_message(&message_id.0, over_budget.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn select_version(shell: ShellState<'_>, message_id: Arg<String>) -> Answer<ConversationView> {
    Ok(shell.app().await?.select_version(&message_id.0).await?)
}
