//! The keys of rule documents, as data.

use eqlc_ir::meta::Metadata;

/// What a key holds and where the metadata keeps it.
#[derive(Clone, Copy)]
pub(crate) enum Slot {
    /// Text.
    Text(fn(&mut Metadata) -> &mut Option<String>),
    /// An array of text.
    Texts(fn(&mut Metadata) -> &mut Vec<String>),
    /// Text, or an array of text.
    TextOrTexts(fn(&mut Metadata) -> &mut Vec<String>),
    /// A whole number.
    Whole(fn(&mut Metadata) -> &mut Option<u64>),
}

/// Keys of `[rule]` that need no code of their own.
pub(crate) const RULE: &[(&str, Slot)] = &[
    ("author", Slot::TextOrTexts(|m| &mut m.author)),
    ("building_block_type", Slot::Text(|m| &mut m.building_block_type)),
    ("description", Slot::Text(|m| &mut m.description)),
    ("event_category_override", Slot::Text(|m| &mut m.event_category_override)),
    ("false_positives", Slot::Texts(|m| &mut m.false_positives)),
    ("from", Slot::Text(|m| &mut m.from)),
    ("id", Slot::Text(|m| &mut m.id)),
    ("index", Slot::Texts(|m| &mut m.index)),
    ("interval", Slot::Text(|m| &mut m.interval)),
    ("language", Slot::Text(|m| &mut m.language)),
    ("license", Slot::Text(|m| &mut m.license)),
    ("max_signals", Slot::Whole(|m| &mut m.max_signals)),
    ("note", Slot::Text(|m| &mut m.note)),
    ("os_list", Slot::Texts(|m| &mut m.os_list)),
    ("reference", Slot::Texts(|m| &mut m.references)),
    ("references", Slot::Texts(|m| &mut m.references)),
    ("rule_id", Slot::Text(|m| &mut m.id)),
    ("rule_name_override", Slot::Text(|m| &mut m.rule_name_override)),
    ("setup", Slot::Text(|m| &mut m.setup)),
    ("tags", Slot::Texts(|m| &mut m.tags)),
    ("tiebreaker_field", Slot::Text(|m| &mut m.tiebreaker_field)),
    ("timeline_id", Slot::Text(|m| &mut m.timeline_id)),
    ("timeline_title", Slot::Text(|m| &mut m.timeline_title)),
    ("timestamp_field", Slot::Text(|m| &mut m.timestamp_field)),
    ("timestamp_override", Slot::Text(|m| &mut m.timestamp_override)),
    ("to", Slot::Text(|m| &mut m.to)),
    ("type", Slot::Text(|m| &mut m.rule_type)),
];

/// Keys of `[rule]` with code of their own, in `rule.rs`.
pub(crate) const RULE_SPECIAL: &[&str] = &["name", "query", "risk_score", "severity", "threat", "version"];

/// Keys of `[rule]` that exist and are kept as they are.
pub(crate) const RULE_KEPT: &[&str] = &[
    "actions",
    "alert_suppression",
    "anomaly_threshold",
    "data_view_id",
    "enabled",
    "exceptions_list",
    "filters",
    "investigation_fields",
    "machine_learning_job_id",
    "max_endpoint_version",
    "meta",
    "min_endpoint_version",
    "namespace",
    "new_terms",
    "optional_actions",
    "output_index",
    "related_integrations",
    "reputation",
    "required_fields",
    "response_actions",
    "risk_score_mapping",
    "saved_id",
    "severity_mapping",
    "threat_filters",
    "threat_index",
    "threat_indicator_path",
    "threat_language",
    "threat_mapping",
    "threat_query",
    "threshold",
    "throttle",
    "timestamp_override_fallback_disabled",
];

/// Keys of `[metadata]`.
pub(crate) const METADATA: &[(&str, Slot)] = &[
    ("creation_date", Slot::Text(|m| &mut m.creation_date)),
    ("integration", Slot::TextOrTexts(|m| &mut m.integration)),
    ("maturity", Slot::Text(|m| &mut m.maturity)),
    ("updated_date", Slot::Text(|m| &mut m.updated_date)),
];

/// Keys of `[metadata]` that exist and are kept as they are.
pub(crate) const METADATA_KEPT: &[&str] = &[
    "bypass_bbr_timing",
    "deprecated_reason",
    "deprecation_date",
    "min_stack_comments",
    "min_stack_version",
    "promotion",
];
