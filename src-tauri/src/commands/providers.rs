//! Providers and their keys. A key goes in here and never comes back out (KEY-6).

use parlance_core::view::{CheckView, KeyInput, ModelView, ProviderInput, ProviderView, VendorView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_vendors(shell: ShellState<'_>) -> Answer<Vec<VendorView>> {
    Ok(shell.app().await?.list_vendors())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_providers(shell: ShellState<'_>) -> Answer<Vec<ProviderView>> {
    Ok(shell.app().await?.list_providers().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_provider(shell: ShellState<'_>, input: Arg<ProviderInput>) -> Answer<ProviderView> {
    Ok(shell.app().await?.save_provider(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_provider(shell: ShellState<'_>, id: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.remove_provider(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_key(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    input: Arg<KeyInput>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.set_key(&provider_id.0, input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_provider(shell: ShellState<'_>, id: Arg<String>) -> Answer<CheckView> {
    Ok(shell.app().await?.check_provider(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_models(shell: ShellState<'_>, provider_id: Arg<String>) -> Answer<Vec<ModelView>> {
    Ok(shell.app().await?.list_models(&provider_id.0).await?)
}
