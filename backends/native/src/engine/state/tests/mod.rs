mod agreement;
mod bounds;
pub(in crate::engine) mod generate;
mod harness;
mod order;
