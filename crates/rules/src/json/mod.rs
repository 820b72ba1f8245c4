//! JSON with places, and Kibana's rule exports, which are written in it.
//!
//! The parser takes a fragment, so that JSON inside another text (a block of an investigation guide, itself in
//! a TOML string) still points at what was typed.

pub(crate) mod kibana;
mod parser;
mod string;

pub use parser::{JsonError, parse, parse_prefix};
