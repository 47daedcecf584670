//! What a message will take, and the files and links around it.

use parlance_core::view::{AttachmentView, EstimateInput, EstimateView, FileData, LinkView, Target, TargetView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn describe_target(shell: ShellState<'_>, target: Arg<Target>) -> Answer<TargetView> {
    Ok(shell.app().await?.describe_target(target.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn estimate(shell: ShellState<'_>, input: Arg<EstimateInput>) -> Answer<EstimateView> {
    Ok(shell.app().await?.estimate(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_attachment(
    shell: ShellState<'_>,
    name: Arg<String>,
    base64: Arg<String>,
) -> Answer<AttachmentView> {
    Ok(shell.app().await?.add_attachment(&name.0, base64.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn read_attachment(shell: ShellState<'_>, id: Arg<String>) -> Answer<FileData> {
    Ok(shell.app().await?.read_attachment(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect_link(shell: ShellState<'_>, address: Arg<String>) -> Answer<LinkView> {
    Ok(shell.app().await?.inspect_link(&address.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn open_link(shell: ShellState<'_>, address: Arg<String>) -> Answer<()> {
    let link = shell.app().await?.inspect_link(&address.0).await?;
    let _ = link;
    Err(parlance_core::Error::invalid("address", "not_built").into())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn fetch_image(shell: ShellState<'_>, address: Arg<String>) -> Answer<FileData> {
    Ok(shell.app().await?.fetch_image(&address.0).await?)
}
