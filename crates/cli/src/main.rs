//! The `eqlc` command.
fn main() {}
