//! Recorded provider traffic, where the folder is at hand: whatever a recording holds, the way its bytes are cut must
//! not change what is read out of it. The values are scored by a script outside.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use parlance_providers::{
    ChatEvent, ProviderError,
    catalog::{Catalog, DialectId},
    dialects::dialect,
};
use serde_json::Value;

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<ChatEvent>, Option<ProviderError>) {
    let vendor = Catalog::bundled().get("openai-compatible").unwrap();
    let mut decoder = dialect(DialectId::OpenaiChat).unwrap().decoder(vendor);
    let mut events = Vec::new();
    for piece in pieces {
        if let Err(error) = decoder.push(piece, &mut events) {
            return (events, Some(error));
        }
    }
    let end = decoder.finish(&mut events);
    (events, end.err())
}

#[test]
fn no_cut_of_a_recorded_stream_changes_its_events() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let (mut streams, mut finished) = (0, 0);
    for entry in fs::read_dir(Path::new(&folder).join("openai-chat")).unwrap() {
        let path = entry.unwrap().path();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let Some(body) = file["response"]["body"].as_str().filter(|_| file["kind"] == "chat-stream") else { continue };
        streams += 1;
        let whole = decode([body.as_bytes()].into_iter());
        for size in [1, 2, 7, 1024, 16 << 10] {
            assert_eq!(decode(body.as_bytes().chunks(size)), whole, "{}, {size} bytes a piece", path.display());
        }
        let says_error = file["expect"]["finish_class"] == "error";
        assert_eq!(whole.1.is_some(), says_error, "{}: {:?}", path.display(), whole.1);
        finished += usize::from(matches!(whole.0.last(), Some(ChatEvent::Finished { .. })));
    }
    assert!(streams >= 50 && finished * 10 >= streams * 9, "{finished} of {streams} streams finished");
}
