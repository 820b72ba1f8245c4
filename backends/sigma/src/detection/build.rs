//! Searches with names, and the general form of a condition.

use std::collections::BTreeSet;

use eqlc_diagnostics::{Diagnostics, Span};
use eqlc_ir::{Pred, Test};
use eqlc_sigma::{Condition, FieldTest, Item, NamedSearch, Search};

use super::maps::pack;
use super::test::{field_test, keywords};
use crate::refuse;

/// What a search is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It must hold.
    Selection,
    /// It must not hold, and a pattern of the condition means all of its kind.
    Filter,
    /// Part of something that must not hold.
    Exclusion,
}

impl Role {
    /// How the names of such searches begin.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Selection => "selection",
            Self::Filter => "filter_main",
            Self::Exclusion => "exclusion",
        }
    }

    /// The role under a negation. A pattern of the condition must not mean a search by accident.
    fn negated(self) -> Self {
        match self {
            Self::Selection => Self::Exclusion,
            Self::Filter | Self::Exclusion => Self::Selection,
        }
    }
}

/// The searches so far.
#[derive(Debug, Default)]
pub(super) struct Builder {
    searches: Vec<NamedSearch>,
    taken: BTreeSet<String>,
}

impl Builder {
    /// The searches, in the order they were added.
    pub(super) fn searches(self) -> Vec<NamedSearch> {
        self.searches
    }

    /// Searches for tests that all hold, and a condition for each search.
    pub(super) fn tests(
        &mut self,
        tests: &[&Test],
        role: Role,
        hint: &str,
    ) -> Result<Vec<Condition>, Diagnostics> {
        let tests = tests.iter().map(|test| field_test(test)).collect::<Result<Vec<_>, _>>()?;
        let mut conditions = Vec::new();
        for map in pack(tests) {
            // Tests of a field that the first map has too are named by it.
            let own = if conditions.is_empty() { hint.to_owned() } else { map_hint(&map) };
            conditions.push(self.add(Search::Map(map), role, &own));
        }
        Ok(conditions)
    }

    /// A search for one map, named by the first field of what it stands for.
    pub(super) fn add_map(&mut self, map: Vec<FieldTest>, role: Role, pred: &Pred) -> Condition {
        self.add(Search::Map(map), role, &hint(pred))
    }

    /// The single map that says the same: tests that all hold, without clash of their keys.
    pub(super) fn map(&self, pred: &Pred) -> Result<Option<Vec<FieldTest>>, Diagnostics> {
        let list = match pred {
            Pred::All(list) => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        let mut tests = Vec::with_capacity(list.len());
        for member in list {
            let Pred::Test(test) = member else { return Ok(None) };
            tests.push(field_test(test)?);
        }
        let mut maps = pack(tests);
        Ok(if maps.len() == 1 { maps.pop() } else { None })
    }

    /// Any condition; searches are named by their first field.
    pub(super) fn express(&mut self, pred: &Pred, role: Role) -> Result<Condition, Diagnostics> {
        self.express_as(pred, role, &hint(pred))
    }

    /// Any condition; `name` follows the role in the name of a search for all of it.
    pub(super) fn express_as(
        &mut self,
        pred: &Pred,
        role: Role,
        name: &str,
    ) -> Result<Condition, Diagnostics> {
        match pred {
            Pred::Test(test) => Ok(Condition::and(self.tests(&[test], role, name)?)),
            Pred::All(list) => {
                let (tests, others) = apart(list);
                let own = tests.first().map(|test| hint(&Pred::Test((*test).clone())));
                let own = own.filter(|_| !name.is_empty()).unwrap_or_default();
                let mut conditions = self.tests(&tests, role, &own)?;
                for other in others {
                    conditions.push(self.express(other, role)?);
                }
                Ok(Condition::and(conditions))
            }
            Pred::Any(list) => self.any(list, role, name),
            Pred::Not(inner) => Ok(self.express(inner, role.negated())?.negate()),
            Pred::Anywhere(wanted) => Ok(self.add(keywords(wanted)?, role, "keywords")),
            Pred::AtLeast(..) | Pred::Const(_) | Pred::Element(_) | Pred::Descendant(_) => {
                let what = "a condition other than `and`, `or` and `not` of tests has no standard form";
                Err(refuse::content(Span::default(), what))
            }
        }
    }

    /// Alternatives: those that are maps in one list of maps, the others by themselves.
    fn any(&mut self, list: &[Pred], role: Role, name: &str) -> Result<Condition, Diagnostics> {
        let mut items = Vec::new();
        let mut others = Vec::new();
        for member in list {
            match self.map(member)? {
                Some(map) => items.push((map, member)),
                None => others.push(member),
            }
        }
        let mut conditions = Vec::new();
        if items.len() == 1 {
            conditions.extend(items.pop().map(|(map, member)| self.add_map(map, role, member)));
        } else if !items.is_empty() {
            let items = items.into_iter().map(|(map, _)| Item::Map(map)).collect();
            conditions.push(self.add(Search::List(items), role, name));
        }
        for other in others {
            conditions.push(self.express(other, role)?);
        }
        Ok(Condition::or(conditions))
    }

    fn add(&mut self, search: Search, role: Role, hint: &str) -> Condition {
        let base =
            if hint.is_empty() { role.prefix().to_owned() } else { format!("{}_{hint}", role.prefix()) };
        let mut name = base.clone();
        let mut count = 1_usize;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        self.searches.push(NamedSearch::new(name.as_str(), search));
        Condition::ident(name)
    }
}

fn apart(list: &[Pred]) -> (Vec<&Test>, Vec<&Pred>) {
    let mut tests = Vec::new();
    let mut others = Vec::new();
    for member in list {
        match member {
            Pred::Test(test) => tests.push(test),
            other => others.push(other),
        }
    }
    (tests, others)
}

/// The longest part of a search's name that comes from a field.
const HINT_LENGTH: usize = 48;

/// The first field of a condition as part of a name.
fn hint(pred: &Pred) -> String {
    pred.fields().first().map_or_else(String::new, |field| word(&field.path))
}

/// The first field of a map as part of a name.
fn map_hint(map: &[FieldTest]) -> String {
    let field = map.first().and_then(|test| test.field.as_ref());
    field.map_or_else(String::new, |field| word(&field.value))
}

/// `ParentImage` is `parent_image`.
fn word(path: &str) -> String {
    let mut out = String::new();
    let mut lower_before = false;
    for c in path.chars().take(HINT_LENGTH) {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && lower_before {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        lower_before = c.is_ascii_lowercase();
    }
    out.trim_end_matches('_').to_owned()
}
