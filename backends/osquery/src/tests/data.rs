//! The data files compiled in agree with each other and with the schema.

use eqlc_ir::LogSource;
use sqlparser::ast::{Expr, Ident};

use super::backend;
use crate::schema;

#[test]
fn the_schema_has_the_tables_of_each_system() {
    assert_eq!(schema::all().len(), 284);
    assert_eq!(schema::tables("windows").count(), 115);
    assert_eq!(schema::tables("linux").count(), 156);
    assert_eq!(schema::tables("darwin").count(), 187);
    let windows_events = schema::table("windows_events").unwrap();
    assert!(windows_events.evented && windows_events.columns["eid"].hidden);
    assert!(schema::table("authenticode").unwrap().columns["path"].required);
}

#[test]
fn every_source_of_a_map_is_a_table_of_the_profile_and_back() {
    for (id, map, profile) in &backend().profiles {
        let mapped: Vec<&LogSource> = map.sources.iter().map(|source| &source.log_source).collect();
        let tables: Vec<&LogSource> = profile.tables().iter().map(|table| &table.log_source).collect();
        for source in &mapped {
            assert!(profile.table(source).is_some(), "{id}: no table for {source}");
        }
        assert!(tables.iter().all(|source| mapped.contains(source)), "{id}");
    }
}

#[test]
fn every_mapped_field_is_a_column_and_every_column_is_mapped() {
    for (id, map, profile) in &backend().profiles {
        let entries =
            map.groups.values().flatten().chain(map.sources.iter().flat_map(|source| &source.fields));
        let fields: Vec<&str> = entries.filter_map(|(_, entry)| entry.field.as_deref()).collect();
        for field in &fields {
            assert!(profile.column(field).is_some(), "{id}: no column {field}");
        }
        for column in profile.columns() {
            assert!(fields.contains(&column.name.as_str()), "{id}: {} is not mapped", column.name);
        }
    }
}

/// Every query prepares on the real tables, so that each column of each table exists.
#[test]
fn every_column_of_every_source_prepares() {
    let engine = super::engine::engine(0);
    for (id, map, profile) in &backend().profiles {
        for source in &map.sources {
            let table = profile.table(&source.log_source).unwrap();
            let fields = map.fields_of(source).filter_map(|path| map.entry(source, path)?.field.clone());
            let columns: Vec<String> =
                fields.map(|field| profile.column(&field).unwrap().expr.to_string()).collect();
            let filters: Vec<String> = table.filter.iter().map(ToString::to_string).collect();
            let filter = if filters.is_empty() { "TRUE".to_owned() } else { filters.join(" AND ") };
            let sql = format!(
                "SELECT {}, {}, {}, {} FROM {} AS e WHERE {filter}",
                columns.join(", "),
                table.arrived,
                table.time,
                table.order,
                table.table
            );
            engine.prepare(&sql).unwrap_or_else(|error| panic!("{id}: {error}: {sql}"));
        }
    }
}

/// `=` would ignore letter case on a `COLLATE NOCASE` column that an expression names without saying otherwise.
#[test]
fn no_column_compares_without_regard_to_case() {
    for (id, _, profile) in &backend().profiles {
        for column in profile.columns() {
            let text = column.expr.to_string();
            let nocase = profile.tables().iter().any(|table| {
                schema::table(&table.table)
                    .unwrap()
                    .columns
                    .iter()
                    .any(|(name, about)| about.collate.is_some() && text.contains(&format!("e.{name}")))
            });
            let looked_up =
                ["md5", "sha1", "sha256", "uuid"].iter().any(|name| text.contains(&format!(".{name} ")));
            let binary = matches!(&column.expr, Expr::Collate { collation, .. }
                if collation.to_string() == Ident::new("BINARY").to_string());
            assert!(!(nocase || looked_up) || binary, "{id}: {}: {text}", column.name);
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
        let table = &backend.profiles[0].2.tables()[0];
        let sql = format!("SELECT {} FROM windows_events AS e WHERE {} = {eid}", table.time, table.order);
        assert_eq!(engine.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), time_ms);
    }
}
