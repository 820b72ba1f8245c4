//! What a document says about its investigation guide, with places.

use eqlc_diagnostics::Fragment;

use crate::tree::{Kind, Members, Tree};

/// The investigation guide of a rule, as the document has it.
#[derive(Clone, Debug, Default)]
pub struct GuideSource {
    /// The guide, in Markdown.
    pub note: Option<Fragment>,
    /// The tables under `[transform]`, which the guide refers to as `$osquery_0` and so on: each stands in the
    /// guide as a block `!{osquery{…}}` when the rule goes to Kibana.
    pub tables: Vec<GuideTable>,
}

/// One entry of `[[transform.osquery]]`, `[[transform.investigate]]` and so on.
#[derive(Clone, Debug)]
pub struct GuideTable {
    /// Its plugin: `osquery`, `investigate`.
    pub plugin: String,
    /// Its place among those of the plugin, from 0.
    pub nth: usize,
    /// Its keys.
    pub value: Tree,
}

/// The guide of a document: `note` of the rule, and the tables of its root.
pub(crate) fn read(root: &Members, rule: &Members) -> GuideSource {
    let note = rule.get("note").and_then(|member| member.value.fragment()).cloned();
    let mut tables = Vec::new();
    if let Some(transform) = root.get("transform").and_then(|member| member.value.members()) {
        for (plugin, member) in transform {
            let Kind::List(list) = &member.value.kind else { continue };
            tables.extend(list.iter().enumerate().map(|(nth, value)| GuideTable {
                plugin: plugin.clone(),
                nth,
                value: value.clone(),
            }));
        }
    }
    GuideSource { note, tables }
}
