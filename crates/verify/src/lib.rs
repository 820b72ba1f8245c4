//! Engines to run artifacts on, agreement between them, and the report.

pub mod project;
pub mod sqlite;
