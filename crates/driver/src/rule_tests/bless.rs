//! Writing what rules find into their fixtures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Fragment, SourceMap, Span, has_errors};
use eqlc_verify::fixtures::{StreamCase, read};
use serde_json::Value;

use super::find::read_text;
use super::{CaseOutcome, CaseReport, Layout, UnitTests};
use crate::output::write_whole;

/// What was written.
#[derive(Debug, Default)]
pub struct Blessed {
    /// The fixtures, with the number of streams that were changed in each.
    pub files: Vec<(PathBuf, usize)>,
    /// What could not be written.
    pub diagnostics: Diagnostics,
}

/// What a rule finds in a stream.
#[derive(Clone, PartialEq)]
struct Finds {
    matches: Vec<Vec<usize>>,
    join_keys: Vec<Vec<Value>>,
}

/// Writes into `.tests.yml` files what rules found in the streams that failed: `matches`, and `join_keys` where a
/// stream lists them. Every other byte stays. Files of other layouts are not ours and are left alone. Where rules that
/// share a fixture find different things in a stream, it is left alone too.
#[must_use]
pub fn bless(units: &[UnitTests]) -> Blessed {
    let mut blessed = Blessed::default();
    let mut files: BTreeMap<&Path, BTreeMap<&str, Vec<&CaseReport>>> = BTreeMap::new();
    let reports = units.iter().flat_map(|unit| &unit.rules).flat_map(|rule| &rule.cases);
    for report in reports.filter(|report| report.layout == Layout::Streams) {
        files.entry(&report.file).or_default().entry(&report.name).or_default().push(report);
    }
    for (path, streams) in files {
        let failed = |reports: &Vec<&CaseReport>| {
            reports.iter().any(|report| matches!(report.outcome, CaseOutcome::Failed(_)))
        };
        let wanted: BTreeMap<&str, Vec<&CaseReport>> =
            streams.into_iter().filter(|(_, reports)| failed(reports)).collect();
        if wanted.is_empty() {
            continue;
        }
        match write(path, &wanted, &mut blessed.diagnostics) {
            Ok(0) => {}
            Ok(changed) => blessed.files.push((path.to_path_buf(), changed)),
            Err(diagnostic) => blessed.diagnostics.push(*diagnostic),
        }
    }
    blessed
}

/// How many streams were changed.
fn write(
    path: &Path,
    wanted: &BTreeMap<&str, Vec<&CaseReport>>,
    diagnostics: &mut Diagnostics,
) -> Result<usize, Box<Diagnostic>> {
    let text = read_text(path)?;
    let cases = streams_of(path, &text)?;
    let mut edits: Vec<(Span, String)> = Vec::new();
    let mut expected: BTreeMap<&str, Finds> = BTreeMap::new();
    for case in &cases {
        let Some(reports) = wanted.get(case.name.value.as_str()) else { continue };
        let mut results = reports
            .iter()
            .map(|report| Finds { matches: report.found.clone(), join_keys: report.join_keys.clone() });
        let Some(first) = results.next() else { continue };
        if results.any(|other| other != first) {
            let message = format!(
                "`{}`: rules that share `{}` find different things in it, which are not written",
                case.name.value,
                path.display()
            );
            diagnostics.push(Diagnostic::error(codes::NOT_BLESSED, message));
            continue;
        }
        edits.extend(edits_of(case, &first));
        expected.insert(&case.name.value, first);
    }
    let changed = apply(&text, &mut edits);
    let written = streams_of(path, &changed).unwrap_or_default();
    let reads_back = written.len() == cases.len()
        && written.iter().all(|case| match expected.get(case.name.value.as_str()) {
            Some(result) => {
                case.matches.as_ref().is_some_and(|matches| matches.value == result.matches)
                    && case.join_keys.as_ref().is_none_or(|keys| keys.value == result.join_keys)
            }
            None => cases.iter().any(|before| is_same(before, case)),
        });
    if !reads_back {
        let message = format!("`{}` is laid out in a way that `--bless` does not write", path.display());
        return Err(Box::new(Diagnostic::error(codes::NOT_BLESSED, message)));
    }
    if changed != text {
        write_whole(path, &changed)?;
    }
    Ok(expected.len())
}

/// The streams of a fixture, all of them sound.
fn streams_of(path: &Path, text: &str) -> Result<Vec<StreamCase>, Box<Diagnostic>> {
    let mut sources = SourceMap::new();
    let source = sources.add(path.display().to_string(), text);
    let parsed = read(&Fragment::verbatim(source, 0, text));
    if has_errors(&parsed.diagnostics) {
        let message = format!("`{}` has errors, so that nothing is written into it", path.display());
        return Err(Box::new(Diagnostic::error(codes::NOT_BLESSED, message)));
    }
    Ok(parsed.tree)
}

/// Whether two cases say the same, wherever they stand.
fn is_same(one: &StreamCase, other: &StreamCase) -> bool {
    let said = |case: &StreamCase| {
        (case.name.clone(), case.matches.clone(), case.join_keys.clone(), case.events.clone())
    };
    said(one) == said(other)
}

fn edits_of(case: &StreamCase, found: &Finds) -> Vec<(Span, String)> {
    let matches = Value::from_iter(found.matches.iter().map(|found| Value::from_iter(found.clone())));
    let matches = spaced(&matches);
    let mut edits = Vec::new();
    match &case.matches {
        Some(written) => edits.push((written.span, matches)),
        None => edits.push((case.room.at, format!("{}matches: {matches}", case.room.before))),
    }
    if let Some(keys) = &case.join_keys {
        edits.push((keys.span, spaced(&Value::from_iter(found.join_keys.clone()))));
    }
    edits
}

/// JSON with a blank behind each comma between items, as fixtures have it.
fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn apply(text: &str, edits: &mut [(Span, String)]) -> String {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (span, replacement) in edits.iter() {
        let range = span.range();
        out.push_str(text.get(from..range.start).unwrap_or_default());
        out.push_str(replacement);
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}
