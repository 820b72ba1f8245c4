//! The law `documents` on any bytes, read as a rule document in TOML.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eqlc_tests::laws::documents("rule.toml", bytes));
