//! Providers and their models.

use parlance_core::view::{
    BalanceView, CatalogueView, CheckView, LocalServerView, ModelFacts, ModelInput, ModelView, ProviderFacts,
    ProviderInput, ProviderSettings, ProviderView, Target, VendorView,
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
pub(crate) async fn show_models(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    models: Arg<Vec<String>>,
    shown: Arg<bool>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.show_models(&provider_id.0, &models.0, shown.0).await?)
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

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_model(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    model: Arg<ModelInput>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.add_model(&provider_id.0, model.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_model(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    model: Arg<String>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.remove_model(&provider_id.0, &model.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_provider_settings(
    shell: ShellState<'_>,
    id: Arg<String>,
    settings: Arg<ProviderSettings>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.save_provider_settings(&id.0, settings.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn provider_facts(shell: ShellState<'_>) -> Answer<Vec<ProviderFacts>> {
    Ok(shell.app().await?.provider_facts().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn provider_balance(
    shell: ShellState<'_>,
    id: Arg<String>,
    account_id: Arg<String>,
) -> Answer<BalanceView> {
    Ok(shell.app().await?.provider_balance(&id.0, &account_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue(shell: ShellState<'_>) -> Answer<CatalogueView> {
    Ok(shell.app().await?.catalogue().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn refresh_model_data(shell: ShellState<'_>) -> Answer<CatalogueView> {
    Ok(shell.app().await?.refresh_model_data().await?)
}
