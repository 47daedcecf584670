//! A vendor of the OpenAI family that fails in every way by lot, and writes down each request that it read.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Words of an answer.
const WORDS: usize = 12;
/// Words that a model repeats when it goes on with somebody else's text.
const OVERLAP: usize = 2;
/// Words that come before an answer breaks off.
const BROKEN_AT: usize = 5;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Answered,
    Throttled,
    ThrottledBriefly,
    ThrottledForLong,
    Failed500,
    Overloaded529,
    Html503,
    Reset,
    ResetInMidStream,
    Stalled,
    StalledInMidStream,
    CutInMidStream,
    Garbage,
    Html200,
    ErrorIn200,
    ErrorInStream,
}

use Fate::*;

/// How many of a hundred have which fate on a server that fails.
const LOTS: [(Fate, u64); 16] = [
    (Answered, 38),
    (Throttled, 2),
    (ThrottledBriefly, 5),
    (ThrottledForLong, 1),
    (Failed500, 6),
    (Overloaded529, 6),
    (Html503, 4),
    (Reset, 6),
    (ResetInMidStream, 5),
    (Stalled, 3),
    (StalledInMidStream, 3),
    (CutInMidStream, 5),
    (Garbage, 4),
    (Html200, 4),
    (ErrorIn200, 4),
    (ErrorInStream, 4),
];

/// A request that was read.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The chat's number.
    pub(crate) chat: usize,
    /// What became of it.
    pub(crate) fate: Fate,
    /// It went on with text that another had written.
    pub(crate) goes_on: bool,
}

/// A server on loopback.
pub(crate) struct Upstream {
    pub(crate) base_url: String,
    journal: Arc<Mutex<Vec<Entry>>>,
}

impl Upstream {
    /// One that fails by lot, or one that always answers where there is no seed. A chat's lot depends on the seed, the
    /// chat and how often it asked, whatever the timing.
    pub(crate) async fn start(seed: Option<u64>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let journal: Arc<Mutex<Vec<Entry>>> = Arc::default();
        let kept = Arc::clone(&journal);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seed, Arc::clone(&kept)));
            }
        });
        Self { base_url, journal }
    }

    pub(crate) fn journal(&self) -> Vec<Entry> {
        self.journal.lock().unwrap().clone()
    }
}

/// The whole answer to a chat.
pub(crate) fn answer(chat: usize) -> String {
    (0..WORDS).map(|word| format!("w{chat:04}-{word:02}")).collect::<Vec<_>>().join(" ")
}

fn lot(seed: u64, chat: usize, before: usize) -> Fate {
    let mut z =
        seed ^ (chat as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (before as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let mut draw = (z ^ (z >> 31)) % LOTS.iter().map(|(_, share)| share).sum::<u64>();
    for (fate, share) in LOTS {
        if draw < share {
            return fate;
        }
        draw -= share;
    }
    Answered
}

async fn serve(mut stream: TcpStream, seed: Option<u64>, journal: Arc<Mutex<Vec<Entry>>>) -> Option<()> {
    let body = request(&mut stream).await?;
    let (chat, kept) = told(&body)?;
    let fate = {
        let mut journal = journal.lock().unwrap();
        let before = journal.iter().filter(|entry| entry.chat == chat).count();
        let fate = seed.map_or(Answered, |seed| lot(seed, chat, before));
        journal.push(Entry { chat, fate, goes_on: kept.is_some() });
        fate
    };
    let whole = answer(chat);
    // It repeats the end of what it is given, as models do.
    let said = kept.map_or(0, |kept| kept.split_whitespace().count().saturating_sub(OVERLAP));
    let words: Vec<&str> = whole.split(' ').skip(said).collect();
    act(stream, fate, &words).await
}

async fn request(stream: &mut TcpStream) -> Option<Value> {
    let mut read = Vec::new();
    loop {
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse::<usize>().ok()?;
        if read.len() >= end + 4 + length {
            return serde_json::from_slice(&read[end + 4..end + 4 + length]).ok();
        }
    }
}

/// The chat's number, and the text to go on with.
fn told(body: &Value) -> Option<(usize, Option<String>)> {
    let text = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
    };
    let messages = body["messages"].as_array()?;
    let prompt = messages.iter().map(text).find(|text| text.starts_with("chat "))?;
    let kept = messages.iter().rfind(|message| message["role"] == "assistant").map(text);
    Some((prompt.strip_prefix("chat ")?.trim().parse().ok()?, kept))
}

fn plain(status: &str, media: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"
    )
}

fn error(message: &str) -> String {
    json!({ "error": { "message": message, "type": "server_error" } }).to_string()
}

const JSON: &str = "application/json";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn delta(words: &[&str], last: usize, at: usize) -> String {
    let text = if at + 1 == last { words[at].to_owned() } else { format!("{} ", words[at]) };
    event(&json!({ "id": "c", "choices": [{ "index": 0, "delta": { "content": text } }] }))
}

async fn act(mut stream: TcpStream, fate: Fate, words: &[&str]) -> Option<()> {
    let page = "<html><body><h1>Service Temporarily Unavailable</h1></body></html>";
    let throttled = |more: &str| plain("429 Too Many Requests", JSON, more, &error("slow down"));
    let half: String = (0..BROKEN_AT.min(words.len())).map(|at| delta(words, words.len(), at)).collect();
    let whole = match fate {
        Answered => {
            let deltas: String = (0..words.len()).map(|at| delta(words, words.len(), at)).collect();
            let end = json!({ "id": "c", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
            let usage = json!({ "id": "c", "choices": [], "usage": { "prompt_tokens": 5, "completion_tokens": 9 } });
            format!("{HEAD}{deltas}{}{}data: [DONE]\n\n", event(&end), event(&usage))
        }
        Throttled => throttled(""),
        ThrottledBriefly => throttled("retry-after: 1\r\n"),
        ThrottledForLong => throttled("retry-after: 120\r\n"),
        Failed500 => plain("500 Internal Server Error", JSON, "", &error("broken")),
        Overloaded529 => plain("529 Overloaded", JSON, "", &error("overloaded")),
        Html503 => plain("503 Service Unavailable", "text/html", "", page),
        Html200 => plain("200 OK", "text/html", "", page),
        ErrorIn200 => plain("200 OK", JSON, "", &error("the backend is overloaded")),
        ErrorInStream => {
            format!("{HEAD}{}", event(&json!({ "error": { "message": "overloaded", "type": "server_error" } })))
        }
        Garbage => "\u{1}\u{2}\u{3} this is no HTTP \r\n\r\n".to_owned(),
        Reset | Stalled => String::new(),
        ResetInMidStream | StalledInMidStream | CutInMidStream => format!("{HEAD}{half}"),
    };
    stream.write_all(whole.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    match fate {
        Stalled | StalledInMidStream => {
            // Until the peer gives up.
            let mut rest = [0; 64];
            while stream.read(&mut rest).await.ok()? > 0 {}
        }
        Reset | ResetInMidStream => {
            // What was sent has to arrive before the reset, which overtakes it.
            if fate == ResetInMidStream {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            stream.set_zero_linger().ok()?;
        }
        _ => stream.shutdown().await.ok()?,
    }
    Some(())
}
