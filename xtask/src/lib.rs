//! Work on eqlc itself that is more than a test: `cargo xtask help`.

pub mod bench;
mod column;
pub mod fidelity;
pub mod mutate;
mod random;
