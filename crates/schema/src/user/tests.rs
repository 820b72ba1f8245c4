use eqlc_diagnostics::SourceMap;
use eqlc_ir::FieldType;

use super::*;
use crate::{Origin, Schema};

fn read(text: &str) -> (Schema, SourceMap, Diagnostics) {
    let mut sources = SourceMap::new();
    let id = sources.add("own.schema", text);
    let (fields, diagnostics) = read_fields(id, "own.schema", text);
    (Schema::ecs().extended(&fields), sources, diagnostics)
}

fn said(text: &str) -> Vec<String> {
    let (_, sources, diagnostics) = read(text);
    let place = |d: &Diagnostic| {
        d.span().map_or((0, 0), |span| {
            let at = sources.position(span);
            (at.line, at.column)
        })
    };
    diagnostics.iter().map(|d| format!("{} {:?} {}", d.code, place(d), d.message)).collect()
}

const MAPPING: &str = r#"{"mappings": {"properties": {
  "shop": {"properties": {
    "order": {"type": "long"},
    "note": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
    "items": {"type": "nested", "properties": {"price": {"type": "float"}}},
    "labels": {"type": "flattened"},
    "number": {"type": "alias", "path": "shop.order"}
  }},
  "process": {"properties": {"pid": {"type": "keyword"}}}
}}}"#;

#[test]
fn a_mapping_adds_its_fields_and_wins_over_ecs() {
    let (schema, _, diagnostics) = read(MAPPING);
    assert_eq!(diagnostics, []);
    let of = |path: &str| schema.field(path).map(|info| (info.ty, info.origin));
    assert_eq!(of("shop.order"), Some((FieldType::Integer, Origin::User)));
    assert_eq!(of("shop.number"), Some((FieldType::Integer, Origin::User)));
    assert_eq!(of("shop.note"), Some((FieldType::Text, Origin::User)));
    assert_eq!(of("shop.note.keyword"), Some((FieldType::Keyword, Origin::User)));
    assert_eq!(of("shop.items"), Some((FieldType::Object, Origin::User)));
    assert_eq!(schema.nested("shop.items.price"), Some("shop.items"));
    assert_eq!(schema.nested("shop.items"), None);
    assert_eq!(of("shop.labels.any"), Some((FieldType::Keyword, Origin::Open)));
    assert_eq!(of("process.pid"), Some((FieldType::Keyword, Origin::User)));
    assert_eq!(of("process.name"), Some((FieldType::Keyword, Origin::Ecs)));
    assert_eq!(of("winlog.event_data.Any").map(|(ty, _)| ty), Some(FieldType::Keyword));
    assert_eq!(schema.nearest("shop.ordr").first(), Some(&"shop.order"));
    assert_eq!(schema.user_files(), ["own.schema"]);
}

#[test]
fn types_that_differ_between_indices_are_kept_apart() {
    let (schema, _, diagnostics) = read(
        r#"{"a": {"mappings": {"properties": {"x": {"type": "long"}, "y": {"type": "keyword"}}}},
            "b": {"mappings": {"properties": {"x": {"type": "keyword"}, "y": {"type": "wildcard"}}}},
            "c": {"mappings": {"properties": {"x": {"type": "keyword"}}}},
            "d": {"mappings": {}}}"#,
    );
    assert_eq!(diagnostics, []);
    assert_eq!(schema.conflict("x"), Some("`long` in `a`, `keyword` in `b` and `c`"));
    assert_eq!(schema.conflict("y"), None);
}

#[test]
fn a_list_names_fields_alone_and_in_groups() {
    let (schema, _, diagnostics) = read("shop.order: long[]\nshop:\n  place: ip\nextra.*: keyword\n");
    assert_eq!(diagnostics, []);
    let of = |path: &str| schema.field(path).map(|info| (info.ty, info.array));
    assert_eq!(of("shop.order"), Some((FieldType::Integer, true)));
    assert_eq!(of("shop.place"), Some((FieldType::Ip, false)));
    assert_eq!(of("extra.x.y"), Some((FieldType::Keyword, false)));
}

#[test]
fn what_is_wrong_with_a_schema_is_said_at_its_place() {
    assert_eq!(
        said("{\"mappings\": {\n  \"properties\": }"),
        ["E1024 (2, 17) the schema is no JSON: expected value"]
    );
    assert_eq!(said("{\"a\": 1}"), ["E1024 (1, 1) the schema has no `mappings` and no `properties`"]);
    assert_eq!(said("shop.order: lnog\n"), ["E1025 (1, 13) `shop.order` has the unknown type `lnog`"]);
    assert_eq!(said("shop.order: 5\n"), ["E1024 (1, 1) the type of `shop.order` is no text"]);
    assert_eq!(said("- a\n"), ["E1024 (1, 1) the schema is no list of `field.path: type`"]);
    assert_eq!(said(""), ["E1024 (1, 1) `own.schema` names no field"]);
    let alias = r#"{"properties": {"a": {"type": "alias", "path": "zz"}}}"#;
    assert_eq!(said(alias), ["E1024 (1, 18) `a` is an alias of `zz`, which the mapping lacks"]);
    assert!(said("a: [b\n").concat().starts_with("E1024"));
}

#[test]
fn deep_schemas_end() {
    let deep = format!("{}{}{}", "{\"properties\":{\"a\":".repeat(60), "{}", "}}".repeat(60));
    let (_, _, diagnostics) = read(&deep);
    assert!(diagnostics.len() <= 1);
}
