//! Which indices map which fields, as far as that is known.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const STREAMS: &str = include_str!("../data/streams.tsv");

/// What is known of a field and the indices behind a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// Some index behind the pattern maps it, or may.
    Perhaps,
    /// None does.
    Nowhere,
}

/// Who maps a field.
#[derive(Debug)]
enum Row {
    Only(Vec<&'static str>),
    AllBut(Vec<&'static str>),
}

struct Table {
    rows: BTreeMap<&'static str, Row>,
    /// Every index of the table.
    known: Vec<&'static str>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { rows: BTreeMap::new(), known: Vec::new() };
        for line in STREAMS.lines().filter(|line| !line.starts_with('#')) {
            let Some((field, indices)) = line.split_once('\t') else { continue };
            let names: Vec<&'static str> =
                indices.split(' ').map(|name| name.trim_start_matches('-')).collect();
            table.known.extend(&names);
            let row = if indices.starts_with('-') { Row::AllBut(names) } else { Row::Only(names) };
            if field != "-" {
                table.rows.insert(field, row);
            }
        }
        table.known.sort_unstable();
        table.known.dedup();
        table
    })
}

/// The row of the field or of the nearest object that it is in.
fn row(path: &str) -> Option<&'static Row> {
    let ends = std::iter::once(path.len()).chain(path.rmatch_indices('.').map(|(at, _)| at));
    ends.filter_map(|end| path.get(..end)).find_map(|object| table().rows.get(object))
}

/// Whether the indices behind a pattern (`logs-endpoint.events.*`, perhaps of another cluster) map a field. Where
/// little is known, of the field or of the indices, the answer is that they may.
#[must_use]
pub fn mapped(path: &str, pattern: &str) -> Mapped {
    let Some(row) = row(path) else { return Mapped::Perhaps };
    let pattern = pattern.rsplit_once(':').map_or(pattern, |(_, index)| index);
    let (start, open) = pattern.split_once('*').map_or((pattern, false), |(start, _)| (start, true));
    let within = |name: &&str| is_start(name, start);
    let lacks = match row {
        Row::AllBut(names) => names.iter().any(within),
        Row::Only(names) => {
            let meets = |name: &&str| within(name) || (open && name.starts_with(start));
            table().known.iter().any(within) && !names.iter().any(meets)
        }
    };
    if lacks { Mapped::Nowhere } else { Mapped::Perhaps }
}

/// The patterns of the indices that map a field; empty where that is not known.
#[must_use]
pub fn mapping_patterns(path: &str) -> Vec<String> {
    match row(path) {
        Some(Row::Only(names)) => names.iter().map(|name| pattern_of(name)).collect(),
        _ => Vec::new(),
    }
}

/// Integrations have data streams behind a point, other shippers dates behind a dash.
fn pattern_of(name: &str) -> String {
    let stream = name.contains('-');
    let dataset = name.contains('.');
    if stream && !dataset { format!("{name}.*") } else { format!("{name}-*") }
}

/// Whether the indices whose names start with `text` are among those called `name`: cut at a sign that separates.
fn is_start(name: &str, text: &str) -> bool {
    let Some(rest) = text.strip_prefix(name) else { return false };
    rest.chars().next().is_none_or(|c| matches!(c, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_names_a_field_and_indices() {
        let lines = STREAMS.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(table().rows.len() + 1, lines, "a row for every line but the last");
        for line in STREAMS.lines().filter(|line| !line.starts_with('#')) {
            let (field, indices) = line.split_once('\t').expect("two columns");
            let signs = indices.split(' ').filter(|name| name.starts_with('-')).count();
            assert!(signs == 0 || signs == indices.split(' ').count(), "{line}");
            assert!(indices.split(' ').all(|name| name.len() > 3), "{line}");
            let schema = crate::Schema::ecs();
            let known = field == "-" || schema.is_object(field) || schema.field(field).is_some();
            assert!(known, "{field} is neither a field nor an object");
        }
    }

    #[test]
    fn patterns_of_other_products_do_not_map_the_fields_of_one() {
        for (path, pattern, wanted) in [
            ("okta.actor.id", "logs-okta.system-*", Mapped::Perhaps),
            ("okta.actor.id", "logs-okta*", Mapped::Perhaps),
            ("okta.actor.id", "filebeat-*", Mapped::Perhaps),
            ("okta.actor.id", "logs-*", Mapped::Perhaps),
            ("okta.actor.id", "*", Mapped::Perhaps),
            ("okta.actor.id", "my-own-logs", Mapped::Perhaps),
            ("okta.actor.id", "logs-endpoint.events.process-*", Mapped::Nowhere),
            ("okta.actor.id", "far:logs-endpoint.events.process-*", Mapped::Nowhere),
            ("okta.actor.id", "winlogbeat-8.5.0", Mapped::Nowhere),
            ("okta.actor.id", "endgame-*", Mapped::Nowhere),
            ("winlog.event_data.Consumer", "logs-system.*", Mapped::Perhaps),
            ("winlog.event_data.Consumer", "logs-system.security*", Mapped::Perhaps),
            ("winlog.event_data.Consumer", "logs-system.auth-*", Mapped::Nowhere),
            ("winlog.event_data.Consumer", "logs-endpoint.events.api-*", Mapped::Nowhere),
            ("sentinel_one.x", "logs-sentinel_one_cloud_funnel.*", Mapped::Nowhere),
            ("dll.name", "logs-windows.sysmon_operational-*", Mapped::Nowhere),
            ("dll.name", "logs-windows.*", Mapped::Perhaps),
            ("process.name", "logs-okta.*", Mapped::Perhaps),
        ] {
            assert_eq!(mapped(path, pattern), wanted, "{path} in {pattern}");
        }
    }

    #[test]
    fn who_maps_a_field_is_named_by_patterns() {
        assert_eq!(mapping_patterns("okta.actor.id"), ["filebeat-*", "logs-okta.*"]);
        assert_eq!(
            mapping_patterns("winlog.channel").last().map(String::as_str),
            Some("logs-system.application-*")
        );
        assert!(mapping_patterns("process.name").is_empty());
        assert!(mapping_patterns("dll.name").is_empty());
    }
}
