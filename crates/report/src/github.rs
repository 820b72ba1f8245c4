//! Workflow commands of GitHub Actions: findings as annotations of the lines that they are about.

use std::io;

use eqlc_diagnostics::{Diagnostic, Severity, SourceMap};

use crate::place::Place;

/// Writes a command for each diagnostic: `::error file=rule.eql,line=1,…::message`. Notes and help follow the message
/// on lines of their own, which the escapes of a command hold together.
///
/// # Errors
/// Only those of `out`.
pub fn github(sources: &SourceMap, diagnostics: &[Diagnostic], out: &mut dyn io::Write) -> io::Result<()> {
    for diagnostic in diagnostics {
        writeln!(out, "{}", command(sources, diagnostic))?;
    }
    Ok(())
}

fn command(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = diagnostic.span().and_then(|span| Place::of(sources, span)) {
        // The file is opened by its name: it is the one that was given, not made fit to print.
        properties.push(("file", sources.name(place.span.source).to_owned()));
        properties.push(("line", place.start.line.to_string()));
        properties.push(("endLine", place.end.line.to_string()));
        // Columns are for places within one line.
        if place.start.line == place.end.line {
            properties.push(("col", place.start.column.to_string()));
            properties.push(("endColumn", place.end.column.to_string()));
        }
    }
    properties.push(("title", diagnostic.code.to_string()));
    let properties: Vec<String> =
        properties.into_iter().map(|(name, value)| format!("{name}={}", property(&value))).collect();
    let lines = std::iter::once(&diagnostic.message).chain(&diagnostic.notes).chain(&diagnostic.help);
    let message = lines.map(String::as_str).collect::<Vec<_>>().join("\n");
    format!("::{kind} {}::{}", properties.join(","), data(&message))
}

/// What stands behind the last colons: percent signs and line ends are escaped, nothing else.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends at a comma or colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use eqlc_diagnostics::codes::verify::DISAGREES;
    use eqlc_diagnostics::{Diagnostic, SourceMap, Span};

    use super::github;

    fn written(sources: &SourceMap, diagnostic: Diagnostic) -> String {
        let mut out = Vec::new();
        github(sources, &[diagnostic], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn commands_are_escaped_as_the_runner_reads_them() {
        let mut sources = SourceMap::new();
        let id = sources.add("a,b:c%.eql", "any where\n  true\n");
        let finding =
            Diagnostic::error(DISAGREES, "100 % of a::b, c").at(Span::new(id, 4..9), "x").note("one\r\ntwo");
        assert_eq!(
            written(&sources, finding),
            "::error file=a%2Cb%3Ac%25.eql,line=1,endLine=1,col=5,endColumn=10,title=V0002::100 %25 of a::b, \
             c%0Aone%0D%0Atwo\n"
        );
    }

    #[test]
    fn a_place_of_several_lines_has_no_columns() {
        let mut sources = SourceMap::new();
        let id = sources.add("a.eql", "any where\n  true\n");
        let finding = Diagnostic::warning(DISAGREES, "m").at(Span::new(id, 0..14), "");
        assert_eq!(written(&sources, finding), "::warning file=a.eql,line=1,endLine=2,title=V0002::m\n");
    }

    #[test]
    fn a_finding_without_a_place_has_no_file() {
        assert_eq!(
            written(&SourceMap::new(), Diagnostic::warning(DISAGREES, "m")),
            "::warning title=V0002::m\n"
        );
    }
}
