//! Routes: named virtual models, and what they did.

use parlance_core::view::{ConversationView, DryRunInput, DryRunView, RouteInput, RouteView, SwitchPage};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_routes(shell: ShellState<'_>) -> Answer<Vec<RouteView>> {
    Ok(shell.app().await?.list_routes().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_route(shell: ShellState<'_>, input: Arg<RouteInput>) -> Answer<RouteView> {
    Ok(shell.app().await?.save_route(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_route(shell: ShellState<'_>, id: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.remove_route(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_route(shell: ShellState<'_>, id: Arg<String>) -> Answer<RouteView> {
    Ok(shell.app().await?.restore_route(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn dry_run_route(shell: ShellState<'_>, input: Arg<DryRunInput>) -> Answer<DryRunView> {
    Ok(shell.app().await?.dry_run_route(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn route_switches(
    shell: ShellState<'_>,
    route_id: Arg<String>,
    before: Arg<Option<String>>,
) -> Answer<SwitchPage> {
    Ok(shell.app().await?.route_switches(&route_id.0, before.0.as_deref()).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_chat_fallback(
    shell: ShellState<'_>,
    conversation_id: Arg<String>,
    route_id: Arg<Option<String>>,
) -> Answer<ConversationView> {
    Ok(shell.app().await?.set_chat_fallback(&conversation_id.0, route_id.0.as_deref()).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn close_circuit(shell: ShellState<'_>, account_id: Arg<String>, model: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.close_circuit(&account_id.0, &model.0).await?)
}
