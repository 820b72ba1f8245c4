//! Tests of the whole crate.

mod corpus;
mod diagnostics;
mod format;
mod grammar;
mod limits;
mod printer;

use std::fmt::Write;

use eqlc_diagnostics::{Fragment, Label, Parsed, SourceMap};

use crate::{Dialect, Options, Query, parse, parse_with, print};

/// The text with everything said about it.
fn render(text: &str) -> String {
    render_in(text, Dialect::Elasticsearch)
}

fn render_in(text: &str, dialect: Dialect) -> String {
    let mut map = SourceMap::new();
    let id = map.add("rule.eql", text);
    let parsed = parse_with(&Fragment::verbatim(id, 0, text), Options { dialect });
    let mut out = format!("{}\n----\n", text.trim_end());
    let place = |label: &Label| {
        let (start, end) = (map.position(label.span), map.end_position(label.span));
        format!("{}:{}..{}:{}", start.line, start.column, end.line, end.column)
    };
    for found in &parsed.diagnostics {
        let primary = found.primary.as_ref().expect("a place");
        let _ = writeln!(out, "{} {} {} | {}", found.code, place(primary), found.message, primary.message);
        for label in &found.related {
            let _ = writeln!(out, "  at {} {}", place(label), label.message);
        }
        for note in &found.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        for help in &found.help {
            let _ = writeln!(out, "  help: {help}");
        }
        for fix in &found.fixes {
            let mut fixed = text.to_owned();
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
            for edit in edits {
                fixed.replace_range(edit.span.range(), &edit.replacement);
            }
            let line = fixed.lines().nth(map.position(primary.span).line - 1).unwrap_or("").trim();
            let _ = writeln!(out, "  {:?} fix: {} → {line}", fix.applicability, fix.title);
        }
    }
    if parsed.diagnostics.is_empty() {
        out.push_str("no findings\n");
    }
    let _ = write!(out, "----\n{}", print(&parsed.tree));
    out
}

fn read(text: &str) -> Parsed<Query> {
    let mut map = SourceMap::new();
    let id = map.add("rule.eql", text);
    parse(&Fragment::verbatim(id, 0, text))
}

/// The tree of a text without errors.
fn tree(text: &str) -> Query {
    let parsed = read(text);
    assert!(parsed.diagnostics.is_empty(), "{}", render(text));
    parsed.tree
}

/// The codes reported for a text.
fn codes(text: &str) -> Vec<&'static str> {
    read(text).diagnostics.iter().map(|found| found.code.as_str()).collect()
}
