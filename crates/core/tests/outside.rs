//! What leads out of a chat, through the app: nothing opens or connects but what was read first.
#![allow(clippy::unwrap_used)]

use std::{
    io,
    sync::{Arc, Mutex},
};

use crate::common::Bench;
use parlance_core::Error;

fn reason<T>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Err(Error::Invalid { field: "address", reason }) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => "",
    }
}

#[tokio::test]
async fn a_link_opens_as_it_was_shown_and_only_after_it_was_read() {
    let bench = Bench::new().await;
    let opened: Arc<Mutex<Vec<String>>> = Arc::default();
    let open = || {
        let opened = Arc::clone(&opened);
        move |address: &str| {
            opened.lock().unwrap().push(address.to_owned());
            Ok(())
        }
    };
    for (address, why) in [
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("vscode://file/etc/passwd", "scheme"),
        ("ms-msdt:/id PCWDiagnostic", "whitespace"),
        (r"\\server\share", "backslash"),
        (" https://example.com", "whitespace"),
        ("https://example.com/\u{1b}[2J", "control"),
        ("--help", "not_an_address"),
        ("-x:https://example.com", "scheme"),
        ("mailto:a@b.example?attach=/etc/passwd", "not_an_address"),
    ] {
        assert_eq!(reason(bench.app.open_link(address, open()).await), why, "{address}");
    }
    assert!(opened.lock().unwrap().is_empty());

    for address in [
        "HTTPS://Example.com/a b".replace(' ', "%20").as_str(),
        "mailto:a@b.example",
        "https://münchen.example/;&|$(x)",
    ] {
        let shown = bench.app.inspect_link(address).await.unwrap().address;
        bench.app.open_link(address, open()).await.unwrap();
        assert_eq!(opened.lock().unwrap().pop().unwrap(), shown);
    }
    let refusing = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    assert_eq!(reason(bench.app.open_link("https://example.com", refusing).await), "not_opened");
}

#[tokio::test]
async fn a_picture_is_not_fetched_from_this_computer() {
    let bench = Bench::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        let address = format!("http://{host}:{port}/p.png");
        assert_eq!(reason(bench.app.fetch_image(&address).await), "not_public", "{address}");
    }
    for (address, why) in [
        ("file:///etc/passwd", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("mailto:a@b.example", "not_an_address"),
        ("http://user:password@8.8.8.8/", "not_an_address"),
    ] {
        assert_eq!(reason(bench.app.fetch_image(address).await), why, "{address}");
    }
    let nobody = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "nobody connected");
}
