//! A stand-in for Google's token endpoint and the models of Vertex AI behind it: tokens are given for assertions that
//! are looked at as Google's description says, and models answer only to tokens that were given.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::script::Gate;
use crate::upstream::{Recorded, take_request};
use crate::wire;

/// Whose assertions are taken.
pub const EMAIL: &str = "robot@p-1.iam.gserviceaccount.com";
/// The id of its key.
pub const KEY_ID: &str = "kid-0123456789";
/// Two private keys of tests, PKCS #8 without its first and last line: nobody uses them.
const KEYS: [&str; 2] =
    [include_str!("../../fixtures/google/key-one.txt"), include_str!("../../fixtures/google/key-two.txt")];
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const TEXT: &str = "Hello from Vertex";

/// A private key of tests: the first is the one that is known.
pub fn private_key(number: usize) -> String {
    KEYS[number].split_whitespace().collect()
}

#[derive(Default)]
struct State {
    requests: Vec<Recorded>,
    exchanges: usize,
    tokens: Vec<String>,
    lifetime: Option<u64>,
    /// Answers to requests for tokens that come before any look at them.
    failures: VecDeque<(&'static str, Value)>,
    gate: Option<Gate>,
    /// So many requests of models are refused whatever their token is.
    refusals: usize,
    echoes: bool,
}

/// Answers on a port of 127.0.0.1.
pub struct Google {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

impl Google {
    /// Listens. Tokens are good for an hour.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, address, Arc::clone(&shared)));
            }
        });
        Self { address, state, accepting }
    }

    /// Where tokens are had.
    pub fn token_uri(&self) -> String {
        token_uri(self.address)
    }

    /// The address of the project `p-1` at a location.
    pub fn base_url(&self, location: &str) -> String {
        format!("http://{}/v1/projects/p-1/locations/{location}", self.address)
    }

    /// The JSON file of the service account, signed with one of the keys of tests.
    pub fn account(&self, key: usize) -> Value {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n", KEYS[key]);
        json!({ "type": "service_account", "project_id": "p-1", "private_key_id": KEY_ID, "private_key": pem,
            "client_email": EMAIL, "client_id": "1", "token_uri": self.token_uri() })
    }

    /// Tokens given from now on are good for so many seconds.
    pub fn live_for(&self, seconds: u64) {
        self.state.lock().unwrap().lifetime = Some(seconds);
    }

    /// The next request for a token is answered with this.
    pub fn then_fail(&self, status: &'static str, body: Value) {
        self.state.lock().unwrap().failures.push_back((status, body));
    }

    /// No token is given until the gate is open.
    pub fn hold(&self, gate: &Gate) {
        self.state.lock().unwrap().gate = Some(gate.clone());
    }

    /// The next requests of models are refused with a 401.
    pub fn refuse(&self, count: usize) {
        self.state.lock().unwrap().refusals = count;
    }

    /// Requests of models are refused with all that they said of themselves.
    pub fn echo(&self) {
        self.state.lock().unwrap().echoes = true;
    }

    /// How often a token was asked for.
    pub fn exchanges(&self) -> usize {
        self.state.lock().unwrap().exchanges
    }

    /// The tokens that were given.
    pub fn tokens(&self) -> Vec<String> {
        self.state.lock().unwrap().tokens.clone()
    }

    /// The requests of models, in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.lock().unwrap().requests.clone()
    }
}

impl Drop for Google {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn token_uri(address: SocketAddr) -> String {
    format!("http://{address}/token")
}

async fn serve(mut stream: TcpStream, address: SocketAddr, state: Arc<Mutex<State>>) {
    let mut buffer = Vec::new();
    loop {
        while let Some(request) = take_request(&mut buffer) {
            let answer = if request.line().starts_with("POST /token ") {
                exchange(&request, address, &state).await
            } else {
                model(request, &state)
            };
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut buffer).await {
            Ok(n) if n > 0 => {}
            _ => return,
        }
    }
}

async fn exchange(request: &Recorded, address: SocketAddr, state: &Mutex<State>) -> Vec<u8> {
    let (gate, failure) = {
        let mut state = state.lock().unwrap();
        state.exchanges += 1;
        (state.gate.clone(), state.failures.pop_front())
    };
    if let Some(gate) = gate {
        gate.passed().await;
    }
    if let Some((status, body)) = failure {
        return json_answer(status, &body);
    }
    match assertion(request, &token_uri(address)) {
        Err(why) => json_answer("400 Bad Request", &json!({ "error": "invalid_grant", "error_description": why })),
        Ok(()) => {
            let mut state = state.lock().unwrap();
            let token = format!("ya29.canary-token-{}-0123456789", state.tokens.len());
            state.tokens.push(token.clone());
            let lifetime = state.lifetime.unwrap_or(3599);
            json_answer("200 OK", &json!({ "access_token": token, "expires_in": lifetime, "token_type": "Bearer" }))
        }
    }
}

/// Looks at an assertion (RFC 7523, RS256) as the reference of Google's OAuth 2.0 for service accounts says.
fn assertion(request: &Recorded, token_uri: &str) -> Result<(), String> {
    let form = String::from_utf8(request.body.clone()).map_err(|_| "no form")?;
    let fields: Vec<(&str, &str)> = form.split('&').filter_map(|field| field.split_once('=')).collect();
    let [("grant_type", grant), ("assertion", jwt)] = fields[..] else { return Err("Other fields".into()) };
    if grant != "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer" {
        return Err("Invalid grant type".into());
    }
    let (signed, signature) = jwt.rsplit_once('.').ok_or("Invalid JWT")?;
    let (head, claims) = signed.split_once('.').ok_or("Invalid JWT")?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| "Invalid JWT: no base64url".to_owned());
    let read =
        |text: &str| serde_json::from_slice::<Value>(&decode(text)?).map_err(|_| "Invalid JWT: no JSON".to_owned());
    if read(head)? != json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID }) {
        return Err("Invalid JWT header".into());
    }
    let der = STANDARD.decode(private_key(0)).unwrap();
    let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    public.verify(signed.as_bytes(), &decode(signature)?).map_err(|_| "Invalid JWT Signature.")?;
    let claims = read(claims)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (issued, expires) = (claims["iat"].as_u64().ok_or("no iat")?, claims["exp"].as_u64().ok_or("no exp")?);
    if issued > now + 60 || issued + 300 < now || expires <= now || expires > issued + 3600 {
        return Err("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.".into());
    }
    let said = (&claims["iss"], &claims["scope"], &claims["aud"]);
    if said != (&json!(EMAIL), &json!(SCOPE), &json!(token_uri)) || claims.as_object().unwrap().len() != 5 {
        return Err("Invalid JWT: wrong claims".into());
    }
    Ok(())
}

fn model(request: Recorded, state: &Mutex<State>) -> Vec<u8> {
    let mut state = state.lock().unwrap();
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let by_key = request.header("x-goog-api-key").is_some();
    let path = request.line().to_owned();
    let head = request.head.clone();
    state.requests.push(request);
    let refused = state.refusals > 0;
    state.refusals = state.refusals.saturating_sub(1);
    if refused || !by_key && !bearer.is_some_and(|bearer| state.tokens.contains(&bearer)) {
        let error = json!([{ "error": { "code": 401, "message": "Request had invalid authentication credentials.",
            "status": "UNAUTHENTICATED" } }]);
        return json_answer("401 Unauthorized", &error);
    }
    if state.echoes {
        let error = json!({ "error": { "code": 400, "message": head, "status": "INVALID_ARGUMENT" } });
        return json_answer("400 Bad Request", &error);
    }
    let method = path.split(' ').nth(1).and_then(|path| path.rsplit_once(':')).map_or("", |(_, method)| method);
    match method {
        "streamGenerateContent?alt=sse" => sse(&[json!({ "candidates": [{ "content": { "role": "model",
            "parts": [{ "text": TEXT }] }, "finishReason": "STOP" }], "usageMetadata": { "promptTokenCount": 3,
            "candidatesTokenCount": 5, "totalTokenCount": 8, "trafficType": "ON_DEMAND" },
            "modelVersion": "gemini-served", "responseId": "r1" })]),
        "streamRawPredict" => sse(&claude()),
        "predict" => json_answer(
            "200 OK",
            &json!({ "predictions": [{ "embeddings": { "values": [0.5, -1.0],
            "statistics": { "token_count": 4, "truncated": false } } }] }),
        ),
        "countTokens" => json_answer("200 OK", &json!({ "totalTokens": 1 })),
        _ => json_answer("404 Not Found", &json!({ "error": { "code": 404, "message": "no", "status": "NOT_FOUND" } })),
    }
}

fn claude() -> Vec<Value> {
    vec![
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant",
            "model": "claude-served", "content": [], "usage": { "input_tokens": 3, "output_tokens": 1 } } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": TEXT } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 5 } }),
        json!({ "type": "message_stop" }),
    ]
}

fn sse(events: &[Value]) -> Vec<u8> {
    let body: Vec<u8> = events.iter().flat_map(|event| wire::event(&event.to_string())).collect();
    wire::answer("200 OK", "text/event-stream", &body)
}

fn json_answer(status: &str, body: &Value) -> Vec<u8> {
    wire::answer(status, "application/json", body.to_string().as_bytes())
}
