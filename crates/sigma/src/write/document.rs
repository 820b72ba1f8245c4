//! From documents to nodes, in the order of keys that SigmaHQ keeps.

use eqlc_diagnostics::Node;

use super::layout::Out;
use super::scalar;
use crate::{
    Aggregate, Condition, Correlation, CorrelationCondition, Data, Detection, Document, FieldTest, Item,
    LogSource, Meta, RuleSelection, Search, Value,
};

type Entries = Vec<(String, Out)>;

/// The whole document.
pub(super) fn document(document: &Document) -> Out {
    let meta = document.meta();
    let mut out = head(meta);
    match document {
        Document::Rule(rule) => {
            push(&mut out, "logsource", logsource(&rule.logsource));
            push(&mut out, "detection", Out::Map(detection(&rule.detection)));
        }
        Document::Correlation(rule) => push(&mut out, "correlation", correlation(&rule.correlation)),
        Document::Filter(filter) => {
            push(&mut out, "logsource", logsource(&filter.logsource));
            let rules = match &filter.rules {
                RuleSelection::Any => Out::Line("any".to_owned()),
                RuleSelection::Listed(rules) => texts(rules),
            };
            let mut body = vec![("rules".to_owned(), rules)];
            body.extend(detection(&filter.detection));
            push(&mut out, "filter", Out::Map(body));
        }
    }
    tail(meta, &mut out);
    Out::Map(out)
}

/// The metadata before the detection.
fn head(meta: &Meta) -> Entries {
    let mut out = Entries::new();
    push(&mut out, "title", scalar::text(&meta.title.value));
    text(&mut out, "id", meta.id.as_ref());
    text(&mut out, "name", meta.name.as_ref());
    let related = meta.related.iter().map(|related| {
        let pair = [("id", &related.id), ("type", &related.kind)];
        Out::Map(pair.map(|(key, value)| (key.to_owned(), scalar::text(&value.value))).into())
    });
    if related.len() > 0 {
        push(&mut out, "related", Out::Seq(related.collect()));
    }
    text(&mut out, "taxonomy", meta.taxonomy.as_ref());
    if let Some(status) = meta.status {
        push(&mut out, "status", Out::Line(status.value.to_string()));
    }
    text(&mut out, "description", meta.description.as_ref());
    text(&mut out, "license", meta.license.as_ref());
    list(&mut out, "references", &meta.references);
    text(&mut out, "author", meta.author.as_ref());
    date(&mut out, "date", meta.date.as_ref());
    date(&mut out, "modified", meta.modified.as_ref());
    list(&mut out, "tags", &meta.tags);
    list(&mut out, "scope", &meta.scope);
    out
}

/// The metadata after the detection.
fn tail(meta: &Meta, out: &mut Entries) {
    list(out, "fields", &meta.fields);
    list(out, "falsepositives", &meta.falsepositives);
    if let Some(level) = meta.level {
        push(out, "level", Out::Line(level.value.to_string()));
    }
    custom(out, &meta.custom);
}

fn push(out: &mut Entries, key: &str, value: Out) {
    out.push((key.to_owned(), value));
}

fn text(out: &mut Entries, key: &str, value: Option<&Node<String>>) {
    if let Some(value) = value {
        push(out, key, scalar::text(&value.value));
    }
}

/// Dates stand unquoted in SigmaHQ, and readers of Sigma take both forms.
fn date(out: &mut Entries, key: &str, value: Option<&Node<String>>) {
    let Some(value) = value else { return };
    let node = if value.value.len() == 10 && crate::yaml::is_date(&value.value) {
        Out::Line(value.value.clone())
    } else {
        scalar::text(&value.value)
    };
    push(out, key, node);
}

fn list(out: &mut Entries, key: &str, values: &[Node<String>]) {
    if !values.is_empty() {
        push(out, key, texts(values));
    }
}

fn texts(values: &[Node<String>]) -> Out {
    Out::Seq(values.iter().map(|value| scalar::text(&value.value)).collect())
}

fn custom(out: &mut Entries, entries: &[(Node<String>, Data)]) {
    out.extend(entries.iter().map(|(key, value)| (key.value.clone(), data(value))));
}

fn data(value: &Data) -> Out {
    match value {
        Data::Text(value) => scalar::text(value),
        Data::Int(value) => Out::Line(value.to_string()),
        Data::Float(value) => Out::Line(scalar::float(*value)),
        Data::Bool(value) => Out::Line(value.to_string()),
        Data::Null => Out::Line("null".to_owned()),
        Data::List(items) => Out::Seq(items.iter().map(data).collect()),
        Data::Map(entries) => {
            Out::Map(entries.iter().map(|(key, value)| (key.clone(), data(value))).collect())
        }
    }
}

fn logsource(source: &LogSource) -> Out {
    let mut out = Entries::new();
    text(&mut out, "category", source.category.as_ref());
    text(&mut out, "product", source.product.as_ref());
    text(&mut out, "service", source.service.as_ref());
    text(&mut out, "definition", source.definition.as_ref());
    custom(&mut out, &source.custom);
    Out::Map(out)
}

fn detection(detection: &Detection) -> Entries {
    let mut out = Entries::new();
    for search in &detection.searches {
        push(&mut out, &search.name.value, self::search(&search.search));
    }
    if let Some(timeframe) = &detection.timeframe {
        push(&mut out, "timeframe", Out::Line(timeframe.value.to_string()));
    }
    match detection.conditions.as_slice() {
        [] => {}
        [only] => push(&mut out, "condition", condition(&only.value)),
        several => {
            let several = several.iter().map(|each| condition(&each.value)).collect();
            push(&mut out, "condition", Out::Seq(several));
        }
    }
    out
}

fn condition(condition: &Condition) -> Out {
    scalar::text(&condition.to_string())
}

fn search(search: &Search) -> Out {
    match search {
        Search::Map(tests) => fields(tests),
        Search::List(items) => Out::Seq(items.iter().map(item).collect()),
    }
}

fn item(item: &Item) -> Out {
    match item {
        Item::Map(tests) => fields(tests),
        Item::Keyword(value) => self::value(&value.value),
    }
}

fn fields(tests: &[FieldTest]) -> Out {
    Out::Map(tests.iter().map(|test| (field_key(test), values(&test.values))).collect())
}

fn field_key(test: &FieldTest) -> String {
    let mut key = test.field.as_ref().map_or(String::new(), |field| field.value.clone());
    for modifier in &test.modifiers {
        key.push('|');
        key.push_str(modifier.value.name());
    }
    key
}

fn values(values: &[Node<Value>]) -> Out {
    match values {
        [only] => value(&only.value),
        several => Out::Seq(several.iter().map(|each| value(&each.value)).collect()),
    }
}

fn value(value: &Value) -> Out {
    match value {
        Value::Str(text) => scalar::value(&text.to_source()),
        Value::Raw(text) => scalar::value(text),
        Value::Int(number) => Out::Line(number.to_string()),
        Value::Float(number) => Out::Line(scalar::float(*number)),
        Value::Bool(value) => Out::Line(value.to_string()),
        Value::Null => Out::Line("null".to_owned()),
    }
}

fn correlation(correlation: &Correlation) -> Out {
    let mut out = Entries::new();
    push(&mut out, "type", Out::Line(correlation.kind.value.to_string()));
    push(&mut out, "rules", texts(&correlation.rules));
    if !correlation.aliases.is_empty() {
        let aliases = correlation.aliases.iter().map(|alias| {
            let fields = alias.fields.iter();
            let fields = fields.map(|(rule, field)| (rule.value.clone(), scalar::text(&field.value)));
            (alias.name.value.clone(), Out::Map(fields.collect()))
        });
        push(&mut out, "aliases", Out::Map(aliases.collect()));
    }
    list(&mut out, "group-by", &correlation.group_by);
    push(&mut out, "timespan", Out::Line(correlation.timespan.value.to_string()));
    match &correlation.condition {
        None => {}
        Some(CorrelationCondition::Aggregate(inner)) => push(&mut out, "condition", aggregate(inner)),
        Some(CorrelationCondition::Rules(inner)) => push(&mut out, "condition", condition(&inner.value)),
    }
    if let Some(generate) = correlation.generate {
        push(&mut out, "generate", Out::Line(generate.value.to_string()));
    }
    Out::Map(out)
}

fn aggregate(aggregate: &Aggregate) -> Out {
    let mut out = Entries::new();
    for (relation, number) in &aggregate.relations {
        push(&mut out, relation.value.name(), value(&number.value));
    }
    match aggregate.field.as_slice() {
        [] => {}
        [only] => push(&mut out, "field", scalar::text(&only.value)),
        several => push(&mut out, "field", texts(several)),
    }
    if let Some(percentile) = &aggregate.percentile {
        push(&mut out, "percentile", value(&percentile.value));
    }
    Out::Map(out)
}
