//! Patterns that another pattern of the list covers.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Edit, Fix, Node, Span};
use eqlc_eql::ast::{Comment, Expr, ExprKind, Literal, MatchOp};
use eqlc_ir::{Part, TextPattern, fold_text};

/// Pairs that are compared at most; a list with more is left alone.
const MAX_PAIRS: usize = 100_000;

/// One finding for a list, at the first such pattern.
pub(super) fn check(expr: &Expr, comments: &[Comment], found: &mut Diagnostics) {
    let ExprKind::Match { op, patterns, .. } = &expr.kind else { return };
    let insensitive = match op.value {
        MatchOp::Colon | MatchOp::LikeInsensitive => true,
        MatchOp::Like => false,
        MatchOp::Regex | MatchOp::RegexInsensitive => return,
    };
    let items: Vec<Vec<Sign>> = patterns.iter().map(|pattern| signs(&pattern.value, insensitive)).collect();
    let wide: Vec<usize> = (0..items.len())
        .filter(|at| {
            items.get(*at).is_some_and(|item| item.iter().any(|sign| !matches!(sign, Sign::Char(_))))
        })
        .collect();
    if wide.len().saturating_mul(items.len()) > MAX_PAIRS {
        return;
    }
    let coverer = |item: &Vec<Sign>| {
        wide.iter()
            .copied()
            .find(|other| items.get(*other).is_some_and(|other| other != item && covers(other, item)))
    };
    let by: Vec<Option<usize>> = items.iter().map(coverer).collect();
    let narrow = by.iter().enumerate().find_map(|(at, by)| Some((patterns.get(at)?, patterns.get((*by)?)?)));
    let Some((narrow, wide)) = narrow else { return };
    let shown = |pattern: &Node<Literal>| match &pattern.value {
        Literal::Str { value, .. } => value.clone(),
        _ => String::new(),
    };
    let message = format!("`{}` matches all that `{}` does", shown(wide), shown(narrow));
    let mut finding = Diagnostic::warning(lints::COVERED_ALTERNATIVE, message)
        .at(narrow.span, "changes nothing")
        .and_at(wide.span, "the wider pattern");
    let number = by.iter().flatten().count();
    if number > 1 {
        finding = finding.note(format!("{} more in this list", number - 1));
    }
    let edits = removals(patterns, &by);
    let keeps_comments = |edit: &Edit| {
        !comments.iter().any(|note| note.span.start < edit.span.end && edit.span.start < note.span.end)
    };
    if edits.iter().all(keeps_comments) {
        let title = if number > 1 { "remove such patterns" } else { "remove the pattern" }.to_owned();
        finding.fixes.push(Fix { title, edits, applicability: Applicability::Unsafe });
    }
    found.push(finding);
}

/// One character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Char(char),
    One,
    Run,
}

fn signs(literal: &Literal, insensitive: bool) -> Vec<Sign> {
    let Literal::Str { value, .. } = literal else { return Vec::new() };
    let mut signs = Vec::new();
    for part in TextPattern::from_eql(value).parts() {
        match part {
            Part::AnyRun => signs.push(Sign::Run),
            Part::AnyOne => signs.push(Sign::One),
            Part::Lit(text) if insensitive => signs.extend(fold_text(text).chars().map(Sign::Char)),
            Part::Lit(text) => signs.extend(text.chars().map(Sign::Char)),
        }
    }
    signs
}

/// Whether every text of `narrow` is one of `wide`: `wide` matched against the signs of `narrow`, where a sign that
/// stands for several characters is matched only by one that does.
fn covers(wide: &[Sign], narrow: &[Sign]) -> bool {
    let (mut w, mut n) = (0, 0);
    // Where to go on when the last run must take one sign more.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(sign) = narrow.get(n) {
        match (wide.get(w), sign) {
            (Some(Sign::Run), _) => {
                retry = Some((w + 1, n));
                w += 1;
            }
            (Some(Sign::One), Sign::Char(_) | Sign::One) => (w, n) = (w + 1, n + 1),
            (Some(Sign::Char(a)), Sign::Char(b)) if a == b => (w, n) = (w + 1, n + 1),
            _ => match retry {
                Some((after, taken)) => {
                    retry = Some((after, taken + 1));
                    (w, n) = (after, taken + 1);
                }
                None => return false,
            },
        }
    }
    wide.iter().skip(w).all(|sign| *sign == Sign::Run)
}

/// Edits that take items out of a list, each with the comma before it, the first ones with the comma behind.
fn removals(patterns: &[Node<Literal>], by: &[Option<usize>]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut first_kept = None;
    let mut before: Option<Span> = None;
    for (pattern, by) in patterns.iter().zip(by) {
        if by.is_none() && first_kept.is_none() {
            first_kept = Some(pattern.span);
        }
        if let (Some(_), Some(before)) = (by, before.filter(|_| first_kept.is_some())) {
            let span = Span { start: before.end, ..pattern.span };
            edits.push(Edit { span, replacement: String::new() });
        }
        before = Some(pattern.span);
    }
    let start = patterns.first().map(|pattern| pattern.span);
    if let (Some(start), Some(kept)) = (start, first_kept)
        && start.start < kept.start
    {
        edits.insert(0, Edit { span: Span { end: kept.start, ..start }, replacement: String::new() });
    }
    edits
}
