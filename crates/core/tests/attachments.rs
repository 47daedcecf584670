//! Files through the public interface: kept once, proven when read, sent with the message, never lost by a failure.
#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, time::Duration};

use crate::common::{Bench, NOON, input, look, seen, settled};
use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_core::{
    Error,
    chat::hub::FrameReader,
    view::{AttachmentKind, AttachmentView, MessageStatus, PartKind, ProviderInput, ProviderView, RunReceipt},
};
use parlance_providers::{ChatEvent, Message, OpaqueData, Part, Role, chat::MediaSource};

/// A picture as far as anybody looks at it here.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    png
}

async fn add(bench: &Bench, name: &str, content: &[u8]) -> AttachmentView {
    bench.app.add_attachment(name, STANDARD.encode(content)).await.unwrap()
}

fn path(bench: &Bench, id: &str) -> PathBuf {
    bench.data().join("attachments").join(&id[..2]).join(id)
}

fn reason<T>(answer: Result<T, Error>) -> (&'static str, &'static str) {
    match answer {
        Err(Error::Invalid { field, reason }) => (field, reason),
        Err(other) => ("", other.code()),
        Ok(_) => panic!("it was taken"),
    }
}

/// Attaches files to the prompt of a message that was sent, as if they had been sent with it.
fn attach(bench: &Bench, ids: &[&str]) {
    let store = rusqlite::Connection::open(bench.data().join("parlance.db")).unwrap();
    store.busy_timeout(Duration::from_secs(5)).unwrap();
    for (at, id) in ids.iter().enumerate() {
        let sql = "INSERT INTO turn_part (turn_id, ordinal, kind, text, attachment_id) VALUES
            ((SELECT max(id) FROM turn), ?1, 'media', '', (SELECT id FROM attachment WHERE sha256 = ?2))";
        store.execute(sql, (at as i64 + 1, id)).unwrap();
    }
}

async fn provider_of(bench: &Bench, vendor: &str) -> ProviderView {
    let input = ProviderInput { vendor: vendor.into(), ..input("http://127.0.0.1:9") };
    bench.app.save_provider(input).await.unwrap()
}

/// An attached page: its attachment and its frames.
type Page = (String, FrameReader);

/// Sends a prompt, lets it be answered, attaches the files and asks again.
async fn ask_again_with(bench: &mut Bench, provider: &ProviderView, ids: &[&str]) -> (RunReceipt, Page) {
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "What is this?", provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.text("Nothing.");
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    attach(bench, ids);
    (bench.app.retry(&receipt.messages[1].id, None, false).await.unwrap(), (snapshot.attachment, reader))
}

#[tokio::test]
async fn the_same_content_is_kept_once_under_its_digest() {
    let bench = Bench::new().await;
    let first = add(&bench, "C:\\pictures\\one.png", &png(2, 2)).await;
    assert_eq!((first.name.as_str(), first.media_type.as_str()), ("one.png", "image/png"));
    assert_eq!((first.kind, first.bytes), (AttachmentKind::Image, 33.0));
    let second = add(&bench, "two.png", &png(2, 2)).await;
    assert_eq!((second.id.clone(), second.name.as_str()), (first.id.clone(), "two.png"));
    assert_ne!(add(&bench, "three.png", &png(3, 3)).await.id, first.id);
    let rows: i64 = look(&bench.data()).query_row("SELECT count(*) FROM attachment", [], |r| r.get(0)).unwrap();
    assert_eq!(rows, 2);

    let file = path(&bench, &first.id);
    assert_eq!(fs::read(&file).unwrap(), png(2, 2));
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing but the file is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        assert_eq!(mode(file.parent().unwrap().parent().unwrap()), 0o700);
    }
}

#[tokio::test]
async fn what_cannot_be_a_file_is_refused_and_leaves_nothing() {
    let bench = Bench::new().await;
    for (base64, why) in [("", "empty"), ("not base64!", "not_base64"), ("QUJD\nQUJD", "not_base64")] {
        assert_eq!(reason(bench.app.add_attachment("a", base64.into()).await), ("base64", why));
    }
    let most = 32 * 1024 * 1024;
    assert_eq!(
        reason(bench.app.add_attachment("a", STANDARD.encode(vec![1; most + 1])).await),
        ("base64", "too_large")
    );
    assert_eq!(reason(bench.app.add_attachment("a", "A".repeat(most * 4)).await), ("base64", "too_large"));
    assert!(!bench.data().join("attachments").exists());
    assert_eq!(add(&bench, "a", &vec![1; most]).await.bytes, most as f64);
}

#[tokio::test]
async fn only_pictures_and_text_are_shown_and_only_as_what_they_are() {
    let bench = Bench::new().await;
    let picture = add(&bench, "p.html", &png(2, 2)).await;
    let shown = bench.app.read_attachment(&picture.id).await.unwrap();
    assert_eq!((shown.media_type.as_str(), STANDARD.decode(shown.base64).unwrap()), ("image/png", png(2, 2)));

    let html = b"<svg onload=alert(1)><script>alert(1)</script>";
    let page = add(&bench, "picture.svg", html).await;
    assert_eq!((page.kind, page.media_type.as_str()), (AttachmentKind::Text, "text/plain"));
    assert_eq!(bench.app.read_attachment(&page.id).await.unwrap().media_type, "text/plain");

    let long = add(&bench, "long.txt", "ä".repeat(1024 * 1024).as_bytes()).await;
    let shown = STANDARD.decode(bench.app.read_attachment(&long.id).await.unwrap().base64).unwrap();
    assert_eq!(shown.len(), 1024 * 1024);
    assert!(String::from_utf8(shown).unwrap().chars().all(|c| c == 'ä'));

    let pdf = add(&bench, "p.png", b"%PDF-1.7 \x00").await;
    assert_eq!(reason(bench.app.read_attachment(&pdf.id).await), ("id", "not_shown"));
    let bomb = add(&bench, "bomb.png", &png(100_000, 100_000)).await;
    assert_eq!(reason(bench.app.read_attachment(&bomb.id).await), ("id", "too_large"));
    for id in ["", "1", "../../parlance.db", &"g".repeat(64), &picture.id.to_uppercase(), &format!("{}0", picture.id)] {
        assert_eq!(reason(bench.app.read_attachment(id).await), ("id", "not_an_id"), "{id}");
    }
    assert_eq!(reason(bench.app.read_attachment(&"0".repeat(64)).await), ("", "not_found"));
}

#[tokio::test]
async fn a_damaged_file_says_so_and_is_mended_by_the_same_content() {
    let bench = Bench::new().await;
    let picture = add(&bench, "p.png", &png(2, 2)).await;
    let file = path(&bench, &picture.id);
    fs::write(&file, png(2, 3)).unwrap();
    assert_eq!(reason(bench.app.read_attachment(&picture.id).await), ("id", "damaged"));
    fs::remove_file(&file).unwrap();
    assert_eq!(reason(bench.app.read_attachment(&picture.id).await), ("id", "missing"));
    fs::write(&file, b"").unwrap();
    add(&bench, "p.png", &png(2, 2)).await;
    assert!(bench.app.read_attachment(&picture.id).await.is_ok());
}

#[tokio::test]
async fn files_go_with_the_message_in_their_order() {
    let mut bench = Bench::new().await;
    let provider = provider_of(&bench, "anthropic-compatible").await;
    let picture = add(&bench, "p.png", &png(2, 2)).await;
    let notes = add(&bench, "notes.md", b"a ``` fence\n````\nand more").await;
    let pdf = add(&bench, "paper.pdf", b"%PDF-1.7 \x00").await;
    let sound = add(&bench, "voice.wav", b"RIFF\x10\0\0\0WAVEfmt ").await;
    let ids = [picture.id.as_str(), &notes.id, &pdf.id, &sound.id];
    ask_again_with(&mut bench, &provider, &ids).await;
    let asked = bench.asked.recv().await.unwrap();
    let text = "notes.md:\n\n`````\na ``` fence\n````\nand more\n`````";
    let parts = vec![
        Part::text("What is this?"),
        Part::image("image/png", png(2, 2)),
        Part::text(text),
        Part::File { name: "paper.pdf".into(), media_type: "application/pdf".into(), data: b"%PDF-1.7 \x00".to_vec() },
        // The wire has no place for sound.
        Part::text("[voice.wav: not shown, this model does not take such files]"),
    ];
    assert_eq!(asked.request.messages, [Message { role: Role::User, parts }]);
}

#[tokio::test]
async fn a_missing_or_damaged_file_is_told_before_anything_is_sent() {
    for (harm, code) in [("remove", "attachment_missing"), ("damage", "attachment_damaged")] {
        let mut bench = Bench::new().await;
        let provider = bench.provider().await;
        let picture = add(&bench, "p.png", &png(2, 2)).await;
        let file = path(&bench, &picture.id);
        match harm {
            "remove" => fs::remove_file(&file).unwrap(),
            _ => fs::write(&file, b"other").unwrap(),
        }
        let (receipt, (attachment, mut reader)) = ask_again_with(&mut bench, &provider, &[&picture.id]).await;
        let end = settled(&bench.app, &attachment, &mut reader, &receipt.run_id).await;
        assert_eq!(end.status, MessageStatus::Failed);
        let attempt = end.attempts.last().unwrap();
        assert_eq!(attempt.error.as_ref().unwrap().code.as_deref(), Some(code));
        assert_eq!(attempt.cost.as_ref().unwrap().total_nano.unwrap_or(0.0), 0.0, "nothing was asked");
        assert!(bench.asked.try_recv().is_err(), "nobody was asked");
        let chat = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
        assert_eq!(chat.messages[0].parts[0].text, "What is this?");

        add(&bench, "p.png", &png(2, 2)).await;
        bench.app.retry(&receipt.messages[0].id, None, false).await.unwrap();
        assert_eq!(bench.asked.recv().await.unwrap().request.messages[0].parts.len(), 2);
    }
}

fn medium(content: &[u8]) -> ChatEvent {
    let source = MediaSource::Inline(content.to_vec());
    ChatEvent::Media { block: 3, media_type: Some("image/png".into()), source }
}

#[tokio::test]
async fn a_generated_picture_becomes_a_file_and_goes_back_with_its_signature() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "Paint", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    let signature = OpaqueData { kind: "signature".into(), json: "\"s\"".into() };
    asked.say.send(Ok(medium(&png(4, 4)))).unwrap();
    asked.say.send(Ok(ChatEvent::Opaque { block: 3, data: signature.clone() })).unwrap();
    asked.finish();
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;

    let chat = bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    let part = chat.messages[1].parts.iter().find(|part| part.kind == PartKind::Media).unwrap();
    let file = part.attachment.as_ref().unwrap();
    assert_eq!((part.text.as_str(), file.media_type.as_str()), ("", "image/png"));
    assert_eq!(fs::read(path(&bench, &file.id)).unwrap(), png(4, 4));

    bench.send(Some(&receipt.summary.id), "Again", &provider).await;
    let request = bench.asked.recv().await.unwrap().request;
    let back = Part::Image { media_type: "image/png".into(), data: png(4, 4), opaque: vec![signature] };
    assert_eq!(request.messages[1].parts, [back]);
}

#[tokio::test]
async fn a_picture_of_a_killed_reply_becomes_a_file_at_the_next_start() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let (snapshot, mut reader) = bench.app.attach("main");
    let receipt = bench.send(None, "Paint", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    asked.say.send(Ok(medium(&png(5, 5)))).unwrap();
    asked.text("half of");
    seen(&bench.app, &snapshot.attachment, &mut reader, "half of").await;
    let journalled = || {
        let sql = "SELECT count(*) FROM stream_chunk WHERE kind = 'media'";
        look(&bench.data()).query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() > 0
    };
    while !journalled() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A copy of the store as a kill would leave it.
    let copy = std::sync::Arc::new(tempfile::tempdir().unwrap());
    fs::create_dir(copy.path().join("data")).unwrap();
    for name in ["parlance.db", "parlance.db-wal"] {
        fs::copy(bench.data().join(name), copy.path().join("data").join(name)).unwrap();
    }
    let after = Bench::over(copy).await;
    let chat = after.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!(chat.messages[1].status, MessageStatus::Interrupted);
    let file = chat.messages[1].parts.iter().find_map(|part| part.attachment.as_ref()).unwrap();
    assert_eq!(fs::read(path(&after, &file.id)).unwrap(), png(5, 5));
}

#[tokio::test]
async fn what_nothing_names_is_cleared_away_after_a_week() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let sent = add(&bench, "sent.png", &png(2, 2)).await;
    let drafted = add(&bench, "drafted.png", &png(3, 3)).await;
    let forgotten = add(&bench, "forgotten.png", &png(4, 4)).await;
    ask_again_with(&mut bench, &provider, &[&sent.id]).await;
    let store = rusqlite::Connection::open(bench.data().join("parlance.db")).unwrap();
    store.execute("UPDATE conversation SET draft = ?1", [format!("{{\"attachments\":[\"{}\"]}}", drafted.id)]).unwrap();
    drop(store);
    let stray = path(&bench, &"ab".repeat(32));
    let scratch = stray.with_file_name(format!("{}.0011223344556677.part", "cd".repeat(32)));
    let foreign = stray.with_file_name("somebody's own");
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    let files = [&stray, &scratch, &foreign, &path(&bench, &sent.id), &path(&bench, &drafted.id)];
    let written = std::time::UNIX_EPOCH + Duration::from_millis(NOON as u64);
    for file in files {
        let file = fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        file.set_modified(written).unwrap();
    }
    let day: i64 = 24 * 60 * 60 * 1000;
    let folder = std::sync::Arc::clone(&bench.folder);
    for (days, left) in [(6, true), (8, false)] {
        bench.app.close().await;
        let clock = std::sync::Arc::new(parlance_core::clock::ManualClock::new(NOON + days * day, 0));
        bench = Bench::at(std::sync::Arc::clone(&folder), clock).await;
        // Closing waits for what runs in the background.
        bench.app.close().await;
        assert_eq!(path(&bench, &forgotten.id).exists(), left, "after {days} days");
        assert_eq!((stray.exists(), scratch.exists()), (left, left), "after {days} days");
        let ids: Vec<String> = look(&bench.data())
            .prepare("SELECT sha256 FROM attachment ORDER BY id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(ids.contains(&forgotten.id), left);
        assert!(ids.contains(&sent.id) && ids.contains(&drafted.id));
        assert!(path(&bench, &sent.id).exists() && path(&bench, &drafted.id).exists() && foreign.exists());
    }
}
