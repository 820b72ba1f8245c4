//! Tests over whole files.

mod broken;
mod conditions;
mod corpus;
mod hostile;
mod laws;
mod reading;
mod schemas;
mod writing;

use std::fmt::Write as _;
use std::path::PathBuf;

use eqlc_diagnostics::{Diagnostic, Fragment, Label, Parsed, SourceMap, has_errors};

use crate::{Document, File, Rule, parse};

/// A file, read, with what is needed to show its findings.
struct Read {
    map: SourceMap,
    parsed: Parsed<File>,
}

fn read(text: &str) -> Read {
    let mut map = SourceMap::new();
    let id = map.add("rule.yml", text);
    let parsed = parse(&Fragment::verbatim(id, 0, text));
    Read { map, parsed }
}

impl Read {
    /// The findings, one after the other, with the text each points at.
    fn report(&self) -> String {
        let mut out = String::new();
        for diagnostic in &self.parsed.diagnostics {
            self.one(diagnostic, &mut out);
        }
        out
    }

    fn one(&self, d: &Diagnostic, out: &mut String) {
        let severity = format!("{:?}", d.severity).to_lowercase();
        writeln!(out, "{severity}[{}]: {}", d.code, d.message).unwrap();
        for label in d.primary.iter().chain(&d.related) {
            self.label(label, out);
        }
        for note in &d.notes {
            writeln!(out, "  note: {note}").unwrap();
        }
        for help in &d.help {
            writeln!(out, "  help: {help}").unwrap();
        }
        for fix in &d.fixes {
            writeln!(out, "  fix: {} -> {:?}", fix.title, self.fixed(fix)).unwrap();
        }
    }

    fn label(&self, label: &Label, out: &mut String) {
        let at = self.map.position(label.span);
        let text = self.map.slice(label.span);
        writeln!(out, "  {}:{} {text:?} {}", at.line, at.column, label.message).unwrap();
    }

    /// The line that a fix changes, after the change.
    fn fixed(&self, fix: &eqlc_diagnostics::Fix) -> String {
        let edit = &fix.edits[0];
        let mut text = self.map.text(edit.span.source).to_owned();
        text.replace_range(edit.span.range(), &edit.replacement);
        let line = self.map.position(edit.span).line;
        text.lines().nth(line - 1).unwrap_or("").to_owned()
    }

    fn fine(&self) -> bool {
        !has_errors(&self.parsed.diagnostics)
    }
}

/// A rule with this detection; the errors it gives, without warnings of the frame.
fn with_detection(detection: &str) -> Read {
    let mut text = String::from("title: T\nlogsource:\n    product: windows\ndetection:\n");
    for line in detection.lines() {
        writeln!(text, "    {line}").unwrap();
    }
    read(&text)
}

fn rule(read: &Read) -> &Rule {
    match read.parsed.tree.documents.first() {
        Some(Document::Rule(rule)) => rule,
        other => panic!("no rule: {other:?}\n{}", read.report()),
    }
}

/// The first document's report for a condition over the searches `a`, `b`, `sel_x`, `sel_y`, `_p`.
fn with_condition(condition: &str) -> Read {
    let searches = "a:\n    F: 1\nb:\n    F: 2\nsel_x:\n    F: 3\nsel_y:\n    F: 4\n_p:\n    F: 5\n";
    with_detection(&format!("{searches}condition: {condition}"))
}

/// What is said of each text, for a snapshot.
fn each(texts: &[&str], report: impl Fn(&str) -> String) -> String {
    texts.iter().map(|text| format!("{text}\n----\n{}\n", report(text))).collect()
}

/// A folder beside the project, or none with the reason printed.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path);
    if !folder.exists() {
        println!("skipped: {path} is not beside the project");
        return None;
    }
    Some(folder)
}
