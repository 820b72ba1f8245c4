//! "did you mean", with the edit.

use eqlc_diagnostics::{Applicability, Diagnostic, Span, did_you_mean, nearest};

/// The candidates that `word` may be a slip for. Words of one or two letters are near to everything.
pub(crate) fn near<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Vec<&'c str> {
    if word.chars().count() < 3 {
        return Vec::new();
    }
    nearest(word, candidates.into_iter().filter(|candidate| candidate.chars().count() > 2))
}

/// Adds the nearest candidates as help and the best as a fix; false if nothing is near.
pub(crate) fn suggest<'c>(
    diagnostic: Diagnostic,
    word: &str,
    span: Span,
    candidates: impl IntoIterator<Item = &'c str>,
) -> (Diagnostic, bool) {
    let near = near(word, candidates);
    match (did_you_mean(&near), near.first()) {
        (Some(question), Some(best)) => {
            let title = format!("replace `{word}` with `{best}`");
            (diagnostic.help(question).fix(Applicability::Unsafe, title, span, *best), true)
        }

        _ => (diagnostic, false),
    }
}
