//! The map of Sigma's log sources, held to the schema and to Sigma's taxonomy.

use std::collections::BTreeSet;

use eqlc_backend::EventMap;
use eqlc_backend::mapping::{FieldEntry, Transform};
use eqlc_ir::{FieldType, LogSource};
use eqlc_schema::Schema;

fn map() -> EventMap {
    EventMap::parse(include_str!("../maps/sigma.yml")).unwrap()
}

fn paths_of(entry: &FieldEntry, found: &mut BTreeSet<String>) {
    found.extend(entry.field.clone());
    match &entry.transform {
        Transform::Account(path) | Transform::Details(path) => {
            found.insert(path.clone());
        }
        Transform::Hashes(fields) => found.extend(fields.values().cloned()),
        _ => {}
    }
    entry.also.iter().for_each(|entry| paths_of(entry, found));
}

/// Every field that the map names, marks of events too.
fn paths(map: &EventMap) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let shared = map.groups.values().flat_map(|group| group.values());
    let own = map.sources.iter().flat_map(|source| source.fields.values());
    shared.chain(own).for_each(|entry| paths_of(entry, &mut found));
    for source in &map.sources {
        found.extend(source.constants.keys().cloned());
        found.extend(source.except.keys().cloned());
        found.extend(source.events.iter().flat_map(|event| event.keys().cloned()));
    }
    found
}

#[test]
fn every_field_is_known_and_has_exact_values() {
    let map = map();
    let info = |path: &String| Schema::ecs().field(path).map(|info| info.ty);
    let unknown: Vec<String> = paths(&map).into_iter().filter(|path| info(path).is_none()).collect();
    insta::assert_snapshot!(unknown.join("\n"));
    let untestable = |path: &String| matches!(info(path), Some(FieldType::Text | FieldType::Object));
    let untestable: Vec<String> = paths(&map).into_iter().filter(untestable).collect();
    // EQL cannot test it; a rule that asks for it is refused.
    assert_eq!(untestable, ["message"]);
}

#[test]
fn no_log_source_has_two_entries() {
    let mut seen: Vec<LogSource> = Vec::new();
    for source in map().sources {
        assert!(!seen.contains(&source.log_source), "{}", source.log_source);
        seen.push(source.log_source);
    }
}

/// Fields of the channels of Windows keep their names; of the others each that Sigma's taxonomy has is in the map.
#[test]
fn the_fields_of_the_taxonomy_have_entries() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/sigma_taxonomy.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: ../shared/data/sigma_taxonomy.json is not there");
        return;
    };
    let map = map();
    let taxonomy: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut missing = Vec::new();
    for (name, listed) in log_sources(&taxonomy) {
        let parts =
            |source: &LogSource| [source.product.clone(), source.category.clone(), source.service.clone()];
        let wanted = parts(&name);
        let serves = |own: &LogSource| {
            parts(own).iter().zip(&wanted).all(|(own, wanted)| own.is_none() || own == wanted)
        };
        let named = |own: &LogSource| parts(own).iter().flatten().count();
        let sources = map.sources.iter().rev().filter(|source| serves(&source.log_source));
        let source = sources.max_by_key(|source| named(&source.log_source)).unwrap();
        if named(&source.log_source) < wanted.iter().flatten().count() {
            missing.push(format!("{name}: served by {}", source.log_source));
        }
        let unmapped: Vec<String> = listed
            .into_iter()
            .filter(|field| source.others.is_none() && map.entry(source, field).is_none())
            .collect();
        if !unmapped.is_empty() {
            missing.push(format!("{name}: {}", unmapped.join(", ")));
        }
    }
    insta::assert_snapshot!(missing.join("\n"));
}

/// The log sources of the taxonomy with the fields that every event of them has.
fn log_sources(taxonomy: &serde_json::Value) -> Vec<(LogSource, Vec<String>)> {
    let names = |list: &serde_json::Value| {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(|name| name.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let members = |value: &serde_json::Value| value.as_object().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (product, listed) in members(&taxonomy["legit"]) {
        let named = Some(product).filter(|product| !product.is_empty() && product != "empty");
        for (name, list) in members(&listed["category"]) {
            let source = LogSource { product: named.clone(), category: Some(name), service: None };
            found.push((source, names(&list)));
        }
        for (name, list) in members(&listed["service"]) {
            let source = LogSource { product: named.clone(), category: None, service: Some(name) };
            found.push((source, names(&list)));
        }
    }
    found
}
