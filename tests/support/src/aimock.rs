//! The npm package `@copilotkit/aimock` as the other side: an implementation of the vendors' wires that is not ours.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A running mock on a free port of 127.0.0.1; it is stopped when this is dropped.
pub struct Aimock {
    server: Child,
    /// Where it listens, `127.0.0.1:PORT`.
    address: String,
    said: Arc<Mutex<String>>,
    _fixtures: TempDir,
}

/// What the mock prints once it listens, before its address.
const LISTENING: &str = "listening on http://";

impl Aimock {
    /// Starts it with fixtures in its own form, and waits until it listens. A request that no fixture matches is
    /// answered with 503.
    ///
    /// # Panics
    /// When Node or the package is missing, or the mock does not start.
    pub fn start(fixtures: &Value) -> Self {
        Self::launch(fixtures, &[])
    }

    /// The same, and only requests with this key are answered.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_with_key(fixtures: &Value, key: &str) -> Self {
        Self::launch(fixtures, &[("AIMOCK_API_KEYS", key)])
    }

    fn launch(fixtures: &Value, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the fixtures");
        let file = folder.path().join("fixtures.json");
        std::fs::write(&file, json!({ "fixtures": fixtures }).to_string()).expect("the fixtures are written");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node_modules/@copilotkit/aimock/dist/cli.js");
        assert!(program.exists(), "the npm package @copilotkit/aimock is not installed: run `npm ci` first");
        let mut server = Command::new("node")
            .arg(program)
            .args(["--port", "0", "--host", "127.0.0.1", "--strict", "--validate-on-load"])
            // The whole journal, however long.
            .args(["--journal-max", "0", "--fixtures"])
            .arg(&file)
            .env_remove("AIMOCK_API_KEYS")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Node starts: install it (20.19 or newer) and run `npm ci`");
        let said = Arc::<Mutex<String>>::default();
        if let Some(errors) = server.stderr.take() {
            keep(BufReader::new(errors), said.clone());
        }
        let mut lines = BufReader::new(server.stdout.take().expect("its output is ours"));
        let address = listening(&mut lines, &said);
        keep(lines, said.clone());
        let Some(address) = address else {
            let _gone = server.kill();
            let _reaped = server.wait();
            panic!("aimock did not start: {}", said.lock().unwrap());
        };
        Self { server, address, said, _fixtures: folder }
    }

    /// Its origin, `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests it has read, oldest first: `method`, `path`, `headers`, `body` and `response`. The body is in the
    /// mock's own words, into which it has translated the wire: roles `system`, `user`, `assistant` and `tool`.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn journal(&self) -> Vec<Value> {
        let answer = self.get("/__aimock/journal");
        serde_json::from_str(&answer).unwrap_or_else(|e| panic!("the journal is no list ({e}): {answer}"))
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("aimock accepts");
        // HTTP/1.0: the answer ends with the connection and comes in no chunks.
        write!(stream, "GET {path} HTTP/1.0\r\nhost: {}\r\n\r\n", self.address).expect("aimock reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("aimock answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(" 200 "), "{head}\n{}", self.said.lock().unwrap());
        body.to_owned()
    }
}

impl Drop for Aimock {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _reaped = self.server.wait();
    }
}

/// Reads up to the line that names the address; `None` where the output ends before.
fn listening(lines: &mut impl BufRead, said: &Mutex<String>) -> Option<String> {
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        said.lock().unwrap().push_str(&line);
        if let Some((_, address)) = line.split_once(LISTENING) {
            return Some(address.trim().to_owned());
        }
    }
}

/// Keeps reading, so that the mock never waits for a full pipe.
fn keep(mut lines: impl BufRead + Send + 'static, said: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|n| n > 0) {
            said.lock().unwrap().push_str(&line);
            line.clear();
        }
    });
}
