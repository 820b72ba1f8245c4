//! Backslashes that escape, and need not or should not; quotes.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Span};
use eqlc_sigma::SigmaString;

use crate::raw::{Scalar, Sign, Source, quoted};
use crate::sink::Sink;

pub(super) fn check(span: Span, text: &SigmaString, source: &Source<'_>, sink: &mut Sink<'_>) {
    let written = source.slice(span);
    if written.starts_with('"') {
        double_quotes(span, text, source, sink);
    }
    let special = |pair: &[u8]| matches!(pair, [b'\\', b'\\' | b'*']);
    if !written.as_bytes().windows(2).any(special) {
        return;
    }
    let Some(scalar) = source.scalar(span) else { return };
    let signs: Vec<Sign> = scalar.signs().into_iter().map(|(sign, _)| sign).collect();
    doubled(&scalar, &signs, source, sink);
    wildcard(&scalar, &signs, source, sink);
}

/// Text between double quotes that could as well stand between single ones.
fn double_quotes(span: Span, text: &SigmaString, source: &Source<'_>, sink: &mut Sink<'_>) {
    let written = source.slice(span);
    // Other escapes than those of a backslash and of a quote have no place between single quotes.
    let plain = written.replace("\\\\", "").replace("\\\"", "");
    let shown = text.parts().iter().all(|part| match part {
        eqlc_sigma::Part::Lit(text) => !text.contains(|c: char| c.is_control()),
        _ => true,
    });
    if plain.contains(['\'', '\\']) || written.contains('\n') || !shown {
        return;
    }
    sink.push(codes::DOUBLE_QUOTES, || {
        let finding = Diagnostic::warning(codes::DOUBLE_QUOTES, "text between double quotes")
            .at(span, "single quotes leave backslashes alone");
        let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
        let single = quoted(&inner.replace("\\\\", "\\").replace("\\\"", "\""));
        finding.fix(Applicability::Safe, "write single quotes", span, single)
    });
}

fn is_backslash(sign: Option<&Sign>) -> bool {
    matches!(sign, Some(Sign::Escaped('\\') | Sign::Char('\\')))
}

/// `\\` where one would do: neither in a run of them nor before a wildcard.
fn doubled(scalar: &Scalar<'_>, signs: &[Sign], source: &Source<'_>, sink: &mut Sink<'_>) {
    let needless = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| signs.get(before));
        let next = signs.get(at + 1);
        let special = matches!(next, Some(Sign::Run | Sign::One | Sign::Escaped(_)));
        signs.get(at) == Some(&Sign::Escaped('\\'))
            && !is_backslash(before)
            && !special
            && !is_backslash(next)
    };
    let places: Vec<usize> = (0..signs.len()).filter(|at| needless(*at)).collect();
    if places.is_empty() {
        return;
    }
    sink.push(codes::DOUBLED_BACKSLASH, || {
        let all = scalar.signs();
        let spans = places
            .iter()
            .filter_map(|at| all.get(*at))
            .map(|(_, range)| source.span(scalar.range(range.clone())));
        let spans: Vec<Span> = spans.collect();
        let place = spans.first().copied().unwrap_or_default();
        let mut finding = Diagnostic::warning(codes::DOUBLED_BACKSLASH, "two backslashes stand for one")
            .at(place, "a single one means the same");
        if places.first() == Some(&0) {
            finding = finding.help("the name of a server has two before it, which are written as four");
        }
        let cut =
            |span: &Span| Edit { span: Span { start: span.end - 1, ..*span }, replacement: String::new() };
        let edits = spans.iter().map(cut).collect();
        let title = "write one backslash".to_owned();
        finding.fixes.push(Fix { title, edits, applicability: Applicability::Safe });
        finding
    });
}

/// `\*` behind the name of a folder.
fn wildcard(scalar: &Scalar<'_>, signs: &[Sign], source: &Source<'_>, sink: &mut Sink<'_>) {
    let in_path = |at: usize| {
        let folder = at.checked_sub(1).and_then(|before| signs.get(before));
        let named =
            matches!(folder, Some(Sign::Char(c)) if c.is_alphanumeric() || matches!(c, '%' | ')' | ':'));
        let before = signs.get(..at).unwrap_or_default();
        let path =
            before.iter().any(|sign| is_backslash(Some(sign))) || matches!(folder, Some(Sign::Char(':')));
        signs.get(at) == Some(&Sign::Escaped('*')) && named && path
    };
    let Some(at) = (0..signs.len()).find(|at| in_path(*at)) else { return };
    sink.push(codes::ESCAPED_WILDCARD_IN_PATH, || {
        let all = scalar.signs();
        let range = all.get(at).map_or(0..0, |(_, range)| range.clone());
        let span = source.span(scalar.range(range));
        Diagnostic::warning(codes::ESCAPED_WILDCARD_IN_PATH, "`\\*` is an asterisk and no wildcard")
            .at(span, "no path has one")
            .help("a backslash and a wildcard are written as `\\\\*`")
            .fix(Applicability::Unsafe, "write `\\\\*`", Span { end: span.start, ..span }, "\\")
    });
}
