//! Tests of the lowering of Sigma.

mod correlations;
mod regexes;
mod values;

use eqlc_diagnostics::{Diagnostics, Fragment, SourceMap, has_errors};
use eqlc_ir::{Body, Rule, normalise, text};
use eqlc_schema::Schema;

use super::{Context, Placeholders};

/// Parses and lowers a file that has no errors of syntax.
fn lowered(source: &str) -> (Vec<Rule>, Diagnostics) {
    lowered_with(source, &Placeholders::default())
}

fn lowered_with(source: &str, placeholders: &Placeholders) -> (Vec<Rule>, Diagnostics) {
    let mut sources = SourceMap::new();
    let id = sources.add("rule.yml", source);
    let parsed = eqlc_sigma::parse(&Fragment::verbatim(id, 0, source));
    assert!(!has_errors(&parsed.diagnostics), "{source}\n{:#?}", parsed.diagnostics);
    let schema = Schema::ecs();
    let context = Context { schema, placeholders, others: &[], filters_elsewhere: false };
    super::lower_with(&parsed.tree, context)
}

/// The file of a rule with this detection, indented by four.
fn file(detection: &str) -> String {
    let body: String = detection.trim().lines().map(|line| format!("    {line}\n")).collect();
    format!("title: A\nlogsource:\n    product: windows\n    category: process_creation\ndetection:\n{body}")
}

/// The condition of a detection in normal form, or the findings.
fn shown(detection: &str) -> String {
    shown_of(&file(detection))
}

fn shown_of(source: &str) -> String {
    shown_with(source, &Placeholders::default())
}

fn shown_with(source: &str, placeholders: &Placeholders) -> String {
    let (rules, diagnostics) = lowered_with(source, placeholders);
    let mut out: Vec<String> = diagnostics
        .iter()
        .map(|found| {
            let span = found.span().unwrap_or_default();
            let place = source.get(span.start as usize..span.end as usize).unwrap_or("?");
            format!("{} {} @ `{place}`\n", found.code, found.message)
        })
        .collect();
    for rule in rules {
        match normalise(rule.clone()).body {
            Body::Event(query) => out.push(text::pred(&query.filter)),
            _ => out.push(text::rule(&normalise(rule))),
        }
    }
    out.concat()
}

/// The condition of one test, `selection` being a map with this entry.
fn one(entry: &str) -> String {
    one_with(entry, &Placeholders::default())
}

fn one_with(entry: &str, placeholders: &Placeholders) -> String {
    let entry = entry.replace('\n', "\n    ");
    let source = file(&format!("selection:\n    {entry}\ncondition: selection"));
    shown_with(&source, placeholders).trim_end().to_owned()
}
