//! Rules that no event can match.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Diagnostic, SourceMap, Span};
use eqlc_ir::{Case, Comparison, Literal, Op, Part, Pred, Rule, Scalar, Test, TextPattern, same_folded};
use eqlc_witness::{Contradiction, Outcome, Search};

/// Alternatives of a test that are looked at before the proof.
const MAX_SAMPLES: usize = 8;
/// The longest text of a rule that is shown in a message.
const MAX_SHOWN: usize = 60;

/// Says so of a rule that is proven to match nothing. The proof is tried where a glance does not already see a value
/// that passes.
pub(crate) fn never_matches(rule: &Rule, sources: &SourceMap) -> Option<Diagnostic> {
    if !rule.queries().into_iter().any(|query| is_suspicious(&query.filter, true, &Demands::default())) {
        return None;
    }
    match Search::new().witness(rule) {
        Outcome::Never(why) => Some(never(&why, sources)),
        Outcome::Found(_) | Outcome::Unknown(_) => None,
    }
}

/// The finding for a rule that never matches.
pub(crate) fn never(why: &[Contradiction], sources: &SourceMap) -> Diagnostic {
    let Some(first) = why.first() else {
        return Diagnostic::warning(lints::NEVER_MATCHES, "the rule can never match: its condition is false");
    };
    let shown = |span: Span| shortened(sources.slice(span));
    let others: Vec<Span> = first.others.iter().copied().filter(|span| !span.is_empty()).collect();
    let wanted = shown(first.wanted);
    let reason = match others.as_slice() {
        [] => format!("`{wanted}` never holds"),
        [other] => format!("`{wanted}` and `{}` exclude each other", shown(*other)),
        several => format!("`{wanted}` and {} others exclude each other", several.len()),
    };
    let more = if why.len() > 1 { ", and so do its other alternatives" } else { "" };
    let message = format!("the rule can never match: {reason}{more}");
    let mut finding = Diagnostic::warning(lints::NEVER_MATCHES, message)
        .at(first.wanted, format!("asks for a value of `{}` that is left by none", first.field));
    for other in others.into_iter().take(MAX_SAMPLES) {
        finding = finding.and_at(other, "excluded by this");
    }
    finding
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(MAX_SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A test with the path of its only field.
type Named<'a> = (&'a str, &'a Test);

/// What must hold and must not, whatever alternative is chosen.
#[derive(Clone, Default)]
struct Demands<'a> {
    wanted: Vec<Named<'a>>,
    refused: Vec<Named<'a>>,
    /// Lists of which some one must hold, or must not.
    alternatives: Vec<(&'a [Pred], bool)>,
}

/// Whether some test that must hold seems to be taken whole by tests of the same field that must not; in each of some
/// alternatives, where it is one of theirs.
fn is_suspicious(pred: &Pred, holds: bool, outer: &Demands<'_>) -> bool {
    let mut own = Demands::default();
    own.add(pred, holds);
    // A field may be tested further out and further in.
    let clash = |wanted: &[Named<'_>], refused: &[Named<'_>]| {
        !refused.is_empty() && wanted.iter().any(|(path, test)| is_taken(path, test, refused))
    };
    let refused: Vec<Named<'_>> = own.refused.iter().chain(&outer.refused).copied().collect();
    if clash(&own.wanted, &refused) || clash(&outer.wanted, &own.refused) {
        return true;
    }
    let alternatives = std::mem::take(&mut own.alternatives);
    if alternatives.is_empty() {
        return false;
    }
    let wanted = own.wanted.iter().chain(&outer.wanted).copied().collect();
    let around = Demands { wanted, refused, alternatives: Vec::new() };
    alternatives.iter().any(|(list, holds)| list.iter().all(|pred| is_suspicious(pred, *holds, &around)))
}

impl<'a> Demands<'a> {
    fn add(&mut self, pred: &'a Pred, holds: bool) {
        match (pred, holds) {
            (Pred::All(list), true) | (Pred::Any(list), false) => {
                list.iter().for_each(|pred| self.add(pred, holds))
            }
            (Pred::All(list) | Pred::Any(list), _) => match list.as_slice() {
                [only] => self.add(only, holds),
                list => self.alternatives.push((list, holds)),
            },
            (Pred::Not(inner), _) => self.add(inner, !holds),
            (Pred::Test(test), _) => {
                let field = test.subject.as_field().or_else(|| match test.subject.fields().as_slice() {
                    [only] => Some(*only),
                    _ => None,
                });
                if let Some(field) = field {
                    let list = if holds { &mut self.wanted } else { &mut self.refused };
                    list.push((field.path.as_str(), test));
                }
            }
            _ => {}
        }
    }
}

/// Whether no value that the test plainly asks for passes the tests of the same field.
fn is_taken(path: &str, test: &Test, refused: &[Named<'_>]) -> bool {
    let against = || refused.iter().filter(|(other, _)| *other == path).map(|(_, test)| *test);
    if against().next().is_none() || matches!(test.op, Op::IsNull | Op::Exists | Op::Regex(_)) {
        return false;
    }
    match samples(test) {
        Some(samples) => samples.iter().all(|sample| against().any(|other| may_match(other, sample))),
        // Functions and networks are left to the proof, beside others of their kind.
        None => against().any(|other| other.subject.as_field().is_none() || matches!(other.op, Op::InNet(_))),
    }
}

/// Values that satisfy a test; none where that takes more than a glance.
fn samples(test: &Test) -> Option<Vec<Literal>> {
    test.subject.as_field()?;
    match &test.op {
        Op::Text(patterns, _) => {
            Some(patterns.iter().take(MAX_SAMPLES).map(|one| Literal::Str(filled(one).into())).collect())
        }
        Op::OneOf(items, _) => Some(items.iter().take(MAX_SAMPLES).cloned().collect()),
        Op::Compare(comparison, Scalar::Literal(Literal::Int(number))) => {
            let by = match comparison {
                Comparison::Less => -1,
                Comparison::Greater => 1,
                _ => 0,
            };
            Some(vec![Literal::Int(number.saturating_add(by))])
        }
        Op::Compare(_, Scalar::Literal(literal)) => Some(vec![literal.clone()]),
        _ => None,
    }
}

fn filled(pattern: &TextPattern) -> String {
    let parts = pattern.parts().iter().map(|part| match part {
        Part::Lit(text) => text.as_str(),
        Part::AnyOne => "x",
        Part::AnyRun => "",
    });
    parts.collect()
}

/// Whether a value seems to satisfy a test; where a glance does not tell, it does.
fn may_match(test: &Test, sample: &Literal) -> bool {
    let equal = |literal: &Literal, case: Case| match (literal, sample) {
        (Literal::Str(text), Literal::Str(sample)) if case == Case::Insensitive => same_folded(text, sample),
        (Literal::Null, _) => false,
        // Two ways to write a date may have days in common.
        (Literal::Date(_), _) | (_, Literal::Date(_)) => true,
        (literal, sample) => literal == sample,
    };
    let bare = test.subject.as_field().is_some();
    match (&test.op, sample) {
        _ if !bare => true,
        (Op::Text(patterns, case), Literal::Str(text)) => {
            patterns.iter().any(|pattern| pattern.matches(text, *case))
        }
        (Op::OneOf(items, case), _) => items.iter().any(|item| equal(item, *case)),
        (Op::Compare(Comparison::Equal, Scalar::Literal(literal)), _) => equal(literal, Case::Sensitive),
        (Op::Compare(comparison, Scalar::Literal(Literal::Int(bound))), Literal::Int(number)) => {
            comparison.accepts(number.cmp(bound))
        }
        (Op::IsNull | Op::Exists, _) => false,
        _ => true,
    }
}
