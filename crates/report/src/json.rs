//! One JSON object a diagnostic, one a line.

use std::io;

use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Label, Severity, SourceMap, Span};
use serde::Serialize;

use crate::place::{Place, Point};

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Option<Where>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    notes: &'a [String],
    help: &'a [String],
    fixes: Vec<Repair<'a>>,
}

#[derive(Serialize)]
struct Where {
    file: String,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: Where,
    message: &'a str,
}

#[derive(Serialize)]
struct Repair<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    place: Where,
    replacement: &'a str,
}

impl Where {
    /// The name is the one given to the source map, not made fit to print: programs open it.
    fn of(sources: &SourceMap, span: Span) -> Option<Self> {
        let place = Place::of(sources, span)?;
        let file = sources.name(place.span.source).to_owned();
        Some(Self { file, start: place.start, end: place.end })
    }
}

/// Renders; see [`crate::Format::Json`].
pub(crate) fn render(
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    _color: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for diagnostic in diagnostics {
        serde_json::to_writer(&mut *out, &finding(sources, diagnostic))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn finding<'a>(sources: &SourceMap, diagnostic: &'a Diagnostic) -> Finding<'a> {
    let label = diagnostic.primary.as_ref().map(|label| label.message.as_str());
    Finding {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: diagnostic.span().and_then(|span| Where::of(sources, span)),
        label: label.filter(|text| !text.is_empty()),
        related: diagnostic.related.iter().filter_map(|label| related(sources, label)).collect(),
        notes: &diagnostic.notes,
        help: &diagnostic.help,
        fixes: diagnostic.fixes.iter().filter_map(|fix| repair(sources, fix)).collect(),
    }
}

fn related<'a>(sources: &SourceMap, label: &'a Label) -> Option<Related<'a>> {
    Some(Related { place: Where::of(sources, label.span)?, message: &label.message })
}

/// A fix with all its edits, or none: half a fix would break the rule.
fn repair<'a>(sources: &SourceMap, fix: &'a Fix) -> Option<Repair<'a>> {
    let edits = fix
        .edits
        .iter()
        .map(|edit| Some(Change { place: Where::of(sources, edit.span)?, replacement: &edit.replacement }))
        .collect::<Option<Vec<_>>>()?;
    Some(Repair { title: &fix.title, applicability: fix.applicability, edits })
}
