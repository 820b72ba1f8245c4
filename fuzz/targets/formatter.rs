//! The law `formatter` on any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| eqlc_tests::laws::formatter(text));
