//! Engines to run artifacts on, agreement between them, and the report.
//!
//! [`prove()`] holds one output to the laws of [`Law`] on every stream of the [`Evidence`] of its rule: the streams of a
//! fixture, and those that are made from the rule. An output is compared twice: with the legal rule it was emitted
//! from, **exactly**, and with the rule as written, within the losses that were recorded. So a loss never excuses a
//! mistake of the backend. And a loss must itself be shown by events ([`Proof`]), so that none stands on paper only.

mod agree;
mod circumstance;
mod crowded;
pub mod diff;
mod effort;
mod engine;
mod evidence;
pub mod fixtures;
mod headers;
mod made_rows;
mod notice;
mod output;
pub mod project;
mod proof;
mod report;
mod sql;
pub mod sqlite;
mod verdict;
pub mod world;

pub use agree::{Compared, agree, check_fixture, prove};
pub use circumstance::Circumstance;
pub use effort::{Budget, Clock, Cut, Effort, RULE_TIME, STREAMS, Work};
pub use evidence::Evidence;
pub use notice::{Noticed, Watch};
pub use output::{Relower, Subject, found_by, rows_made};
pub use report::{
    Failure, JudgedLoss, Law, Outcome, Proof, Separating, Separation, Side, Skip, TargetReport,
};
pub use verdict::{Verdict, accountable};
