#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_fuzz::invariants::answer;
use parlance_providers::catalog::DialectId;

fuzz_target!(|data: &[u8]| answer(DialectId::Replicate, data));
