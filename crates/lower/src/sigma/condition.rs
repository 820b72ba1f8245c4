//! Searches and the conditions over them.

use eqlc_ir::{Anywhere, Case, Category, EventQuery, LogSource, Op, Pred, Taxonomy};
use eqlc_sigma::{Condition, Detection, FieldTest, Item, Meta, NamedSearch, Quantifier, Rule, Search};

use super::Lowering;

impl Lowering<'_> {
    /// The query of a rule. Fields are read in its taxonomy from here on.
    pub(super) fn query(&mut self, rule: &Rule) -> Option<EventQuery> {
        self.taxonomy = taxonomy(&rule.meta);
        let part =
            |part: &Option<eqlc_diagnostics::Node<String>>| part.as_ref().map(|name| name.value.clone());
        let category = Category::LogSource(LogSource {
            product: part(&rule.logsource.product),
            category: part(&rule.logsource.category),
            service: part(&rule.logsource.service),
        });
        let filter = self.detection(&rule.detection)?;
        let filter = self.filtered(rule, filter)?;
        Some(EventQuery { category, filter })
    }

    /// A rule matches if any of its conditions does.
    pub(super) fn detection(&mut self, detection: &Detection) -> Option<Pred> {
        // Every search is lowered once, so that one in two conditions is reported once.
        let searches: Vec<(&NamedSearch, Option<Pred>)> =
            detection.searches.iter().map(|named| (named, self.search(&named.search))).collect();
        let searches: Vec<(&str, Pred)> = searches
            .into_iter()
            .map(|(named, pred)| pred.map(|pred| (named.name.value.as_str(), pred)))
            .collect::<Option<_>>()?;
        let conditions: Vec<Pred> = detection
            .conditions
            .iter()
            .map(|each| condition(&each.value, &searches))
            .collect::<Option<_>>()?;
        match <[_; 1]>::try_from(conditions) {
            Ok([only]) => Some(only),
            Err(several) if several.is_empty() => None,
            Err(several) => Some(Pred::Any(several)),
        }
    }

    fn search(&mut self, search: &Search) -> Option<Pred> {
        match search {
            Search::Map(tests) => self.map(tests),
            Search::List(items) => {
                let items: Vec<Option<Pred>> = items.iter().map(|item| self.item(item)).collect();
                items.into_iter().collect::<Option<_>>().map(joined)
            }
        }
    }

    fn item(&mut self, item: &Item) -> Option<Pred> {
        match item {
            Item::Map(tests) => self.map(tests),
            Item::Keyword(value) => self.keyword(value),
        }
    }

    fn map(&mut self, tests: &[FieldTest]) -> Option<Pred> {
        let tests: Vec<Option<Pred>> = tests.iter().map(|test| self.field_test(test)).collect();
        tests.into_iter().collect::<Option<_>>().map(Pred::All)
    }
}

/// Alternatives; keywords of a list are one search for any of them.
fn joined(items: Vec<Pred>) -> Pred {
    let mut list: Vec<Pred> = Vec::with_capacity(items.len());
    for item in items {
        match (list.last_mut(), item) {
            (
                Some(Pred::Anywhere(Anywhere { op: Op::Text(before, Case::Insensitive), .. })),
                Pred::Anywhere(Anywhere { op: Op::Text(more, Case::Insensitive), .. }),
            ) => before.extend(more),
            (_, item) => list.push(item),
        }
    }
    match <[_; 1]>::try_from(list) {
        Ok([only]) => only,
        Err(list) => Pred::Any(list),
    }
}

/// The taxonomy that a document names.
pub(super) fn taxonomy(meta: &Meta) -> Taxonomy {
    match meta.taxonomy.as_ref().map(|name| name.value.as_str()) {
        None | Some("sigma") => Taxonomy::Sigma,
        Some("ecs") => Taxonomy::Ecs,
        Some(other) => Taxonomy::Target(other.to_owned()),
    }
}

/// None where a name means no search, which the parser has reported.
fn condition(condition: &Condition, searches: &[(&str, Pred)]) -> Option<Pred> {
    let all = |list: &[Condition]| {
        list.iter().map(|each| self::condition(each, searches)).collect::<Option<Vec<_>>>()
    };
    match condition {
        Condition::Or(list) => all(list).map(Pred::Any),
        Condition::And(list) => all(list).map(Pred::All),
        Condition::Not(inner) => self::condition(inner, searches).map(Pred::not),
        Condition::Ident(name) => {
            searches.iter().find(|(known, _)| *known == name.value).map(|(_, pred)| pred.clone())
        }
        Condition::Quantified { quantifier, target } => {
            let selected: Vec<Pred> = searches
                .iter()
                .filter(|(name, _)| target.value.selects(name))
                .map(|(_, pred)| pred.clone())
                .collect();
            if selected.is_empty() {
                return None;
            }
            Some(match quantifier.value {
                Quantifier::One => Pred::Any(selected),
                Quantifier::All => Pred::All(selected),
                Quantifier::AtLeast(count) => {
                    Pred::AtLeast(usize::try_from(count).unwrap_or(usize::MAX), selected)
                }
            })
        }
    }
}
