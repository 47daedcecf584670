#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_fuzz::invariants::readers;

fuzz_target!(|data: &[u8]| readers(data));
