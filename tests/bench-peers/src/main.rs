//! CPU per delta from a loopback socket: our dialects beside the crates `genai` and `async-openai`, which read the same
//! bytes from the same server. All clients in turns, medians, one line of JSON each.

mod clients;
mod server;
mod streams;

use std::error::Error;

use clients::{Client, Reader};
use cpu_time::ProcessTime;
use server::Server;
use streams::{DELTAS, Wire};

type Failure = Box<dyn Error + Send + Sync>;

const ROUNDS: usize = 11;

fn main() -> Result<(), Failure> {
    if std::env::args().nth(1).as_deref() == Some(server::ARGUMENT) {
        return server::serve();
    }
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().map_err(|_| "another TLS library is already there")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = Server::start()?;
    for wire in Wire::ALL {
        runtime.block_on(measure(wire, &server))?;
    }
    Ok(())
}

async fn measure(wire: Wire, server: &Server) -> Result<(), Failure> {
    let mut subjects = Vec::new();
    for client in Client::ALL.into_iter().filter(|client| client.speaks(wire)) {
        let reader = Reader::new(client, wire, server)?;
        // The first answer proves that all is read, and is not measured.
        let bytes = reader.read().await?;
        if bytes != Wire::text_bytes() {
            return Err(format!("{}: {bytes} of {} bytes of text", client.name(), Wire::text_bytes()).into());
        }
        subjects.push((client, reader, Vec::new()));
    }
    for _ in 0..ROUNDS {
        for (_, reader, spent) in &mut subjects {
            let begun = ProcessTime::now();
            reader.read().await?;
            spent.push(begun.elapsed().as_nanos() as f64 / DELTAS as f64);
        }
    }
    let parse = median(&subjects[0].2);
    for (client, _, spent) in &subjects {
        let cpu = median(spent);
        println!(
            r#"{{"bench":"peers","wire":"{}","client":"{}","deltas":{DELTAS},"rounds":{ROUNDS},"cpu_ns":{cpu:.0},"of_parse":{:.2}}}"#,
            wire.name(),
            client.name(),
            cpu / parse
        );
    }
    Ok(())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
