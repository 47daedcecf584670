//! A stand-in for Amazon Bedrock: it lets in what is signed as AWS says, answers in real frames, and lists its models.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::frames;
use crate::sigv4::{self, Refusal, Signer};
use crate::{Recorded, wire};

/// What the stand-in knows and has seen.
pub struct State {
    /// Whose signatures are good.
    pub signer: Signer,
    /// Tokens of sessions that are over.
    pub expired: Vec<String>,
    /// API keys.
    pub keys: Vec<String>,
    /// Its time, in UTC seconds.
    pub now: i64,
    /// Bodies of the next streams; without one an answer of two words.
    pub streams: VecDeque<Vec<u8>>,
    /// The requests, and the status each was answered with.
    pub seen: Vec<(Recorded, u16)>,
}

/// The server; it ends when this is dropped.
pub struct Bedrock {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

impl Bedrock {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(signer: Signer, now: i64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = State { signer, expired: vec![], keys: vec![], now, streams: VecDeque::new(), seen: vec![] };
        let state = Arc::new(Mutex::new(state));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { address, state, accepting }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes or reads what it knows.
    ///
    /// # Panics
    /// When a test panicked while it did.
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap())
    }

    /// The statuses of all answers so far.
    pub fn statuses(&self) -> Vec<u16> {
        self.with(|state| state.seen.iter().map(|(_, status)| *status).collect())
    }
}

impl Drop for Bedrock {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((socket, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move { _ = serve(socket, state).await });
    }
}

/// One request a connection.
async fn serve(mut socket: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let request = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
            let mut request = Recorded { head, body: Vec::new() };
            let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
            while bytes.len() < end + 4 + length {
                if socket.read_buf(&mut bytes).await? == 0 {
                    return Ok(());
                }
            }
            request.body = bytes[end + 4..end + 4 + length].to_vec();
            break request;
        }
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    let answer = answer(&request, &mut state.lock().unwrap());
    socket.write_all(&answer).await?;
    socket.shutdown().await
}

/// A status, headers and a body.
struct Said {
    status: u16,
    kind: Option<&'static str>,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Said {
    fn json(body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { status: 200, kind: None, content_type: "application/json", body }
    }

    fn refusal(status: u16, Refusal(kind, words): Refusal) -> Self {
        let body = json!({ "message": words }).to_string().into_bytes();
        Self { status, kind: Some(kind), content_type: "application/json", body }
    }
}

fn answer(request: &Recorded, state: &mut State) -> Vec<u8> {
    let said = match let_in(request, state) {
        Ok(()) => route(request, state),
        Err(refusal) => Said::refusal(403, refusal),
    };
    state.seen.push((request.clone(), said.status));
    let date = chrono::DateTime::from_timestamp(state.now, 0).expect("a time").format("%a, %d %b %Y %H:%M:%S GMT");
    let (date, length) = (date.to_string(), said.body.len().to_string());
    let kind = said.kind.map(|kind| format!("{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"));
    let mut fields = vec![
        ("date", date.as_str()),
        ("content-type", said.content_type),
        ("content-length", &length),
        ("x-amzn-requestid", "7f2b-request"),
        ("x-amzn-bedrock-input-token-count", "7"),
        ("connection", "close"),
    ];
    fields.extend(kind.as_deref().map(|kind| ("x-amzn-errortype", kind)));
    [wire::head(&format!("{} Said", said.status), &fields), said.body].concat()
}

fn let_in(request: &Recorded, state: &State) -> Result<(), Refusal> {
    if let Some(key) = request.header("authorization").and_then(|given| given.strip_prefix("Bearer ")) {
        let lists = request.line().starts_with("GET");
        if !state.keys.iter().any(|known| known == key) {
            let words = "Authentication failed: Please make sure your API Key is valid.";
            return Err(Refusal("AccessDeniedException", words.into()));
        }
        if lists && key.starts_with("bedrock-api-key-") {
            return Err(Refusal("AccessDeniedException", "This key may not list models".into()));
        }
        return Ok(());
    }
    if request.header("x-amz-security-token").is_some_and(|token| state.expired.iter().any(|over| over == token)) {
        let words = "The security token included in the request is expired";
        return Err(Refusal("ExpiredTokenException", words.into()));
    }
    sigv4::check(request, &state.signer, state.now)
}

fn route(request: &Recorded, state: &mut State) -> Said {
    let mut line = request.line().split(' ');
    let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let path: Vec<&str> = target.trim_start_matches('/').split('/').collect();
    match (method, path.as_slice()) {
        ("GET", ["foundation-models"]) => Said::json(&json!({ "modelSummaries": foundation_models() })),
        ("GET", [list]) if list.starts_with("inference-profiles?") => profiles(list),
        // A name with a colon or a slash in it would be another path.
        ("POST", ["model", model, way]) if !model.contains(':') => asked(way, &request.body, state),
        _ => Said::refusal(404, Refusal("UnknownOperationException", format!("no {method} {target}"))),
    }
}

fn foundation_models() -> Value {
    let model = |id: &str, output: &str, input: &[&str], ways: &[&str]| {
        json!({
            "modelId": id, "modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{id}"), "modelName": "A model",
            "providerName": "Somebody", "inputModalities": input, "outputModalities": [output],
            "responseStreamingSupported": true, "inferenceTypesSupported": ways,
            "modelLifecycle": { "status": "ACTIVE" },
        })
    };
    json!([
        model("amazon.nova-lite-v1:0", "TEXT", &["TEXT", "IMAGE"], &["ON_DEMAND"]),
        model("anthropic.claude-sonnet-5", "TEXT", &["TEXT", "IMAGE"], &["INFERENCE_PROFILE"]),
        model("amazon.titan-embed-text-v2:0", "EMBEDDING", &["TEXT"], &["ON_DEMAND"]),
    ])
}

fn profiles(list: &str) -> Said {
    let profile =
        |id: &str| json!({ "inferenceProfileId": id, "inferenceProfileName": "A profile", "status": "ACTIVE" });
    Said::json(&match list.contains("nextToken=more%2Fand%2Bmore") {
        true => json!({ "inferenceProfileSummaries": [profile("global.anthropic.claude-sonnet-5")] }),
        false => json!({
            "inferenceProfileSummaries": [profile("us.anthropic.claude-sonnet-5")], "nextToken": "more/and+more",
        }),
    })
}

fn asked(way: &str, body: &[u8], state: &mut State) -> Said {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let has_messages = body["messages"].as_array().is_some_and(|messages| !messages.is_empty());
    match way {
        "converse-stream" | "converse" if !has_messages => {
            let words = "1 validation error detected: Value null at 'messages' failed to satisfy constraint";
            Said::refusal(400, Refusal("ValidationException", words.into()))
        }
        "converse-stream" => {
            let plain = || {
                let start = frames::event("messageStart", r#"{"role":"assistant"}"#);
                [start, frames::text("Hello"), frames::text(" there"), frames::end("end_turn")].concat()
            };
            let body = state.streams.pop_front().unwrap_or_else(plain);
            Said { status: 200, kind: None, content_type: "application/vnd.amazon.eventstream", body }
        }
        "converse" => Said::json(&json!({
            "output": { "message": { "role": "assistant", "content": [{ "text": "Hello there" }] } },
            "stopReason": "end_turn", "usage": { "inputTokens": 3, "outputTokens": 5, "totalTokens": 8 },
        })),
        "invoke" if body["inputText"].is_string() => {
            Said::json(&json!({ "embedding": [0.5, -1.0], "inputTextTokenCount": 3 }))
        }
        "invoke" => {
            let count = body["texts"].as_array().map_or(0, Vec::len);
            Said::json(&json!({ "embeddings": { "float": vec![[0.5, -1.0]; count] } }))
        }
        _ => Said::refusal(404, Refusal("UnknownOperationException", format!("no {way}"))),
    }
}
