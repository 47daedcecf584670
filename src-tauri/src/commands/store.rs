//! The store as a whole.

use parlance_core::view::{Bootstrap, SettingChange, Settings, SpendView};

use tauri::Webview;

use super::{Answer, Arg, ShellState};
use crate::window;

#[tauri::command]
#[specta::specta]
pub(crate) async fn bootstrap(webview: Webview, shell: ShellState<'_>) -> Answer<Bootstrap> {
    let bootstrap = shell.app().await?.bootstrap().await?;
    window::zoom(&webview, bootstrap.settings.zoom);
    Ok(bootstrap)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn open_demo(webview: Webview, shell: ShellState<'_>) -> Answer<Bootstrap> {
    let bootstrap = shell.enter_demo().await?.bootstrap().await?;
    window::zoom(&webview, bootstrap.settings.zoom);
    Ok(bootstrap)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn leave_demo(webview: Webview, shell: ShellState<'_>) -> Answer<Bootstrap> {
    let bootstrap = shell.leave_demo().await?.bootstrap().await?;
    window::zoom(&webview, bootstrap.settings.zoom);
    Ok(bootstrap)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn change_setting(
    webview: Webview,
    shell: ShellState<'_>,
    change: Arg<SettingChange>,
) -> Answer<Settings> {
    let zooms = matches!(change.0, SettingChange::Zoom(_));
    let settings = shell.app().await?.change_setting(change.0).await?;
    if zooms {
        window::zoom(&webview, settings.zoom);
    }
    Ok(settings)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn spend(shell: ShellState<'_>) -> Answer<SpendView> {
    Ok(shell.app().await?.spend().await?)
}
