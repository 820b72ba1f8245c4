//! The law `sigma` on any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| eqlc_tests::laws::sigma(text));
