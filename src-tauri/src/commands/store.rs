//! The store as a whole.

use parlance_core::view::{Bootstrap, SettingChange, Settings, SpendView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn bootstrap(shell: ShellState<'_>) -> Answer<Bootstrap> {
    Ok(shell.app().await?.bootstrap().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn open_demo(shell: ShellState<'_>) -> Answer<Bootstrap> {
    Ok(shell.enter_demo().await?.bootstrap().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn leave_demo(shell: ShellState<'_>) -> Answer<Bootstrap> {
    Ok(shell.leave_demo().await?.bootstrap().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn change_setting(shell: ShellState<'_>, change: Arg<SettingChange>) -> Answer<Settings> {
    Ok(shell.app().await?.change_setting(change.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn spend(shell: ShellState<'_>) -> Answer<SpendView> {
    Ok(shell.app().await?.spend().await?)
}
