//! `cargo xtask mutate-backends`: does the verifier notice a broken backend?
//!
//! Every output of a rule is parsed in its own language, broken in one place and printed again, and the verifier is
//! asked what it is asked for every output by `eqlc verify`: the laws on the text, and what the output finds in the
//! events of the fixture and in those that are made of the rule. What is counted how:
//!
//! * A mutant that the language of the target does not have (it does not parse or lower, or prints as the output
//!   itself) is **no output** and is not counted.
//! * A mutant is **equivalent** where it is read back as IR (EQL, Sigma, plans) and has the normal form of the rule
//!   that was emitted, or `eqlc diff` proves that no event tells the two apart. That nothing noticed it is no reason.
//! * SQL is not read back. The verifier holds it to its rule on events, and on rows that are made of the emitted rule. A
//!   mutant that neither shows is put to thousands of rows that are made for the purpose from another seed ([`rows`]). One that finds the **same rows** in all of them, the output itself finding some, is taken
//!   to be equivalent, and shown in a column of its own: that is evidence and no proof. One that differs is *missed*.
//! * A mutant is **caught** where the verifier finds a law broken. The law that an output lowers to the rule it was
//!   emitted from is broken by every mutant of EQL, Sigma and plans that is not equal in form, so that it says little
//!   of the events; what the events alone notice is therefore a column of its own, and `--events` holds that to the bar.
//! * What is neither noticed by events nor proven equal counts as different: **undecided** where nothing is known.
//!   Undecided mutants count as missed by events.
//!
//! Mutants are drawn from the seed: of every output so many, operators in turn, so that frequent ones do not crowd out
//! the rare.

mod eql;
mod judge;
mod operator;
mod output;
mod plan;
mod print;
mod rows;
mod sigma;
mod sql;
mod tally;
#[cfg(test)]
mod tests;
mod text;

use std::path::PathBuf;

use eqlc_driver::{
    Compiled, Effort, Inputs, LoadOptions, LoadedRule, Registry, Unit, compile, fixture, load,
};
use eqlc_verify::project::Profile;
use eqlc_verify::{Evidence, Noticed, Subject, Watch, rows_made};
use eqlc_witness::Search;
use rayon::prelude::*;
use serde_json::Value;

pub use judge::Fate;
pub use operator::Operator;
pub use print::{as_json, as_text};
pub use tally::{Counts, Report, Survivor};

use crate::column::{Column, columns};
use crate::random::Random;
use judge::Case;
use output::Output;
use rows::Rows;
use tally::Tally;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Rule files and folders of them.
    pub rules: Vec<PathBuf>,
    /// How many rules are taken; none: all.
    pub sample: Option<usize>,
    /// How many mutants of an output.
    pub mutants: usize,
    /// What rules, mutants and rows are drawn from.
    pub seed: u64,
    /// Targets; none: all.
    pub targets: Vec<String>,
}

/// Makes and judges mutants.
///
/// # Errors
/// A folder or target that is not there, as one line.
pub fn mutate(settings: &Settings) -> Result<Report, String> {
    let registry = Registry::new()?;
    let columns = columns(&registry, &settings.targets)?;
    let inputs = Inputs::rules(&settings.rules);
    if let Some(problem) = inputs.diagnostics.first() {
        return Err(problem.message.clone());
    }
    let units = load(&inputs.files, LoadOptions { unlinted: true, ..LoadOptions::default() });
    let rules: Vec<(&Unit, &LoadedRule)> =
        units.iter().flat_map(|unit| unit.rules.iter().map(move |rule| (unit, rule))).collect();
    let all = rules.len();
    let rules = match settings.sample {
        Some(count) => Random::new(settings.seed, &["rules"]).sample(rules, count),
        None => rules,
    };
    let tallies: Vec<Tally> =
        rules.par_iter().map(|(unit, rule)| of_rule(unit, rule, &columns, settings)).collect();
    let names = columns.iter().map(|column| column.name.clone()).collect();
    Ok(Report::of(settings, names, (rules.len(), all), tallies))
}

fn of_rule(unit: &Unit, rule: &LoadedRule, columns: &[Column<'_>], settings: &Settings) -> Tally {
    let written = fixture(&unit.input).ok().flatten().map_or_else(Vec::new, |fixture| fixture.streams);
    let effort = Effort { rule_time: None, ..Effort::default() };
    let evidence = Evidence::of(&rule.rule, &written, &effort, effort.start());
    // Rows of the second opinion are drawn from events of another seed than those of the verifier.
    let elsewhere = Search::new().seed(effort.seed.wrapping_add(1)).probes(&rule.rule);
    let others: Vec<Vec<Value>> = elsewhere.into_iter().map(|probe| probe.events).collect();
    let streams: Vec<Vec<Value>> = written.into_iter().map(|stream| stream.events).chain(others).collect();
    let name = format!("{}#{}", unit.input.relative.display(), rule.nth + 1);
    let mut tally = Tally::default();
    for (place, column) in columns.iter().enumerate() {
        let made = Made { rule, evidence: &evidence, streams: &streams, name: &name };
        if let Some(case) = case(&made, column, settings, &mut tally) {
            of_output(case, place, settings, &name, &mut tally);
        }
    }
    tally
}

/// A rule with what was made of it.
struct Made<'a> {
    rule: &'a LoadedRule,
    evidence: &'a Evidence,
    streams: &'a [Vec<Value>],
    name: &'a str,
}

fn case<'a>(
    made: &Made<'a>,
    column: &'a Column<'a>,
    settings: &Settings,
    tally: &mut Tally,
) -> Option<Case<'a>> {
    let rule = &made.rule.rule;
    let Compiled { legal, artifact } = compile(rule, column.backend, &column.settings).ok()?;
    let (backend, options) = (column.backend, &column.settings);
    let subject = Subject { rule, legal: &legal, artifact: &artifact, backend, settings: options };
    let mut watch = Watch::new(made.evidence);
    if watch.notice(subject, &eqlc_driver::relower) != Noticed::default() {
        tally.unsound.push(format!("{} {}", made.name, column.name));
        return None;
    }
    let output = Output::read(&artifact, backend)?;
    let profile = match options.options.get("profile").map(String::as_str) {
        Some("native") => Profile::Native,
        _ => Profile::Sysmon,
    };
    let random = Random::new(settings.seed, &["rows", made.name, &column.name]);
    let own = || rows_made(subject, Effort::default().seed.wrapping_add(1));
    let rows =
        output.as_sql().and_then(|sql| Rows::of(sql, legal.rule(), (made.streams, own()), (profile, random)));
    Some(Case { rule, legal, artifact, output, column, watch, rows })
}

fn of_output(mut case: Case<'_>, column: usize, settings: &Settings, name: &str, tally: &mut Tally) {
    let operators = case.output.operators();
    let random = Random::new(settings.seed, &["mutants", name, &case.column.name]);
    tally.output(column);
    for at in drawn(&operators, settings.mutants, random) {
        let Some(operator) = operators.get(at).copied() else { continue };
        let mutant = case.output.mutant(at, &case.artifact, case.column.backend);
        let fate = mutant.as_ref().map_or(Fate::Invalid, |mutant| case.fate(mutant));
        tally.add((column, operator), fate);
        if let Some(mutant) = mutant.filter(|_| fate.is_told()) {
            let (sound, mutant) = (case.artifact.text.clone(), mutant.text);
            tally.told.push(Survivor { column, operator, fate, rule: name.to_owned(), at, sound, mutant });
        }
    }
}

/// The numbers of the mutants that are made: one of each operator in turn.
fn drawn(operators: &[Operator], count: usize, mut random: Random) -> Vec<usize> {
    let mut turns: Vec<Vec<usize>> = Vec::new();
    for operator in Operator::ALL {
        let mut own: Vec<usize> =
            operators.iter().enumerate().filter(|(_, own)| *own == operator).map(|(at, _)| at).collect();
        random.shuffle(&mut own);
        turns.push(own);
    }
    let mut found = Vec::new();
    while found.len() < count && turns.iter().any(|own| !own.is_empty()) {
        found.extend(turns.iter_mut().filter_map(Vec::pop));
    }
    found.truncate(count);
    found.sort_unstable();
    found
}
