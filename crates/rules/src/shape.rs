//! The fields of rules that Kibana's import takes, as data, and what a value lacks of one.

use std::sync::OnceLock;

use eqlc_ir::meta::duration_ms;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A field of a rule or of a table inside it: see `data/kibana.yml` for the meaning of each key.
#[derive(Debug, Deserialize)]
pub(crate) struct Field {
    /// Its name in JSON.
    pub(crate) key: String,
    /// Whether the import refuses a rule without it.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether the import wants it to be null where it has no value. Documents have no nulls.
    #[serde(default)]
    nullable: bool,
    /// The field that it does not stand without.
    #[serde(default)]
    pub(crate) with: Option<String>,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Debug, Deserialize)]
struct Shape {
    is: Kind,
    #[serde(default)]
    min: u64,
    max: Option<u64>,
    #[serde(default)]
    one_of: Vec<String>,
    of: Option<Box<Shape>>,
    #[serde(default)]
    keys: Vec<Field>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    Whole,
    Flag,
    List,
    Table,
    Uuid,
    Instant,
    Duration,
    Math,
    Any,
}

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the value of a key.
    Key(String),
    /// To an element of a list.
    At(usize),
}

/// What a value has that the import refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// The way from the value to the part that does not fit.
    pub(crate) steps: Vec<Step>,
    /// What should stand there.
    pub(crate) expected: String,
}

impl Misfit {
    fn here(expected: impl Into<String>) -> Option<Self> {
        Some(Self { steps: Vec::new(), expected: expected.into() })
    }

    fn below(mut self, step: Step) -> Self {
        self.steps.insert(0, step);
        self
    }
}

/// The fields of a rule, in the order they are written.
pub(crate) fn fields() -> &'static [Field] {
    #[derive(Deserialize)]
    struct Table {
        fields: Vec<Field>,
    }
    static FIELDS: OnceLock<Vec<Field>> = OnceLock::new();
    FIELDS.get_or_init(|| {
        // A test reads the table, so that it cannot be broken here.
        serde_yaml::from_str::<Table>(include_str!("../data/kibana.yml"))
            .map(|table| table.fields)
            .unwrap_or_default()
    })
}

/// A field of a rule by its key.
pub(crate) fn field(key: &str) -> Option<&'static Field> {
    fields().iter().find(|field| field.key == key)
}

impl Field {
    /// The first part of a value that does not fit; none where the import takes it. The recursion goes no
    /// deeper than the table of fields.
    pub(crate) fn misfit(&self, value: &Json) -> Option<Misfit> {
        self.shape.misfit(value)
    }

    /// Puts in the nulls that the import wants.
    pub(crate) fn fill(&self, value: &mut Json) {
        self.shape.fill(value);
    }
}

impl Shape {
    fn misfit(&self, value: &Json) -> Option<Misfit> {
        match (self.is, value) {
            (Kind::Any, _) => None,
            (Kind::Flag, Json::Bool(_)) => None,
            (Kind::Flag, _) => Misfit::here("`true` or `false`"),
            (Kind::Whole, Json::Number(number)) => self.number(number.as_u64()),
            (Kind::Whole, _) => self.number(None),
            (Kind::List, Json::Array(list)) => self.list(list),
            (Kind::List, _) => Misfit::here("an array"),
            (Kind::Table, Json::Object(table)) => self.table(table),
            (Kind::Table, _) => Misfit::here("a table"),
            (_, Json::String(text)) => self.text(text),
            _ => Misfit::here("text"),
        }
    }

    fn number(&self, number: Option<u64>) -> Option<Misfit> {
        let max = self.max.unwrap_or(u64::MAX);
        if number.is_some_and(|number| (self.min..=max).contains(&number)) {
            return None;
        }
        Misfit::here(match self.max {
            Some(max) => format!("a whole number from {} to {max}", self.min),
            None => format!("a whole number from {}", self.min),
        })
    }

    fn text(&self, text: &str) -> Option<Misfit> {
        let known = self.one_of.is_empty() || self.one_of.iter().any(|known| known == text);
        let (fits, expected) = match self.is {
            Kind::Uuid => (Uuid::try_parse(text).is_ok(), "a UUID".to_owned()),
            Kind::Instant => {
                (is_instant(text), "a date and time such as `2024-05-31T12:00:00.000Z`".to_owned())
            }
            Kind::Duration => (duration_ms(text).is_some(), "a duration such as `5m`".to_owned()),
            Kind::Math => (is_date_math(text), "date math such as `now-6m`".to_owned()),
            _ if text.is_empty() && self.min > 0 => (false, "text that is not empty".to_owned()),
            _ => (known, one_of(&self.one_of)),
        };
        if fits { None } else { Misfit::here(expected) }
    }

    fn list(&self, list: &[Json]) -> Option<Misfit> {
        let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
        match self.max {
            _ if count < self.min => return Misfit::here("an array that is not empty"),
            Some(max) if count > max => return Misfit::here(format!("an array of at most {max}")),
            _ => {}
        }
        let of = self.of.as_deref()?;
        list.iter().enumerate().find_map(|(at, value)| Some(of.misfit(value)?.below(Step::At(at))))
    }

    fn fill(&self, value: &mut Json) {
        match (value, &self.of) {
            (Json::Array(list), Some(of)) => list.iter_mut().for_each(|value| of.fill(value)),
            (Json::Object(table), _) => {
                for field in &self.keys {
                    match table.get_mut(&field.key) {
                        Some(value) => field.fill(value),
                        None if field.nullable => {
                            table.insert(field.key.clone(), Json::Null);
                        }
                        None => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn table(&self, table: &Map<String, Json>) -> Option<Misfit> {
        self.keys.iter().find_map(|field| match table.get(&field.key) {
            Some(Json::Null) | None if !field.required || field.nullable => None,
            Some(value) => Some(field.misfit(value)?.below(Step::Key(field.key.clone()))),
            None => Misfit::here(format!("a table with the key `{}`", field.key)),
        })
    }
}

fn one_of(texts: &[String]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" or ")
}

fn is_instant(text: &str) -> bool {
    text.parse::<toml_edit::Datetime>().is_ok_and(|read| read.date.is_some() && read.time.is_some())
}

/// Whether a text is date math: `now` or a date before `||`, then steps such as `-6m` and a rounding such as `/d`.
fn is_date_math(text: &str) -> bool {
    let (anchor, steps) = match text.split_once("||") {
        Some((date, steps)) => (is_date(date), steps),
        None => match text.strip_prefix("now") {
            Some(steps) => (true, steps),
            None => (is_date(text), ""),
        },
    };
    let (steps, rounding) = steps.split_once('/').map_or((steps, None), |(steps, unit)| (steps, Some(unit)));
    let is_unit = |unit: &str| matches!(unit, "ms" | "s" | "m" | "h" | "H" | "d" | "w" | "M" | "y");
    let is_step = |step: &str| is_unit(step.trim_start_matches(|c: char| c.is_ascii_digit()));
    let signed = steps.is_empty() || steps.starts_with(['+', '-']);
    anchor && signed && rounding.is_none_or(is_unit) && steps.split(['+', '-']).skip(1).all(is_step)
}

fn is_date(text: &str) -> bool {
    text.parse::<toml_edit::Datetime>().is_ok_and(|read| read.date.is_some())
}
