//! Which queries look at an event at all: by its category, or by its log source.

use std::collections::HashMap;

use eqlc_ir::{Category, LogSource};
use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::paths::{FieldId, Paths, id};
use crate::reference::RunOptions;

/// A condition on category or log source, by its place in [`Gates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct GateId(pub(super) u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Gate {
    Open,
    /// Some value of the field is one of these.
    Category(FieldId, Vec<String>),
    /// For each part that is asked for, some value of the field is it.
    LogSource(Vec<(FieldId, String)>),
}

/// The distinct gates of all queries.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Gates {
    list: Vec<Gate>,
    #[serde(skip)]
    by_gate: HashMap<Gate, GateId>,
    /// The fields that gates look at.
    looked_at: Vec<FieldId>,
}

/// What an event says of its category and its log source.
pub(super) trait Says {
    /// Whether some value of a field is this text.
    fn has(&self, field: FieldId, text: &str) -> bool;
}

impl Gates {
    pub(super) fn add(&mut self, category: &Category, options: &RunOptions, paths: &mut Paths) -> GateId {
        let gate = match category {
            Category::Any => Gate::Open,
            Category::OneOf(names) => {
                let mut names: Vec<String> = names.iter().map(|name| name.value.clone()).collect();
                names.sort();
                names.dedup();
                Gate::Category(paths.add(&options.category_field), names)
            }
            Category::LogSource(source) => Gate::LogSource(log_source(source, options, paths)),
        };
        self.look_at(&gate);
        let next = GateId(id(self.list.len()));
        let known = *self.by_gate.entry(gate.clone()).or_insert(next);
        if known == next {
            self.list.push(gate);
        }
        known
    }

    fn look_at(&mut self, gate: &Gate) {
        let fields: Vec<FieldId> = match gate {
            Gate::Open => Vec::new(),
            Gate::Category(field, _) => vec![*field],
            Gate::LogSource(parts) => parts.iter().map(|(field, _)| *field).collect(),
        };
        for field in fields {
            if !self.looked_at.contains(&field) {
                self.looked_at.push(field);
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The fields that gates look at.
    pub(super) fn looked_at(&self) -> &[FieldId] {
        &self.looked_at
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
            Gate::LogSource(parts) => parts.iter().all(|(field, wanted)| event.has(*field, wanted)),
        }
    }
}

/// The parts of a log source that are asked for and that events have a field for.
fn log_source(source: &LogSource, options: &RunOptions, paths: &mut Paths) -> Vec<(FieldId, String)> {
    let fields = &options.log_source;
    let parts = [
        (&fields.product, &source.product),
        (&fields.category, &source.category),
        (&fields.service, &source.service),
    ];
    let asked = parts.into_iter().filter(|(field, _)| !field.is_empty());
    asked.filter_map(|(field, wanted)| Some((paths.add(field), wanted.clone()?))).collect()
}
