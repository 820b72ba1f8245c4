//! Lists of one value.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic};
use eqlc_sigma::FieldTest;

use crate::raw::Source;
use crate::sink::Sink;

pub(super) fn check(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    let [value] = test.values.as_slice() else { return };
    let key = source.range(test.span).start;
    let start = source.range(value.span).start;
    let Some(between) = source.text().get(key..start) else { return };
    let Some((line, rest)) = between.split_once('\n') else { return };
    // Behind the key stands a list whose first line has a dash and the value.
    let last = rest.rsplit('\n').next().unwrap_or(rest);
    if last.trim() != "-" {
        return;
    }
    sink.push(codes::LIST_OF_ONE, || {
        let finding =
            Diagnostic::warning(codes::LIST_OF_ONE, "a list of one value").at(value.span, "the only value");
        let line = line.trim_end();
        let scalar = source.scalar(value.span);
        // A comment in between would go.
        if scalar.is_none() || rest.contains('#') || !line.ends_with(':') {
            return finding;
        }
        let gap = source.span(key + line.len()..start);
        finding.fix(Applicability::Safe, "put the value on the line of its field", gap, " ")
    });
}
