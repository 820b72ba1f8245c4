//! Pass 6: legalise. The rule within what a target has.
//!
//! A construct the target lacks is rewritten where another construct of the target can stand for it, with a
//! recorded [`Loss`] where the meaning bends, and refused with a coded diagnostic otherwise.

use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, Diagnostics, Span};
use eqlc_ir::fold::walk_rule;
use eqlc_ir::{Body, Correlated, Correlation, CorrelationKind, GroupKey, Rule, Sequence, Source, normalise};

use crate::at_least::WrittenOut;
use crate::correlate::as_sequence;
use crate::intervals::without_intervals;
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
    let rule = pass.sequence(rule)?;
    let rule = as_sequence(rule, target, &mut pass.losses);
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
            self.lose(losses::LIMIT_DROPPED, Direction::Wider, first_span(&rule), "pipes", why);
        }
        rule
    }

    fn written_out(&self, rule: Rule) -> Rule {
        if self.target.has(Construct::AtLeast) { rule } else { walk_rule(&mut WrittenOut, rule) }
    }

    fn sequence(&mut self, mut rule: Rule) -> Result<Rule, Diagnostics> {
        let lookback = rule.meta.lookback_ms();
        let Body::Sequence(mut sequence) = rule.body else { return Ok(rule) };
        let ordered = !self.target.has(Construct::Sequence) && self.target.has(Construct::TemporalOrdered);
        let unbounded = sequence.maxspan_ms.is_none();
        if unbounded && !self.target.has(Construct::UnboundedSequence) {
            let bound = lookback.unwrap_or(DEFAULT_LOOKBACK_MS);
            let why = format!(
                "the sequence has no maxspan and the target needs one; the rule's look-back of {} s is used",
                bound / 1000
            );
            self.lose(losses::SPAN_INVENTED, Direction::Narrower, steps_span(&sequence), "sequence", why);
            sequence.maxspan_ms = Some(bound);
        }
        rule.body = if ordered { self.temporal_ordered(sequence)? } else { Body::Sequence(sequence) };
        Ok(rule)
    }

    /// A sequence as an ordered correlation.
    fn temporal_ordered(&mut self, sequence: Sequence) -> Result<Body, Diagnostics> {
        let place = steps_span(&sequence);
        let refused: Diagnostics = constructs_of_sequence(&sequence)
            .into_iter()
            .map(|(construct, span)| refusal(self.target, construct, None, span))
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let why = "a correlation alerts once for a group and does not say which events stand for which step";
        self.lose(losses::TUPLES_NOT_REPORTED, Direction::Reordered, place, "sequence", why.to_owned());
        if sequence.steps.len() > 2 {
            let why = "an ordered correlation finds any events in order, a sequence only follows the newest";
            self.lose(losses::NEWEST_PARTIAL, Direction::Wider, place, "sequence", why.to_owned());
        }
        for key in
            sequence.steps.iter().flat_map(|step| sequence.keys_of(&step.by)).filter(|key| key.field.optional)
        {
            let why =
                format!("`{}` may be null in the rule's join key, a group needs a value", key.field.path);
            let span = key.field.span;
            self.losses.push(Loss {
                code: losses::NULL_KEY,
                direction: Direction::Narrower,
                span,
                place: "join key".to_owned(),
                why,
            });
        }
        let timespan_ms = sequence.maxspan_ms.unwrap_or(DEFAULT_LOOKBACK_MS);
        let group_by = group_keys(&sequence);
        let rules = sequence.steps.into_iter().enumerate();
        let rules = rules.map(|(at, step)| {
            let source = Source::Events(step.query);
            Correlated { name: format!("step_{}", at + 1), source }
        });
        let kind = CorrelationKind::TemporalOrdered;
        let rules = rules.collect();
        Ok(Body::Correlation(Correlation { kind, rules, group_by, timespan_ms, condition: None }))
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

/// The span of a sequence without maxspan when the rule states no look-back: that of the detection engine's
/// own default schedule, five minutes and one of overlap.
const DEFAULT_LOOKBACK_MS: u64 = 6 * 60 * 1000;

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

/// What an ordered correlation cannot hold.
fn constructs_of_sequence(sequence: &Sequence) -> Vec<(Construct, Span)> {
    let mut found = Vec::new();
    for step in &sequence.steps {
        let span = step.span.0;
        if step.missing {
            found.push((Construct::MissingEvent, span));
        }
        if step.runs != 1 {
            found.push((Construct::Runs, span));
        }
        if sequence.keys_of(&step.by).is_empty() {
            found.push((Construct::KeylessSequence, span));
        }
    }
    if sequence.until.is_some() {
        found.push((Construct::Until, steps_span(sequence)));
    }
    found.truncate(1);
    found
}

/// One group key for each position of the join key. Fields of one name keep it; where the steps name the
/// position differently it gets an alias, `key_1` and so on.
fn group_keys(sequence: &Sequence) -> Vec<GroupKey> {
    let tuples: Vec<Vec<_>> = sequence.steps.iter().map(|step| sequence.keys_of(&step.by)).collect();
    let width = tuples.first().map_or(0, Vec::len);
    (0..width)
        .map(|position| {
            let fields: Vec<eqlc_ir::FieldRef> = tuples
                .iter()
                .filter_map(|keys| keys.get(position))
                .map(|key| eqlc_ir::FieldRef { optional: false, ..key.field.clone() })
                .collect();
            let first = fields.first().map(|field| field.path.clone()).unwrap_or_default();
            let same = fields.iter().all(|field| field.path == first);
            GroupKey { name: if same { first } else { format!("key_{}", position + 1) }, fields }
        })
        .collect()
}

fn steps_span(sequence: &Sequence) -> Span {
    let mut spans = sequence.steps.iter().map(|step| step.span.0);
    let first = spans.next().unwrap_or_default();
    spans.fold(first, Span::to)
}

fn first_span(rule: &Rule) -> Span {
    rule.queries()
        .iter()
        .flat_map(|query| query.filter.tests())
        .map(|test| test.span)
        .next()
        .unwrap_or_default()
}
