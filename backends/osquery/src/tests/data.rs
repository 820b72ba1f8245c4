//! The data files compiled in agree with each other and with the schema.

use std::collections::BTreeSet;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::{Source, Transform};
use eqlc_ir::LogSource;
use sqlparser::ast::{Expr, Ident};

use super::backend;
use crate::profiles::Choice;
use crate::schema;

#[test]
fn the_schema_has_the_tables_of_each_system() {
    assert_eq!(schema::all().len(), 284);
    assert_eq!(schema::tables("windows").count(), 115);
    assert_eq!(schema::tables("linux").count(), 156);
    assert_eq!(schema::tables("darwin").count(), 187);
    let windows_events = schema::table("windows_events").unwrap();
    assert!(windows_events.evented && windows_events.columns["eid"].hidden);
    let path = &schema::table("authenticode").unwrap().columns["path"];
    assert!(path.required && path.optimized);
    assert!(schema::table("hosts").unwrap().columns.contains_key("hostnames"));
    assert_eq!(
        schema::table("process_events").unwrap().column("environment").unwrap().aliases,
        ["environment"]
    );
}

/// The log source of the target that serves a source of a map.
fn delivered(source: &Source) -> &LogSource {
    source.delivered_by.as_ref().unwrap_or(&source.log_source)
}

fn maps(choice: &Choice) -> [&EventMap; 2] {
    [choice.ecs().unwrap(), choice.sigma().unwrap()]
}

#[test]
fn every_source_of_a_map_has_a_table_and_no_table_is_declared_twice() {
    for (id, choice) in backend().profiles.iter() {
        for source in maps(choice).into_iter().flat_map(|map| &map.sources) {
            assert!(choice.profile.table(delivered(source)).is_some(), "{}: {}", id, delivered(source));
        }
        let mut seen: Vec<&LogSource> = Vec::new();
        for table in choice.profile.tables() {
            assert!(!seen.contains(&&table.log_source), "{}: {}", id, table.log_source);
            seen.push(&table.log_source);
        }
    }
}

/// A table or a column that nothing leads to is a mistake in the data.
#[test]
fn every_table_and_every_column_is_mapped() {
    let (mut tables, mut columns) = (BTreeSet::new(), BTreeSet::new());
    let (mut used_tables, mut used_columns) = (BTreeSet::new(), BTreeSet::new());
    for (_, choice) in backend().profiles.iter() {
        for table in choice.profile.tables() {
            tables.insert(table.log_source.to_string());
            columns.extend(table.columns().map(|column| column.name.clone()));
            used_columns.extend(table.select.iter().map(|column| column.name.clone()));
        }
        for map in maps(choice) {
            used_tables.extend(map.sources.iter().map(|source| delivered(source).to_string()));
            let shared = map.groups.values().flatten();
            let own = map.sources.iter().flat_map(|source| &source.fields);
            for (_, entry) in shared.chain(own) {
                used_columns.extend(entry.field.clone());
                used_columns.extend(entry.joined_as.iter().filter_map(|other| other.field.clone()));
                if let Transform::Hashes(fields) = &entry.transform {
                    used_columns.extend(fields.values().cloned());
                }
            }
            let anywhere = map.sources.iter().filter_map(|source| source.anywhere.as_ref());
            used_columns.extend(anywhere.filter_map(|entry| entry.field.clone()));
        }
    }
    let unused =
        |all: &BTreeSet<String>, used: &BTreeSet<String>| all.difference(used).cloned().collect::<Vec<_>>();
    assert_eq!(unused(&tables, &used_tables), Vec::<String>::new());
    // Columns for users to see, not to test.
    assert_eq!(unused(&columns, &used_columns), ["Task"]);
}

/// Every query prepares on the real tables, so that each column of each table exists.
#[test]
fn every_column_of_every_source_prepares() {
    let engine = super::engine::engine(0);
    for (id, choice) in backend().profiles.iter() {
        for map in maps(choice) {
            for source in &map.sources {
                let table = choice.profile.table(delivered(source)).unwrap();
                let fields = map.fields_of(source).filter_map(|path| map.entry(source, path)?.field.clone());
                let anywhere = source.anywhere.iter().filter_map(|entry| entry.field.clone());
                let mut columns =
                    vec![table.arrived.to_string(), table.time.to_string(), table.order.to_string()];
                for field in fields.chain(anywhere) {
                    let column = table.column(&field);
                    let column = column.unwrap_or_else(|| panic!("{}: no column {field}", id));
                    columns.push(match &column.each {
                        Some(each) => {
                            let value = format!("SELECT {}", column.expr);
                            format!("({})", each.to_string().replacen("SELECT 1", &value, 1))
                        }
                        None => column.expr.to_string(),
                    });
                }
                let filters: Vec<String> = table.filter.iter().map(ToString::to_string).collect();
                let filter = if filters.is_empty() { "TRUE".to_owned() } else { filters.join(" AND ") };
                let sql = format!("SELECT {} FROM {} AS e WHERE {filter}", columns.join(", "), table.table);
                engine.prepare(&sql).unwrap_or_else(|error| panic!("{}: {error}: {sql}", id));
            }
        }
    }
}

/// The tables of a source are there on its platform.
#[test]
fn every_table_is_one_of_its_platform() {
    for (_, choice) in backend().profiles.iter() {
        for table in choice.profile.tables() {
            let about = schema::table(&table.table).unwrap();
            assert!(about.evented, "{}", table.table);
            assert!(about.platforms.iter().any(|name| **name == *table.platform), "{}", table.table);
        }
    }
}

/// A table that is computed for what a query names fails without a condition on one of its required columns.
#[test]
fn every_lookup_has_the_conditions_that_its_table_needs() {
    let mut looked_up = BTreeSet::new();
    for (id, choice) in backend().profiles.iter() {
        for table in choice.profile.tables() {
            for column in table.columns() {
                let each = column.each.iter().map(|each| each.to_string());
                let text = each.chain([column.expr.to_string()]).collect::<String>();
                for name in crate::layout::tables(&text) {
                    let Some(about) = schema::table(&name) else { continue };
                    let required: Vec<&String> = about
                        .columns
                        .iter()
                        .filter(|(_, about)| about.required)
                        .map(|(name, _)| name)
                        .collect();
                    let met = |name: &&String| text.contains(&format!(".{name} = "));
                    assert!(required.is_empty() || required.iter().any(met), "{id}: {}: {text}", column.name);
                    looked_up.extend((!required.is_empty()).then_some(name));
                }
            }
        }
    }
    assert!(
        ["authenticode", "file", "hash", "signature"].iter().all(|name| looked_up.contains(*name)),
        "{looked_up:?}"
    );
}

/// `=` would ignore letter case on a `COLLATE NOCASE` column that an expression names without saying otherwise.
#[test]
fn no_column_compares_without_regard_to_case() {
    for (id, choice) in backend().profiles.iter() {
        for table in choice.profile.tables() {
            for column in table.columns() {
                let text = column.expr.to_string();
                let about = schema::table(&table.table).unwrap();
                let nocase = about
                    .columns
                    .iter()
                    .any(|(name, about)| about.collate.is_some() && text.contains(&format!("e.{name}")));
                let looked_up =
                    ["md5", "sha1", "sha256", "uuid"].iter().any(|name| text.contains(&format!(".{name} ")));
                let binary = matches!(&column.expr, Expr::Collate { collation, .. }
                    if collation.to_string() == Ident::new("BINARY").to_string());
                assert!(!(nocase || looked_up) || binary, "{}: {}: {text}", id, column.name);
            }
        }
    }
}

#[test]
fn times_of_sysmon_are_exact_to_the_millisecond() {
    let engine = super::engine::engine(0);
    let mut random = super::sequences::Random(7);
    for eid in 0..2_000 {
        let time_ms = super::engine::START_S * 1000 + i64::try_from(random.below(20 * 86_400_000)).unwrap();
        super::engine::add_sysmon(&engine, eid, 1, time_ms, &[]);
        let backend = backend();
        let table = &backend.profiles.get("sysmon").unwrap().profile.tables().next().unwrap();
        let sql = format!("SELECT {} FROM windows_events AS e WHERE {} = {eid}", table.time, table.order);
        assert_eq!(engine.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), time_ms);
    }
}
