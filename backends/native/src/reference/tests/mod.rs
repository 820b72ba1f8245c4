//! One test a paragraph of the meaning.

mod conditions;
mod correlations;
mod functions;
mod machine;
mod operators;
mod results;
mod samples;
mod sequences;
