//! A store, and the configuration in it.

use std::{collections::HashMap, sync::Arc};

use parlance_core::{
    App, Host, Outside,
    clock::SystemClock,
    registry::OverHttp,
    secrets::Secrets,
    view::{ChatTarget, ImportCode, ImportInput, ProviderView},
};

use crate::{
    Failure,
    args::{Args, To},
};

/// An open store, and whom to ask.
pub(crate) struct Asking {
    pub(crate) app: App,
    pub(crate) whom: Whom,
    /// The configuration's name of each provider, by its id.
    pub(crate) names: HashMap<String, String>,
}

/// Whom to ask.
pub(crate) enum Whom {
    /// A provider, with the model that was named.
    Provider(Box<ProviderView>, Option<String>),
    /// A route.
    Route {
        /// What it is called where it is asked: `route/everyday`.
        name: String,
        target: ChatTarget,
    },
}

impl Asking {
    /// The provider, for what routes do not do.
    pub(crate) fn provider(&self) -> Result<(&ProviderView, Option<&str>), Failure> {
        match &self.whom {
            Whom::Provider(provider, model) => Ok((provider, model.as_deref())),
            Whom::Route { .. } => Err(Failure::of("bad_request", "a route is for prompts")),
        }
    }

    /// What the configuration calls a provider.
    pub(crate) fn name<'a>(&'a self, provider_id: &'a str) -> &'a str {
        self.names.get(provider_id).map_or(provider_id, String::as_str)
    }
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
        Ok((whom, names)) => Ok(Asking { app, whom, names }),
        Err(failure) => {
            app.close().await;
            Err(failure)
        }
    }
}

async fn configured(app: &App, text: String, args: &Args) -> Result<(Whom, HashMap<String, String>), Failure> {
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
    let whom = match &args.to {
        To::Provider { name, model } => {
            let nobody = || bad(format!("there is no provider {name}"));
            let (_, id) = taken.names.iter().find(|(known, _)| known == name).ok_or_else(nobody)?;
            let provider = app.list_providers().await?.into_iter().find(|provider| provider.id == *id);
            Whom::Provider(Box::new(provider.ok_or_else(nobody)?), model.clone())
        }
        To::Route { name, model } => {
            let routes = app.list_routes().await?;
            let named = taken.routes.iter().find(|(known, _)| known == name);
            let route = match named {
                Some((_, id)) => routes.iter().find(|route| route.id == *id),
                // It needs no word of the file.
                None => routes.iter().find(|route| route.built_in && route.slug == *name),
            };
            let route = route.ok_or_else(|| bad(format!("there is no route {name}")))?;
            if route.built_in != model.is_some() {
                let form = if route.built_in { format!("route/{name}/MODEL") } else { format!("route/{name}") };
                return Err(Failure::of("bad_request", format!("this route is asked as --to {form}")));
            }
            let target = ChatTarget::Route { route_id: route.id.clone(), model: model.clone() };
            Whom::Route { name: format!("route/{name}"), target }
        }
    };
    Ok((whom, taken.names.into_iter().map(|(name, id)| (id, name)).collect()))
}
