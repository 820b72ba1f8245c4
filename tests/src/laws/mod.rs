//! What must hold of every text, whoever wrote it. Random tests and the targets in `fuzz/` call the same laws.
//!
//! A law panics where it is broken, and no law returns anything: what counts is that nothing else panics either.

mod documents;
mod formatter;
mod lexer;
mod lower;
mod parser;
mod sigma;

pub use documents::documents;
pub use formatter::formatter;
pub use lexer::lexer;
pub use lower::lower;
pub use parser::parser;
pub use sigma::sigma;

use eqlc_diagnostics::{Diagnostic, Fragment, Severity, SourceMap, Span};
use eqlc_eql::{Dialect, Options, Query};

/// Both flavours of the language.
const DIALECTS: [Options; 2] =
    [Options { dialect: Dialect::Elasticsearch }, Options { dialect: Dialect::Endpoint }];

/// So many findings and no more are reported for a text; what comes behind them is not told.
const MOST_FINDINGS: usize = 50;

/// A text as a file of its own.
fn fragment(text: &str) -> Fragment {
    Fragment::verbatim(SourceMap::new().add("law", text), 0, text)
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|finding| finding.severity == Severity::Error).count()
}

fn comments(tree: &Query) -> Vec<&str> {
    tree.comments.iter().map(|comment| comment.text.as_str()).collect()
}

/// Every place of every finding lies in the text and on the borders of characters, and the edits of a repair do
/// not overlap.
fn places_are_in(text: &str, found: &[Diagnostic]) {
    for finding in found {
        let labels = finding.primary.iter().chain(&finding.related).map(|label| label.span);
        let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in labels.chain(edits) {
            assert!(text.get(span.range()).is_some(), "{span:?} is no place in {text:?}: {finding:?}");
        }
        for fix in &finding.fixes {
            let mut spans: Vec<Span> = fix.edits.iter().map(|edit| edit.span).collect();
            spans.sort();
            let apart = spans.iter().zip(spans.iter().skip(1)).all(|(one, next)| one.end <= next.start);
            assert!(apart, "the edits overlap: {fix:?}");
        }
    }
}

/// The text after the edits of a repair.
fn repaired(text: &str, fix: &eqlc_diagnostics::Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let mut out = text.to_owned();
    for edit in edits {
        out.replace_range(edit.span.range(), &edit.replacement);
    }
    out
}
