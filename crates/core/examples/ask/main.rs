//! The whole core without a window: asks a provider of a configuration and prints what happens as JSON lines.
//!
//! `ask --config FILE --data DIR --to PROVIDER/MODEL | route/ID | route/in-my-order/MODEL
//! [--prompt TEXT | --prompts FILE.jsonl] [--image FILE] [--embed FILE] [--check] [--parallel N]`;
//! `docs/configuration.md` describes the lines.
#![allow(clippy::print_stderr, reason = "a program for the terminal")]

mod args;
mod chat;
mod lines;
mod other;
mod setup;

use std::process::ExitCode;

use args::Args;
use lines::Line;
use parlance_core::view::SkipView;

/// What keeps the program from asking at all.
struct Failure {
    category: &'static str,
    message: String,
    /// Of a route that had nobody to ask: why not, target by target.
    skipped: Vec<SkipView>,
}

impl Failure {
    fn of(category: &'static str, message: impl ToString) -> Self {
        Self { category, message: message.to_string(), skipped: Vec::new() }
    }
}

impl From<parlance_core::Error> for Failure {
    fn from(error: parlance_core::Error) -> Self {
        match error {
            parlance_core::Error::Provider(error) => Self::of(error.category.as_str(), error.message),
            parlance_core::Error::NoTarget { skipped } => {
                Self { skipped, ..Self::of("no_target", "nobody can be asked") }
            }
            other => Self::of("internal", other),
        }
    }
}

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("{message}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(run(args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Failure { category, message, .. }) => {
            Line::of("error").with("category", category).with("message", message).print();
            ExitCode::from(2)
        }
    }
}

/// Whether all was answered.
async fn run(args: Args) -> Result<bool, Failure> {
    let asking = setup::open(&args).await?;
    let done = async {
        let mut answered = true;
        if args.check {
            answered &= other::check(&asking).await?;
        }
        if let Some(file) = &args.embed {
            answered &= other::embed(&asking, file).await?;
        }
        let prompts = args.prompts()?;
        if !prompts.is_empty() {
            answered &= chat::ask(&asking, prompts, &args).await?;
        }
        Ok(answered)
    };
    let answered = done.await;
    asking.app.close().await;
    answered
}
