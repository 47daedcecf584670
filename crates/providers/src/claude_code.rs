//! Claude Code: the installed program `claude`, an agent that is used as a model. Its tools, settings, sessions and
//! instructions are switched off; each request is a process of its own.

mod ask;
mod decode;
mod environment;
mod failure;
mod find;
mod group;
mod process;
mod prompt;
mod record;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::catalog::Vendor;
use crate::dialect::StreamDecoder;
use crate::embed::NO_EMBEDDINGS;
use crate::fold::Fold;
use crate::framing::Lines;
use crate::traffic::tapped;
use crate::transport::{Clocks, Endpoint, Hidden, Reading};
use crate::{
    CancellationToken, Category, ChatRequest, ChatResponse, EmbedRequest, EmbedResponse, EventStream, ModelInfo,
    Provider, ProviderError,
};
use process::{Fate, Launch};
use record::Recording;

/// The field with the program's path.
const PROGRAM: &str = "program";
/// The field that lets variables of other logins through.
const OTHER_LOGINS: &str = "other_logins";
/// A first line that says nothing, so that words which a build prints before its own are not taken for a web page.
const NOTHING: &[u8] = b"{}\n";

/// The flags of every use. Without tools, servers, settings, commands and sessions, what is left is a model.
const FLAGS: [&str; 13] = [
    "-p",
    "--input-format",
    "stream-json",
    "--output-format",
    "stream-json",
    "--verbose",
    "--tools",
    "",
    "--strict-mcp-config",
    "--setting-sources=",
    "--disable-slash-commands",
    "--no-session-persistence",
    "--permission-mode",
];
/// What the last flag is set to: whatever would have to be asked is refused.
const PERMISSIONS: &str = "dontAsk";

/// What leaves for a request, for whoever wants to know what it carries; nothing is started.
///
/// # Errors
/// As [`ClaudeCode`] says of the request.
pub fn sent(vendor: &Vendor, request: &ChatRequest) -> Result<String, ProviderError> {
    let line = prompt::line(vendor, request)?;
    let parameters = &request.parameters;
    let effort = prompt::effort(parameters.reasoning_effort).join(" ");
    let most = parameters.max_tokens.map(|most| most.to_string()).unwrap_or_default();
    Ok(format!("{effort} {most} {} {}", prompt::instructions(request), String::from_utf8_lossy(&line)))
}

/// Reads what the program writes, without a program. `now`, in UTC seconds, is when it was asked.
pub fn decoder(now: i64) -> Box<dyn StreamDecoder> {
    Box::new(Lines::new(decode::Answer::new(Arc::default(), now), true))
}

/// The installed program as a provider.
pub struct ClaudeCode {
    vendor: Arc<Vendor>,
    /// The path that a person named.
    named: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    clocks: Clocks,
    hidden: Arc<Hidden>,
    recording: Option<Recording>,
    /// The program, once its version was found to do.
    program: OnceCell<Program>,
}

/// The program as it was found.
struct Program {
    path: PathBuf,
    version: String,
}

impl ClaudeCode {
    /// With this app's environment, of which the program gets what it needs. Nothing is started.
    pub fn new(vendor: Arc<Vendor>, endpoint: &Endpoint) -> Self {
        Self::in_environment(vendor, endpoint, &std::env::vars_os().collect::<Vec<_>>())
    }

    /// The same as if the app had been started with these variables.
    pub fn in_environment(vendor: Arc<Vendor>, endpoint: &Endpoint, variables: &[(OsString, OsString)]) -> Self {
        let field = |id: &str| endpoint.fields.get(id).map(|value| value.trim()).filter(|value| !value.is_empty());
        let others = field(OTHER_LOGINS) == Some("yes");
        let environment = environment::of(variables, others, &endpoint.proxy);
        let hidden = Hidden::over(environment::secrets(&environment, &endpoint.proxy));
        let recording = endpoint.recorder.as_ref().map(|to| Recording::new(to, &hidden, &environment));
        Self {
            recording,
            named: field(PROGRAM).map(PathBuf::from),
            environment,
            folder: endpoint.folder.clone(),
            clocks: Clocks::of(&vendor, &endpoint.timeouts),
            hidden: Arc::new(hidden),
            program: OnceCell::new(),
            vendor,
        }
    }

    /// The program, found and of a version that does.
    async fn program(&self) -> Result<&Path, ProviderError> {
        let found = self.program.get_or_try_init(|| async {
            let variable = |name: &str| {
                let of =
                    |(known, value): &(OsString, OsString)| known.eq_ignore_ascii_case(name).then(|| value.clone());
                self.environment.iter().find_map(of)
            };
            let (named, path) = (self.named.clone(), variable("PATH"));
            let home = variable("HOME").or_else(|| variable("USERPROFILE"));
            // Folders on the path may lie on a network.
            let finding =
                tokio::task::spawn_blocking(move || find::program(named.as_deref(), path.as_deref(), home.as_deref()));
            let program = finding.await.unwrap_or_else(|_| Err(failure::missing(None)))?;
            let launch = self.launch(&program, vec!["-v".into()], Vec::new())?;
            let asked = ask::version(launch, self.clocks.lookup).await;
            let version = asked.map_err(|error| self.hidden.clean(error))?;
            Ok(Program { path: program, version })
        });
        found.await.map(|program| program.path.as_path())
    }

    /// A start of the program in an empty folder of ours, so that nothing of a person's is near it.
    fn launch(&self, program: &Path, arguments: Vec<OsString>, input: Vec<u8>) -> Result<Launch, ProviderError> {
        let files = tempfile::Builder::new().prefix("parlance-").tempdir().map_err(|error| no_room(&error))?;
        let folder = match &self.folder {
            // Always the same one: the program remembers each folder that it has seen.
            Some(folder) => folder.join("claude-code"),
            None => files.path().join("empty"),
        };
        std::fs::create_dir_all(&folder).map_err(|error| no_room(&error))?;
        let environment = environment::with_folder_of(self.environment.clone(), program);
        Ok(Launch { program: program.to_owned(), arguments, environment, folder, input, files: Some(files) })
    }

    fn chat(&self, program: &Path, request: &ChatRequest) -> Result<Launch, ProviderError> {
        if request.model.starts_with('-') {
            return Err(ProviderError::new(Category::UnknownModel, "no model is named like a flag"));
        }
        let mut arguments = flags();
        arguments.extend(["--include-partial-messages", "--model", &request.model].map(OsString::from));
        arguments.extend(prompt::effort(request.parameters.reasoning_effort).iter().map(OsString::from));
        let mut launch = self.launch(program, arguments, prompt::line(&self.vendor, request)?)?;
        if let Some(files) = &launch.files {
            let path = write_instructions(files, prompt::instructions(request)).map_err(|error| no_room(&error))?;
            launch.arguments.extend(["--system-prompt-file".into(), path.into_os_string()]);
        }
        if let Some(most) = request.parameters.max_tokens {
            launch.environment.push(("CLAUDE_CODE_MAX_OUTPUT_TOKENS".into(), most.to_string().into()));
        }
        Ok(launch)
    }

    async fn initialized(&self, cancel: &CancellationToken) -> Result<ask::Session, ProviderError> {
        let work = async {
            let program = self.program().await?;
            let launch = self.launch(program, flags(), ask::INITIALIZE.to_vec())?;
            ask::session(launch, self.clocks.lookup).await.map_err(|error| self.hidden.clean(error))
        };
        cancel.run_until_cancelled(work).await.unwrap_or_else(|| Err(stopped()))
    }
}

fn flags() -> Vec<OsString> {
    FLAGS.into_iter().chain([PERMISSIONS]).map(OsString::from).collect()
}

/// In a file: as an argument every process of the machine could read it, and long ones do not fit.
fn write_instructions(files: &TempDir, text: &str) -> std::io::Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("instructions-").suffix(".txt").tempfile_in(files.path())?;
    file.write_all(text.as_bytes())?;
    // The folder takes it along when it goes.
    file.into_temp_path().keep().map_err(|error| error.error)
}

fn no_room(error: &std::io::Error) -> ProviderError {
    let message = format!("a folder for the program claude cannot be made: {}", error.kind());
    ProviderError::because(Category::Internal, "no_folder", message)
}

fn stopped() -> ProviderError {
    ProviderError::new(Category::Cancelled, "stopped")
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[async_trait]
impl Provider for ClaudeCode {
    /// What the program names, then the names that it knows besides.
    async fn models(&self, cancel: CancellationToken) -> Result<Vec<ModelInfo>, ProviderError> {
        let mut models = self.initialized(&cancel).await?.models;
        for known in &self.vendor.models {
            if models.iter().all(|model| model.id != known.id) {
                models.push(ModelInfo { id: known.id.clone(), name: known.name.clone(), ..ModelInfo::default() });
            }
        }
        Ok(models)
    }

    async fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> Result<EventStream, ProviderError> {
        let started = Instant::now();
        let program = cancel.run_until_cancelled(self.program()).await.unwrap_or_else(|| Err(stopped()))?;
        let launch = self.chat(program, &request)?;
        let exchange = self.recording.as_ref().and_then(|to| to.begin(&self.vendor, &request.model, &launch));
        let fate = Arc::<Fate>::default();
        let started_up = process::start(launch, &fate);
        if let Some(exchange) = &exchange {
            record::begun(exchange, &started_up);
        }
        let output = tapped(started_up?, exchange.as_ref());
        let reading = Reading {
            decoder: Box::new(Lines::new(decode::Answer::new(fate, now()), true)),
            clocks: self.clocks,
            started,
            cancel,
            peer: "claude".to_owned(),
            hidden: Arc::clone(&self.hidden),
        };
        let events = reading.events(stream::iter([Ok(Bytes::from_static(NOTHING))]).chain(output).boxed());
        Ok(match exchange {
            Some(exchange) => exchange.watch(events),
            None => events,
        })
    }

    async fn complete(&self, request: ChatRequest, cancel: CancellationToken) -> Result<ChatResponse, ProviderError> {
        let mut events = self.stream(request, cancel).await?;
        let mut whole = Fold::new();
        while let Some(event) = events.next().await {
            whole.push(event?);
        }
        Ok(whole.finish())
    }

    async fn embed(&self, _: EmbedRequest, _: CancellationToken) -> Result<EmbedResponse, ProviderError> {
        Err(ProviderError::because(Category::BadRequest, NO_EMBEDDINGS, "Claude Code makes no embeddings"))
    }

    fn version(&self) -> Option<String> {
        self.program.get().map(|program| program.version.clone())
    }

    /// Its version, and whether somebody is signed in. No model is asked.
    async fn check(&self, cancel: CancellationToken) -> Result<(), ProviderError> {
        match self.initialized(&cancel).await?.signed_out {
            false => Ok(()),
            true => {
                let message = "nobody is signed in: run `claude` in a terminal and sign in there, then check again";
                Err(ProviderError::because(Category::RejectedKey, "not_signed_in", message))
            }
        }
    }
}
