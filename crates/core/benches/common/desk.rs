//! An app over a folder of its own, and a server that is the benchmark's program again.
#![allow(dead_code, unreachable_pub, reason = "each benchmark uses its own part of this")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use parlance_core::{
    App, Host, Outside, clock::SystemClock, registry::OverHttp, secrets::Secrets, view::ProviderInput, view::Target,
};

/// Opens the app as it is used.
pub async fn open(data_dir: &Path) -> App {
    App::open(Host {
        data_dir: data_dir.to_owned(),
        version: "0.0.0",
        demo: false,
        clock: Arc::new(SystemClock),
        secrets: Secrets::new(|_| None),
        connect: Arc::new(OverHttp),
        outside: Outside::below(data_dir),
    })
    .await
    .unwrap()
}

/// Adds a provider at this address and names a model of it.
pub async fn provider(app: &App, base_url: String) -> Target {
    let input = ProviderInput {
        id: None,
        vendor: "openai-compatible".into(),
        name: "Bench".into(),
        base_url,
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    };
    Target { provider_id: app.save_provider(input).await.unwrap().id, model: "m-1".into() }
}

/// This program as a server, in a process of its own so that its CPU does not count, and the address it tells.
pub fn spawn_server() -> (Child, String) {
    let program = std::env::current_exe().unwrap();
    let mut server = Command::new(program).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    (server, address.trim().to_owned())
}
