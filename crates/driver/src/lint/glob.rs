//! Patterns of paths.

/// Whether a path matches: `*` and `?` stay within a part of the path, `**` does not. A pattern without `/` is about the
/// name of the file, one with it about the end of the path, from the start where the pattern starts with `/`.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let path = path.replace('\\', "/");
    if pattern.starts_with('/') {
        return whole(pattern, &path);
    }
    if !pattern.contains('/') {
        return whole(pattern, path.rsplit('/').next().unwrap_or(&path));
    }
    let tails = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    tails.filter_map(|at| path.get(at..)).any(|tail| whole(pattern, tail))
}

/// By a table of which starts of the path match which starts of the pattern: time and memory are bounded by the product.
fn whole(pattern: &str, path: &str) -> bool {
    let path: Vec<char> = path.chars().collect();
    let signs = signs(pattern);
    let mut ends = vec![false; path.len() + 1];
    if let Some(first) = ends.first_mut() {
        *first = true;
    }
    for sign in signs {
        let mut next = vec![false; path.len() + 1];
        let mut run = false;
        for (at, end) in next.iter_mut().enumerate() {
            let here = ends.get(at).copied().unwrap_or(false);
            let before = at.checked_sub(1).and_then(|before| Some((*path.get(before)?, *ends.get(before)?)));
            *end = match sign {
                Sign::Run { across } => {
                    run = here || (run && before.is_some_and(|(c, _)| across || c != '/'));
                    run
                }
                Sign::One => before.is_some_and(|(c, matched)| matched && c != '/'),
                Sign::Char(wanted) => before.is_some_and(|(c, matched)| matched && c == wanted),
            };
        }
        ends = next;
    }
    ends.last().copied().unwrap_or(false)
}

#[derive(Clone, Copy)]
enum Sign {
    Char(char),
    One,
    Run { across: bool },
}

fn signs(pattern: &str) -> Vec<Sign> {
    let mut signs = Vec::new();
    for c in pattern.chars() {
        match (c, signs.last_mut()) {
            ('*', Some(Sign::Run { across })) => *across = true,
            ('*', _) => signs.push(Sign::Run { across: false }),
            ('?', _) => signs.push(Sign::One),
            (c, _) => signs.push(Sign::Char(c)),
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn paths_are_matched_by_name_or_by_their_end() {
        for (pattern, path, wanted) in [
            ("*.ndjson", "rules/export.ndjson", true),
            ("*.ndjson", "export.ndjson", true),
            ("*.ndjson", "export.json", false),
            ("rules/*.eql", "rules/a.eql", true),
            ("rules/*.eql", "/x/y/rules/a.eql", true),
            ("rules/*.eql", "rules/deep/a.eql", false),
            ("rules/*.eql", "myrules/a.eql", false),
            ("rules/**", "rules/deep/a.eql", true),
            ("rules/**.eql", "rules/deep/a.eql", true),
            ("/rules/*.eql", "/x/rules/a.eql", false),
            ("rules/*.eql", "rules\\a.eql", true),
            ("?.eql", "a.eql", true),
            ("?.eql", "ab.eql", false),
            ("", "a.eql", false),
        ] {
            assert_eq!(matches(pattern, path), wanted, "{pattern} {path}");
        }
        assert!(!matches(&"*a".repeat(2_000), &"a".repeat(1_000)));
    }
}
