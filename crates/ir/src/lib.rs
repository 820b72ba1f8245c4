//! The typed rule and its one exact meaning.
//!
//! Everything that knows a language stands at the edges of eqlc; everything in the middle knows only these
//! types. The meaning of each operator stands once, in the docs of this crate ([`Pred`], [`Op`],
//! [`Function`], [`Sequence`], [`Correlation`]); evaluators and backends refer to it. It follows
//! `eql-semantics.md` §4–§11, and Sigma fits into it.
//!
//! # Two levels
//!
//! * The **tree** of a condition ([`Pred`]) is two-valued: a [`Test`] whose value is null counts as false,
//!   and `not` is applied to that false.
//! * Inside a test ([`Scalar`]) null is **three-valued**: it propagates through functions and comparisons.
//! * A test is **existential** over the values of its fields: it holds when some choice of one value per
//!   field makes it true. A field without values contributes a single null. Two tests choose independently.

pub mod date;
mod depth;
pub mod fold;
pub mod meta;
pub mod normalise;
mod pattern;
mod pred;
pub mod regex;
mod rule;
mod scalar;
pub mod sign;
pub mod text;

pub use meta::Metadata;
pub use normalise::normalise;
pub use pattern::{Case, Part, TextPattern, fold_text, same_folded, simple_fold};
pub use pred::{Anywhere, Comparison, Element, Op, Pred, Test, TimePart};
pub use rule::{
    Aggregate, Body, Bound, Category, Correlated, Correlation, CorrelationCondition, CorrelationKind,
    EventQuery, GroupKey, IgnoredSpan, Key, LogSource, Pipe, Relation, Rule, RuleCondition, Sample,
    SampleTerm, Sequence, Source, Step, Until,
};
pub use scalar::{FieldRef, FieldType, Function, Literal, Owner, Scalar, Taxonomy};
pub use smol_str::SmolStr;
