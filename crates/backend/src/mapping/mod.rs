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

pub use data::{ElementLoss, EventMap, FieldEntry, Others, Rows, Source, Transform};
pub use several::{SOURCE, split};

use eqlc_diagnostics::Diagnostics;
use eqlc_ir::{Body, Category, Key, Rule, Taxonomy};

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
    let mut rule = rule.clone();
    match &mut rule.body {
        Body::Event(query) => {
            pass.query(query, &[]);
        }
        Body::Sequence(sequence) => {
            let shared = std::mem::take(&mut sequence.by);
            for step in &mut sequence.steps {
                let keys = joined(&shared, &step.by);
                let sources = pass.query(&mut step.query, &keys);
                step.by = pass.keys(&keys, &sources);
            }
            if let Some(until) = &mut sequence.until {
                let keys = joined(&shared, &until.by);
                let sources = pass.query(&mut until.query, &keys);
                until.by = pass.keys(&keys, &sources);
            }
        }
        Body::Sample(sample) => {
            let shared = std::mem::take(&mut sample.by);
            for term in &mut sample.terms {
                let keys = joined(&shared, &term.by);
                let sources = pass.query(&mut term.query, &keys);
                term.by = pass.keys(&keys, &sources);
            }
        }
        Body::Correlation(correlation) => {
            correlated(&mut pass, correlation);
        }
    }
    let (losses, refused) = pass.finish();
    if refused.is_empty() { Ok(Mapped { rule, losses }) } else { Err(refused) }
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
            eqlc_ir::Source::Events(query) => pass.query(query, &[]).first().copied(),
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
