//! Fetching over real sockets: what is reached, what is not, and what the server gets to see.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use parlance_providers::fetch::{self, FetchError, LARGEST, Reach, Resolve, is_public};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// The one address the tests may reach; the rest of loopback stands for what lies inside.
const OUTSIDE: &str = "127.0.0.1";

/// A name's addresses, look-up by look-up; the last one stays.
#[derive(Clone, Default)]
struct Names {
    known: Arc<HashMap<String, Vec<Vec<&'static str>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    fn of(names: &[(&str, &[&[&'static str]])]) -> Self {
        let known = names.iter().map(|(name, turns)| ((*name).to_owned(), turns.iter().map(|t| t.to_vec()).collect()));
        Self { known: Arc::new(known.collect()), asked: Arc::default() }
    }

    fn reach(&self) -> Reach {
        Reach::of(Arc::new(self.clone()), |ip| ip.to_string() == OUTSIDE)
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let turns = self.known.get(host).ok_or(io::Error::from(io::ErrorKind::NotFound))?;
        let mut asked = self.asked.lock().unwrap();
        let turn = asked.iter().filter(|name| *name == host).count();
        asked.push(host.to_owned());
        let ips = turns.get(turn).or(turns.last()).unwrap();
        Ok(ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect())
    }
}

struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request with what `answer` makes of its first line.
    async fn new(answer: impl Fn(&str, u16) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = socket.read_u8().await else { break };
                    head.push(byte);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let reply = answer(head.lines().next().unwrap_or_default(), port);
                seen.lock().unwrap().push(head);
                // The other side may hang up early.
                let _sent = socket.write_all(&reply).await;
            }
        });
        Self { port, heads }
    }

    fn seen(&self) -> usize {
        self.heads.lock().unwrap().len()
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn onward(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation: {to}\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_picture_comes_and_the_server_learns_nothing_but_its_path() {
    let server = Server::new(|_, _| ok("set-cookie: a=b\r\ncontent-length: 4\r\n", b"PICT")).await;
    let names = Names::of(&[("pictures.example", &[&[OUTSIDE]])]);
    for _ in 0..2 {
        let address = format!("http://pictures.example:{}/a%20b.png?x=1", server.port);
        assert_eq!(fetch::get(&address, &names.reach()).await.unwrap(), b"PICT");
    }
    for head in server.heads.lock().unwrap().iter() {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("get /a%20b.png?x=1 http/1.1\r\n"), "{head}");
        assert!(head.contains(&format!("host: pictures.example:{}\r\n", server.port)));
        assert!(head.contains("accept-encoding: identity\r\n"));
        for telltale in ["cookie:", "referer:", "origin:", "authorization:"] {
            assert!(!head.contains(telltale), "{head}");
        }
    }
}

#[tokio::test]
async fn what_lies_inside_is_never_connected_to() {
    let server = Server::new(|_, _| ok("content-length: 0\r\n", b"")).await;
    let names = Names::of(&[("inside.example", &[&["127.0.0.2"]]), ("both.example", &[&[OUTSIDE, "127.0.0.2"]])]);
    let at = |host: &str| format!("http://{host}:{}/", server.port);
    for host in ["inside.example", "both.example", "127.0.0.2", "0x7f.2", "[::1]"] {
        assert_eq!(fetch::get(&at(host), &names.reach()).await, Err(FetchError::NotPublic), "{host}");
    }
    for host in ["localhost", "127.0.0.1", "2130706433", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"] {
        assert_eq!(fetch::get(&at(host), &Reach::public()).await, Err(FetchError::NotPublic), "{host}");
    }
    assert_eq!(fetch::get(&at("unknown.example"), &names.reach()).await, Err(FetchError::NotFound));
    for address in ["file:///etc/passwd", "ftp://pictures.example/", "http://me:pw@127.0.0.1/", "nonsense"] {
        assert_eq!(fetch::get(address, &names.reach()).await, Err(FetchError::NotAnAddress), "{address}");
    }
    assert_eq!(server.seen(), 0);
}

#[tokio::test]
async fn every_redirect_is_checked_anew() {
    let server = Server::new(|line, port| match line.split(' ').nth(1).unwrap_or_default() {
        "/inside" => onward(&format!("http://inside.example:{port}/")),
        "/number" => onward("http://127.0.0.3/"),
        "/file" => onward("file:///etc/passwd"),
        "/password" => onward(&format!("http://a:b@pictures.example:{port}/")),
        "/nowhere" => b"HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
        "/endless" => onward("/endless"),
        "/5" => onward("4"),
        "/4" => onward("3"),
        "/3" => onward("2"),
        "/2" => onward("1"),
        "/1" => onward("0"),
        "/0" => ok("content-length: 3\r\n", b"end"),
        _ => b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
    })
    .await;
    let names = Names::of(&[("pictures.example", &[&[OUTSIDE]]), ("inside.example", &[&["127.0.0.2"]])]);
    for (path, end) in [
        ("inside", Err(FetchError::NotPublic)),
        ("number", Err(FetchError::NotPublic)),
        ("file", Err(FetchError::NotAnAddress)),
        ("password", Err(FetchError::NotAnAddress)),
        ("nowhere", Err(FetchError::Refused(302))),
        ("endless", Err(FetchError::TooManyRedirects)),
        ("5", Ok(b"end".to_vec())),
        ("other", Err(FetchError::Refused(404))),
    ] {
        let address = format!("http://pictures.example:{}/{path}", server.port);
        assert_eq!(fetch::get(&address, &names.reach()).await, end, "{path}");
    }
}

#[tokio::test]
async fn a_name_that_turns_inward_after_it_was_checked_is_not_followed() {
    let server = Server::new(|line, _| match line.contains("/again") {
        true => onward("/there"),
        false => ok("content-length: 2\r\n", b"in"),
    })
    .await;
    let names = Names::of(&[("turns.example", &[&[OUTSIDE], &["127.0.0.2"]])]);
    let at = |path: &str| format!("http://turns.example:{}/{path}", server.port);
    // One look-up for one connection: the second answer is never asked for, let alone used.
    assert_eq!(fetch::get(&at("once"), &names.reach()).await.unwrap(), b"in");
    assert_eq!(names.asked.lock().unwrap().len(), 1);
    names.asked.lock().unwrap().clear();
    assert_eq!(fetch::get(&at("again"), &names.reach()).await, Err(FetchError::NotPublic));
    assert_eq!(server.seen(), 2);
}

#[tokio::test]
async fn neither_size_nor_packing_gets_past_the_limit() {
    let server = Server::new(|line, _| match line.split(' ').nth(1).unwrap_or_default() {
        "/announced" => ok(&format!("content-length: {}\r\n", LARGEST + 1), b""),
        "/unannounced" => ok("", &vec![b'x'; LARGEST + 1]),
        "/packed" => ok("content-encoding: gzip\r\ncontent-length: 2\r\n", b"\x1f\x8b"),
        "/short" => ok("content-length: 9\r\n", b"less"),
        _ => ok("", &vec![b'x'; LARGEST]),
    })
    .await;
    let names = Names::of(&[("pictures.example", &[&[OUTSIDE]])]);
    for (path, end) in [
        ("announced", Err(FetchError::TooLarge)),
        ("unannounced", Err(FetchError::TooLarge)),
        ("packed", Err(FetchError::Encoded)),
        ("short", Err(FetchError::NotReached)),
        ("most", Ok(LARGEST)),
    ] {
        let address = format!("http://pictures.example:{}/{path}", server.port);
        assert_eq!(fetch::get(&address, &names.reach()).await.map(|content| content.len()), end, "{path}");
    }
}

#[test]
fn the_public_internet_is_all_that_is_not_set_aside() {
    let is_public = |ip: &str| is_public(ip.parse::<IpAddr>().unwrap());
    for ip in ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1"] {
        assert!(is_public(ip), "{ip}");
    }
    for ip in ["2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"] {
        assert!(is_public(ip), "{ip}");
    }
    for ip in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "5f00::1",
    ] {
        assert!(!is_public(ip), "{ip}");
    }
}
