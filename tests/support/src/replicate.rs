//! A stand-in for Replicate: predictions are made, stream from another address, are looked at and cancelled.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::wire;

/// What becomes of a prediction.
#[derive(Clone, Debug)]
pub struct Life {
    /// It names an address to stream from.
    pub streams: bool,
    /// The status of that address' answer.
    pub stream_status: &'static str,
    /// What it streams.
    pub stream: Vec<u8>,
    /// The stream stays open after that.
    pub stalls: bool,
    /// What it is at each look, the last one for good: members of a prediction, or `refused` with a status line.
    pub looks: Vec<Value>,
    /// The names of what its model takes; `None` where the model says nothing.
    pub takes: Option<Vec<&'static str>>,
    /// The status and the body of the answer that makes it, where that is a refusal.
    pub refusal: Option<(&'static str, Value)>,
    /// It is not made before it may be.
    pub held: bool,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            streams: true,
            stream_status: "200 OK",
            stream: Vec::new(),
            stalls: false,
            looks: vec![json!({ "status": "succeeded" })],
            takes: Some(vec!["prompt", "system_prompt", "max_tokens", "temperature"]),
            refusal: None,
            held: false,
        }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `POST /v1/predictions/abc/cancel`.
    pub line: String,
    /// Its `authorization`.
    pub key: Option<String>,
    /// Its body, where it is JSON.
    pub body: Value,
}

struct State {
    life: Life,
    looks: usize,
    seen: Vec<Seen>,
}

#[derive(Clone)]
struct Shared {
    state: Arc<Mutex<State>>,
    /// Rings at each request.
    came: Arc<Notify>,
    /// Lets what is held go on.
    go: Arc<Notify>,
    streams: SocketAddr,
}

/// The vendor, at two addresses.
pub struct FakeReplicate {
    api: SocketAddr,
    shared: Shared,
    serving: Vec<JoinHandle<()>>,
}

impl FakeReplicate {
    /// Listens on two free ports of 127.0.0.1: one for the API, one for streams.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(life: Life) -> Self {
        let listener = || async { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port") };
        let (api, streams) = (listener().await, listener().await);
        let address = |listener: &TcpListener| listener.local_addr().expect("a bound listener has an address");
        let state = Arc::new(Mutex::new(State { life, looks: 0, seen: Vec::new() }));
        let (came, go) = Default::default();
        let shared = Shared { state, came, go, streams: address(&streams) };
        let api_address = address(&api);
        let serving = [api, streams].map(|listener| tokio::spawn(accept(listener, shared.clone())));
        Self { api: api_address, shared, serving: serving.into() }
    }

    /// Its address.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.api)
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// Waits for a request whose line holds this, and gives it.
    pub async fn came(&self, line: &str) -> Seen {
        loop {
            let came = self.shared.came.notified();
            if let Some(seen) = self.seen().into_iter().find(|seen| seen.line.contains(line)) {
                return seen;
            }
            came.await;
        }
    }

    /// Lets what is held go on.
    pub fn go(&self) {
        self.shared.go.notify_one();
    }
}

impl Drop for FakeReplicate {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}

async fn accept(listener: TcpListener, shared: Shared) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, shared.clone()));
    }
}

async fn serve(mut stream: TcpStream, shared: Shared) {
    let Some(seen) = read(&mut stream).await else { return };
    let life = {
        let mut state = shared.state.lock().unwrap();
        state.seen.push(seen.clone());
        state.life.clone()
    };
    let (method, path) = seen.line.split_once(' ').unwrap();
    let held = life.held && method == "POST" && path.ends_with("/predictions");
    shared.came.notify_waiters();
    if held {
        shared.go.notified().await;
    }
    if path.starts_with("/files/") {
        let head = wire::head(life.stream_status, &[("content-type", "text/event-stream"), ("connection", "close")]);
        let _gone = stream.write_all(&[head, life.stream].concat()).await;
        if life.stalls {
            let _closed = stream.read(&mut [0; 1]).await;
        }
        return;
    }
    let (status, body) = shared.answer(method, path, &life);
    let body = body.to_string();
    let fields =
        [("content-type", "application/json"), ("connection", "close"), ("content-length", &body.len().to_string())];
    let _gone = stream.write_all(&[wire::head(status, &fields), body.into_bytes()].concat()).await;
}

impl Shared {
    fn answer<'a>(&self, method: &str, path: &str, life: &'a Life) -> (&'a str, Value) {
        let urls = json!({ "stream": life.streams.then(|| format!("http://{}/files/f1", self.streams)) });
        let run = json!({ "id": "p1", "model": "meta/llama", "status": "starting", "urls": urls, "error": null });
        match (method, path) {
            ("POST", path) if path.ends_with("/cancel") => ("200 OK", json!({ "id": "p1", "status": "canceled" })),
            ("POST", path) if path.ends_with("/predictions") => match &life.refusal {
                Some((status, body)) => (status, body.clone()),
                None => ("201 Created", run),
            },
            ("GET", "/v1/predictions/p1") => {
                let mut state = self.state.lock().unwrap();
                let at = state.looks.min(life.looks.len() - 1);
                state.looks += 1;
                if let Some(status) = life.looks[at]["refused"].as_str() {
                    return (status, json!({ "detail": "not now" }));
                }
                let mut run = run;
                run.as_object_mut().unwrap().extend(life.looks[at].as_object().unwrap().clone());
                ("200 OK", run)
            }
            ("GET", "/v1/account") => ("200 OK", json!({ "type": "user", "username": "me" })),
            ("GET", "/v1/collections/language-models") => {
                ("200 OK", json!({ "models": [{ "owner": "meta", "name": "llama" }, { "owner": null }] }))
            }
            ("GET", path) if path.starts_with("/v1/models/") => match &life.takes {
                Some(names) => {
                    let names: serde_json::Map<_, _> =
                        names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
                    let schema = json!({ "components": { "schemas": { "Input": { "properties": names } } } });
                    ("200 OK", json!({ "latest_version": { "openapi_schema": schema } }))
                }
                None => ("404 Not Found", json!({ "detail": "not found", "status": 404 })),
            },
            _ => ("404 Not Found", json!({ "detail": "not found", "status": 404 })),
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let field = |name: &str| {
        let mut fields = text.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = field("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let line = text.lines().next().unwrap().rsplit_once(' ').unwrap().0.to_owned();
    Some(Seen { line, key: field("authorization"), body: serde_json::from_slice(&bytes[head..]).unwrap_or_default() })
}
