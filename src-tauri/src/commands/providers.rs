//! Providers and their models.

use parlance_core::view::{
    CheckView, LocalServerView, ModelFacts, ModelView, ProviderInput, ProviderView, Target, VendorView,
};

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
pub(crate) async fn order_providers(shell: ShellState<'_>, ids: Arg<Vec<String>>) -> Answer<Vec<ProviderView>> {
    Ok(shell.app().await?.order_providers(&ids.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_provider(
    shell: ShellState<'_>,
    id: Arg<String>,
    account_id: Arg<Option<String>>,
) -> Answer<CheckView> {
    Ok(shell.app().await?.check_provider(&id.0, account_id.0.as_deref()).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_models(shell: ShellState<'_>, provider_id: Arg<String>) -> Answer<Vec<ModelView>> {
    Ok(shell.app().await?.list_models(&provider_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn show_model(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    model: Arg<String>,
    shown: Arg<bool>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.show_model(&provider_id.0, &model.0, shown.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn find_local_servers(shell: ShellState<'_>) -> Answer<Vec<LocalServerView>> {
    Ok(shell.app().await?.find_local_servers().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn favour_model(
    shell: ShellState<'_>,
    target: Arg<Target>,
    favourite: Arg<bool>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.favour_model(target.0, favourite.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn model_facts(shell: ShellState<'_>) -> Answer<Vec<ModelFacts>> {
    Ok(shell.app().await?.model_facts().await?)
}
