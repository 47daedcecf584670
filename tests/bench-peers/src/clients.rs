//! The clients: ours, two peers, and the least that any client has to do.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs};
use futures::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::ChatStreamEvent;
use genai::resolver::{AuthData, Endpoint as PeerEndpoint};
use genai::{ModelIden, ServiceTarget};
use parlance_providers::catalog::{Catalog, DialectId};
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{CancellationToken, ChatEvent, ChatRequest, Message, Provider, Role, Secret, dialects};
use serde_json::Value;

use crate::Failure;
use crate::server::Server;
use crate::streams::Wire;

/// What reads a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Reads the socket, splits lines, parses each JSON once into a `Value`.
    Parse,
    Parlance,
    Genai,
    AsyncOpenai,
}

impl Client {
    pub const ALL: [Self; 4] = [Self::Parse, Self::Parlance, Self::Genai, Self::AsyncOpenai];

    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "read and parse once",
            Self::Parlance => "parlance",
            Self::Genai => "genai 0.7",
            Self::AsyncOpenai => "async-openai 0.43",
        }
    }

    pub fn speaks(self, wire: Wire) -> bool {
        self != Self::AsyncOpenai || wire == Wire::OpenaiChat
    }
}

/// One reader of one wire, made once: its connections and settings are not measured.
pub enum Reader {
    Parse { port: u16, wire: Wire },
    Parlance(Box<HttpProvider>),
    Genai { client: genai::Client, target: Box<ServiceTarget> },
    AsyncOpenai(Box<async_openai::Client<OpenAIConfig>>),
}

impl Reader {
    pub fn new(client: Client, wire: Wire, server: &Server) -> Result<Self, Failure> {
        let origin = server.origin(wire);
        Ok(match client {
            Client::Parse => Self::Parse { port: server.port(), wire },
            Client::Parlance => Self::Parlance(Box::new(ours(wire, origin)?)),
            Client::Genai => Self::Genai {
                client: genai::Client::new()?,
                target: Box::new(ServiceTarget {
                    endpoint: PeerEndpoint::from_owned(format!("{origin}/")),
                    auth: AuthData::from_single("key"),
                    model: ModelIden::new(adapter(wire), "m"),
                }),
            },
            Client::AsyncOpenai => {
                let config = OpenAIConfig::new().with_api_base(origin).with_api_key("key");
                Self::AsyncOpenai(Box::new(async_openai::Client::with_config(config)))
            }
        })
    }

    /// Reads a whole answer and gives the bytes of text in it.
    pub async fn read(&self) -> Result<usize, Failure> {
        match self {
            Self::Parse { port, wire } => parse(*port, *wire),
            Self::Parlance(provider) => read_ours(provider).await,
            Self::Genai { client, target } => read_genai(client, target).await,
            Self::AsyncOpenai(client) => read_async_openai(client).await,
        }
    }
}

fn ours(wire: Wire, base_url: String) -> Result<HttpProvider, Failure> {
    let (vendor, id) = match wire {
        Wire::OpenaiChat => ("openai-compatible", DialectId::OpenaiChat),
        Wire::Anthropic => ("anthropic-compatible", DialectId::Anthropic),
        Wire::Gemini => ("gemini-compatible", DialectId::Gemini),
        Wire::Ollama => ("ollama-compatible", DialectId::Ollama),
    };
    let vendor = Catalog::bundled().get(vendor).ok_or("no such vendor")?.clone();
    let dialect = dialects::dialect(id).ok_or("no such dialect")?;
    let endpoint = Endpoint { base_url, key: Some(Secret::from_pasted("key")), ..Endpoint::default() };
    Ok(HttpProvider::new(Arc::new(vendor), dialect, endpoint)?)
}

async fn read_ours(provider: &HttpProvider) -> Result<usize, Failure> {
    let request = ChatRequest::new("m", vec![Message::text(Role::User, "hello")]);
    let mut stream = provider.stream(request, CancellationToken::new()).await?;
    let (mut bytes, mut whole) = (0, false);
    while let Some(event) = stream.next().await {
        match black_box(event?) {
            ChatEvent::TextDelta { text, .. } => bytes += text.len(),
            ChatEvent::Finished { .. } => whole = true,
            _ => {}
        }
    }
    if whole { Ok(bytes) } else { Err("our answer has no end".into()) }
}

fn adapter(wire: Wire) -> AdapterKind {
    match wire {
        Wire::OpenaiChat => AdapterKind::OpenAI,
        Wire::Anthropic => AdapterKind::Anthropic,
        Wire::Gemini => AdapterKind::Gemini,
        Wire::Ollama => AdapterKind::Ollama,
    }
}

async fn read_genai(client: &genai::Client, target: &ServiceTarget) -> Result<usize, Failure> {
    let request = genai::chat::ChatRequest::from_user("hello");
    let mut stream = client.exec_chat_stream(target.clone(), request, None).await?.stream;
    let mut bytes = 0;
    while let Some(event) = stream.next().await {
        if let ChatStreamEvent::Chunk(chunk) = black_box(event?) {
            bytes += chunk.content.len();
        }
    }
    Ok(bytes)
}

async fn read_async_openai(client: &async_openai::Client<OpenAIConfig>) -> Result<usize, Failure> {
    let message = ChatCompletionRequestUserMessageArgs::default().content("hello").build()?;
    let request = CreateChatCompletionRequestArgs::default().model("m").messages([message.into()]).build()?;
    let mut stream = client.chat().create_stream(request).await?;
    let mut bytes = 0;
    while let Some(chunk) = stream.next().await {
        let text = black_box(chunk?).choices.into_iter().next().and_then(|choice| choice.delta.content);
        bytes += text.map_or(0, |text| text.len());
    }
    Ok(bytes)
}

/// No client can do less: read, split, parse each JSON once. It knows where the text is only to prove that it read it.
fn parse(port: u16, wire: Wire) -> Result<usize, Failure> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    write!(socket, "POST /{} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n", wire.name())?;
    let (mut pending, mut piece, mut bytes) = (Vec::new(), vec![0; 16 << 10], 0);
    loop {
        let read = socket.read(&mut piece)?;
        if read == 0 {
            return Ok(bytes);
        }
        pending.extend_from_slice(&piece[..read]);
        let mut start = 0;
        while let Some(length) = memchr::memchr(b'\n', &pending[start..]) {
            let line = &pending[start..start + length];
            let data = line.strip_prefix(b"data: ").unwrap_or(line);
            if data.starts_with(b"{")
                && let Ok(value) = serde_json::from_slice::<Value>(data)
            {
                bytes += black_box(&value).pointer(place(wire)).and_then(Value::as_str).map_or(0, str::len);
            }
            start += length + 1;
        }
        pending.drain(..start);
    }
}

fn place(wire: Wire) -> &'static str {
    match wire {
        Wire::OpenaiChat => "/choices/0/delta/content",
        Wire::Anthropic => "/delta/text",
        Wire::Gemini => "/candidates/0/content/parts/0/text",
        Wire::Ollama => "/message/content",
    }
}
