//! Recorded provider traffic, where the folder is at hand: whatever a recording holds, the way its bytes are cut must
//! not change what is read out of it. The values are scored by a script outside.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use crate::common::{WIRES, run, vendor};
use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::{ChatEvent, catalog::DialectId};
use serde_json::Value;

#[test]
fn no_cut_of_a_recorded_stream_changes_its_events() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let mut streams = 0;
    for id in WIRES {
        streams += wire(id, &Path::new(&folder).join(id.as_str()));
    }
    assert!(streams >= 50, "{streams} streams");
}

/// Returns how many streams there are.
fn wire(id: DialectId, folder: &Path) -> usize {
    let (mut streams, mut finished, mut failed) = (0, 0, 0);
    let vendor = vendor(id);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        if file["kind"] != "chat-stream" {
            continue;
        }
        let body = match file["response"]["body"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => STANDARD.decode(file["response"]["body_base64"].as_str().unwrap()).unwrap(),
        };
        streams += 1;
        let whole = run(&vendor, [body.as_slice()]);
        for size in [1, 2, 7, 1024, 16 << 10] {
            assert_eq!(run(&vendor, body.chunks(size)), whole, "{}, {size} bytes a piece", path.display());
        }
        let says_error = file["expect"]["finish_class"] == "error";
        assert_eq!(whole.1.is_some(), says_error, "{}: {:?}", path.display(), whole.1);
        failed += usize::from(says_error);
        finished += usize::from(matches!(whole.0.last(), Some(ChatEvent::Finished { .. })));
    }
    assert!(streams > 0 && finished * 10 >= (streams - failed) * 9, "{finished} of {streams} streams finished");
    streams
}
