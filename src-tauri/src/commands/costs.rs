//! Costs, prices and budgets.

use parlance_core::view::{
    BudgetInput, BudgetView, CostDashboard, CostFilter, CostFormat, DashboardInput, ExportView, OwnPriceInput,
    PriceList, PriceSource, PricesInput, RequestPage, RequestsInput, SavedPrice, UnpricedModel, WhatIfView,
};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn dashboard(shell: ShellState<'_>, input: Arg<DashboardInput>) -> Answer<CostDashboard> {
    Ok(shell.app().await?.dashboard(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn requests(shell: ShellState<'_>, input: Arg<RequestsInput>) -> Answer<RequestPage> {
    Ok(shell.app().await?.requests(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn export_costs(
    shell: ShellState<'_>,
    filter: Arg<CostFilter>,
    format: Arg<CostFormat>,
) -> Answer<ExportView> {
    Ok(shell.app().await?.export_costs(filter.0, format.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn what_if(shell: ShellState<'_>, filter: Arg<CostFilter>) -> Answer<Vec<WhatIfView>> {
    Ok(shell.app().await?.what_if(filter.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_prices(shell: ShellState<'_>, input: Arg<PricesInput>) -> Answer<PriceList> {
    Ok(shell.app().await?.list_prices(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_price(shell: ShellState<'_>, input: Arg<OwnPriceInput>) -> Answer<SavedPrice> {
    Ok(shell.app().await?.save_price(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_price(shell: ShellState<'_>, id: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.remove_price(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn refresh_prices(shell: ShellState<'_>) -> Answer<PriceSource> {
    Ok(shell.app().await?.refresh_prices().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unpriced_models(shell: ShellState<'_>) -> Answer<Vec<UnpricedModel>> {
    Ok(shell.app().await?.unpriced_models().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_unpriced(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    model: Arg<String>,
) -> Answer<()> {
    Ok(shell.app().await?.dismiss_unpriced(&provider_id.0, &model.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_budgets(shell: ShellState<'_>) -> Answer<Vec<BudgetView>> {
    Ok(shell.app().await?.list_budgets().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_budget(shell: ShellState<'_>, input: Arg<BudgetInput>) -> Answer<BudgetView> {
    Ok(shell.app().await?.save_budget(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_budget(shell: ShellState<'_>, id: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.remove_budget(&id.0).await?)
}
