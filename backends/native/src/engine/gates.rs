//! Which queries look at an event at all: by its category, or by its log source.

use std::collections::HashMap;

use eqlc_ir::{Category, LogSource};

use super::bits::Bits;
use super::paths::{FieldId, Paths, id};

/// A condition on category or log source, by its place in [`Gates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct GateId(pub(super) u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Gate {
    Open,
    /// Some value of the field is one of these.
    Category(FieldId, Vec<String>),
    LogSource(LogSource),
}

/// The distinct gates of all queries.
#[derive(Debug)]
pub(super) struct Gates {
    list: Vec<Gate>,
    by_gate: HashMap<Gate, GateId>,
    /// Product, category and service of an event.
    source: [FieldId; 3],
    /// The fields that gates look at.
    looked_at: Vec<FieldId>,
}

/// What an event says of its category and its log source.
pub(super) trait Says {
    /// Whether some value of a field is this text.
    fn has(&self, field: FieldId, text: &str) -> bool;
}

impl Gates {
    /// No gates yet. `source` are the paths of product, category and service.
    pub(super) fn new(source: [&str; 3], paths: &mut Paths) -> Self {
        let source = source.map(|path| paths.add(path));
        Self { list: Vec::new(), by_gate: HashMap::new(), source, looked_at: source.to_vec() }
    }

    pub(super) fn add(&mut self, category: &Category, category_field: &str, paths: &mut Paths) -> GateId {
        let gate = match category {
            Category::Any => Gate::Open,
            Category::OneOf(names) => {
                let field = paths.add(category_field);
                if !self.looked_at.contains(&field) {
                    self.looked_at.push(field);
                }
                let mut names: Vec<String> = names.iter().map(|name| name.value.clone()).collect();
                names.sort();
                names.dedup();
                Gate::Category(field, names)
            }
            Category::LogSource(source) => Gate::LogSource(source.clone()),
        };
        let next = GateId(id(self.list.len()));
        let known = *self.by_gate.entry(gate.clone()).or_insert(next);
        if known == next {
            self.list.push(gate);
        }
        known
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The fields that gates look at.
    pub(super) fn looked_at(&self) -> &[FieldId] {
        &self.looked_at
    }

    /// Product, category and service.
    pub(super) fn source(&self) -> [FieldId; 3] {
        self.source
    }

    /// The gates that are open to an event.
    pub(super) fn open(&self, event: &impl Says) -> Bits {
        let mut open = Bits::new(self.list.len());
        for (at, gate) in self.list.iter().enumerate() {
            if self.lets_in(gate, event) {
                open.put(id(at));
            }
        }
        open
    }

    fn lets_in(&self, gate: &Gate, event: &impl Says) -> bool {
        match gate {
            Gate::Open => true,
            Gate::Category(field, names) => names.iter().any(|name| event.has(*field, name)),
            Gate::LogSource(source) => [&source.product, &source.category, &source.service]
                .into_iter()
                .zip(self.source)
                .all(|(wanted, field)| wanted.as_ref().is_none_or(|wanted| event.has(field, wanted))),
        }
    }
}
