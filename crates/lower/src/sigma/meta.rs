//! What a document says about itself.

use eqlc_diagnostics::Node;
use eqlc_ir::Metadata;
use eqlc_ir::meta::Severity;
use eqlc_sigma::{Level, Meta};

/// The metadata. Tags stay as they are: a Sigma rule does not say which technique serves which tactic.
pub(super) fn metadata(meta: &Meta) -> Metadata {
    let text = |node: &Option<Node<String>>| node.as_ref().map(|node| node.value.clone());
    let texts = |nodes: &[Node<String>]| nodes.iter().map(|node| node.value.clone()).collect();
    let authors = meta.author.as_ref().map_or("", |author| author.value.as_str());
    Metadata {
        name: meta.title.value.clone(),
        description: text(&meta.description),
        id: text(&meta.id),
        author: authors
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        license: text(&meta.license),
        tags: texts(&meta.tags),
        references: texts(&meta.references),
        false_positives: texts(&meta.falsepositives),
        severity: meta.level.map(|level| severity(level.value)),
        language: Some("sigma".to_owned()),
        creation_date: text(&meta.date),
        updated_date: text(&meta.modified),
        maturity: meta.status.map(|status| status.value.name().to_owned()),
        ..Metadata::default()
    }
}

/// The identity of a rule: its id, else its title.
pub(super) fn id(meta: &Metadata) -> String {
    meta.id.clone().unwrap_or_else(|| meta.name.clone())
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Informational => Severity::Informational,
        Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High => Severity::High,
        Level::Critical => Severity::Critical,
    }
}
