//! The desktop shell: a window over `parlance-core`. Nothing worth testing without a window lives here.

mod bindings;
mod commands;
mod error;
mod notices;
mod paths;
mod shell;
mod window;

use tauri::Manager as _;
use tracing_subscriber::EnvFilter;

/// Starts the app and returns when it has quit.
///
/// # Panics
/// Where the system has no webview to open a window with.
pub fn run() {
    let filter = EnvFilter::try_from_env("PARLANCE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let builder = bindings::builder();
    let context = tauri::generate_context!();
    let data_dir = paths::data_dir(&context.config().identifier);
    let outside = paths::outside(&context.config().identifier);
    let app = tauri::Builder::default()
        // First, so that a second start ends before it opens anything (DB-5).
        .plugin(window::single_instance(&data_dir))
        .invoke_handler(builder.invoke_handler())
        .on_window_event(shell::on_window_event)
        .setup(move |app| {
            app.manage(shell::Shell::open(data_dir.clone(), outside.clone()));
            window::open(app.handle(), &data_dir)?;
            shell::quit_on_signal(app.handle().clone());
            Ok(())
        })
        .build(context);
    match app {
        Ok(app) => app.run(shell::on_event),
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            std::process::exit(1);
        }
    }
}
