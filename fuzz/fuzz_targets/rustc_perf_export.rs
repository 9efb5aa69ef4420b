#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_entries::run("rustc_perf_export", data));
