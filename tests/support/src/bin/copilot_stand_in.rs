//! The stand-in for GitHub and Copilot as a program, for tests in other languages: `copilot-stand-in --port 0` prints its
//! address; with `--vendor-file ID` it prints the vendor's file for it behind that. It runs until its input ends.
#![expect(clippy::print_stdout, reason = "its address is what it is started for")]
#![expect(clippy::expect_used, reason = "only tests use it: what fails here fails the test")]

use std::io::Write;

use parlance_tests::copilot::CopilotStandIn;

fn value(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

#[tokio::main]
async fn main() {
    let port = value("--port").map_or(0, |port| port.parse().expect("a port"));
    let stand_in = CopilotStandIn::start(port).await;
    println!("{}", stand_in.address());
    if let Some(id) = value("--vendor-file") {
        println!("{}", stand_in.vendor_file(&id));
    }
    std::io::stdout().flush().expect("somebody reads");
    // An end of any kind is an end.
    let _over = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await;
}
