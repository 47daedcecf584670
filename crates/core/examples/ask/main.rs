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
use parlance_core::view::{BudgetStop, SkipView};

/// What keeps the program from asking at all.
struct Failure {
    category: &'static str,
    message: String,
    /// Of a route that had nobody to ask: why not, target by target.
    skipped: Vec<SkipView>,
    /// The budgets in the way.
    budgets: Vec<BudgetStop>,
}

/// What came of everything that was asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// All was answered.
    Answered,
    /// Not all was.
    Failed,
    /// Not all was, and a budget stopped some of it.
    OverBudget,
}

impl Outcome {
    fn of(answered: bool) -> Self {
        if answered { Self::Answered } else { Self::Failed }
    }
}

/// What a budget stopped exits with.
const OVER_BUDGET: u8 = 4;

impl Failure {
    fn of(category: &'static str, message: impl ToString) -> Self {
        Self { category, message: message.to_string(), skipped: Vec::new(), budgets: Vec::new() }
    }
}

impl From<parlance_core::Error> for Failure {
    fn from(error: parlance_core::Error) -> Self {
        match error {
            parlance_core::Error::Provider(error) => Self::of(error.category.as_str(), error.message),
            parlance_core::Error::NoTarget { skipped } => {
                Self { skipped, ..Self::of("no_target", "nobody can be asked") }
            }
            parlance_core::Error::OverBudget { budgets } => {
                Self { budgets, ..Self::of("over_budget", "a budget does not allow it") }
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
        Ok(Outcome::Answered) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Ok(Outcome::OverBudget) => ExitCode::from(OVER_BUDGET),
        Err(Failure { category, message, budgets, .. }) => {
            let line = Line::of("error").with("category", category).with("message", message);
            lines::with_budgets(line, &budgets).print();
            ExitCode::from(if budgets.is_empty() { 2 } else { OVER_BUDGET })
        }
    }
}

async fn run(args: Args) -> Result<Outcome, Failure> {
    let asking = setup::open(&args).await?;
    let done = async {
        let mut outcome = Outcome::Answered;
        if args.check {
            outcome = outcome.max(Outcome::of(other::check(&asking).await?));
        }
        if let Some(file) = &args.embed {
            outcome = outcome.max(Outcome::of(other::embed(&asking, file).await?));
        }
        let prompts = args.prompts()?;
        if !prompts.is_empty() {
            outcome = outcome.max(chat::ask(&asking, prompts, &args).await?);
        }
        Ok(outcome)
    };
    let outcome = done.await;
    asking.app.close().await;
    outcome
}
