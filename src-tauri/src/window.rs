//! The one window and its walls: no navigation, no new windows, no downloads, and a page that comes back.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use tauri::{
    AppHandle, Manager as _, Runtime, Url, WebviewUrl, WebviewWindowBuilder, plugin::TauriPlugin,
    webview::NewWindowResponse,
};

/// The label of the main window.
pub(crate) const MAIN: &str = "main";

/// A second start on the same data folder shows the first one's window and ends (DB-5). Another folder is another app.
pub(crate) fn single_instance<R: Runtime>(data_dir: &Path) -> TauriPlugin<R> {
    let mut hasher = DefaultHasher::new();
    data_dir.hash(&mut hasher);
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("app.parlance.desktop.d{:016x}", hasher.finish()))
        .callback(|app, _arguments, _folder| {
            if let Some(window) = app.get_webview_window(MAIN) {
                let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
                if let Err(error) = shown {
                    tracing::warn!(%error, "the window could not be brought to the front");
                }
            }
        })
        .build()
}

/// Opens the main window. What the web view itself keeps lies in a private folder beside the store (KEY-12).
pub(crate) fn open(app: &AppHandle, data_dir: &Path) -> tauri::Result<()> {
    let web_dir = data_dir.join("webview");
    for dir in [data_dir, &web_dir] {
        if let Err(error) = parlance_core::history::files::private_dir(dir) {
            // The store, which is opened at the same time, tells the person.
            tracing::error!(%error, "the data folder could not be made");
        }
    }
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .data_directory(web_dir)
        .title("Parlance")
        .inner_size(1280.0, 832.0)
        .min_inner_size(720.0, 560.0)
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .disable_drag_drop_handler()
        .build()?;
    revive_web_process(&window)
}

/// Whether an address is our own page: the full origin, and the dev server in debug builds only (TAU-4).
fn is_our_page(url: &Url) -> bool {
    let origin = (url.scheme(), url.host_str(), url.port());
    match origin {
        ("tauri", Some("localhost"), None) => true,
        ("http" | "https", Some("tauri.localhost"), None) => cfg!(any(windows, target_os = "android")),
        ("http", Some("127.0.0.1"), Some(5173)) => cfg!(not(feature = "custom-protocol")),
        _ => false,
    }
}

/// The web process may die: replies go on in Rust, and the page is loaded again and attaches to them (TAU-12).
#[cfg(target_os = "linux")]
fn revive_web_process(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt as _;
    window.with_webview(|webview| {
        webview.inner().connect_web_process_terminated(|webview, reason| {
            tracing::warn!(?reason, "the web process ended; loading the page again");
            webview.reload();
        });
    })
}

#[cfg(not(target_os = "linux"))]
fn revive_web_process(_window: &tauri::WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_origin_is_a_page_of_ours() {
        let is_ours = |url: &str| is_our_page(&Url::parse(url).unwrap());
        assert!(is_ours("tauri://localhost/"));
        assert!(is_ours("tauri://localhost/index.html#/settings"));
        for foreign in [
            "https://example.com/",
            "http://localhost/",
            "http://127.0.0.1:5174/",
            "tauri://localhost.example.com/",
            "tauri://localhost:81/",
            "tauri://user@evil/",
            "file:///etc/passwd",
            "data:text/html,hi",
            "javascript:alert(1)",
            "about:blank",
            "ipc://localhost/",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }
}
