//! Comparisons with null, which never hold.

use eqlc_diagnostics::codes::files;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Fragment};

use super::lexer::Token;

/// Reports `= NULL` and the like.
pub(super) fn compared(query: &Fragment, sql: &str, tokens: &[Token<'_>], diagnostics: &mut Diagnostics) {
    for pair in tokens.windows(2) {
        let [op, null] = pair else { continue };
        let right = match op.text {
            "=" | "==" => "IS NULL",
            "!=" | "<>" => "IS NOT NULL",
            _ => continue,
        };
        if !null.is("null") {
            continue;
        }
        let spaced = sql.get(..op.start).is_some_and(|before| before.ends_with(char::is_whitespace));
        let replacement = if spaced { right.to_owned() } else { format!(" {right}") };
        let span = query.span(op.start, null.end());
        let message = format!("`{} {}` never holds", op.text, null.text);
        diagnostics.push(
            Diagnostic::warning(files::GUIDE_NULL, message)
                .at(span, "a comparison with null is neither true nor false")
                .fix(Applicability::Unsafe, format!("write `{right}`"), span, replacement),
        );
    }
}
