//! Syntax trees as they are shown.

use std::fmt;
use std::sync::Arc;

/// The syntax tree of a rule; displayed, it is the text of the rule in the canonical layout of its language.
#[derive(Clone, Debug)]
pub enum Ast {
    /// An EQL query.
    Eql(Arc<eqlc_eql::Query>),
    /// The Sigma file that the rule stands in, as its pipelines left it.
    Sigma(Arc<eqlc_sigma::File>),
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Eql(query) => eqlc_eql::print(query),
            Self::Sigma(file) => eqlc_sigma::write(file),
        })
    }
}
