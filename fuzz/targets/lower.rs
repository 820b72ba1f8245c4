//! The law `lower` on any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| eqlc_tests::laws::lower(text));
