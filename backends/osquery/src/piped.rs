//! Log sources whose fields pipelines have named.
//!
//! A name means what Sigma's map says of it in the log source, else it is a column of osquery's own table, else what
//! the map of ECS says of the same rows, else the datum of the event that has the name.

use eqlc_backend::EventMap;
use eqlc_backend::mapping::{FieldEntry, Source, Transform};
use eqlc_ir::{FieldType, LogSource};

use crate::profile::{Profile, Table};
use crate::schema::{self, ColumnType};

/// The map, from those of Sigma's log sources and of ECS.
pub(crate) fn map(sigma: &EventMap, ecs: &EventMap, profile: &Profile) -> EventMap {
    let mut map = sigma.clone();
    for source in &mut map.sources {
        let table = profile.table(delivering(source)).and_then(|table| schema::table(&table.table));
        for (name, column) in table.into_iter().flat_map(|table| &table.columns) {
            if !column.hidden
                && sigma.source(&source.log_source).is_some_and(|it| sigma.entry(it, name).is_none())
            {
                source.fields.insert(name.clone(), same(name, column.ty));
            }
        }
    }
    let mut beside = ecs.clone();
    for delivering in sigma.sources.iter().map(delivering) {
        if beside.source(delivering).is_none() {
            let rows = of_same_rows(ecs, delivering, profile);
            beside.sources.extend(rows.into_iter().filter_map(|own| renamed(own, ecs, delivering)));
        }
    }
    map.ecs = Some(Box::new(beside));
    map
}

/// The log source that has the table.
fn delivering(source: &Source) -> &LogSource {
    source.delivered_by.as_ref().unwrap_or(&source.log_source)
}

fn same(name: &str, ty: ColumnType) -> FieldEntry {
    FieldEntry {
        field: Some(name.to_owned()),
        ty: if ty == ColumnType::Text { FieldType::Keyword } else { FieldType::Integer },
        transform: Transform::Same,
        loss: None,
        key_only: false,
        shared: false,
        also: Vec::new(),
        joined_as: None,
    }
}

/// The sources of ECS that have the rows of a log source: those of the same category and of one service, and those of
/// every category.
fn of_same_rows<'a>(ecs: &'a EventMap, wanted: &LogSource, profile: &Profile) -> Vec<&'a Source> {
    let Some(table) = profile.table(wanted) else { return Vec::new() };
    let of_table = |own: &&Source| {
        let found = profile.table(&own.log_source);
        found.is_some_and(|found| found.table == table.table) && own.log_source.product == wanted.product
    };
    let all = || ecs.sources.iter().filter(of_table);
    let alike = |own: &&Source| wanted.category.is_some() && own.log_source.category == wanted.category;
    let service = all().find(alike).map(|first| &first.log_source.service);
    let of_category = all().filter(alike).filter(|own| Some(&own.log_source.service) == service);
    of_category.chain(all().filter(|own| own.log_source.category.is_none())).collect()
}

/// A source of ECS for the table of another log source, with the columns of its own.
fn renamed(own: &Source, ecs: &EventMap, wanted: &LogSource) -> Option<Source> {
    let service = own.log_source.service.as_deref()?;
    let entry = |path: &str| {
        let mut entry = ecs.entry(own, path)?.clone();
        entry.field = entry.field.map(|column| Table::name_in(service, &column));
        Some((path.to_owned(), entry))
    };
    let fields = ecs.fields_of(own).filter_map(entry).collect();
    Some(Source { log_source: wanted.clone(), groups: Vec::new(), fields, ..own.clone() })
}
