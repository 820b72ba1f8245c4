//! All queries of all rules, compiled together.

use std::collections::HashMap;
use std::fmt::Write;

use eqlc_events::{Timestamp, WindowsSource};
use eqlc_ir::{EventQuery, Op};
use serde::{Deserialize, Serialize};

use super::atoms::{Atom, AtomId, Atoms};
use super::bits::Bits;
use super::gates::{GateId, Gates};
use super::index::Index;
use super::paths::{FieldId, Paths, id};
use super::program::{Asks, NodeAt, Programs, WholeId};
use crate::reference::{Answerer, Known, Learner, RunError, RunOptions};

/// A query, by its place among those of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueryId(pub(crate) u32);

/// A query, compiled.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Query {
    pub(super) gate: GateId,
    pub(super) root: NodeAt,
}

/// Compiled queries; what a [`super::matcher::Matcher`] runs.
pub(crate) struct QueryPlan {
    tables: Tables,
    windows: Windows,
    answerer: Answerer,
}

/// What of a plan is written down: all but what can be told from the rest.
#[derive(Serialize, Deserialize)]
pub(super) struct Tables {
    paths: Paths,
    atoms: Atoms,
    programs: Programs,
    gates: Gates,
    queries: Vec<Query>,
    fields: Vec<FieldPlan>,
    /// For each gate the fields that queries behind it read.
    read_behind: Vec<Bits>,
    /// For each gate the keywords of queries behind it.
    keywords_behind: Vec<Vec<AtomId>>,
}

/// What is asked of one field.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FieldPlan {
    pub(super) index: Index,
    /// Holds when the field has a value.
    pub(super) valued: Option<AtomId>,
    /// Holds when the field is there.
    pub(super) there: Option<AtomId>,
}

/// The fields that tell what an event of the Windows event log is ([`WindowsSource`]).
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) channel: FieldId,
    pub(super) number: FieldId,
    /// The event as the event log's XML has it.
    pub(super) xml: FieldId,
    /// An event that has it says itself what its log source is.
    pub(super) own: FieldId,
    /// Further fields that the log source hangs on, by name.
    pub(super) deciding: Vec<(&'static str, FieldId)>,
    /// Fields that have another name in some log source.
    pub(super) renamed: Vec<FieldId>,
    /// Product, category and service, as such events have them.
    pub(super) source: [FieldId; 3],
}

impl Windows {
    /// Whether what an event is known as hangs on a field.
    pub(super) fn tells(&self, field: FieldId) -> bool {
        [self.xml, self.channel, self.number].contains(&field)
            || self.renamed.contains(&field)
            || self.deciding.iter().any(|(_, deciding)| *deciding == field)
    }
}

/// Queries on their way to be a plan.
pub(crate) struct Builder {
    paths: Paths,
    atoms: Atoms,
    programs: Programs,
    gates: Gates,
    queries: Vec<Query>,
}

impl Builder {
    /// No queries yet.
    pub(crate) fn new() -> Self {
        Self {
            paths: Paths::new(),
            atoms: Atoms::default(),
            programs: Programs::default(),
            gates: Gates::default(),
            queries: Vec::new(),
        }
    }

    /// Adds a query of a rule that [`crate::reference::check`] takes.
    pub(crate) fn add(&mut self, query: &EventQuery, options: &RunOptions) -> QueryId {
        let gate = self.gates.add(&query.category, options, &mut self.paths);
        let root = self.programs.add(&query.filter, &mut self.atoms, &mut self.paths);
        self.queries.push(Query { gate, root });
        QueryId(id(self.queries.len() - 1))
    }

    /// A field whose values are wanted whatever the queries.
    pub(crate) fn read(&mut self, path: &str) -> FieldId {
        self.paths.add(path)
    }

    /// The plan. `answerer` knows every condition of the queries.
    pub(crate) fn build(mut self, answerer: Answerer) -> QueryPlan {
        let windows = windows(&mut self.paths);
        self.atoms.close();
        let fields = fields(&self.atoms, self.paths.len());
        let mut read_behind = vec![Bits::new(self.paths.len()); self.gates.len()];
        let mut keywords_behind = vec![Vec::new(); self.gates.len()];
        for query in &self.queries {
            let gate = query.gate.0 as usize;
            let (Some(read), Some(keywords)) = (read_behind.get_mut(gate), keywords_behind.get_mut(gate))
            else {
                continue;
            };
            self.programs.asks(query.root, &mut |asked| {
                let Asks::Atom(atom) = asked else { return };
                match self.atoms.get(atom) {
                    Some(Atom::Value(field, _) | Atom::Valued(field) | Atom::There(field)) => {
                        read.put(field.0);
                    }
                    Some(Atom::Anywhere(_)) => keywords.push(atom),
                    None => {}
                }
            });
        }
        let Self { paths, atoms, programs, gates, queries } = self;
        let tables = Tables { paths, atoms, programs, gates, queries, fields, read_behind, keywords_behind };
        QueryPlan { tables, windows, answerer }
    }
}

fn windows(paths: &mut Paths) -> Windows {
    let renamed = WindowsSource::renamed();
    Windows {
        channel: paths.add("Channel"),
        number: paths.add("EventID"),
        xml: paths.add("Event"),
        own: paths.add("logsource"),
        deciding: WindowsSource::deciding().into_iter().map(|name| (name, paths.add(name))).collect(),
        renamed: renamed.into_iter().map(|(from, _)| paths.add(from)).collect(),
        source: ["product", "category", "service"].map(|part| paths.add(&format!("logsource.{part}"))),
    }
}

fn fields(atoms: &Atoms, count: usize) -> Vec<FieldPlan> {
    let mut tests: Vec<Vec<(AtomId, &eqlc_ir::Test)>> = vec![Vec::new(); count];
    let mut plans: Vec<FieldPlan> = std::iter::repeat_with(FieldPlan::default).take(count).collect();
    for (at, atom) in atoms.iter() {
        match atom {
            Atom::Value(field, test) => {
                tests.get_mut(field.at()).into_iter().for_each(|tests| tests.push((at, test)));
            }
            Atom::Valued(field) => {
                plans.get_mut(field.at()).into_iter().for_each(|plan| plan.valued = Some(at));
            }
            Atom::There(field) => {
                plans.get_mut(field.at()).into_iter().for_each(|plan| plan.there = Some(at));
            }
            Atom::Anywhere(_) => {}
        }
    }
    for (plan, tests) in plans.iter_mut().zip(tests) {
        plan.index = Index::new(tests);
    }
    plans
}

/// Queries that cannot be answered in a run, and why.
pub(super) type Unanswerable = Vec<(QueryId, RunError)>;

impl Tables {
    /// How many queries there are.
    pub(super) fn queries(&self) -> usize {
        self.queries.len()
    }

    /// The plan, for a run at an instant, and the queries that cannot be answered then. None: this was no plan.
    pub(super) fn into_plan(mut self, now: Option<Timestamp>) -> Option<(QueryPlan, Unanswerable)> {
        let roots = self.queries.iter().map(|query| query.root);
        let sound = self.programs.are_trees(roots)
            && self.fields.len() == self.paths.len()
            && self.fields.iter().all(|field| field.index.is_sound());
        if !sound {
            return None;
        }
        let mut learner = Learner::new(now);
        let mut failed: HashMap<AtomId, RunError> = HashMap::new();
        for (at, atom) in self.atoms.iter() {
            let learnt = match atom {
                Atom::Value(_, test) => learner.learn_again(Known::Test(test)),
                Atom::Anywhere(op) => learner.learn_again(Known::Search(op)),
                Atom::Valued(_) | Atom::There(_) => Ok(()),
            };
            if let Err(error) = learnt {
                failed.insert(at, error);
            }
        }
        let mut unanswerable = Vec::new();
        let mut whole = Vec::new();
        for at in 0..self.programs.wholes() {
            let pred = self.programs.whole(WholeId(id(at)));
            whole.push(pred.and_then(|pred| learner.learn_again(Known::Pred(pred)).err()));
        }
        if !failed.is_empty() || whole.iter().any(Option::is_some) {
            for (at, query) in self.queries.iter().enumerate() {
                let mut first = None;
                self.programs.asks(query.root, &mut |asked| {
                    let error = match asked {
                        Asks::Atom(atom) => failed.get(&atom),
                        Asks::Whole(whole_id) => whole.get(whole_id.0 as usize).and_then(Option::as_ref),
                    };
                    first = first.take().or_else(|| error.cloned());
                });
                unanswerable.extend(first.map(|error| (QueryId(id(at)), error)));
            }
        }
        let windows = windows(&mut self.paths);
        let plan = QueryPlan { tables: self, windows, answerer: learner.finish() };
        Some((plan, unanswerable))
    }
}

impl QueryPlan {
    /// Makes queries never hold.
    pub(super) fn silence(&mut self, silent: impl Fn(usize) -> bool) {
        let never = self.tables.programs.never();
        for (_, query) in self.tables.queries.iter_mut().enumerate().filter(|(at, _)| silent(*at)) {
            query.root = never;
        }
    }

    /// What is written down of it.
    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(super) fn paths(&self) -> &Paths {
        &self.tables.paths
    }

    pub(super) fn atoms(&self) -> &Atoms {
        &self.tables.atoms
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.tables.programs
    }

    pub(super) fn gates(&self) -> &Gates {
        &self.tables.gates
    }

    pub(super) fn queries(&self) -> &[Query] {
        &self.tables.queries
    }

    pub(super) fn windows(&self) -> &Windows {
        &self.windows
    }

    pub(super) fn answerer(&self) -> &Answerer {
        &self.answerer
    }

    pub(super) fn field(&self, field: FieldId) -> Option<&FieldPlan> {
        self.tables.fields.get(field.at())
    }

    /// The fields that queries behind these gates read, and their keywords.
    pub(super) fn behind(&self, open: &Bits) -> (Bits, Vec<AtomId>) {
        let mut read = Bits::new(self.tables.paths.len());
        let mut keywords = Vec::new();
        for (at, (fields, words)) in
            self.tables.read_behind.iter().zip(&self.tables.keywords_behind).enumerate()
        {
            if open.has(id(at)) {
                read.join(fields);
                keywords.extend_from_slice(words);
            }
        }
        keywords.sort_unstable();
        keywords.dedup();
        (read, keywords)
    }

    /// How often an atom may hold, before any event was seen; small against a single sighting in the end.
    pub(super) fn guess(&self, atom: AtomId) -> u64 {
        match self.tables.atoms.get(atom) {
            Some(Atom::Value(_, test)) => match &test.op {
                Op::Text(patterns, _) => {
                    let length =
                        |pattern: &eqlc_ir::TextPattern| pattern.literals().map(str::len).max().unwrap_or(0);
                    let shortest = patterns.iter().map(length).min().unwrap_or(0);
                    (patterns.len() as u64 * 8 / (shortest as u64 + 1)).min(63)
                }
                Op::OneOf(items, _) => items.len().min(8) as u64,
                Op::Regex(_) => 8,
                _ => 16,
            },
            Some(Atom::Anywhere(_)) | None => 0,
            Some(Atom::Valued(_) | Atom::There(_)) => 63,
        }
    }

    /// How much there is of everything, for people.
    pub(super) fn explain(&self, text: &mut String) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "{} different tests of {} fields; {} conditions over several fields; {} categories and log sources",
            self.tables.atoms.len(),
            self.tables.paths.len(),
            self.tables.programs.wholes(),
            self.tables.gates.len()
        );
        let mut counts: Vec<(usize, &str)> = self
            .tables
            .paths
            .fields()
            .zip(self.tables.atoms.by_field(self.tables.paths.len()))
            .map(|((_, path), count)| (count, path))
            .filter(|(count, _)| *count > 0)
            .collect();
        counts.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
        for (count, path) in counts {
            let _ = writeln!(text, "{count:>8} {path}");
        }
    }
}
