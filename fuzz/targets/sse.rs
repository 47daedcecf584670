#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_fuzz::invariants::sse;

fuzz_target!(|data: &[u8]| sse(data));
