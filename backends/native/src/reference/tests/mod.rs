//! One test a paragraph of the meaning.

mod conditions;
mod correlations;
mod endpoint;
mod explain;
mod functions;
mod machine;
mod normalise;
mod operators;
pub(crate) mod random;
mod results;
mod samples;
mod sequences;
mod sigma;
