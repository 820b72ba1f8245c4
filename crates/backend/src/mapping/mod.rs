//! Pass 5: map. Fields and categories of ECS to those of a target's event sources, with value transforms.
//!
//! An [`EventMap`] is data (`map.yml` of a backend): which sources deliver which events, what is constant
//! in them, which of their fields stand for which ECS field and how the values relate. An unmapped field is
//! decided by its position in the condition, never dropped silently:
//!
//! * in an exclusion (under a negation, or a flag tested for false): left out, with a *wider* loss;
//! * as one of several alternatives: left out only with `allow_narrower`, with a *narrower* loss;
//! * otherwise the rule is refused.

mod data;
mod hosts;
mod key;
mod listed;
mod logs;
mod rewrite;
mod several;
mod source;
mod transform;

pub use data::{ElementLoss, EventMap, FieldEntry, InUrl, Others, Rows, Source, Transform, UrlPart};
pub use several::{SOURCE, split};

use std::sync::Arc;

use eqlc_diagnostics::Diagnostics;
use eqlc_ir::{Body, Category, EventQuery, Key, Rule, Sample, SampleTerm, Sequence, Step, Taxonomy, Until};

use crate::{Loss, Settings};

/// A rule in the taxonomy of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// The rule, normalised.
    pub rule: Rule,
    /// What the mapping bent.
    pub losses: Vec<Loss>,
}

/// Maps a normalised rule; each query is normalised again. Every query gets the log source of the first source in the map that can deliver
/// an event the query matches; where the map knows the rows of its sources, also those that deliver what it misses ([`split`]).
///
/// # Errors
/// E41xx: no source for a category, an unmapped field that is required, a join key without counterpart. All
/// that are found.
pub fn map_rule(rule: &Rule, map: &EventMap, settings: &Settings) -> Result<Mapped, Diagnostics> {
    let mut pass = rewrite::Pass::new(map, settings);
    if let Some(field) = &rule.meta.event_category_override {
        pass.category_field = field;
    }
    hosts::apart(rule, map).into_iter().for_each(|loss| pass.lose(loss));
    let body = match &rule.body {
        Body::Event(query) => Body::Event(pass.query(query, &[]).0),
        Body::Sequence(sequence) => Body::Sequence(of_sequence(&mut pass, sequence)),
        Body::Sample(sample) => Body::Sample(of_sample(&mut pass, sample)),
        Body::Correlation(correlation) => {
            let mut correlation = correlation.clone();
            correlated(&mut pass, &mut correlation);
            Body::Correlation(correlation)
        }
    };
    let (losses, refused) = pass.finish();
    if !refused.is_empty() {
        return Err(refused);
    }
    let rule = Rule { id: rule.id.clone(), meta: Arc::clone(&rule.meta), body, pipes: rule.pipes.clone() };
    Ok(Mapped { rule, losses })
}

/// The keys of a step stand with it: each source has names of its own for them.
fn of_sequence(pass: &mut rewrite::Pass<'_>, sequence: &Sequence) -> Sequence {
    let steps = sequence.steps.iter().map(|step| (&step.query, joined(&sequence.by, &step.by)));
    let until = sequence.until.iter().map(|until| (&until.query, joined(&sequence.by, &until.by)));
    let mut terms = of_terms(pass, steps.chain(until)).into_iter();
    let steps = sequence.steps.iter().zip(terms.by_ref()).map(|(step, (query, by))| {
        let Step { missing, runs, span, .. } = *step;
        Step { query, by, missing, runs, alias: step.alias.clone(), span }
    });
    let steps = steps.collect();
    let until = terms.next().map(|(query, by)| Until { query, by });
    Sequence { by: Vec::new(), maxspan_ms: sequence.maxspan_ms, steps, until }
}

fn of_sample(pass: &mut rewrite::Pass<'_>, sample: &Sample) -> Sample {
    let terms = sample.terms.iter().map(|term| (&term.query, joined(&sample.by, &term.by)));
    let terms = of_terms(pass, terms).into_iter().map(|(query, by)| SampleTerm { query, by });
    Sample { by: Vec::new(), terms: terms.collect() }
}

/// Queries that are joined, each with its keys.
fn of_terms<'q>(
    pass: &mut rewrite::Pass<'_>,
    terms: impl Iterator<Item = (&'q EventQuery, Vec<Key>)>,
) -> Vec<(EventQuery, Vec<Key>)> {
    let (queries, terms): (Vec<_>, Vec<_>) = terms
        .map(|(query, keys)| {
            let (query, sources) = pass.query(query, &keys);
            (query, (keys, sources))
        })
        .unzip();
    let coarse = pass.coarse(&terms);
    let by = terms.iter().map(|(keys, sources)| pass.keys(keys, sources, &coarse));
    queries.into_iter().zip(by).collect()
}

/// Whose names the fields of a rule are: those of its first field; of a rule without fields, Sigma's if it asks a
/// log source.
#[must_use]
pub fn taxonomy_of(rule: &Rule) -> Taxonomy {
    let queries = rule.queries();
    let named = queries.iter().flat_map(|query| query.filter.fields()).next();
    match named {
        Some(field) => field.taxonomy.clone(),
        None if queries.iter().any(|query| matches!(query.category, Category::LogSource(_))) => {
            Taxonomy::Sigma
        }
        None => Taxonomy::Ecs,
    }
}

/// Whether a query of the rule asks a log source.
#[must_use]
pub fn asks_log_sources(rule: &Rule) -> bool {
    rule.queries().iter().any(|query| matches!(query.category, Category::LogSource(_)))
}

/// Maps the queries of a correlation and of those inside it.
fn correlated(pass: &mut rewrite::Pass<'_>, correlation: &mut eqlc_ir::Correlation) {
    let mut sources = Vec::with_capacity(correlation.rules.len());
    for rule in &mut correlation.rules {
        sources.push(match &mut rule.source {
            eqlc_ir::Source::Events(query) => {
                let (mapped, sources) = pass.query(query, &[]);
                *query = mapped;
                sources.first().copied()
            }
            eqlc_ir::Source::Correlation(inner) => {
                correlated(pass, inner);
                None
            }
        });
    }
    if pass.map.from != Taxonomy::Ecs {
        correlation.group_by = pass.group(std::mem::take(&mut correlation.group_by), &sources);
    }
}

fn joined(shared: &[Key], own: &[Key]) -> Vec<Key> {
    shared.iter().chain(own).cloned().collect()
}

#[cfg(test)]
mod tests;
