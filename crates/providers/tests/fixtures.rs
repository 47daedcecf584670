//! Own fixtures of every dialect: the events they must give, however their bytes are cut, and noise in them.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs;

use crate::common::{WIRES, fixtures, folder, run, script, vendor};
use proptest::prelude::*;

#[test]
fn every_fixture_gives_its_events() {
    let mut wrong = 0;
    for id in WIRES {
        for (name, body) in fixtures(id) {
            let got = script(&run(&vendor(id), [body.as_slice()]));
            let want = fs::read_to_string(folder(id).join(format!("{name}.events"))).unwrap_or_default();
            if got != want {
                wrong += 1;
                eprintln!("{}/{name}: got\n{got}\nwanted\n{want}", id.as_str());
            }
        }
    }
    assert_eq!(wrong, 0, "fixtures with other events than written down");
}

#[test]
fn no_cut_changes_the_events() {
    for id in WIRES {
        let vendor = vendor(id);
        for (name, body) in fixtures(id) {
            let whole = run(&vendor, [body.as_slice()]);
            assert_eq!(run(&vendor, body.chunks(1)), whole, "{name}, byte by byte");
            for at in 0..body.len() {
                let (head, tail) = body.split_at(at);
                assert_eq!(run(&vendor, [head, tail]), whole, "{name}, cut at {at}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_never_panics_and_cuts_never_matter(
        wire in prop::sample::select(WIRES.to_vec()),
        which in any::<prop::sample::Index>(),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cuts in prop::collection::vec(1usize..40, 1..60),
    ) {
        let all = fixtures(wire);
        let vendor = vendor(wire);
        let mut body = which.get(&all).1.clone();
        for (at, byte) in &noise {
            let at = at.index(body.len());
            body[at] = *byte;
        }
        let whole = run(&vendor, [body.as_slice()]);
        let mut rest = body.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        prop_assert_eq!(run(&vendor, pieces), whole);
    }

    #[test]
    fn random_bytes_end_in_an_error(
        wire in prop::sample::select(WIRES.to_vec()),
        body in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let (_, error) = run(&vendor(wire), [body.as_slice()]);
        prop_assert!(error.is_some());
    }
}
