#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_fuzz::invariants::entered;

fuzz_target!(|data: &[u8]| entered(data));
