//! The table of what is stored, `data/elastic.yml`.

use std::borrow::Cow;
use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::leaves::Leaf;
use crate::project::winlog::one_of;

/// All of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    groups: IndexMap<String, IndexMap<String, Places>>,
    stores: Vec<Store>,
    /// The word for the action of a kind of audit record.
    pub(super) audit_actions: IndexMap<String, String>,
}

/// What is stored of the events of one log source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    /// The parts that its log source has.
    source: IndexMap<String, String>,
    /// What every document has.
    #[serde(default)]
    pub(super) constants: IndexMap<String, Value>,
    /// Fields that every event of the log has.
    #[serde(default)]
    pub(super) always: Vec<String>,
    #[serde(default)]
    left_out: Vec<String>,
    /// Whether the log writes lists.
    #[serde(default)]
    pub(super) lists: bool,
    /// Whether these are records of the audit system, one a document.
    #[serde(default)]
    pub(super) audit_records: bool,
    /// The parts of a URL in the log, if it has parts.
    #[serde(default)]
    pub(super) url: Option<UrlInParts>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    fields: IndexMap<String, Places>,
    #[serde(default)]
    prefixes: IndexMap<String, Places>,
    /// Fields of which is not told what becomes of them, and of all below them.
    #[serde(default)]
    untold: Vec<String>,
    #[serde(default)]
    below: Option<String>,
    #[serde(default)]
    snake: bool,
    #[serde(default)]
    texts: bool,
    #[serde(default)]
    drops_others: bool,
}

/// Fields of a log that has a URL in parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UrlInParts {
    /// Where the document has the whole.
    pub(super) whole: String,
    /// Names of the path.
    pub(super) path: Vec<String>,
    /// Names of the query.
    pub(super) query: Vec<String>,
}

/// Where a value goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Written")]
struct Places(Vec<Place>);

/// One place of a value, and its form there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// The field of the document.
    pub(super) to: String,
    /// The form.
    #[serde(default, rename = "as")]
    pub(super) form: Form,
    /// What is written for the words of the log; none: the form says it.
    #[serde(default)]
    pub(super) values: IndexMap<String, Value>,
    /// Whether words that are not listed are dropped; else the log does not write them.
    #[serde(default)]
    pub(super) drops_others: bool,
}

/// The form of a value in a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// Text, numbers in digits.
    #[default]
    Text,
    /// As the log has it.
    Kept,
    /// Text in lower case.
    Lower,
    /// A number, which the log may have in digits.
    Number,
    /// `true` or `false`, which the log may have as text.
    Truth,
    /// An address; the log writes nothing else.
    Address,
    /// An address; anything else is stored elsewhere.
    AddressIfAny,
    /// A folder, without a separator at its end.
    Folder,
    /// The domain of `DOMAIN\name`.
    Domain,
    /// The name of `DOMAIN\name`.
    Account,
    /// Path, query or extension of a URL.
    PartOfUrl,
    /// An object as text, `{name=value}`.
    MapAsText,
    /// Below a list of objects, which are numbered.
    Targets,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Path(String),
    Place(Place),
    Several(Vec<Written>),
}

impl From<Written> for Places {
    fn from(written: Written) -> Self {
        match written {
            Written::Path(to) => Self(vec![Place::new(to, Form::Text)]),
            Written::Place(place) => Self(vec![place]),
            Written::Several(list) => Self(list.into_iter().flat_map(|one| Self::from(one).0).collect()),
        }
    }
}

impl Place {
    fn new(to: String, form: Form) -> Self {
        Self { to, form, values: IndexMap::new(), drops_others: false }
    }
}

/// The table.
///
/// # Errors
/// It is broken; a test reads it.
pub(super) fn table() -> Result<&'static Table, String> {
    static TABLE: OnceLock<Result<Table, String>> = OnceLock::new();
    TABLE.get_or_init(|| read(include_str!("../../../data/elastic.yml"))).as_ref().map_err(Clone::clone)
}

fn read(text: &str) -> Result<Table, String> {
    let mut table: Table = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    for store in &mut table.stores {
        for name in &store.groups {
            let group = table.groups.get(name).ok_or_else(|| format!("no group `{name}`"))?;
            for (field, places) in group {
                store.fields.entry(field.clone()).or_insert_with(|| places.clone());
            }
        }
    }
    Ok(table)
}

impl Table {
    /// The store of a log source: the one that names most parts of it and no other part.
    pub(super) fn store(&self, source: &Value) -> Option<&Store> {
        let serves = |store: &&Store| {
            store.source.iter().all(|(part, own)| one_of(source, part) == Some(own.as_str()))
        };
        self.stores.iter().filter(serves).max_by_key(|store| store.source.len())
    }
}

impl Store {
    /// Whether it is of one product.
    pub(super) fn names_product(&self) -> bool {
        self.source.contains_key("product")
    }

    /// Where a field stands in the table; others come behind all.
    pub(super) fn rank(&self, name: &str) -> usize {
        self.fields.get_index_of(name).unwrap_or(usize::MAX)
    }

    /// Whether a value is as good as none.
    pub(super) fn leaves_out(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.left_out.iter().any(|left| left == text))
    }

    /// Whether an object is stored as one value.
    pub(super) fn stores_whole(&self, name: &str) -> bool {
        let whole = |places: &Places| places.0.iter().any(|place| place.form == Form::MapAsText);
        self.fields.get(name).is_some_and(whole)
    }

    /// Where the pipeline puts a field.
    ///
    /// # Errors
    /// That is not told here.
    pub(super) fn places(&self, leaf: &Leaf) -> Result<Cow<'_, [Place]>, String> {
        let name = leaf.name.as_str();
        if let Some(places) = self.fields.get(name) {
            return Ok(Cow::Borrowed(&places.0));
        }
        let begun = self
            .prefixes
            .iter()
            .find_map(|(begin, places)| Some((begin, places, name.strip_prefix(begin.as_str())?)));
        if let Some((begin, places, rest)) = begun {
            let depth = begin.matches('.').count();
            let moved = places.0.iter().map(|place| {
                let rest = match place.form {
                    Form::Targets => numbered(rest, depth, leaf),
                    _ if self.snake => snake(rest),
                    _ => rest.to_owned(),
                };
                Place::new(format!("{}{rest}", place.to), Form::Kept)
            });
            return Ok(moved.collect());
        }
        let is_below = |path: &String| {
            name.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if self.untold.iter().any(is_below) {
            return Err(format!("what becomes of `{name}` is not told here"));
        }
        match &self.below {
            Some(prefix) => {
                let name = if self.snake { snake(name) } else { name.to_owned() };
                let form = if self.texts { Form::Text } else { Form::Kept };
                Ok(Cow::Owned(vec![Place::new(format!("{prefix}{name}"), form)]))
            }
            None if self.drops_others => Ok(Cow::Borrowed(&[])),
            None => Err(format!("what becomes of `{name}` is not told here")),
        }
    }
}

/// What stands below a list of objects, in which lists are objects whose members are numbered.
fn numbered(rest: &str, depth: usize, leaf: &Leaf) -> String {
    let place = |depth: usize| leaf.at.iter().find(|(at, _)| *at == depth).map_or(0, |(_, place)| *place);
    let rest = snake(rest);
    match rest.strip_prefix("modified_properties.") {
        Some(inner) => format!("{}.modified_properties.{}.{inner}", place(depth), place(depth + 1)),
        None => format!("{}.{rest}", place(depth)),
    }
}

/// `riskEventType` as `risk_event_type`; capitals in a row are one word.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && match before {
                Some(before) if before.is_uppercase() => after.is_some_and(|after| after.is_lowercase()),
                Some(before) => before.is_alphanumeric(),
                None => false,
            };
        if begins {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}
