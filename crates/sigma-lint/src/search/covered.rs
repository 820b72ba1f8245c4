//! Values that another value of the list covers.

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Node, Span};
use eqlc_ir::sign::{Sign, covers};
use eqlc_sigma::{FieldTest, Modifier, Part, SigmaString, Value};

use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

/// Pairs that are compared at most; a longer list is left alone.
const MAX_PAIRS: usize = 250_000;

/// One finding for a list, at the first such value.
pub(super) fn check(test: &FieldTest, source: &Source<'_>, sink: &mut Sink<'_>) {
    let Some(shape) = shape(test) else { return };
    if test.values.len() < 2 || test.values.len().saturating_mul(test.values.len()) > MAX_PAIRS {
        return;
    }
    let all = test.has(Modifier::All);
    if all && test.has(Modifier::Neq) {
        return;
    }
    let patterns: Vec<Option<Pattern>> =
        test.values.iter().map(|value| Pattern::of(&value.value, shape, test.has(Modifier::Cased))).collect();
    if shape == Shape::EQUAL && !patterns.iter().flatten().any(|pattern| pattern.wide) {
        return;
    }
    let pair = |at: usize| {
        let own = patterns.get(at)?.as_ref()?;
        let covers = |other: &Pattern| if all { own.covers(other) } else { other.covers(own) };
        let by = patterns.iter().position(|other| other.as_ref().is_some_and(covers))?;
        Some((test.values.get(at)?, test.values.get(by)?))
    };
    let pairs: Vec<(&Node<Value>, &Node<Value>)> = (0..patterns.len()).filter_map(pair).collect();
    report(&pairs, all, source, sink);
}

fn report(pairs: &[(&Node<Value>, &Node<Value>)], all: bool, source: &Source<'_>, sink: &mut Sink<'_>) {
    let Some((value, by)) = pairs.first() else { return };
    sink.push(codes::COVERED_VALUE, || {
        let text = |value: &Node<Value>| source.slice(value.span).trim_matches(['\'', '"']).to_owned();
        let message = if all {
            format!("whatever matches `{}` matches `{}`", text(by), text(value))
        } else {
            format!("`{}` matches all that `{}` does", text(by), text(value))
        };
        let mut finding = Diagnostic::warning(codes::COVERED_VALUE, message)
            .at(value.span, "changes nothing")
            .and_at(by.span, if all { "the narrower value" } else { "the wider value" });
        if pairs.len() > 1 {
            finding = finding.note(format!("{} more in this list", pairs.len() - 1));
        }
        let items: Vec<Span> = pairs.iter().map(|(value, _)| value.span).collect();
        if let Some(edits) = edits::removals(source, &items) {
            let title = if items.len() > 1 { "remove such values" } else { "remove the value" }.to_owned();
            finding.fixes.push(Fix { title, edits, applicability: Applicability::Unsafe });
        }
        finding
    });
}

/// Where more may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    before: bool,
    behind: bool,
}

impl Shape {
    const EQUAL: Self = Self { before: false, behind: false };
}

/// None for tests whose values are not compared as they stand.
fn shape(test: &FieldTest) -> Option<Shape> {
    let mut shape = Shape::EQUAL;
    for modifier in &test.modifiers {
        match modifier.value {
            Modifier::Contains => shape = Shape { before: true, behind: true },
            Modifier::StartsWith => shape.behind = true,
            Modifier::EndsWith => shape.before = true,
            Modifier::All | Modifier::Neq | Modifier::Cased => {}
            _ => return None,
        }
    }
    Some(shape)
}

/// A value as signs, with what is seen of it at a glance: enough to tell most pairs apart.
struct Pattern {
    signs: Vec<Sign>,
    /// A bit for each character in it, the same for all that share their last six bits.
    letters: u64,
    /// How many signs stand for one character.
    fixed: usize,
    /// Whether it has a wildcard.
    wide: bool,
}

impl Pattern {
    fn of(value: &Value, shape: Shape, cased: bool) -> Option<Self> {
        let Value::Str(text) = value else { return None };
        let mut signs = Vec::with_capacity(16);
        if shape.before {
            signs.push(Sign::Run);
        }
        push_all(text, cased, &mut signs);
        if shape.behind {
            signs.push(Sign::Run);
        }
        signs.dedup_by(|a, b| *a == Sign::Run && *b == Sign::Run);
        let letters = signs.iter().fold(0, |letters, sign| match sign {
            Sign::Char(c) => letters | 1 << (u32::from(*c) % 64),
            Sign::One | Sign::Run => letters,
        });
        let runs = signs.iter().filter(|sign| **sign == Sign::Run).count();
        let wide = signs.iter().any(|sign| !matches!(sign, Sign::Char(_)));
        Some(Self { letters, fixed: signs.len() - runs, wide, signs })
    }

    /// Whether every text of another pattern, which is not the same, is one of this.
    fn covers(&self, narrow: &Self) -> bool {
        self.wide
            && self.letters & !narrow.letters == 0
            && self.fixed <= narrow.fixed
            && self.signs != narrow.signs
            && covers(&self.signs, &narrow.signs)
    }
}

fn push_all(text: &SigmaString, cased: bool, signs: &mut Vec<Sign>) {
    for part in text.parts() {
        match part {
            Part::AnyRun => signs.push(Sign::Run),
            Part::AnyOne => signs.push(Sign::One),
            Part::Lit(text) if cased => signs.extend(text.chars().map(Sign::Char)),
            Part::Lit(text) => signs.extend(text.chars().map(|c| Sign::Char(c.to_ascii_lowercase()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_matches() {
        let covers = |wide: &str, narrow: &str| {
            let pattern = |text| Pattern::of(&Value::pattern(text), Shape::EQUAL, false).unwrap();
            pattern(wide).covers(&pattern(narrow))
        };
        for (wide, narrow) in [
            ("*", "a"),
            ("*", "?"),
            ("*", ""),
            ("a*", "AB"),
            ("*b*", "a?b"),
            ("a?c", "abc"),
            ("*a*b*", "*a?b*"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in
            [("a*", "*a"), ("?", "*"), ("a?", "a"), ("a", "a"), ("*ab*", "*a*b*"), ("a\\*", "ab")]
        {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }
}
