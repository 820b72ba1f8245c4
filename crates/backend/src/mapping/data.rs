//! Event maps as data.

use std::borrow::Cow;
use std::sync::OnceLock;

use eqlc_ir::{Category, EventQuery, FieldRef, FieldType, LogSource, Rule, Taxonomy};
use foldhash::fast::FixedState;
use indexmap::IndexMap;
use serde::Deserialize;

use crate::Direction;

/// How the events of two taxonomies relate: those of ECS and of a target, or those of Sigma's log sources and ECS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventMap {
    /// Whose names the fields of the rule are. From ECS, a source is a log source or table of the target, and the
    /// first that can deliver an event of a query serves it. From any other taxonomy, a source is a log source
    /// of the rule, and the one that names most parts of it wins.
    #[serde(default = "ecs", with = "serde_yaml::with::singleton_map")]
    pub from: Taxonomy,
    /// Whose names the mapped fields are.
    #[serde(with = "serde_yaml::with::singleton_map")]
    pub taxonomy: Taxonomy,
    /// Whether the wildcards of the target have no escape, so that patterns with a literal `*` or `?` become regular
    /// expressions.
    #[serde(default)]
    pub no_escape: bool,
    /// Field entries shared by several sources, by the name of the group.
    #[serde(default)]
    pub groups: IndexMap<String, IndexMap<String, FieldEntry>>,
    /// Where the target answers on each host for itself: the fields that tell the host of an event, or something that
    /// is on one host only, so that events with the same value are of one host; `*.name` is any field of that last
    /// name. None: the target sees the events of all hosts. Of several files that of the first counts.
    #[serde(default)]
    pub of_one_host: Vec<String>,
    /// Whether a query of `any` event that asks for categories is served by a source of one of them.
    #[serde(default)]
    pub any_by_category: bool,
    /// Sources, the preferred one first.
    pub sources: Vec<Source>,
    /// Of a map from log sources: the one from ECS, whose sources are told by the same log sources. Fields with names
    /// of ECS, and those that pipelines have named, are looked for in it where the log source has no entry for them.
    #[serde(skip)]
    pub ecs: Option<Box<EventMap>>,
    #[serde(skip)]
    by_category: ByCategory,
}

/// Where the sources of each category stand among them, of those without one under the empty text: every rule asks.
#[derive(Debug, Default)]
struct ByCategory(OnceLock<IndexMap<String, Vec<usize>, FixedState>>);

/// Maps are copied to be changed.
impl Clone for ByCategory {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl ByCategory {
    /// Made when first asked for; the sources do not change any more then.
    fn of(&self, sources: &[Source]) -> &IndexMap<String, Vec<usize>, FixedState> {
        self.0.get_or_init(|| {
            let mut places: IndexMap<String, Vec<usize>, FixedState> = IndexMap::default();
            for (at, source) in sources.iter().enumerate() {
                let own = source.log_source.category.clone().unwrap_or_default();
                places.entry(own).or_default().push(at);
            }
            places
        })
    }
}

fn ecs() -> Taxonomy {
    Taxonomy::Ecs
}

/// A log source or table, and the events it delivers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its identity: in mapped rules, or, where rules of log sources are mapped, in theirs; a part that is absent
    /// does not matter.
    #[serde(default)]
    pub log_source: LogSource,
    /// For rules of log sources and a target that has log sources of its own: the one that has the events; none:
    /// the target calls it the same.
    #[serde(default)]
    pub delivered_by: Option<LogSource>,
    /// `event.category` values of the events it delivers. With [`Source::keeps_ecs`] none means every category,
    /// and `any` queries too. Where rules of log sources are mapped, the category of the query; none is `any`.
    #[serde(default)]
    pub category: Vec<String>,
    /// Fields by whose values it is known to deliver an event, whatever its category: the source serves the
    /// queries that match nothing but events with certain values of one of these fields, one of the listed among
    /// them, whatever they are where none are listed. No field: the category says it.
    #[serde(default)]
    pub asked_by: IndexMap<String, Vec<String>>,
    /// ECS fields whose values are known of every event it delivers. Where rules of log sources are mapped, they
    /// become tests that pick out its events.
    #[serde(default)]
    pub constants: IndexMap<String, Vec<String>>,
    /// For rules of log sources: how the producers of documents mark its events, one entry each. An event has
    /// one of the values in every field of some entry; `null` is no value.
    #[serde(default)]
    pub events: Vec<IndexMap<String, Vec<Option<String>>>>,
    /// For rules of log sources: values that none of its events has.
    #[serde(default)]
    pub except: IndexMap<String, Vec<String>>,
    /// For rules of log sources: texts that documents leave out, as if the field had no value.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// For rules of log sources: what becomes of fields without an entry; none: they have no counterpart.
    #[serde(default)]
    pub others: Option<Others>,
    /// For rules of log sources: the field that has every value of an event, for text that may stand anywhere; none:
    /// such a search has no counterpart.
    #[serde(default)]
    pub anywhere: Option<FieldEntry>,
    /// A loss that any use of the source brings.
    #[serde(default)]
    pub loss: Option<ElementLoss>,
    /// For rules of log sources: a loss where the log source names a part that this entry does not.
    #[serde(default)]
    pub part_loss: Option<ElementLoss>,
    /// For a constant field, values of events of the category that this source does **not** deliver. A
    /// query that such an event could match gets a *narrower* loss.
    #[serde(default)]
    pub misses: IndexMap<String, Vec<String>>,
    /// For a constant field, values that some events of this source have **too**, which it cannot tell from
    /// the constant (a file created and a file overwritten). A query that such an event would not match gets
    /// a *wider* loss.
    #[serde(default)]
    pub adds: IndexMap<String, Vec<String>>,
    /// Groups of field entries that hold here; earlier groups win.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Field entries of this source alone; they win over groups.
    #[serde(default)]
    pub fields: IndexMap<String, FieldEntry>,
    /// A field that has a value in every event it delivers, for a query that asks for all of them.
    #[serde(default)]
    pub always: Option<String>,
    /// Beginnings of the names of fields without an entry, and what the target's names have instead.
    #[serde(default)]
    pub prefixes: IndexMap<String, String>,
    /// Which rows of the target's tables its events are, where the target can ask several sources in one query.
    #[serde(skip)]
    pub rows: Option<Rows>,
    /// Whether fields without an entry keep their ECS name (a target that speaks ECS itself). The category then
    /// becomes a test of `event.category`.
    #[serde(default)]
    pub keeps_ecs: bool,
}

/// Rows of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The table.
    pub table: String,
    /// The condition that picks them, as text.
    pub filter: String,
    /// Values one of which each of them has, by what has it.
    pub picks: IndexMap<String, Vec<String>>,
}

impl Rows {
    /// Whether they are certainly the same rows.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.table == other.table && self.filter == other.filter
    }

    /// Whether they certainly have no row in common.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        let differs = |(name, values): (&String, &Vec<String>)| {
            let theirs = other.picks.get(name);
            theirs.is_some_and(|theirs| values.iter().all(|value| !theirs.contains(value)))
        };
        self.table != other.table || self.picks.iter().any(differs)
    }
}

/// The counterpart of fields that have no entry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Others {
    /// What stands before the name.
    #[serde(default)]
    pub prefix: String,
    /// What stands before it in the documents of other producers.
    #[serde(default)]
    pub also: Vec<String>,
    /// Whether `camelCase` becomes `snake_case`.
    #[serde(default)]
    pub snake_case: bool,
    /// Whether names are letters, digits, `_` and `-`, so that any other name has no counterpart.
    #[serde(default)]
    pub plain_names: bool,
    /// Type of their values where the schema knows none.
    #[serde(default, rename = "type")]
    pub ty: Option<FieldType>,
    /// Names that have no counterpart.
    #[serde(default)]
    pub except: Vec<String>,
    /// A loss that any use brings.
    #[serde(default)]
    pub loss: Option<ElementLoss>,
}

/// The counterpart of a field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldEntry {
    /// The field of the target; none for a key that every event of the source shares.
    #[serde(default)]
    pub field: Option<String>,
    /// Type of its values.
    #[serde(default = "unknown", rename = "type")]
    pub ty: FieldType,
    /// How the values relate.
    #[serde(default, with = "serde_yaml::with::singleton_map")]
    pub transform: Transform,
    /// A loss that any use brings.
    #[serde(default)]
    pub loss: Option<ElementLoss>,
    /// Whether the entry serves join keys only.
    #[serde(default)]
    pub key_only: bool,
    /// Whether all events that a target sees together have the same value, so that a join key falls away.
    #[serde(default)]
    pub shared: bool,
    /// Where documents of other producers have the value instead: a document has it in one of the places.
    #[serde(default)]
    pub also: Vec<FieldEntry>,
    /// What a join key is where the events of another step do not tell it as finely: for a process, its number, which the
    /// system uses again.
    #[serde(default)]
    pub joined_as: Option<Box<FieldEntry>>,
}

impl FieldEntry {
    /// Whether tests can look at the values of the target's field.
    pub(super) fn has_values(&self) -> bool {
        self.field.is_some() && !self.key_only
    }

    /// Whether some form of test has a counterpart, perhaps in several fields.
    pub(super) fn says_something(&self) -> bool {
        self.has_values() || !matches!(self.transform, Transform::Same)
    }

    /// The field of this name, with the same values.
    fn named(field: String) -> Self {
        Self {
            field: Some(field),
            ty: FieldType::Unknown,
            transform: Transform::Same,
            loss: None,
            key_only: false,
            shared: false,
            also: Vec::new(),
            joined_as: None,
        }
    }
}

fn unknown() -> FieldType {
    FieldType::Unknown
}

/// What is bent where a field entry is used.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElementLoss {
    /// Which way, for a test outside a negation.
    pub direction: Direction,
    /// Why; lower case, no full stop.
    pub why: String,
}

/// How a value of the ECS field follows from a value of the target's field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// It is the value.
    #[default]
    Same,
    /// The part behind the last separator (a file name of a path). The target's value always holds one.
    AfterLast(char),
    /// The part before the first separator (the domain of `DOMAIN\name`).
    BeforeFirst(char),
    /// One word of a command line: the value stands somewhere in the target's value.
    WordOf,
    /// The target's value for each ECS value, by text.
    Values(IndexMap<String, Vec<String>>),
    /// A number, which is a text of digits in ECS.
    Number,
    /// The target's numbers for each ECS value; values that are not listed have no counterpart.
    Numbers(IndexMap<String, Vec<i64>>),
    /// The target's texts for each ECS value, with `*` and `?`; values that are not listed have no counterpart.
    /// `*` stands for all others where it is listed: patterns that no other listed value fits.
    Known(IndexMap<String, Vec<String>>),
    /// Whether the target's field has a value: the two ECS values that this means.
    Presence {
        /// Where it has one.
        present: String,
        /// Where it has none.
        absent: String,
    },
    /// A text, where numbers of 32 bits are written as `DWORD (0x00000001)`.
    Dwords,
    /// How many words it has.
    Words,
    /// `DOMAIN\name` stands in two fields: this one has the domain, that of the entry the name.
    Account(String),
    /// `SHA256=…,MD5=…` stands in a field for each algorithm, in lower case.
    Hashes(IndexMap<String, String>),
    /// A folder, whose last separator may be left out.
    Folder,
    /// Path, query or extension of a URL, which documents have without escapes.
    PartOfUrl,
    /// The same, where documents also have the whole URL as it was asked for.
    InUrl(InUrl),
    /// A path of the registry, whose hive may be written in full.
    Hive,
    /// What was written to the registry, in Sysmon's words: numbers as `DWORD (0x…)`. This field has the type.
    Details(String),
}

/// A part of a URL that documents have whole, too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InUrl {
    /// Which part.
    pub part: UrlPart,
    /// The field with the whole URL.
    pub whole: String,
}

/// A part of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlPart {
    /// What stands before the first `?` of a URL without a host.
    Path,
    /// What stands behind the first `?`.
    Query,
}

impl EventMap {
    /// A map from the text of a `map.yml`.
    ///
    /// # Errors
    /// The parser's message, or the name of a group that is not there; the text is compiled in, so a test of
    /// the backend finds it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let map: Self = merged(text).map_err(|error| error.to_string())?;
        let missing =
            map.sources.iter().flat_map(|source| &source.groups).find(|name| !map.groups.contains_key(*name));
        match missing {
            Some(name) => Err(format!("no group `{name}` of fields")),
            None => Ok(map),
        }
    }

    /// A map of several files, each with its name; the sources of earlier files are preferred, and the groups of a
    /// file are its own. All else is that of the first file.
    ///
    /// # Errors
    /// As [`EventMap::parse`], with the name of the file; no file at all.
    pub fn parse_all(files: &[(&str, &str)]) -> Result<Self, String> {
        let mut whole: Option<Self> = None;
        for (file, text) in files {
            let mut map = Self::parse(text).map_err(|error| format!("{file}: {error}"))?;
            let own = |name: &str| format!("{file}/{name}");
            map.groups = map.groups.into_iter().map(|(name, group)| (own(&name), group)).collect();
            for source in &mut map.sources {
                source.groups.iter_mut().for_each(|name| *name = own(name));
            }
            match &mut whole {
                None => whole = Some(map),
                Some(whole) => {
                    whole.groups.extend(map.groups);
                    whole.sources.extend(map.sources);
                }
            }
        }
        whole.ok_or_else(|| "no file".to_owned())
    }

    /// Whether a rule speaks otherwise than the map's target: a Sigma rule for Sigma needs no mapping.
    #[must_use]
    pub fn is_needed_for(&self, rule: &Rule) -> bool {
        let queries = rule.queries();
        let logged = |query: &&EventQuery| matches!(query.category, Category::LogSource(_));
        let spoken = |field: &FieldRef| field.taxonomy == self.taxonomy;
        let all_spoken = queries.iter().flat_map(|query| query.filter.fields()).all(spoken);
        if self.from == Taxonomy::Ecs {
            !(queries.iter().all(logged) && all_spoken)
        } else {
            queries.iter().any(logged) || !all_spoken
        }
    }

    /// Whether every field keeps its name, so that the target sees the events that the rule speaks of.
    #[must_use]
    pub fn keeps_names(&self) -> bool {
        let kept = |others: &Others| others.prefix.is_empty() && others.also.is_empty() && !others.snake_case;
        self.sources.iter().all(|source| {
            source.fields.is_empty() && source.groups.is_empty() && source.others.as_ref().is_some_and(kept)
        })
    }

    /// Whether events with the same value of a field are of one host.
    #[must_use]
    pub fn is_of_one_host(&self, path: &str) -> bool {
        self.of_one_host.iter().any(|known| match known.strip_prefix('*') {
            Some(last) => path.ends_with(last),
            None => path == known,
        })
    }

    /// The entry of a field in a source.
    #[must_use]
    pub fn entry<'a>(&'a self, source: &'a Source, path: &str) -> Option<&'a FieldEntry> {
        source.fields.get(path).or_else(|| {
            source.groups.iter().filter_map(|name| self.groups.get(name)).find_map(|group| group.get(path))
        })
    }

    /// The counterpart of a field in a source: its entry, or what the beginning of its name says.
    #[must_use]
    pub fn counterpart<'a>(&'a self, source: &'a Source, path: &str) -> Option<Cow<'a, FieldEntry>> {
        if let Some(entry) = self.entry(source, path) {
            return Some(Cow::Borrowed(entry));
        }
        let renamed = |(prefix, own): (&String, &String)| {
            let rest = path.strip_prefix(prefix.as_str()).filter(|rest| !rest.is_empty())?;
            Some(format!("{own}{rest}"))
        };
        source.prefixes.iter().find_map(renamed).map(|name| Cow::Owned(FieldEntry::named(name)))
    }

    /// The fields that have an entry in a source.
    pub fn fields_of<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = &'a str> {
        let groups = source.groups.iter().filter_map(|name| self.groups.get(name));
        source.fields.keys().chain(groups.flat_map(IndexMap::keys)).map(String::as_str)
    }

    /// The sources whose log source names this category or none, in their order.
    pub(super) fn of_category(&self, category: &str) -> impl Iterator<Item = &Source> {
        let by_category = self.by_category.of(&self.sources);
        let named = by_category.get(category).filter(|_| !category.is_empty());
        let mut places: Vec<usize> =
            by_category.get("").into_iter().chain(named).flatten().copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|at| self.sources.get(at))
    }

    /// The source with this log source.
    #[must_use]
    pub fn source(&self, log_source: &LogSource) -> Option<&Source> {
        self.sources.iter().find(|source| source.log_source == *log_source)
    }
}

/// A map from YAML, with merge keys (`<<`) put in where there are any.
fn merged(text: &str) -> Result<EventMap, serde_yaml::Error> {
    if !text.contains("<<:") {
        return serde_yaml::from_str(text);
    }
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    serde_yaml::from_value(value)
}
