//! Sequences and samples as correlations, for targets that have these and not those.

use eqlc_diagnostics::codes::losses;
use eqlc_diagnostics::{Code, Span};
use eqlc_ir::{
    Aggregate, Body, Bound, Correlated, Correlation, CorrelationCondition, CorrelationKind, FieldRef,
    GroupKey, Key, Literal, Relation, Rule, Sample, Sequence, Source, Step,
};

use crate::{Construct, Direction, Loss, Target};

/// The span of a sequence without maxspan and of a sample when the rule states no look-back: that of the
/// detection engine's own default schedule, five minutes and one of overlap.
const DEFAULT_LOOKBACK_MS: u64 = 6 * 60 * 1000;

/// A rule whose sequence or sample the target lacks, as the correlation that finds its groups, where there is one;
/// `Err` says what of it no correlation holds.
///
/// * A sequence is `temporal_ordered` over its steps.
/// * A step that runs several times is an `event_count` in its place; alone it is the whole rule.
/// * A sample is `temporal` over its terms.
///
/// Every other rule stays as it is.
pub(crate) fn as_correlation(
    mut rule: Rule,
    target: &Target,
    losses: &mut Vec<Loss>,
) -> Result<Rule, (Construct, Span)> {
    let mut pass = Pass { target, losses, lookback_ms: rule.meta.lookback_ms() };
    rule.body = match rule.body {
        Body::Sequence(sequence) => pass.sequence(sequence)?,
        Body::Sample(sample) => pass.sample(sample),
        other => other,
    };
    Ok(rule)
}

struct Pass<'a> {
    target: &'a Target,
    losses: &'a mut Vec<Loss>,
    lookback_ms: Option<u64>,
}

impl Pass<'_> {
    fn lose(&mut self, code: Code, direction: Direction, span: Span, place: &str, why: &str) {
        self.losses.push(Loss { code, direction, span, place: place.to_owned(), why: why.to_owned() });
    }

    fn sequence(&mut self, mut sequence: Sequence) -> Result<Body, (Construct, Span)> {
        if sequence.maxspan_ms.is_none() && !self.target.has(Construct::UnboundedSequence) {
            sequence.maxspan_ms = Some(self.invented(steps_span(&sequence), "sequence", "no maxspan"));
        }
        if self.target.has(Construct::Sequence) || !self.target.has(Construct::TemporalOrdered) {
            return Ok(Body::Sequence(sequence));
        }
        if let Some(lacking) = beyond_correlations(&sequence, self.target) {
            return Err(lacking);
        }
        self.bent(&sequence);
        let timespan_ms = sequence.maxspan_ms.unwrap_or(DEFAULT_LOOKBACK_MS);
        Ok(Body::Correlation(match sequence.steps.as_slice() {
            [only] => run(&sequence, only, timespan_ms),
            _ => ordered(&sequence, timespan_ms),
        }))
    }

    fn sample(&mut self, sample: Sample) -> Body {
        if self.target.has(Construct::Sample) || !self.target.has(Construct::Temporal) {
            return Body::Sample(sample);
        }
        let first = sample.terms.iter().flat_map(|term| term.query.filter.tests()).next();
        let span = first.map_or_else(Span::default, |test| test.span);
        let timespan_ms = self.invented(span, "sample", "no time span");
        let why = "a correlation alerts once for a group and does not say which events stand for which term";
        self.lose(losses::TUPLES_NOT_REPORTED, Direction::Reordered, span, "sample", why);
        let why =
            "one event may stand for several terms of a correlation, the events of a sample are different";
        self.lose(losses::EVENT_STANDS_TWICE, Direction::Wider, span, "sample", why);
        let tuples: Vec<Vec<&Key>> =
            sample.terms.iter().map(|term| sample.by.iter().chain(&term.by).collect()).collect();
        self.null_keys(&tuples);
        let group_by = group_keys(&tuples);
        let sources = sample.terms.into_iter().map(|term| Source::Events(term.query));
        let rules = named("term", sources);
        let kind = CorrelationKind::Temporal;
        Body::Correlation(Correlation { kind, rules, group_by, timespan_ms, condition: None })
    }

    /// The rule's look-back as a time span that it does not have.
    fn invented(&mut self, span: Span, place: &str, lacks: &str) -> u64 {
        let bound = self.lookback_ms.unwrap_or(DEFAULT_LOOKBACK_MS);
        let why = format!(
            "the {place} has {lacks} and the target needs one; the rule's look-back of {} s is used",
            bound / 1000
        );
        self.lose(losses::SPAN_INVENTED, Direction::Narrower, span, place, &why);
        bound
    }

    /// What a correlation finds otherwise than the sequence.
    fn bent(&mut self, sequence: &Sequence) {
        let place = steps_span(sequence);
        let why = "a correlation alerts once for a group and does not say which events stand for which step";
        self.lose(losses::TUPLES_NOT_REPORTED, Direction::Reordered, place, "sequence", why);
        if sequence.steps.len() > 2 {
            let why = "an ordered correlation finds any events in order, a sequence only follows the newest";
            self.lose(losses::NEWEST_PARTIAL, Direction::Wider, place, "sequence", why);
        }
        if sequence.steps.len() > 1 {
            for step in sequence.steps.iter().filter(|step| step.runs > 1) {
                let why = "the events of a run are counted in a time span of their own, which may begin before \
                           the step before them or the time span of the sequence";
                self.lose(losses::RUN_COUNTED, Direction::Wider, step.span.0, "with runs", why);
            }
        }
        let tuples: Vec<Vec<&Key>> = sequence.steps.iter().map(|step| sequence.keys_of(&step.by)).collect();
        self.null_keys(&tuples);
    }

    fn null_keys(&mut self, tuples: &[Vec<&Key>]) {
        for key in tuples.iter().flatten().filter(|key| key.field.optional) {
            let why =
                format!("`{}` may be null in the rule's join key, a group needs a value", key.field.path);
            self.lose(losses::NULL_KEY, Direction::Narrower, key.field.span, "join key", &why);
        }
    }
}

/// What no correlation holds, the first of it.
fn beyond_correlations(sequence: &Sequence, target: &Target) -> Option<(Construct, Span)> {
    let alone = sequence.steps.len() == 1;
    let counts = target.has(Construct::Aggregation) && (alone || target.has(Construct::ChainedCorrelation));
    let of_step = |step: &Step| {
        let lacking = if step.missing {
            Construct::MissingEvent
        } else if step.runs != 1 && !counts {
            Construct::Runs
        } else if sequence.keys_of(&step.by).is_empty() {
            Construct::KeylessSequence
        } else {
            return None;
        };
        Some((lacking, step.span.0))
    };
    let until = || sequence.until.as_ref().map(|_| (Construct::Until, steps_span(sequence)));
    sequence.steps.iter().find_map(of_step).or_else(until)
}

fn ordered(sequence: &Sequence, timespan_ms: u64) -> Correlation {
    let tuples: Vec<Vec<&Key>> = sequence.steps.iter().map(|step| sequence.keys_of(&step.by)).collect();
    let sources = sequence.steps.iter().map(|step| match step.runs {
        1 => Source::Events(step.query.clone()),
        _ => Source::Correlation(Box::new(run(sequence, step, timespan_ms))),
    });
    Correlation {
        kind: CorrelationKind::TemporalOrdered,
        rules: named("step", sources),
        group_by: group_keys(&tuples),
        timespan_ms,
        condition: None,
    }
}

/// A step that stands several times in a row.
fn run(sequence: &Sequence, step: &Step, timespan_ms: u64) -> Correlation {
    let value = Literal::Int(i128::from(step.runs));
    let bounds = vec![Bound { relation: Relation::GreaterOrEqual, value }];
    let count = Aggregate { bounds, fields: Vec::new(), percentile: None };
    Correlation {
        kind: CorrelationKind::EventCount,
        rules: vec![Correlated { name: "event".to_owned(), source: Source::Events(step.query.clone()) }],
        group_by: group_keys(&[sequence.keys_of(&step.by)]),
        timespan_ms,
        condition: Some(CorrelationCondition::Number(count)),
    }
}

fn named(word: &str, sources: impl Iterator<Item = Source>) -> Vec<Correlated> {
    let numbered = sources.enumerate();
    numbered.map(|(at, source)| Correlated { name: format!("{word}_{}", at + 1), source }).collect()
}

/// One group key for each position of the join key. Fields of one name keep it; where the rules name the
/// position differently it gets an alias, `key_1` and so on. A position that repeats another says nothing more.
fn group_keys(tuples: &[Vec<&Key>]) -> Vec<GroupKey> {
    let width = tuples.first().map_or(0, Vec::len);
    let mut keys: Vec<GroupKey> = (0..width)
        .map(|position| {
            let fields: Vec<FieldRef> = tuples
                .iter()
                .filter_map(|keys| keys.get(position))
                .map(|key| FieldRef { optional: false, ..key.field.clone() })
                .collect();
            let first = fields.first().map(|field| field.path.clone()).unwrap_or_default();
            let same = fields.iter().all(|field| field.path == first);
            GroupKey { name: if same { first.to_string() } else { format!("key_{}", position + 1) }, fields }
        })
        .collect();
    let paths = |key: &GroupKey| key.fields.iter().map(|field| field.path.clone()).collect::<Vec<_>>();
    let mut seen = Vec::new();
    keys.retain(|key| {
        let own = paths(key);
        let new = !seen.contains(&own);
        seen.push(own);
        new
    });
    keys
}

fn steps_span(sequence: &Sequence) -> Span {
    let mut spans = sequence.steps.iter().map(|step| step.span.0);
    let first = spans.next().unwrap_or_default();
    spans.fold(first, Span::to)
}
