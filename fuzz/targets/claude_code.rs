#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_fuzz::invariants::program;

fuzz_target!(|data: &[u8]| program(data));
