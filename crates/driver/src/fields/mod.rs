//! The fields that rules use, and what becomes of them on targets.

mod trace;

use std::collections::{BTreeMap, BTreeSet};

use eqlc_diagnostics::{Code, Span};
use eqlc_ir::{FieldType, Taxonomy};
use rayon::prelude::*;
use serde::Serialize;

use crate::compile::Chosen;
use crate::load::{LoadedRule, Unit};
use trace::{Part, Use, parts};

/// What becomes of a field, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The target has its values, or a source that implies them.
    Exact,
    /// No pipeline gave it another name.
    Unchanged,
    /// What the target has instead brings a loss.
    Approximate,
    /// Tests of it are left out, with a loss.
    LeftOut,
    /// The target has nothing for it, so that rules are refused.
    Unmapped,
    /// The target has no source for the events at all.
    NoSource,
}

impl Outcome {
    /// The name users read.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Unchanged => "unchanged",
            Self::Approximate => "approximate",
            Self::LeftOut => "left out",
            Self::Unmapped => "unmapped",
            Self::NoSource => "no source",
        }
    }

    /// Whether nobody told what the field is on the target.
    #[must_use]
    pub fn is_gap(self) -> bool {
        matches!(self, Self::Unchanged | Self::LeftOut | Self::Unmapped | Self::NoSource)
    }
}

/// What became of one use of a field.
#[derive(Clone, Debug)]
struct Fate {
    outcome: Outcome,
    becomes: Vec<String>,
    codes: Vec<Code>,
}

/// What becomes of a field on one target.
#[derive(Clone, Debug, Serialize)]
pub struct FieldFate {
    /// The target, or `pipeline` where rules only went through pipelines.
    pub target: String,
    /// Names there, sorted; none where a source implies the values, or nothing has them.
    pub becomes: Vec<String>,
    /// The worst of what happens.
    pub outcome: Outcome,
    /// How many rules each thing happens to.
    pub rules: BTreeMap<Outcome, usize>,
    /// Codes of losses and refusals.
    pub codes: Vec<Code>,
}

/// A field of rules.
#[derive(Clone, Debug, Serialize)]
pub struct FieldRow {
    /// Its name in the rules.
    pub field: String,
    /// Whose name that is.
    pub taxonomy: Taxonomy,
    /// The type of its values.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// The log sources and categories of which all that follows holds, sorted.
    pub sources: Vec<String>,
    /// Whether these are all of which rules use it.
    pub everywhere: bool,
    /// How many rules use it there.
    pub rules: usize,
    /// The first of them: its file.
    pub example: String,
    /// What becomes of it, in the order of the targets.
    pub targets: Vec<FieldFate>,
}

impl FieldRow {
    /// Whether some target has a gap there.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        self.targets.iter().any(|fate| fate.outcome.is_gap())
    }
}

/// The fields of rules.
#[derive(Clone, Debug)]
pub struct FieldsReport {
    /// How many rules there are.
    pub rules: usize,
    /// The fields, by name; several rows where what becomes of one differs by source.
    pub rows: Vec<FieldRow>,
}

/// Rules as written, and after pipelines where there are any.
#[derive(Clone, Copy, Debug)]
pub struct Tested<'u> {
    /// As written.
    pub written: &'u [Unit],
    /// After pipelines: the same inputs.
    pub piped: Option<&'u [Unit]>,
}

/// Lists the fields of rules. Without targets only those that there are, and with pipelines what these make of them.
#[must_use]
pub fn fields(tested: Tested<'_>, chosen: &[Chosen<'_>]) -> FieldsReport {
    let names: Vec<&str> = match (chosen, tested.piped) {
        ([], Some(_)) => vec!["pipeline"],
        _ => chosen.iter().map(|(backend, _)| backend.target().id.as_str()).collect(),
    };
    let of_unit = |(at, unit): (usize, &Unit)| {
        let piped = tested.piped.and_then(|units| units.get(at));
        let of_rule = |rule: &LoadedRule| {
            let after = piped.map(|piped| counterpart(unit, piped, rule));
            of_rule(rule, after, chosen)
        };
        unit.rules.iter().map(of_rule).collect::<Vec<_>>()
    };
    let found: Vec<Vec<Vec<Used>>> = tested.written.par_iter().enumerate().map(of_unit).collect();
    let mut table = Table::default();
    for (unit, rules) in tested.written.iter().zip(found) {
        for uses in rules {
            table.rule(&unit.input.name(), uses);
        }
    }
    FieldsReport { rules: table.rules, rows: table.rows(&names) }
}

/// The rule as pipelines left it; none where they refuse it.
fn counterpart<'u>(written: &Unit, piped: &'u Unit, rule: &LoadedRule) -> Option<&'u LoadedRule> {
    if written.rules.len() == piped.rules.len() {
        return piped.rules.iter().find(|other| other.nth == rule.nth);
    }
    piped.rules.iter().find(|other| other.rule.id == rule.rule.id)
}

/// A use of a field with what becomes of it on each target.
struct Used {
    field: eqlc_ir::FieldRef,
    source: String,
    fates: Vec<Fate>,
}

fn of_rule(written: &LoadedRule, piped: Option<Option<&LoadedRule>>, chosen: &[Chosen<'_>]) -> Vec<Used> {
    let after: Option<Vec<Piped>> =
        piped.map(|after| after.map_or_else(Vec::new, |after| pipe(&after.rule, chosen)));
    let mut found = Vec::new();
    for part in parts(&written.rule) {
        let uses = part.uses();
        let fates = match &after {
            None => {
                let mut fates = fates_of(&part, &uses, chosen);
                uses.iter().zip(&mut fates).for_each(|(used, fates)| without_mapping(used, fates, chosen));
                fates
            }
            Some(after) => {
                let refused = piped.is_some_and(|after| after.is_none());
                uses.iter().map(|used| after_pipes(used, after, refused, chosen.len())).collect()
            }
        };
        for (used, fates) in uses.into_iter().zip(fates) {
            found.push(Used { field: used.field, source: part.source.clone(), fates });
        }
    }
    found
}

/// What keeps its name because no mapping was wanted has none.
fn without_mapping(used: &Use, fates: &mut [Fate], chosen: &[Chosen<'_>]) {
    for (fate, (_, settings)) in fates.iter_mut().zip(chosen) {
        let kept = used.field.taxonomy == Taxonomy::Sigma && fate.becomes == [used.field.path.clone()];
        if settings.no_mapping && kept && fate.outcome == Outcome::Exact {
            fate.outcome = Outcome::Unchanged;
        }
    }
}

/// For each use what becomes of it on each target.
fn fates_of(part: &Part, uses: &[Use], chosen: &[Chosen<'_>]) -> Vec<Vec<Fate>> {
    let mut fates: Vec<Vec<Fate>> = uses.iter().map(|_| Vec::new()).collect();
    for (backend, settings) in chosen {
        for (all, fate) in fates.iter_mut().zip(part.fates(uses, *backend, settings)) {
            all.push(fate);
        }
    }
    fates
}

/// A field after pipelines, at the place where a field was written.
struct Piped {
    place: Span,
    path: String,
    fates: Vec<Fate>,
}

fn pipe(rule: &eqlc_ir::Rule, chosen: &[Chosen<'_>]) -> Vec<Piped> {
    let mut found = Vec::new();
    for part in parts(rule) {
        let uses = part.uses();
        let fates = fates_of(&part, &uses, chosen);
        let piped = |(used, fates): (Use, Vec<Fate>)| Piped {
            place: used.field.span,
            path: used.field.path.to_string(),
            fates,
        };
        found.extend(uses.into_iter().zip(fates).map(piped));
    }
    found
}

/// What becomes of a use through pipelines, and then on each target.
fn after_pipes(used: &Use, after: &[Piped], refused: bool, targets: usize) -> Vec<Fate> {
    let there: Vec<&Piped> = after.iter().filter(|piped| piped.place == used.field.span).collect();
    let mut becomes: Vec<String> = there.iter().map(|piped| piped.path.clone()).collect();
    becomes.sort();
    becomes.dedup();
    let outcome = if refused {
        Outcome::Unmapped
    } else if becomes.is_empty() {
        Outcome::LeftOut
    } else if becomes == [used.field.path.clone()] {
        Outcome::Unchanged
    } else {
        Outcome::Exact
    };
    let on = |target: usize| {
        let mut fate = Fate { outcome, becomes: Vec::new(), codes: Vec::new() };
        for then in there.iter().filter_map(|piped| piped.fates.get(target)) {
            fate.outcome = fate.outcome.max(then.outcome);
            fate.becomes.extend(then.becomes.iter().cloned());
            fate.codes.extend(&then.codes);
        }
        fate
    };
    if targets == 0 {
        vec![Fate { outcome, becomes, codes: Vec::new() }]
    } else {
        (0..targets).map(on).collect()
    }
}

/// Uses, gathered.
#[derive(Default)]
struct Table {
    rules: usize,
    /// By field and taxonomy, then by source.
    fields: BTreeMap<(String, Taxonomy), BTreeMap<String, Gathered>>,
}

/// What is known of a field in one source.
#[derive(Clone, Default)]
struct Gathered {
    ty: Option<FieldType>,
    rules: BTreeSet<usize>,
    example: String,
    fates: Vec<GatheredFate>,
}

#[derive(Clone, Default)]
struct GatheredFate {
    becomes: BTreeSet<String>,
    codes: BTreeSet<Code>,
    rules: BTreeMap<Outcome, BTreeSet<usize>>,
}

impl Table {
    fn rule(&mut self, file: &str, uses: Vec<Used>) {
        let number = self.rules;
        self.rules += 1;
        for used in uses {
            let key = (used.field.path.to_string(), used.field.taxonomy);
            let row = self.fields.entry(key).or_default().entry(used.source).or_default();
            row.ty.get_or_insert(used.field.ty);
            if row.rules.is_empty() {
                row.example = file.to_owned();
            }
            row.rules.insert(number);
            row.fates.resize_with(used.fates.len(), GatheredFate::default);
            for (all, fate) in row.fates.iter_mut().zip(used.fates) {
                all.becomes.extend(fate.becomes);
                all.codes.extend(fate.codes);
                all.rules.entry(fate.outcome).or_default().insert(number);
            }
        }
    }

    /// One row a field, or several where sources differ.
    fn rows(self, targets: &[&str]) -> Vec<FieldRow> {
        let mut rows = Vec::new();
        for ((field, taxonomy), sources) in self.fields {
            let mut groups: Vec<(Vec<String>, Gathered)> = Vec::new();
            for (source, found) in sources {
                match groups.iter_mut().find(|(_, group)| group.is_like(&found)) {
                    Some((names, group)) => {
                        names.push(source);
                        group.join(found);
                    }
                    None => groups.push((vec![source], found)),
                }
            }
            let everywhere = groups.len() == 1;
            for (sources, group) in groups {
                let fates = targets.iter().zip(group.fates).map(|(target, fate)| fate.fate(target));
                rows.push(FieldRow {
                    field: field.clone(),
                    taxonomy: taxonomy.clone(),
                    ty: group.ty.unwrap_or(FieldType::Unknown),
                    sources,
                    everywhere,
                    rules: group.rules.len(),
                    example: group.example,
                    targets: fates.collect(),
                });
            }
        }
        rows
    }
}

impl Gathered {
    /// Whether the same becomes of the field in both sources.
    fn is_like(&self, other: &Self) -> bool {
        self.ty == other.ty
            && self.fates.iter().zip(&other.fates).all(|(a, b)| {
                a.becomes == b.becomes && a.codes == b.codes && a.rules.keys().eq(b.rules.keys())
            })
    }

    fn join(&mut self, other: Self) {
        if other.rules.first() < self.rules.first() {
            self.example = other.example;
        }
        self.rules.extend(other.rules);
        for (own, other) in self.fates.iter_mut().zip(other.fates) {
            for (outcome, rules) in other.rules {
                own.rules.entry(outcome).or_default().extend(rules);
            }
        }
    }
}

impl GatheredFate {
    fn fate(self, target: &str) -> FieldFate {
        FieldFate {
            target: target.to_owned(),
            becomes: self.becomes.into_iter().collect(),
            outcome: self.rules.keys().next_back().copied().unwrap_or(Outcome::Exact),
            rules: self.rules.into_iter().map(|(outcome, rules)| (outcome, rules.len())).collect(),
            codes: self.codes.into_iter().collect(),
        }
    }
}
