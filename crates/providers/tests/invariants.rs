//! The fuzzers' questions, asked of every fixture, of fixtures with noise in them, and of what fuzzing has found.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use crate::common::{WIRES, fixtures};
use fuzz::invariants::{HEADER, answer, entered, program, readers, sse, stream, vendors, whole, wires};
use parlance_providers::catalog::DialectId;
use parlance_providers::dialects::dialect;
use proptest::prelude::*;

#[test]
fn the_fuzzers_know_every_wire() {
    assert_eq!(wires(), WIRES);
}

#[test]
fn every_fixture_with_every_vendor() {
    for id in WIRES {
        let wire = dialect(id).unwrap();
        for (name, body) in fixtures(id) {
            for vendor in vendors(id) {
                eprintln!("{}/{name} as {}", id.as_str(), vendor.id);
                stream(wire, vendor, &body, &[0, 7, 63]);
                whole(wire, vendor, &body);
            }
        }
    }
}

#[test]
fn what_fuzzing_has_found_stays_mended() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/found");
    let mut count = 0;
    for target in std::fs::read_dir(folder).unwrap() {
        let target = target.unwrap();
        let name = target.file_name().into_string().unwrap();
        for file in std::fs::read_dir(target.path()).unwrap() {
            let file = file.unwrap().path();
            eprintln!("{}", file.display());
            let data = std::fs::read(&file).unwrap();
            match (name.as_str(), WIRES.iter().find(|id| id.as_str().replace('-', "_") == name)) {
                (_, Some(id)) => answer(*id, &data),
                ("readers", _) => readers(&data),
                ("sse", _) => sse(&data),
                ("replicate", _) => answer(DialectId::Replicate, &data),
                ("claude_code", _) => program(&data),
                ("credential", _) => entered(&data),
                _ => panic!("fuzz/found/{name} belongs to no target"),
            }
            count += 1;
        }
    }
    assert!(count > 0, "nothing was found in {folder}");
}

/// What has no folder of fixtures, as the fuzzers begin with it.
const PREDICTION: &str = "event: output\nid: 1:0\ndata: Once\n\nevent: logs\ndata: x\n\nevent: output\ndata:  upon\ndata: \n\n\
                          event: done\ndata: {}\n\n";
const PROGRAM: &str = r#"{"type":"system","subtype":"init","model":"claude-sonnet-5","apiKeySource":"none"}
{"type":"stream_event","event":{"type":"message_start","message":{"id":"m1","usage":{"input_tokens":3,"output_tokens":1}}}}
{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}}
{"type":"stream_event","event":{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hello"}}}
{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"Hello"}],"usage":{"output_tokens":1}}}
{"type":"rate_limit_event","rate_limit_info":{"status":"allowed","resetsAt":1780000090}}
{"type":"stream_event","event":{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}}
{"type":"result","subtype":"success","is_error":false,"result":"Hello","total_cost_usd":0.1,"usage":{"output_tokens":5}}
"#;
const ENTERED: [&str; 6] = [
    r#"{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","sessionToken":"IQoJ//"}"#,
    "export AWS_ACCESS_KEY_ID=\"AKIAIOSFODNN7EXAMPLE\"\nexport AWS_SECRET_ACCESS_KEY=\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"",
    r#"{"profile":"work"}"#,
    r#"{"type":"service_account","client_email":"a@p.iam.gserviceaccount.com","private_key":"-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n","private_key_id":"k","project_id":"p"}"#,
    r#"{"type":"authorized_user","client_id":"c.apps.googleusercontent.com","client_secret":"s","refresh_token":"1//r"}"#,
    "ya29.a0AfH6SMBx",
];

fn noisy(text: &str, noise: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, byte) in noise {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    bytes
}

#[test]
fn what_has_no_fixtures_keeps_the_promises() {
    for header in [[0; HEADER], [0, 0, 6, 0, 17, 60]] {
        answer(DialectId::Replicate, &[&header, PREDICTION.as_bytes()].concat());
        program(&[&header, PROGRAM.as_bytes()].concat());
    }
    for (form, text) in (0..4).flat_map(|form| ENTERED.map(|text| (form, text))) {
        entered(&[&[form], text.as_bytes()].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_in_a_fixture_breaks_no_promise(
        wire in prop::sample::select(WIRES.to_vec()),
        header in prop::array::uniform::<_, HEADER>(any::<u8>()),
        which in any::<prop::sample::Index>(),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut body = which.get(&fixtures(wire)).1.clone();
        for (at, byte) in &noise {
            let at = at.index(body.len());
            body[at] = *byte;
        }
        answer(wire, &[header.as_slice(), &body].concat());
        readers(&[&header[..2], &body].concat());
        sse(&[&header[..4], &body].concat());
    }

    #[test]
    fn noise_in_what_has_no_fixtures_breaks_no_promise(
        header in prop::array::uniform::<_, HEADER>(any::<u8>()),
        form in 0u8..4,
        which in prop::sample::select(ENTERED.to_vec()),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        answer(DialectId::Replicate, &[header.as_slice(), &noisy(PREDICTION, &noise)].concat());
        program(&[header.as_slice(), &noisy(PROGRAM, &noise)].concat());
        entered(&[&[form][..], &noisy(which, &noise)].concat());
    }
}
