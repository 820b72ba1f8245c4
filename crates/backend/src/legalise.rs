//! Pass 6: legalise. The rule within what a target has.
//!
//! A construct the target lacks is rewritten where another construct of the target can stand for it, with a
//! recorded [`Loss`] where the meaning bends, and refused with a coded diagnostic otherwise.

use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_ir::{Body, Rule, normalise};

use crate::as_correlation::as_correlation;
use crate::at_least::written_out;
use crate::correlate::as_sequence;
use crate::intervals::without_intervals;
use crate::lengths::without_lengths;
use crate::{Construct, Direction, Loss, Target, Use, constructs_of};

/// A rule that a target can hold. Only [`legalise`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Legal {
    rule: Rule,
    losses: Vec<Loss>,
}

impl Legal {
    /// The rule, normalised, in the taxonomy and with the constructs of the target.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Losses of the passes so far.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }
}

/// Fits a mapped rule to a target. `losses` are those of the mapping; they are carried on.
///
/// # Errors
/// One E4xxx for each construct that the target lacks and nothing can stand for.
pub fn legalise(rule: Rule, losses: Vec<Loss>, target: &Target) -> Result<Legal, Diagnostics> {
    let mut pass = Pass { target, losses };
    let rule = pass.limits(rule);
    let rule = as_correlation(rule, target, &mut pass.losses)
        .map_err(|(construct, span)| vec![refusal(target, construct, None, span)])?;
    let rule = as_sequence(rule, target, &mut pass.losses);
    let rule = without_lengths(rule, target);
    let rule = if target.has(Construct::RegexAlgebra) { rule } else { without_intervals(rule) };
    let rule = normalise(pass.written_out(rule));
    let refused = pass.refusals(&rule, |_| true);
    if refused.is_empty() { Ok(Legal { rule, losses: pass.losses }) } else { Err(refused) }
}

/// What a target lacks whatever the mapping makes of a rule: conditions on elements, on other processes and on
/// the events of earlier steps. For a rule that has no mapping, so that the cause is named beside its fields.
#[must_use]
pub fn lacking(rule: &Rule, target: &Target) -> Diagnostics {
    let beyond_mapping = [Construct::ArraySearch, Construct::Descendant, Construct::BackReference];
    Pass { target, losses: Vec::new() }.refusals(rule, |used| beyond_mapping.contains(&used))
}

struct Pass<'a> {
    target: &'a Target,
    losses: Vec<Loss>,
}

impl Pass<'_> {
    fn lose(
        &mut self,
        code: eqlc_diagnostics::Code,
        direction: Direction,
        span: Span,
        place: &str,
        why: String,
    ) {
        self.losses.push(Loss { code, direction, span, place: place.to_owned(), why });
    }

    fn limits(&mut self, mut rule: Rule) -> Rule {
        if !rule.pipes.is_empty() && !self.target.has(Construct::Limits) {
            rule.pipes.clear();
            let why = "the target reports every match, `head` and `tail` are left out".to_owned();
            // What alerts for a group alerts whether one of its matches is kept or all.
            let grouped = match &rule.body {
                Body::Sequence(_) => !self.target.has(Construct::Sequence),
                Body::Sample(_) => !self.target.has(Construct::Sample),
                Body::Event(_) | Body::Correlation(_) => false,
            };
            let direction = if grouped { Direction::Reordered } else { Direction::Wider };
            self.lose(losses::LIMIT_DROPPED, direction, first_span(&rule), "pipes", why);
        }
        rule
    }

    fn written_out(&self, rule: Rule) -> Rule {
        if self.target.has(Construct::AtLeast) { rule } else { written_out(rule) }
    }

    fn refusals(&self, rule: &Rule, asked: impl Fn(Construct) -> bool) -> Diagnostics {
        let mut seen: Vec<(Construct, Option<eqlc_ir::Function>)> = Vec::new();
        let mut refused = Vec::new();
        for Use { construct, function, span } in constructs_of(rule) {
            let held = match function {
                Some(function) => self.target.has(construct) && self.target.functions.contains(&function),
                None => construct == Construct::Core || self.target.has(construct),
            };
            if !held && asked(construct) && !seen.contains(&(construct, function)) {
                seen.push((construct, function));
                refused.push(refusal(self.target, construct, function, span));
            }
        }
        refused
    }
}

fn refusal(
    target: &Target,
    construct: Construct,
    function: Option<eqlc_ir::Function>,
    span: Span,
) -> Diagnostic {
    let id = &target.id;
    match function {
        Some(function) => {
            let name = function.name();
            Diagnostic::error(
                targets::FUNCTION_REFUSED,
                format!("target `{id}` has no form for the function `{name}`"),
            )
            .at(span, "used here")
        }
        None => Diagnostic::error(
            targets::CONSTRUCT_REFUSED,
            format!("target `{id}` has no form for {}", construct.title()),
        )
        .at(span, "needed here"),
    }
    .note(format!("`eqlc targets {id}` lists what the target can hold"))
}

fn first_span(rule: &Rule) -> Span {
    rule.queries()
        .iter()
        .flat_map(|query| query.filter.tests())
        .map(|test| test.span)
        .next()
        .unwrap_or_default()
}
