//! Syntax tree to IR, for EQL and Sigma: types, fields, functions.

pub mod eql;
pub mod sigma;
