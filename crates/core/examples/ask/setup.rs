//! A store, and the configuration in it.

use std::sync::Arc;

use parlance_core::{
    App, Host, Outside,
    clock::SystemClock,
    registry::OverHttp,
    secrets::Secrets,
    view::{ImportCode, ImportInput, ProviderView},
};

use crate::{Failure, args::Args};

/// An open store, and whom to ask.
pub(crate) struct Asking {
    pub(crate) app: App,
    pub(crate) provider: ProviderView,
    /// Its name in the configuration.
    pub(crate) name: String,
    pub(crate) model: Option<String>,
}

pub(crate) async fn open(args: &Args) -> Result<Asking, Failure> {
    let text = std::fs::read_to_string(&args.config)
        .map_err(|error| Failure::of("bad_request", format!("{}: {error}", args.config.display())))?;
    let app = App::open(Host {
        data_dir: args.data.clone(),
        version: env!("CARGO_PKG_VERSION"),
        demo: false,
        clock: Arc::new(SystemClock),
        secrets: Secrets::new(|name| std::env::var(name).ok()),
        connect: Arc::new(OverHttp),
        outside: Outside::below(&args.data),
    })
    .await
    .map_err(|error| Failure::of("internal", error))?;
    match configured(&app, text, args).await {
        Ok(provider) => Ok(Asking { app, provider, name: args.provider.clone(), model: args.model.clone() }),
        Err(failure) => {
            app.close().await;
            Err(failure)
        }
    }
}

async fn configured(app: &App, text: String, args: &Args) -> Result<ProviderView, Failure> {
    let input = |text| ImportInput { text, passphrase: None, store: "session".to_owned() };
    let bad = |message: String| Failure::of("bad_request", format!("{}: {message}", args.config.display()));
    // Without its variables a configuration is not what was meant: nothing of it is taken over.
    let preview = app.preview_import(input(text.clone())).await.map_err(|error| bad(error.to_string()))?;
    if let Some(unset) = preview.notes.iter().find(|note| note.code == ImportCode::VariableUnset) {
        let name = unset.detail.as_deref().unwrap_or_default();
        return Err(bad(format!("{}: the environment variable {name} is not set", unset.path)));
    }
    for note in &preview.notes {
        let detail = note.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        eprintln!("{}: {}: {:?}{detail}", args.config.display(), note.path, note.code);
    }
    let taken = app.take_over(input(text)).await.map_err(|error| bad(error.to_string()))?;
    let Some((_, id)) = taken.names.iter().find(|(name, _)| *name == args.provider) else {
        return Err(bad(format!("there is no provider {}", args.provider)));
    };
    let provider = app.list_providers().await?.into_iter().find(|provider| provider.id == *id);
    provider.ok_or_else(|| bad(format!("there is no provider {}", args.provider)))
}
