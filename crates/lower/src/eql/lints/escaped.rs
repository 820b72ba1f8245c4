//! A backslash that was to escape a wildcard.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Node};
use eqlc_eql::ast::{Literal, MatchOp};

/// Patterns such as `"ls \\*"`. Paths have backslashes before wildcards with good reason, so only one is taken for
/// an escape that stands where no part of a path ends: after a blank, a quote or a bracket.
pub(super) fn check(op: MatchOp, patterns: &[Node<Literal>], found: &mut Diagnostics) {
    if matches!(op, MatchOp::Regex | MatchOp::RegexInsensitive) {
        return;
    }
    for pattern in patterns {
        let Literal::Str { value, .. } = &pattern.value else { continue };
        let Some(sign) = escaped(value) else { continue };
        found.push(
            Diagnostic::warning(
                lints::ESCAPED_WILDCARD,
                format!("`{sign}` is a wildcard behind a backslash too"),
            )
            .at(pattern.span, format!("matches a backslash and {}", meaning(sign)))
            .help(format!("a pattern cannot name `{sign}` itself; `==` and `in` take it as it is")),
        );
    }
}

fn meaning(sign: char) -> &'static str {
    if sign == '*' { "any text" } else { "any one character" }
}

fn escaped(text: &str) -> Option<char> {
    if !text.as_bytes().contains(&b'\\') {
        return None;
    }
    let sign = text.as_bytes().windows(3).find_map(|window| match window {
        [b' ' | b'\'' | b'"' | b'(' | b'=' | b',', b'\\', sign @ (b'*' | b'?')] => Some(char::from(*sign)),
        _ => None,
    })?;
    // `\??\C:` is how Windows names a device.
    (!text.contains(r"\??")).then_some(sign)
}
