//! Comments that silence findings: `// eqlc: ignore[W0003]` and `// eqlc: ignore-file[W0003]`.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Severity, SourceMap, Span};
use eqlc_eql::ast::Comment;

/// What a comment silences.
struct Suppression {
    /// Codes or the first letters of them.
    codes: Vec<String>,
    /// The line that it is about, from 1; none: the whole query.
    line: Option<usize>,
    span: Span,
    used: bool,
}

/// Takes out what comments silence, and says which comments silence nothing. Errors stay.
pub(super) fn apply(diagnostics: &mut Diagnostics, comments: &[Comment], sources: &SourceMap) {
    let own_lines: BTreeSet<usize> = comments
        .iter()
        .filter(|comment| comment.own_line)
        .map(|comment| sources.position(comment.span).line)
        .collect();
    let mut suppressions = Vec::new();
    for comment in comments {
        match read(comment) {
            None => {}
            Some(Ok((codes, whole))) => {
                let line = (!whole).then(|| line_of(comment, &own_lines, sources));
                suppressions.push(Suppression { codes, line, span: comment.span, used: false });
            }
            Some(Err(message)) => diagnostics.push(
                Diagnostic::warning(lints::UNUSED_SUPPRESSION, message)
                    .at(comment.span, "silences nothing")
                    .help("written as `// eqlc: ignore[W0003]` or `// eqlc: ignore-file[W0003, W0004]`"),
            ),
        }
    }
    diagnostics.retain(|diagnostic| !silenced(diagnostic, &mut suppressions, sources));
    let unused = suppressions.iter().filter(|suppression| !suppression.used).map(unused);
    diagnostics.extend(unused);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
}

/// The line of the comment; where it has one for itself, the next that is none of comments.
fn line_of(comment: &Comment, own_lines: &BTreeSet<usize>, sources: &SourceMap) -> usize {
    let mut line = sources.position(comment.span).line;
    if comment.own_line {
        line = sources.end_position(comment.span).line + 1;
        while own_lines.contains(&line) {
            line += 1;
        }
    }
    line
}

/// The codes and whether they are meant for the whole query; none for a comment about something else.
fn read(comment: &Comment) -> Option<Result<(Vec<String>, bool), String>> {
    let text = comment.text.trim_start_matches(['/', '*']).trim_end_matches(['/', '*']).trim();
    let rest = text.strip_prefix("eqlc:")?.trim_start();
    let (whole, rest) = match (rest.strip_prefix("ignore-file"), rest.strip_prefix("ignore")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Some(Err("this comment to eqlc is not understood".to_owned())),
    };
    let list = rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let Some((list, _)) = list else {
        return Some(Err("the comment names no codes".to_owned()));
    };
    let codes: Vec<String> = list.split(',').map(|code| code.trim().to_ascii_uppercase()).collect();
    match codes.iter().find(|code| !super::names_a_code(code)) {
        Some(unknown) => Some(Err(format!("`{unknown}` is no code"))),
        None => Some(Ok((codes, whole))),
    }
}

fn silenced(diagnostic: &Diagnostic, suppressions: &mut [Suppression], sources: &SourceMap) -> bool {
    if diagnostic.severity == Severity::Error {
        return false;
    }
    let line = diagnostic.span().map(|span| sources.position(span).line);
    let mut silenced = false;
    for suppression in suppressions {
        let here = suppression.line.is_none_or(|wanted| Some(wanted) == line);
        let named = suppression.codes.iter().any(|code| diagnostic.code.as_str().starts_with(code.as_str()));
        if here && named {
            suppression.used = true;
            silenced = true;
        }
    }
    silenced
}

fn unused(suppression: &Suppression) -> Diagnostic {
    let codes: Vec<String> = suppression.codes.iter().map(|code| format!("`{code}`")).collect();
    let place = if suppression.line.is_some() { "at its line" } else { "in the query" };
    let message = format!("nothing to silence {place}: {}", codes.join(", "));
    Diagnostic::warning(lints::UNUSED_SUPPRESSION, message).at(suppression.span, "silences nothing").fix(
        Applicability::Safe,
        "remove the comment",
        suppression.span,
        "",
    )
}
