//! The fuzzers' questions, asked of every fixture, of fixtures with noise in them, and of what fuzzing has found.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

mod common;
#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use common::{WIRES, fixtures};
use fuzz::invariants::{HEADER, answer, readers, sse, stream, vendors, whole, wires};
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
                _ => panic!("fuzz/found/{name} belongs to no target"),
            }
            count += 1;
        }
    }
    assert!(count > 0, "nothing was found in {folder}");
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
}
