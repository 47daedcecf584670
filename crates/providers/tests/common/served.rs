//! A server on loopback that gives one answer a request.

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

/// Gives each request one of these answers (status line, JSON body), in order. Returns the address with this path, and
/// each request as it came, head and body.
pub async fn serve(path: &str, answers: Vec<(&'static str, &'static str)>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/{path}", listener.local_addr().unwrap());
    let requests = tokio::spawn(async move {
        let mut requests = Vec::new();
        for (status, body) in answers {
            let mut socket = BufReader::new(listener.accept().await.unwrap().0);
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") {
                assert_ne!(socket.read_line(&mut request).await.unwrap(), 0, "the head ends early");
            }
            let length = request.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut sent = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            socket.read_exact(&mut sent).await.unwrap();
            request.push_str(std::str::from_utf8(&sent).unwrap());
            requests.push(request);
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            socket.write_all(answer.as_bytes()).await.unwrap();
            socket.shutdown().await.unwrap();
        }
        requests
    });
    (address, requests)
}
