//! SigmaHQ's log sources, the fields of their events, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use eqlc_sigma::LogSource;

/// What is known of log sources.
pub(crate) struct Taxonomy {
    /// In the order of the parts, as are the prefixes.
    events: Vec<(Parts, Events)>,
    prefixes: Vec<(Parts, &'static str)>,
    /// The products that have a product, category or service of a name; `-` for one that is of no product.
    products: [BTreeMap<&'static str, BTreeSet<&'static str>>; 3],
    /// The category of an event of a Windows service.
    categories: BTreeMap<(&'static str, i128), &'static str>,
}

/// Product, category and service; `-` for one that is not named.
type Parts = [&'static str; 3];

/// The events of a log source.
#[derive(Default)]
pub(crate) struct Events {
    /// Their fields; empty where any may occur.
    pub(crate) fields: BTreeSet<&'static str>,
}

const LOG_SOURCES: &str = include_str!("../data/log_sources.tsv");
const PREFIXES: &str = include_str!("../data/file_prefixes.tsv");
const EVENT_IDS: &str = include_str!("../data/event_ids.tsv");

/// The lines of a table, without its comments.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

impl Taxonomy {
    pub(crate) fn get() -> &'static Self {
        static TAXONOMY: OnceLock<Taxonomy> = OnceLock::new();
        TAXONOMY.get_or_init(Self::read)
    }

    fn read() -> Self {
        let events = rows(LOG_SOURCES).filter_map(|row| match row.as_slice() {
            [product, category, service, fields] => {
                let fields = fields.split(' ').filter(|field| !field.is_empty()).collect();
                Some(([*product, *category, *service], Events { fields }))
            }
            _ => None,
        });
        let prefixes = rows(PREFIXES).filter_map(|row| match row.as_slice() {
            [product, category, service, prefix] => Some(([*product, *category, *service], *prefix)),
            _ => None,
        });
        let categories = rows(EVENT_IDS).filter_map(|row| match row.as_slice() {
            [service, number, category] => Some(((*service, number.parse().ok()?), *category)),
            _ => None,
        });
        let (mut events, mut prefixes): (Vec<_>, Vec<_>) = (events.collect(), prefixes.collect());
        events.sort_by_key(|(parts, _)| *parts);
        prefixes.sort_by_key(|(parts, _)| *parts);
        let mut products: [BTreeMap<&str, BTreeSet<&str>>; 3] = Default::default();
        for (parts, _) in &events {
            for (part, names) in parts.iter().zip(&mut products).filter(|(part, _)| **part != "-") {
                names.entry(*part).or_default().insert(parts.first().copied().unwrap_or("-"));
            }
        }
        Self { events, prefixes, products, categories: categories.collect() }
    }

    /// The events of a log source; none for one that is not known.
    pub(crate) fn events(&'static self, source: &LogSource) -> Option<&'static Events> {
        find(&self.events, parts(source))
    }

    /// What the names of files for a log source begin with.
    pub(crate) fn prefix(&self, source: &LogSource) -> Option<&'static str> {
        let [product, ..] = parts(source);
        find(&self.prefixes, parts(source)).or_else(|| find(&self.prefixes, [product, "-", "-"])).copied()
    }

    /// The category of an event of a Windows service.
    pub(crate) fn category(&self, service: &str, number: i128) -> Option<&'static str> {
        let found = self.categories.iter().find(|((known, id), _)| *known == service && *id == number);
        found.map(|(_, category)| *category)
    }

    /// The numbers of the events that a category stands for.
    pub(crate) fn numbers<'c>(&'c self, category: &'c str) -> impl Iterator<Item = i128> + 'c {
        self.categories.iter().filter(move |(_, known)| **known == category).map(|((_, id), _)| *id)
    }

    /// The words for a part (0 the product, 1 the category, 2 the service) of all log sources.
    pub(crate) fn words(&self, part: usize) -> impl Iterator<Item = &'static str> {
        self.products.get(part).into_iter().flat_map(|names| names.keys().copied())
    }

    /// The products that have a category or service; `-` for one that is of no product. None for one that is not known.
    pub(crate) fn products_with(&self, part: usize, word: &str) -> Option<&BTreeSet<&'static str>> {
        self.products.get(part)?.get(word)
    }
}

fn find<'t, T>(table: &'t [(Parts, T)], wanted: [&str; 3]) -> Option<&'t T> {
    let at = table.binary_search_by(|(parts, _)| parts.as_slice().cmp(wanted.as_slice())).ok()?;
    table.get(at).map(|(_, found)| found)
}

fn parts(source: &LogSource) -> [&str; 3] {
    [&source.product, &source.category, &source.service]
        .map(|part| part.as_ref().map_or("-", |part| part.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let taxonomy = Taxonomy::get();
        let count = |table: &'static str| rows(table).count();
        assert_eq!(taxonomy.events.len(), count(LOG_SOURCES));
        assert_eq!(taxonomy.prefixes.len(), count(PREFIXES));
        assert_eq!(taxonomy.categories.len(), count(EVENT_IDS));
        let unknown: Vec<_> = taxonomy
            .prefixes
            .iter()
            .map(|(parts, _)| parts)
            .filter(|[product, category, service]| {
                let any =
                    *category == "-" && *service == "-" && taxonomy.words(0).any(|known| known == *product);
                !any && find(&taxonomy.events, [*product, *category, *service]).is_none()
            })
            .collect();
        assert_eq!(unknown, Vec::<&Parts>::new());
        let categories: BTreeSet<&str> = taxonomy.categories.values().copied().collect();
        let known: BTreeSet<&str> = taxonomy.words(1).collect();
        assert_eq!(categories.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}
