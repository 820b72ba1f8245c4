//! Comparing rules with each other: brought to one taxonomy, paired where there are several.

use std::path::PathBuf;

use eqlc_backend::mapping::taxonomy_of;
use eqlc_backend::{Loss, Settings, map_rule, without_presence};
use eqlc_diagnostics::Diagnostics;
use eqlc_ir::{Category, Rule, Taxonomy};
use eqlc_verify::diff::{self, Decider, Relation, RuleDiff};
use rayon::prelude::*;

use crate::compile::legal;
use crate::load::{LoadedRule, Unit};
use crate::registry::Registry;

/// A rule with the input that it is from.
#[derive(Clone, Copy, Debug)]
pub struct RuleOf<'u> {
    /// The input.
    pub unit: &'u Unit,
    /// The rule.
    pub rule: &'u LoadedRule,
}

/// Every rule of some inputs, in order.
#[must_use]
pub fn rules_of(units: &[Unit]) -> Vec<RuleOf<'_>> {
    units.iter().flat_map(|unit| unit.rules.iter().map(move |rule| RuleOf { unit, rule })).collect()
}

impl RuleOf<'_> {
    /// Whether the rule is called so: by its id, its title, or its number in the file, from 1.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let rule = &self.rule.rule;
        rule.id == name || rule.meta.name == name || (self.rule.nth + 1).to_string() == name
    }
}

/// A path as it may be followed by a colon and what a rule in the file is called.
#[must_use]
pub fn split_selector(argument: &str) -> (PathBuf, Option<&str>) {
    let whole = PathBuf::from(argument);
    match argument.rsplit_once(':') {
        Some((path, name)) if !name.is_empty() && !whole.exists() && PathBuf::from(path).exists() => {
            (PathBuf::from(path), Some(name))
        }
        _ => (whole, None),
    }
}

/// Rules of two sides that belong together, in the order of the left ones, and those that stand alone.
#[derive(Debug, Default)]
pub struct Pairing<'u> {
    /// What belongs together.
    pub pairs: Vec<(RuleOf<'u>, RuleOf<'u>)>,
    /// Rules of the left side without a counterpart.
    pub left_alone: Vec<RuleOf<'u>>,
    /// Rules of the right side without a counterpart.
    pub right_alone: Vec<RuleOf<'u>>,
}

/// What rules that belong together have in common.
type Key<'k> = &'k dyn Fn(&RuleOf<'_>) -> Option<String>;

/// Pairs rules by id, then by title, then by the name of the file without extension. Two single rules belong together
/// whatever they are called.
#[must_use]
pub fn pair<'u>(left: &[RuleOf<'u>], right: &[RuleOf<'u>]) -> Pairing<'u> {
    if let ([left], [right]) = (left, right) {
        return Pairing { pairs: vec![(*left, *right)], ..Pairing::default() };
    }
    let by_id = |it: &RuleOf<'_>| it.rule.rule.meta.id.clone();
    let by_title = |it: &RuleOf<'_>| Some(it.rule.rule.meta.name.clone()).filter(|name| !name.is_empty());
    let by_file = |it: &RuleOf<'_>| {
        let stem = it.unit.input.relative.with_extension("");
        Some(format!("{}:{}", stem.display(), it.rule.nth))
    };
    let keys: [Key<'_>; 3] = [&by_id, &by_title, &by_file];
    let mut counterparts: Vec<Option<usize>> = vec![None; left.len()];
    let mut taken = vec![false; right.len()];
    for key in keys {
        let mut places = std::collections::BTreeMap::<String, Vec<usize>>::new();
        for (at, rule) in right.iter().enumerate().rev() {
            if let Some(key) = key(rule).filter(|_| taken.get(at) == Some(&false)) {
                places.entry(key).or_default().push(at);
            }
        }
        for (rule, counterpart) in left.iter().zip(&mut counterparts).filter(|(_, found)| found.is_none()) {
            let found = key(rule).and_then(|key| places.get_mut(&key)?.pop());
            if let Some(slot) = found.and_then(|at| taken.get_mut(at)) {
                *slot = true;
                *counterpart = found;
            }
        }
    }
    let mut pairing = Pairing::default();
    for (rule, counterpart) in left.iter().zip(counterparts) {
        match counterpart.and_then(|at| right.get(at)) {
            Some(other) => pairing.pairs.push((*rule, *other)),
            None => pairing.left_alone.push(*rule),
        }
    }
    let alone = right.iter().zip(taken).filter(|(_, taken)| !taken);
    pairing.right_alone = alone.map(|(rule, _)| *rule).collect();
    pairing
}

/// Two rules that were compared.
#[derive(Debug)]
pub struct RulesCompared {
    /// What came of it.
    pub diff: RuleDiff,
    /// In whose names the rules were compared, where they had to be brought to the same.
    pub mapped_to: Option<Taxonomy>,
    /// What bringing the left rule and the right one to one taxonomy bent.
    pub losses: [Vec<Loss>; 2],
    /// For each stream that separates them, in the order of [`RuleDiff::separations`], what decides in the left rule
    /// and in the right one.
    pub deciders: Vec<[Vec<Decider>; 2]>,
}

/// Why two rules were not compared: what refuses the left rule and the right one.
pub type NotCompared = [Diagnostics; 2];

/// Compares two rules. Where one names the fields of Sigma's log sources and the other those of ECS, both are brought
/// to ECS, as compiling for Elasticsearch does; where they differ there, but not in the names of Sigma, that is the
/// answer: a rule over `process.name` and one over `Image` look at different fields of a document, and at the same
/// one of a log. `no_mapping` leaves names as they are.
///
/// # Errors
/// A rule that has no form in either.
pub fn diff_rules(
    left: &Rule,
    right: &Rule,
    registry: &Registry,
    no_mapping: bool,
) -> Result<RulesCompared, NotCompared> {
    if world(left) == world(right) {
        return Ok(compared(left, right, [Vec::new(), Vec::new()], None));
    }
    let settings = Settings { no_mapping, ..Settings::default() };
    let brought = |target: &str, own: &dyn Fn(&Rule) -> bool| {
        let bring = |rule: &Rule| brought(rule, target, own, registry, &settings);
        match (bring(left), bring(right)) {
            (Ok((left, left_losses)), Ok((right, right_losses))) => {
                Ok((left, right, [left_losses, right_losses]))
            }
            (left, right) => Err([left.err().unwrap_or_default(), right.err().unwrap_or_default()]),
        }
    };
    let in_ecs = brought("elasticsearch", &|rule| world(rule) == (Taxonomy::Ecs, false))
        .map(|(left, right, losses)| compared(&left, &right, losses, Some(Taxonomy::Ecs)));
    if no_mapping || in_ecs.as_ref().is_ok_and(|found| found.diff.relation() == Relation::Same) {
        return in_ecs;
    }
    let logged = |rule: &Rule| world(rule) == (Taxonomy::Sigma, true);
    let Ok((left, right, losses)) = brought("sigma", &logged) else { return in_ecs };
    let in_sigma = compared(&left, &right, losses, Some(Taxonomy::Sigma));
    if in_ecs.is_err() || in_sigma.diff.relation() == Relation::Same { Ok(in_sigma) } else { in_ecs }
}

/// Compares pairs, several at a time; results in their order.
#[must_use]
pub fn diff_pairs(
    pairs: &[(RuleOf<'_>, RuleOf<'_>)],
    registry: &Registry,
    no_mapping: bool,
) -> Vec<Result<RulesCompared, NotCompared>> {
    let one = |(left, right): &(RuleOf<'_>, RuleOf<'_>)| {
        diff_rules(&left.rule.rule, &right.rule.rule, registry, no_mapping)
    };
    pairs.par_iter().map(one).collect()
}

fn compared(left: &Rule, right: &Rule, losses: [Vec<Loss>; 2], mapped_to: Option<Taxonomy>) -> RulesCompared {
    let diff = diff::compare(left, right);
    let deciders = diff.separations().map(|(_, found)| diff::deciders(left, right, &found.events)).collect();
    RulesCompared { diff, mapped_to, losses, deciders }
}

/// Whose events a rule is about: the names of its fields, and whether it asks for log sources.
fn world(rule: &Rule) -> (Taxonomy, bool) {
    let logged =
        |rule: &Rule| rule.queries().iter().any(|query| matches!(query.category, Category::LogSource(_)));
    (taxonomy_of(rule), logged(rule))
}

/// The rule in the names of a target, with what that bends. A rule that the target cannot hold is only mapped.
fn brought(
    rule: &Rule,
    target: &str,
    own: &dyn Fn(&Rule) -> bool,
    registry: &Registry,
    settings: &Settings,
) -> Result<(Rule, Vec<Loss>), Diagnostics> {
    let Some(backend) = registry.find(target).filter(|_| !own(rule)) else {
        return Ok((rule.clone(), Vec::new()));
    };
    let refusal = match legal(rule, backend, settings) {
        Ok(legal) => return Ok((legal.rule().clone(), legal.losses().to_vec())),
        Err(refusal) => refusal,
    };
    let (rule, mut losses) = without_presence(rule, backend.target());
    let Some(map) = backend.event_map(settings, &rule) else { return Err(refusal) };
    let mapped = map_rule(&rule, map, settings).map_err(|_| refusal)?;
    losses.extend(mapped.losses);
    Ok((mapped.rule, losses))
}
