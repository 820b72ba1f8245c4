//! The kinds of transformations and their keys.

use std::collections::BTreeMap;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Diagnostic, Node};
use eqlc_sigma::yaml::{Entry, Kind as YamlKind};
use eqlc_sigma::{Data, Search, parse_search};

use super::Reader;
use super::conditions::Word;
use super::keys::Keys;
use crate::model::{
    AddCondition, Case, Chosen, Extract, Hashes, Kind, PlaceholderKind, Placeholders, RegexMethod, Replace,
    Targets, Transformation, value_of,
};
use crate::python::{self, Fault, Template};
use crate::value::{Number, Text, Val};

const KINDS: &[&str] = &[
    "field_name_mapping",
    "field_name_prefix_mapping",
    "field_name_transform",
    "field_name_prefix",
    "field_name_suffix",
    "drop_detection_item",
    "hashes_fields",
    "extract_fields",
    "wildcard_placeholders",
    "value_placeholders",
    "query_expression_placeholders",
    "file_placeholders",
    "http_placeholders",
    "command_placeholders",
    "add_condition",
    "change_logsource",
    "add_field",
    "remove_field",
    "set_field",
    "replace_string",
    "map_string",
    "set_state",
    "regex",
    "set_value",
    "convert_type",
    "rule_failure",
    "detection_item_failure",
    "strict_field_mapping_failure",
    "set_custom_attribute",
    "nest",
    "case",
];

impl Reader<'_> {
    /// The transformation of an item, by the keys that are left of it.
    pub(super) fn transformation(&mut self, mut keys: Keys<'_>) -> Option<Transformation> {
        let text = self.required_text(&mut keys, "type")?;
        let kind = Word { span: text.span, text: text.value };
        keys.what = format!("`{}`", kind.text);
        let read = match kind.text.as_str() {
            "field_name_mapping" => self.mapping(&mut keys).map(Transformation::MapFields),
            "field_name_prefix_mapping" => self.prefixes(&mut keys).map(Transformation::MapPrefixes),
            "field_name_prefix" => {
                self.required_text(&mut keys, "prefix").map(|text| Transformation::AddPrefix(text.value))
            }
            "field_name_suffix" => {
                self.required_text(&mut keys, "suffix").map(|text| Transformation::AddSuffix(text.value))
            }
            "drop_detection_item" => Some(Transformation::Drop),
            "hashes_fields" => self.hashes(&mut keys).map(Transformation::Hashes),
            "extract_fields" => self.extract(&mut keys).map(Transformation::Extract),
            "value_placeholders" => self.placeholders(&mut keys, PlaceholderKind::Values),
            "wildcard_placeholders" => self.placeholders(&mut keys, PlaceholderKind::Wildcard),
            "query_expression_placeholders" => {
                self.optional_text(&mut keys, "expression");
                keys.take("mapping");
                self.placeholders(&mut keys, PlaceholderKind::Query)
            }
            "add_condition" => self.add_condition(&mut keys).map(Transformation::AddCondition),
            "change_logsource" => self.logsource(&mut keys).map(Transformation::ChangeLogSource),
            "add_field" => self.required_texts(&mut keys, "field").map(Transformation::AddFields),
            "remove_field" => self.required_texts(&mut keys, "field").map(Transformation::RemoveFields),
            "set_field" => self.required_texts(&mut keys, "fields").map(Transformation::SetFields),
            "nest" => self.nested(&mut keys).map(Transformation::Nest),
            "rule_failure" => {
                self.required_text(&mut keys, "message").map(|text| Transformation::RuleFailure(text.value))
            }
            "detection_item_failure" => {
                self.required_text(&mut keys, "message").map(|text| Transformation::ItemFailure(text.value))
            }
            "strict_field_mapping_failure" => Some(Transformation::StrictMapping),
            "set_state" => self.set_state(&mut keys),
            "set_custom_attribute" => self.set_attribute(&mut keys),
            "field_name_transform" | "file_placeholders" | "http_placeholders" | "command_placeholders" => {
                return self.outside(&kind);
            }
            other if KINDS.contains(&other) => self.of_values(other, &mut keys),
            _ => return self.unknown_kind("a transformation", &kind, KINDS),
        };
        self.finish(keys);
        read
    }

    /// Transformations of values.
    fn of_values(&mut self, kind: &str, keys: &mut Keys<'_>) -> Option<Transformation> {
        match kind {
            "replace_string" => self.replace(keys).map(Transformation::ReplaceString),
            "map_string" => self.map_string(keys).map(Transformation::MapString),
            "regex" => {
                let methods = [
                    ("plain", RegexMethod::Plain),
                    ("ignore_case_flag", RegexMethod::Flag),
                    ("ignore_case_brackets", RegexMethod::Brackets),
                ];
                self.word_or(keys, "method", &methods, RegexMethod::Brackets).map(Transformation::Regex)
            }
            "set_value" => self.set_value(keys).map(Transformation::SetValue),
            "convert_type" => {
                let entry = self.required(keys, "target_type")?;
                self.word(entry, &[("str", Kind::Text), ("num", Kind::Number)])
                    .map(Transformation::ConvertType)
            }
            "case" => {
                let methods = [("lower", Case::Lower), ("upper", Case::Upper), ("snake_case", Case::Snake)];
                self.word_or(keys, "method", &methods, Case::Lower).map(Transformation::Case)
            }
            _ => None,
        }
    }

    /// What cannot be done with a file alone.
    fn outside(&mut self, kind: &Word) -> Option<Transformation> {
        let (label, help) = match kind.text.as_str() {
            "field_name_transform" => ("a function of Python", "give the names in `field_name_mapping`"),
            _ => ("reads values from outside", "give the values in `vars`, and use `value_placeholders`"),
        };
        let message = format!("`{}` is not done here", kind.text);
        self.push(Diagnostic::error(codes::PIPELINE_OUTSIDE, message).at(kind.span, label).help(help));
        None
    }

    fn nested(&mut self, keys: &mut Keys<'_>) -> Option<Vec<crate::model::Item>> {
        let entry = self.required(keys, "items")?;
        let items = self.list("`items`", &entry.value)?;
        let read: Vec<_> = items.iter().map(|item| self.item(item)).collect();
        read.into_iter().collect()
    }

    fn set_state(&mut self, keys: &mut Keys<'_>) -> Option<Transformation> {
        let key = self.required_text(keys, "key");
        let val = self.required(keys, "val").map(|entry| Self::data(&entry.value));
        Some(Transformation::SetState { key: key?.value, val: val? })
    }

    fn set_attribute(&mut self, keys: &mut Keys<'_>) -> Option<Transformation> {
        let attribute = self.required_text(keys, "attribute");
        let value = self.required(keys, "value").map(|entry| Self::data(&entry.value));
        Some(Transformation::SetAttribute { attribute: attribute?.value, value: value? })
    }

    fn entries<'y>(&mut self, keys: &mut Keys<'y>, name: &'static str) -> Option<&'y [Entry]> {
        let entry = self.required(keys, name)?;
        match &entry.value.kind {
            YamlKind::Map(entries) => Some(entries),
            _ => {
                self.wrong_kind(&format!("`{name}`"), "a map", &entry.value);
                None
            }
        }
    }

    fn mapping(&mut self, keys: &mut Keys<'_>) -> Option<BTreeMap<Option<String>, Targets>> {
        let mut mapping = BTreeMap::new();
        for entry in self.entries(keys, "mapping")? {
            // An empty key is the name of searches that have none.
            let name = match entry.key.as_scalar() {
                Some(_) if entry.key.is_null() => None,
                Some(key) => Some(key.text.clone()),
                None => continue,
            };
            let what =
                name.as_ref().map_or("the mapping".to_owned(), |name| format!("the mapping of `{name}`"));
            if let Some(targets) = self.targets(&what, &entry.value) {
                mapping.insert(name, targets);
            }
        }
        Some(mapping)
    }

    fn prefixes(&mut self, keys: &mut Keys<'_>) -> Option<Vec<(String, Targets)>> {
        let mut prefixes = Vec::new();
        for entry in self.entries(keys, "mapping")? {
            let Some(prefix) = self.text("a prefix", &entry.key) else { continue };
            if let Some(targets) = self.targets(&format!("the mapping of `{}`", prefix.value), &entry.value) {
                prefixes.push((prefix.value, targets));
            }
        }
        Some(prefixes)
    }

    fn map_string(&mut self, keys: &mut Keys<'_>) -> Option<BTreeMap<String, Vec<String>>> {
        let mut mapping = BTreeMap::new();
        for entry in self.entries(keys, "mapping")? {
            let Some(key) = entry.key.as_scalar() else { continue };
            let texts = self.texts_of(&format!("the mapping of `{}`", key.text), &entry.value);
            mapping.insert(key.text.clone(), texts.into_iter().map(|text| text.value).collect());
        }
        Some(mapping)
    }

    fn hashes(&mut self, keys: &mut Keys<'_>) -> Option<Hashes> {
        let algorithms = self.required_texts(keys, "valid_hash_algos");
        let prefix = self.optional_text(keys, "field_prefix").map_or(String::new(), |text| text.value);
        let drop_algorithm = self.flag(keys, "drop_algo_prefix");
        let fields = match self.optional_texts(keys, "field_to_parse") {
            Some(fields) => fields.into_iter().map(|field| field.value).collect(),
            None => vec!["Hashes".to_owned(), "Hash".to_owned()],
        };
        Some(Hashes { algorithms: algorithms?, prefix, drop_algorithm, fields })
    }

    fn extract(&mut self, keys: &mut Keys<'_>) -> Option<Extract> {
        let entry = self.required(keys, "regex");
        let pattern = entry.and_then(|entry| self.pattern(&entry.value));
        let prefix = self.optional_text(keys, "field_prefix").map(|text| text.value);
        let preserve = self.flag(keys, "preserve_unmatched");
        let pattern = pattern?;
        if pattern.names().is_empty() {
            let span = self.span(&entry?.value.at);
            let message = "the regular expression has no named group";
            self.error(codes::PIPELINE_REGEX, message, span, "expected `(?P<name>…)`");
            return None;
        }
        Some(Extract { pattern, prefix, preserve })
    }

    fn placeholders(&mut self, keys: &mut Keys<'_>, kind: PlaceholderKind) -> Option<Transformation> {
        let names = |names: Vec<Node<String>>| names.into_iter().map(|name| name.value).collect();
        let include = self.optional_texts(keys, "include").map(names);
        let exclude = self.optional_texts(keys, "exclude").map(names);
        let chosen = match (include, exclude) {
            (Some(_), Some(_)) => {
                let span = self.head(&keys.at);
                let message = "`include` and `exclude` exclude each other";
                self.error(codes::PIPELINE_VALUE, message, span, "has both");
                return None;
            }
            (Some(names), None) => Chosen::Only(names),
            (None, Some(names)) => Chosen::AllBut(names),
            (None, None) => Chosen::All,
        };
        Some(Transformation::Placeholders(Placeholders { kind, chosen }))
    }

    fn add_condition(&mut self, keys: &mut Keys<'_>) -> Option<AddCondition> {
        let entry = self.required(keys, "conditions");
        let name = self.optional_text(keys, "name").map(|name| name.value);
        let template = self.flag(keys, "template");
        let negated = self.flag(keys, "negated");
        let entry = entry?;
        if !matches!(entry.value.kind, YamlKind::Map(_)) {
            self.wrong_kind("`conditions`", "a map", &entry.value);
            return None;
        }
        let own = Node::new("conditions".to_owned(), self.span(&entry.key.at));
        let read = parse_search(self.fragment, &own, &entry.value);
        for diagnostic in read.diagnostics {
            self.push(diagnostic);
        }
        let search: Search = read.tree?;
        Some(AddCondition { search, name, template, negated })
    }

    fn replace(&mut self, keys: &mut Keys<'_>) -> Option<Replace> {
        let pattern =
            self.required(keys, "regex").and_then(|entry| self.with_python(&entry.value, python::compile));
        let replacement = self.required(keys, "replacement");
        let skip_special = self.flag(keys, "skip_special");
        let interpret_special = self.flag(keys, "interpret_special");
        let pattern = pattern?;
        let template = match replacement? {
            entry if entry.value.as_scalar().is_some_and(|scalar| scalar.text.is_empty()) => {
                Template::new("", &pattern).ok()
            }
            entry => self
                .with_python(&entry.value, |text| Template::new(text, &pattern).map_err(replacement_fault)),
        };
        Some(Replace { pattern, template: template?, skip_special, interpret_special })
    }

    fn set_value(&mut self, keys: &mut Keys<'_>) -> Option<Val> {
        let entry = self.required(keys, "value")?;
        let force = match keys.take_filled("force_type") {
            Some(entry) => Some(self.word(entry, &[("str", Kind::Text), ("num", Kind::Number)])?),
            None => None,
        };
        let data = Self::data(&entry.value);
        let value = match (force, &data) {
            (None, data) => value_of(data),
            (Some(Kind::Text), Data::Text(text)) => Some(Val::Str(Text::parse(text))),
            (Some(Kind::Text), Data::Bool(value)) => {
                Some(Val::Str(Text::literal(if *value { "True" } else { "False" })))
            }
            (Some(Kind::Text), Data::Int(_) | Data::Float(_)) => match value_of(&data) {
                Some(Val::Number(number)) => Some(Val::Str(Text::parse(&number.text()))),
                _ => None,
            },
            (Some(Kind::Number), Data::Text(text)) => {
                text.trim().parse().ok().map(|n| Val::Number(Number::Int(n)))
            }
            (Some(Kind::Number), Data::Bool(value)) => Some(Val::Number(Number::Int(i128::from(*value)))),
            (Some(Kind::Number), Data::Int(_) | Data::Float(_)) => value_of(&data),
            (Some(_), _) => None,
        };
        if value.is_none() {
            let wanted = match force {
                None => "text, a number or the like",
                Some(Kind::Text) => "text or a number",
                Some(Kind::Number) => "a number",
            };
            self.wrong_kind("`value`", wanted, &entry.value);
        }
        value
    }
}

fn replacement_fault(fault: Fault) -> Fault {
    Fault { what: format!("in the replacement, {}", fault.what), ..fault }
}
