//! The state behind the commands: the user's store, the demo's store beside it, and the way out.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parlance_core::{
    App, Host, Outside,
    clock::SystemClock,
    history::OpenError,
    registry::OverHttp,
    secrets::{Secrets, keyring},
};
use tauri::{AppHandle, Manager as _, RunEvent, Window, WindowEvent, async_runtime};
use tokio::sync::{OnceCell, watch};

use crate::{
    error::{CommandError, internal},
    notices, window,
};

type Opened = Result<App, Arc<OpenError>>;

/// All that the commands share.
pub(crate) struct Shell {
    data_dir: PathBuf,
    outside: Outside,
    own: watch::Receiver<Option<Opened>>,
    demo: OnceCell<App>,
    in_demo: AtomicBool,
    frames: Mutex<Option<async_runtime::JoinHandle<()>>>,
    /// A person has closed the window.
    quitting: AtomicBool,
    closed: AtomicBool,
}

impl Shell {
    /// Begins to open the user's store, while the window is being made.
    pub(crate) fn open(data_dir: PathBuf, outside: Outside) -> Self {
        let (opened, own) = watch::channel(None);
        let (dir, places) = (data_dir.clone(), outside.clone());
        async_runtime::spawn(async move {
            let app = open(&dir, places, false).await.map_err(Arc::new);
            if let Err(error) = &app {
                tracing::error!(code = error.code(), %error, "the store was not opened");
            }
            if let Ok(app) = &app {
                async_runtime::spawn(notices::follow(app.clone()));
            }
            opened.send_replace(Some(app));
        });
        Self {
            data_dir,
            outside,
            own,
            demo: OnceCell::new(),
            in_demo: AtomicBool::new(false),
            frames: Mutex::default(),
            quitting: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }
    }

    /// The store the page works on now.
    pub(crate) async fn app(&self) -> Result<App, CommandError> {
        if self.in_demo.load(Ordering::SeqCst)
            && let Some(demo) = self.demo.get()
        {
            return Ok(demo.clone());
        }
        self.own_app().await
    }

    async fn own_app(&self) -> Result<App, CommandError> {
        let mut own = self.own.clone();
        let opened = own.wait_for(Option::is_some).await.map_err(|_| internal("opening ended early"))?;
        match opened.as_ref() {
            Some(Ok(app)) => Ok(app.clone()),
            Some(Err(error)) => Err(CommandError::from(&**error)),
            None => Err(internal("not opened")),
        }
    }

    /// Turns to the demo, in its own folder.
    pub(crate) async fn enter_demo(&self) -> Result<App, CommandError> {
        let dir = self.data_dir.join("demo");
        let opening = self.demo.get_or_try_init(|| async { open(&dir, self.outside.clone(), true).await });
        let demo = opening.await.map_err(|error| CommandError::from(&error))?.clone();
        self.in_demo.store(true, Ordering::SeqCst);
        Ok(demo)
    }

    /// Turns back to the user's own store.
    pub(crate) async fn leave_demo(&self) -> Result<App, CommandError> {
        self.in_demo.store(false, Ordering::SeqCst);
        self.own_app().await
    }

    /// The one task that feeds the page; a page that attaches replaces the one before.
    pub(crate) fn feed(&self, task: async_runtime::JoinHandle<()>) {
        let before = self.frames.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
        if let Some(before) = before {
            before.abort();
        }
    }

    async fn close(&self) {
        let own = self.own.borrow().clone();
        if let Some(Ok(app)) = own {
            app.close().await;
        }
        if let Some(demo) = self.demo.get() {
            demo.close().await;
        }
    }
}

async fn open(dir: &Path, outside: Outside, demo: bool) -> Result<App, OpenError> {
    let host = Host {
        data_dir: dir.to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        demo,
        clock: Arc::new(SystemClock),
        secrets: secrets(dir),
        connect: Arc::new(OverHttp),
        outside,
    };
    App::open(host).await
}

fn secrets(dir: &Path) -> Secrets {
    Secrets::new(|name| std::env::var(name).ok()).with_keyring(keyring::system()).with_vault(dir.join("vault.age"))
}

/// How long a page that was closed may take to hand over what was typed last; it does so when it is hidden.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// The window's own events: its place is remembered, and before it goes its page may hand over what was typed last.
pub(crate) fn on_window_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::Moved(_) | WindowEvent::Resized(_) => window::moved(window),
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            quit(window.app_handle().clone());
        }
        _ => {}
    }
}

/// Hides the window, waits for the page's last words, and ends.
fn quit(app: AppHandle) {
    let Some(shell) = app.try_state::<Shell>() else { return app.exit(0) };
    if shell.quitting.swap(true, Ordering::SeqCst) {
        return;
    }
    window::keep_place(&app);
    if let Some(window) = app.get_webview_window(window::MAIN)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window was not hidden");
    }
    async_runtime::spawn(async move {
        tokio::time::sleep(LAST_WORDS).await;
        app.exit(0);
    });
}

/// Before the app ends, running replies are written down and the store is closed.
pub(crate) fn on_event(app: &AppHandle, event: RunEvent) {
    let RunEvent::ExitRequested { api, code, .. } = event else { return };
    let Some(shell) = app.try_state::<Shell>() else { return };
    if shell.closed.swap(true, Ordering::SeqCst) {
        return;
    }
    api.prevent_exit();
    let app = app.clone();
    async_runtime::spawn(async move {
        if let Some(shell) = app.try_state::<Shell>() {
            shell.close().await;
        }
        app.exit(code.unwrap_or(0));
    });
}

/// A session manager's or a terminal's wish to end is a quit like any other.
pub(crate) fn quit_on_signal(app: AppHandle) {
    async_runtime::spawn(async move {
        wait_for_signal().await;
        quit(app);
    });
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
