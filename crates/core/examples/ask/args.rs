//! What was typed, and the files it names.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Failure;

pub(crate) const USAGE: &str = "ask --config FILE --data DIR --to PROVIDER/MODEL | route/ID | route/in-my-order/MODEL
    [--prompt TEXT | --prompts FILE.jsonl] [--image FILE] [--embed FILE] [--check] [--parallel N]";

/// More at once than any provider lets through.
const MOST_PARALLEL: usize = 10_000;

pub(crate) struct Args {
    pub(crate) config: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) to: To,
    prompt: Option<String>,
    prompt_file: Option<PathBuf>,
    pub(crate) image: Option<PathBuf>,
    pub(crate) embed: Option<PathBuf>,
    pub(crate) check: bool,
    pub(crate) parallel: usize,
}

/// Whom to ask, by the names of the configuration.
pub(crate) enum To {
    Provider {
        name: String,
        /// Absent where only a check is asked for, or the provider's own default is meant.
        model: Option<String>,
    },
    Route {
        name: String,
        /// For the route that has no targets of its own.
        model: Option<String>,
    },
}

impl To {
    fn parse(text: &str) -> Result<Self, String> {
        let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let halves = |text: &str| match text.split_once('/') {
            Some((name, model)) => (name.to_owned(), named(model)),
            None => (text.to_owned(), None),
        };
        match text.split_once('/') {
            Some(("route", "")) => Err("--to route/ID needs the route's name".to_owned()),
            Some(("route", route)) => {
                let (name, model) = halves(route);
                Ok(Self::Route { name, model })
            }
            _ => {
                let (name, model) = halves(text);
                Ok(Self::Provider { name, model })
            }
        }
    }
}

/// A text to send, and what it is called in the lines.
#[derive(Debug, PartialEq)]
pub(crate) struct Prompt {
    pub(crate) id: String,
    pub(crate) text: String,
}

impl Args {
    pub(crate) fn parse(mut typed: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut config, mut data, mut to) = (None, None, None);
        let (mut prompt, mut prompt_file, mut image, mut embed) = (None, None, None, None);
        let (mut check, mut parallel) = (false, 1);
        while let Some(option) = typed.next() {
            let mut value = || typed.next().ok_or(format!("{option} needs a value"));
            match option.as_str() {
                "--config" => config = Some(PathBuf::from(value()?)),
                "--data" => data = Some(PathBuf::from(value()?)),
                "--to" => to = Some(value()?),
                "--prompt" => prompt = Some(value()?),
                "--prompts" => prompt_file = Some(PathBuf::from(value()?)),
                "--image" => image = Some(PathBuf::from(value()?)),
                "--embed" => embed = Some(PathBuf::from(value()?)),
                "--check" => check = true,
                "--parallel" => parallel = value()?.parse().map_err(|_| "--parallel needs a number".to_owned())?,
                other => return Err(format!("{other} is not known")),
            }
        }
        let to = To::parse(&to.ok_or("--to is missing")?)?;
        if matches!(to, To::Route { .. }) && (check || embed.is_some()) {
            return Err("--check and --embed are for a provider".to_owned());
        }
        if prompt.is_some() && prompt_file.is_some() {
            return Err("--prompt and --prompts exclude each other".to_owned());
        }
        if prompt.is_none() && prompt_file.is_none() && embed.is_none() && !check {
            return Err("there is nothing to do: give --prompt, --prompts, --embed or --check".to_owned());
        }
        if !(1..=MOST_PARALLEL).contains(&parallel) {
            return Err(format!("--parallel goes from 1 to {MOST_PARALLEL}"));
        }
        Ok(Self {
            config: config.ok_or("--config is missing")?,
            data: data.ok_or("--data is missing")?,
            to,
            prompt,
            prompt_file,
            image,
            embed,
            check,
            parallel,
        })
    }

    /// The prompts, one or as many as the file has.
    pub(crate) fn prompts(&self) -> Result<Vec<Prompt>, Failure> {
        match (&self.prompt, &self.prompt_file) {
            (Some(text), _) => Ok(vec![Prompt { id: "1".to_owned(), text: text.clone() }]),
            (None, Some(file)) => texts(file),
            (None, None) => Ok(Vec::new()),
        }
    }
}

/// The texts of a file, a line each: a JSON string, an object with `id` and `prompt`, or the line as it is.
pub(crate) fn texts(file: &Path) -> Result<Vec<Prompt>, Failure> {
    let content = std::fs::read_to_string(file)
        .map_err(|error| Failure::of("bad_request", format!("{}: {error}", file.display())))?;
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let texts = lines.map(|(at, line)| {
        text(line.trim(), at + 1).ok_or_else(|| {
            let message = format!("{}: line {}: a string or {{\"id\", \"prompt\"}}", file.display(), at + 1);
            Failure::of("bad_request", message)
        })
    });
    texts.collect()
}

fn text(line: &str, number: usize) -> Option<Prompt> {
    let id = number.to_string();
    if !line.starts_with(['"', '{']) {
        return Some(Prompt { id, text: line.to_owned() });
    }
    match serde_json::from_str(line).ok()? {
        Value::String(text) => Some(Prompt { id, text }),
        Value::Object(object) => {
            let named = match object.get("id") {
                None | Some(Value::Null) => id,
                Some(Value::String(name)) => name.clone(),
                Some(other) => other.to_string(),
            };
            Some(Prompt { id: named, text: object.get("prompt")?.as_str()?.to_owned() })
        }
        _ => None,
    }
}
