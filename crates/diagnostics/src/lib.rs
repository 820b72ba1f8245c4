//! Where things stand in the user's files, and what is said about them.
//!
//! Every reader, pass and backend reports through [`Diagnostic`]; `eqlc-report` renders it. The crate holds
//! the only file database ([`SourceMap`]) and the table of codes ([`codes`]) with their explanations.

mod code;
pub mod codes;
mod diagnostic;
mod files;
mod fragment;
mod node;
mod sink;
mod source;
mod suggest;

pub use code::{Code, CodeInfo, Family};
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Severity};
pub use files::SourceFiles;
pub use fragment::Fragment;
pub use node::{Node, Parsed};
pub use sink::{Diagnostics, has_errors};
pub use source::{Position, SourceId, SourceMap, Span};
pub use suggest::{did_you_mean, nearest};
