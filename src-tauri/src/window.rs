//! The one window and its walls: no navigation, no new windows, no downloads, and a page that comes back.

mod placement;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tauri::{
    AppHandle, Manager as _, Runtime, Url, WebviewUrl, WebviewWindowBuilder, plugin::TauriPlugin,
    webview::NewWindowResponse, window::Window,
};

pub(crate) use placement::Placement;
use placement::{LEAST, Screen};

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
    let screens: Vec<Screen> = app.available_monitors()?.iter().map(Screen::from).collect();
    let placement = Placement::load(data_dir).on(&screens);
    app.manage(Standing { data_dir: data_dir.to_owned(), placement: Mutex::new(placement) });
    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .data_directory(web_dir)
        .title("Parlance")
        .inner_size(placement.width, placement.height)
        .min_inner_size(LEAST.0, LEAST.1)
        .maximized(placement.maximised);
    if let Some((left, top)) = placement.at {
        builder = builder.position(left, top);
    }
    let window = builder
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        // The page takes dropped files itself; what it leaves would be a navigation, which the wall above refuses.
        .disable_drag_drop_handler()
        .build()?;
    revive_web_process(&window)
}

/// Where the window stands, as it is kept for the next start.
struct Standing {
    data_dir: PathBuf,
    placement: Mutex<Placement>,
}

/// The window was moved or sized.
pub(crate) fn moved(window: &Window) {
    let Some(standing) = window.try_state::<Standing>() else { return };
    let mut placement = standing.placement.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = placement.follow(window) {
        tracing::warn!(%error, "the window does not say where it stands");
    }
}

/// Keeps where the window stands.
pub(crate) fn keep_place(app: &AppHandle) {
    let Some(standing) = app.try_state::<Standing>() else { return };
    let placement = *standing.placement.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = placement.save(&standing.data_dir) {
        tracing::warn!(%error, "the place of the window was not kept");
    }
}

/// Draws the page larger or smaller; a factor that would make it unusable is none of a person's.
pub(crate) fn zoom(window: &tauri::Webview, factor: f64) {
    let factor = if factor.is_finite() { factor.clamp(0.5, 2.0) } else { 1.0 };
    if let Err(error) = window.set_zoom(factor) {
        tracing::warn!(%error, "the page was not zoomed");
    }
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
