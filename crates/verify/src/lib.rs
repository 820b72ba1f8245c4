//! Engines to run artifacts on, agreement between them, and the report.
//!
//! [`agree()`] holds one output to the laws of [`Law`] on every stream of a fixture. An output is compared
//! twice: with the legal rule it was emitted from, **exactly**, and with the rule as written, within the
//! losses that were recorded. So a loss never excuses a mistake of the backend.

mod agree;
pub mod diff;
mod engine;
pub mod fixtures;
pub mod project;
mod report;
mod sql;
pub mod sqlite;
mod verdict;
pub mod world;

pub use agree::{Relower, Subject, agree, check_fixture};
pub use report::{Failure, Law, Outcome, Separation, Skip, TargetReport};
pub use verdict::Verdict;
