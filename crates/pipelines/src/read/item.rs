//! Items: a transformation and its conditions.

use eqlc_diagnostics::Node;
use eqlc_diagnostics::codes::sigma as codes;
use eqlc_sigma::yaml::{Kind, Yaml};

use super::Reader;
use super::keys::Keys;
use crate::model::{ConditionLink, Conditions, Item};

/// Keys of an item that pySigma takes out before it looks at the rest: they are for programs.
const IGNORED: [&str; 5] = [
    "allow_template_vars",
    "vars_allowed_paths",
    "allow_external_sources",
    "restrict_template_path",
    "policy",
];

/// The keys of one kind of conditions.
pub(super) struct ConditionKeys {
    pub(super) conditions: &'static str,
    pub(super) expression: &'static str,
    pub(super) op: &'static str,
    pub(super) not: &'static str,
}

pub(super) const RULE: ConditionKeys = ConditionKeys {
    conditions: "rule_conditions",
    expression: "rule_cond_expr",
    op: "rule_cond_op",
    not: "rule_cond_not",
};

const DETECTION_ITEM: ConditionKeys = ConditionKeys {
    conditions: "detection_item_conditions",
    expression: "detection_item_cond_expr",
    op: "detection_item_cond_op",
    not: "detection_item_cond_not",
};

const FIELD_NAME: ConditionKeys = ConditionKeys {
    conditions: "field_name_conditions",
    expression: "field_name_cond_expr",
    op: "field_name_cond_op",
    not: "field_name_cond_not",
};

impl Reader<'_> {
    pub(super) fn item(&mut self, node: &Yaml) -> Option<Item> {
        let mut keys = self.keys("an item of `transformations`", node)?;
        let id = self.optional_text(&mut keys, "id").map(|id| id.value);
        let rule = self.conditions(&mut keys, &RULE, Self::rule_condition);
        let detection_item = self.conditions(&mut keys, &DETECTION_ITEM, Self::item_condition);
        let field_name = self.conditions(&mut keys, &FIELD_NAME, Self::field_condition);
        take_ignored(&mut keys);
        let transformation = self.transformation(keys);
        Some(Item {
            id,
            origin: self.origin(&node.at),
            rule: rule?,
            detection_item: detection_item?,
            field_name: field_name?,
            transformation: transformation?,
        })
    }

    /// The conditions of one kind, with what links them.
    pub(super) fn conditions<C>(
        &mut self,
        keys: &mut Keys<'_>,
        names: &ConditionKeys,
        read: fn(&mut Self, &Yaml) -> Option<C>,
    ) -> Option<Conditions<C>> {
        let entry = keys.take_filled(names.conditions);
        let op = keys.take_filled(names.op);
        let expression = keys.take_filled(names.expression);
        let negated = self.flag(keys, names.not);
        let (ids, nodes): (Option<Vec<Node<String>>>, Vec<&Yaml>) = match entry.map(|entry| &entry.value.kind)
        {
            None => (None, Vec::new()),
            Some(Kind::Seq(items)) => (None, items.iter().collect()),
            Some(Kind::Map(entries)) => {
                let ids = entries.iter().map(|entry| {
                    let text = entry.key.as_scalar().map_or(String::new(), |key| key.text.clone());
                    Node::new(text, self.span(&entry.key.at))
                });
                (Some(ids.collect()), entries.iter().map(|entry| &entry.value).collect())
            }
            Some(_) => {
                if let Some(entry) = entry {
                    self.wrong_kind(&format!("`{}`", names.conditions), "a list or a map", &entry.value);
                }
                return None;
            }
        };
        let read: Vec<Option<C>> = nodes.iter().map(|node| read(self, node)).collect();
        let link = match (expression, op) {
            (Some(expression), Some(op)) => {
                let message = format!("`{}` and `{}` exclude each other", names.expression, names.op);
                let span = self.span(&op.key.at);
                self.error(codes::PIPELINE_EXPRESSION, message, span, "the expression links the conditions");
                self.expression(&expression.value, ids.as_deref());
                return None;
            }
            (Some(expression), None) => {
                ConditionLink::Expression(self.expression(&expression.value, ids.as_deref())?)
            }
            (None, Some(op)) => {
                if self.word(op, &[("and", true), ("or", false)])? {
                    ConditionLink::All
                } else {
                    ConditionLink::Any
                }
            }
            (None, None) => ConditionLink::All,
        };
        let list: Vec<C> = read.into_iter().collect::<Option<_>>()?;
        Some(Conditions { list, link, negated })
    }
}

/// Takes the keys that mean nothing in a file.
pub(super) fn take_ignored(keys: &mut Keys<'_>) {
    for name in IGNORED {
        keys.take(name);
    }
}
