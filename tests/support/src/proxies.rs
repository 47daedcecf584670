//! Proxies on loopback: HTTP with `CONNECT`, and SOCKS 5. They look up no name: every tunnel leads where the test says.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a proxy does with those it lets in.
#[derive(Clone, Copy, Debug)]
pub enum Habit {
    /// Every tunnel leads here.
    Tunnel(SocketAddr),
    /// An HTTP proxy says this instead, e.g. `403 Forbidden`.
    Status(&'static str),
    /// A SOCKS proxy answers with this code.
    Code(u8),
    /// It is no proxy at all and says this.
    Says(&'static [u8]),
}

/// Which of the two it speaks.
#[derive(Clone, Copy, Debug)]
pub enum Wire {
    /// HTTP with `CONNECT`.
    Http,
    /// SOCKS 5.
    Socks,
}

/// A running proxy.
pub struct MockProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Drop for MockProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[derive(Clone)]
struct Rules {
    wire: Wire,
    habit: Habit,
    login: Option<(&'static str, &'static str)>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl MockProxy {
    /// Listens on a free port of 127.0.0.1. With a `login` it lets in nobody else.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(wire: Wire, habit: Habit, login: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let rules = Rules { wire, habit, login, asked: asked.clone() };
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let rules = rules.clone();
                tokio::spawn(async move {
                    // A peer that goes away in the middle ends its connection and nothing else.
                    let _gone = match (rules.habit, rules.wire) {
                        (Habit::Says(words), _) => say(stream, words).await,
                        (_, Wire::Http) => http(stream, &rules).await,
                        (_, Wire::Socks) => socks(stream, &rules).await,
                    };
                });
            }
        });
        Self { address, asked, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked to connect to, `host:port`, in order; only by those it let in.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn say(mut stream: TcpStream, words: &[u8]) -> std::io::Result<()> {
    let _greeting = stream.read(&mut [0; 4096]).await?;
    stream.write_all(words).await?;
    stream.shutdown().await
}

async fn through(mut stream: TcpStream, target: SocketAddr) -> std::io::Result<()> {
    let mut behind = TcpStream::connect(target).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut behind).await.map(|_| ())
}

async fn http(mut stream: TcpStream, rules: &Rules) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let field = |name: &str| {
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let wanted = rules.login.map(|(user, password)| crate::wire::basic(user, password));
    let mut line = head.split(' ');
    let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let status = if wanted.is_some() && field("proxy-authorization") != wanted {
        "407 Proxy Authentication Required"
    } else if method != "CONNECT" {
        "405 Method Not Allowed"
    } else {
        rules.asked.lock().unwrap().push(target.to_owned());
        match rules.habit {
            Habit::Tunnel(_) => "200 Connection established",
            Habit::Status(status) => status,
            other => panic!("{other:?} is nothing an HTTP proxy does"),
        }
    };
    let length = if status.starts_with("200") { "" } else { "content-length: 0\r\n" };
    stream.write_all(format!("HTTP/1.1 {status}\r\n{length}\r\n").as_bytes()).await?;
    match rules.habit {
        Habit::Tunnel(target) if status.starts_with("200") => through(stream, target).await,
        _ => stream.shutdown().await,
    }
}

async fn socks(mut stream: TcpStream, rules: &Rules) -> std::io::Result<()> {
    assert_eq!(stream.read_u8().await?, 5, "the version");
    let methods = bytes(&mut stream).await?;
    let method = if rules.login.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        stream.write_all(&[5, 0xff]).await?;
        return stream.shutdown().await;
    }
    stream.write_all(&[5, method]).await?;
    if let Some((user, password)) = rules.login {
        assert_eq!(stream.read_u8().await?, 1, "the version of the login");
        let given = (bytes(&mut stream).await?, bytes(&mut stream).await?);
        let good = given == (user.as_bytes().to_vec(), password.as_bytes().to_vec());
        stream.write_all(&[1, u8::from(!good)]).await?;
        if !good {
            return stream.shutdown().await;
        }
    }
    let mut request = [0; 4];
    stream.read_exact(&mut request).await?;
    assert_eq!(&request[..3], &[5, 1, 0], "a request to connect");
    let host = match request[3] {
        1 => Ipv4Addr::from(stream.read_u32().await?).to_string(),
        3 => String::from_utf8(bytes(&mut stream).await?).unwrap(),
        _ => Ipv6Addr::from(stream.read_u128().await?).to_string(),
    };
    let port = stream.read_u16().await?;
    rules.asked.lock().unwrap().push(format!("{host}:{port}"));
    let code = if let Habit::Code(code) = rules.habit { code } else { 0 };
    stream.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    match rules.habit {
        Habit::Tunnel(target) => through(stream, target).await,
        _ => stream.shutdown().await,
    }
}

/// Bytes with their count before them.
async fn bytes(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
