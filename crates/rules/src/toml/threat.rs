//! `threat`: the place of a rule in a threat framework.

use eqlc_diagnostics::Span;
use eqlc_ir::meta::{Metadata, Technique, Threat, ThreatRef};
use toml_edit::TableLike;

use super::context::{Context, Entry};
use super::other;

/// Reads `threat` into the metadata.
pub(crate) fn read(context: &mut Context<'_>, entry: Entry<'_>, metadata: &mut Metadata) {
    let mut threats = Vec::new();
    for (path, table) in numbered(context, entry) {
        let mut threat = Threat::default();
        each(context, &path, table, entry.key_span, |context, inner| {
            match inner.key {
                "framework" => threat.framework = context.text(inner).unwrap_or_default(),
                "tactic" => {
                    if let Some(tactic) = context.table(inner) {
                        each(context, inner.path, tactic, inner.key_span, |context, leaf| {
                            reference(context, leaf, &mut threat.tactic, metadata);
                        });
                    }
                }
                "technique" => {
                    for (path, table) in numbered(context, inner) {
                        threat.techniques.push(technique(context, &path, table, inner.key_span, metadata));
                    }
                }
                _ => keep(context, inner, metadata),
            };
        });
        threats.push(threat);
    }
    metadata.threat.extend(threats);
}

fn technique(
    context: &mut Context<'_>,
    path: &str,
    table: &dyn TableLike,
    outer: Span,
    metadata: &mut Metadata,
) -> Technique {
    let mut technique = Technique::default();
    each(context, path, table, outer, |context, entry| {
        if entry.key != "subtechnique" {
            return reference(context, entry, &mut technique.technique, metadata);
        }
        for (path, table) in numbered(context, entry) {
            let mut sub = ThreatRef::default();
            each(context, &path, table, entry.key_span, |context, leaf| {
                reference(context, leaf, &mut sub, metadata)
            });
            technique.subtechniques.push(sub);
        }
    });
    technique
}

fn reference(context: &mut Context<'_>, entry: Entry<'_>, into: &mut ThreatRef, metadata: &mut Metadata) {
    let slot = match entry.key {
        "id" => &mut into.id,
        "name" => &mut into.name,
        "reference" => &mut into.reference,
        _ => return keep(context, entry, metadata),
    };
    *slot = context.text(entry).unwrap_or_default();
}

fn keep(context: &mut Context<'_>, entry: Entry<'_>, metadata: &mut Metadata) {
    metadata.other.insert(entry.path.to_owned(), other::text(context.text, entry.item));
}

/// The tables of an array with their paths (`rule.threat[0]`).
fn numbered<'i>(context: &mut Context<'_>, entry: Entry<'i>) -> Vec<(String, &'i dyn TableLike)> {
    let tables = context.tables(entry);
    tables.into_iter().enumerate().map(|(at, table)| (format!("{}[{at}]", entry.path), table)).collect()
}

/// Calls `read` for every key of a table.
fn each<'c>(
    context: &mut Context<'c>,
    path: &str,
    table: &dyn TableLike,
    outer: Span,
    mut read: impl FnMut(&mut Context<'c>, Entry<'_>),
) {
    for (key, item) in table.iter() {
        let path = format!("{path}.{key}");
        let key_span = context.key_span(table, key, outer);
        read(context, Entry { key, path: &path, key_span, item });
    }
}
