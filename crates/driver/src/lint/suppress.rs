//! Comments that silence findings: `// eqlc: ignore[W0003]` and `// eqlc: ignore-file[W0003]`, in YAML with `#`.

use std::collections::BTreeSet;

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Fragment, Severity, Span};
use eqlc_eql::ast::Comment;

/// What a comment silences.
struct Suppression {
    /// Codes or the first letters of them.
    codes: Vec<String>,
    /// The line that it is about, from 0; none: the whole query.
    line: Option<usize>,
    span: Span,
    used: bool,
}

/// Takes out what comments silence, and says which comments silence nothing. Errors stay. Lines are those of the text
/// of the fragment: a query in JSON has several although its string has one.
pub(super) fn apply(diagnostics: &mut Diagnostics, comments: &[Comment], fragment: &Fragment) {
    if !comments.iter().any(|comment| read(comment).is_some()) {
        return;
    }
    let lines = Lines::new(fragment);
    let own_lines: BTreeSet<usize> = comments
        .iter()
        .filter(|comment| comment.own_line)
        .map(|comment| lines.of(comment.span.start))
        .collect();
    let mut suppressions = Vec::new();
    for comment in comments {
        match read(comment) {
            None => {}
            Some(Ok((codes, whole))) => {
                let line = (!whole).then(|| line_of(comment, &own_lines, &lines));
                suppressions.push(Suppression { codes, line, span: comment.span, used: false });
            }
            Some(Err(message)) => diagnostics.push(misread(comment, message)),
        }
    }
    diagnostics.retain(|diagnostic| !silenced(diagnostic, &mut suppressions, &lines));
    let unused = suppressions.iter().filter(|suppression| !suppression.used).map(unused);
    diagnostics.extend(unused);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
}

fn misread(comment: &Comment, message: String) -> Diagnostic {
    let sign = if comment.text.starts_with('#') { "#" } else { "//" };
    Diagnostic::warning(lints::UNUSED_SUPPRESSION, message)
        .at(comment.span, "silences nothing")
        .help(format!("written as `{sign} eqlc: ignore[W0003]` or `{sign} eqlc: ignore-file[W0003, W0004]`"))
}

/// Where in the file the lines of a fragment end.
struct Lines(Vec<u32>);

impl Lines {
    fn new(fragment: &Fragment) -> Self {
        let breaks = fragment.text().match_indices('\n');
        Self(breaks.map(|(at, _)| fragment.span(at, at + 1).start).collect())
    }

    /// The line of a place in the file, from 0.
    fn of(&self, place: u32) -> usize {
        self.0.partition_point(|end| *end < place)
    }
}

/// The line of the comment; where it has one for itself, the next that is none of comments.
fn line_of(comment: &Comment, own_lines: &BTreeSet<usize>, lines: &Lines) -> usize {
    let mut line = lines.of(comment.span.start);
    if comment.own_line {
        line = lines.of(comment.span.end) + 1;
        while own_lines.contains(&line) {
            line += 1;
        }
    }
    line
}

/// The codes and whether they are meant for the whole query; none for a comment about something else.
fn read(comment: &Comment) -> Option<Result<(Vec<String>, bool), String>> {
    let text = comment.text.trim_start_matches(['/', '*', '#']).trim_end_matches(['/', '*']).trim();
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

fn silenced(diagnostic: &Diagnostic, suppressions: &mut [Suppression], lines: &Lines) -> bool {
    if diagnostic.severity == Severity::Error {
        return false;
    }
    let line = diagnostic.span().map(|span| lines.of(span.start));
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
