//! What is looked at in events of one kind: those with the same category and log source.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use eqlc_events::WindowsSource;
use eqlc_ir::Literal;

use super::atoms::{Atom, AtomId};
use super::bits::Bits;
use super::gates::Says;
use super::keywords::Keywords;
use super::paths::{FieldId, id};
use super::plan::{QueryPlan, Windows};
use super::values::{Found, Shape, literal, of_fields};

/// The most kinds that are remembered; more are a sign of events made to fill memory.
const MAX_KINDS: usize = 4096;

/// What is looked at in events of one kind.
#[derive(Debug)]
pub(super) struct Kind {
    /// The gates that are open to them.
    pub(super) open: Bits,
    /// The fields that queries behind open gates read.
    pub(super) read: Bits,
    /// Fields that have another name too: the field in the event, and the other one.
    pub(super) renamed: Vec<(FieldId, FieldId)>,
    /// The keywords that queries behind open gates search for.
    pub(super) keywords: Option<Keywords>,
}

/// The kinds seen so far.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    list: Vec<Kind>,
    table: HashTable<(Box<[u8]>, u32)>,
    /// Kinds that were remembered and are no more.
    before: u32,
    hasher: RandomState,
    /// What the kind of the event at hand hangs on.
    key: Vec<u8>,
    /// The fields that kinds hang on, and where they stand in the event at hand.
    telling: Option<Bits>,
    places: Vec<u32>,
}

/// What an event says of itself.
struct Said<'a> {
    values: Vec<(FieldId, String)>,
    source: Option<&'a WindowsSource>,
    names: [FieldId; 3],
}

impl Says for Said<'_> {
    fn has(&self, field: FieldId, text: &str) -> bool {
        let derived = self.source.is_some_and(|source| {
            let [product, category, service] = self.names;
            (field == product && text == "windows")
                || (field == category && source.categories.contains(&text))
                || (field == service && source.services.contains(&text))
        });
        derived || self.values.iter().any(|(known, value)| *known == field && value == text)
    }
}

impl Kinds {
    /// The kind of an event, and its number, which no other kind has. `whole` says that the values are all there are,
    /// those known by other names too.
    #[inline(always)]
    pub(super) fn of(&mut self, plan: &QueryPlan, found: &[Found], text: &[u8], whole: bool) -> (u32, &Kind) {
        let telling = self.telling.get_or_insert_with(|| telling(plan));
        self.key.clear();
        self.key.push(u8::from(whole));
        of_fields(found, telling, &mut self.places);
        for value in self.places.iter().filter_map(|at| found.get(*at as usize)) {
            let bytes = value.bytes(text);
            self.key.extend_from_slice(&value.field.0.to_le_bytes());
            self.key.push(value.shape as u8);
            self.key.extend_from_slice(&id(bytes.len()).to_le_bytes());
            self.key.extend_from_slice(bytes);
        }
        let hash = self.hasher.hash_one(self.key.as_slice());
        let known = self.table.find(hash, |(key, _)| **key == *self.key).map(|(_, at)| *at);
        let at = known.unwrap_or_else(|| {
            if self.list.len() >= MAX_KINDS {
                self.before = self.before.wrapping_add(id(self.list.len()));
                self.list.clear();
                self.table.clear();
            }
            let at = id(self.list.len());
            self.list.push(kind(plan, found, text, whole));
            let hasher = &self.hasher;
            self.table
                .insert_unique(hash, (self.key.as_slice().into(), at), |(key, _)| hasher.hash_one(&**key));
            at
        });
        // The list is never empty here.
        (self.before.wrapping_add(at), self.list.get(at as usize).unwrap_or(NOTHING))
    }
}

/// The kind of an event that nothing looks at.
const NOTHING: &Kind = &Kind { open: Bits::NONE, read: Bits::NONE, renamed: Vec::new(), keywords: None };

fn telling(plan: &QueryPlan) -> Bits {
    let mut telling = Bits::new(plan.paths().len());
    plan.gates().looked_at().iter().for_each(|field| {
        telling.put(field.0);
    });
    let windows = plan.windows();
    let fields = [windows.channel, windows.number, windows.own].into_iter();
    fields.chain(windows.deciding.iter().map(|(_, field)| *field)).for_each(|field| {
        telling.put(field.0);
    });
    telling
}

fn kind(plan: &QueryPlan, found: &[Found], text: &[u8], whole: bool) -> Kind {
    let windows = plan.windows();
    let source = if whole { None } else { source(windows, found, text) };
    let own = found.iter().any(|value| value.field == windows.own);
    let looked_at = plan.gates().looked_at();
    let values = found.iter().filter(|value| looked_at.contains(&value.field));
    let said = Said {
        values: values.filter_map(|value| Some((value.field, text_of(value, text)?))).collect(),
        source: source.as_ref().filter(|_| !own),
        names: windows.source,
    };
    let open = plan.gates().open(&said);
    let (read, keywords) = plan.behind(&open);
    let renamed = source.iter().flat_map(|source| &source.fields);
    let renamed = renamed.filter_map(|(from, to)| plan.paths().get(from).zip(plan.paths().get(to)));
    let renamed = renamed.collect();
    Kind { open, read, renamed, keywords: searched(plan, &keywords) }
}

fn searched(plan: &QueryPlan, keywords: &[AtomId]) -> Option<Keywords> {
    let ops = keywords.iter().filter_map(|atom| match plan.atoms().get(*atom) {
        Some(Atom::Anywhere(op)) => Some((*atom, op)),
        _ => None,
    });
    (!keywords.is_empty()).then(|| Keywords::new(ops))
}

fn source(windows: &Windows, found: &[Found], text: &[u8]) -> Option<WindowsSource> {
    let of = |field: FieldId| found.iter().find(|value| value.field == field);
    let channel = text_of(of(windows.channel)?, text)?;
    let number = of(windows.number)?;
    let number = match literal(number.shape, number.bytes(text))? {
        Literal::Int(value) => u64::try_from(value).ok()?,
        Literal::Str(text) => text.parse().ok()?,
        _ => return None,
    };
    Some(WindowsSource::of(&channel, number, |name| {
        let (_, field) = windows.deciding.iter().find(|(known, _)| *known == name)?;
        text_of(of(*field)?, text)
    }))
}

fn text_of(value: &Found, text: &[u8]) -> Option<String> {
    match (value.shape, literal(value.shape, value.bytes(text))) {
        (Shape::Raw | Shape::Plain, Some(Literal::Str(text))) => Some(text.to_string()),
        _ => None,
    }
}
