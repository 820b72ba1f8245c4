//! `threat`: the place of a rule in a threat framework.

use eqlc_ir::meta::{Metadata, Technique, Threat, ThreatRef};

use super::context::{Context, Entry};
use crate::tree::Members;

/// Reads `threat` into the metadata.
pub(crate) fn read(context: &mut Context, entry: Entry<'_>, metadata: &mut Metadata) {
    let mut threats = Vec::new();
    for (path, table) in numbered(context, entry) {
        let mut threat = Threat::default();
        each(context, &path, table, |context, inner| {
            match inner.key {
                "framework" => threat.framework = context.text(inner).unwrap_or_default(),
                "tactic" => {
                    if let Some(tactic) = context.table(inner) {
                        each(context, inner.path, tactic, |context, leaf| {
                            reference(context, leaf, &mut threat.tactic, metadata);
                        });
                    }
                }
                "technique" => {
                    for (path, table) in numbered(context, inner) {
                        threat.techniques.push(technique(context, &path, table, metadata));
                    }
                }
                _ => keep(inner, metadata),
            };
        });
        threats.push(threat);
    }
    metadata.threat.extend(threats);
}

fn technique(context: &mut Context, path: &str, table: &Members, metadata: &mut Metadata) -> Technique {
    let mut technique = Technique::default();
    each(context, path, table, |context, entry| {
        if entry.key != "subtechnique" {
            return reference(context, entry, &mut technique.technique, metadata);
        }
        for (path, table) in numbered(context, entry) {
            let mut sub = ThreatRef::default();
            each(context, &path, table, |context, leaf| reference(context, leaf, &mut sub, metadata));
            technique.subtechniques.push(sub);
        }
    });
    technique
}

fn reference(context: &mut Context, entry: Entry<'_>, into: &mut ThreatRef, metadata: &mut Metadata) {
    let slot = match entry.key {
        "id" => &mut into.id,
        "name" => &mut into.name,
        "reference" => &mut into.reference,
        _ => return keep(entry, metadata),
    };
    *slot = context.text(entry).unwrap_or_default();
}

fn keep(entry: Entry<'_>, metadata: &mut Metadata) {
    // Endpoint rules have `threat` at the root; one name for both, so that it can be written again.
    let prefix = if entry.path.starts_with("rule.") { "" } else { "rule." };
    metadata.other.insert(format!("{prefix}{}", entry.path), entry.item.toml());
}

/// The tables of an array with their paths (`rule.threat[0]`).
fn numbered<'i>(context: &mut Context, entry: Entry<'i>) -> Vec<(String, &'i Members)> {
    let tables = context.tables(entry);
    tables.into_iter().enumerate().map(|(at, table)| (format!("{}[{at}]", entry.path), table)).collect()
}

/// Calls `read` for every key of a table.
fn each(context: &mut Context, path: &str, table: &Members, mut read: impl FnMut(&mut Context, Entry<'_>)) {
    for (key, member) in table {
        let path = format!("{path}.{key}");
        read(context, Entry { key, path: &path, item: &member.value });
    }
}
