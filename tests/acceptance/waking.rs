//! After a sleep nothing goes out on a connection from before (NET-13).
#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::StreamExt;
use parlance_providers::{
    CancellationToken, ChatRequest, Message, Provider, Role, Secret,
    transport::{Endpoint, HttpProvider},
};
use parlance_tests::lines::{LineDialect, vendor};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 18\r\n\r\nrole\nt a\nt b\ndone\n";

/// Answers every request of a connection until the other side closes it.
async fn serve(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        stream.read_exact(&mut vec![0; length]).await?;
        stream.get_mut().write_all(ANSWER).await?;
    }
}

#[tokio::test]
async fn requests_share_a_connection_until_the_computer_has_slept() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let opened = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&opened);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream));
        }
    });
    let endpoint = Endpoint { base_url, key: Some(Secret::from_pasted("k")), ..Endpoint::default() };
    let provider = HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint).unwrap();
    let ask = || async {
        let request = ChatRequest::new("m", vec![Message::text(Role::User, "hello")]);
        let events = provider.stream(request, CancellationToken::new()).await.unwrap();
        assert!(events.collect::<Vec<_>>().await.iter().all(Result::is_ok));
    };
    ask().await;
    ask().await;
    assert_eq!(opened.load(Ordering::SeqCst), 1);
    provider.drop_idle();
    ask().await;
    ask().await;
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}
