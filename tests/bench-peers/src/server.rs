//! The one server all clients read from: another process, so that its work is not counted as theirs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::Failure;
use crate::streams::Wire;

/// The argument that makes this program the server.
pub const ARGUMENT: &str = "serve";

const PIECE: usize = 16 << 10;

/// The running server; its process ends when this is dropped.
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    pub fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?).arg(ARGUMENT).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { process, port: line.trim().parse()? })
    }

    /// The address of a wire's stream; it answers everything below it with that stream.
    pub fn origin(&self, wire: Wire) -> String {
        format!("http://127.0.0.1:{}/{}", self.port, wire.name())
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Serves until the process is killed. The first part of a path names the wire.
pub fn serve() -> Result<(), Failure> {
    let answers: Vec<(Wire, Vec<u8>)> = Wire::ALL.into_iter().map(|wire| (wire, answer(wire))).collect();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let mut stream = stream?;
        let path = request(&mut stream)?;
        let wire = path.split('/').nth(1).unwrap_or_default();
        let Some((_, bytes)) = answers.iter().find(|(known, _)| known.name() == wire) else {
            return Err(format!("no wire is called {wire}").into());
        };
        for piece in bytes.chunks(PIECE) {
            // A client that has read the end marker may hang up before the last piece.
            if stream.write_all(piece).is_err() {
                break;
            }
        }
    }
    Ok(())
}

fn answer(wire: Wire) -> Vec<u8> {
    let body = wire.body();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        wire.content_type(),
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// Reads a request to its end and gives its path.
fn request(stream: &mut TcpStream) -> Result<String, Failure> {
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    lines.read_exact(&mut vec![0; length])?;
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}
