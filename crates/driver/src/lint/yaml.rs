//! Comments of YAML documents.

use eqlc_diagnostics::Fragment;
use eqlc_eql::ast::Comment;

/// The comments, if one of them speaks to eqlc: of the others those that have a line for themselves.
pub(crate) fn comments(fragment: &Fragment) -> Vec<Comment> {
    // Every rule of a run is searched: by vectors.
    if memchr::memmem::find(fragment.text().as_bytes(), SIGN.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut start = 0;
    for line in fragment.text().split_inclusive('\n') {
        found.extend(comment(fragment, start, line.trim_end()));
        start += line.len();
    }
    let speaks = |comment: &Comment| is_for_eqlc(&comment.text);
    if found.iter().any(speaks) { found } else { Vec::new() }
}

const SIGN: &str = "eqlc:";

fn is_for_eqlc(text: &str) -> bool {
    text.trim_start_matches('#').trim_start().starts_with(SIGN)
}

/// `# eqlc: …` at the start of a line or behind a blank, and outside of quotes that are opened on its line; any other
/// comment at the start of a line.
fn comment(fragment: &Fragment, start: usize, line: &str) -> Option<Comment> {
    let is_one = |at: &usize| {
        let (before, text) = line.split_at_checked(*at).unwrap_or_default();
        let opens = before.chars().next_back().is_none_or(char::is_whitespace);
        let quoted = ['"', '\''].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
        opens && !quoted && (before.trim().is_empty() || is_for_eqlc(text))
    };
    let at = line.match_indices('#').map(|(at, _)| at).find(is_one)?;
    let (before, text) = line.split_at_checked(at)?;
    Some(Comment {
        text: text.to_owned(),
        own_line: before.trim().is_empty(),
        span: fragment.span(start + at, start + line.len()),
    })
}
