//! Configuration in and out, and recorded traffic.

use parlance_core::view::{ExportInput, ExportView, ImportInput, ImportView, TrafficView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_import(shell: ShellState<'_>, input: Arg<ImportInput>) -> Answer<ImportView> {
    Ok(shell.app().await?.preview_import(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_config(shell: ShellState<'_>, input: Arg<ImportInput>) -> Answer<ImportView> {
    Ok(shell.app().await?.import_config(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn export_config(shell: ShellState<'_>, input: Arg<ExportInput>) -> Answer<ExportView> {
    Ok(shell.app().await?.export_config(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn traffic(shell: ShellState<'_>) -> Answer<TrafficView> {
    Ok(shell.app().await?.traffic().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn export_traffic(shell: ShellState<'_>) -> Answer<ExportView> {
    Ok(shell.app().await?.export_traffic().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn clear_traffic(shell: ShellState<'_>) -> Answer<TrafficView> {
    Ok(shell.app().await?.clear_traffic().await?)
}
