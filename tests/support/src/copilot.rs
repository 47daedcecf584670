//! A stand-in for GitHub and Copilot on loopback: the sign-in with a code, the exchange of tokens, models, chats on
//! three wires, the quota. It is as strict about headers as the real ones, and it remembers what it was asked.

mod answers;
mod gate;
mod github;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::script::Gate;
use crate::upstream::{Recorded, take_request};

/// The oldest version of the editor that is taken.
pub const OLDEST_EDITOR: &str = "vscode/1.100.0";

/// Which of the two hosts a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// GitHub itself, and Copilot for individuals.
    First,
    /// Copilot for businesses.
    Second,
}

/// A request, and where it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The host.
    pub door: Door,
    /// The request.
    pub request: Recorded,
}

/// What the next question about a device is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// `authorization_pending`.
    Pending,
    /// `slow_down`, with an interval of a second.
    SlowDown,
    /// Signed in, as this account.
    Approved(String),
    /// `access_denied`.
    Denied,
    /// `expired_token`.
    Expired,
}

pub(crate) struct State {
    pub(crate) addresses: [SocketAddr; 2],
    pub(crate) asked: Vec<Asked>,
    /// By device code: the code that a person enters, and what comes next; the last one stays.
    pub(crate) devices: HashMap<String, (String, Vec<Device>)>,
    /// Logins by their tokens.
    pub(crate) logins: HashMap<String, String>,
    /// Whose a live token of the API is.
    pub(crate) tokens: HashMap<String, String>,
    /// Accounts of businesses.
    pub(crate) businesses: Vec<String>,
    pub(crate) made: u32,
    pub(crate) exchanges: u32,
    pub(crate) refresh_in: u64,
    /// Status and body that exchanges are refused with.
    pub(crate) refusal: Option<(u16, String)>,
    /// What exchanges name instead of their own address.
    pub(crate) address: Option<String>,
    pub(crate) hold: Option<Gate>,
}

/// The stand-in; it ends with this value.
pub struct CopilotStandIn {
    state: Arc<Mutex<State>>,
    accepting: [JoinHandle<()>; 2],
}

impl CopilotStandIn {
    /// Listens on two ports of 127.0.0.1, the first of them this one; 0 takes a free one.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(port: u16) -> Self {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("the port is free");
        let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = |listener: &TcpListener| listener.local_addr().expect("a bound listener has an address");
        let state = Arc::new(Mutex::new(State {
            addresses: [address(&first), address(&second)],
            asked: Vec::new(),
            devices: HashMap::new(),
            logins: HashMap::new(),
            tokens: HashMap::new(),
            businesses: Vec::new(),
            made: 0,
            exchanges: 0,
            refresh_in: 1500,
            refusal: None,
            address: None,
            hold: None,
        }));
        let accepting = [(first, Door::First), (second, Door::Second)]
            .map(|(listener, door)| tokio::spawn(accept(listener, door, Arc::clone(&state))));
        Self { state, accepting }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Its address: `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.state().addresses[0])
    }

    /// The bundled vendor's file under another id, with the addresses of the stand-in.
    pub fn vendor_file(&self, id: &str) -> String {
        vendor_file(id, &self.address())
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// The requests to a path so far.
    pub fn asked_for(&self, path: &str) -> Vec<Asked> {
        let is_it = |asked: &Asked| asked.request.line().split(' ').nth(1) == Some(path);
        self.asked().into_iter().filter(is_it).collect()
    }

    /// How often a login was exchanged.
    pub fn exchanges(&self) -> u32 {
        self.state().exchanges
    }

    /// What the questions about the device with this code are answered with, one after the other.
    ///
    /// # Panics
    /// When nobody was given the code.
    pub fn script(&self, user_code: &str, steps: impl IntoIterator<Item = Device>) {
        let steps: Vec<Device> = steps.into_iter().collect();
        let mut state = self.state();
        let device = state.devices.values_mut().find(|(code, _)| code == user_code);
        device.expect("the code was handed out").1 = steps;
    }

    /// A login without a sign-in; its token.
    pub fn login(&self, name: &str) -> String {
        self.state().new_login(name)
    }

    /// This account's Copilot is on the second host.
    pub fn in_business(&self, name: &str) {
        self.state().businesses.push(name.to_owned());
    }

    /// No login that was handed out is good any more.
    pub fn revoke_logins(&self) {
        self.state().logins.clear();
    }

    /// No token of the API that was handed out is good any more.
    pub fn revoke_tokens(&self) {
        self.state().tokens.clear();
    }

    /// When exchanges ask to be made anew, in seconds.
    pub fn refresh_in(&self, seconds: u64) {
        self.state().refresh_in = seconds;
    }

    /// Exchanges are refused from now on; `None` allows them again.
    pub fn refuse(&self, refusal: Option<(u16, &str)>) {
        self.state().refusal = refusal.map(|(status, body)| (status, body.to_owned()));
    }

    /// Exchanges name this address of the API.
    pub fn name_address(&self, address: &str) {
        self.state().address = Some(address.to_owned());
    }

    /// Exchanges wait for this gate.
    pub fn hold(&self, gate: &Gate) {
        self.state().hold = Some(gate.clone());
    }
}

/// The bundled vendor's file under another id, with everything at this address.
///
/// # Panics
/// When there is no such vendor.
pub fn vendor_file(id: &str, address: &str) -> String {
    let bundled = parlance_providers::catalog::Catalog::bundled().get("copilot").expect("it is bundled").clone();
    let mut vendor = parlance_providers::catalog::Vendor { id: id.to_owned(), ..bundled };
    vendor.base_url = Some(address.to_owned());
    vendor.mark.letters = "Sc".to_owned();
    let sign_in = vendor.sign_in.as_mut().expect("people sign in there");
    sign_in.web = address.to_owned();
    sign_in.api = address.to_owned();
    toml::to_string(&vendor).expect("a vendor is TOML")
}

impl Drop for CopilotStandIn {
    fn drop(&mut self) {
        self.accepting.iter().for_each(JoinHandle::abort);
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Self { status, kind: "application/json", body: body.to_string() }
    }

    pub(crate) fn events(body: String) -> Self {
        Self { status: 200, kind: "text/event-stream", body }
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { status, kind, body } = self;
        let quota =
            "x-quota-snapshot-premium_interactions: ent=300&ov=0.0&ovPerm=false&rem=87.5&rst=2026-12-01T00%3A00%3A00Z";
        let length = body.len();
        format!("HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\n{quota}\r\ncontent-length: {length}\r\n\r\n{body}")
            .into()
    }
}

async fn accept(listener: TcpListener, door: Door, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, door, Arc::clone(&state)));
    }
}

async fn serve(mut stream: TcpStream, door: Door, state: Arc<Mutex<State>>) {
    let mut buffer = Vec::new();
    loop {
        while let Some(request) = take_request(&mut buffer) {
            let hold = {
                let mut state = state.lock().unwrap();
                state.asked.push(Asked { door, request: request.clone() });
                state.hold.clone().filter(|_| request.line().contains("/v2/token"))
            };
            if let Some(gate) = hold {
                gate.passed().await;
            }
            let reply = answers::reply(&mut state.lock().unwrap(), door, &request);
            // Who asked may have gone.
            let _gone = stream.write_all(&reply.bytes()).await;
        }
        match stream.read_buf(&mut buffer).await {
            Ok(read) if read > 0 => {}
            _ => return,
        }
    }
}
