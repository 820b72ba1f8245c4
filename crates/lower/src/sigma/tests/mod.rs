//! Tests of the lowering of Sigma.
