//! A server that answers each prompt with its own known words at an even pace and remembers when it sent them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PACE: Duration = Duration::from_millis(4);
/// Every prompt begins with it, and nothing else in a request holds it.
pub(crate) const MARK: &str = "prompt~";

/// The words that a key is answered with: from a tenth of a second to two seconds of them.
pub(crate) fn words(prompt: &str) -> impl Iterator<Item = String> {
    let seed = prompt.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let prompt = prompt.to_owned();
    (0..25 + seed % 475).map(move |nth| format!("{prompt}/{nth} "))
}

/// When each piece of each answer was sent: the moment before, and the length of the text with it.
type Sent = Arc<Mutex<HashMap<String, Vec<(Instant, usize)>>>>;

pub(crate) struct Upstream {
    pub(crate) base_url: String,
    sent: Sent,
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let sent = Sent::default();
        let remembered = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((peer, _)) = listener.accept().await {
                // A peer that is killed ends its connection in an error; that is what this is for.
                tokio::spawn(answer(peer, Arc::clone(&remembered)));
            }
        });
        Self { base_url, sent }
    }

    /// When the first byte of an answer beyond `length` was sent; `None` where nothing beyond it was.
    pub(crate) fn sent_beyond(&self, prompt: &str, length: usize) -> Option<Instant> {
        let sent = self.sent.lock().unwrap();
        sent.get(prompt)?.iter().find(|(_, with)| *with > length).map(|(at, _)| *at)
    }
}

async fn answer(mut peer: TcpStream, sent: Sent) -> std::io::Result<()> {
    peer.set_nodelay(true)?;
    let prompt = last_prompt(&mut peer).await?;
    peer.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await?;
    let mut pace = tokio::time::interval(PACE);
    let mut length = 0;
    for word in words(&prompt) {
        pace.tick().await;
        length += word.len();
        sent.lock().unwrap().entry(prompt.clone()).or_default().push((Instant::now(), length));
        peer.write_all(event(&serde_json::json!({"content": word}), None).as_bytes()).await?;
    }
    peer.write_all(event(&serde_json::json!({}), Some("stop")).as_bytes()).await?;
    peer.write_all(b"data: [DONE]\n\n").await?;
    peer.shutdown().await
}

fn event(delta: &serde_json::Value, finish: Option<&str>) -> String {
    let choice = serde_json::json!({"index": 0, "delta": delta, "finish_reason": finish});
    let chunk = serde_json::json!({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]});
    format!("data: {chunk}\n\n")
}

/// What an answer goes by: lanes of one prompt have models of their own and are answered with words of their own.
pub(crate) fn key(prompt: &str, model: &str) -> String {
    format!("{prompt}@{model}")
}

/// Reads a request and returns what its answer goes by.
async fn last_prompt(peer: &mut TcpStream) -> std::io::Result<String> {
    let mut request = Vec::new();
    loop {
        if peer.read_buf(&mut request).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest.lines().next().unwrap());
            if body.len() >= length.trim().parse().unwrap() {
                let body: serde_json::Value = serde_json::from_str(body)?;
                let said =
                    body["messages"].as_array().unwrap().iter().rev().find(|said| said["role"] == "user").unwrap();
                let said = said.to_string();
                let prompt = said.split(MARK).nth(1).unwrap().split('.').next().unwrap();
                return Ok(key(prompt, body["model"].as_str().unwrap()));
            }
        }
    }
}
