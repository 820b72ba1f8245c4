//! The files that osquery must watch so that a rule on files has events: `file_paths` of a configuration.

use eqlc_backend::{Direction, Loss};
use eqlc_diagnostics::codes::losses;
use eqlc_ir::{Comparison, Literal, Op, Part, Pred, Scalar, TextPattern};

use crate::asked::Asked;
use crate::profile::Watched;

/// What is watched for a rule.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Paths with osquery's wildcards: `%%` is everything below.
    pub(crate) paths: Vec<String>,
    /// Whether accesses are asked for, too.
    pub(crate) accesses: bool,
    pub(crate) losses: Vec<Loss>,
}

/// A pattern that begins with any letter of a drive.
const ANY_DRIVE: [Part; 1] = [Part::AnyOne];

/// The files that the queries of a rule ask for.
pub(crate) fn files(asked: &[Asked<'_>]) -> Files {
    let mut files = Files::default();
    for (table, filter) in asked.iter().flat_map(Asked::parts) {
        let Some(watched) = &table.watched else { continue };
        files.accesses |= watched.accesses;
        let wanted = patterns(filter, &watched.column);
        let paths = wanted.and_then(|wanted| {
            wanted.iter().map(|pattern| files.path(pattern, watched, filter)).collect::<Option<Vec<_>>>()
        });
        let whole = || watched.folders.iter().map(|folder| below(folder, watched.separator)).collect();
        files.paths.extend(paths.unwrap_or_else(whole));
    }
    files.paths.sort();
    files.paths.dedup();
    let all = files.paths.clone();
    files.paths.retain(|path| !all.iter().any(|other| other != path && covers(other, path)));
    files
}

impl Files {
    /// The path to watch for a pattern; none where that would be everything.
    fn path(&mut self, pattern: &TextPattern, watched: &Watched, filter: &Pred) -> Option<String> {
        if let Some(path) = pattern.as_exact() {
            return is_absolute(path, watched.separator).then(|| path.to_owned());
        }
        let (drive, parts) = match pattern.parts().split_at_checked(1) {
            Some((first, rest)) if first == ANY_DRIVE && watched.separator == '\\' => {
                self.lose_drives(filter);
                ("C", rest)
            }
            _ => ("", pattern.parts()),
        };
        let Some(Part::Lit(start)) = parts.first() else { return None };
        let start = format!("{drive}{start}");
        let (folder, _) = start.rsplit_once(watched.separator)?;
        is_absolute(&start, watched.separator).then(|| below(folder, watched.separator))
    }

    fn lose_drives(&mut self, filter: &Pred) {
        let tests = filter.tests();
        let loss = Loss {
            code: losses::SOURCE_COVERS_LESS,
            direction: Direction::Narrower,
            span: tests.first().map(|test| test.span).unwrap_or_default(),
            place: "file_paths".to_owned(),
            why: "files are watched on the drive `C:` and on no other".to_owned(),
        };
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }
}

/// Whether a text names a folder or file under one folder of the root at least.
fn is_absolute(path: &str, separator: char) -> bool {
    match separator {
        '/' => path.starts_with('/') && path.trim_start_matches('/').contains('/'),
        _ => path.get(1..).is_some_and(|rest| rest.starts_with(":\\")),
    }
}

fn below(folder: &str, separator: char) -> String {
    format!("{folder}{separator}%%")
}

/// Whether everything under one path is under another.
fn covers(path: &str, other: &str) -> bool {
    path.strip_suffix("%%").is_some_and(|folder| other.starts_with(folder))
}

/// Patterns one of which every event of a condition has in a column; none where there are none.
fn patterns(pred: &Pred, column: &str) -> Option<Vec<TextPattern>> {
    match pred {
        Pred::All(list) => list.iter().filter_map(|pred| patterns(pred, column)).min_by_key(Vec::len),
        Pred::Any(list) => {
            let all: Option<Vec<_>> = list.iter().map(|pred| patterns(pred, column)).collect();
            Some(all?.into_iter().flatten().collect())
        }
        Pred::Test(test) if test.subject.as_field().is_some_and(|field| field.path == column) => {
            let exact = |literal: &Literal| match literal {
                Literal::Str(text) => Some(TextPattern::exact(text)),
                _ => None,
            };
            match &test.op {
                Op::Text(patterns, _) => Some(patterns.clone()),
                Op::Compare(Comparison::Equal, Scalar::Literal(literal)) => Some(vec![exact(literal)?]),
                Op::OneOf(items, _) => items.iter().map(exact).collect(),
                _ => None,
            }
        }
        _ => None,
    }
}
