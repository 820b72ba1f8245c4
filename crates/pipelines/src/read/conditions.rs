//! Conditions over rules, detection items and field names.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_sigma::yaml::{Entry, Yaml};
use eqlc_sigma::{Data, Level, LogSource, Status};

use super::Reader;
use super::keys::Keys;
use super::scalars::Words;
use crate::model::{
    AttributeCondition, AttributeOp, AttributeValue, Compare, FieldCondition, ItemCondition, Names, Quantity,
    RuleCondition, StateCondition, value_of,
};

const COMPARISONS: &Words<Compare> = &[
    ("eq", Compare::Eq),
    ("ne", Compare::Ne),
    ("gte", Compare::Gte),
    ("gt", Compare::Gt),
    ("lte", Compare::Lte),
    ("lt", Compare::Lt),
];

const ATTRIBUTE_OPS: &Words<AttributeOp> = &[
    ("eq", AttributeOp::Compare(Compare::Eq)),
    ("ne", AttributeOp::Compare(Compare::Ne)),
    ("gte", AttributeOp::Compare(Compare::Gte)),
    ("gt", AttributeOp::Compare(Compare::Gt)),
    ("lte", AttributeOp::Compare(Compare::Lte)),
    ("lt", AttributeOp::Compare(Compare::Lt)),
    ("in", AttributeOp::In),
    ("not_in", AttributeOp::NotIn),
];

const RULE: &[&str] = &[
    "logsource",
    "contains_detection_item",
    "contains_field",
    "processing_item_applied",
    "processing_state",
    "is_sigma_rule",
    "is_sigma_correlation_rule",
    "rule_attribute",
    "tag",
];

const ITEM: &[&str] = &[
    "match_string",
    "match_value",
    "contains_wildcard",
    "is_null",
    "processing_item_applied",
    "processing_state",
];

const FIELD: &[&str] = &["include_fields", "exclude_fields", "processing_item_applied", "processing_state"];

impl Reader<'_> {
    pub(super) fn rule_condition(&mut self, node: &Yaml) -> Option<RuleCondition> {
        let (mut keys, kind) = self.kind("a condition on rules", node)?;
        let condition = match kind.text.as_str() {
            "logsource" => self.logsource(&mut keys).map(RuleCondition::LogSource),
            "contains_field" => {
                self.required_text(&mut keys, "field").map(|field| RuleCondition::ContainsField(field.value))
            }
            "contains_detection_item" => {
                let field = self.required_text(&mut keys, "field");
                let entry = self.required(&mut keys, "value");
                let value = entry.and_then(|entry| self.plain(entry)).and_then(|data| value_of(&data));
                field
                    .zip(value)
                    .map(|(field, value)| RuleCondition::ContainsItem { field: field.value, value })
            }
            "processing_item_applied" => self.applied(&mut keys).map(RuleCondition::Applied),
            "processing_state" => self.state(&mut keys).map(RuleCondition::State),
            "is_sigma_rule" => Some(RuleCondition::IsRule),
            "is_sigma_correlation_rule" => Some(RuleCondition::IsCorrelation),
            "rule_attribute" => self.attribute(&mut keys).map(RuleCondition::Attribute),
            "tag" => self.required_text(&mut keys, "tag").map(|tag| RuleCondition::Tag(tag.value)),
            _ => return self.unknown_kind("a condition on rules", &kind, RULE),
        };
        self.finish(keys);
        condition
    }

    pub(super) fn item_condition(&mut self, node: &Yaml) -> Option<ItemCondition> {
        let (mut keys, kind) = self.kind("a condition on detection items", node)?;
        let condition = match kind.text.as_str() {
            "match_string" => {
                let quantity = self.quantity(&mut keys);
                let pattern =
                    self.required(&mut keys, "pattern").and_then(|entry| self.pattern(&entry.value));
                let negate = self.flag(&mut keys, "negate");
                quantity.zip(pattern).map(|(quantity, pattern)| ItemCondition::MatchString {
                    quantity,
                    pattern,
                    negate,
                })
            }
            "match_value" => {
                let quantity = self.quantity(&mut keys);
                let value = self.required(&mut keys, "value").and_then(|entry| self.plain(entry));
                quantity.zip(value).map(|(quantity, value)| ItemCondition::MatchValue { quantity, value })
            }
            "contains_wildcard" => self.quantity(&mut keys).map(ItemCondition::ContainsWildcard),
            "is_null" => self.quantity(&mut keys).map(ItemCondition::IsNull),
            "processing_item_applied" => self.applied(&mut keys).map(ItemCondition::Applied),
            "processing_state" => self.state(&mut keys).map(ItemCondition::State),
            _ => return self.unknown_kind("a condition on detection items", &kind, ITEM),
        };
        self.finish(keys);
        condition
    }

    pub(super) fn field_condition(&mut self, node: &Yaml) -> Option<FieldCondition> {
        let (mut keys, kind) = self.kind("a condition on field names", node)?;
        let condition = match kind.text.as_str() {
            "include_fields" => self.names(&mut keys).map(FieldCondition::Include),
            "exclude_fields" => self.names(&mut keys).map(FieldCondition::Exclude),
            "processing_item_applied" => self.applied(&mut keys).map(FieldCondition::Applied),
            "processing_state" => self.state(&mut keys).map(FieldCondition::State),
            _ => return self.unknown_kind("a condition on field names", &kind, FIELD),
        };
        self.finish(keys);
        condition
    }

    /// The keys of a node and its `type`.
    pub(super) fn kind<'y>(&mut self, what: &str, node: &'y Yaml) -> Option<(Keys<'y>, Word)> {
        let mut keys = self.keys(what, node)?;
        let text = self.required_text(&mut keys, "type")?;
        keys.what = format!("`{}`", text.value);
        Some((keys, Word { span: text.span, text: text.value }))
    }

    pub(super) fn unknown_kind<T>(&mut self, what: &str, kind: &Word, known: &[&str]) -> Option<T> {
        let message = format!("`{}` is not the type of {what}", kind.text);
        self.unknown(codes::PIPELINE_TYPE, message, &kind.text, kind.span, known);
        None
    }

    /// Category, product and service, of which one must be there.
    pub(super) fn logsource(&mut self, keys: &mut Keys<'_>) -> Option<LogSource> {
        let source = LogSource {
            category: self.optional_text(keys, "category"),
            product: self.optional_text(keys, "product"),
            service: self.optional_text(keys, "service"),
            ..LogSource::default()
        };
        if source.category.is_none() && source.product.is_none() && source.service.is_none() {
            let span = self.head(&keys.at);
            let label = "expected `category`, `product` or `service`";
            self.error(codes::PIPELINE_VALUE, "the log source names nothing", span, label);
            return None;
        }
        Some(source)
    }

    fn quantity(&mut self, keys: &mut Keys<'_>) -> Option<Quantity> {
        let entry = self.required(keys, "cond")?;
        self.word(entry, &[("any", Quantity::Any), ("all", Quantity::All)])
    }

    fn applied(&mut self, keys: &mut Keys<'_>) -> Option<String> {
        self.required_text(keys, "processing_item_id").map(|id| id.value)
    }

    fn state(&mut self, keys: &mut Keys<'_>) -> Option<StateCondition> {
        let key = self.required_text(keys, "key");
        let val = self.required(keys, "val").map(|entry| Self::data(&entry.value));
        let op = self.word_or(keys, "op", COMPARISONS, Compare::Eq);
        Some(StateCondition { key: key?.value, val: val?, op: op? })
    }

    /// A value that is neither list nor map.
    fn plain(&mut self, entry: &Entry) -> Option<Data> {
        match Self::data(&entry.value) {
            Data::List(_) | Data::Map(_) => {
                self.wrong_kind("`value`", "text, a number or the like", &entry.value);
                None
            }
            data => Some(data),
        }
    }

    fn names(&mut self, keys: &mut Keys<'_>) -> Option<Names> {
        let entry = self.required(keys, "fields")?;
        let patterns = self.word_or(keys, "mode", &[("plain", false), ("re", true)], false)?;
        let items = self.list("`fields`", &entry.value)?;
        if patterns {
            let patterns: Vec<_> = items.iter().map(|item| self.pattern(item)).collect();
            return patterns.into_iter().collect::<Option<_>>().map(Names::Patterns);
        }
        let names = items.iter().filter_map(|item| self.text("an item of `fields`", item));
        Some(Names::Plain(names.map(|name| name.value).collect()))
    }

    fn attribute(&mut self, keys: &mut Keys<'_>) -> Option<AttributeCondition> {
        let attribute = self.required_text(keys, "attribute");
        let entry = self.required(keys, "value");
        let op = self.word_or(keys, "op", ATTRIBUTE_OPS, AttributeOp::Compare(Compare::Eq));
        let (attribute, entry) = attribute.zip(entry)?;
        let value = match attribute.value.as_str() {
            "level" => {
                let words: Vec<_> = Level::ALL.iter().map(|level| (level.name(), *level)).collect();
                AttributeValue::Level(self.word(entry, &words)?)
            }
            "status" => {
                let words: Vec<_> = Status::ALL.iter().map(|status| (status.name(), *status)).collect();
                AttributeValue::Status(self.word(entry, &words)?)
            }
            "date" | "modified" => {
                let text =
                    entry.value.as_scalar().map(|scalar| scalar.text.clone()).filter(|text| is_date(text));
                if text.is_none() {
                    self.wrong_kind("`value`", "a date of the form YYYY-MM-DD", &entry.value);
                }
                AttributeValue::Date(text?)
            }
            _ => AttributeValue::Other(self.plain(entry)?),
        };
        Some(AttributeCondition { attribute: attribute.value, op: op?, value })
    }
}

/// The `type` of a map and where it stands.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: eqlc_diagnostics::Span,
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
