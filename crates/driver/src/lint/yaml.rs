//! Comments of YAML documents that speak to eqlc.

use eqlc_diagnostics::Fragment;
use eqlc_eql::ast::Comment;

/// What a comment that speaks to eqlc begins with.
const SPEAKS: &str = "eqlc:";

/// The comments `# eqlc: …`: a `#` at the start of a line or behind a blank, and outside of quotes that are opened on
/// its line.
pub(crate) fn comments(fragment: &Fragment) -> Vec<Comment> {
    let mut found = Vec::new();
    if !fragment.text().contains(SPEAKS) {
        return found;
    }
    let mut start = 0;
    for line in fragment.text().split_inclusive('\n') {
        found.extend(comment(fragment, start, line.trim_end()));
        start += line.len();
    }
    found
}

fn comment(fragment: &Fragment, start: usize, line: &str) -> Option<Comment> {
    let is_one = |at: &usize| {
        let (before, text) = line.split_at_checked(*at).unwrap_or_default();
        let opens = before.chars().next_back().is_none_or(char::is_whitespace);
        let quoted = ['"', '\''].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
        opens && !quoted && text.trim_start_matches('#').trim_start().starts_with(SPEAKS)
    };
    let at = line.match_indices('#').map(|(at, _)| at).find(is_one)?;
    let (before, text) = line.split_at_checked(at)?;
    Some(Comment {
        text: text.to_owned(),
        own_line: before.trim().is_empty(),
        span: fragment.span(start + at, start + line.len()),
    })
}
