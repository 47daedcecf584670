//! Both sides of each request: what the server wrote down, and what is in our ledger.

use std::collections::HashMap;

use rusqlite::{Connection, Row};
use serde_json::Value;

use crate::plan::{CHAT, TEXT};

/// What a request was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum About {
    Chat(usize),
    Text(usize),
}

/// A request that the server read.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u64,
    /// The id that it gave the request, in a header of its answer.
    pub(crate) request_id: String,
    /// The id that its fixture gave the answer.
    pub(crate) response_id: Option<String>,
    /// The fixture says what it counted.
    pub(crate) usage: Value,
    pub(crate) interrupted: bool,
}

/// The server's journal by what each request was about, in order; the rest (checks) only counted.
pub(crate) fn heard(journal: &[Value]) -> (HashMap<About, Vec<Heard>>, usize) {
    let (mut by_chat, mut others): (HashMap<About, Vec<Heard>>, usize) = (HashMap::new(), 0);
    for entry in journal {
        let Some(about) = about(&entry["body"]) else {
            others += 1;
            continue;
        };
        let response = &entry["response"];
        let said = &response["fixture"]["response"];
        by_chat.entry(about).or_default().push(Heard {
            status: response["status"].as_u64().unwrap(),
            request_id: entry["headers"]["x-request-id"].as_str().unwrap().to_owned(),
            response_id: said["id"].as_str().map(str::to_owned),
            usage: said["usage"].clone(),
            interrupted: response["interrupted"] == true,
        });
    }
    (by_chat, others)
}

fn about(body: &Value) -> Option<About> {
    let number = |text: &str, word: &str| text.strip_prefix(word)?.trim().parse().ok();
    if let Some(text) = body["embeddingInput"].as_str() {
        return number(text, TEXT).map(About::Text);
    }
    let prompts = body["messages"].as_array()?.iter().filter(|message| message["role"] == "user");
    let text = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
    };
    number(&prompts.map(text).next_back()?, CHAT).map(About::Chat)
}

/// An attempt with its entry.
#[derive(Debug)]
pub(crate) struct Booked {
    conversation: Option<i64>,
    pub(crate) purpose: String,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) response_id: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) outcome: String,
    pub(crate) cached: bool,
    pub(crate) day: String,
    pub(crate) input: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) output: Option<u64>,
    pub(crate) reasoning: Option<u64>,
    pub(crate) tokens_source: String,
    pub(crate) source: String,
    pub(crate) nano: Option<i64>,
    pub(crate) saved_nano: Option<i64>,
}

/// Every attempt in its order, with its one entry.
pub(crate) fn booked(store: &Connection) -> Vec<Booked> {
    let sql = "SELECT r.conversation_id AS conversation, l.purpose, p.slug AS provider, l.model,
                      a.response_id, a.request_id, l.outcome, a.cached, l.booked_day AS day, l.input_total AS input,
                      l.cache_read, l.output_total AS output, l.reasoning, l.tokens_source, l.source,
                      l.total_nano AS nano, l.saved_nano
                 FROM attempt a JOIN run r ON r.id = a.run_id JOIN provider p ON p.id = a.provider_id
                 JOIN ledger l ON l.attempt_id = a.id AND l.kind = 'entry' ORDER BY a.id";
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Booked {
            conversation: row.get("conversation")?,
            purpose: row.get("purpose")?,
            provider: row.get("provider")?,
            model: row.get("model")?,
            response_id: row.get("response_id")?,
            request_id: row.get("request_id")?,
            outcome: row.get("outcome")?,
            cached: row.get("cached")?,
            day: row.get("day")?,
            input: tokens(row, "input")?,
            cache_read: tokens(row, "cache_read")?,
            output: tokens(row, "output")?,
            reasoning: tokens(row, "reasoning")?,
            tokens_source: row.get("tokens_source")?,
            source: row.get("source")?,
            nano: row.get("nano")?,
            saved_nano: row.get("saved_nano")?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn tokens(row: &Row<'_>, name: &str) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(name)?.map(|count| u64::try_from(count).unwrap()))
}

/// The attempts by what they were about, in order. Embeddings were asked for one after the other.
pub(crate) fn by_chat<'a>(rows: &'a [Booked], chats: &HashMap<i64, usize>) -> HashMap<About, Vec<&'a Booked>> {
    let mut texts = 0..;
    let mut by_chat: HashMap<About, Vec<&Booked>> = HashMap::new();
    for row in rows {
        let about = match row.conversation {
            Some(conversation) => About::Chat(chats[&conversation]),
            None => About::Text(texts.next().unwrap()),
        };
        by_chat.entry(about).or_default().push(row);
    }
    by_chat
}
