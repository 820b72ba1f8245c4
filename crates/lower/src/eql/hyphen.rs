//! Names with a hyphen, which reads as a minus.

use eqlc_diagnostics::{Applicability, Span};
use eqlc_eql::ast::{ArithOp, Expr, ExprKind, FieldPath};
use eqlc_ir::FieldType;

use super::Lowering;

impl Lowering<'_> {
    /// `my-field`, that is `my` minus `field` without a blank between, where nothing is called `my`: said once and with
    /// the name in back-ticks. The operands are no findings any more.
    pub(super) fn note_hyphens(&mut self, first: &Expr, rest: &[(ArithOp, Expr)]) {
        let Some(parts) = hyphenated(first, rest) else { return };
        let known =
            |path: &str| self.context.schema.field(path).is_some_and(|info| info.ty != FieldType::Object);
        let paths: Vec<String> = parts.iter().map(|part| part.text().into_owned()).collect();
        if self.is_endpoint()
            || paths.first().is_none_or(|first| known(first) || !self.unknown.insert(first.clone()))
        {
            return;
        }
        self.unknown.extend(paths.iter().skip(1).cloned());
        let place = rest.last().map_or(first.span, |(_, last)| first.span.to(subject(last).span));
        let name = paths.join("-");
        let quoted: Vec<String> = name.split('.').map(segment).collect();
        let quoted = quoted.join(".");
        let finding = self.plain_unknown_field(paths.first().map_or("", String::as_str), place);
        let finding = finding.help(format!("a name with a hyphen is written in back-ticks: `{quoted}`"));
        let start = Span { start: place.start + u32::from(is_optional(first)), ..place };
        self.report(finding.fix(Applicability::Unsafe, "put the name in back-ticks", start, quoted));
    }
}

/// The operands of a chain of minus signs that touch what is left and right of them, if all are fields in plain letters.
fn hyphenated<'e>(first: &'e Expr, rest: &'e [(ArithOp, Expr)]) -> Option<Vec<&'e FieldPath>> {
    let mut parts = vec![plain_field(first)?];
    let mut end = first.span.end;
    for (op, operand) in rest {
        let operand = subject(operand);
        if *op != ArithOp::Sub || operand.span.start != end + 1 || is_optional(operand) {
            return None;
        }
        parts.push(plain_field(operand)?);
        end = operand.span.end;
    }
    Some(parts)
}

/// `:` and its like bind tighter than a minus, so that what they test is the last part of the name.
fn subject(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Match(test) => &test.subject,
        ExprKind::In(test) => &test.subject,
        _ => expr,
    }
}

fn is_optional(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Field { optional: true, .. })
}

/// The segments of a field that is written without back-ticks, brackets and blanks.
fn plain_field(expr: &Expr) -> Option<&FieldPath> {
    let ExprKind::Field { path, optional } = &expr.kind else { return None };
    let written = expr.span.range().len() - usize::from(*optional);
    (written == path.text().len()).then_some(path)
}

fn segment(name: &str) -> String {
    if name.contains('-') { format!("`{name}`") } else { name.to_owned() }
}
