//! Whether tests go together: asked of the search for witnesses, and remembered.

use std::collections::BTreeMap;
use std::sync::Arc;

use eqlc_backend_native::reference::RunOptions;
use eqlc_ir::{Body, Category, EventQuery, FieldType, Function, Metadata, Op, Pred, Rule, Scalar, Test};
use eqlc_witness::{Outcome, Search};
use serde_json::Value as Json;

use super::formula::{Atoms, Literal};
use super::listed;

/// What is known of literals together.
pub(super) enum Answer {
    /// An event that satisfies them.
    Event(Vec<Json>),
    /// These of them go with no event.
    Contradiction(Vec<Literal>),
    Unknown,
}

/// The most literals of one contradiction that are looked through for a smaller one.
const MAX_MINIMISED: usize = 12;
/// The most questions about the literals of one field.
const MAX_QUESTIONS: usize = 1_000;
/// The most ways that are asked for an event as wholes.
const MAX_WAYS: usize = 60;
/// The work of the search for witnesses for one question about a field.
const STEPS: u64 = 20_000;
/// Its work for a way as a whole.
const STEPS_OF_A_WAY: u64 = 200_000;

pub(super) struct Theory<'a> {
    atoms: &'a Atoms,
    category: Category,
    meta: Arc<Metadata>,
    /// Whether literals of one field contradict each other.
    known: BTreeMap<Vec<Literal>, bool>,
    questions: usize,
    ways: usize,
}

impl<'a> Theory<'a> {
    pub(super) fn new(atoms: &'a Atoms, category: Category, options: &RunOptions) -> Self {
        let meta = Metadata {
            timestamp_field: Some(options.timestamp_field.clone()),
            event_category_override: Some(options.category_field.clone()),
            ..Metadata::default()
        };
        Self {
            atoms,
            category,
            meta: meta.into(),
            known: BTreeMap::new(),
            questions: MAX_QUESTIONS,
            ways: MAX_WAYS,
        }
    }

    /// An event that satisfies literals, or which of them contradict each other.
    pub(super) fn event(&mut self, way: &[Literal]) -> Answer {
        for group in self.groups(way) {
            if group.len() > 1 && self.contradicts(&group) {
                return Answer::Contradiction(self.minimised(group));
            }
        }
        let Some(left) = self.ways.checked_sub(1) else { return Answer::Unknown };
        self.ways = left;
        match self.ask(way, STEPS_OF_A_WAY) {
            Outcome::Found(found) => {
                found.into_iter().next().map_or(Answer::Unknown, |found| Answer::Event(found.events))
            }
            Outcome::Never(_) => {
                // Of what it says only what is about one field counts: a proof that was looked through.
                let single = self.groups(way).into_iter().find(|group| self.contradicts(group));
                single.map_or(Answer::Unknown, Answer::Contradiction)
            }
            Outcome::Unknown(_) => Answer::Unknown,
        }
    }

    /// Whether no more ways are asked for an event.
    pub(super) fn is_exhausted(&self) -> bool {
        self.ways == 0
    }

    /// The literals that name one field and no other, by field.
    fn groups(&self, way: &[Literal]) -> Vec<Vec<Literal>> {
        let mut groups: BTreeMap<&str, Vec<Literal>> = BTreeMap::new();
        for (atom, wanted) in way {
            if let Some(Pred::Test(test)) = self.atoms.test(*atom)
                && let Some(path) = only_field(test)
            {
                groups.entry(path).or_default().push((*atom, *wanted));
            }
        }
        let sorted = |mut group: Vec<Literal>| {
            group.sort_unstable();
            group
        };
        groups.into_values().map(sorted).collect()
    }

    fn contradicts(&mut self, group: &[Literal]) -> bool {
        if let Some(known) = self.known.get(group) {
            return *known;
        }
        let found = self.is_contradiction(group);
        self.known.insert(group.to_vec(), found);
        found
    }

    fn is_contradiction(&mut self, group: &[Literal]) -> bool {
        let (mut wanted, mut refused): (Vec<&Test>, Vec<&Test>) = (Vec::new(), Vec::new());
        for (atom, holds) in group {
            match self.atoms.test(*atom) {
                Some(Pred::Test(test)) if *holds => wanted.push(test),
                Some(Pred::Test(test)) => refused.push(test),
                _ => return false,
            }
        }
        if listed::contradict(&wanted, &refused) {
            return true;
        }
        let Some(left) = self.questions.checked_sub(1) else { return false };
        self.questions = left;
        let trusted: Vec<Literal> =
            group.iter().filter(|literal| self.is_trusted(literal)).copied().collect();
        // Without a wanted test the field may be absent; with one there is something to contradict.
        let asks = trusted.iter().any(|(_, wanted)| *wanted);
        asks && matches!(self.ask(&trusted, STEPS), Outcome::Never(_))
    }

    fn is_trusted(&self, (atom, _): &Literal) -> bool {
        matches!(self.atoms.test(*atom), Some(Pred::Test(test)) if is_trusted(test))
    }

    /// The contradiction without literals that it does not need.
    fn minimised(&mut self, mut group: Vec<Literal>) -> Vec<Literal> {
        if group.len() > MAX_MINIMISED {
            return group;
        }
        let mut at = 0;
        while at < group.len() {
            let mut fewer = group.clone();
            fewer.remove(at);
            if !fewer.is_empty() && self.contradicts(&fewer) {
                group = fewer;
            } else {
                at += 1;
            }
        }
        group
    }

    fn ask(&self, literals: &[Literal], steps: u64) -> Outcome {
        let preds = literals.iter().filter_map(|(atom, wanted)| {
            let pred = self.atoms.test(*atom)?.clone();
            Some(if *wanted { pred } else { pred.not() })
        });
        let query = EventQuery { category: self.category.clone(), filter: Pred::All(preds.collect()) };
        let rule =
            Rule { id: String::new(), meta: self.meta.clone(), body: Body::Event(query), pipes: Vec::new() };
        Search::new().steps(steps).witness(&rule)
    }
}

/// The path, if the test names fields of one path and nothing else than fields of the event.
fn only_field(test: &Test) -> Option<&str> {
    let mut inputs = test.subject.inputs();
    if let Op::Compare(_, right) = &test.op {
        inputs.extend(right.inputs());
    }
    let (first, rest) = inputs.split_first()?;
    let same = |(owner, field): &(Option<&eqlc_ir::Owner>, &eqlc_ir::FieldRef)| {
        owner.is_none() && field.path == first.1.path
    };
    (same(first) && rest.iter().all(same)).then_some(first.1.path.as_str())
}

/// Whether a contradiction that the search for witnesses finds with this test is one for every event. It takes values
/// for texts and tests that are not about null for tests that need a value; where neither is certain it may find a
/// contradiction that some odd event escapes.
fn is_trusted(test: &Test) -> bool {
    match &test.subject {
        Scalar::Field(field) => match &test.op {
            Op::IsNull | Op::InNet(_) | Op::OneOf(..) => true,
            Op::Compare(_, right) => matches!(right, Scalar::Literal(_)),
            Op::Text(..) | Op::Regex(_) => is_text(field.ty) || field.ty == FieldType::Unknown,
            Op::IsTrue | Op::Exists | Op::TimePart(..) => false,
        },
        Scalar::Call { function, args, .. } => {
            let known = matches!(
                function,
                Function::Length
                    | Function::Substring
                    | Function::StartsWith
                    | Function::EndsWith
                    | Function::StringContains
            );
            let plain = args.iter().all(|arg| match arg {
                Scalar::Field(field) => is_text(field.ty),
                other => matches!(other, Scalar::Literal(_)),
            });
            known && plain && !matches!(test.op, Op::IsNull | Op::Exists)
        }
        Scalar::Of(..) | Scalar::Literal(_) | Scalar::Logic(_) => false,
    }
}

fn is_text(ty: FieldType) -> bool {
    matches!(ty, FieldType::Keyword | FieldType::Text)
}
