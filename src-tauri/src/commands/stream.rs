//! The one stream of a window.

use parlance_core::view::{Frame, Snapshot};
use tauri::{Webview, async_runtime, ipc::Channel};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn attach(shell: ShellState<'_>, webview: Webview, frames: Channel<Frame>) -> Answer<Snapshot> {
    let (snapshot, mut reader) = shell.app().await?.attach(webview.label());
    let feeding = async_runtime::spawn(async move {
        while let Some(frame) = reader.next().await {
            if let Err(error) = frames.send(frame) {
                tracing::warn!(%error, "the page takes no more frames");
                break;
            }
        }
    });
    shell.feed(feeding);
    Ok(snapshot)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn ack(
    shell: ShellState<'_>,
    webview: Webview,
    attachment: Arg<String>,
    frame: Arg<u32>,
) -> Answer<()> {
    shell.app().await?.acknowledge(webview.label(), &attachment.0, frame.0);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_visible(
    shell: ShellState<'_>,
    webview: Webview,
    attachment: Arg<String>,
    visible: Arg<bool>,
) -> Answer<()> {
    shell.app().await?.set_visible(webview.label(), &attachment.0, visible.0);
    Ok(())
}
